"""What curves and maps share: lines to compare with, and words where nothing is left to draw."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .records import EVERYWHERE, At, Level, Map, Place

if TYPE_CHECKING:
    import xarray as xr


def known_values(values: Any) -> Any:
    """The finite numbers among values, flat.

    Args:
        values: any shape.
    """
    values = np.asarray(values, float)
    return values[np.isfinite(values)]


def companion(data: "xr.Dataset", name: str, of: str) -> Any:
    """The variable that says something of another one, on the same grid; None where there is none.

    Args:
        data: the dataset.
        name: "stable", "physical" or "growth".
        of: the variable; its attribute `suffix` tells grids apart.
    """
    return data.get(f"{name}{data[of].attrs.get('suffix', '')}")


def say(axes: Any, text: str, ink: str = "0.2") -> None:
    """Words in the middle of a panel.

    Args:
        axes: the panel.
        text: the words.
        ink: their colour; on a map "white", without a ground.
    """
    plain = {"facecolor": "none" if ink == "white" else "white", "edgecolor": "none", "pad": 2}
    middle = {"transform": axes.transAxes, "ha": "center", "va": "center", "fontsize": "small"}
    axes.text(0.5, 0.5, text, color=ink, bbox=plain, **middle)


def say_nothing(axes: Any, data: "xr.Dataset", of: str) -> None:
    """What is said where there is no steady state anywhere, with the rates of growth if known.

    Args:
        axes: the panel.
        data: what is chosen of the dataset.
        of: the variable that is not there.
    """
    text, growth = "no steady state", companion(data, "growth", of)
    if growth is not None:
        ends = dict.fromkeys(f"{float(x):.2f}" for x in (growth.min(), growth.max()))
        text += f":\ngrows at\n{' … '.join(ends)} {growth.attrs.get('units', '')}"
    say(axes, text)
    axes.set_yticks([]) if not axes.get_ylabel() else None


def marked(axes: Any, panel: Any, data: "xr.Dataset", hues: At = EVERYWHERE) -> None:
    """Levels, places and variables to compare with.

    Args:
        axes: where to draw.
        panel: curves or a map.
        data: what is chosen of the dataset.
        hues: colour by value of the panel's hue.
    """
    on_colours = isinstance(panel, Map)
    ground = {"color": "w"} if on_colours else {"color": "0.5", "zorder": 0.5}
    grey: dict[str, Any] = {"lw": 0.9, **ground}
    for mark in panel.marks:
        value, rule = mark.value, axes.axhline if isinstance(mark, Level) else axes.axvline
        if isinstance(value, str) and not isinstance(panel, Map) and data[value].ndim:
            for k, (hue, colour) in enumerate(hues.items()):
                own = float(data[value].sel({panel.hue: hue}))
                rule(own, ls=":", lw=0.9, color=colour, label=None if k else mark.label)
            continue
        number = float(data[value]) if isinstance(value, str) else value
        style = (":" if isinstance(mark, Place) else "--") if number else "-"
        rule(number, ls=style, label=mark.label or None, **grey)
    ls, ink = ("--", "tab:red") if on_colours else (":", "0.5")
    for name in panel.beside:
        along = panel.over[0] if on_colours else panel.over
        values = data[name].transpose(along, ...)
        text, family = values.attrs.get("long_name", name), values.ndim > 1
        lines = axes.plot(values[along], values, ls=ls, lw=1.2, color="k" if family else ink)
        lines[0].set_label(text)
