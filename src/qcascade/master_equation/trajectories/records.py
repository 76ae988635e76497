"""Ensembles of kets that the records of detectors drive: the physics is in diffusive.py."""

from collections.abc import Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

import numpy as np

from ...base.checks import count, fail
from ...hilbert.charges import collected
from ...hilbert.cutoffs import leaving
from ...hilbert.space import Space
from ...hilbert.states import PureState
from ...linear.detectors import Detector
from ...slh.ladder import Ladder
from ..model import LindbladModel
from .detection import Channel, channels
from .diffusive import diffuse, matrices, steppers
from .edge import SLICES, told
from .ensemble import Ensemble, averaged
from .ensemble import collected as arrays
from .observers import MOST, TESTS, Linearity, Observe
from .unravel import increasing_times, named_observers

ALLOWED = 2e-4  # error of the average of |ψ⟩⟨ψ|: that of 25 million trajectories by chance


def recorded(
    model: LindbladModel,
    start: PureState,
    times: Any,
    observe: Observe,
    number: int,
    seed: int,
    measure: Mapping[str, Detector],
    conditional: Observe | None,
) -> Ensemble:
    """Diffusive trajectories and what their detectors recorded; see `trajectories`.

    Args:
        model: made by `lindblad(net)`.
        start: the ket at time 0, in a space without charges.
        times: increasing times from 0 on, (T,).
        observe: functions of kets by name, linear in |ψ⟩⟨ψ|.
        number: how many trajectories.
        seed: of all random numbers.
        measure: detectors by open output.
        conditional: functions of kets by name, of any kind.

    Raises:
        ArgumentError: as `trajectories`; for ports as `channels`.
        ConvergenceError: when too many steps would be needed.
    """
    began = monotonic()
    number, seed, times = count("number", number), count("seed", seed, 0), increasing_times(times)
    detected = channels(model, measure)
    plain, single = (
        named_observers("observe", observe),
        named_observers("conditional", {} if conditional is None else conditional),
    )
    names = [*plain, *single, *measure]
    for name in names:
        if names.count(name) > 1:
            raise fail("observe", "have names that neither ports nor `conditional` have", name)
    norm = float(np.linalg.norm(start.amplitudes))
    if abs(norm - 1) > 1e-6:
        raise fail("initial", "have norm 1", norm)
    space = start.space
    operators = matrices(space, detected)
    K = replace(model, space=space).no_jump_matrix.toarray()
    psi = np.asarray(start.amplitudes, complex) / norm
    plan, error = steppers(K, operators, psi, times, ALLOWED)
    edge = _Edge(model, detected, space, number, float(times[-1]))
    kets, records = zip(*diffuse(plan, psi, number, seed, edge.look), strict=True)
    states = [
        [PureState(space, ket, {"time": float(time)}) for time, ket in zip(times, row, strict=True)]
        for row in np.stack(kets, axis=1)
    ]
    samples, mean, errors = {}, {}, {}
    for name, function in {**plain, **single}.items():
        argument = f"observe[{name}]" if name in plain else f"conditional[{name}]"
        values = [[function(state) for state in row] for row in states]
        samples[name], example = arrays(argument, values)
        mean[name], errors[name] = averaged(samples[name], example)
    _check_linear(Linearity(plain, space), states)
    for port, values in _by_port(detected, np.stack(records, axis=1), times).items():
        samples[port] = values
        mean[port], errors[port] = averaged(values, None)
    info = {
        "steps": sum(steps for steps, _ in plan),
        "estimated_error": error,
        "seconds": monotonic() - began,
        "recorded": tuple(measure),
    }
    info |= {"conditional": tuple(single)} if single else {}
    info |= told(edge.most) if len(edge.rows) else {}
    return Ensemble(times, mean, errors, number, seed, 0.0, samples, info)


def _check_linear(linearity: Linearity, states: list[list[PureState]]) -> None:
    """Refuse observers whose average over kets is not their value for ρ."""
    for name, function in linearity.observe.items():
        for row in states:
            for state in row:
                linearity.look(name, state, function(state))
            if linearity.passed[name] >= TESTS or linearity.tried[name] >= MOST:
                break


def _by_port(detected: list[Channel], records: Any, times: Any) -> dict[str, Any]:
    """∫y dt between the times by port, (n, T, k), from ∫dY of all channels (n, T, C)."""
    gaps = np.diff(times, prepend=0.0)
    by_port: dict[str, list[Any]] = {}
    for k, channel in enumerate(detected):
        if channel.place is not None:
            value = records[..., k] / np.sqrt(2) + channel.offset * gaps
            by_port.setdefault(channel.place[0], []).append(value)
    return {port: np.stack(values, axis=-1) for port, values in by_port.items()}


class _Edge:
    """Most population at the cutoffs in every slice of time, of every trajectory (n, SLICES).

    `rows` are the states from which a word leads out of the space; see edge.py.
    """

    def __init__(
        self, model: LindbladModel, detected: list[Channel], space: Space, number: int, end: float
    ) -> None:
        jumps = [space.represented(channel.operator) for channel in detected]
        words = [(-1j) * space.represented(model.H), *((-0.5) * (J.dag * J) for J in jumps)]
        truncated = len(space.qubits) < len(space.modes) or bool(space.limits)
        beyond = leaving(space, (Ladder(collected(*words)), *jumps), space.quanta)
        self.rows = np.flatnonzero(beyond) if truncated else np.zeros(0, int)
        self.end, self.most = end, np.zeros((number, SLICES))

    def look(self, time: float, kets: Any) -> None:
        """The kets (n, D), of norm 1, at a time."""
        if len(self.rows):
            slot = min(int(time / max(self.end, 1e-300) * SLICES), SLICES - 1)
            population = np.sum(np.abs(kets[:, self.rows]) ** 2, axis=1)
            # A slice without a step of its own has what the one before it left.
            self.most[:, slot:] = np.where(
                np.arange(slot, SLICES) == slot,
                np.maximum(self.most[:, slot, None], population[:, None]),
                population[:, None],
            )
