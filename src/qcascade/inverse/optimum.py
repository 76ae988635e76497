"""What `design` gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base.given_units import Unit
from .points import in_unit

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False, repr=False)
class Design:
    """The best design that was found; made by `design`.

    Args:
        at: the parameters by name, tied ones too; in SI units where ranges had a unit.
        units: by parameter, the unit of its range, and what that is in SI units.
        value: the output that was made large; of several, the smallest; of what was made small,
            the largest.
        small: whether it was made small.
        values: all of them by name.
        active: what holds the design back: ends of ranges, and limits that are met.
        ended: where the search ended, in words: at an optimum, or what else kept it from going on.
        floor: the distance from threshold that was kept, in words.
        growth: growth rate of the fastest part, negative; NaN where no model was solved.
        runs: the best value of every run, the best first.
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
    units: Mapping[str, Unit]
    value: float
    small: bool
    values: Mapping[str, float]
    active: tuple[str, ...]
    ended: str
    floor: str
    growth: float
    runs: tuple[float, ...]
    history: "xr.Dataset"
    difference: float
    evaluated: int
    seed: int
    probability: float

    def __repr__(self) -> str:
        width = max(map(len, self.at))
        rows = [
            f"  {name:<{width}}  {in_unit(x, self.units.get(name), '.8g')}"
            for name, x in self.at.items()
        ]
        values = ", ".join(f"{name} = {x:.8g}" for name, x in self.values.items())
        known = self.difference == self.difference
        other = f"another solver differs by {self.difference:.1g}" if known else "no second solver"
        better = -1 if self.small else 1
        reached = sum(better * (x - self.value) > -1e-4 for x in self.runs)
        bears = self.probability == self.probability
        alike = f"{reached} of {len(self.runs)} runs within 1e-4"
        if bears:
            alike = f"{self.runs[0]:.8g} without a spread"
        lines = [
            f"Design: {'smallest ' if self.small else ''}{values}",
            *rows,
            f"  held back by: {'; '.join(self.active) or 'nothing'}",
            f"  search ended {self.ended}",
            f"  threshold: {self.floor}; growth {self.growth:.4g}",
            f"  {alike}, {self.evaluated:,} points, seed {self.seed}; {other}",
        ]
        if bears:
            lines.append(f"  a little off it still works with probability {self.probability:.4f}")
        return "\n".join(lines)
