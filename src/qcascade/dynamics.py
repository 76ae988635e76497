"""Steady states and evolution in time."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from .base.checks import count, fail, flag, number, single
from .base.checks import tolerance as checked_tolerance
from .base.keywords import spoken
from .base.units import has_dimension
from .hilbert.states import DensityState, PureState
from .linear.detectors import Detector
from .linear.model import GaussianModel
from .linear.monitored import Monitored
from .linear.runs import Run, remembered
from .linear.state import GaussianState
from .linear.steady import steady as steady_gaussian
from .linear.unchanging import evolved_unchanging
from .master_equation.either_kind import beside_rates, looked_at
from .master_equation.evolving import evolved as evolved_master
from .master_equation.model import LindbladModel
from .master_equation.solve import Observe, repeating_in_time, steady
from .parts.pulse_states import FockPulse

if TYPE_CHECKING:
    from .linear.in_time import At
    from .master_equation.evolution import Evolution

_RESIDUAL, _ERROR = 1e-11, 1e-9  # what master equations are solved to when nothing is said
Masters = Callable[[np.ndarray], LindbladModel]
_MODEL = "be a GaussianModel (from `gaussian(net)`) or a LindbladModel (from `lindblad(net)`)"


@overload
def steady_state(model: GaussianModel) -> GaussianState: ...
@overload
def steady_state(
    model: LindbladModel,
    *,
    tolerance: float = _RESIDUAL,
    unique: bool = True,
    progress: bool = True,
) -> DensityState: ...
@spoken
def steady_state(
    model: Any, *, tolerance: float = _RESIDUAL, unique: bool = True, progress: bool = True
) -> Any:
    """The steady state: A V + V Aᵀ + D = 0 and A⟨R⟩ + f = 0, or dρ/dt = 0.

    A master equation is solved by GMRES, preconditioned with the exact solution of
    KX + XK† = Y; a cascade starts from the steady state of its first parts, which never feel the
    last. Small ones are solved directly, in 32 digits where rates are far apart; modes that nothing
    connects are solved one by one.

    Args:
        model: a `GaussianModel` or a `LindbladModel`, or a batch of them on leading axes.
        tolerance: for a master equation, the residual allowed: ‖dρ/dt‖_F relative to ‖ρ‖_F and
            the largest element of K.
        unique: for a master equation, whether to make sure that there is only one steady state,
            and of the error of the state; half as much work again for a large one. Without it, one
            of several is given.
        progress: for a master equation, show the residual while it falls, on a terminal.

    Returns:
        A `GaussianState`; in a batch, unstable points hold NaN and `stable=False` (of master
        equations also those with several steady states or too small a cutoff). For a master
        equation a `DensityState` whose `info` holds the residual, the iterations, the estimated
        error of the state (Frobenius norm), the population at the cutoff, warnings, and for a pure
        state how dark it is (`dark_residual`).

    Raises:
        UnstableError: when a single model is unstable; it says how fast it grows.
        DegenerateError: when a master equation has more than one steady state.
        ConvergenceError: when the residual does not fall below the tolerance, or something decays
            so slowly that rounding decides about the state.

    >>> from qcascade import Network, cavity, gaussian
    >>> steady_state(gaussian(Network({"m": cavity(decay=0.1, occupation=2.0)}))).cov[0, 0].item()
    2.5
    """
    least = np.finfo(float).tiny
    tolerance = single("tolerance", tolerance, least, 1.0, "a number between 0 and 1")
    unique, progress = flag("unique", unique), flag("progress", progress)
    if isinstance(model, LindbladModel):
        return steady(model, tolerance, unique, progress)
    if not isinstance(model, GaussianModel):
        raise fail("model", _MODEL, model)
    for name, value, default in (("tolerance", tolerance, _RESIDUAL), ("unique", unique, True)):
        if value != default:
            raise fail(name, "be left out for a GaussianModel (it is solved directly)", value)
    return steady_gaussian(model)


@overload
def evolve(
    model: "GaussianModel | At",
    initial: GaussianState | None,
    times: Any,
    *,
    breaks: Any = (),
    tolerance: float = _ERROR,
    progress: bool = True,
) -> GaussianState: ...
@overload
def evolve(
    model: GaussianModel,
    initial: GaussianState | None,
    times: Any,
    *,
    measure: Mapping[str, Detector],
    seed: int | Sequence[int] = 0,
) -> Monitored: ...
@overload
def evolve(
    model: Masters,
    initial: "DensityState | PureState | Evolution | None",
    times: Any,
    observe: Observe | None = None,
    *,
    breaks: Any = (),
    until: Callable[[DensityState], float] | None = None,
    tolerance: float = _ERROR,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    inputs: Mapping[str, FockPulse] | None = None,
) -> "Evolution": ...
@overload
def evolve(
    model: LindbladModel,
    initial: "DensityState | PureState | Evolution | None",
    times: Any,
    observe: Observe | None = None,
    *,
    until: Callable[[DensityState], float] | None = None,
    tolerance: float = _ERROR,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    inputs: Mapping[str, FockPulse] | None = None,
) -> "Evolution": ...
@spoken
def evolve(
    model: Any,
    initial: Any,
    times: Any,
    observe: Observe | None = None,
    *,
    breaks: Any = (),
    until: Callable[[DensityState], float] | None = None,
    tolerance: float = _ERROR,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    measure: Mapping[str, Detector] | None = None,
    seed: int | Sequence[int] = 0,
    inputs: Mapping[str, FockPulse] | None = None,
) -> Any:
    """Evolution in time: mean and covariance, or the density matrix of a master equation.

    ⟨R(t)⟩ = e^{At}⟨R(0)⟩ + ∫₀ᵗ e^{As} f ds and V(t) = e^{At}V(0)e^{Aᵀt} + ∫₀ᵗ e^{As} D e^{Aᵀs} ds,
    exact by matrix exponentials of short steps that are then doubled, with twice the digits where
    many periods need them, so that nothing is lost to Q = 10⁹ or to e^{+κt}; unstable models evolve
    as well as stable ones. Master equations: ρ(t) = e^{ℒt}ρ(0) by Chebyshev polynomials of the
    generator, in steps whose rounding and truncation are watched; small ones by doublings, too.
    The population at the cutoffs is watched all the way, and refused where it is more than 10⁻³.

    Where fibres take time, the same by steps of the delays, exact too: on every one of them what
    comes back is known. At time 0 the vacuum is in the fibres, whatever their baths and inputs.

    Parameters that change in time: in place of the model a function that takes an array of times
    and returns a model whose first axis they are, `lambda t: gaussian(net(t))` or `lambda t:
    lindblad(net(t), cutoffs)`. Steps are of eighth order (Magnus' series), halved until nothing
    changes beyond the tolerance; of a master equation Taylor series in time, until the integral of
    ‖dρ/dt − ℒ(t)ρ‖ is below it. What it conserves, and whether ρ is real, is what holds at all
    times.
    Photons in a pulse at an open input of a master equation (`inputs`): the Fock hierarchy
    dρ_mn/dt = ℒρ_mn + √m u [ρ_{m−1,n}, J†] + √n u* [J, ρ_{m,n−1}], exact for any number of them,
    without a cavity that sends them (Baragiola et al., Phys. Rev. A 86, 013811 (2012)).
    With detectors at outputs of a Gaussian model, dV/dt = AV + VAᵀ + D − KRKᵀ is what their record
    leaves unknown, and dm = (A m + f)dt + K(dY − C m dt) what it says (`conditional_state` has the
    symbols); both are exact at the times, and so are the statistics of the record between them.

    Args:
        model: a `GaussianModel` (leading axes allowed), or a `LindbladModel`; or a function of an
            array of times (K,) that returns one of shape (K, …), with a batch behind the times.
        initial: state at time 0 (of a function: at the first of the times), same modes; leading
            axes must broadcast against the model's.
            For a master equation a `DensityState`, a `PureState`, or a QuTiP state (modes as
            its tensor factors). None is the vacuum, or the ground state.
        times: times that do not fall, shape (T,), or one, not negative (of a function: any), in
            the inverse unit of the rates; or with a unit, ["1 us", "2 us"], where rates have one.
        observe: for a master equation, functions of the state by name, evaluated at the times.
        until: for a master equation, a function of the state; evolution stops where it first
            rises to zero from below (`lambda state: qc.measures.purity(state) - 0.99`), whatever
            the last time is. In a batch each point stops for itself: `stopped` (…) is NaN where it
            does not, `observed` is NaN at times after it, `final` is the state there.
        breaks: for a function of time, when something is switched. The edges of single pulses that
            cavities send or catch are known.
        tolerance: for a master equation, error allowed in ρ (Frobenius norm); for a function of
            time in ⟨R⟩ and V, in units of each quadrature's own √V_jj.
        progress: for a master equation or a function of time, show how far it is, on a terminal.
        checkpoint: for a master equation, a file to write to now and then, and to resume from;
            one of another model, start, times, tolerance or functions is refused.
        measure: for a `GaussianModel`, detectors by open output, {"o.out": qc.homodyne()}.
        seed: of what the detectors record, a whole number; a row of them is as many runs.
        inputs: for a master equation, light by open input, {"atom.in": qc.fock_pulse(2, p)}; the
            initial state is that at the first of the times, which may be negative, or a run with
            the same inputs that ended then, to go on.

    Returns:
        A `GaussianState` whose first axis is time: cov (T, …, 2N, 2N); with delays, `info` has the
        absolute error of V, `estimated_error` (…). With `measure`, times, such
        a `state`, and the `record` of every port, ∫y dt between the times (without the light of
        lasers that passes the modes, which is known). For a master equation an `Evolution`: times,
        what was observed (T, …), the final state, and when `until` stopped it; points of a batch
        that are refused are NaN.

    Raises:
        ArgumentError: for times that are negative or not increasing, or other modes.
        ConvergenceError: where a master equation's cutoffs have cut something off on the way; it
            says which to raise. Where steps do not converge; it says when.

    >>> from qcascade import ket, lindblad, qubit
    >>> from qcascade.measures import occupation
    >>> atom = lambda t: lindblad(qubit(decay=1 + np.cos(t)))
    >>> run = evolve(atom, ket("q", [0, 1]), [0.0, np.pi], {"n": occupation}, progress=False)
    >>> run.observed["n"][:, 0] * np.exp([0.0, np.pi])
    array([1., 1.])
    >>> from qcascade import Network, cavity, gaussian, vacuum
    >>> model = gaussian(Network({"m": cavity(decay=1.0, occupation=1.0)}))
    >>> evolve(model, vacuum(model.modes), [0.0, np.log(2)]).cov[:, 0, 0].round(12)
    array([0.5, 1. ])
    """
    tolerance, progress = checked_tolerance("tolerance", tolerance), flag("progress", progress)
    changing = callable(model)
    at: Any = model
    if not changing and number("breaks", breaks).size:
        raise fail("breaks", "be left out where `model` is no function of time", breaks)
    if has_dimension(times) and not changing:
        times = beside_rates(model, "times", times)
    if measure is None and not (isinstance(seed, int) and seed == 0):
        raise fail("seed", "be left out without detectors (`measure`)", seed)
    kind: Any = type(model)
    if changing:
        kind, at = looked_at(at, times, "model")
    if issubclass(kind, LindbladModel):
        if measure is not None:
            raise fail("measure", "be left out for a master equation", measure)
        asked = (at, initial, times, observe, until, breaks, tolerance, progress)
        return evolved_master(*asked, checkpoint, inputs)
    if not changing and not isinstance(model, GaussianModel):
        raise fail("model", _MODEL, model)
    only = {"observe": observe, "until": until, "checkpoint": checkpoint, "inputs": inputs}
    for name, value in only.items():
        if value is not None:
            raise fail(name, "be left out for a GaussianModel (all its states come back)", value)
    if changing:
        if measure is not None:
            raise fail("measure", "be left out for a function of time", measure)
        from .linear.changing import evolved  # compiled

        state = evolved(at, initial, times, breaks, tolerance, progress)
        return remembered(state, Run(at, initial, times, breaks, tolerance))
    if tolerance != _ERROR:
        raise fail("tolerance", "be left out for a GaussianModel (it is exact)", tolerance)
    return evolved_unchanging(model, initial, times, measure, seed)


@overload
def periodic_state(
    at: "At",
    period: Any,
    *,
    points: int = 64,
    breaks: Any = (),
    tolerance: float = _ERROR,
    progress: bool = True,
) -> GaussianState: ...
@overload
def periodic_state(
    at: Masters,
    period: Any,
    *,
    points: int = 64,
    breaks: Any = (),
    tolerance: float = _ERROR,
    progress: bool = True,
) -> DensityState: ...
@spoken
def periodic_state(
    at: Any,
    period: Any,
    *,
    points: int = 64,
    breaks: Any = (),
    tolerance: float = _ERROR,
    progress: bool = True,
) -> Any:
    """The state of a periodically driven network that returns after every period.

    V(T) = Φ V(0) Φᵀ + Q with Φ and Q the flow of one period; it exists and is reached from
    everywhere when all eigenvalues of Φ, the multipliers, are smaller than 1 in modulus (Floquet).
    Of a master equation ρ(T) = Φρ(0) = ρ(0), and all multipliers but one, which is 1, must be.

    Args:
        at: function of an array of times (K,) that returns a `GaussianModel` or a `LindbladModel`
            of shape (K, …), `lambda t: gaussian(net(t))`.
        period: T, after which the model is the same; a number, or with a unit where rates have one.
        points: phases t = 0, T/points, … at which the state is returned.
        breaks: when something is switched, within the period.
        tolerance: error allowed in ⟨R⟩ and V, in units of each quadrature's own √V_jj; or in ρ
            (Frobenius norm).
        progress: show how far it is, on a terminal.

    Returns:
        A `GaussianState` or a `DensityState` whose first axis is the phase. `info` has the phases,
        the period, the multipliers (…, 2N), the growth ln|largest|/T (…), and an estimate of the
        error; of a master equation 1 and the other multipliers (the slowest one where ρ has more
        than 100 numbers), and the growth of the slowest deviation. Points of a batch that have no
        such state are NaN, with `stable` false.

    Raises:
        ArgumentError: for what is no period, a function that takes no arrays, or a switch that is
            not among `breaks`.
        UnstableError: for a single point without such a state.
        DegenerateError: for a master equation that has several.
        ConvergenceError: where steps do not converge; it says when.

    >>> from qcascade import gaussian, squeezed_mode
    >>> at = lambda t: gaussian(squeezed_mode(-0.6 * np.cos(2 * t), 0.3, decay=1.0))
    >>> periodic_state(at, np.pi, points=2).cov[0].round(6)
    array([[ 0.408081, -0.049308],
           [-0.049308,  0.707882]])
    """
    tolerance, progress = checked_tolerance("tolerance", tolerance), flag("progress", progress)
    if isinstance(at, GaussianModel | LindbladModel) or not callable(at):
        raise fail(
            "at", "be a function of time that returns a model (`steady_state` otherwise)", at
        )
    looked: Any = ()
    points = count("points", points)
    if not has_dimension(period):
        period = single("period", period, np.nextafter(0.0, 1.0), np.inf, "a number above zero")
        looked = [0.0, period * ((points + 1) // 2) / points]
    kind, function = looked_at(at, looked, "at")
    if kind is LindbladModel:
        return repeating_in_time(function, period, points, breaks, tolerance, progress)
    from .linear.changing import repeating  # compiled

    return repeating(function, period, points, breaks, tolerance, progress)
