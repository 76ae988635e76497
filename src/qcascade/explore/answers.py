"""What the page shows: results of the library, or the sentence that says why there are none."""

from collections.abc import Callable, Mapping, MutableMapping
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..papers.records import Parameter, Setting
from ..plots.plot import figure
from . import export, views
from .diagrams import as_svg
from .point import REFUSED
from .shown import Swept, View, affordable, compute, parameter_of, quantity_of
from .sliding import nearest_stop
from .systems import Study
from .views import rich

if TYPE_CHECKING:
    import xarray as xr


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
    return as_svg(drawing)


def sentence(mo: Any, text: str) -> Any:
    """A refusal, as the page shows it.

    Args:
        mo: marimo.
        text: the sentence.
    """
    return mo.Html(f'<div class="qc-refusal" role="alert">{escape(text)}</div>')


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
