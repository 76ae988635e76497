"""Datasets → plotly figures: units on the axes, unstable regions hatched."""

import re
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.optional import library
from ..plots.plot import label

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr


def rich(text: str) -> str:
    """Symbols as HTML and plotly write them: ω_m with a subscript.

    Args:
        text: plain text; what is markup in it is escaped.

    >>> rich("Δ/ω_m"), rich("δ_A,1 < 2")
    ('Δ/ω<sub>m</sub>', 'δ<sub>A,1</sub> &lt; 2')
    """
    return re.sub(r"(?<=\w)_([^\W_]+(?:,\w)?)", r"<sub>\1</sub>", escape(text))


INK, ACCENT, GRID = "#33404d", "#1f6fb2", "#e8ebee"
_RED_BLUE = ("#2166ac", "#92c5de", "#ffffff", "#f4a582", "#b2182b")
DIVERGING = [[k / 4, colour] for k, colour in enumerate(_RED_BLUE)]
_HATCHED: dict[str, Any] = {
    "type": "scatter",
    "mode": "lines",
    "fill": "toself",
    "fillcolor": "rgba(255,255,255,0.0)",
    "fillpattern": {"shape": "/", "fgcolor": "#9aa4ad", "bgcolor": "#f4f5f6", "size": 7},
    "line": {"width": 0},
    "hoverinfo": "skip",
    "name": "no steady state",
    "showlegend": False,
}
_AXIS: dict[str, Any] = {
    "gridcolor": GRID,
    "zeroline": False,
    "linecolor": "#b8c0c8",
    "mirror": True,
    "ticks": "outside",
    "tickcolor": "#b8c0c8",
}


def framed(text: str) -> dict[str, Any]:
    """An axis with its title.

    Args:
        text: plain text.
    """
    return {**_AXIS, "title": {"text": rich(text)}}


def _layout(**more: Any) -> dict[str, Any]:
    return {
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": INK},
        "plot_bgcolor": "white",
        "paper_bgcolor": "white",
        "margin": {"l": 70, "r": 20, "t": 16, "b": 56},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": "zoom",
        **more,
    }


def picture(data: list[dict[str, Any]], layout: dict[str, Any]) -> "go.Figure":
    """A figure as it stands: the records are the explorer's own, so plotly need not check them.

    Args:
        data: traces.
        layout: what differs from the layout that all figures share.
    """
    go = library("plotly.graph_objects")
    every = {"data": data, "layout": _layout(**layout)}
    return go.Figure(every, skip_invalid=False, _validate=False)


def curve(data: "xr.Dataset", name: str, x_now: float | None = None) -> "go.Figure":
    """One quantity over one parameter.

    Args:
        data: dataset of a view over one axis.
        name: the quantity.
        x_now: where the slider of the axis stands.
    """
    values = data[name]
    axis = data[values.dims[0]]
    x, y = np.asarray(axis.values, float), np.asarray(values.values, float)
    stable = np.asarray(data["stable"].values, bool)
    traces: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    if not stable.all():
        band, notes = _bands(_borders(x), ~stable)
        traces.append(band)
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": np.where(stable, y, np.nan),
            "line": {"color": ACCENT, "width": 2.2},
            "hovertemplate": "%{x:.5g}: %{y:.6g}<extra></extra>",
        }
    )
    shapes = []
    if x_now is not None and x.min() <= x_now <= x.max():
        shapes.append(_rule(x_now))
    return picture(
        traces,
        {
            "xaxis": {**framed(label(axis)), "range": [x.min(), x.max()]},
            "yaxis": {**framed(label(values)), "rangemode": _from_zero(y)},
            "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
            "shapes": shapes,
            "annotations": notes,
            "height": 430,
        },
    )


def _from_zero(y: np.ndarray) -> str:
    return "tozero" if np.isfinite(y).any() and np.nanmin(y) >= 0 else "normal"


def _rule(at: float) -> dict[str, Any]:
    line = {"color": "#d1495b", "width": 1.2, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _borders(centres: np.ndarray) -> np.ndarray:
    """Borders between points: half way to the neighbours, and the outermost points themselves."""
    return np.concatenate([centres[:1], (centres[1:] + centres[:-1]) / 2, centres[-1:]])


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Where stretches of true begin and end."""
    steps = np.diff(np.concatenate([[0], flags.astype(int), [0]]))
    starts, stops = (np.flatnonzero(steps == step).tolist() for step in (1, -1))
    return list(zip(starts, stops, strict=True))


def _rectangles(pieces: list[tuple[float, float, float, float]]) -> dict[str, Any]:
    """One hatched trace for many rectangles (x0, x1, y0, y1)."""
    xs: list[Any] = []
    ys: list[Any] = []
    for x0, x1, y0, y1 in pieces:
        xs += [x0, x1, x1, x0, x0, None]
        ys += [y0, y0, y1, y1, y0, None]
    return {**_HATCHED, "x": xs, "y": ys}


def _bands(borders: np.ndarray, unstable: np.ndarray) -> tuple[dict[str, Any], list[Any]]:
    """Hatched stretches of a curve, the widest with words."""
    runs = [(borders[a], borders[b]) for a, b in _runs(unstable)]
    trace = _rectangles([(x0, x1, 0, 1) for x0, x1 in runs]) | {"yaxis": "y2"}
    x0, x1 = max(runs, key=lambda run: run[1] - run[0])
    words = _words((x0 + x1) / 2, 0.5, "y2")
    narrow = x1 - x0 < 0.2 * (borders[-1] - borders[0])
    return trace, [{**words, "textangle": -90} if narrow else words]


def _words(x: float, y: float, yref: str = "y") -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "yref": yref,
        "text": "no steady state",
        "showarrow": False,
        "bgcolor": "rgba(255,255,255,0.85)",
        "font": {"size": 12, "color": "#66707a"},
    }


def heatmap(
    data: "xr.Dataset", name: str, xy_now: tuple[float, float] | None = None
) -> "go.Figure":
    """One quantity over two parameters, the first across.

    Args:
        data: dataset of a view over two axes.
        name: the quantity.
        xy_now: where the sliders of the axes stand.
    """
    values = data[name]
    across, up = (data[dim] for dim in values.dims)
    x, y = (np.asarray(axis.values, float) for axis in (across, up))
    stable = np.asarray(data["stable"].transpose(*values.dims).values, bool)
    z = np.where(stable, np.asarray(values.values, float), np.nan)
    traces: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x": x,
            "y": y,
            "z": z.T,
            **_colours(z),
            "colorbar": {"title": {"text": rich(label(values)), "side": "right"}, "thickness": 14},
            "hovertemplate": "%{x:.5g}, %{y:.5g}: %{z:.6g}<extra></extra>",
            "hoverongaps": False,
        }
    ]
    notes = []
    if not stable.all():
        region, notes = _region(_borders(x), _borders(y), ~stable)
        traces.append(region)
    if xy_now is not None:
        traces.append(_marker(*xy_now))
    ends = {"x": [x.min(), x.max()], "y": [y.min(), y.max()]}
    return picture(
        traces,
        {
            "xaxis": {**framed(label(across)), "range": ends["x"]},
            "yaxis": {**framed(label(up)), "range": ends["y"]},
            "annotations": notes,
            "height": 430,
        },
    )


def _colours(z: np.ndarray) -> dict[str, Any]:
    """White at zero where values have both signs; one value everywhere is not a range."""
    low, high = (np.nanmin(z), np.nanmax(z)) if np.isfinite(z).any() else (0.0, 1.0)
    if low < 0 < high:
        return {"colorscale": DIVERGING, "zmid": 0.0}
    ends = {"zmin": low, "zmax": high if high > low else low + 1.0}
    return {"colorscale": "Viridis", **ends}


def _region(
    across: np.ndarray, up: np.ndarray, unstable: np.ndarray
) -> tuple[dict[str, Any], list[Any]]:
    """Hatched cells, row by row, with words where there is room for them."""
    pieces = [
        (across[a], across[b], up[row], up[row + 1])
        for row in range(unstable.shape[1])
        for a, b in _runs(unstable[:, row])
    ]
    words = [_words(*_middle(across, up, unstable))] if unstable.mean() > 0.05 else []
    return _rectangles(pieces), words


def _middle(across: np.ndarray, up: np.ndarray, unstable: np.ndarray) -> tuple[float, float]:
    """The unstable cell nearest to the region's middle, which itself may lie outside."""
    cells = np.argwhere(unstable)
    j, k = cells[np.square(cells - cells.mean(axis=0)).sum(axis=1).argmin()]
    return float(across[j] + across[j + 1]) / 2, float(up[k] + up[k + 1]) / 2


def _marker(x: float, y: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x],
        "y": [y],
        "marker": {
            "symbol": "circle-open",
            "size": 12,
            "color": "#d1495b",
            "line": {"width": 2.5},
        },
        "hoverinfo": "skip",
    }
