"""Between the library and the page: controls from records, HTML from results.

Everything here is a plain function of records; marimo itself comes in as `mo`.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from ..papers import PAPERS
from ..papers.records import Parameter, Setting
from .shown import CURVE, MAP
from .sliding import step_of
from .systems import FILE, Study, modes_of

NONE = "—"
"""The second axis of a curve."""

EXAMPLE = """\
title = "squeezed light through a lossy fibre"
wires = [["source.out", "link.in"], ["link.out", "receiver.in"]]

[parameters]
squeezing = 0.2
loss = 0.1

[parts.source]
part = "squeezed_mode"
drive = "squeezing"
decay = 1.0

[parts.link]
part = "fibre"
transmission = "1 - loss"

[parts.receiver]
part = "cavity"
decay = 1.0

[axes.loss]
from = 0.0
to = 0.9
points = 91
"""

HEADER = (
    '<div class="qc-title"><b>qcascade</b> '
    "<span>entanglement in cascaded and nonreciprocal quantum networks</span></div>"
)


class Start(NamedTuple):
    """What the page begins with: an entry of the list of systems, and a network file's text."""

    label: str
    text: str


def beginning(request: Any) -> Start:
    """What the server was asked to show first.

    Args:
        request: marimo's record of the request; the server puts `key` and `text` into its `meta`.
    """
    meta = (getattr(request, "meta", None) or {}) if request is not None else {}
    key, text = meta.get("key"), meta.get("text")
    labels = systems_offered()
    label = next((label for label, value in labels.items() if value == key), next(iter(labels)))
    return Start("a network file" if text is not None else label, text or EXAMPLE)


def systems_offered() -> dict[str, str]:
    """Keys by what the list of systems shows."""
    return {**{f"{key}: {title}": key for key, title in PAPERS.items()}, "a network file": FILE}


def decoded(files: Any) -> str:
    """The text of an uploaded file; bytes that are no text become a mark that TOML refuses.

    Args:
        files: what the upload holds.
    """
    return files[0].contents.decode("utf-8", errors="replace") if files else EXAMPLE


def in_unit(unit: str) -> str:
    """A unit behind a number, nothing for a pure one.

    Args:
        unit: "1" for a pure number.
    """
    return "" if unit in ("", "1") else f" {unit}"


def choice_controls(mo: Any, chosen: Study | None) -> dict[str, Any]:
    """A list for every choice of a system.

    Args:
        mo: marimo.
        chosen: what is explored.
    """
    return {
        c.name: mo.ui.dropdown(
            {str(option): option for option in c.options},
            value=str(c.default),
            label=c.meaning,
            full_width=True,
        )
        for c in (chosen.system.choices if chosen else ())
    }


def view_controls(mo: Any, chosen: Study | None, setting: Setting) -> dict[str, Any]:
    """Lists for the quantity and the axes.

    Args:
        mo: marimo.
        chosen: what is explored.
        setting: options chosen.
    """
    if chosen is None or not chosen.system.parameters(setting):
        return {}
    named = {_spoken(p): p.name for p in chosen.system.parameters(setting)}
    shown = {
        f"{q.symbol}: {q.meaning}": name for name, q in chosen.system.quantities(setting).items()
    }
    wide = {"full_width": True}
    curve = f"{NONE} (a curve)"
    second = next((words for words, name in named.items() if name == _second(chosen)), curve)
    return {
        "quantity": mo.ui.dropdown(shown, value=next(iter(shown)), label="quantity", **wide),
        "x": mo.ui.dropdown(named, value=next(iter(named)), label="axis", **wide),
        "y": mo.ui.dropdown(
            {curve: NONE, **named},
            value=second,
            label="second axis",
            **wide,
        ),
    }


def first_view(chosen: Study, setting: Setting) -> tuple[dict[str, Any], dict[str, Any]]:
    """Quantity, axes and their ends as the controls have them at first.

    Args:
        chosen: what is explored.
        setting: options chosen.
    """
    known = chosen.system.parameters(setting)
    if not known:
        return {}, {}
    quantity = next(iter(chosen.system.quantities(setting)))
    second = _second(chosen)
    over = {"quantity": quantity, "x": known[0].name, "y": second}
    ends = {"x_from": known[0].low, "x_to": known[0].high}
    if second == NONE:
        return over, {**ends, "points": CURVE}
    return over, {**ends, "y_from": known[1].low, "y_to": known[1].high, "points": MAP}


def _second(chosen: Study) -> str:
    """The second axis at first: that of a file which has two."""
    names = list(chosen.netlist.axes) if chosen.netlist else []
    return names[1] if len(names) == 2 else NONE


def _spoken(parameter: Parameter) -> str:
    return f"{parameter.symbol}: {parameter.meaning}" if parameter.meaning else parameter.name


def range_controls(
    mo: Any, chosen: Study | None, setting: Setting, over: Mapping[str, Any]
) -> dict[str, Any]:
    """From where to where the axes go, and how many points they have.

    Args:
        mo: marimo.
        chosen: what is explored.
        setting: options chosen.
        over: quantity and axes chosen.
    """
    if chosen is None or not over:
        return {}
    known = {p.name: p for p in chosen.system.parameters(setting)}
    controls: dict[str, Any] = {}
    for key in ("x", "y"):
        if over[key] == NONE or known[over[key]].stops:
            continue
        p = known[over[key]]
        for end, value in (("from", p.low), ("to", p.high)):
            label = f"{p.symbol} {end}"
            controls[f"{key}_{end}"] = mo.ui.number(
                value=float(value), step=step_of(p), label=label, full_width=True
            )
    if not controls:
        return {}
    points = MAP if over["y"] != NONE else CURVE
    controls["points"] = mo.ui.number(5, 400, 1, points, label="points", full_width=True)
    return controls


def left(
    mo: Any,
    pick: Any,
    file: tuple[Any, ...],
    refusal: str,
    choices: Any,
    sliders: Sequence[Any],
    over: Any,
    ranges: Any,
    reset: Any,
) -> list[Any]:
    """The column of controls.

    Args:
        mo: marimo.
        pick: the list of systems.
        file: text and upload of a network file, when that is what is explored.
        refusal: why the file is no network.
        choices: lists of options.
        sliders: one by one.
        over: lists for quantity and axes.
        ranges: fields for ends and points.
        reset: the button.
    """
    told = [mo.Html(f'<div class="qc-refusal" role="alert">{escape(refusal)}</div>')]
    shown = [pick, *file, *(told if refusal else []), *_pairs(mo, choices.elements.values())]
    if over.elements:
        quantity, *axes = over.elements.values()
        shown += [_caption(mo, "show"), quantity, *_pairs(mo, axes)]
        if ranges.elements:
            fields = mo.vstack(_pairs(mo, ranges.elements.values()))
            shown.append(mo.accordion({"ranges and points": fields}))
    if sliders:
        shown += [_caption(mo, "parameters"), *sliders, reset]
    return shown


def _pairs(mo: Any, elements: Iterable[Any]) -> list[Any]:
    """Rows of two."""
    each = list(elements)
    rows = (each[k : k + 2] for k in range(0, len(each), 2))
    return [mo.hstack(row, widths="equal", gap=0.75) for row in rows]


def _caption(mo: Any, text: str) -> Any:
    return mo.Html(f'<div class="qc-caption">{escape(text)}</div>')


def mode_control(mo: Any, chosen: Study | None, setting: Setting) -> Any:
    """A list of the modes of which there may be a Wigner function.

    Args:
        mo: marimo.
        chosen: what is explored.
        setting: options chosen.
    """
    modes = modes_of(chosen, setting) if chosen else ()
    return mo.ui.dropdown(list(modes), value=modes[-1] if modes else None)


def mode_row(mo: Any, mode: Any) -> list[Any]:
    """The line above covariance and Wigner function; nothing where there are no modes.

    Args:
        mo: marimo.
        mode: the list of modes.
    """
    if not mode.options:
        return []
    choose = mo.hstack([_caption(mo, "Wigner function of"), mode], justify="start", align="center")
    return [_caption(mo, "covariance V (vacuum ½)"), choose]
