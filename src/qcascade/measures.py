"""Measures of states: entanglement, purity, quanta, entropy, fidelity.

Measures that qubits have as well take every kind of state, and hand density matrices and kets to
`density_measures`; the formulas here are those of Gaussian states. Their results have the batch
shape of the state and hold NaN at unstable points. Logarithms are natural. Symplectic eigenvalues
come from the Cholesky factor, V = L Lᵀ: the Hermitian matrix i LᵀΩL has the eigenvalues ±ν_k,
without the loss of half the digits in determinant formulas.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from . import density_measures, fidelities
from .checks import between, fail, listed, namespace
from .conventions import VACUUM, symplectic_form
from .density import DensityState, PureState
from .density_measures import groups, one_mode
from .states import GaussianState, finite_cov, quadratures, resolve
from .symplectic import cholesky, root, spectrum

_IN_NATS = ("log_negativity", "margin", "von_neumann_entropy", "mutual_information", "steering")
_PLAIN = ("symplectic_eigenvalues", "purity", "fidelity", "epr_variance", "wigner")
_IN_NATS += ("entanglement_of_formation",)  # this and the next three: only in density_measures
_PLAIN += ("concurrence", "negativity", "genuine_witness")
UNITS = dict.fromkeys(_IN_NATS, "nat") | dict.fromkeys(_PLAIN, "1") | {"occupation": "quanta"}
"""Unit of each measure, for labels."""

Names = str | Iterable[str]
AnyState = GaussianState | DensityState | PureState

ROUNDING = 2e-15  # nats below which E_N of one symplectic eigenvalue is what rounding left of 0
MANY = 64  # points that are worth a compiled kernel
_GAUSSIAN = "a GaussianState"
_ANY = "a GaussianState, DensityState or PureState"


def log_negativity(state: AnyState, a: Names, b: Names) -> Any:
    """Logarithmic negativity between two groups of modes; zero when they are not entangled.

    E_N = ln ‖ρ^{T_b}‖₁ = Σ_k max(0, −ln 2ν̃_k), ν̃_k the symplectic eigenvalues after partial
    transposition (Vidal, Werner, PRA 65, 032314). A covariance that violates the uncertainty
    principle still gets the number of this formula. Terms below 2e-15 are rounding and count as 0.

    Args:
        state: a GaussianState, or a batch of them; a DensityState or PureState.
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
    if isinstance(state, DensityState | PureState):
        return density_measures.log_negativity(state, a, b)
    xp = _namespace(state, _ANY)
    terms = -xp.log(2 * _transposed_spectrum(state, a, b))
    return xp.sum(xp.where(terms < ROUNDING, 0.0, terms), axis=-1)  # NaN stays


def margin(state: GaussianState, a: Names, b: Names) -> Any:
    """How far two groups of modes are from the edge of entanglement, with a sign.

    −ln 2ν̃₋, ν̃₋ the lowest symplectic eigenvalue after partial transposition (Simon,
    PRL 84, 2726): negative where transposition shows no entanglement.

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
    return -_namespace(state).log(2 * _transposed_spectrum(state, a, b)[..., 0])


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
    xp = _namespace(state)
    return _known_spectrum(state, cholesky(finite_cov(state), xp), np.ones(len(state.modes)))


def purity(state: AnyState) -> Any:
    """Purity Tr ρ² = 1/√det 2V = Π 1/(2ν_k) (Paris et al., PRA 68, 012314).

    Args:
        state: a GaussianState, or a batch of them; a DensityState or PureState.

    Returns:
        A number in (0, 1], shape (…); NaN where unstable.

    >>> from qcascade.states import thermal
    >>> float(purity(thermal("m", 0.5)).round(12))
    0.5
    """
    if isinstance(state, DensityState | PureState):
        return density_measures.purity(state)
    return 1 / _namespace(state, _ANY).prod(2 * symplectic_eigenvalues(state), axis=-1)


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

    >>> from qcascade.states import thermal
    >>> occupation(thermal(["left.b", "right.b"], [2.0, 1.0]))
    array([2., 1.])
    """
    if isinstance(state, DensityState | PureState):
        return density_measures.occupation(state, mode)
    xp = _namespace(state, _ANY)
    squares = xp.diagonal(state.cov, axis1=-2, axis2=-1) + state.mean**2
    quanta = (squares[..., 0::2] + squares[..., 1::2] - 2 * VACUUM) / 2
    return quanta if mode is None else quanta[..., one_mode(state.modes, "mode", mode)]


def von_neumann_entropy(state: AnyState, modes: Names | None = None) -> Any:
    """Von Neumann entropy −Tr ρ ln ρ = Σ_k (ν_k+½) ln(ν_k+½) − (ν_k−½) ln(ν_k−½).

    (Holevo, Sohma, Hirota, PRA 59, 1820.) For a block of modes of a pure state it measures the
    block's entanglement with the others.

    Args:
        state: a GaussianState, or a batch of them; a DensityState or PureState.
        modes: mode or part names of a block of modes; all when omitted.

    Returns:
        Nats, shape (…); NaN where unstable, or where V violates the uncertainty principle (or ρ
        has an eigenvalue below −1e-6).

    Raises:
        ArgumentError: for unknown names.

    >>> from qcascade.states import thermal
    >>> round(float(von_neumann_entropy(thermal("m", 1.0))), 6)
    1.386294
    """
    if isinstance(state, DensityState | PureState):
        return density_measures.von_neumann_entropy(state, modes)
    xp = _namespace(state, _ANY)
    if modes is not None:
        state = state.reduce(*(state.modes[k] for k in resolve(state.modes, modes, "modes")))
    quanta = symplectic_eigenvalues(state) - VACUUM
    # With ν = n + ½, (n+1) ln(n+1) − n ln n = ln(1+n) + n ln(1+1/n) cancels nothing at
    # either end. Rounding may leave a pure state slightly below n = 0.
    slack = 1e-9 + 1e-14 * xp.max(xp.abs(state.cov), axis=(-1, -2)) ** 2
    some = xp.where(quanta > 0, quanta, 1.0)
    terms = xp.where(quanta > 0, xp.log1p(some) + some * xp.log1p(1 / some), 0.0)
    return xp.sum(xp.where(quanta >= -slack[..., None], terms, np.nan), axis=-1)


def mutual_information(state: AnyState, a: Names, b: Names) -> Any:
    """Quantum mutual information S(a) + S(b) − S(ab), all correlations between two groups.

    (Serafini, Illuminati, De Siena, J. Phys. B 37, L21.)

    Args:
        state: a GaussianState, or a batch of them; a DensityState or PureState.
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
    if isinstance(state, DensityState | PureState):
        return density_measures.mutual_information(state, a, b)
    parts = _groups(state, a, b, _ANY)
    first, second, both = (
        von_neumann_entropy(state, [state.modes[k] for k in group])
        for group in (*parts, parts[0] + parts[1])
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
    xp = _namespace(state)
    first, second = _groups(state, a, b)
    factor = cholesky(finite_cov(state, first + second), xp)
    # The trailing block of the Cholesky factor is the factor of the Schur complement.
    rest = slice(2 * len(first), None)
    levels = _known_spectrum(state, factor[..., rest, rest], np.ones(len(second)))
    return xp.sum(xp.maximum(-xp.log(2 * levels), 0.0), axis=-1)


def fidelity(first: AnyState, second: AnyState) -> Any:
    """Fidelity of two states, with the square: F = (Tr √(√ρ σ √ρ))², |⟨ψ|φ⟩|² if both are pure.

    F = Tr ρσ · Π_k (w_k + √(w_k² − 1)), where Tr ρσ = exp(−½ δᵀ(V₁+V₂)⁻¹δ)/√det(V₁+V₂) with
    δ the difference of the means, and ±w_k are the eigenvalues of (1 + A₁A₂)(A₁ + A₂)⁻¹ with
    A_j = 2iV_jΩ (Banchi, Braunstein, Pirandola, PRL 115, 260501, whose fidelity is √F).

    Args:
        first: a GaussianState, or a batch of them; a DensityState or PureState.
        second: a state of the same modes; Gaussian with Gaussian (leading axes broadcast), the
            other two kinds with each other.

    Returns:
        A number in [0, 1], shape (…); NaN where one state is unstable or unphysical.

    Raises:
        ArgumentError: when the modes differ, or only one state is Gaussian.

    >>> from qcascade.states import coherent, vacuum
    >>> round(float(fidelity(vacuum("m"), coherent("m", 1.0))), 6)
    0.367879
    """
    if isinstance(first, DensityState | PureState):
        return fidelities.fidelity(first, second)
    first = _checked("first", first, _ANY)
    second = _checked("second", second, "a GaussianState, as `first` is")
    xp = namespace(first.cov, second.cov)
    if sorted(first.modes) != sorted(second.modes):
        raise fail("second", f"have the modes of `first`: {listed(first.modes)}", second.modes)
    order = [second.modes.index(mode) for mode in first.modes]
    known = (first.is_physical() & second.is_physical())[..., None, None]
    vacuum_cov = VACUUM * np.eye(2 * len(order))
    ours = xp.where(known, finite_cov(first), vacuum_cov)
    theirs = xp.where(known, finite_cov(second, order), vacuum_cov)
    factor = cholesky(ours + theirs, xp)
    inverse = xp.linalg.inv(factor)
    shift = first.mean - second.mean[..., quadratures(order)]
    distance = xp.sum((inverse @ shift[..., None])[..., 0] ** 2, axis=-1)
    overlap = xp.exp(-distance / 2) / xp.prod(xp.diagonal(factor, axis1=-2, axis2=-1), axis=-1)
    value = overlap * _mixedness(ours, theirs, factor, inverse, xp)
    return xp.where(known[..., 0, 0], xp.minimum(value, 1.0), np.nan)


def _mixedness(first: Any, second: Any, factor: Any, inverse: Any, xp: Any) -> Any:
    """Π_k (w_k + √(w_k² − 1)), which is 1 when one of the states is pure.

    With V₁ + V₂ = L Lᵀ and J = LᵀΩL, the matrix of the w_k is similar to
    i(2 Y₁JY₂ − ½J⁻¹), Y_j = L⁻¹V_jL⁻ᵀ: real but for the factor i, and of small norm.
    """
    form = symplectic_form(factor.shape[-1] // 2)
    transposed = xp.swapaxes(inverse, -1, -2)
    J = xp.swapaxes(factor, -1, -2) @ form @ factor
    first, second = inverse @ first @ transposed, inverse @ second @ transposed
    W = 2 * first @ J @ second + inverse @ form @ transposed / 2
    excess = -(xp.linalg.eigvals(W) ** 2).real - 1  # w² − 1, each twice
    # The square root would turn rounding of 1e-16 into 1e-8 for pure states, where w = 1.
    rounding = 64 * np.finfo(float).eps * xp.max(xp.abs(W), axis=(-1, -2)) ** 2
    excess = xp.where(excess > rounding[..., None], excess, 0.0)
    return xp.sqrt(xp.prod(xp.sqrt(1 + excess) + root(excess, 0.0, xp), axis=-1))


def epr_variance(state: GaussianState, a: str, b: str, gain: Any = 1.0) -> Any:
    """Variance of the Einstein-Podolsky-Rosen pair of two modes; below 1 they are entangled.

    [Var(g x_a − x_b/g) + Var(g p_a + p_b/g)]/(g² + 1/g²), the least over local phases of
    the two modes (Duan, Giedke, Cirac, Zoller, PRL 84, 2722); 1 for the vacuum.

    Args:
        state: a state or a batch of them.
        a: name of one mode.
        b: name of the other mode.
        gain: g > 0, broadcasts against the batch.

    Returns:
        A number, shape (…); NaN where unstable.

    Raises:
        ArgumentError: for a name that is not one mode, the same mode twice, or g ≤ 0.

    >>> from qcascade.states import two_mode_squeezed
    >>> pair = two_mode_squeezed(["left.b", "right.b"], 0.5)
    >>> round(float(epr_variance(pair, "left.b", "right.b")), 6)
    0.367879
    """
    _groups(state, a, b)
    j, k = 2 * one_mode(state.modes, "a", a), 2 * one_mode(state.modes, "b", b)
    g = between("gain", gain, np.finfo(float).tiny, np.inf, "a number above zero")
    V, xp = state.cov, namespace(state.cov, g)
    noise_a = V[..., j, j] + V[..., j + 1, j + 1]
    noise_b = V[..., k, k] + V[..., k + 1, k + 1]
    # Local phases turn ⟨ab⟩ = ½(C_xx − C_pp) + ½i(C_xp + C_px); it counts most when real.
    real = V[..., j, k] - V[..., j + 1, k + 1]
    imaginary = V[..., j, k + 1] + V[..., j + 1, k]
    shared = root(real**2 + imaginary**2, 0.0, xp)
    return (g**2 * noise_a + noise_b / g**2 - 2 * shared) / (g**2 + 1 / g**2)


def _transposed_spectrum(state: GaussianState, a: Names, b: Names) -> Any:
    """Symplectic eigenvalues after transposing b, which turns p_b, and so Ω_b, around."""
    xp = _namespace(state)
    first, second = _groups(state, a, b)
    if xp is np and len(first) == len(second) == 1 and state.stable.size > MANY:
        return _many_pairs(state.cov, 2 * first[0], 2 * second[0])
    factor = cholesky(finite_cov(state, first + second), xp)
    return _known_spectrum(state, factor, np.repeat([1.0, -1.0], [len(first), len(second)]))


def _many_pairs(cov: Any, a: int, b: int) -> Any:
    """The same for two modes at many points, in one pass; unstable points are NaN already."""
    from .measure_kernels import transposed_pairs

    levels = np.empty((*cov.shape[:-2], 2))
    transposed_pairs(cov.reshape(-1, *cov.shape[-2:]), a, b, levels.reshape(-1, 2))
    return levels


def _known_spectrum(state: GaussianState, factor: Any, signs: np.ndarray) -> Any:
    """The ν_k of V = L Lᵀ, with NaN back at the unstable points that held the vacuum."""
    xp = namespace(factor)
    return xp.where(state.stable[..., None], spectrum(factor, signs, xp), np.nan)


def _checked(argument: str, state: Any, kind: str = _GAUSSIAN) -> GaussianState:
    if not isinstance(state, GaussianState):
        raise fail(argument, f"be {kind}", state)
    return state


def _namespace(state: Any, kind: str = _GAUSSIAN) -> Any:
    """NumPy or JAX, whichever holds the state."""
    return namespace(_checked("state", state, kind).cov)


def _groups(state: Any, a: Names, b: Names, kind: str = _GAUSSIAN) -> tuple[list[int], list[int]]:
    return groups(_checked("state", state, kind).modes, a, b)
