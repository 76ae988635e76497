"""What one does with a `LindbladModel`: steady states, evolution, trajectories, start states.

The verbs `steady_state` and `evolve` of the package come here for master equations. They take
what the model's symmetries save (`charges.py`), hand flat vectors of blocks to the solvers
(`stationary.py`, `relaxation.py`), and write down how good the result is.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ArgumentError, ConvergenceError, fail, flag
from ..base.checks import tolerance as checked_tolerance
from ..base.keywords import spoken
from ..base.progress import status_line
from ..hilbert.batches import check_single
from ..hilbert.cutoffs import EDGE, cut_off
from ..hilbert.states import DensityState, PureState
from ..linear.detectors import Detector
from .first_pulses import check_pulses, with_warnings
from .model import LindbladModel
from .product_states import evolved_product, product, steady_product
from .start_states import fitted, given, ground, placed
from .trajectories.edge import check_edge
from .trajectories.records import recorded
from .trajectories.unravel import Ensemble, unravel
from .watched import other_solver

if TYPE_CHECKING:
    from .evolution import Evolution
    from .generator import Generator

_WARM = 4000  # elements of ρ above which a steady state starts from the shorter cascade
_START = 1e-10  # tolerance of the shorter cascade
_PURE = 1e-6  # distance from purity 1 below which a steady state counts as pure

Tell = Callable[[int, float], None] | None
Observe = Mapping[str, Callable[[Any], Any]]


def steady(model: LindbladModel, tolerance: float, unique: bool, progress: bool) -> DensityState:
    """The steady state of a master equation; `qc.steady_state` says the rest."""
    solver = other_solver()
    if solver is not None:
        return solver(model)
    with _told(progress) as tell:
        if model.shape:
            from .batch import steady_batch  # compiled

            model.check_blocks()
            return _edges_told(
                steady_batch(model, lambda point: _steady(point, tolerance, tell, unique))
            )
        return _steady(model, tolerance, tell, unique)


def _edges_told(state: DensityState) -> DensityState:
    """A batch with what is known about its cutoffs."""
    edge = _edge(state)
    told = {"warnings": (*state.info["warnings"], *edge.pop("warnings", ()))}
    return DensityState(state.space, state.blocks, {**state.info, **edge, **told})


def _steady(model: LindbladModel, tolerance: float, tell: Tell, unique: bool) -> DensityState:
    from .stationary import stationary

    model.check_blocks()  # before the shorter cascades are solved
    if len(model.groups) > 1:
        state = steady_product(model, lambda part: _steady(part, tolerance, tell, unique))
    else:
        start = _from_the_shorter_cascade(model, tolerance, tell)
        state = stationary(model.generator(), start, tolerance, unique=unique, progress=tell)
    edge = _edge(state)
    told = {"warnings": (*state.info.get("warnings", ()), *edge.pop("warnings", ()))}
    info = {**state.info, **edge, **told, **_darkness(model, state)}
    return DensityState(state.space, state.blocks, info)


def _darkness(model: LindbladModel, state: DensityState) -> dict[str, float]:
    """For a pure steady state: how far it is from Jψ = 0 and Hψ = Eψ."""
    from .stationary import dark_residual

    if abs(sum(np.linalg.norm(block) ** 2 for block in state.blocks) - 1) > _PURE:
        return {}
    q = int(np.argmax([np.real(np.trace(block)) for block in state.blocks]))
    block = state.blocks[q]
    # ρ = |ψ⟩⟨ψ|: any column is ψ up to a factor, the one with the largest weight is the safest.
    column = int(np.argmax(np.real(np.diagonal(block))))
    ket = np.zeros(state.space.dimension, complex)
    ket[state.space.offsets[q] : state.space.offsets[q + 1]] = block[:, column]
    H = model.rotating_hamiltonian_matrix
    return {"dark_residual": dark_residual(H, model.jump_matrices, ket)}


@contextmanager
def _told(progress: bool) -> Iterator[Tell]:
    """A line on the terminal with the residual while it falls, or nothing."""
    with status_line("steady state", progress) as say:
        yield say and (lambda k, r: say(f"iteration {k}, residual {r:.1e}"))


def _from_the_shorter_cascade(
    model: LindbladModel, tolerance: float, tell: Tell
) -> DensityState | None:
    """The steady state of all layers but the last, with the last layer's modes mixed."""
    if model.space.elements < _WARM or len(model.order) < 2:
        return None
    names = [mode for layer in model.order[:-1] for mode in layer]
    # A start need not be better than this.
    first = _steady(model.upstream(*names), max(tolerance, _START), tell, unique=False)
    last = replace(model.space.subspace(model.order[-1]), charges=())
    mixed = DensityState(last, (np.eye(last.dimension) / last.dimension,))
    return DensityState(model.space, product([first, mixed], model.space))


def _edge(state: DensityState) -> dict[str, Any]:
    """How much of the state sits at its cutoffs, and a warning when that is much."""
    space = state.space
    diagonal = np.concatenate(
        [np.real(np.diagonal(block, axis1=-2, axis2=-1)) for block in state.blocks], axis=-1
    )
    full = np.zeros(space.dimension, bool)
    shared = {name: most for names, most in space.limits for name in names}
    for k, (mode, top) in enumerate(zip(space.modes, space.tops, strict=True)):
        # A cutoff of a mode's own may be lower than the one it shares.
        if mode not in space.qubits and top < shared.get(mode, top + 1):
            full |= space.quanta[:, k] == top
    for names, most in space.limits:
        inside = [space.modes.index(name) for name in names]
        full |= space.quanta[:, inside].sum(axis=1) == most
    if not np.any(full):
        return {}
    population = diagonal[..., full].sum(axis=-1)
    most = float(np.max(population[np.isfinite(population)], initial=0.0))
    told = f"population {most:.2g} at the cutoff: raise `cutoffs` and compare"
    return {
        "edge_population": population if state.shape else most,
        "warnings": (told,) if most > EDGE else (),
    }


def relaxed(
    model: LindbladModel,
    initial: DensityState | PureState | None,
    times: Any,
    observe: Observe | None,
    until: Callable[[DensityState], float] | None,
    tolerance: float,
    progress: bool,
    checkpoint: str | Path | None,
) -> "Evolution":
    """Evolution of a master equation; `qc.evolve` says the rest."""
    from .relaxation import relax

    check_single("model", model, "model")
    model.check_blocks()
    start = fitted(given(model, initial), model.space)
    if len(model.groups) > 1 and until is None and checkpoint is None:
        run = evolved_product(
            model,
            start,
            observe or {},
            lambda part, state, keep: relaxed(
                part, state, times, keep, None, tolerance, progress, None
            ),
        )
        if run is not None:
            return run
    generator = _generator_for(model, start)
    edge = cut_off(model.space, model.H, model.jumps)
    run = relax(generator, start, times, observe, until, tolerance, progress, checkpoint, edge)
    _check_kept_trace(run.info, tolerance)
    told_last = {
        name: run.info[name] for name in ("edge_population", "warnings") if name in run.info
    }
    return replace(run, final=replace(run.final, info=told_last))


def relaxed_in_time(
    at: Any,
    initial: DensityState | PureState | None,
    times: Any,
    observe: Observe | None,
    until: Callable[[DensityState], float] | None,
    breaks: Any,
    tolerance: float,
    progress: bool,
    checkpoint: str | Path | None = None,
) -> "Evolution":
    """Evolution of a master equation that changes in time; `qc.evolve` says the rest."""
    from .changing import asked_for, changed

    asked = asked_for(at, times, observe, until, breaks, tolerance, progress)
    asked = asked._replace(checkpoint=checkpoint)

    told: tuple[str, ...] = ()

    def begin(model: LindbladModel) -> DensityState:
        nonlocal told
        start = fitted(given(model, initial), model.space)
        told = check_pulses(model, start, float(asked.times[0]))
        return start

    return with_warnings(changed(at, begin, asked), told)


def repeating_in_time(
    at: Any, period: Any, points: int, breaks: Any, tolerance: float, progress: bool
) -> DensityState:
    """The periodic state of a master equation; `qc.periodic_state` says the rest."""
    from .repeating import repeated

    def begin(model: LindbladModel) -> DensityState:
        return fitted(ground(model), model.space)

    return repeated(at, begin, period, points, breaks, tolerance, progress)


def _check_kept_trace(info: Mapping[str, Any], tolerance: float) -> None:
    """Refuse an evolution in which rounding moved the trace: it moved the slow parts as well."""
    if not info["trace_error"] <= 10 * tolerance:
        raise ConvergenceError(
            f"The evolution is not certain: the trace changed by {info['trace_error']:.2g}, "
            f"more than the tolerance {tolerance:.2g} allows; the rates of the model are too far "
            "apart for the times asked for."
        )


def _generator_for(model: LindbladModel, start: DensityState) -> "Generator":
    """The generator with the symmetries that the initial state has too."""
    real = not any(np.any(np.imag(block)) for block in start.blocks)
    if model.mirror is not None:
        generator = model.generator(mirrored=True, real=real)
        try:
            generator.layout.pack(start)
        except ArgumentError:  # the state is not its own mirror image
            return model.generator(mirrored=False, real=real)
        return generator
    return model.generator(mirrored=False, real=real)


@spoken
def trajectories(
    model: LindbladModel,
    times: Any,
    observe: Observe,
    *,
    initial: PureState | None = None,
    number: int = 100,
    seed: int = 0,
    tolerance: float = 1e-8,
    progress: bool = True,
    conditional: Observe | None = None,
    measure: Mapping[str, Detector] | None = None,
) -> Ensemble:
    """Quantum trajectories: kets with random jumps, whose average is ρ, for spaces too large for ρ.

    d|ψ⟩/dt = K|ψ⟩ between jumps |ψ⟩ → J|ψ⟩ with probability ‖Jψ‖² dt (Dalibard, Castin, Mølmer,
    PRL 68, 580 (1992)), one charge sector at a time. Jumps are those of `model.jumps`, without
    the constant of a laser: averages are those of ρ, but jumps are no clicks of a detector in its
    light.

    With detectors at outputs that vacuum light leaves through, kets diffuse: d|ψ⟩ = (K dt + Σ c
    dY)|ψ⟩ up to the norm, dY = ⟨c + c†⟩dt + dW (Wiseman, Milburn, PRA 47, 642 (1993)), for spaces
    of up to 256 states. Steps are so short that the average of |ψ⟩⟨ψ| is off by 2·10⁻⁴ at most.

    Args:
        model: the master equation.
        times: increasing times, shape (T,).
        observe: functions of a `PureState` by name, linear in |ψ⟩⟨ψ|: an expectation value, or a
            reduced state (`lambda psi: psi.reduce("A1", "B1")`), whose mean is a `DensityState`.
            `Ensemble.estimate` takes nonlinear functions of that mean, such as concurrence.
        initial: ket at time 0, with one value of every charge: a `PureState` (see `ket`) or a
            QuTiP ket; all empty when omitted.
        number: how many trajectories.
        seed: fixes all random numbers; trajectory k is the same whatever `number` is.
        tolerance: error allowed per unit of norm in every stretch between jumps.
        progress: show a progress bar on a terminal.
        conditional: functions like `observe` that need not be linear, such as the entanglement of
            the ket that a record of jumps leaves. Their averages depend on what is recorded,
            and are no functions of ρ.
        measure: detectors by open output of a model made by `lindblad(net)`, {"atom.out":
            qc.homodyne()}. Their records, ∫y dt since the time before, are samples under the
            port's name, (n, T, k); what no detector sees is recorded as well, and thrown away.

    Returns:
        An `Ensemble`: means and standard errors by name and time, with a warning in `info` when
        the cutoffs may have cut something off on the way.

    Raises:
        ArgumentError: for times that do not increase, a ket in several charge sectors, an
            observer that is not linear (the average over kets is not its value for ρ), or
            cutoffs that have cut something off for sure.

    >>> from qcascade import lindblad, lower, qubit
    >>> model = lindblad(qubit(decay=1.0, occupation=1.0))
    >>> n = lower("q").dag * lower("q")
    >>> runs = trajectories(model, [20.0], {"n": lambda psi: psi.expect(n).real}, number=64)
    >>> bool(abs(runs.mean["n"][0] - 1 / 3) < 4 * runs.error["n"][0])
    True
    """
    if not isinstance(model, LindbladModel):
        raise fail("model", "be a LindbladModel (from `lindblad(net)`)", model)
    check_single("model", model, "model")
    if measure is not None:
        plain = replace(model.space, charges=())  # a record says something about a phase
        start = placed(given(model, initial), plain)
        if checked_tolerance("tolerance", tolerance) != 1e-8:
            raise fail("tolerance", "be left out with detectors (`measure`)", tolerance)
        flag("progress", progress)
        runs = recorded(model, start, times, observe, number, seed, measure, conditional)
        check_edge(runs.info)
        return runs
    start = placed(given(model, initial), model.space)
    runs = unravel(
        model.space,
        model.H,
        model.jumps,
        start,
        times,
        observe,
        number,
        seed,
        tolerance,
        progress,
        conditional=conditional,
    )
    check_edge(runs.info)
    return runs
