"""Which mode acts on which in a linear model: by its wiring, and where couplings cancel."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..base.checks import is_traced, namespace
from ..slh.entries import Entries
from ..slh.interior import Interior, present
from ..slh.ladder import scatter


def without_cancelled(A: Any, rotation: Mapping[tuple[int, int], Any], fields: Any) -> Any:
    """A without what rounding leaves of a coupling and a common bath that cancel one way.

    A wired cascade needs no such look. But J = γ/2 in a Hamiltonian and √γ·√γ/2 from a bath differ
    by a last digit: an element of two modes that is nothing beside the two terms it came from
    is no coupling (A. Metelmann and A. A. Clerk, Phys. Rev. X 5, 021025 (2015), for the matching).

    Args:
        A: drift, (…, 2N, 2N).
        rotation: elements of ΩG by (row, column).
        fields: Ω Im[C†(1 + 2X)C], (…, 2N, 2N), as an array or by entries.
    """
    pairs: dict[tuple[int, int], dict[tuple[int, int], Any]] = {}
    for (row, column), value in rotation.items():
        if row // 2 != column // 2:
            pairs.setdefault((row // 2, column // 2), {})[row % 2, column % 2] = value
    if not pairs:
        return A
    met = present(fields)
    for (j, k), entries in pairs.items():
        block = (..., slice(2 * j, 2 * j + 2), slice(2 * k, 2 * k + 2))
        if met[block].any():
            coupled = scatter(entries, (2, 2), np.float64)
            gone = _cancels(coupled, _block(fields, j, k))
            if is_traced(gone) or np.any(gone):
                A = _without(A, block, gone)
    return A


def _block(fields: Any, j: int, k: int) -> Any:
    if not isinstance(fields, Entries):
        return fields[..., 2 * j : 2 * j + 2, 2 * k : 2 * k + 2]
    return fields.taken([2 * j, 2 * j + 1], [2 * k, 2 * k + 1]).array(np.float64)


def _cancels(X: Any, Y: Any) -> Any:
    """Whether X + Y is no more than rounding of X and Y, shape (…, 1, 1)."""
    xp = namespace(X, Y)
    size, sum_ = (xp.abs(M).max((-1, -2), keepdims=True) for M in (xp.abs(X) + xp.abs(Y), X + Y))
    return sum_ <= 4 * np.finfo(float).eps * size


def _without(A: Any, block: Any, gone: Any) -> Any:
    """A with zeros in a block where it is `gone`; derivatives stay what they are."""
    if namespace(A) is np:
        A[block] = np.where(gone, 0.0, A[block])
        return A
    from jax.lax import stop_gradient

    return A.at[block].add(-stop_gradient(namespace(A).where(gone, A[block], 0.0)))


def acts_by_wiring(inside: Interior, modes: Sequence[str]) -> tuple[tuple[bool, ...], ...]:
    """acts[j][k]: whether mode k acts on mode j, by the wires and couplings, whatever the numbers.

    Args:
        inside: couplings, Hamiltonian and open paths.
        modes: names of the modes.

    >>> from qcascade import Network, cavity
    >>> parts = {"a": cavity(decay=1.0), "b": cavity(decay=1.0)}
    >>> net = Network(parts, wires=[("a.out", "b.in")])
    >>> acts_by_wiring(net.component.interior, net.modes)
    ((True, False), (True, True))
    """
    at = {mode: k for k, mode in enumerate(modes)}
    touches = np.zeros((len(inside.L), len(modes)), int)
    for row, ladder in enumerate(inside.L):
        touches[row, [at[mode] for mode in ladder.modes]] = 1
    acts = np.eye(len(modes)) + touches.T @ (inside.open.X + np.eye(len(inside.L))) @ touches
    for word in inside.H.terms:
        together = [at[mode] for mode, _ in word]
        acts[np.ix_(together, together)] = 1
    return tuple(map(tuple, (acts > 0).tolist()))
