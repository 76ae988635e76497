"""What figures are computed over, as records: a measure, axes, cases, and readings."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..plots import plot
from ..plots.panels import draw
from ..plots.records import Sheet
from ..sweeps.points import each
from ..sweeps.run import CHUNK, sweep
from .records import Parameter, Table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Plate(NamedTuple):
    """A figure: what it shows, the function that computes its data, and the one that draws.

    `readings` says which readings of the paper it shows, or why one is enough. `fast` and
    `full` are keyword settings of `data`: a coarse figure within seconds, and all that the
    paper shows where the usual settings leave something out because it takes minutes.
    """

    caption: str
    data: Callable[..., "xr.Dataset"]
    draw: Callable[["xr.Dataset"], "Figure"]
    readings: str = ""
    fast: Mapping[str, Any] = NOTHING
    full: Mapping[str, Any] = NOTHING


class Axis(NamedTuple):
    """An axis of a figure, in the unit of its parameter.

    Args:
        parameter: of the paper's table, or one of the figure's own.
        low: first value.
        high: last value.
        logarithmic: whether decades are alike.
        from_zero: whether `low` itself is left out.
        values: these, few, whatever the number of points.
        times: values for every point of the figure's other axes.
    """

    parameter: Parameter
    low: float = 0.0
    high: float = 1.0
    logarithmic: bool = False
    from_zero: bool = False
    values: Sequence[float] | None = None
    times: int = 1

    def at(self, points: int) -> Any:
        """The values.

        Args:
            points: how many.
        """
        if self.values is not None:
            return np.asarray(self.values, float)
        number = self.times * points + int(self.from_zero or self.times > 1)
        spread = np.geomspace if self.logarithmic else np.linspace
        return spread(self.low, self.high, number)[int(self.from_zero) :]


def over(
    table: Table, name: str, low: float | None = None, high: float | None = None, **more: Any
) -> Axis:
    """The axis of a parameter of a table, over its range of interest where none is given.

    Args:
        table: of the paper.
        name: the parameter.
        low: first value, in its unit.
        high: last value.
        **more: fields of `Axis`.
    """
    parameter = next(x for x in table if x.name == name)
    assert isinstance(parameter, Parameter)
    ends = (parameter.low if low is None else low, parameter.high if high is None else high)
    return Axis(parameter, *ends, **more)


class Grid(NamedTuple):
    """What a figure is computed over.

    Args:
        measure: numbers by name as a function of the axes' parameters, the settings of a case,
            and what is chosen; an entry with more axes is a pair (their names, values).
        axes: one to three of them.
        names: long name and unit of what is measured.
        choices: values by the name of an argument, the readings of the paper first; each is a
            dimension.
        cases: settings by what they are called in words; a dimension of that name.
        fixed: settings of all points.
        network: what the data is computed from, recorded with it.
        chunk: points at a time.
        one: whether the measure takes one point at a time.
        more: what is added to the whole dataset.
    """

    measure: Callable[..., Mapping[str, Any]]
    axes: tuple[Axis, ...]
    names: Mapping[str, tuple[str, str]]
    choices: Mapping[str, Sequence[Any]] = NOTHING
    cases: Mapping[str, Mapping[str, Any]] = NOTHING
    fixed: Mapping[str, Any] = NOTHING
    network: Callable[[], Any] | None = None
    chunk: int = CHUNK
    one: bool = False
    more: Callable[["xr.Dataset"], "xr.Dataset"] = lambda data: data


def computed(
    grid: Grid, points: int | None = None, also: Mapping[str, Any] = NOTHING
) -> Callable[..., "xr.Dataset"]:
    """The function that computes the data of a grid, of the number of points and other settings.

    Args:
        grid: what is computed over what.
        points: usual number along each axis; None where all axes have values of their own.
        also: usual values of further settings, which the measure takes, or which are the values
            of an axis of that name. Some of the values of a choice can be asked for as well.

    >>> from .records import Parameter
    >>> x = Axis(Parameter("x", "x", "place", "m", 0, 1, 0))
    >>> data = computed(Grid(lambda x, power: {"y": x**power}, (x,), {}), 3, {"power": 2})
    >>> data(5).sizes["x"], data(power=1).y.values.tolist()
    (5, [0.0, 0.5, 1.0])
    """
    usual = {**({} if points is None else {"points": points}), **also}
    keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
    defaults = {**usual, **grid.choices}
    signature = inspect.Signature(
        [inspect.Parameter(name, keyword, default=x) for name, x in defaults.items()]
    )

    def data(*arguments: Any, **named: Any) -> "xr.Dataset":
        given = usual | signature.bind(*arguments, **named).arguments
        return _computed(grid, given.pop("points", 0), given)

    data.__dict__["__signature__"] = signature
    return data


def _computed(grid: Grid, points: int, settings: dict[str, Any]) -> "xr.Dataset":
    axes = [
        axis._replace(values=settings.pop(axis.parameter.name))
        if axis.parameter.name in settings
        else axis
        for axis in grid.axes
    ]
    choices = {name: settings.pop(name, values) for name, values in grid.choices.items()}
    fixed = {**grid.fixed, **settings}
    found = [
        [_swept(grid, axes, points, {**fixed, **dict(zip(choices, chosen, strict=True)), **case})
         for case in (grid.cases or {"": {}}).values()]
        for chosen in product(*choices.values())
    ]  # fmt: skip
    data = grid.more(_joined(found, choices, list(grid.cases)))
    data = described(data, {**{x.parameter.name: _named(x.parameter) for x in axes}, **grid.names})
    for axis in axes:
        data[axis.parameter.name].attrs["symbol"] = axis.parameter.symbol
    plain = (str, bool, int, float, complex, np.number)
    data.attrs |= {name: x for name, x in settings.items() if isinstance(x, plain)}
    return data


def described(data: "xr.Dataset", names: Mapping[str, tuple[str, str]]) -> "xr.Dataset":
    """The dataset with long names and units of what it holds.

    Args:
        data: the dataset.
        names: long name and unit by variable or coordinate; others may stand beside them.
    """
    return plot.describe(data, {name: x for name, x in names.items() if name in data.variables})


def _named(x: Parameter) -> tuple[str, str]:
    return f"{x.word} {x.symbol}".strip(), x.unit


def _swept(grid: Grid, axes: Sequence[Axis], points: int, given: Mapping[str, Any]) -> "xr.Dataset":
    """One sweep: of one case in one reading."""
    scales = {x.parameter.name: x.parameter.scale for x in axes}

    def at(**columns: Any) -> Mapping[str, Any]:
        return grid.measure(**{name: x * scales[name] for name, x in columns.items()}, **given)

    labelled: dict[str, Any] = {x.parameter.name: (x.at(points), x.parameter.unit) for x in axes}
    network = grid.network() if grid.network else None
    return sweep(each(at) if grid.one else at, chunk=grid.chunk, network=network, **labelled)


def _joined(found: Any, choices: Mapping[str, Sequence[Any]], cases: list[str]) -> "xr.Dataset":
    """One dataset of many: what was chosen, and the case, along dimensions of their own."""
    import xarray as xr

    def along(parts: list[Any], name: str, values: Sequence[Any]) -> Any:
        whole = xr.concat(parts, name, data_vars="all", combine_attrs="override")
        return whole.assign_coords({name: list(values)})

    data = [along(row, "case", cases) if cases else row[0] for row in found]
    for name, values in reversed([*choices.items()]):
        size = len(values)
        data = [along(data[k : k + size], name, values) for k in range(0, len(data), size)]
    return data[0]


def beside(
    data: Callable[..., "xr.Dataset"], other: Callable[..., "xr.Dataset"], suffix: str
) -> Callable[..., "xr.Dataset"]:
    """The function for both grids in one dataset; names of the second carry a suffix.

    Axes that are the same are shared.

    Args:
        data: of the first grid, from `computed`.
        other: of the second one, with the same settings.
        suffix: what its variables and axes end in.
    """

    @functools.wraps(data)
    def both(*arguments: Any, **named: Any) -> "xr.Dataset":
        first, second = (one(*arguments, **named) for one in (data, other))
        shared = [
            dim for dim in second.dims if dim in first.dims and first[dim].equals(second[dim])
        ]
        renamed = {*second.data_vars, *second.dims} - {*shared}
        second = second.rename({name: f"{name}{suffix}" for name in renamed})
        for name in second.data_vars:
            second[name].attrs["suffix"] = suffix
        return first.merge(second, compat="no_conflicts")

    return both


def drawn(sheet: Sheet) -> Callable[["xr.Dataset"], "Figure"]:
    """The function that draws a sheet from its data.

    Args:
        sheet: the figure.
    """
    return functools.partial(draw, sheet)


def plate(
    caption: str,
    of: Grid | Callable[..., "xr.Dataset"],
    *rows: Any,
    says: str = "",
    title: str = "",
    points: int | None = None,
    also: Mapping[str, Any] = NOTHING,
    fast: Mapping[str, Any] = NOTHING,
    full: Mapping[str, Any] = NOTHING,
    size: tuple[float, float] | None = None,
) -> Plate:
    """A figure: what it is computed over, and the rows of its panels.

    Args:
        caption: what it shows.
        of: a grid, or the function that computes the data.
        *rows: panels, or tuples of panels side by side.
        says: which readings of the paper it shows.
        title: above all panels; attributes of the data are filled in.
        points: usual number along each axis of a grid.
        also: usual values of further settings of a grid.
        fast: settings of a coarse figure.
        full: settings of all that the paper shows.
        size: width and height of one panel, inches.

    >>> from ..plots.records import Curves
    >>> from .records import Parameter
    >>> x = Axis(Parameter("x", "x", "place", "m", 0, 1, 0))
    >>> line = plate("a line", Grid(lambda x: {"y": x}, (x,), {}), Curves(("y",), "x"), points=3)
    >>> line.caption, line.data().y.values.tolist()
    ('a line', [0.0, 0.5, 1.0])
    """
    data = computed(of, points, also) if isinstance(of, Grid) else of
    sheet = Sheet(tuple(row if type(row) is tuple else (row,) for row in rows), title, size)
    return Plate(caption, data, drawn(sheet), says, fast, full)
