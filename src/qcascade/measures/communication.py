"""What a shared Gaussian state is worth: secret key, teleportation."""

from typing import Any

import numpy as np

from ..base.checks import namespace
from ..base.conventions import LOST, VACUUM
from ..base.keywords import spoken
from ..base.units import power_share
from ..hilbert.states import DensityState, PureState
from ..linear.state import GaussianState, finite_cov
from ..linear.uncertainty import is_physical, resolution
from .gaussian import AnyState, Names, von_neumann_entropy
from .groups import disjoint, one_mode
from .summands import ENTROPY
from .symplectic import EPS, root
from .told import gaussian_state, told


@spoken
def reverse_coherent_information(state: AnyState, a: Names, b: Names) -> Any:
    """Reverse coherent information I_R = S(a) − S(ab): key per copy, when b corrects nothing.

    A rate of secret key and of entanglement that a and b can distil with classical messages from b
    to a (García-Patrón, Pirandola, Lloyd & Shapiro, PRL 102, 210501 (2009)); −ln(1 − η) for half
    of a pair without end that was sent through a channel of transmission η.

    Args:
        state: a GaussianState, or a batch of them; a DensityState or PureState.
        a: mode or part names of the group that was kept.
        b: the same for the group that was sent.

    Returns:
        Nats, shape (…); below zero where it promises nothing, NaN where `von_neumann_entropy` is.

    Raises:
        ArgumentError: for unknown names, an empty group, or groups that overlap.

    >>> from qcascade.linear.state import two_mode_squeezed
    >>> pair = two_mode_squeezed(["kept", "sent"], 0.5)
    >>> round(float(reverse_coherent_information(pair, "kept", "sent")), 6)
    0.659453
    """
    if not isinstance(state, DensityState | PureState):
        gaussian_state("state", state, "a GaussianState, DensityState or PureState")
    first, second = disjoint(state.modes, {"a": a, "b": b})
    alone, both = ([state.modes[k] for k in part] for part in (first, first + second))
    return von_neumann_entropy(state, alone) - von_neumann_entropy(state, both)


@spoken
def key_rate(state: GaussianState, a: str, b: str, *, reconciliation: Any = 1.0) -> Any:
    """Key rate of GG02 against collective attacks: coherent states, homodyne detection at b.

    K = β I(a:b) − χ(E:b), where who keeps a measures both its quadratures, which sends coherent
    states; who keeps b measures x or p, each half of the time, and corrects a's data (reverse
    reconciliation); the eavesdropper holds all that purifies the state (Grosshans & Grangier, PRL
    88, 057902 (2002); García-Patrón & Cerf, PRL 97, 190503 (2006)). For each quadrature q
    I = ½ ln(V_q/V_{q|a}) and χ = S(ab) − S(a|q).

    Args:
        state: a GaussianState, or a batch of them.
        a: name of the mode that is kept by the sender.
        b: name of the mode that arrives.
        reconciliation: β, between 0 and 1, or text, "95 %": what error correction leaves of I(a:b).

    Returns:
        Nats per use, shape (…); below zero where there is no key; NaN where unstable, where V
        violates the uncertainty principle, or where squeezing has left no digits for it.

    Raises:
        ArgumentError: for a name that is not one mode, the same mode twice, or β outside [0, 1].

    >>> from qcascade.linear.state import two_mode_squeezed
    >>> pair = two_mode_squeezed(["sender", "receiver"], 1.0)
    >>> round(float(key_rate(pair, "sender", "receiver")), 6)
    0.662501
    """
    positions, beta, V_a, V_b, C, xp = _two(state, a, b, reconciliation)
    V_b_a = _conditional(V_b, V_a + _noise(), xp.swapaxes(C, -1, -2), xp)
    known, left = 0.0, 0.0
    for q in (0, 1):
        known = known + xp.log(V_b[..., q, q] / V_b_a[..., q, q]) / 4
        seen = C[..., :, q, None] * C[..., None, :, q] / V_b[..., q, q, None, None]
        left = left + _entropy(V_a - seen, state, positions, xp) / 2
    value = beta * known - von_neumann_entropy(state, [a, b]) + left
    return told("key_rate", state, (positions,), value)


@spoken
def key_rate_heterodyne(state: GaussianState, a: str, b: str, *, reconciliation: Any = 1.0) -> Any:
    """Key rate of the no-switching protocol: as `key_rate`, with heterodyne detection at b.

    K = β I(a:b) − χ(E:b), I = ½ ln det(V_b + ½)/det(V_{b|a} + ½), χ = S(ab) − S(a|b) with
    V_{a|b} = V_a − C(V_b + ½)⁻¹Cᵀ (Weedbrook et al., PRL 93, 170504 (2004); RMP 84, 621 (2012)).

    Args:
        state: a GaussianState, or a batch of them.
        a: name of the mode that is kept by the sender.
        b: name of the mode that arrives.
        reconciliation: β, between 0 and 1, or text, "95 %": what error correction leaves of I(a:b).

    Returns:
        Nats per use, shape (…); below zero where there is no key; NaN where `key_rate` is.

    Raises:
        ArgumentError: for a name that is not one mode, the same mode twice, or β outside [0, 1].

    >>> from qcascade.linear.state import two_mode_squeezed
    >>> pair = two_mode_squeezed(["sender", "receiver"], 1.0)
    >>> round(float(key_rate_heterodyne(pair, "sender", "receiver")), 6)
    0.867562
    """
    positions, beta, V_a, V_b, C, xp = _two(state, a, b, reconciliation)
    V_b_a = _conditional(V_b, V_a + _noise(), xp.swapaxes(C, -1, -2), xp)
    left = _entropy(_conditional(V_a, V_b + _noise(), C, xp), state, positions, xp)
    known = xp.log(_det(V_b + _noise()) / _det(V_b_a + _noise())) / 2
    value = beta * known - von_neumann_entropy(state, [a, b]) + left
    return told("key_rate_heterodyne", state, (positions,), value)


@spoken
def teleportation_fidelity(state: GaussianState, a: str, b: str) -> Any:
    """Fidelity with which the state teleports coherent states from a to b, at gain one.

    F = 1/√det(1 + N), N the covariance of (x_b − x_a, p_b + p_a), which the protocol adds to what
    is teleported (Braunstein & Kimble, PRL 80, 869 (1998); Fiurášek, PRA 66, 012304 (2002)), a
    turned by the local phase that makes ⟨ab⟩ real and positive; above ½ no classical channel, above
    ⅔ no copy elsewhere is as good (Grosshans & Grangier, PRA 64, 010301 (2001)).

    Args:
        state: a GaussianState, or a batch of them.
        a: name of the mode at the sender, which meets the input on a beam splitter.
        b: name of the mode at the receiver.

    Returns:
        A number in [0, 1], shape (…); NaN where unstable, where V violates the uncertainty
        principle, or where squeezing has left no digits for it.

    Raises:
        ArgumentError: for a name that is not one mode, or the same mode twice.

    >>> from qcascade.linear.state import two_mode_squeezed
    >>> round(float(teleportation_fidelity(two_mode_squeezed(["l", "r"], 0.5), "l", "r")), 6)
    0.731059
    """
    positions, _, V_a, V_b, C, xp = _two(state, a, b, 1.0)
    real = C[..., 0, 0] - C[..., 1, 1]  # ⟨ab⟩ = ½ real + ½i imaginary, as in `epr_variance`
    imaginary = C[..., 0, 1] + C[..., 1, 0]
    size = root(real**2 + imaginary**2, 0.0, xp)
    noise_a, noise_b = (V[..., 0, 0] + V[..., 1, 1] for V in (V_a, V_b))
    rounding = EPS * xp.sqrt(noise_a * noise_b)
    some = size > 16 * rounding  # else there is no phase to turn by
    safe = xp.where(some, size, 1.0)
    cosine = xp.where(some, real / safe, 1.0)
    sine = xp.where(some, imaginary / safe, 0.0)
    # (−x_a, p_a) of a e^{−iθ}.
    rows = [xp.stack([-cosine, -sine], -1), xp.stack([-sine, cosine], -1)]
    M = xp.stack(rows, axis=-2)
    crossed = M @ C
    added = V_b + M @ V_a @ xp.swapaxes(M, -1, -2) + crossed + xp.swapaxes(crossed, -1, -2)
    total = added + 2 * _noise()
    det = _det(total)
    # What cancels in N, and what the phase turns of V_a, beside the smallest of 1 + N.
    turned = root((V_a[..., 0, 0] - V_a[..., 1, 1]) ** 2 + 4 * V_a[..., 0, 1] ** 2, 0.0, xp)
    change = EPS * (noise_a + noise_b) + xp.where(some, rounding / safe, 0.0) * turned
    good = state.stable & is_physical(finite_cov(state, positions))
    good = good & (change * abs(total[..., 0, 0] + total[..., 1, 1]) < LOST * det)
    value = 1 / xp.sqrt(xp.where(good, det, np.nan))
    return told("teleportation_fidelity", state, (positions,), value)


def _two(state: Any, a: str, b: str, reconciliation: Any) -> tuple[Any, ...]:
    """Positions, β, V_a, V_b and C = V_ab of two modes, and NumPy or jax.numpy."""
    gaussian_state("state", state)
    positions, beta = _positions(state, a, b), power_share("reconciliation", reconciliation)
    cov = finite_cov(state, positions)
    return positions, beta, cov[..., :2, :2], cov[..., 2:, 2:], cov[..., :2, 2:], namespace(cov)


def _positions(state: GaussianState, a: str, b: str) -> list[int]:
    disjoint(state.modes, {"a": a, "b": b})
    return [one_mode(state.modes, "a", a), one_mode(state.modes, "b", b)]


def _noise() -> Any:
    return VACUUM * np.eye(2)


def _det(M: Any) -> Any:
    return M[..., 0, 0] * M[..., 1, 1] - M[..., 0, 1] * M[..., 1, 0]


def _conditional(V: Any, measured: Any, C: Any, xp: Any) -> Any:
    """V − C measured⁻¹ Cᵀ: the covariance of what is left, whatever was found."""
    return V - C @ xp.linalg.inv(measured) @ xp.swapaxes(C, -1, -2)


def _entropy(V: Any, state: GaussianState, positions: list[int], xp: Any) -> Any:
    """Entropy of one mode left after a measurement, which is known to what V of both is."""
    cov = finite_cov(state, positions)
    error = resolution(cov) + EPS
    level = xp.sqrt(xp.maximum(_det(V), 0.0))
    value = ENTROPY.value(level, error, xp)
    return xp.where(state.stable & is_physical(cov) & (error <= LOST), value, np.nan)
