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

from ..base.checks import fail, is_traced, namespace, numbers
from ..base.keywords import spoken
from ..base.units import angle as as_angle
from ..base.units import angular, has_dimension, power_share
from ..slh.rates import like_a_ratio
from .model import GaussianModel
from .ports import Names, check_ports, chosen_inputs, chosen_outputs, output_row
from .response import batch_of, response
from .state import GaussianState

if TYPE_CHECKING:
    import xarray as xr


@spoken
def transfer(
    model: GaussianModel,
    frequency: Any,
    *,
    outputs: Names | None = None,
    inputs: Names | None = None,
) -> Any:
    """T(ω) = F + C(−iω − A)⁻¹B: what each output quadrature has of each input quadrature.

    x_out(ω) = Σ T_xx x_in(ω) + T_xp p_in(ω) with the ports in the order of `model.outputs` and
    `model.inputs`, two rows (x, p) for each. Where no wire leads, T is zero to the last bit (inside
    of JAX's transformations, to rounding). Of large networks ask for what you look at: few outputs,
    or few inputs, cost less than all.

    Args:
        model: a `GaussianModel` of a network, or a batch of them on leading axes.
        frequency: ω, or an array that broadcasts with the batch; angular, in the frame of the
            model, or text with a unit.
        outputs: name of an open output, or several in the order wanted; all when None.
        inputs: the same of open inputs.

    Returns:
        Complex array (…, 2q, 2p) of q outputs and p inputs; NaN at points without a steady state.

    Raises:
        ArgumentError: for a model without ports, an unknown port, or shapes that do not fit.
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
    return response(model, omega, chosen_outputs(model, outputs), chosen_inputs(model, inputs))


@spoken
def scattering(
    model: GaussianModel,
    frequency: Any,
    *,
    outputs: Names | None = None,
    inputs: Names | None = None,
) -> "xr.Dataset":
    """b_out(ω) = Σ direct·b_in(ω) + conjugate·b_in†(ω), by the names of the ports.

    |direct|² is the transmission from an input to an output, |conjugate|² the noise that an
    amplifier adds; b†(ω) is [b(−ω)]†.

    Args:
        model: one `GaussianModel` of a network.
        frequency: ω, a number or a row of them, angular or with a unit.
        outputs: name of an open output, or several in the order wanted; all when None.
        inputs: the same of open inputs.

    Returns:
        Dataset with complex `direct` and `conjugate` over frequency, output, input; the latter is
        data["conjugate"], since every Dataset has a method of that name. Frequencies are in rad/s,
        or have no unit where the rates have none.

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
    if batch_of(model):
        raise fail("model", "be one model, not a batch", f"shape {batch_of(model)}")
    omega = np.atleast_1d(np.asarray(angular("frequency", frequency)))
    if omega.ndim != 1:
        raise fail("frequency", "be a number or a row of numbers", f"shape {omega.shape}")
    rows, columns = chosen_outputs(model, outputs), chosen_inputs(model, inputs)
    direct, conjugate = _amplitudes(np.asarray(response(model, omega, rows, columns)))
    A = model.A if model.delays is None else model.delays.open.A
    measured = model.measured or has_dimension(frequency) or not like_a_ratio(A)
    unit = "rad/s" if measured else "1"
    axes = ("frequency", "output", "input")
    return xr.Dataset(
        {
            "direct": (axes, direct, {"long_name": "b_out from b_in", "units": "1"}),
            "conjugate": (axes, conjugate, {"long_name": "b_out from b_in†", "units": "1"}),
        },
        {
            "frequency": ("frequency", omega, {"long_name": "ω", "units": unit}),
            "output": [model.outputs[k] for k in rows],
            "input": [model.inputs[k] for k in columns],
        },
    )


def amplitudes(
    model: GaussianModel,
    frequency: Any,
    *,
    outputs: Names | None = None,
    inputs: Names | None = None,
) -> tuple[Any, Any]:
    """D and C (…, q, p) of b_out(ω) = D b_in(ω) + C b_in†(ω), for a batch of models as well.

    Args:
        model: a `GaussianModel` of a network, or a batch.
        frequency: ω, as for `transfer`.
        outputs: as for `transfer`.
        inputs: as for `transfer`.
    """
    return _amplitudes(transfer(model, frequency, outputs=outputs, inputs=inputs))


@spoken
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
        efficiency: η, between 0 and 1, or text, "80 %", "1 dB".

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
    at = output(model, port)
    theta, eta = as_angle("angle", angle), power_share("efficiency", efficiency)
    T = response(model, angular("frequency", frequency), [at])
    xp = namespace(T, theta, eta)
    u = xp.stack(xp.broadcast_arrays(xp.cos(theta), xp.sin(theta)), axis=-1)
    seen = u[..., None, :] @ T
    noise = (seen @ model.input_noise * xp.conj(seen)).sum((-2, -1)).real
    return eta * noise + (1 - eta) / 2


@spoken
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
    T = response(model, angular("frequency", frequency), [output(model, port)])
    direct, conjugate = _amplitudes(T @ model.input_squeezing)
    xp, n = namespace(direct, model.occupation), model.occupation[..., None, :]
    photons = xp.abs(direct) ** 2 * n + xp.abs(conjugate) ** 2 * (n + 1)
    return photons.sum(-1)[..., 0]


@spoken
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
    above, below = (_amplitudes(response(model, s * omega) @ mixing) for s in (1, -1))
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
