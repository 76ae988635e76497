"""A run as a film: a quantity over the time with a dot that moves, and the covariance beside it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ArgumentError, ConvergenceError, UnstableError
from ..linear.state import GaussianState
from ..netlist.at_time import course, numbers
from ..netlist.network_file import Netlist
from ..papers.records import Setting
from .in_time import clock
from .page import in_unit
from .systems import Study, arguments
from .views import ACCENT, DIVERGING, framed, picture, rich

if TYPE_CHECKING:
    import plotly.graph_objects as go

FRAMES = 100
"""Times that are played; of more, every second, third, … one."""

PACE = 80
"""Milliseconds of a frame."""

SIDE = 0.97
"""Of the squares of a matrix, whose places are whole numbers."""


def film(
    chosen: Study | None, setting: Setting, values: Mapping[str, float], name: str | None
) -> "go.Figure | None":
    """The film of a file with a section `time`; None for anything else, or where there is no run.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: sliders.
        name: of the quantity.
    """
    file = chosen.netlist if chosen is not None else None
    if chosen is None or name is None or file is None or file.time is None:
        return None
    try:
        run = course(file, arguments(chosen, setting, values))
        y = np.asarray(numbers(run, name, chosen.measures[name]), float)
    except (ArgumentError, UnstableError, ConvergenceError):  # the page tells it elsewhere
        return None
    quantity = chosen.system.quantities(setting)[name]
    states = run.states if isinstance(run.states, GaussianState) else None
    unit = "" if quantity.unit in ("", "1") else f" [{quantity.unit}]"
    return _figure(file, y, f"{quantity.symbol}{unit}", states)


def _figure(file: Netlist, y: np.ndarray, label: str, states: GaussianState | None) -> "go.Figure":
    time = clock(file)
    t = np.array(time.stops)
    played = range(0, len(t), -(-len(t) // FRAMES))
    unit = in_unit(time.unit)
    curve = {"type": "scatter", "mode": "lines", "x": t, "y": y, "line": {"color": ACCENT}}
    hover = {"hovertemplate": "%{x:.5g}: %{y:.6g}<extra></extra>"}
    traces = [{**curve, **hover}, _dot(t[0], y[0])]
    across = framed(f"t{f' [{time.unit}]' if time.unit not in ('', '1') else ''}")
    layout: dict[str, Any] = {
        "xaxis": {**across, "domain": [0.0, 0.44 if states is not None else 1.0]},
        "yaxis": framed(label),
        "height": 430,
        "margin": {"l": 64, "r": 16, "t": 40, "b": 110},
        "dragmode": False,
        "barmode": "overlay",
    }
    if states is not None:
        squares, axes = _covariance(states)
        traces.append(squares)
        layout |= axes
    frames = [
        {"name": str(k), "traces": [1, 2][: len(traces) - 1], "data": _moment(t, y, states, k)}
        for k in played
    ]
    layout |= _controls(frames, [f"{t[k]:.4g}{unit}" for k in played])
    made = picture(traces, layout)
    made.frames = frames
    return made


def _dot(x: float, y: float) -> dict[str, Any]:
    marker = {"size": 11, "color": "#d1495b"}
    hidden = {"hoverinfo": "skip"}
    return {"type": "scatter", "mode": "markers", "x": [x], "y": [y], "marker": marker, **hidden}


def _moment(
    t: np.ndarray, y: np.ndarray, states: GaussianState | None, k: int
) -> list[dict[str, Any]]:
    """What changes from one time to the next."""
    dot = {"type": "scatter", "x": [t[k]], "y": [y[k]]}
    if states is None:
        return [dot]
    return [dot, {"type": "bar", "marker": {"color": _entries(states, k)}}]


def _entries(states: GaussianState, k: int) -> list[float]:
    """V at one time, row by row, in a list: plotly does not read packed arrays of frames."""
    return [float(f"{x:.6g}") for x in np.ravel(states.cov[k]).tolist()]


def _covariance(states: GaussianState) -> tuple[dict[str, Any], dict[str, Any]]:
    """The covariance as coloured squares, with the same colours at all times, and its axes."""
    names = [rich(f"{letter} {mode}") for mode in states.modes for letter in "xp"]
    largest = float(np.abs(states.cov).max())
    ticks = {"tickvals": list(range(len(names))), "ticktext": names, "showgrid": False}
    bar = {"title": {"text": "V (vacuum ½)", "side": "right"}, "thickness": 12}
    down, across = np.divmod(np.arange(len(names) ** 2), len(names))
    # Bars that float, since the picture of a heatmap blinks whenever it is drawn anew.
    trace = {
        "type": "bar",
        "xaxis": "x2",
        "yaxis": "y2",
        "x": across.tolist(),
        "base": (down - SIDE / 2).tolist(),
        "y": [SIDE] * len(down),
        "width": SIDE,
        "marker": {
            "color": _entries(states, 0),
            "colorscale": DIVERGING,
            "cmin": -largest,
            "cmax": largest,
            "colorbar": bar,
            "line": {"width": 0},
        },
        "hovertemplate": "%{marker.color:.5g}<extra></extra>",
    }
    plain = {**ticks, "ticks": "", "showline": False, "zeroline": False}
    ends = [-0.5, len(names) - 0.5]
    right = {**plain, "domain": [0.62, 1.0], "anchor": "y2", "tickangle": -90, "side": "top"}
    below = {**plain, "anchor": "x2", "range": ends[::-1]}
    return trace, {"xaxis2": {**right, "range": ends, "automargin": True}, "yaxis2": below}


def _controls(frames: list[dict[str, Any]], names: list[str]) -> dict[str, Any]:
    """The buttons that play and stop, and the slider of the time."""
    still = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}}
    still["transition"] = {"duration": 0}
    moving = {"fromcurrent": True, "frame": {"duration": PACE, "redraw": True}}
    moving |= {"transition": {"duration": 0}, "mode": "immediate"}
    buttons = [
        {"label": "▶ play", "method": "animate", "args": [None, moving]},
        {"label": "❚❚ stop", "method": "animate", "args": [[None], still]},
    ]
    place = {"x": 0.0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
    menu = {"type": "buttons", "direction": "left", "showactive": False, "buttons": buttons}
    steps = [
        {"label": name, "method": "animate", "args": [[frame["name"]], still]}
        for frame, name in zip(frames, names, strict=True)
    ]
    slider = {
        "steps": steps,
        "currentvalue": {"prefix": "t = ", "xanchor": "right"},
        "pad": {"t": 40},
        "len": 1.0,
        "ticklen": 0,
        "minorticklen": 0,
        "font": {"size": 1, "color": "rgba(0,0,0,0)"},
    }
    slider["currentvalue"]["font"] = {"size": 13, "color": "#33404d"}
    return {"updatemenus": [{**menu, **place, "pad": {"b": 4}}], "sliders": [slider]}


def plot(mo: Any, made: "go.Figure | None") -> Any:
    """The film as an element of the page; None where there is none.

    Args:
        mo: marimo.
        made: from `film`.
    """
    config = {"displayModeBar": False, "responsive": True}
    return None if made is None else mo.ui.plotly(made, config=config)
