"""Diagrams of networks on the page."""

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

from ..papers.records import Setting
from ..plots.diagram import draw
from ..plots.plan import Plan, plan
from .point import REFUSED
from .systems import Study, arguments

if TYPE_CHECKING:
    pass


def as_svg(drawing: Any) -> str:
    stream = StringIO()
    drawing.savefig(stream, format="svg", transparent=True)
    text = stream.getvalue()
    return text[text.index("<svg") :]


def planned(chosen: Study | None, setting: Setting, values: Mapping[str, float]) -> Plan | None:
    """What the diagram of the network shows; None where there is no network.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: sliders.
    """
    if chosen is None:
        return None
    try:
        net = chosen.system.network(**arguments(chosen, setting, values))
    except REFUSED:
        return None
    return None if net is None else plan(net)


def diagram_html(shown: Plan | None, note: str) -> str:
    """The diagram of a network, as HTML.

    Args:
        shown: from `planned`.
        note: what to say below it.
    """
    words = f'<p class="qc-note">{escape(note)}</p>' if note else ""
    picture = f"{_svg(shown)}{_LEGEND}" if shown is not None else ""
    return f'<div class="qc-diagram">{picture}{words}</div>'


_LEGEND = (
    '<p class="qc-legend"><i class="qc-wire"></i> wire <i class="qc-coupling"></i> coupling '
    '<i class="qc-disc"></i> bath; <span style="color:#c0504d">red</span> is thermal, '
    '<span style="color:#7b5ea7">violet</span> squeezed. '
    "An arrow on a coupling: it acts one way.</p>"
)


@lru_cache(maxsize=64)
def _svg(shown: Plan) -> str:
    """Drawn once: moving a slider changes numbers, not the plan."""
    return as_svg(draw(shown))
