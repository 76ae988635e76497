"""Measures of states: entanglement, purity, quanta, entropy, fidelity.

Measures that qubits have as well take every kind of state, and hand density matrices and kets to
`density_measures`; the formulas here are those of Gaussian states. Their results have the batch
shape of the state and hold NaN at unstable points. Logarithms are natural.

What float64 covariances cannot hold is not made up: rounding of V changes symplectic eigenvalues by
a known part of themselves (`symplectic`). What is smaller than 16 times this part counts as zero; a
result that it could change by more than 5e-5 is NaN, and a single state is told so by a warning.
"""

from typing import Any

import numpy as np

from ..base.checks import between, namespace
from ..base.conventions import LOST, VACUUM
from ..base.keywords import spoken
from ..base.names import resolve
from ..hilbert.states import DensityState, PureState
from ..linear.state import GaussianState, finite_cov
from ..linear.uncertainty import is_physical, resolution
from . import density as density_measures
from . import density_fidelity, gaussian_fidelity
from .groups import Names, disjoint, one_mode
from .levels import entropy_of, held, spectrum_of, summed, total, transposed
from .summands import CUT, ENTROPY, NEGATIVITY
from .symplectic import EPS, cholesky, root
from .told import gaussian_state, told

AnyState = GaussianState | DensityState | PureState

_ANY = "a GaussianState, DensityState or PureState"


@spoken
def log_negativity(state: AnyState, a: Names, b: Names) -> Any:
    """Logarithmic negativity between two groups of modes; zero when they are not entangled.

    E_N = ln ‖ρ^{T_b}‖₁ = Σ_k max(0, −ln 2ν̃_k), ν̃_k the symplectic eigenvalues after partial
    transposition (Vidal, Werner, PRA 65, 032314). A covariance that violates the uncertainty
    principle still gets the number of this formula.

    Args:
        state: a GaussianState, or a batch of them; a DensityState or PureState.
        a: mode or part names of one group ("left.b", "left", or a list of such).
        b: the same for the other group.

    Returns:
        Nats, shape (…); NaN where unstable, where V is not positive definite, or where squeezing
        has left no digits for it (two modes from r ≈ 6.5 on).

    Raises:
        ArgumentError: for unknown names, an empty group, or groups that overlap.

    >>> from qcascade.linear.state import two_mode_squeezed
    >>> pair = two_mode_squeezed(["left.b", "right.b"], 0.5)
    >>> round(float(log_negativity(pair, "left", "right")), 12)
    1.0
    """
    if isinstance(state, DensityState | PureState):
        return density_measures.log_negativity(state, a, b)
    parts = _groups(state, a, b, _ANY)
    return told("log_negativity", state, parts, total(NEGATIVITY, state, *transposed(parts)))


@spoken
def margin(state: GaussianState, a: Names, b: Names) -> Any:
    """How far two groups of modes are from the edge of entanglement, with a sign.

    −ln 2ν̃₋, ν̃₋ the lowest symplectic eigenvalue after partial transposition (Simon,
    PRL 84, 2726): negative where transposition shows no entanglement, zero at the edge up to
    rounding, as for pure states without correlations.

    Args:
        state: a state or a batch of them.
        a: mode or part names of one group.
        b: the same for the other group.

    Returns:
        Nats, shape (…); NaN where `log_negativity` would be, were it not zero.

    Raises:
        ArgumentError: for unknown names, an empty group, or groups that overlap.

    >>> from qcascade.linear.state import thermal
    >>> round(float(margin(thermal(["left.b", "right.b"], 0.5), "left", "right")), 6)
    -0.693147
    """
    xp, parts = _namespace(state), _groups(state, a, b)
    levels, error = spectrum_of(state, *transposed(parts))
    value, error = -xp.log(2 * levels[..., 0]), error[..., 0]
    # What is rounding of zero is zero, and has the derivative that it would have had.
    value = value - xp.where(abs(value) <= CUT * error, held(value, xp), 0.0)
    return told("margin", state, parts, xp.where(error > LOST, np.nan, value))


@spoken
def symplectic_eigenvalues(state: GaussianState) -> Any:
    """Symplectic eigenvalues ν_k of the covariance, ascending; ½ for pure states.

    The eigenvalues of iΩV are ±ν_k (Williamson, Am. J. Math. 58, 141).

    Args:
        state: a state of N modes, or a batch of them.

    Returns:
        Shape (…, N), in units where the vacuum has ½; NaN where unstable, and for eigenvalues
        that squeezing has left no digits for.

    >>> from qcascade.linear.state import thermal
    >>> symplectic_eigenvalues(thermal(["left.b", "right.b"], [2.0, 1.0])).round(12)
    array([1.5, 2.5])
    """
    xp, everything = _namespace(state), list(range(len(state.modes)))
    levels, error = spectrum_of(state, everything, np.ones(len(everything)))
    levels = xp.where(error > LOST, np.nan, levels)
    return told("symplectic_eigenvalues", state, (everything,), levels)


@spoken
def purity(state: AnyState) -> Any:
    """Purity Tr ρ² = 1/√det 2V = Π 1/(2ν_k) (Paris et al., PRA 68, 012314).

    Args:
        state: a GaussianState, or a batch of them; a DensityState or PureState.

    Returns:
        A number in (0, 1], shape (…); NaN where unstable, where V violates the uncertainty
        principle, or where squeezing has left no digits for it.

    >>> from qcascade.linear.state import thermal
    >>> float(purity(thermal("m", 0.5)).round(12))
    0.5
    """
    if isinstance(state, DensityState | PureState):
        return density_measures.purity(state)
    xp, everything = _namespace(state, _ANY), list(range(len(state.modes)))
    cov = finite_cov(state)
    pivots = xp.diagonal(cholesky(cov, xp), axis1=-2, axis2=-1)
    value = xp.exp(-xp.sum(xp.log(2 * pivots[..., ::2] * pivots[..., 1::2]), axis=-1))
    error = resolution(cov)
    value = value + held(xp.where(value > 1 - CUT * error, 1.0, value) - value, xp)
    good = state.stable & is_physical(cov) & (error <= LOST)
    return told("purity", state, (everything,), xp.where(good, value, np.nan))


@spoken
def occupation(state: AnyState, mode: str | None = None) -> Any:
    """Mean number of quanta, ⟨a†a⟩ = (⟨x²⟩ + ⟨p²⟩ − 1)/2, the coherent part included.

    For a qubit it is the population of |1⟩.

    Args:
        state: a GaussianState of N modes, or a batch of them; a DensityState or PureState.
        mode: name of one mode; all modes when omitted.

    Returns:
        Quanta, shape (…), or (…, N) without `mode`; NaN where unstable.

    Raises:
        ArgumentError: for a name that is not one mode.

    >>> from qcascade.linear.state import thermal
    >>> occupation(thermal(["left.b", "right.b"], [2.0, 1.0]))
    array([2., 1.])
    """
    if isinstance(state, DensityState | PureState):
        return density_measures.occupation(state, mode)
    xp = _namespace(state, _ANY)
    squares = xp.diagonal(state.cov, axis1=-2, axis2=-1) + state.mean**2
    quanta = (squares[..., 0::2] + squares[..., 1::2] - 2 * VACUUM) / 2
    return quanta if mode is None else quanta[..., one_mode(state.modes, "mode", mode)]


@spoken
def von_neumann_entropy(state: AnyState, modes: Names | None = None) -> Any:
    """Von Neumann entropy −Tr ρ ln ρ = Σ_k (ν_k+½) ln(ν_k+½) − (ν_k−½) ln(ν_k−½).

    (Holevo, Sohma, Hirota, PRA 59, 1820.) For a block of modes of a pure state it measures the
    block's entanglement with the others.

    Args:
        state: a GaussianState, or a batch of them; a DensityState or PureState.
        modes: mode or part names of a block of modes; all when omitted.

    Returns:
        Nats, shape (…); NaN where unstable, where V violates the uncertainty principle (or ρ has
        an eigenvalue below −1e-6), or where squeezing has left no digits for it.

    Raises:
        ArgumentError: for unknown names.

    >>> from qcascade.linear.state import thermal
    >>> round(float(von_neumann_entropy(thermal("m", 1.0))), 6)
    1.386294
    """
    if isinstance(state, DensityState | PureState):
        return density_measures.von_neumann_entropy(state, modes)
    xp = _namespace(state, _ANY)
    chosen = resolve(state.modes, state.modes if modes is None else modes, "modes")
    value = total(ENTROPY, state, chosen, np.ones(len(chosen)))
    value = xp.where(is_physical(finite_cov(state, chosen)), value, np.nan)
    return told("von_neumann_entropy", state, (chosen,), value)


@spoken
def mutual_information(state: AnyState, a: Names, b: Names) -> Any:
    """Quantum mutual information S(a) + S(b) − S(ab), all correlations between two groups.

    (Serafini, Illuminati, De Siena, J. Phys. B 37, L21.)

    Args:
        state: a GaussianState, or a batch of them; a DensityState or PureState.
        a: mode or part names of one group.
        b: the same for the other group.

    Returns:
        Nats, shape (…), zero or above; NaN where unstable, where V violates the uncertainty
        principle, or where squeezing has left no digits for it.

    Raises:
        ArgumentError: for unknown names, an empty group, or groups that overlap.

    >>> from qcascade.linear.state import thermal
    >>> round(float(mutual_information(thermal(["left.b", "right.b"], 1.0), "left", "right")), 12)
    0.0
    """
    if isinstance(state, DensityState | PureState):
        return density_measures.mutual_information(state, a, b)
    first, second = parts = _groups(state, a, b, _ANY)
    both, xp = first + second, namespace(state.cov)
    (Sa, Sb, Sab), noise = zip(*(entropy_of(state, x) for x in (first, second, both)), strict=True)
    value = Sa + Sb - Sab
    value = xp.where(value > sum(noise), value, xp.where(xp.isnan(value), np.nan, 0.0))
    value = xp.where(is_physical(finite_cov(state, both)), value, np.nan)
    return told("mutual_information", state, parts, value)


@spoken
def steering(state: GaussianState, a: Names, b: Names) -> Any:
    """Gaussian steerability a → b: measurements on a steer b; zero when they cannot.

    max(0, −Σ ln 2ν_k) over the ν_k < ½ of the Schur complement V_b − CᵀV_a⁻¹C, the
    covariance of b once a is known (Kogias, Lee, Ragy, Adesso, PRL 114, 060403).

    Args:
        state: a state or a batch of them.
        a: mode or part names of the group that steers.
        b: mode or part names of the group that is steered.

    Returns:
        Nats, shape (…); NaN where unstable, where V is not positive definite, or where squeezing
        has left no digits for it.

    Raises:
        ArgumentError: for unknown names, an empty group, or groups that overlap.

    >>> from qcascade.linear.state import two_mode_squeezed
    >>> pair = two_mode_squeezed(["left.b", "right.b"], 0.5)
    >>> round(float(steering(pair, "left", "right")), 6)
    0.433781
    """
    xp = _namespace(state)
    first, second = parts = _groups(state, a, b)
    cov = finite_cov(state, first + second)
    # The trailing block of the Cholesky factor is the factor of the Schur complement.
    steered = slice(2 * len(first), None)
    factor = cholesky(cov, xp)[..., steered, steered]
    left = factor @ xp.swapaxes(factor, -1, -2)
    signs, alone = np.ones(len(second)), list(range(len(second)))
    value = summed(NEGATIVITY, left, alone, signs, xp, resolution(cov))
    return told("steering", state, parts, xp.where(state.stable, value, np.nan))


@spoken
def fidelity(first: AnyState, second: AnyState) -> Any:
    """Fidelity of two states, with the square: F = (Tr √(√ρ σ √ρ))², |⟨ψ|φ⟩|² if both are pure.

    F = Tr ρσ · Π_k (w_k + √(w_k² − 1)), where Tr ρσ = exp(−½ δᵀ(V₁+V₂)⁻¹δ)/√det(V₁+V₂) with
    δ the difference of the means, and w_k/2 are the symplectic eigenvalues of √ρ σ √ρ (Banchi,
    Braunstein, Pirandola, PRL 115, 260501, whose fidelity is √F). States whose mixedness is below
    rounding count as pure, which leaves F itself an error of some 1e-7 at most.

    Args:
        first: a GaussianState, or a batch of them; a DensityState or PureState.
        second: a state of the same modes; Gaussian with Gaussian (leading axes broadcast), the
            other two kinds with each other.

    Returns:
        A number in [0, 1], shape (…), the same in both orders; NaN where one state is unstable
        or unphysical, or where squeezing has left no digits for it.

    Raises:
        ArgumentError: when the modes differ, or only one state is Gaussian.

    >>> from qcascade.linear.state import coherent, vacuum
    >>> round(float(fidelity(vacuum("m"), coherent("m", 1.0))), 6)
    0.367879
    """
    if isinstance(first, DensityState | PureState):
        return density_fidelity.fidelity(first, second)
    first = gaussian_state("first", first, _ANY)
    second = gaussian_state("second", second, "a GaussianState, as `first` is")
    return gaussian_fidelity.fidelity(first, second)


@spoken
def epr_variance(state: GaussianState, a: str, b: str, *, gain: Any = 1.0) -> Any:
    """Variance of the Einstein-Podolsky-Rosen pair of two modes; below 1 they are entangled.

    [Var(g x_a − x_b/g) + Var(g p_a + p_b/g)]/(g² + 1/g²), the least over local phases of
    the two modes (Duan, Giedke, Cirac, Zoller, PRL 84, 2722); 1 for the vacuum.

    Args:
        state: a state or a batch of them.
        a: name of one mode.
        b: name of the other mode.
        gain: g > 0, broadcasts against the batch.

    Returns:
        A number, shape (…); NaN where unstable, or where squeezing has left no digits for it.

    Raises:
        ArgumentError: for a name that is not one mode, the same mode twice, or g ≤ 0.

    >>> from qcascade.linear.state import two_mode_squeezed
    >>> pair = two_mode_squeezed(["left.b", "right.b"], 0.5)
    >>> round(float(epr_variance(pair, "left.b", "right.b")), 6)
    0.367879
    """
    _groups(state, a, b)
    j, k = 2 * one_mode(state.modes, "a", a), 2 * one_mode(state.modes, "b", b)
    g = between("gain", gain, np.finfo(float).tiny, np.inf, "a number above zero")
    V, xp = state.cov, namespace(state.cov, g)
    noise_a, noise_b = (V[..., x, x] + V[..., x + 1, x + 1] for x in (j, k))
    # Local phases turn ⟨ab⟩ = ½(C_xx − C_pp) + ½i(C_xp + C_px); it counts most when real.
    real = V[..., j, k] - V[..., j + 1, k + 1]
    imaginary = V[..., j, k + 1] + V[..., j + 1, k]
    shared = root(real**2 + imaginary**2, 0.0, xp)
    # g² : 1 : 1/g² = larger : ratio : ratio² of a sum that no g is too large for.
    ratio = xp.exp(-2 * abs(xp.log(g)))
    larger, smaller = 1 / (1 + ratio**2), ratio**2 / (1 + ratio**2)
    noise = xp.where(g > 1, larger, smaller) * noise_a + xp.where(g > 1, smaller, larger) * noise_b
    value = noise - 2 * shared * ratio / (1 + ratio**2)
    value = xp.where(EPS * noise > LOST * value, np.nan, value)
    return told("epr_variance", state, ([j // 2, k // 2],), value)


def _namespace(state: Any, kind: str = "a GaussianState") -> Any:
    """NumPy or JAX, whichever holds the state."""
    return namespace(gaussian_state("state", state, kind).cov)


def _groups(state: Any, a: Names, b: Names, kind: str = "a GaussianState") -> list[list[int]]:
    return disjoint(gaussian_state("state", state, kind).modes, {"a": a, "b": b})
