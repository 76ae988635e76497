"""A and D of a network whose numbers vary over a batch, element by element.

With amplitudes a = (x + ip)/√2 a coupling is L = Σ_k U_k a_k + V_k a_k† + λ, and the products of
`langevin.py` are those of U and V, a quarter of what quadratures have. With Φ = 1 + 2X, and with
(U', V') = F†(U, V) of what each input sees and w = 2n + 1,

    s = U†ΦU − (V†ΦV)*,        r = V†ΦU − (U†ΦV)*,
    Ω Im C†ΦC in blocks   ½ [[Re(r − s), Im(s − r)], [−Im(s + r), −Re(s + r)]],
    s' = U'†wU' + (V'†wV')*,   r' = U'†wV' + (V'†wU')*,
    D in blocks           ½ [[Re(s' − r'), −Im(s' + r')], [Im(s' − r'), Re(s' + r')]].
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.checks import is_plain
from ..slh.entries import Entries, summed, times

At = tuple[int, int]


def felt_by_entry(X: Entries) -> Entries:
    """Φ = 1 + 2X.

    Args:
        X: from coupling to coupling, (q, q).
    """
    one = [((k, k), 1.0) for k in range(X.shape[0])]
    return Entries(X.shape, summed([*one, *((at, 2 * x) for at, x in X.values.items())]))


def field_drift(phi: Entries, U: Entries, V: Entries) -> dict[At, Any]:
    """Elements of Ω Im C†ΦC by (row, column).

    Args:
        phi: 1 + 2X, (q, q).
        U: of a, (q, N).
        V: of a†, (q, N).
    """
    phi_U, phi_V = phi @ U, phi @ V
    of_U, of_V = U.adjoint, V.adjoint
    s = (of_U @ phi_U).values, _negated((of_V @ phi_V).values)
    r = (of_V @ phi_U).values, _negated((of_U @ phi_V).values)
    s, r = (summed([*one.items(), *other.items()]) for one, other in (s, r))
    terms = []
    for (j, k), x in s.items():
        terms += _block(j, k, x, ((-1, "re"), (1, "im"), (-1, "im"), (-1, "re")))
    for (j, k), x in r.items():
        terms += _block(j, k, x, ((1, "re"), (-1, "im"), (-1, "im"), (-1, "re")))
    return summed(terms)


def noise(U: Entries, V: Entries, weights: list[Any]) -> dict[At, Any]:
    """Elements of D by (row, column): symmetric to the last bit.

    Args:
        U: of a as each input sees it, (p, N).
        V: of a†.
        weights: 2n + 1 of every input.
    """
    of_U, of_V = _by_rows(U), _by_rows(V)
    s, r = [], []
    for i, w in enumerate(weights):
        u, v = of_U.get(i, []), of_V.get(i, [])
        s += [((j, k), _weighted(w, x.conjugate(), y)) for j, x in u for k, y in u if j <= k]
        s += [((j, k), _weighted(w, x, y.conjugate())) for j, x in v for k, y in v if j <= k]
        mixed = [(*sorted((j, k)), j, _weighted(w, x.conjugate(), y)) for j, x in u for k, y in v]
        r += [((j, k), x) for j, k, _, x in mixed]
        r += [((j, k), x) for j, k, _, x in mixed if j == k]  # both orders of one mode with itself
    terms = []
    for (j, k), x in summed(s).items():
        real = x.real  # of a mode with itself it is, up to rounding
        x = real if j == k else x
        terms += _block(j, k, x, ((1, "re"), (-1, "im"), (1, "im"), (1, "re")))
    for (j, k), x in summed(r).items():
        terms += _block(j, k, x, ((-1, "re"), (-1, "im"), (-1, "im"), (1, "re")))
    upper = summed(terms)
    mirrored = {(b, a): x for (a, b), x in upper.items() if a // 2 != b // 2}
    return upper | mirrored


def quadratures(U: Entries, V: Entries) -> Entries:
    """C of L = C R: (u + v)/√2 and i(u − v)/√2 for x and p of a mode.

    Args:
        U: of a, (q, N).
        V: of a†, (q, N).
    """
    half, terms = np.sqrt(0.5).item(), []
    for (row, k), u in U.values.items():
        terms += [((row, 2 * k), u * half), ((row, 2 * k + 1), u * (1j * half))]
    for (row, k), v in V.values.items():
        terms += [((row, 2 * k), v * half), ((row, 2 * k + 1), v * (-1j * half))]
    return Entries((U.shape[0], 2 * U.shape[1]), summed(terms))


def _by_rows(X: Entries) -> dict[int, list[tuple[int, Any]]]:
    rows: dict[int, list[tuple[int, Any]]] = {}
    for (i, k), x in X.values.items():
        rows.setdefault(i, []).append((k, x))
    return rows


def _weighted(weight: Any, x: Any, y: Any) -> Any:
    return times(weight, times(x, y))


def _negated(values: Mapping[At, Any]) -> dict[At, Any]:
    return {at: -x.conjugate() for at, x in values.items()}


def _block(j: int, k: int, x: Any, parts: tuple[tuple[int, str], ...]) -> list[tuple[At, Any]]:
    """The four elements ±½ Re x or ±½ Im x of a block of two modes, row by row."""
    half = {"re": 0.5 * x.real}
    if np.iscomplexobj(x):
        half["im"] = 0.5 * x.imag
    terms = []
    for place, (sign, part) in enumerate(parts):
        if part in half and not (is_plain(half[part]) and half[part] == 0):
            value = half[part] if sign > 0 else -half[part]
            terms.append(((2 * j + place // 2, 2 * k + place % 2), value))
    return terms
