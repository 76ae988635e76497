"""Schur forms of the diagonal blocks of a cascade, equal ones once."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np


class SchurForms(NamedTuple):
    """Diagonal blocks A_II = Q T Qᴴ, the equal ones once; T is lower triangular, Q unitary."""

    kind: Any  # which form part I has, integers (parts,)
    example: Any  # a part of every kind
    at: Any  # where the elements of a kind begin in T and Q
    T: Any  # elements, flat
    Q: Any  # elements, flat


def schur_forms(A: Any, start: Any) -> tuple[SchurForms, Any]:
    """Schur forms of the diagonal blocks, and max Re λ of each."""
    from scipy.linalg import schur

    known: dict[bytes, int] = {}
    kind, example, forms, rates = [], [], [], []
    for part, (first, last) in enumerate(pairwise(start)):
        block = A[first:last, first:last]
        key = block.tobytes()
        if key not in known:
            known[key] = len(known)
            T, Q = schur(block.astype(complex), output="complex")[:2]
            # LAPACK's T is upper triangular; in reversed order it is lower, and what is known comes
            # first.
            forms.append((T[::-1, ::-1].ravel(), Q[:, ::-1].ravel()))
            rates.append(float(np.real(np.diag(T)).max()))
            example.append(part)
        kind.append(known[key])
    at = np.cumsum([0] + [len(T) for T, _ in forms])
    T, Q = (np.concatenate(x) for x in zip(*forms, strict=True))
    kind = np.array(kind)
    return SchurForms(kind, np.array(example), at, T, Q), np.array(rates)[kind]
