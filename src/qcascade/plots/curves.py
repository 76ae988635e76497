"""Curves: colours and styles by dimension, strips and hatches without a steady state, circles."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import plot
from .cells import hatch
from .marks import companion, known_values, marked, say, say_nothing
from .records import Curves, Level
from .style import distinct, in_mathematics, shade

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_STYLES: tuple[Any, ...] = ("-", "--", ":", "-.", (0, (7, 1)), (0, (1, 3)))
ROUNDED = 1e-12  # of the largest value: less is not shown on a logarithmic axis
STRIP = 0.045  # height of a curve's strip without a steady state with the gap below, of the panel's


class _Line(NamedTuple):
    values: "xr.DataArray"
    colour: Any
    style: Any
    stable: "xr.DataArray | None"


def _lines(panel: Curves, data: "xr.Dataset", hued: list[Any]) -> list[_Line]:
    """Every curve of the panel with its colour and style.

    A case has the colour of its place among all (`hued`) of the figure, in all of its panels.
    """
    ordered = panel.ordered or (bool(panel.hue) and data[panel.hue].dtype.kind in "fiu")
    lines = []
    for v, name in enumerate(panel.of):
        dims = [dim for dim in (panel.hue, panel.dash) if dim and dim in data[name].dims]
        for places in np.ndindex(*(data.sizes[dim] for dim in dims)):
            at = dict(zip(dims, places, strict=True))
            k = at.get(panel.hue, 0)
            if ordered:
                colour = shade(k, data.sizes[panel.hue])
            else:
                colour = distinct(hued.index(data[panel.hue].values[k]) if panel.hue else v)
            if panel.hue and panel.hue not in dims:
                colour = "0.3"
            stable = companion(data, "stable", name)
            if stable is not None:
                stable = stable.isel({dim: x for dim, x in at.items() if dim in stable.dims})
            style = _STYLES[(at.get(panel.dash, 0) if panel.dash else v) % len(_STYLES)]
            lines.append(_Line(data[name].isel(at), colour, style, stable))
    return lines


def _hues(panel: Curves, lines: Sequence[_Line]) -> dict[Any, Any]:
    """Colour by value of the hue."""
    hued = [line for line in lines if panel.hue and panel.hue in line.values.coords]
    return {line.values[panel.hue].item(): line.colour for line in hued}


def _explained(axes: Any, panel: Curves, data: "xr.Dataset", lines: Sequence[_Line]) -> None:
    """Labels for the legend: one for each colour, and one for each style, apart."""
    for hue, colour in _hues(panel, lines).items():
        axes.plot([], [], color=colour, label=_told(data, panel.hue, hue))
    ink = {"color": "0.3"} if panel.hue else {}
    if panel.dash:
        for k, dash in enumerate(data[panel.dash].values):
            text = panel.dashes.get(str(dash)) or _told(data, panel.dash, dash)
            axes.plot([], [], ls=_STYLES[k % len(_STYLES)], label=text, **ink)
    elif len(panel.of) > 1:
        for v, name in enumerate(panel.of):
            colour = ink or {"color": distinct(v)}
            attrs = data[name].attrs
            text = str(attrs.get("symbol", attrs.get("long_name", name)))
            if panel.error and v == len(panel.of) - 1:
                axes.errorbar([], [], [], fmt=".", ms=3, lw=0.8, label=text, **colour)
            else:
                axes.plot([], [], ls=_STYLES[v % len(_STYLES)], label=text, **colour)


def _told(data: "xr.Dataset", dim: str, value: Any) -> str:
    if not dim:
        return ""
    if isinstance(value, str):
        return value
    attrs = data[dim].attrs
    unit = attrs.get("units", "1")
    symbol = in_mathematics(attrs["symbol"]) if "symbol" in attrs else attrs.get("long_name", dim)
    if not value or unit == "1":
        return f"{symbol} = {value:g}"
    if unit in ("π", "γ", "κ", "ω"):  # γ, not 1γ
        return f"{symbol} = {'' if value == 1 else f'{value:g}'}{unit}"
    return f"{symbol} = {value:g} {unit}"


def curves(axes: Any, panel: Curves, data: "xr.Dataset") -> None:
    """Draw curves.

    Args:
        axes: where to draw.
        panel: which.
        data: from what.
    """
    hued = list(data[panel.hue].values) if panel.hue else [None]
    data = data.sel(panel.at)
    lines = _lines(panel, data, hued)
    for line in lines:
        _curve(axes, panel, data, line)
    _explained(axes, panel, data, lines)
    known = known_values(np.concatenate([np.ravel(line.values) for line in lines]))
    if panel.polar:
        return _around(axes, panel, data, known)
    x, y = data[panel.over], data[panel.of[0]]
    axes.set_xlabel(plot.axis_label(x))
    axes.set_ylabel(panel.ylabel or plot.axis_label(y))
    if not panel.log and np.abs(known).max(initial=0.0) >= 1e5:
        _in_powers(axes, y, known)
    for direction in panel.log:
        (axes.set_xscale if direction == "x" else axes.set_yscale)("log")
    if "y" in panel.log and known.max(initial=0.0) > 0:  # what rounding leaves is no curve
        axes.set_ylim(bottom=max(axes.get_ylim()[0], ROUNDED * known.max()))
    if x.size < 13 and np.all(np.diff(x.values) == 1) and not panel.log:  # counted, not measured
        axes.set_xticks(x.values)
    if not (panel.dots or panel.error):
        axes.set_xlim(float(x[0]), float(x[-1]))
    elif "x" not in panel.log:  # room for the points at both ends, known or not
        room = 0.05 * float(x[-1] - x[0])
        axes.set_xlim(float(x[0]) - room, float(x[-1]) + room)
    if not known.size:
        axes.set_yticks([])
        _hatched(axes, x, lines)
        return say_nothing(axes, data, panel.of[0])
    if not known.any():
        axes.set_ylim(-0.0006, 0.0106)
        say(axes, f"{y.attrs.get('long_name', y.name)} = 0")
    marked(axes, panel, data, _hues(panel, lines))
    _room_for_levels(axes, panel)
    if panel.ylim != (None, None):
        axes.set_ylim(*panel.ylim)
        low, high = axes.get_ylim()
        if panel.ylim[1] is None and "y" not in panel.log:  # as much room as from there
            axes.set_ylim(low, max(high, low + 1.05 * (known.max() - low)))
    return _hatched(axes, x, lines)


def _room_for_levels(axes: Any, panel: Curves) -> None:
    """A level is seen beside the frame, not under it."""
    levels = [x.value for x in panel.marks if isinstance(x, Level)]
    for level in (float(x) for x in levels if not isinstance(x, str)):
        low, high = axes.get_ylim()
        room = 0.04 * (high - low)
        if "y" not in panel.log:
            axes.set_ylim(min(low, level - room), max(high, level + room))


def _in_powers(axes: Any, y: "xr.DataArray", known: Any) -> None:
    """Large numbers in a power of ten that stands with the unit."""
    power = 3 * int(np.log10(np.abs(known).max()) // 3)
    unit = y.attrs.get("units", "1")
    words = f"$10^{{{power}}}$" + ("" if unit == "1" else f" {unit}")
    axes.set_ylabel(f"{plot.plain(str(y.attrs.get('long_name', y.name)))} [{words}]")
    axes.yaxis.set_major_formatter(lambda x, _: f"{x / 10**power:g}")


def _curve(axes: Any, panel: Curves, data: "xr.Dataset", line: _Line) -> None:
    """One curve, or points with error bars; dotted where a fixed point is left by its system."""
    x = data[panel.over] * (np.pi if panel.polar else 1.0)
    if panel.error and line.values.name == panel.of[-1]:
        dims = [dim for dim in data[panel.error].dims if dim != panel.over]
        spread = data[panel.error].sel({dim: line.values[dim] for dim in dims})
        axes.errorbar(x, line.values, spread, fmt=".", color=line.colour, ms=3, lw=0.8)
        return
    steady = line.values if line.stable is None else line.values.where(line.stable)
    marker: dict[str, Any] = {"marker": "o", "markersize": 3} if panel.dots else {}
    if panel.steps:
        marker["drawstyle"] = "steps-mid"
    axes.plot(x, steady, ls=line.style, color=line.colour, **marker)
    if line.stable is not None and line.values.notnull().sum() > steady.notnull().sum():
        axes.plot(x, line.values.where(~line.stable), ":", color=line.colour, lw=0.8)


def _around(axes: Any, panel: Curves, data: "xr.Dataset", known: Any) -> None:
    """What a circle has instead of axes."""
    angle = in_mathematics(data[panel.over].attrs["symbol"])
    axes.set_xticks(np.arange(4) * np.pi / 2, ["0", "π/2", "π", "3π/2"])
    axes.tick_params(axis="x", pad=-1)
    axes.set_xlabel(f"{plot.axis_label(data[panel.of[0]])} around {angle}")
    top = max(1.05 * known.max(initial=0.0), 0.01)
    axes.set_ylim(0, top)
    unstable = ~companion(data, "stable", panel.of[0]).any(panel.hue).values
    turn = np.pi * data[panel.over].values
    axes.fill_between(turn, 0, top, where=unstable, fc="none", ec="0.6", hatch="////", lw=0)
    if known.any():
        from matplotlib.ticker import MaxNLocator

        axes.set_yticks([x for x in MaxNLocator(3).tick_values(0, top) if 0 < x <= top])
        return axes.set_rlabel_position(200)  # where the curves are not
    axes.set_yticks([])
    return say(axes, "E_N = 0") if known.size else say_nothing(axes, data, panel.of[0])


def _hatched(axes: "Axes", x: "xr.DataArray", lines: Sequence[_Line]) -> None:
    """Hatches where there is no steady state; a strip for each curve where they differ in that."""
    masks = [(~line.stable.values, line) for line in lines if line.stable is not None]
    if not any(mask.any() for mask, _ in masks):
        return
    first = masks[0][0]
    if all(np.array_equal(mask, first) for mask, _ in masks):
        return hatch(axes, x.values, first)
    seen: dict[Any, Any] = {}
    for mask, line in masks:
        seen.setdefault(line.colour, (mask, line))
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + STRIP * (len(seen) + 0.5) * (high - low))
    for k, (mask, line) in enumerate(seen.values()):
        axes.fill_between(
            x.values,
            1 - STRIP * (k + 0.75),
            1 - STRIP * k,
            where=mask,
            transform=axes.get_xaxis_transform(),
            facecolor="none",
            edgecolor=line.colour,
            hatch="//////",
            linewidth=0,
        )
    return None
