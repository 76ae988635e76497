"""What a reader may change in a published system, in the units its paper uses."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Parameter(NamedTuple):
    """A number of a system: what it means, its unit, and where it makes sense.

    Args:
        name: the argument of the system's `point`.
        symbol: as the paper writes it.
        meaning: in words.
        unit: of `low`, `high` and `default`; "1" for a ratio.
        low: lowest value of interest.
        high: highest value of interest.
        default: where to start.
        scale: what `point` takes is `scale` times the value in this unit.
        logarithmic: whether values of interest are spread over decades.
        several: whether `point` also takes a list of such numbers, "0,1,3" as text.
        word: one word of the meaning, for axes of figures.
        start: where the explorer starts instead of the default.
        check: reads a value, given its name; None where ratios and angles are read by their unit,
            and the parts read all others.
        stops: values that alone it can have; any when empty.
    """

    name: str
    symbol: str
    meaning: str
    unit: str
    low: float
    high: float
    default: float
    scale: float = 1.0
    logarithmic: bool = False
    several: bool = False
    word: str = ""
    start: float | None = None
    check: Callable[[str, Any], Any] | None = None
    stops: tuple[float, ...] = ()

    @property
    def value(self) -> Any:
        """The default as `point` takes it."""
        return float(f"{self.default * self.scale:.12g}")


class Choice(NamedTuple):
    """A setting of a system that is one of a few words or whole numbers.

    Args:
        name: what is set.
        meaning: in words.
        options: all there are; those of interest where `check` takes others, too.
        default: where to start.
        check: reads a value, given its name; None where it is one of the options.
    """

    name: str
    meaning: str
    options: tuple[Any, ...]
    default: Any
    check: Callable[[str, Any], Any] | None = None

    @property
    def value(self) -> Any:
        """The default as `point` takes it."""
        return self.default


Table = tuple[Parameter | Choice, ...]
"""Everything that `point` of a paper takes, in its order: names, defaults, units, ranges."""


class Quantity(NamedTuple):
    """A number that `point` returns.

    Args:
        source: its name in what `point` returns.
        symbol: as the field writes it.
        meaning: in words.
        unit: its unit; "1" for a pure number.
        entry: which one, where `point` returns an array: [..., *entry].
    """

    source: str
    symbol: str
    meaning: str
    unit: str = "1"
    entry: tuple[int, ...] = ()


Setting = Mapping[str, Any]
"""Options chosen, by the name of the choice."""


class System(NamedTuple):
    """A published system as a reader may explore it.

    Args:
        point: the numbers of one point, or of a batch of them, by name.
        choices: settings that decide what the other records are.
        parameters: of a setting; the first is what a curve runs over at first, the first two
            what a map does.
        quantities: of a setting, by name; the first is what is shown at first.
        fixed: arguments of `point` that a setting decides.
        network: parts and wires, as a function of the arguments of `point`.
        model: linear model, as a function of the arguments of `point`; None for a master
            equation.
        broadcasts: whether `point` takes arrays.
        points: how many points a curve, and either side of a map, can have at arguments of
            `point` without keeping a reader waiting; None for as many as one likes.
        note: what a reader should know.
    """

    point: Callable[..., Mapping[str, Any]]
    choices: tuple[Choice, ...]
    parameters: Callable[[Setting], tuple[Parameter, ...]]
    quantities: Callable[[Setting], Mapping[str, Quantity]]
    fixed: Callable[[Setting], dict[str, Any]]
    network: Callable[..., Any]
    model: Callable[..., Any] | None
    broadcasts: bool = True
    points: Callable[..., tuple[int, int]] | None = None
    note: str = ""


def explored(
    table: Table,
    point: Callable[..., Mapping[str, Any]],
    quantities: tuple[Quantity, ...] | Callable[[Setting], Mapping[str, Quantity]],
    network: Callable[..., Any],
    model: Callable[..., Any],
    note: str = "",
    start: Callable[[Setting], Mapping[str, float]] = lambda setting: {},
) -> System:
    """The system whose choices and parameters are those of one table.

    Args:
        table: of `point`.
        point: the numbers of a point.
        quantities: what of them is shown, the first at first; or a function of the setting.
        network: parts and wires, as a function of the arguments of `point`.
        model: linear model, as a function of the same.
        note: what a reader should know.
        start: where parameters start in a setting, in their units, if not at `start` or default.
    """

    def parameters(setting: Setting) -> tuple[Parameter, ...]:
        own = start(setting)
        starts = {x: own.get(x.name, x.start) for x in table if isinstance(x, Parameter)}
        return tuple(x if at is None else x._replace(default=at) for x, at in starts.items())

    shown = (
        quantities
        if callable(quantities)
        else lambda setting, known={x.source: x for x in quantities}: known
    )
    return System(
        point,
        tuple(x for x in table if isinstance(x, Choice)),
        parameters,
        shown,
        dict,
        network,
        model,
        note=note,
    )
