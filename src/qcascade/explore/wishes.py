"""The panel beside the diagram: what is wanted, which slider limits it, and a search for more."""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from ..papers.records import Setting
from . import improving, limits
from .goals import goals, movable
from .limits import NOTHING, Limits
from .systems import Study
from .views import rich

Moved = MutableMapping[tuple[str, str], float]


def controls(mo: Any, chosen: Study | None, setting: Setting) -> dict[str, Any]:
    """What is wanted large or small, which sliders may move for it, and whether slopes are shown.

    Args:
        mo: marimo.
        chosen: what is explored.
        setting: options chosen.
    """
    known = list(movable(chosen, setting).values()) if chosen else []
    offered = goals(chosen, setting) if chosen and known else {}
    if chosen is None or not offered:
        return {}
    named = {f"{q.symbol}: {q.meaning}": name for name, q in offered.items()}
    sliders = {p.symbol if p.symbol == p.name else f"{p.symbol}: {p.meaning}": p for p in known}
    free = {words: p.name for words, p in sliders.items()}
    return {
        "goal": mo.ui.dropdown(named, value=next(iter(named)), label="goal", full_width=True),
        "moving": mo.ui.multiselect(
            free, value=list(free), label="sliders that may move", full_width=True
        ),
        # A master equation is slow, and is asked only when its slopes are wanted.
        "shown": mo.ui.switch(chosen.system.broadcasts, label="slopes"),
        "small": mo.ui.switch(label="smaller"),
    }


def limiting(
    chosen: Study | None,
    setting: Setting,
    values: Mapping[str, float],
    wish: Mapping[str, Any],
) -> Limits:
    """Slopes of what is wanted, where they are to be shown.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: sliders.
        wish: values of the controls.
    """
    if not wish or not wish["shown"] or not values:
        return NOTHING
    return limits.limiting(chosen, setting, values, wish["goal"])


def plot(mo: Any, limiting: Limits) -> Any:
    """Bars as an element of the page; None where there are none.

    Args:
        mo: marimo.
        limiting: what limits.
    """
    made = limits.bars(limiting)
    config = {"displayModeBar": False, "responsive": True}
    return None if made is None else mo.ui.plotly(made, config=config)


def panel(
    mo: Any,
    wish: Any,
    plot: Any,
    limiting: Limits,
    parts: Mapping[str, frozenset[str]],
) -> list[Any]:
    """The goal, the bars, and the colours of the diagram.

    Args:
        mo: marimo.
        wish: the controls.
        plot: the bars.
        limiting: what limits.
        parts: in which parts a parameter is.
    """
    if not wish.elements:
        return []
    goal, shown = wish.elements["goal"], wish.elements["shown"]
    rows = [mo.hstack([goal, shown], widths=[1.6, 1], gap=0.75, align="end")]
    if plot is not None:
        rows.append(plot)
    if limiting.sentence:
        rows.append(mo.Html(f'<div class="qc-note">{rich(limiting.sentence)}</div>'))
    if plot is not None:
        colours = limits.style(limiting, parts)
        words = _LEGEND if colours else ""
        words += _ABSOLUTE if limiting.slopes is not None and limiting.slopes.absolute else ""
        rows.append(mo.Html(f'<style>{colours}</style><p class="qc-legend">{words}</p>'))
    return rows


_LEGEND = (
    "Change of the goal for a relative change of a slider: red raises it, blue lowers it. Parts of "
    "the diagram have the colour of the slider in them that counts most. "
)
_ABSOLUTE = "* stands at 0, where nothing is relative: its own slope is written on the bar."


def search(mo: Any, wish: Any, button: Any) -> list[Any]:
    """The button that improves, whether to smaller values, and which sliders may move.

    Args:
        mo: marimo.
        wish: the controls.
        button: that starts a search.
    """
    if not wish.elements:
        return []
    more = mo.accordion({"sliders that may move": wish.elements["moving"]})
    row = [button, wish.elements["small"], more]
    return [mo.hstack(row, widths=[1, 1, 2], gap=0.75, align="start")]


def improved(
    chosen: Study,
    setting: Setting,
    values: Mapping[str, float],
    wish: Mapping[str, Any],
    moved: Moved,
    tell: Callable[[str], None],
) -> str:
    """Search from where the sliders stand, and keep in mind where they shall stand.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: sliders.
        wish: values of the controls.
        moved: by study and parameter; changed in place.
        tell: called with a line on how far the search is.

    Returns:
        What was found, as HTML.
    """
    goal, moving, small = wish["goal"], wish["moving"], wish["small"]
    improvement = improving.improve(chosen, setting, values, goal, moving, tell, small)
    for name, value in (improvement.values or {}).items():
        moved[chosen.key, name] = value
    return improving.told(improvement)
