"""The figures of liu2024, each panel in every reading.

E_N stands above the margin −ln 2ν₋, which is negative where nothing is entangled and says by
how much. Where the paper is silent the values are ours: 0.5 ≤ Δ/ω_m ≤ 2, Δ/ω_m = 1.4 in the
panels over other axes, and the middle curves.
"""

from functools import partial
from typing import Any

from ...plots.fields import from_zero, signed
from ...plots.records import Curves, Level, Map, across
from ..data import Axis, Grid, Plate, beside, computed, over, plate
from .model import LENGTHS, READINGS, TABLE, point, resting

NAMES = {
    "E_N": ("E_N", "nat"),
    "margin": ("margin −ln 2ν₋", "nat"),
    "growth": ("growth max Re λ", "ω_m"),
    "stable": ("has a steady state", "1"),
    "physical": ("obeys the uncertainty relation", "1"),
    "reading": ("reading of the equations", "1"),
    "length": ("cavity length l", "m"),
}
SAYS = {"printed": "printed, l = 100 mm"} | {
    name: f"{name}, l = {LENGTHS[name] * 1e6:g} µm" for name in READINGS[1:]
}


def _measured(reading: str, **at: Any) -> dict[str, Any]:
    found = point(**at, length=LENGTHS[reading], reading=reading)
    return {name: found[name] for name in ("E_N", "margin", "growth", "stable", "physical")}


def _grid(*axes: Axis, **fixed: float) -> Grid:
    recorded = partial(resting, length=LENGTHS["consistent"])  # at the paper's values
    return Grid(
        *(_measured, axes, NAMES, {"reading": READINGS}),
        fixed=fixed,
        network=recorded,
        more=lambda data: data.assign_coords(
            length=("reading", [LENGTHS[name] for name in data.reading.values])
        ),
    )


def _rows(along: str, other: str, up: bool, suffix: str = "") -> tuple[Any, ...]:
    """E_N and the margin in every reading: curves, or maps over two parameters."""
    rows = []
    for name, scale in (("E_N", from_zero), ("margin", signed)):
        marks = (Level(0.0),) if name == "margin" else ()
        panel: Any = (
            Map(name + suffix, (along, other), scale=scale)
            if up
            else Curves((name + suffix,), along, hue=other, marks=marks)
        )
        says = dict.fromkeys(SAYS, "") if rows or suffix else SAYS
        rows.append(across(panel, "reading", says))
    return tuple(rows)


def _plate(caption: str, grid: Grid, up: bool = False, inset: Any = None) -> Plate:
    """Curves are cheap, maps and insets with maps are not."""
    coarse, (first, second) = up or bool(inset), (axis.parameter.name for axis in grid.axes)
    data, rows = computed(grid, 101 if coarse else 301), _rows(first, second, up)
    if inset:
        other, more = inset
        data, rows = beside(data, computed(other, 101), "_inset"), (*rows, *more)
    says, fast = f"all three readings: {', '.join(READINGS)}", {"points": 31 if coarse else 101}
    return plate(caption, data, *rows, says=says, fast=fast)


_DETUNING, _FREQUENCY, _POWER = (
    over(TABLE, name) for name in ("detuning", "mechanical_frequency", "power")
)
_TEMPERATURE = over(TABLE, "temperature", 0)
_PHASE = over(TABLE, "phase_difference", 0, 0.5)
_PHASES = _PHASE._replace(values=(0.18, 0.22, 0.25))
_AT_90: dict[str, float] = {"phase_difference": 0.25, "mechanical_frequency": 90e6}
_AROUND = _grid(_PHASE._replace(high=2.0, times=3), _DETUNING._replace(values=(1.0, 1.2, 1.4)))
# a margin has a sign, and so no place around a circle
_ROSE = Curves(("E_N_inset",), "phase_difference_inset", hue="detuning_inset", polar=True)

FIGURES: dict[str, Plate] = {
    "2a": _plate("E_N over detuning, by phase difference", _grid(_DETUNING, _PHASES)),
    "2b": _plate(
        "E_N over detuning and phase difference; around the circle",
        _grid(_DETUNING, _PHASE),
        True,
        (_AROUND, (across(_ROSE, "reading", dict.fromkeys(SAYS, "")),)),
    ),
    "3a": _plate(
        "E_N over detuning, by frequency",
        _grid(_DETUNING, _FREQUENCY._replace(values=(90, 95, 100)), phase_difference=0.2),
    ),
    "3b": _plate(
        "E_N over frequency and detuning", _grid(_FREQUENCY, _DETUNING, phase_difference=0.2), True
    ),
    "3c": _plate("E_N over frequency, by phase difference", _grid(_FREQUENCY, _PHASES)),
    "3d": _plate(
        "E_N over detuning, by power",
        _grid(_DETUNING, _POWER._replace(values=(5, 10, 15)), **_AT_90),
    ),
    "3e": _plate("E_N over power and detuning", _grid(_POWER, _DETUNING, **_AT_90), True),
    "3f": _plate(
        "E_N over power, by phase difference", _grid(_POWER, _PHASES, mechanical_frequency=90e6)
    ),
    "4": _plate(
        "E_N over temperature, by phase difference; over temperature and detuning",
        _grid(_TEMPERATURE, _PHASES._replace(values=(0.2, 0.25))),
        inset=(
            _grid(_TEMPERATURE, _DETUNING),
            _rows("temperature", "detuning_inset", True, "_inset"),
        ),
    ),
}
"""Figures by name, as in the paper."""
