"""The current point: its numbers, its state, and whether it is stable and physical."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..audits.audit import Audit, audit
from ..base.checks import ArgumentError, ConvergenceError, DegenerateError, UnstableError
from ..linear.quantum_noise import MOMENTUM_DAMPED, PHYSICAL, UNPHYSICAL
from ..linear.state import GaussianState
from ..netlist.at_time import state_at
from ..netlist.network_file import Netlist
from ..papers import steady_or_nan
from ..papers.records import Setting
from . import in_time
from .systems import Study, arguments, point_of

REFUSED = (ArgumentError, UnstableError, DegenerateError, ConvergenceError)
"""What the page answers with a sentence."""


class Lamp(NamedTuple):
    """A lamp and its words: good is true, false, or None where nothing can be said."""

    good: bool | None
    title: str
    sentence: str


class Point(NamedTuple):
    """The current point.

    Args:
        numbers: every quantity by name; NaN where there is no steady state.
        stable: the lamp for stability.
        physical: the lamp for physicality, with the audit's sentences.
        state: the Gaussian steady state, where there is one.
    """

    numbers: Mapping[str, float]
    stable: Lamp
    physical: Lamp
    state: GaussianState | None


def look(chosen: Study, setting: Setting, values: Mapping[str, float]) -> Point:
    """Everything about one point.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: sliders, in the parameters' units.

    Raises:
        ArgumentError: for values the system does not take.

    >>> from qcascade.explore.systems import defaults, options, study
    >>> paper = study("jiao2022")
    >>> point = look(paper, {**options(paper), "noise": "printed"}, defaults(paper, {}))
    >>> point.stable.good, point.physical.good
    (True, False)
    """
    given = arguments(chosen, setting, values)
    numbers = _numbers(chosen, setting, given)
    if chosen.netlist is not None and chosen.netlist.time is not None:
        return _in_time(numbers, chosen.netlist, given)
    if chosen.system.model is None:
        return Point(numbers, *_master_equation(numbers), None)
    model = chosen.system.model(**given)
    file = chosen.netlist
    errors = None if file is None or file.matrices is None else file.errors(given)
    judged = audit(model, errors=errors)
    positive, steady, state = judged.sentences[:3]
    channel = bool(np.all(judged.completely_positive))
    sound = channel and bool(np.all(judged.physical_state) or not np.all(judged.stable))
    stable = bool(np.all(judged.stable))
    return Point(
        numbers,
        Lamp(stable, "stable" if stable else "unstable", steady),
        Lamp(sound, PHYSICAL if sound else _short_of(judged), f"{positive} {state}"),
        steady_or_nan(model) if stable else None,
    )


def _in_time(numbers: Mapping[str, float], file: Netlist, given: Mapping[str, Any]) -> Point:
    """A run at one of its times."""
    try:
        title, sentence, least = in_time.told(file, given)
    except UnstableError as error:
        return Point(numbers, Lamp(False, "unstable", str(error)), _MADE_OF_PARTS, None)
    known = (
        "" if np.isnan(least) else f" At all times the least eigenvalue of V + iΩ/2 is {least:.3g}."
    )
    physical = _MADE_OF_PARTS._replace(sentence=_MADE_OF_PARTS.sentence + known)
    periodic = file.time is not None and file.time.period is not None
    stable = Lamp(True if periodic else None, title, sentence)
    return Point(numbers, stable, physical, state_at(file, given))


_MADE_OF_PARTS = Lamp(
    True,
    PHYSICAL,
    "Completely positive: yes, the network is made of parts and wires, and every loss is a port.",
)


def _short_of(judged: Audit) -> str:
    """What is not quite physical, in a word or two."""
    only_damping = np.all(judged.verdict != UNPHYSICAL) and np.any(judged.verdict != PHYSICAL)
    return MOMENTUM_DAMPED if only_damping else UNPHYSICAL


def _numbers(chosen: Study, setting: Setting, given: Mapping[str, Any]) -> dict[str, float]:
    """A batch of one, so that a point without a steady state is NaN."""
    quantities = chosen.system.quantities(setting)
    names = {p.name for p in chosen.system.parameters(setting)}
    batch = chosen.system.broadcasts
    spread = {k: np.array([x]) if batch and k in names else x for k, x in given.items()}
    try:
        results = point_of(chosen, *quantities)(**spread)
    except (UnstableError, DegenerateError, ConvergenceError):
        return dict.fromkeys(quantities, float("nan"))
    return {
        name: float(np.ravel(np.asarray(results[q.source])[(..., *q.entry)])[0])
        for name, q in quantities.items()
    }


def _master_equation(numbers: Mapping[str, float]) -> tuple[Lamp, Lamp]:
    known = not any(np.isnan(value) for value in numbers.values())
    return (
        Lamp(
            known,
            "steady state" if known else "no steady state",
            "The master equation has one steady state."
            if known
            else "No unique steady state was found.",
        ),
        Lamp(
            True,
            "physical",
            "Completely positive: yes, the master equation is made of parts and wires, and every "
            "loss is a port.",
        ),
    )
