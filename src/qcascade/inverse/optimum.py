"""What `design` gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


Units = Mapping[str, tuple[str, float]]


@dataclass(frozen=True, eq=False, repr=False)
class Design:
    """The best design that was found; made by `design`.

    Args:
        at: the parameters by name, tied ones too; in SI units where ranges had a unit.
        value: the output that was made large; of several, the smallest.
        values: all of them by name.
        active: what holds the design back: ends of ranges, and limits that are met.
        floor: the distance from threshold that was kept, in words.
        growth: growth rate of the fastest part, negative; NaN where no model was solved.
        runs: the best value of every run, the largest first.
        history: the best value so far by run and step, NaN after the last.
        difference: between the value and that of the other route; NaN where no covariance is on
            the way to it, and so no second solver.
        evaluated: points that were evaluated.
        seed: of the random numbers.
        probability: with `tolerance`, the share of designs a little off that still work; NaN
            without.

    >>> from qcascade import design
    >>> best = design(lambda x: {"f": x * (1 - x)}, maximise="f", over={"x": (0, 0.4)}, runs=1)
    >>> best.at, round(best.value, 9), best.active
    ({'x': 0.4}, 0.24, ('x = 0.4',))
    """

    at: Mapping[str, float]
    value: float
    values: Mapping[str, float]
    active: tuple[str, ...]
    floor: str
    growth: float
    runs: tuple[float, ...]
    history: "xr.Dataset"
    difference: float
    evaluated: int
    seed: int
    probability: float

    def __repr__(self) -> str:
        return told(self, {})


def told(best: Design, units: Units) -> str:
    """The record in words, with parameters in units of one's own.

    Args:
        best: the design.
        units: a unit, and what it is in SI units, by parameter; others are as in `at`.
    """
    width = max(map(len, best.at))
    rows = [f"  {n:<{width}}  {_in_unit(x, units.get(n), '.8g')}" for n, x in best.at.items()]
    found = ", ".join(f"{name} = {x:.8g}" for name, x in best.values.items())
    active = "; ".join(active_in(best, units)) or "nothing"
    known = best.difference == best.difference
    other = f"another solver differs by {best.difference:.1g}" if known else "no second solver"
    reached = sum(x > best.value - 1e-4 for x in best.runs)
    lines = [
        f"Design: {found}",
        *rows,
        f"  held back by: {active}",
        f"  threshold: {best.floor}; growth {best.growth:.4g}",
        f"  {reached} of {len(best.runs)} runs within 1e-4, {best.evaluated:,} points, "
        f"seed {best.seed}; {other}",
    ]
    if best.probability == best.probability:
        lines.append(f"  a little off it still works with probability {best.probability:.4f}")
    return "\n".join(lines)


def active_in(best: Design, units: Units) -> list[str]:
    """What holds the design back, with parameters in units of one's own.

    Args:
        best: the design.
        units: as for `told`.
    """
    # A parameter that is named here stands at an end of its range.
    names = [text.partition(" = ")[0] for text in best.active]
    return [
        f"{name} = {_in_unit(best.at[name], units[name], 'g')}" if name in units else text
        for name, text in zip(names, best.active, strict=True)
    ]


def _in_unit(value: float, unit: tuple[str, float] | None, digits: str) -> str:
    name, scale = unit or ("", 1.0)
    return f"{value / scale:{digits}} {name}".rstrip()
