"""Figures as records: which variables and dimensions of a dataset are drawn, panel by panel.

Names, units and symbols are read from attributes of the dataset; where its `stable` is false a
panel is hatched, and says so where nothing is left to draw.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

At = Mapping[str, Any]
EVERYWHERE: At = MappingProxyType({})
"""No selection: all that the dataset holds."""


class Level(NamedTuple):
    """A horizontal line; its value may be a variable, along `hue` one for each colour."""

    value: float | str
    label: str = ""


class Place(NamedTuple):
    """A vertical line; its value may be a variable without dimensions."""

    value: float | str
    label: str = ""


class Curves(NamedTuple):
    """Lines over one dimension.

    Args:
        of: variables; several of them differ by line style.
        over: the dimension along the horizontal axis.
        hue: the dimension whose values have colours, in order where they are numbers.
        dash: the dimension whose values have line styles.
        dashes: what those values are called in words.
        at: what is chosen of other dimensions.
        title: above the panel.
        ylabel: instead of the name of the variable.
        log: which axes are logarithmic, of "x" and "y".
        ylim: lowest and highest value shown.
        marks: lines to compare with.
        beside: variables to compare with, dotted; black where there is one for each `hue`.
        error: variable with the standard errors of the last of `of`, which is drawn as points.
        dots: whether points are marked, where they are few.
        polar: whether `over` is an angle in units of π.
        against: the choice from which the panel's greatest difference is told.
        ordered: whether values of `hue` that are words have an order.
        steps: whether values are whole numbers, which change in steps.
    """

    of: tuple[str, ...]
    over: str
    hue: str = ""
    dash: str = ""
    dashes: Mapping[str, str] = EVERYWHERE
    at: At = EVERYWHERE
    title: str = ""
    ylabel: str = ""
    log: tuple[str, ...] = ()
    ylim: tuple[float | None, float | None] = (None, None)
    marks: tuple[Level | Place, ...] = ()
    beside: tuple[str, ...] = ()
    error: str = ""
    dots: bool = False
    polar: bool = False
    against: At = EVERYWHERE
    ordered: bool = False
    steps: bool = False


class Map(NamedTuple):
    """Colours over two dimensions, hatched where there is no steady state.

    Args:
        of: the variable.
        over: dimensions across and up.
        at: what is chosen of other dimensions.
        title: above the panel.
        scale: from values to a norm and a colour map.
        shared: whether the scale is that of all there is, not only of what is chosen.
        levels: contours.
        marks: lines to compare with.
        beside: variables over the dimension across to compare with, dashed.
        ylim: part of the dimension up that is shown.
        against: the choice from which the panel's greatest difference is told.
    """

    of: str
    over: tuple[str, str]
    at: At = EVERYWHERE
    title: str = ""
    scale: Callable[[Any], dict[str, Any]] | None = None
    shared: bool = False
    levels: tuple[float, ...] = ()
    marks: tuple[Level | Place, ...] = ()
    beside: tuple[str, ...] = ()
    ylim: tuple[float | None, float | None] = (None, None)
    against: At = EVERYWHERE


class Surface(NamedTuple):
    """A surface over two dimensions and, as a mesh, a second variable."""

    of: str
    mesh: str
    over: tuple[str, str]
    at: At = EVERYWHERE
    title: str = ""


class Plane(NamedTuple):
    """A function of two quadratures with its 1/e contour and, dashed, that of the vacuum."""

    of: str
    over: tuple[str, str]
    at: At = EVERYWHERE
    title: str = ""
    labels: tuple[str, str] = ("", "")


class Matrix(NamedTuple):
    """A small matrix with its numbers."""

    of: str
    at: At = EVERYWHERE
    title: str = ""


class Bars(NamedTuple):
    """A bar for each value of `over`, grouped by `hue`, and a stroke at a second variable."""

    of: str
    stroke: str
    over: str
    hue: str
    title: str = ""


Panel = Curves | Map | Surface | Plane | Matrix | Bars


class Sheet(NamedTuple):
    """A figure: rows of panels, and a title in which attributes of the data are filled in.

    Args:
        rows: panels, row by row.
        title: above all of them.
        size: width and height of one panel, inches; of their kind when None.
    """

    rows: tuple[tuple[Panel, ...], ...]
    title: str = ""
    size: tuple[float, float] | None = None


def across(panel: Any, dim: str, says: Mapping[Any, str]) -> tuple[Any, ...]:
    """The panel for each value of a dimension, side by side.

    Args:
        panel: a record of this module.
        dim: the dimension.
        says: title by value.
    """
    return tuple(panel._replace(at={**panel.at, dim: x}, title=text) for x, text in says.items())
