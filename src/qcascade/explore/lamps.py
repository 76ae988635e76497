"""The current point: two lamps, its numbers, and portraits of its state."""

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from ..papers.records import Setting
from . import portraits
from .page import in_unit
from .point import REFUSED, Lamp, Point, look
from .systems import Study
from .views import rich

if TYPE_CHECKING:
    pass


def looked(
    chosen: Study | None, setting: Setting, values: Mapping[str, float]
) -> tuple[Point | None, str]:
    """The current point, or why there is none.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: sliders.
    """
    if chosen is None:
        return None, ""
    try:
        return look(chosen, setting, values), ""
    except REFUSED as error:
        return None, str(error)


def lights(chosen: Study | None, setting: Setting, point: Point | None) -> str:
    """Both lamps and the numbers of the current point, as HTML.

    Args:
        chosen: what is explored.
        setting: options chosen.
        point: the current point.
    """
    if chosen is None or point is None:
        return '<div class="qc-lights"></div>'
    quantities = chosen.system.quantities(setting)
    rows = "".join(
        f'<tr title="{escape(q.meaning)}"><td>{rich(q.symbol)}</td>'
        f'<td data-quantity="{escape(name)}">{_number(point.numbers[name])}</td>'
        f"<td>{rich(in_unit(q.unit))}</td></tr>"
        for name, q in quantities.items()
        if name in point.numbers
    )
    lamps = _lamp(point.stable, "stability") + _lamp(point.physical, "physicality")
    return (
        f'<div class="qc-lights">{lamps}'
        f'<div class="qc-caption">at this point</div>'
        f'<div class="qc-numbers"><table>{rows}</table></div></div>'
    )


def _number(value: float) -> str:
    return "none" if np.isnan(value) else f"{value:.6g}"


def _lamp(light: Lamp, what: str) -> str:
    colour = {True: "good", False: "bad", None: "unknown"}[light.good]
    return (
        f'<div class="qc-lamp" data-lamp="{what}" data-good="{colour}">'
        f'<span class="qc-bulb qc-{colour}"></span><b>{escape(light.title)}</b>'
        f"<p>{escape(light.sentence)}</p></div>"
    )


def below(mo: Any, point: Point | None, mode: str | None) -> list[Any]:
    """Covariance and Wigner function of the current point, or the concurrences of qubits.

    Args:
        mo: marimo.
        point: the current point.
        mode: whose Wigner function.

    Returns:
        Elements of the page; none where there is nothing to show.
    """
    if point is None:
        return []
    if point.state is not None and mode in point.state.modes:
        both = portraits.covariance(point.state), portraits.wigner_map(point.state, mode)
        return [_portrait(mo, each) for each in both]
    if any(name.startswith("C_") for name in point.numbers):
        title = mo.Html('<div class="qc-caption">concurrence of every pair</div>')
        return [mo.vstack([title, _portrait(mo, portraits.concurrences(point.numbers))])]
    return []


def _portrait(mo: Any, figure: Any) -> Any:
    return mo.ui.plotly(figure, config={"displayModeBar": False, "responsive": True})
