"""Evolution of a master equation whose open inputs carry pulses of a few photons."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, fail, mapping, number
from ..hilbert.batches import check_single
from ..hilbert.cutoffs import EDGE, REFUSED, cut_off
from ..hilbert.space import Space
from ..hilbert.states import DensityState, PureState
from ..numerics.collocation import Path, solved
from ..numerics.time_steps import checked_breaks, segments
from ..parts.pulses import begins
from ..slh.ladder import Ladder
from .changing import UNION
from .changing import looked as looked_at_times
from .crossing import first_rise
from .driven import NewWords
from .evolution import Evolution
from .first_pulses import check_pulses, with_warnings
from .hierarchy import Hierarchy
from .moments import Moments, pulses_at
from .relaxation import checked_observers, looked_at
from .start_states import fitted, given
from .watch import measured

if TYPE_CHECKING:
    from .model import LindbladModel

Observe = Mapping[str, Callable[[Any], Any]]
CUT = 1e-14
"""Share of a pulse that may have come before a run begins: that changes a state by about 10⁻⁹."""
THIN = 4
"""Segments in which parameters change by a quarter at most, in one panel."""


class Light(NamedTuple):
    """All ρ_mn at the end of a run: the network and what of the pulses is still to come."""

    inputs: Mapping[str, Any]
    space: Space
    end: float
    x: np.ndarray


@dataclass(frozen=True)
class Pulsed:
    """A run of the hierarchy: where it is kept, and how to look at it.

    Args:
        equation: of all ρ_mn.
        kept: positions of the elements that are not zero, or matter.
        path: these elements in time.
        error: estimated, Frobenius norm.
        told: sentences on pulses of which a little is cut off.
    """

    equation: Hierarchy
    kept: np.ndarray
    path: Path
    error: float
    told: tuple[str, ...] = ()

    def states(self, times: Any) -> np.ndarray:
        """ρ at times (T,), matrices (T, D, D).

        Args:
            times: (T,).
        """
        x = self.path.at(times)[..., 0]
        D = self.equation.space.dimension
        return (self.looks() @ x.T).T.reshape(-1, D, D)

    def light(self, inputs: Any, end: float) -> Light:
        """What another run may go on from.

        Args:
            inputs: pulses by name of an open input.
            end: the time.
        """
        x = np.zeros(self.equation.physical.shape[1], complex)
        x[self.kept] = self.path.at([end])[0, :, 0]
        return Light({} if inputs is None else dict(inputs), self.equation.space, end, x)

    def looks(self, acts: Any = None) -> Any:
        """Σ R_mn ρ_mn of what is kept, sparse (D², kept).

        Args:
            acts: on all ρ_mn before; nothing when omitted.
        """
        physical = self.equation.physical
        return (physical if acts is None else physical @ acts).tocsc()[:, self.kept].tocsr()


def pulsed(
    at: Any, initial: Any, times: np.ndarray, inputs: Any, breaks: np.ndarray, tolerance: float
) -> Pulsed:
    """The hierarchy from the first of the times to the last.

    Args:
        at: the master equation, or a function of an array of times that returns it.
        initial: state at the first of the times, None for the ground state; or a run with the same
            pulses that ended then.
        times: increasing.
        inputs: pulses by name of an open input.
        breaks: when something is switched.
        tolerance: error allowed, Frobenius norm.

    Raises:
        ArgumentError: for pulses that begin before the run, inputs that are none.
        ConvergenceError: where steps do not converge.
    """
    changing = callable(at)
    looked = looked_at_times(times, breaks) if changing else times[:1]
    for _ in range(UNION):
        try:
            moments = Moments(at if changing else lambda _: at, looked)
            return _pulsed(moments, initial, times, inputs, breaks, tolerance, changing)
        except NewWords as new:
            looked = np.union1d(looked, new.times)
    raise fail("model", "have the same words at all times, some of them zero", at)


def _pulsed(
    moments: Moments,
    initial: Any,
    times: np.ndarray,
    inputs: Any,
    breaks: np.ndarray,
    tolerance: float,
    changing: bool,
) -> Pulsed:
    model = moments.model
    pulses = {}
    if mapping("inputs", inputs, "open inputs to pulses"):
        part = moments.part(moments.looked)
        pulses = pulses_at(part, inputs)
        for k, light in () if isinstance(initial, Evolution) else pulses.items():
            _check_window(part.inputs[k], light, float(times[0]))
    edges = [times[[0, -1]], breaks, *(np.array(light.pulse.knots) for light in pulses.values())]
    if changing:
        edges.append(segments(moments.driven.numbers, times, breaks)[::THIN])
    every = np.unique(np.concatenate(edges))
    every = every[(every >= times[0]) & (every <= times[-1])]
    equation = Hierarchy(moments, pulses)
    told: tuple[str, ...] = ()
    if isinstance(initial, Evolution):
        x = _going_on(initial, inputs, equation.space, float(times[0]))
    else:
        start = fitted(given(model, initial), equation.space)
        told = check_pulses(model, start, float(times[0])) if changing else ()
        x = equation.start(start.blocks[0])
    indices = equation.kept(x, equation.physical)
    path, error = solved(equation.moving(indices), x[indices, None], every, tolerance)
    return Pulsed(equation, indices, path, error, told)


def _going_on(run: Evolution, inputs: Any, space: Space, first: float) -> np.ndarray:
    """All ρ_mn where a run ended, for one of the same modes and pulses that begins then."""
    light = None if run.asked is None else run.asked.light
    if light is None:
        raise fail("initial", "be a state, or a run that had `inputs`", run)
    same = light.inputs.keys() == inputs.keys()
    if not same or any(light.inputs[name] is not inputs[name] for name in inputs):
        raise fail("inputs", "be those of the run that goes on, the same records", inputs)
    alike = light.space.modes == space.modes and light.space.squeezed == space.squeezed
    if not alike or not np.array_equal(light.space.quanta, space.quanta):
        raise fail("initial", f"be a run in the model's space {space!r}", light.space)
    if abs(first - light.end) > 1e-12 * max(abs(light.end), 1e-300):
        raise fail("times", f"begin where the run ended, at t = {light.end:.12g}", first)
    return light.x


def evolved_with_photons(
    at: Any,
    initial: DensityState | PureState | Evolution | None,
    times: Any,
    observe: Observe | None,
    until: Callable[[DensityState], float] | None,
    tolerance: float,
    inputs: Any,
    breaks: Any,
) -> tuple[Evolution, Light]:
    """Evolution of a master equation, and what it may go on from; `qc.evolve` says the rest.

    Args:
        at: the master equation, or a function of an array of times that returns it.
        initial: state at the first of the times; None for the ground state.
        times: increasing.
        observe: functions of the state by name.
        until: function of the state.
        tolerance: error allowed, Frobenius norm.
        inputs: pulses by name of an open input.
        breaks: when something is switched.
    """
    times = np.atleast_1d(number("times", times))
    if times.ndim != 1 or len(times) < 2 or np.any(np.diff(times) <= 0):
        must = "be two increasing numbers or more, the first when the run begins"
        raise fail("times", must, times)
    observe = checked_observers(observe)
    if until is not None and not callable(until):
        raise fail("until", "be a function of a DensityState", until)
    if not callable(at):
        check_single("model", at, "model")
    run = pulsed(at, initial, times, inputs, checked_breaks(breaks, times), tolerance)
    model = run.equation.moments.model
    space = _settled(model, run)
    seen = _look_at_edges(model, run)
    stopped = None
    if until is not None:
        stopped = _stop(run, space, until, tolerance)
    if stopped is not None:
        times = np.append(times[times < stopped], stopped)
    states = [as_state(space, rho) for rho in run.states(times)]
    rows: list[Any] = []
    for state in states:
        rows.append(looked_at(observe, state, rows))
    observed = {name: np.array([row[name] for row in rows]) for name in observe}
    info = {
        "applications": run.path.applications,
        "steps": len(run.path.slopes),
        "tolerance": tolerance,
        "estimated_error": run.error,
        "trace_error": abs(states[-1].trace - as_state(space, run.states(times[:1])[0]).trace),
        "hermiticity_error": max(float(np.abs(x - x.conj().T).max()) for x in states[-1].blocks),
        "method": "Fock hierarchy by collocation",
        **seen,
    }
    told_last = {name: info[name] for name in ("edge_population", "warnings") if name in info}
    final = replace(states[-1], info=told_last)
    light = run.light(inputs, float(times[-1]))
    return with_warnings(Evolution(times, observed, final, stopped, info), run.told), light


def _check_window(name: str, light: Any, first: float) -> None:
    cut = float(light.pulse.before(first))
    if cut > CUT:
        early = begins(light.pulse, CUT)
        must = f"begin before the pulse at {name} does, at t = {early:.6g} or earlier"
        raise fail("times", must, first, f"{cut:.2g} of the pulse has come by then")


def _settled(model: "LindbladModel", run: Pulsed) -> Space:
    """The space with the model's sectors, where there is no coherence between them."""
    space, plain = model.space, run.equation.space
    sector = np.searchsorted(space.offsets, space.positions(plain.quanta), side="right") - 1
    across = (sector[:, None] != sector).ravel()
    elements = np.unique(run.equation.physical[:, run.kept].tocoo().coords[0])
    return plain if across[elements].any() else space


def as_state(space: Space, rho: np.ndarray) -> DensityState:
    """A matrix in the basis of one sector as a state, Hermitian to the last bit.

    Args:
        space: with sectors or without.
        rho: (D, D).
    """
    if len(space.sizes) > 1:
        order = np.argsort(space.positions(replace(space, charges=()).quanta))
        rho = rho[order[:, None], order]
    rho = (rho + rho.conj().T) / 2
    rho = rho if np.any(np.imag(rho)) else np.real(rho)
    blocks = [rho[a:b, a:b] for a, b in pairwise(space.offsets)]
    return DensityState(space, tuple(blocks))


def _look_at_edges(model: "LindbladModel", run: Pulsed) -> dict[str, Any]:
    """The population at the cutoffs on the way; refused where it is much.

    What photons lead beyond a cutoff is what stands there while some are still to come: of those of
    one input ⟨a†a⟩, which is √m√n ρ_{m−1,n−1} in place of ρ_mn.
    """
    equation = run.equation
    edges = [(run.looks(), cut_off(equation.space, model.H, model.jumps))]
    for k in equation.pulses:
        J = Ladder(dict.fromkeys(equation.moments.seen(k), 1.0))
        if J.terms:
            coming = equation.raised(k, True) @ equation.raised(k, False)
            edges.append((run.looks(coming), cut_off(equation.space, J.dag, ())))
    if not any(edge for _, edge in edges):
        return {}
    times = np.unique(np.concatenate([run.path.nodes, run.path.edges]))
    x, D = run.path.at(times)[..., 0].T, equation.space.dimension
    worst = (0.0, float(times[0]), "")
    for look, edge in edges:
        levels = np.real(look[:: D + 1] @ x)
        for name, beyond in edge.items():
            share = levels[beyond].sum(axis=0)
            worst = max(worst, (float(share.max()), float(times[share.argmax()]), name))
    population, time, cutoff = worst
    if population > REFUSED:
        raise ConvergenceError(
            f"The evolution is not certain: at t = {time:.4g} a population of {population:.2g} is "
            f"at the cutoff of {cutoff}, from where light leads beyond it (at most {REFUSED:g} may "
            f"be); raise `cutoffs[{cutoff}]`."
        )
    told = f"population {population:.2g} at the cutoff at t = {time:.4g}: raise `cutoffs`"
    return {"edge_population": population, "warnings": (told,) if population > EDGE else ()}


def _stop(run: Pulsed, space: Space, until: Any, tolerance: float) -> float | None:
    """Where `until` first rises to zero, which is looked at on all nodes and between them."""
    from scipy.optimize import brentq

    def value(t: float) -> float:
        return measured(until, as_state(space, run.states([t])[0]))

    times = np.unique(np.concatenate([run.path.nodes, run.path.edges]))
    states = run.states(times)
    samples = [
        (float(t), measured(until, as_state(space, rho)))
        for t, rho in zip(times, states, strict=True)
    ]
    largest = max(abs(f) for _, f in samples)
    _, bracket = first_rise(samples, 0, False, tolerance * largest, value)
    if bracket is None:
        return None
    (a, fa), (b, fb) = bracket
    if fb < 0 or fa == 0:  # it comes near zero, and no nearer
        return a
    time: Any = brentq(value, a, b, xtol=1e-12 * max(abs(a), abs(b), b - a))
    return float(time)
