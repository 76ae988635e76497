"""The figures of pichler2015: what chains of four driven qubits end in, and what spoils it."""

from typing import Any

from ...plots.records import Curves, Place, Sheet
from ..data import Axis, Grid, Plate, computed, drawn, over
from ..records import Parameter
from .model import PAIRS, TABLE, dimer, network, point

NAMES = {**{f"C_{x}": (f"C_{x}", "1") for x in PAIRS}, "purity": ("purity", "1")}
NAMES |= {"formula": ("|α|²/(1 + |α|²)", "1")}
LEFT = over(TABLE, "left", values=(0.0, 0.3, 0.8))


def _beside(left: float, drive: float) -> dict[str, Any]:
    """What is found, beside the closed form of the first dimer."""
    return {**point(drive=drive, left=left), "formula": dimer(drive, 0.3, left)}


def _spoiled(rate: float, name: str) -> dict[str, Any]:
    return point(**{name: rate})


def _plate(caption: str, points: int, grid: Grid, *panels: Curves) -> Plate:
    grid = grid._replace(names=NAMES, network=network, one=True)
    one = "qubits in a vacuum: one reading"
    return Plate(caption, computed(grid, points), drawn(Sheet((panels,))), one, {"points": 7})


_DIMER = Curves(("C_12",), "drive", hue="left", beside=("formula",))
_EVERY = Curves(("C_12", "C_13", "C_14", "C_23"), "left", ylabel="concurrence")
_PURITY = Curves(("purity",), "phase", hue="left")
_CANCEL = Curves(("purity",), "mismatch", hue="pattern", marks=(Place(0.0, "cancelled"),))
_RATE = Parameter("rate", "γ′/γ_R, γ_φ/γ_R", "of loss, of dephasing", "1", 0, 0.5, 0, word="rate")
_SPOILED = Curves(("C_12", "C_34", "purity"), "rate", ylabel="concurrence, purity")

FIGURES: dict[str, Plate] = {
    "dimers": _plate(
        *("the first dimer", 61),
        Grid(_beside, (over(TABLE, "drive", high=1.5), LEFT), NAMES),
        _DIMER,
    ),
    "tetramers": _plate(
        *("from tetramers to dimers that are apart", 41),
        Grid(point, (over(TABLE, "left"),), NAMES, {"pattern": ("nested", "crossed")}),
        *(_EVERY._replace(at={"pattern": x}, title=x) for x in ("nested", "crossed")),
    ),
    "mismatch": _plate(
        *("mixed where detunings do not cancel", 41),
        Grid(point, (over(TABLE, "mismatch"),), NAMES, {"pattern": ("dimers", "nested")}),
        _CANCEL,
    ),
    "spacing": _plate(
        *("mixed off half a wavelength", 181),
        Grid(point, (over(TABLE, "phase", high=1.0), LEFT), NAMES),
        _PURITY,
    ),
    "spoiled": _plate(
        *("two dimers with loss or dephasing", 51),
        Grid(_spoiled, (Axis(_RATE, 0.0, 0.5),), NAMES, {"name": ("loss", "dephasing")}),
        *(_SPOILED._replace(at={"name": x}, title=x) for x in ("loss", "dephasing")),
    ),
}
"""Figures by what they show."""
