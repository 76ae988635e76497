"""What leaves the network: verbs that look at the kind of model, and hand over."""

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from .base.checks import check_broadcast, fail, is_traced, number, plain_name, single
from .base.keywords import spoken
from .base.units import angular, has_dimension
from .dynamics import steady_state
from .hilbert.states import DensityState
from .linear import outputs as linear_outputs
from .linear import statistics as linear_statistics
from .linear.detectors import heterodyne, homodyne
from .linear.measured import conditional_state, measured
from .linear.mode_functions import mode_overlap, output_mode
from .linear.model import GaussianModel
from .linear.monitored import Monitored
from .linear.outputs import (
    decibel,
    quadrature_spectrum,
    scattering,
    sidebands,
    transfer,
)
from .linear.state import GaussianState
from .linear.statistics import Flux
from .linear.travelling import output_state
from .master_equation.either_kind import beside_rates
from .master_equation.evolution import Evolution
from .master_equation.model import LindbladModel

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "Flux",
    "Monitored",
    "conditional_state",
    "decibel",
    "emission_spectrum",
    "flux",
    "g1",
    "g2",
    "heterodyne",
    "homodyne",
    "measured",
    "mode_overlap",
    "output_mode",
    "output_modes",
    "output_state",
    "quadrature_spectrum",
    "scattering",
    "sidebands",
    "transfer",
]

_MODEL = "be a GaussianModel (from `gaussian(net)`) or a LindbladModel (from `lindblad(net)`)"
_STEADY: WeakKeyDictionary[LindbladModel, DensityState] = WeakKeyDictionary()


def __dir__() -> list[str]:
    return __all__


@spoken
def flux(model: Any, port: str) -> Flux:
    """Coherent amplitude ⟨b_out⟩ and photon flux ⟨b_out†b_out⟩ of an output, lasers included.

    b_out = S b_in + L with the light that passes: a resonant cavity with one port sends back
    |out|² = |in|², though κ⟨a†a⟩ is four times as much (C. W. Gardiner and M. J. Collett, Phys.
    Rev. A 31, 3761 (1985)).

    Args:
        model: a `GaussianModel` or a `LindbladModel` of a network, or a batch of the former.
        port: name of an open output.

    Returns:
        A `Flux`: amplitude (rate^½), flux (photons per time) and its incoherent part; in a batch
        NaN at points without a steady state or with an infinite flux.

    Raises:
        ArgumentError: for an unknown port, or one to which white noise passes (a warm input,
            squeezed light): it has as many photons in every bandwidth, and an infinite flux.
        UnstableError, DegenerateError, ConvergenceError: as `steady_state`, and where the cutoffs
            hold too little of the light.

    >>> from qcascade import Network, cavity, coherent_drive, gaussian
    >>> parts = {"laser": coherent_drive(0.5), "m": cavity(decay=1.0)}
    >>> out = flux(gaussian(Network(parts, [("laser.out", "m.in")])), "m.out")
    >>> out.amplitude.round(12).item(), out.flux.round(12).item()
    ((-0.5+0j), 0.25)
    """
    if isinstance(_checked(model, port), LindbladModel):
        from .master_equation import statistics

        return statistics.flux(model, steady_of(model), port)
    return linear_statistics.flux(model, steady_state(model), port)


@spoken
def g1(model: Any, port: str, delays: Any) -> Any:
    """First-order coherence g1(τ) = ⟨b†(t) b(t + τ)⟩/⟨b†b⟩ of an output, complex.

    It begins at 1, ends at the coherent share |⟨b⟩|²/⟨b†b⟩, and turns as e^{−iωτ} where light is
    at +ω in the frame of the model (R. J. Glauber, Phys. Rev. 130, 2529 (1963)); times `flux`
    it is not normalised. g1(−τ) = g1(τ)*.

    Args:
        model: a `GaussianModel` or a `LindbladModel` of a network, or a batch of the former.
        port: name of an open output.
        delays: τ, zero or above, in the inverse unit of the rates, or with a unit; an array
            that broadcasts with the batch.

    Returns:
        Complex array (…); NaN at points of a batch without a steady state, or without light.

    Raises:
        ArgumentError: for a negative delay, a port without light, and as `flux`.
        UnstableError, DegenerateError, ConvergenceError: as `flux`.

    >>> from qcascade import cavity, gaussian
    >>> warm = gaussian(cavity(np.pi, decay=[0.5, 0.5], occupation=[1.0, 0.0]))
    >>> g1(warm, "out2", [0.0, 1.0]).real.round(6)  # e^{−iΔτ − κτ/2}
    array([ 1.      , -0.606531])
    """
    times = _times(_checked(model, port), delays)
    if isinstance(model, LindbladModel):
        from .master_equation import statistics

        return statistics.g1(model, steady_of(model), port, times)[()]
    return linear_statistics.g1(model, steady_state(model), port, times)[()]


@spoken
def g2(model: Any, port: str, delays: Any) -> Any:
    """Second-order coherence g2(τ) = ⟨b†(t) b†(t + τ) b(t + τ) b(t)⟩/⟨b†b⟩² of an output.

    1 for a laser, 2 at τ = 0 for thermal light, 0 for one atom (R. J. Glauber, Phys. Rev. 130,
    2529 (1963)). Gaussian light: 1 + (|n|² + |m|² + 2|α|²Re n + 2Re α*²m)/⟨b†b⟩² with α = ⟨b⟩,
    n(τ) = ⟨δb†(0)δb(τ)⟩, m(τ) = ⟨δb(τ)δb(0)⟩; master equations: quantum regression.
    g2(−τ) = g2(τ).

    Args:
        model: a `GaussianModel` or a `LindbladModel` of a network, or a batch of the former.
        port: name of an open output.
        delays: τ, zero or above, in the inverse unit of the rates, or with a unit; an array
            that broadcasts with the batch.

    Returns:
        Real array (…); NaN at points of a batch without a steady state, or without light.

    Raises:
        ArgumentError: for a negative delay, a port without light, and as `flux`.
        UnstableError, DegenerateError, ConvergenceError: as `flux`.

    >>> from qcascade import gaussian, squeezed_mode
    >>> g2(gaussian(squeezed_mode(0.2, decay=1.0)), "out", [0.0, 50.0]).round(6)  # 2 + 1/(4ξ²)
    array([8.25, 1.  ])
    """
    times = _times(_checked(model, port), delays)
    if isinstance(model, LindbladModel):
        from .master_equation import statistics

        return statistics.g2(model, steady_of(model), port, times)[()]
    return linear_statistics.g2(model, steady_state(model), port, times)[()]


@spoken
def emission_spectrum(model: Any, port: str, frequency: Any) -> Any:
    """Photons of an output per time and bandwidth, ∫⟨δb†(0) δb(t)⟩e^{iωt}dt, lasers' lines aside.

    ∫dω/2π is the incoherent photon flux; the line |⟨b⟩|²·2πδ(ω) of lasers is in `flux`. Gaussian:
    with inputs v of occupation n behind any squeezing, b = Σ D v + C v†: Σ|D|²n + |C|²(n + 1),
    each term positive. Master equations: by quantum regression, white noise that passes included.

    Args:
        model: a `GaussianModel` or a `LindbladModel` of a network, or a batch of the former.
        port: name of an open output.
        frequency: ω, angular or with a unit; it broadcasts with the batch.

    Returns:
        Photons, real, shape (…); NaN at points without a steady state.

    Raises:
        ArgumentError: for an unknown port; as `transfer`.
        UnstableError: as `transfer`.
        DegenerateError, ConvergenceError: as `steady_state` for a master equation, where cutoffs
            hold too little of the light, or lines are too narrow for a large model.

    >>> from qcascade import gaussian, squeezed_mode
    >>> emission_spectrum(gaussian(squeezed_mode(0.2, decay=1.0)), "out", 0.0).round(6).item()
    0.907029
    """
    if isinstance(_checked(model, port), LindbladModel):
        from .master_equation import statistics

        omega = angular("frequency", frequency)
        return statistics.emission_spectrum(model, steady_of(model), port, omega)
    return linear_outputs.emission_spectrum(model, port, frequency)


@spoken
def output_modes(run: Any, port: str, *, least: float = 1e-9) -> "xr.Dataset":
    """The modes in which the light of a run leaves an output, and how many photons each has.

    ⟨b†(t)b(t′)⟩ = Σ_k n_k v_k*(t) v_k(t′) with orthonormal v_k, from the first of the run's times
    to the last: the modes that catchers would have to take in (A. H. Kiilerich and K. Mølmer, Phys.
    Rev. A 102, 023717 (2020)). Lasers count: their light is in it, too.

    Args:
        run: what `evolve` gave, of a network: an `Evolution`, or a `GaussianState` over times.
        port: name of an open output.
        least: modes with a smaller share of the photons are left out.

    Returns:
        Dataset with `photons` n_k over `mode`, complex `shape` v_k over mode and `time`, the `flux`
        ⟨b†b⟩ and the `weight` of an integral, Σ_t weight |shape|² = 1, over time; the times are
        those of a quadrature. Attributes: `photons` is ∫⟨b†b⟩dt, `unresolved` how many of them are
        in modes finer than the quadrature.

    Raises:
        ArgumentError: for what comes from no `evolve`, an unknown port, a batch, or white noise
            that passes to the port: it has as many photons in every mode.

    >>> from qcascade import evolve, ket, lindblad, qubit
    >>> run = evolve(lindblad(qubit(decay=1.0)), ket("q", [0, 1]), [0.0, 30.0], progress=False)
    >>> output_modes(run, "out").photons.values.round(9)
    array([1.])
    """
    import xarray as xr

    share = single("least", least, 0.0, 1.0, "a number between 0 and 1")
    if not isinstance(run, Evolution | GaussianState) or run.asked is None:
        raise fail("run", "be what `evolve` gave", run)
    plain_name("port", port)
    if isinstance(run, GaussianState):
        from .linear.coherence import coherence as of_linear

        kernel = of_linear(run.asked, port)
    else:
        from .master_equation.output_modes import coherence

        kernel = coherence(run.asked, float(run.times[-1]), port)
    modes, total = kernel.modes(), kernel.total
    some = modes.values > max(share, 1e-13) * max(total, 1e-300)
    variables = {
        "photons": ("mode", modes.values[some]),
        "shape": (("mode", "time"), modes.shapes[some]),
        "flux": ("time", kernel.diagonal),
        "weight": ("time", kernel.weights),
    }
    told = {"photons": total, "unresolved": float(kernel.beyond.sum()), "port": port}
    return xr.Dataset(variables, {"time": kernel.times}, told)


def steady_of(model: GaussianModel | LindbladModel, *, progress: bool = True) -> Any:
    """The steady state; what asks for that of one master equation shares it, as long as that is.

    Args:
        model: of either kind.
        progress: as `steady_state` of a master equation has it.
    """
    if isinstance(model, GaussianModel):
        return steady_state(model)
    if model not in _STEADY:
        _STEADY[model] = steady_state(model, progress=progress)
    return _STEADY[model]


def _times(model: Any, delays: Any) -> Any:
    """Delays as numbers, zero or above, that broadcast with the batch."""
    if has_dimension(delays):
        delays = beside_rates(model, "delays", delays)
    if is_traced(delays) or (isinstance(model, GaussianModel) and is_traced(model.A)):
        raise fail("delays", "have values: correlations do not work inside jit and grad", "traced")
    times = np.asarray(number("delays", delays))
    if np.any(times < 0):
        raise fail("delays", "be zero or above (g1(−τ) = g1(τ)*, g2(−τ) = g2(τ))", times.min())
    if isinstance(model, GaussianModel):
        check_broadcast({"model": np.shape(model.A)[:-2], "delays": times.shape})
    return times


def _checked(model: Any, port: str) -> Any:
    """The model, when it has the port: before its state is computed."""
    if isinstance(model, GaussianModel):
        linear_outputs.output(model, port)
    elif isinstance(model, LindbladModel):
        from .master_equation import statistics

        statistics.output(model, port)
    else:
        raise fail("model", _MODEL, model)
    return model
