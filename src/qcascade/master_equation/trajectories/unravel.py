"""Quantum-jump trajectories: kets with random jumps, whose average is the density matrix.

Between jumps |ψ(t)⟩ = e^{Kt}|ψ⟩, K = −iH − ½Σ J†J. The squared norm is the probability of no jump
until t: when it has fallen to a random number between 0 and 1, |ψ⟩ → J|ψ⟩ with a probability
proportional to ‖Jψ‖² (Dalibard, Castin, Mølmer, PRL 68, 580 (1992); Carmichael, An Open Systems
Approach to Quantum Optics (1993)). Averages of |ψ⟩⟨ψ| obey the master equation. A ket with one
value of every conserved charge keeps to one sector until a jump takes it to another, so that
only blocks of K and the jumps in the sectors visited are needed.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.checks import ArgumentError, count, fail, flag, listed, number
from ...base.checks import tolerance as checked_tolerance
from ...base.progress import progress_bar
from ...base.threads import cores as available
from ...base.threads import spread
from ...hilbert.space import Space
from ...hilbert.states import PureState
from ...slh.ladder import Ladder
from .edge import told
from .ensemble import Ensemble, averaged, collected
from .observers import Linearity, Observe
from .one_trajectory import Conditions, Record, one_trajectory

if TYPE_CHECKING:
    from .sectors import Share

FEW = 10
"""Trajectories that jumped, below which their spread is hardly known."""
RARE = 0.1
"""Of all trajectories: a larger share jumps in the first few."""
NEVER = 1e-12
"""Loss of the norm that is rounding."""
_PIECE = 16384  # rows that are worth a thread of their own


def unravel(
    space: Space,
    H: Ladder,
    jumps: Sequence[Ladder],
    initial: PureState,
    times: Any,
    observe: Observe,
    number: int = 100,
    seed: int = 0,
    tolerance: float = 1e-8,
    progress: bool = True,
    threads: int | None = None,
    conditional: Observe | None = None,
) -> Ensemble:
    """Quantum-jump trajectories of dρ/dt = Kρ + ρK† + Σ JρJ†, and their averages.

    The method stands at the top of this module. What is observed must be linear in |ψ⟩⟨ψ| for its
    average to be its value for ρ: an expectation value, or a reduced state, of whose mean
    `Ensemble.estimate` takes nonlinear functions (`observers.py` tells them apart).

    Args:
        space: the Hilbert space; its charges must be conserved.
        H: Hamiltonian.
        jumps: jump operators J; each must change the charges by one amount.
        initial: ket at time 0, with one value of every charge.
        times: increasing times from 0 on, (T,).
        observe: functions by name of a `PureState` of norm 1, which covers the current sector
            only (`info` holds its "charge" and "time"); they return a number, an array, or a
            `DensityState`. They are tried on random kets too.
        number: how many trajectories.
        seed: fixes all random numbers: trajectory k draws from child k of this seed, so it is the
            same whatever `number` and the number of threads are.
        tolerance: error allowed, relative to the norm, in every stretch between jumps.
        progress: show a progress bar on a terminal.
        threads: how many to use; as many as there are processor cores when omitted. They share
            trajectories, or the rows of matrices when there is one trajectory.
        conditional: functions like `observe` of single kets, that need not be linear. Their
            averages belong to these jumps, and are no functions of ρ.

    Returns:
        An `Ensemble`.

    Raises:
        ArgumentError: for an H or a jump that does not fit the charges, a ket in several charge
            sectors, times that do not increase, an observer that is not linear, or observed
            values of varying shape.

    >>> from qcascade import lower
    >>> q, space = lower("q"), Space(("q",), (1,), ("q",), charges=((1,),))
    >>> up, n = PureState(space, [0, 1]), lambda psi: psi.expect(q.dag * q).real
    >>> runs = unravel(space, 0 * q, (q,), up, [0.0, 1.0], {"n": n}, number=100)
    >>> bool(abs(runs.mean["n"][1] - np.exp(-1)) < 4 * runs.error["n"][1])
    True
    """
    from .sectors import sectors_of

    began = monotonic()
    number, seed = count("number", number), count("seed", seed, 0)
    progress = flag("progress", progress)
    cores = available() if threads is None else count("threads", threads)
    sector, ket = _start(initial, space)
    real = not np.any(np.imag(ket))
    sectors = sectors_of(space, H, jumps, real)
    start = np.real(ket).copy() if sectors.real else ket
    tolerance = checked_tolerance("tolerance", tolerance)
    plain, single = (
        named_observers("observe", observe),
        named_observers("conditional", {} if conditional is None else conditional),
    )
    for name in plain.keys() & single.keys():
        raise fail("conditional", "have names that `observe` has not", name)
    if not plain and not single:
        raise fail("observe", "be a mapping from names to functions of a ket", observe)
    linearity = Linearity(plain, space)
    run = Conditions(
        sectors,
        start,
        sector,
        increasing_times(times),
        {**plain, **single},
        linearity,
        seed,
        tolerance,
    )
    records = _together(run, number, cores, progress)
    samples, mean, error = {}, {}, {}
    for name in run.observe:
        argument = f"observe[{name}]" if name in plain else f"conditional[{name}]"
        samples[name], example = collected(argument, [record.values[name] for record in records])
        mean[name], error[name] = averaged(samples[name], example)
    info = {
        "products": sum(record.products for record in records),
        "sectors": sectors.visited,
        "tolerance": run.tolerance,
        "seconds": monotonic() - began,
    }
    if sectors.truncated:
        info |= told(np.array([record.watch.most for record in records]))
    if rare := _rare(records):
        info["warnings"] = (*info.get("warnings", ()), rare)
    if single:
        info["conditional"] = tuple(single)
    hops = float(np.mean([record.jumps for record in records]))
    return Ensemble(run.times, mean, error, number, seed, hops, samples, info)


def _rare(records: Sequence[Record]) -> str:
    """A sentence where so few trajectories jumped that averages and their errors know little of it.

    All that did not jump are one ket, so their spread says nothing of what a jump would change; a
    share 1 − ‖ψ‖² of all jumps.
    """
    number, jumped = len(records), sum(record.jumps > 0 for record in records)
    if number == 1 or jumped >= min(FEW, number):
        return ""
    share = 1.0 - next(record.quiet for record in records if not record.jumps)
    if not NEVER < share < RARE:
        return ""
    enough = int(np.ceil(FEW / share))
    return (
        f"{jumped} of {number} trajectories jumped, {share:.2g} of all do: averages and their "
        f"errors know little of what jumps change (take {enough:,} trajectories or more)"
    )


def _together(run: Conditions, number: int, threads: int, progress: bool) -> list[Record]:
    """All trajectories, in their order: several at a time, or one on several threads."""
    memories: SimpleQueue[list[np.ndarray]] = SimpleQueue()
    wide = number == 1 and threads > 1
    with (
        ThreadPoolExecutor(threads) as pool,
        progress_bar("trajectories", progress and number > 1) as tell,
    ):
        share = _shared(threads) if wide else _alone

        def task(k: int) -> Record:
            memory = memories.get()
            try:
                return one_trajectory(run, k, memory, share)
            finally:
                memories.put(memory)

        for _ in range(threads):
            memories.put([np.empty(0, run.start.dtype)])
        records = []
        try:
            for record in map(task, range(number)) if wide else pool.map(task, range(number)):
                records.append(record)
                tell(len(records), number)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return records


def _alone(kernel: Callable[..., None], rows: int, *arguments: Any) -> None:
    kernel(*arguments, 0, rows)


def _shared(threads: int) -> "Share":
    """Share rows among threads, in whole chunks, so that no sum depends on how many there are."""
    from .kernels import CHUNK

    def share(kernel: Callable[..., None], rows: int, *arguments: Any) -> None:
        parts = min(threads, rows // _PIECE)
        if parts < 2:
            return kernel(*arguments, 0, rows)
        chunks = np.linspace(0, -(-rows // CHUNK), parts + 1).astype(int)
        edges = np.minimum(chunks * CHUNK, rows).tolist()
        spread(lambda piece: kernel(*arguments, *piece), pairwise(edges))

    return share


def _start(initial: Any, space: Space) -> tuple[int, np.ndarray]:
    """Sector of the initial ket, and its amplitudes there, of norm 1."""
    if not isinstance(initial, PureState):
        raise fail("initial", "be a PureState", initial)
    if sorted(initial.modes) != sorted(space.modes):
        raise fail("initial", f"have the modes {listed(space.modes)}", initial.modes)
    if dict(initial.space.squeezed) != dict(space.squeezed):
        raise fail("initial", f"be in the basis squeezed by {space.squeezed}", initial)
    norm = float(np.linalg.norm(initial.amplitudes))
    if abs(norm - 1) > 1e-6:
        raise fail("initial", "have norm 1", norm)
    rows = np.flatnonzero(initial.amplitudes)
    columns = [initial.modes.index(mode) for mode in space.modes]
    place = space.positions(initial.space.quanta[rows][:, columns])
    sectors = np.unique(np.searchsorted(space.offsets, place, side="right") - 1)
    if np.any(place < 0) or len(sectors) != 1:
        raise ArgumentError(
            "Argument `initial` must have one value of every charge and lie within the cutoffs, "
            "but does not (`lindblad(net, …, sectors=False)` uses no charges)."
        )
    q = int(sectors[0])
    ket = np.zeros(int(space.sizes[q]), complex)
    ket[place - space.offsets[q]] = initial.amplitudes[rows] / norm
    return q, ket


def increasing_times(times: Any) -> np.ndarray:
    """Times as an array (T,).

    Args:
        times: as they were given.

    Raises:
        ArgumentError: when they do not increase from 0 on.
    """
    array = np.atleast_1d(number("times", times))
    if array.ndim != 1 or not len(array) or array[0] < 0 or np.any(np.diff(array) <= 0):
        raise fail("times", "be increasing numbers from 0 on, shape (T,)", times)
    return array


def named_observers(argument: str, observe: Any) -> Observe:
    """Functions by name.

    Args:
        argument: its name.
        observe: as they were given.

    Raises:
        ArgumentError: for anything else.
    """
    if not isinstance(observe, Mapping):
        raise fail(argument, "be a mapping from names to functions of a ket", observe)
    for name, function in observe.items():
        if not isinstance(name, str) or not callable(function):
            raise fail(f"{argument}[{name}]", "be a function of a ket", function)
    return dict(observe)
