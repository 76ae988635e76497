"""Which slider limits what is wanted: elasticities as bars, and the diagram in their colours."""

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, ConvergenceError, DegenerateError, UnstableError
from ..inverse.sensitivities import Sensitivity, sensitivity_by
from ..inverse.slopes import CENTRAL, STEPS, differences
from ..papers.records import Parameter, Quantity, Setting
from ..plots.diagram import BOX, LINK
from ..slh.network import Network
from .goals import goals, movable, over_sliders
from .page import in_unit
from .systems import Study, arguments, defaults
from .views import DIVERGING, INK, framed, picture, rich

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST = 12
"""Bars that are shown."""

PATIENCE = 60.0
"""Seconds that nobody would wait for slopes."""

FAINT = 0.02
"""Of the longest bar: parts of which no parameter has more stay as they are."""

DARKEST = 0.6
"""Of the colour scale."""

NUDGE = 1e-3
"""Of a slider's range, to see which parts a parameter is in."""


class Limits(NamedTuple):
    """What limits, or the sentence that says why that is not known.

    Args:
        goal: what is looked at.
        parameters: sliders by name.
        slopes: elasticities of the goal; None where there are none.
        sentence: why not, or what to know of them.
    """

    goal: Quantity | None
    parameters: Mapping[str, Parameter]
    slopes: Sensitivity | None
    sentence: str = ""


NOTHING = Limits(None, {}, None)


def limiting(
    chosen: Study | None, setting: Setting, values: Mapping[str, float], name: str | None
) -> Limits:
    """Elasticities of a goal with respect to the sliders where they stand.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: sliders.
        name: of the goal.
    """
    known = movable(chosen, setting) if chosen else {}
    if chosen is None or not known or name is None:
        return NOTHING
    sliders = {x: float(value) for x, value in values.items() if x in known}
    still = {x: float(value) for x, value in values.items() if x not in known}
    goal, point = goals(chosen, setting)[name], over_sliders(chosen, setting, name, still)
    try:
        if not chosen.system.broadcasts:
            begun = perf_counter()
            point(**{x: np.array([value]) for x, value in sliders.items()})
            calls = len(known) * len(STEPS) * len(CENTRAL[0])
            if (needs := calls * (perf_counter() - begun)) > PATIENCE:
                return Limits(goal, known, None, _too_long(needs, calls))
        slopes = replace(sensitivity_by(differences, point, sliders), of=name)
    except (ArgumentError, UnstableError, DegenerateError, ConvergenceError) as error:
        nowhere = f"{goal.symbol} has no slopes where there is no steady state."
        told = nowhere if isinstance(error, UnstableError) else str(error)
        return Limits(goal, known, None, told)
    flat = not any(slopes.elasticities.values())
    return Limits(goal, known, slopes, _FLAT.format(goal.symbol, slopes.value) if flat else "")


_FLAT = "{} = {:.4g} here and around: it does not change with any slider."


def _too_long(needs: float, calls: int) -> str:
    return (
        f"Slopes by every slider take {calls} states or runs one by one, some {needs:.0f} s: "
        "`qcascade sensitivity` computes them for a file with a steady state."
    )


def bars(limits: Limits) -> "go.Figure | None":
    """Elasticities as bars, the largest on top: red raises the goal, blue lowers it.

    Args:
        limits: what limits.
    """
    slopes, goal = limits.slopes, limits.goal
    if slopes is None or goal is None:
        return None
    names = list(slopes.elasticities)[:MOST]
    longest = _longest(slopes) or 1.0
    sizes = [float(np.clip(slopes.elasticities[x], -longest, longest)) for x in names]
    hover = [_told(limits, name) for name in names]
    labels = [f"{limits.parameters[x].symbol}{' *' if x in slopes.absolute else ''}" for x in names]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": sizes,
        "y": list(range(len(names))),
        "width": 0.7,
        "marker": {"color": [colour(x / longest) for x in sizes], "line": {"width": 0.6}},
        "text": [_on_bar(limits, x) if x in slopes.absolute else "" for x in names],
        "textposition": "auto",
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    unit = f" [{goal.unit}]" if goal.unit not in ("", "1") else ""
    words = f"d {goal.symbol.partition('(')[0]} / d ln x{unit}"
    ticks = {"tickvals": list(range(len(names))), "ticktext": [rich(x) for x in labels]}
    across = {**framed(words), "range": [-1.08 * longest, 1.08 * longest], "zeroline": True}
    down = {**framed(""), "autorange": "reversed", "automargin": True, **ticks}
    layout = {
        "xaxis": {**across, "zerolinecolor": "#8a949e", "nticks": 5},
        "yaxis": {**down, "showgrid": False, "ticks": ""},
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "margin": {"l": 40, "r": 12, "t": 6, "b": 44},
        "height": 70 + 24 * max(len(names), 2),
        "dragmode": False,
        "bargap": 0.2,
    }
    return picture([trace], layout)


def _longest(slopes: Sensitivity) -> float:
    """The longest bar: where others stand, one in another unit counts as long as the longest."""
    relative = [abs(x) for name, x in slopes.elasticities.items() if name not in slopes.absolute]
    return max(relative, default=0.0) or max(map(abs, slopes.elasticities.values()), default=0.0)


def _told(limits: Limits, name: str) -> str:
    p, slopes = limits.parameters[name], limits.slopes
    assert slopes is not None
    named = f"{p.symbol}: {p.meaning}" if p.meaning else p.name
    at = rich(f"{named} = {slopes.at[name]:.5g}{in_unit(p.unit)}")
    return f"{at}<br>{_per_unit(limits, name)}"


def _per_unit(limits: Limits, name: str) -> str:
    """The slope in the units of goal and slider."""
    slopes, goal = limits.slopes, limits.goal
    assert slopes is not None
    assert goal is not None
    unit = in_unit(limits.parameters[name].unit)
    return escape(f"{slopes.slopes[name]:+.3g}{in_unit(goal.unit)} per{unit or ' 1'}")


def _on_bar(limits: Limits, name: str) -> str:
    """The slope in the unit of the slider, in short; that of the goal stands at the axis."""
    assert limits.slopes is not None
    number = f"{limits.slopes.slopes[name]:+.2g}".replace("-", "−")
    return escape(f"{number} per{in_unit(limits.parameters[name].unit) or ' 1'}")


def colour(share: float) -> str:
    """The colour of a bar: white for none, red for one that raises, blue for one that lowers.

    The darkest still has dark letters that can be read.

    Args:
        share: of the longest bar, with its sign.

    >>> colour(0.0), colour(1.0), colour(-1.0)
    ('#ffffff', '#e78971', '#7bb2d4')
    """
    place = (1 + DARKEST * np.clip(share, -1.0, 1.0)) / 2
    stops = [stop for stop, _ in DIVERGING]
    rgb = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for _, c in DIVERGING], float)
    mixed = [round(float(np.interp(place, stops, rgb[:, k]))) for k in range(3)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def entered(chosen: Study | None, setting: Setting) -> dict[str, frozenset[str]]:
    """In which parts and couplings of the diagram a parameter is, by the ids they have there.

    It is in those that are made otherwise when its slider is nudged.

    Args:
        chosen: what is explored.
        setting: options chosen.

    >>> from qcascade.explore.systems import options, study
    >>> paper = study("jiao2022")
    >>> sorted(entered(paper, options(paper))["transmission"])
    ['qc-part-3']
    """
    if chosen is None:
        return {}
    start = defaults(chosen, setting)
    before = _made(chosen, setting, start)
    boxes = {}
    for p in chosen.system.parameters(setting):
        up = p.default + NUDGE * (p.high - p.low)
        nudged = up if up <= p.high else p.default - NUDGE * (p.high - p.low)
        after = _made(chosen, setting, {**start, p.name: nudged})
        boxes[p.name] = frozenset(
            key for key in before if key in after and not _same(before[key], after[key])
        )
    return boxes


def _made(chosen: Study, setting: Setting, values: Mapping[str, float]) -> dict[str, Any]:
    """How every part and coupling was made, with what enters at its ports, by id."""
    try:
        net = chosen.system.network(**arguments(chosen, setting, values))
    except (ArgumentError, UnstableError, ConvergenceError):
        return {}
    if not isinstance(net, Network):
        return {}
    given = net.occupations
    recipes: dict[str, Any] = {}
    for k, (name, part) in enumerate(net.parts.items()):
        noise = {port: n for port, n in given.items() if port.rpartition(".")[0] == name}
        recipes[BOX.format(k)] = (part.recipe.arguments if part.recipe else {}, noise)
    for k, part in enumerate(net.couplings.values()):
        recipes[LINK.format(k)] = part.recipe.arguments if part.recipe else {}
    return recipes


def _same(one: Any, other: Any) -> bool:
    """Whether two arguments of a part are equal, whatever they hold."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(np.array_equal(np.asarray(one), np.asarray(other)))


def style(limits: Limits, parts: Mapping[str, frozenset[str]]) -> str:
    """Parts and couplings of the diagram in the colour of the parameter in them that counts most.

    Args:
        limits: what limits.
        parts: from `entered`.

    Returns:
        CSS; empty where nothing limits.
    """
    if limits.slopes is None:
        return ""
    longest = _longest(limits.slopes)
    counted: dict[str, float] = {}
    for name, size in limits.slopes.elasticities.items():  # the largest first
        if longest and abs(size) >= FAINT * longest:
            for key in parts.get(name, ()):
                counted.setdefault(key, float(np.clip(size / longest, -1.0, 1.0)))
    return "".join(_rule(key, colour(share)) for key, share in counted.items())


def _rule(key: str, shade: str) -> str:
    """A box is filled, and a line or the ring of a bath drawn, in a colour."""
    shape, paint = f'[id="{key}"]', "fill" if key.startswith("qc-part") else "stroke"
    return f"{shape} path, {shape} use {{ {paint}: {shade} !important; }}\n"
