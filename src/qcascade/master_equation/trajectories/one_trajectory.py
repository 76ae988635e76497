"""One quantum-jump trajectory: a ket between jumps, its jumps, and what is observed of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...hilbert.states import PureState
from .edge import EdgeWatch
from .observers import Linearity, Observe

if TYPE_CHECKING:
    from .sectors import Sectors, Share


@dataclass(frozen=True, eq=False)
class Conditions:
    """What all trajectories share."""

    sectors: "Sectors"
    start: np.ndarray  # ket in its sector
    sector: int
    times: np.ndarray
    observe: Observe  # all that is observed
    linearity: Linearity  # tests of what must be linear
    seed: int
    tolerance: float


@dataclass(frozen=True, eq=False)
class Record:
    """What one trajectory gave: values by name and time, jumps, products, and its watch."""

    values: Mapping[str, list[Any]]
    jumps: int
    quiet: float  # probability not to jump at all; NaN where it jumped
    products: int
    watch: EdgeWatch


def one_trajectory(run: Conditions, k: int, memory: list[np.ndarray], share: "Share") -> Record:
    """Trajectory k, from the first time to the last."""
    from .steps import SIZES, advance, ket

    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(run.seed, spawn_key=(k,))))
    psi, q, now, end = run.start, run.sector, 0.0, float(run.times[-1])
    values: dict[str, list[Any]] = {name: [] for name in run.observe}
    for time in run.times[run.times <= 0]:
        _look(run, values, psi, q, time)
    left = run.times[run.times > 0].tolist()
    jumps, products, quiet = 0, 0, 1.0
    watch = EdgeWatch(end)
    survival, began = 1 - rng.random(), 0.0  # in (0, 1]; relative to the norm after the last step
    while left:
        needed = (SIZES[-1] + 1) * len(psi)
        if len(memory[0]) < needed:
            memory[0] = np.empty(needed, psi.dtype)
        K = run.sectors.at_rest(q, share)
        allowed = run.tolerance / (end - began)
        step, basis = advance(K, psi, end - now, survival, allowed, memory[0], share)
        products += len(basis)
        if run.sectors.truncated and len(edge := run.sectors.edge(q)):
            times, kets = step.followed
            watch.see(now + times, kets, basis[:, edge])
        uninterrupted = step.complete and not step.jumped
        reached = end if uninterrupted else now + step.duration
        while left and left[0] <= reached:
            time = left.pop(0)
            _look(run, values, ket(step, basis, min(time - now, step.duration), share), q, time)
        if not left:
            last = ket(step, basis, min(end - now, step.duration), share)
            quiet *= float(np.vdot(last, last).real)
            break
        psi, now = ket(step, basis, step.duration, share), reached
        square = float(np.vdot(psi, psi).real)
        quiet *= square
        psi *= 1 / np.sqrt(square)
        survival = min(survival / square, 1.0)
        if step.jumped:
            psi, q = _jump(run.sectors, psi, q, rng, share)
            survival, began = 1 - rng.random(), now
            jumps += 1
    return Record(values, jumps, np.nan if jumps else quiet, products, watch)


def _jump(
    sectors: "Sectors", psi: np.ndarray, q: int, rng: np.random.Generator, share: "Share"
) -> tuple[np.ndarray, int]:
    """A jump, chosen with probability ∝ ‖Jψ‖²: the ket after it, of norm 1, and its sector."""
    from .kernels import apply

    kets: list[Any] = []
    for j in range(len(sectors.jumps)):
        rows = sectors.jump(q, j, share)
        if rows is None:
            kets.append(np.zeros(1))
            continue
        y = np.empty((len(rows.cut) - 1) // len(rows.shared), psi.dtype)
        share(apply, len(y), rows, psi, y)
        kets.append(y)
    weights = np.cumsum([float(np.vdot(y, y).real) for y in kets])
    if not weights[-1]:  # K's norm fell by rounding only
        return psi, q
    chosen = int(np.searchsorted(weights, rng.random() * weights[-1], side="right"))
    chosen = min(chosen, int(np.searchsorted(weights, weights[-1])))
    target = sectors.target(q, chosen)
    assert target is not None  # it has weight
    return kets[chosen] / np.linalg.norm(kets[chosen]), target


def _look(
    run: Conditions, values: dict[str, list[Any]], psi: np.ndarray, q: int, time: float
) -> None:
    """Observe a ket."""
    space = run.sectors.ket(q)
    charge = tuple(space.sectors[0].tolist())
    state = PureState(space, psi / np.linalg.norm(psi), {"time": float(time), "charge": charge})
    for name, function in run.observe.items():
        value = function(state)
        values[name].append(value)
        if name in run.linearity.observe:
            run.linearity.look(name, state, value)
