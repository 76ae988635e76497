"""Entanglement among three parties, beyond what their pairs have."""

from typing import Any

from ..base.checks import namespace
from ..base.keywords import spoken
from ..linear.state import GaussianState
from .gaussian import Names, log_negativity
from .groups import disjoint
from .told import gaussian_state


@spoken
def residual_contangle(state: GaussianState, a: Names, b: Names, c: Names) -> Any:
    """Residual contangle of three groups of modes, with the squared E_N for the contangle.

    R = min_i (E²_{i|jk} − E²_{i|j} − E²_{i|k}), E the logarithmic negativity: what the literature
    on mixed states calls the minimum residual contangle (Adesso & Illuminati, New J. Phys. 8, 15
    (2006); Li, Zhu & Agarwal, PRL 121, 203601 (2018)). It is not the convex roof, so that it
    proves genuine tripartite entanglement for pure states only (`genuine_witness` for others),
    and may be negative.

    Args:
        state: a GaussianState, or a batch of them.
        a: mode or part names of one group.
        b: the same for the second group.
        c: the same for the third.

    Returns:
        Nats², shape (…); NaN where `log_negativity` is.

    Raises:
        ArgumentError: for unknown names, an empty group, or groups that overlap.

    >>> import numpy as np
    >>> from qcascade.linear.state import GaussianState
    >>> x, p = ((np.exp(s) * np.eye(3) + (np.exp(-s) - np.exp(s)) / 3) / 2 for s in (-1.0, 1.0))
    >>> cov = np.kron(x, [[1, 0], [0, 0]]) + np.kron(p, [[0, 0], [0, 1]])    # GHZ state, r = ½
    >>> round(float(residual_contangle(GaussianState(["a", "b", "c"], cov=cov), "a", "b", "c")), 9)
    0.544385247
    """
    gaussian_state("state", state)
    positions = disjoint(state.modes, {"a": a, "b": b, "c": c})
    groups = [[state.modes[k] for k in group] for group in positions]
    pairs = {(i, j): _squared(state, groups[i], groups[j]) for i in range(3) for j in range(i)}
    residues = []
    for i in range(3):
        j, k = (other for other in range(3) if other != i)
        one_to_both = _squared(state, groups[i], groups[j] + groups[k])
        residues.append(one_to_both - pairs[max(i, j), min(i, j)] - pairs[max(i, k), min(i, k)])
    xp = namespace(state.cov)
    return xp.minimum(xp.minimum(residues[0], residues[1]), residues[2])


def _squared(state: GaussianState, one: list[str], other: list[str]) -> Any:
    return log_negativity(state, one, other) ** 2
