"""What the page shows: results of the library, or the sentence that says why there are none."""

from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, ConvergenceError, DegenerateError, UnstableError
from ..papers.records import Parameter, Setting
from ..plots.diagram import draw
from ..plots.plan import Plan, plan
from ..plots.plot import figure
from . import export, portraits, views
from .page import in_unit
from .point import Lamp, Point, look
from .shown import Swept, View, affordable, compute, parameter_of, quantity_of
from .sliding import nearest_stop
from .systems import Study, arguments
from .views import rich

if TYPE_CHECKING:
    import xarray as xr

REFUSED = (ArgumentError, UnstableError, DegenerateError, ConvergenceError)
"""What the page answers with a sentence."""


_NO_AXES = "The file has no parameters, so there is one point to look at."


class Answer(NamedTuple):
    """A view and its dataset, or a sentence; and a word on the grid where it is coarse."""

    view: View | None
    data: "xr.Dataset | None"
    sentence: str = ""
    remark: str = ""


def computed(
    chosen: Study | None,
    setting: Setting,
    values: Mapping[str, float],
    over: Mapping[str, Any],
    ranges: Mapping[str, Any],
) -> Answer:
    """The data that the controls ask for.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: sliders.
        over: quantity and axes chosen.
        ranges: ends of the axes, and points on each.
    """
    if chosen is None or not over:
        return Answer(None, None, remark=_NO_AXES if chosen else "")
    try:
        view = _view(chosen, setting, values, over, ranges)
        wanted = max(axis.points for axis in view.axes)
        axes = tuple(a._replace(points=affordable(view, a)) for a in view.axes)
        view = View(chosen, setting, values, axes, view.quantity)
        data = compute(view)
        return Answer(view, data, remark=_remark(view, data, wanted))
    except REFUSED as error:
        return Answer(None, None, str(error))


def _view(
    chosen: Study,
    setting: Setting,
    values: Mapping[str, float],
    over: Mapping[str, Any],
    ranges: Mapping[str, Any],
) -> View:
    known = {p.name: p for p in chosen.system.parameters(setting)}
    axes = tuple(_axis(known[over[key]], key, ranges) for key in ("x", "y") if over[key] in known)
    return View(chosen, setting, values, axes, over["quantity"])


def _axis(p: Parameter, key: str, ranges: Mapping[str, Any]) -> Swept:
    """From where to where; all its stops where it has some."""
    if p.stops:
        return Swept(p.name, p.stops[0], p.stops[-1], len(p.stops))
    return Swept(p.name, ranges[f"{key}_from"], ranges[f"{key}_to"], int(ranges["points"]))


def _remark(view: View, data: "xr.Dataset", wanted: int) -> str:
    """That the grid is coarse, or that there is nothing to see, where it is so."""
    words = []
    points = [axis.points for axis in view.axes]
    if max(points) < wanted and view.study.system.points is not None:
        size = " × ".join(map(str, points))
        words.append(f"Every point is a computation of its own: {size} points are shown.")
    stable = data["stable"].values
    if stable.any() and not np.any(data[view.quantity].values[stable]):
        words.append(f"{quantity_of(view).symbol} is 0 wherever there is a steady state.")
    return " ".join(words)


def remember(
    chosen: Study | None,
    setting: Setting,
    values: Mapping[str, float],
    moved: MutableMapping[tuple[str, str], float],
) -> None:
    """Keep in mind which sliders stand elsewhere than they started.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: sliders.
        moved: by study and parameter; changed in place.
    """
    if chosen is None:
        return
    for p in chosen.system.parameters(setting):
        if values[p.name] == p.default:
            moved.pop((chosen.key, p.name), None)
        else:
            moved[chosen.key, p.name] = values[p.name]


def jumped(
    view: View | None, selection: Any, moved: MutableMapping[tuple[str, str], float]
) -> bool:
    """Whether a click named a point of the figure, whose place is then kept in mind.

    Args:
        view: what is shown.
        selection: the points that were clicked, as plotly has them.
        moved: by study and parameter; changed in place.
    """
    if view is None or not selection or "x" not in selection[0]:
        return False
    for axis, key in zip(view.axes, ("x", "y"), strict=False):
        at = float(selection[0][key])
        moved[view.study.key, axis.name] = nearest_stop(parameter_of(view, axis.name), at)
    return True


def figure_of(answer: Answer) -> Any:
    """The figure of what was computed; None where there is none.

    Args:
        answer: what was computed.
    """
    if answer.view is None or answer.data is None:
        return None
    position = tuple(answer.view.values[axis.name] for axis in answer.view.axes)
    if len(position) == 1:
        return views.curve(answer.data, answer.view.quantity, position[0])
    return views.heatmap(answer.data, answer.view.quantity, (position[0], position[1]))


def plot(mo: Any, answer: Answer, clicked: Callable[[Any], None]) -> Any:
    """The figure as an element of the page; None where there is none.

    Args:
        mo: marimo.
        answer: what was computed.
        clicked: what to do when the figure is clicked.
    """
    made = figure_of(answer)
    if made is None:
        return None
    config = {
        "displaylogo": False,
        "responsive": True,
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    }
    return mo.ui.plotly(made, config=config, on_change=clicked)


def centre(mo: Any, answer: Answer, plot: Any) -> list[Any]:
    """The figure with a word on its grid, or the sentence.

    Args:
        mo: marimo.
        answer: what was computed.
        plot: the figure.
    """
    told = sentence(mo, answer.sentence) if answer.sentence else None
    remark = f'<div class="qc-note">{rich(answer.remark)}</div>'
    return [x for x in (plot, told, mo.Html(remark) if answer.remark else None) if x is not None]


def still(data: "xr.Dataset", name: str) -> str:
    """The library's own figure as SVG, to look at while the page is being loaded.

    Args:
        data: the dataset.
        name: the quantity.
    """
    drawing = figure(data, name)
    drawing.set_size_inches(7.4, 4.6)
    return _as_svg(drawing)


def _as_svg(drawing: Any) -> str:
    stream = StringIO()
    drawing.savefig(stream, format="svg", transparent=True)
    text = stream.getvalue()
    return text[text.index("<svg") :]


def sentence(mo: Any, text: str) -> Any:
    """A refusal, as the page shows it.

    Args:
        mo: marimo.
        text: the sentence.
    """
    return mo.Html(f'<div class="qc-refusal" role="alert">{escape(text)}</div>')


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
    return _as_svg(draw(shown))


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


def downloads(mo: Any, latest: Mapping[str, Any]) -> list[Any]:
    """Buttons for the figure, the data, and the script; each makes its file when it is pressed.

    Args:
        mo: marimo.
        latest: `view` and `data`, what the page shows now.
    """

    def offer(label: str, ending: str, mime: str, make: Callable[[], bytes]) -> Any:
        def name() -> str:
            return f"{export.stem(latest['view'])}.{ending}" if latest.get("view") else "nothing"

        def data() -> bytes:
            return make() if latest.get("view") else b"Nothing was shown."

        return mo.download(data=data, filename=name, mimetype=mime, label=label)

    def drawn(ending: str) -> Callable[[], bytes]:
        return lambda: export.figure_bytes(latest["view"], latest["data"], ending)

    return [
        offer("PNG", "png", "image/png", drawn("png")),
        offer("SVG", "svg", "image/svg+xml", drawn("svg")),
        offer("PDF", "pdf", "application/pdf", drawn("pdf")),
        offer("netCDF", "nc", "application/x-netcdf", lambda: export.netcdf_bytes(latest["data"])),
        offer("CSV", "csv", "text/csv", lambda: export.csv_text(latest["data"]).encode()),
        offer("Python", "py", "text/x-python", lambda: export.script(latest["view"]).encode()),
    ]
