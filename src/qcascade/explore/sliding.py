"""Sliders: where they can stand, and how a browser makes them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..papers.records import Parameter, Setting
from ..plots.plot import plain
from .systems import Study
from .views import rich

STEPS = 200
"""Steps of a slider."""


def step_of(parameter: Parameter) -> float:
    """The step of a slider: 1, 2 or 5 times a power of ten, some 200 of them.

    It is finer where the default would lie between two stops: a browser shows stops only.

    Args:
        parameter: its record.

    >>> step_of(Parameter("x", "x", "", "1", 0.0, 2.0, 1.0))
    0.01
    >>> step_of(Parameter("f", "f", "", "MHz", 80.0, 110.0, 88.54))
    0.02
    """
    raw = (parameter.high - parameter.low) / STEPS
    power = 10.0 ** np.floor(np.log10(raw))
    steps = [m * power * 10.0**-k for k in range(4) for m in (5, 2, 1)]
    fitting = [step for step in steps if step <= raw * 1.0001]
    offset = parameter.default - parameter.low
    dividing = (s for s in fitting if abs(offset / s - round(offset / s)) < 1e-6)
    return float(f"{next(dividing, fitting[0]):.1g}")


def decades(parameter: Parameter) -> list[float]:
    """The stops of a slider over decades: 24 in each, and the default.

    Args:
        parameter: its record.

    >>> decades(Parameter("l", "l", "", "µm", 1.0, 10.0, 3.0, logarithmic=True))[::8]
    [1.0, 2.15, 4.22, 9.09]
    """
    count = round(24 * np.log10(parameter.high / parameter.low)) + 1
    stops = np.geomspace(parameter.low, parameter.high, count)
    return sorted({*(float(f"{x:.3g}") for x in stops), float(parameter.default)})


def slider(mo: Any, parameter: Parameter, value: float, patient: bool = False) -> Any:
    """A slider with a field for the number.

    Args:
        mo: marimo.
        parameter: its record.
        value: where it stands.
        patient: tell where it stands once it is let go, for what takes a while.
    """
    name = f"**{rich(parameter.symbol)}**" if parameter.meaning else f"**{parameter.name}**"
    words = f" {parameter.meaning}" if parameter.meaning else ""
    unit = f" [{plain(parameter.unit)}]" if parameter.unit not in ("", "1") else ""
    shared = {"label": name + words + unit, "include_input": True, "full_width": True}
    shared["debounce"] = patient
    stop = nearest_stop(parameter, value)
    if parameter.stops:
        return mo.ui.slider(steps=list(parameter.stops), value=stop, **shared)
    if not parameter.logarithmic and abs(value - stop) <= 1e-6 * step_of(parameter):
        low, high = stops_from(parameter)
        return mo.ui.slider(low, high, step_of(parameter), stop, **shared)
    return mo.ui.slider(steps=with_stop(stops_of(parameter), value), value=value, **shared)


def stops_of(parameter: Parameter) -> list[float]:
    """Where a slider can stand by itself.

    Args:
        parameter: its record.

    >>> stops_of(Parameter("x", "x", "", "1", 0.0, 2.0, 1.0))[:3]
    [0.0, 0.01, 0.02]
    """
    if parameter.stops:
        return list(parameter.stops)
    if parameter.logarithmic:
        return decades(parameter)
    low, high, step = *stops_from(parameter), step_of(parameter)
    return [float(f"{low + k * step:.12g}") for k in range(int((high - low) / step + 1e-6) + 1)]


def nearest_stop(parameter: Parameter, value: float) -> float:
    """The stop of a slider that is nearest to a value, by the logarithm on decades.

    Args:
        parameter: its record.
        value: where the slider shall stand, about.

    >>> nearest_stop(Parameter("x", "x", "", "1", 0.0, 2.0, 1.0), 0.333)
    0.33
    """
    scale = np.log if parameter.logarithmic else float
    return min(stops_of(parameter), key=lambda x: abs(scale(x) - scale(value)))


def with_stop(stops: Sequence[float], value: float) -> list[float]:
    """Stops of a slider, and one more where it is to stand between two of them.

    Args:
        stops: in rising order.
        value: where the slider stands.

    >>> with_stop([0.0, 0.5, 1.0], 0.3)
    [0.0, 0.3, 0.5, 1.0]
    """
    return sorted({*stops, float(value)})


def stops_from(parameter: Parameter) -> tuple[float, float]:
    """The ends of a slider: so that the default, whatever its decimals, is one of its stops.

    Args:
        parameter: its record.

    >>> stops_from(Parameter("x", "x", "", "1", 0.0, 2.0, 1.0))
    (0.0, 2.0)
    """
    step = step_of(parameter)
    low, high, default = float(parameter.low), float(parameter.high), float(parameter.default)
    steps = round((default - low) / step)
    if abs((default - low) / step - steps) < 1e-6:
        return low, high
    below = int((default - low) / step)
    return float(f"{default - below * step:.12g}"), high


def sliders(
    mo: Any, chosen: Study | None, setting: Setting, moved: Mapping[tuple[str, str], float]
) -> dict[str, Any]:
    """A slider for every parameter, where the reader left it.

    Args:
        mo: marimo.
        chosen: what is explored.
        setting: options chosen.
        moved: by study and parameter, what was set by hand.
    """
    known = chosen.system.parameters(setting) if chosen else ()
    key = chosen.key if chosen else ""
    slow = chosen is not None and chosen.netlist is not None and chosen.netlist.time is not None
    return {
        p.name: slider(mo, p, moved.get((key, p.name), float(p.default)), slow and not p.stops)
        for p in known
    }


def fresh(mo: Any, sliders: Iterable[Any], number: int) -> list[Any]:
    """Sliders that a browser makes anew, instead of changing the ones that stood there.

    One that had stops of another kind would be asked for a stop that it does not have.

    Args:
        mo: marimo.
        sliders: one by one.
        number: how often they were made; neighbouring numbers give different elements.
    """
    tag = ("div", "section")[number % 2]
    return [mo.Html(f"<{tag}>{each.text}</{tag}>") for each in sliders]
