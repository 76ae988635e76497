"""What leaves a linear network: how fields pass it, their spectra, and their sidebands.

The quadratures r = (x₁, p₁, x₂, …) of the open inputs and of the open outputs obey

    Ṙ = A R + f + B r_in,    r_out = F r_in + C R,
    T(ω) = F + C (−iω − A)⁻¹ B,    S_out(ω) = T N T†,

all four of them functions of ω where wires take time (delayed.py),

with b(ω) = ∫ b(t) e^{iωt} dt and N the noise of the inputs, vacuum ½ (M. J. Collett and
C. W. Gardiner, Phys. Rev. A 30, 1386 (1984)). Lines of lasers, δ(ω), are in `statistics.flux`.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import (
    UnstableError,
    fail,
    fraction,
    is_traced,
    namespace,
    numbers,
)
from ..base.units import angle as as_angle
from ..base.units import angular
from ..lyapunov.solve import growth
from .delayed import at_frequency, lines_of, ways, ways_by_lines
from .delayed_steady import stable_with_delays
from .model import GaussianModel
from .ports import check_ports, output_row
from .resolvent import resolvent
from .state import GaussianState

if TYPE_CHECKING:
    import xarray as xr


def transfer(model: GaussianModel, frequency: Any) -> Any:
    """T(ω) = F + C(−iω − A)⁻¹B: what each output quadrature has of each input quadrature.

    x_out(ω) = Σ T_xx x_in(ω) + T_xp p_in(ω) with the ports in the order of `model.outputs` and
    `model.inputs`, two rows (x, p) for each. Where no wire leads, T is zero to the last bit (inside
    of JAX's transformations, to rounding).

    Args:
        model: a `GaussianModel` of a network, or a batch of them on leading axes.
        frequency: ω, or an array that broadcasts with the batch; angular, in the frame of the
            model, or text with a unit.

    Returns:
        Complex array (…, 2p, 2p); NaN at points without a steady state.

    Raises:
        ArgumentError: for a model without ports, or shapes that do not fit.
        UnstableError: for a single model that has no steady state.

    >>> from qcascade import cavity, gaussian
    >>> abs(transfer(gaussian(cavity(decay=[1.0, 1.0])), 0.0)).round(12) + 0.0
    array([[0., 0., 1., 0.],
           [0., 0., 0., 1.],
           [1., 0., 0., 0.],
           [0., 1., 0., 0.]])
    """
    check_ports(model)
    omega = angular("frequency", frequency)
    _check_shapes(model, omega)
    stable = _stable(model)
    if model.delays is not None:
        lines = lines_of(model.delays)
        A, B, C, F = at_frequency(lines, omega)
        led_to = None if any(map(is_traced, lines)) else ways_by_lines(lines)
    else:
        A, B, C, F = model.A, model.input_matrix, model.output_matrix, model.feedthrough
        led_to = None if any(map(is_traced, (A, B, C, F))) else ways(A, B, C, F)
    xp = namespace(A, B, C, F, omega)
    T = F + C @ resolvent(A, B, omega)
    if led_to is not None:
        T = xp.where(led_to, T, 0.0)
    return T if stable is None else xp.where(xp.asarray(stable)[..., None, None], T, np.nan)


def scattering(model: GaussianModel, frequency: Any) -> "xr.Dataset":
    """b_out(ω) = Σ direct·b_in(ω) + conjugate·b_in†(ω), by the names of the ports.

    |direct|² is the transmission from an input to an output, |conjugate|² the noise that an
    amplifier adds; b†(ω) is [b(−ω)]†.

    Args:
        model: one `GaussianModel` of a network.
        frequency: ω, a number or a row of them, angular or with a unit.

    Returns:
        Dataset with complex `direct` and `conjugate` over frequency, output, input.

    Raises:
        ArgumentError: for a batch of models, more than one axis of frequencies; as `transfer`.
        UnstableError: as `transfer`.

    >>> from qcascade import cavity, gaussian
    >>> passed = scattering(gaussian(cavity(decay=[1.0, 1.0])), [0.0, 1.0])
    >>> abs(passed.direct.sel(output="out2", input="in1").values) ** 2
    array([1. , 0.5])
    """
    import xarray as xr

    check_ports(model)
    if _batch(model):
        raise fail("model", "be one model, not a batch", f"shape {_batch(model)}")
    omega = np.atleast_1d(np.asarray(angular("frequency", frequency)))
    if omega.ndim != 1:
        raise fail("frequency", "be a number or a row of numbers", f"shape {omega.shape}")
    direct, conjugate = _amplitudes(np.asarray(transfer(model, omega)))
    axes = ("frequency", "output", "input")
    return xr.Dataset(
        {
            "direct": (axes, direct, {"long_name": "b_out from b_in", "units": "1"}),
            "conjugate": (axes, conjugate, {"long_name": "b_out from b_in†", "units": "1"}),
        },
        {
            "frequency": ("frequency", omega, {"long_name": "ω", "units": "rad/s"}),
            "output": list(model.outputs),
            "input": list(model.inputs),
        },
    )


def amplitudes(model: GaussianModel, frequency: Any) -> tuple[Any, Any]:
    """D and C (…, p, p) of b_out(ω) = D b_in(ω) + C b_in†(ω), for a batch of models as well.

    Args:
        model: a `GaussianModel` of a network, or a batch.
        frequency: ω, as for `transfer`.
    """
    return _amplitudes(transfer(model, frequency))


def quadrature_spectrum(
    model: GaussianModel, port: str, frequency: Any, *, angle: Any = 0.0, efficiency: Any = 1.0
) -> Any:
    """Noise of x_θ = x cos θ + p sin θ of an output, ½∫⟨{x_θ(t), x_θ(0)}⟩e^{iωt}dt; vacuum ½.

    S(ω) = η u T N T† u + (1 − η)/2 with u = (cos θ, sin θ) and the efficiency η of the detector.

    Args:
        model: a `GaussianModel` of a network, or a batch.
        port: name of an open output.
        frequency: ω, angular or with a unit; it broadcasts with the batch.
        angle: θ in radians, or text with a unit.
        efficiency: η, between 0 and 1.

    Returns:
        S, real, shape (…); NaN at points without a steady state.

    Raises:
        ArgumentError: for an unknown port (one that a wire uses is not open), an efficiency
            outside of [0, 1]; as `transfer`.
        UnstableError: as `transfer`.

    >>> from qcascade import gaussian, squeezed_mode
    >>> opo = gaussian(squeezed_mode(0.2, decay=1.0))
    >>> quadrature_spectrum(opo, "out", 0.0, angle="90 deg").round(6).item()
    0.091837
    """
    row = 2 * output(model, port)
    theta, eta = as_angle("angle", angle), fraction("efficiency", efficiency)
    T = transfer(model, frequency)[..., row : row + 2, :]
    xp = namespace(T, theta, eta)
    u = xp.stack(xp.broadcast_arrays(xp.cos(theta), xp.sin(theta)), axis=-1)
    seen = xp.einsum("...i,...ij->...j", u, T)
    noise = xp.einsum("...i,...ij,...j->...", seen, model.input_noise, xp.conj(seen)).real
    return eta * noise + (1 - eta) / 2


def decibel(spectrum: Any) -> Any:
    """10 log₁₀(S/½): noise of a quadrature relative to the vacuum's, in dB.

    Args:
        spectrum: S, vacuum ½; NaN where there is no steady state stays NaN.

    Raises:
        ArgumentError: when it is not a real number, zero or above.

    >>> decibel(0.05)
    np.float64(-10.0)
    """
    kind = "a real number, zero or above"
    xp = namespace(spectrum)
    values = xp.asarray(numbers("spectrum", spectrum, kind))
    if not is_traced(values) and bool(((values < 0) | xp.isinf(values)).any()):
        raise fail("spectrum", f"be {kind}", spectrum)
    with np.errstate(divide="ignore"):  # no noise at all is −∞ dB
        return (10 * xp.log10(2 * values))[()]


def emission_spectrum(model: GaussianModel, port: str, frequency: Any) -> Any:
    """Photons of an output per time and bandwidth; `qc.outputs.emission_spectrum` says the rest."""
    row = 2 * output(model, port)
    T = transfer(model, frequency)[..., row : row + 2, :]
    direct, conjugate = _amplitudes(T @ model.input_squeezing)
    xp, n = namespace(direct, model.occupation), model.occupation[..., None, :]
    photons = xp.abs(direct) ** 2 * n + xp.abs(conjugate) ** 2 * (n + 1)
    return photons.sum(-1)[..., 0]


def sidebands(model: GaussianModel, frequency: Any) -> GaussianState:
    """The fields at +ω and −ω of every open output, as one Gaussian state of modes.

    Modes "port+" and "port-" are b(ω) and b(−ω) of a narrow band: all measures apply, so that
    E_N(ω) between outputs is `log_negativity(sidebands(model, ω), "a.out+", "b.out-")`.

    Args:
        model: a `GaussianModel` of a network, or a batch.
        frequency: ω, not 0, where both are one field; it broadcasts with the batch.

    Returns:
        A `GaussianState` with V = K diag(n + ½) Kᵀ, K from `transfer` at ±ω, vacuum ½.

    Raises:
        ArgumentError: for ω = 0; as `transfer`.
        UnstableError: as `transfer`.

    >>> from qcascade import gaussian, log_negativity, pair_source
    >>> source = gaussian(pair_source(0.2, decay=(1.0, 1.0)))
    >>> state = sidebands(source, 0.3)
    >>> log_negativity(state, "out_a+", "out_b-").round(6).item()
    1.170071
    """
    check_ports(model)
    omega = angular("frequency", frequency)
    if not is_traced(omega) and np.any(np.asarray(omega) == 0):
        raise fail("frequency", "not be 0, where both sidebands are one field", frequency)
    mixing = model.input_squeezing
    above, below = (_amplitudes(transfer(model, s * omega) @ mixing) for s in (1, -1))
    xp = namespace(*above, *below)
    # b(ω) = D(ω) v(ω) + C(ω) v(−ω)†: each sideband has the conjugate of the other one's inputs.
    zero = xp.zeros_like(above[0])
    U = _interleaved(above[0], zero, zero, below[0], xp)
    W = _interleaved(zero, above[1], below[1], zero, xp)
    K = _real(U, W, xp)
    n = xp.repeat(xp.repeat(xp.asarray(model.occupation), 2, axis=-1), 2, axis=-1)
    cov = xp.einsum("...ij,...j,...kj->...ik", K, n + 0.5, K)
    names = tuple(f"{port}{sign}" for port in model.outputs for sign in "+-")
    stable = xp.isfinite(cov).all((-1, -2))
    return GaussianState(names, xp.zeros(cov.shape[:-1]), cov, stable)


def output(model: Any, port: str) -> int:
    """The position of an open output.

    Args:
        model: a `GaussianModel` of a network.
        port: its name.

    Raises:
        ArgumentError: for a model without ports, or any other name; it says which wire uses it.
    """
    check_ports(model)
    return output_row(model, "port", port) // 2


def _check_shapes(model: GaussianModel, omega: Any) -> None:
    batch = _batch(model)
    try:
        np.broadcast_shapes(batch, np.shape(omega))
    except ValueError:
        must = f"broadcast with the models' batch {batch}"
        raise fail("frequency", must, f"shape {np.shape(omega)}") from None


def _batch(model: GaussianModel) -> tuple[int, ...]:
    if model.delays is None:
        return np.shape(model.A)[:-2]
    closed, times = model.delays.closed.A, model.delays.times
    return np.broadcast_shapes(np.shape(closed)[:-2], np.shape(times)[:-1])


def _stable(model: GaussianModel) -> Any:
    """Where there is a steady state, shape (…); None where nobody can tell (inside of jit)."""
    if model.delays is not None:
        return stable_with_delays(model)
    if is_traced(model.A):
        return None
    rate = growth(model.A)
    if np.ndim(rate) == 0 and not rate < 0:
        raise UnstableError(
            f"The model has no steady state, and so no spectrum: it grows at the rate {rate:.3g}."
        )
    return rate < 0


def _amplitudes(T: Any) -> tuple[Any, Any]:
    """D and C of b_out = D b_in + C b_in†, from T in quadratures."""
    xx, xp_, px, pp = T[..., 0::2, 0::2], T[..., 0::2, 1::2], T[..., 1::2, 0::2], T[..., 1::2, 1::2]
    return ((xx + pp) + 1j * (px - xp_)) / 2, ((xx - pp) + 1j * (px + xp_)) / 2


def _interleaved(a: Any, b: Any, c: Any, d: Any, xp: Any) -> Any:
    """Blocks [[a, b], [c, d]] for every pair of ports, the sidebands of a port side by side."""
    rows = xp.stack([xp.stack([a, b], -1), xp.stack([c, d], -1)], -3)
    return rows.reshape(*a.shape[:-2], 2 * a.shape[-2], 2 * a.shape[-1])


def _real(U: Any, W: Any, xp: Any) -> Any:
    """The map of quadratures (x₁, p₁, …) that b = U v + W v† is."""
    plus, minus = U + W, U - W
    return _interleaved(plus.real, -minus.imag, plus.imag, minus.real, xp)
