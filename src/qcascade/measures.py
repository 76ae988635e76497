"""Measures of Gaussian states: entanglement, purity, quanta, entropy, fidelity, Wigner functions.

Results have the batch shape of the state and hold NaN at unstable points. Logarithms are
natural. Symplectic eigenvalues come from the Cholesky factor, V = L Lᵀ: the Hermitian matrix
i LᵀΩL has the eigenvalues ±ν_k, without the loss of half the digits in determinant formulas.
"""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np

from .checks import fail, listed, namespace, number, one_of
from .conventions import VACUUM, symplectic_form
from .states import GaussianState, finite_cov, quadratures, resolve

UNITS = {
    "log_negativity": "nat",
    "margin": "nat",
    "symplectic_eigenvalues": "1",
    "purity": "1",
    "occupation": "quanta",
    "von_neumann_entropy": "nat",
    "mutual_information": "nat",
    "steering": "nat",
    "fidelity": "1",
    "epr_variance": "1",
    "wigner": "1",
}
"""Unit of each measure, for labels."""

Names = str | Iterable[str]


def log_negativity(state: GaussianState, a: Names, b: Names) -> Any:
    """Logarithmic negativity between two groups of modes; zero when they are not entangled.

    E_N = Σ_k max(0, −ln 2ν̃_k), ν̃_k the symplectic eigenvalues after partial transposition
    (Vidal, Werner, PRA 65, 032314). A covariance that violates the uncertainty principle
    still gets the number of this formula.

    Args:
        state: a state or a batch of them.
        a: mode or part names of one group ("left.b", "left", or a list of such).
        b: the same for the other group.

    Returns:
        Nats, shape (…); NaN where unstable or where V is not positive definite.

    Raises:
        ArgumentError: for unknown names, an empty group, or groups that overlap.

    >>> from qcascade.states import two_mode_squeezed
    >>> pair = two_mode_squeezed(["left.b", "right.b"], 0.5)
    >>> round(float(log_negativity(pair, "left", "right")), 12)
    1.0
    """
    xp = namespace(state.cov)
    levels = -xp.log(2 * _transposed_spectrum(state, a, b))
    return _masked(state, xp.sum(xp.maximum(levels, 0.0), axis=-1))


def margin(state: GaussianState, a: Names, b: Names) -> Any:
    """How far two groups of modes are from the edge of entanglement, with a sign.

    −ln 2ν̃₋, ν̃₋ the lowest symplectic eigenvalue after partial transposition (Simon,
    PRL 84, 2726): negative without entanglement, and log_negativity above zero for one
    mode against one mode.

    Args:
        state: a state or a batch of them.
        a: mode or part names of one group.
        b: the same for the other group.

    Returns:
        Nats, shape (…); NaN where unstable or where V is not positive definite.

    Raises:
        ArgumentError: for unknown names, an empty group, or groups that overlap.

    >>> from qcascade.states import thermal
    >>> round(float(margin(thermal(["left.b", "right.b"], 0.5), "left", "right")), 6)
    -0.693147
    """
    lowest = _transposed_spectrum(state, a, b)[..., 0]
    return _masked(state, -namespace(lowest).log(2 * lowest))


def symplectic_eigenvalues(state: GaussianState) -> Any:
    """Symplectic eigenvalues ν_k of the covariance, ascending; ½ for pure states.

    The eigenvalues of iΩV are ±ν_k (Williamson, Am. J. Math. 58, 141).

    Args:
        state: a state of N modes, or a batch of them.

    Returns:
        Shape (…, N), in units where the vacuum has ½; NaN where unstable.

    >>> from qcascade.states import thermal
    >>> symplectic_eigenvalues(thermal(["left.b", "right.b"], [2.0, 1.0])).round(12)
    array([1.5, 2.5])
    """
    xp = namespace(state.cov)
    factor = _cholesky(finite_cov(state), xp)
    spectrum = _spectrum(factor, np.ones(len(state.modes)), xp)
    return xp.where(state.stable[..., None], spectrum, np.nan)


def purity(state: GaussianState) -> Any:
    """Purity Tr ρ² = 1/√det 2V = Π 1/(2ν_k) (Paris et al., PRA 68, 012314).

    Args:
        state: a state or a batch of them.

    Returns:
        A number in (0, 1], shape (…); NaN where unstable.

    >>> from qcascade.states import thermal
    >>> float(purity(thermal("m", 0.5)).round(12))
    0.5
    """
    xp = namespace(state.cov)
    factor = _cholesky(finite_cov(state), xp)
    roots = xp.diagonal(factor, axis1=-2, axis2=-1) * np.sqrt(2)  # √det 2V = Π √2 L_kk
    return _masked(state, 1 / xp.prod(roots, axis=-1))


def occupation(state: GaussianState, mode: str | None = None) -> Any:
    """Mean number of quanta, ⟨a†a⟩ = (⟨x²⟩ + ⟨p²⟩ − 1)/2, the coherent part included.

    Args:
        state: a state of N modes, or a batch of them.
        mode: name of one mode; all modes when omitted.

    Returns:
        Quanta, shape (…), or (…, N) without `mode`; NaN where unstable.

    Raises:
        ArgumentError: for a name that is not one mode.

    >>> from qcascade.states import thermal
    >>> occupation(thermal(["left.b", "right.b"], [2.0, 1.0]))
    array([2., 1.])
    """
    xp = namespace(state.cov)
    squares = xp.diagonal(state.cov, axis1=-2, axis2=-1) + state.mean**2
    quanta = (squares[..., 0::2] + squares[..., 1::2] - 2 * VACUUM) / 2
    return quanta if mode is None else quanta[..., _one_mode(state, "mode", mode)]


def von_neumann_entropy(state: GaussianState) -> Any:
    """Von Neumann entropy −Tr ρ ln ρ = Σ_k (ν_k+½) ln(ν_k+½) − (ν_k−½) ln(ν_k−½).

    (Holevo, Sohma, Hirota, PRA 59, 1820.)

    Args:
        state: a state or a batch of them.

    Returns:
        Nats, shape (…); NaN where unstable, or where V violates the uncertainty principle.

    >>> from qcascade.states import thermal
    >>> round(float(von_neumann_entropy(thermal("m", 1.0))), 6)
    1.386294
    """
    xp = namespace(state.cov)
    cov = finite_cov(state)
    spectrum = _spectrum(_cholesky(cov, xp), np.ones(len(state.modes)), xp)
    quanta = spectrum - VACUUM
    # With ν = n + ½, (n+1) ln(n+1) − n ln n = ln(1+n) + n ln(1+1/n) cancels nothing at
    # either end. Rounding may leave a pure state slightly below n = 0.
    slack = 1e-9 + 1e-14 * xp.max(xp.abs(cov), axis=(-1, -2)) ** 2
    some = xp.where(quanta > 0, quanta, 1.0)
    terms = xp.where(quanta > 0, xp.log1p(some) + some * xp.log1p(1 / some), 0.0)
    terms = xp.where(quanta >= -slack[..., None], terms, np.nan)
    return _masked(state, xp.sum(terms, axis=-1))


def mutual_information(state: GaussianState, a: Names, b: Names) -> Any:
    """Quantum mutual information S(a) + S(b) − S(ab), all correlations between two groups.

    (Serafini, Illuminati, De Siena, J. Phys. B 37, L21.)

    Args:
        state: a state or a batch of them.
        a: mode or part names of one group.
        b: the same for the other group.

    Returns:
        Nats, shape (…); NaN where unstable, or where V violates the uncertainty principle.

    Raises:
        ArgumentError: for unknown names, an empty group, or groups that overlap.

    >>> from qcascade.states import thermal
    >>> round(float(mutual_information(thermal(["left.b", "right.b"], 1.0), "left", "right")), 12)
    0.0
    """
    groups = _groups(state, a, b)
    first, second, both = (
        von_neumann_entropy(state.reduce(*(state.modes[k] for k in group)))
        for group in (*groups, groups[0] + groups[1])
    )
    return first + second - both


def steering(state: GaussianState, a: Names, b: Names) -> Any:
    """Gaussian steerability a → b: measurements on a steer b; zero when they cannot.

    max(0, −Σ ln 2ν_k) over the ν_k < ½ of the Schur complement V_b − CᵀV_a⁻¹C, the
    covariance of b once a is known (Kogias, Lee, Ragy, Adesso, PRL 114, 060403).

    Args:
        state: a state or a batch of them.
        a: mode or part names of the group that steers.
        b: mode or part names of the group that is steered.

    Returns:
        Nats, shape (…); NaN where unstable or where V is not positive definite.

    Raises:
        ArgumentError: for unknown names, an empty group, or groups that overlap.

    >>> from qcascade.states import two_mode_squeezed
    >>> pair = two_mode_squeezed(["left.b", "right.b"], 0.5)
    >>> round(float(steering(pair, "left", "right")), 6)
    0.433781
    """
    xp = namespace(state.cov)
    first, second = _groups(state, a, b)
    factor = _cholesky(_block(finite_cov(state), first + second), xp)
    # The trailing block of the Cholesky factor is the factor of the Schur complement.
    start = 2 * len(first)
    spectrum = _spectrum(factor[..., start:, start:], np.ones(len(second)), xp)
    return _masked(state, xp.sum(xp.maximum(-xp.log(2 * spectrum), 0.0), axis=-1))
