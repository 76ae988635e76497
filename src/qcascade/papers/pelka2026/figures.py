"""The figures of pelka2026 and four of our own, as printed and one-way."""

from functools import partial
from typing import Any

import numpy as np

import qcascade as qc

from ...plots.fields import decades, from_zero, steps
from ...plots.records import Curves, Level, Map, Place, Surface, across
from ..data import Axis, Grid, Plate, beside, computed, over, plate
from ..records import Parameter
from .model import (
    TABLE,
    UNIT,
    entanglement,
    network,
    optomechanical_network,
    point,
    reach,
    state,
    threshold,
)

SAYS = {"printed": r"as printed: $c=(a+a^\prime)/\sqrt{2}$", "one-way": r"one-way: $c=a+a^\prime$"}
READINGS = {"reading": tuple(SAYS)}
PRINTED_DAMPING = 100 / 6e6  # γ_m/ω_m of the optomechanical implementation
NODES = 10
NUMBERS = np.arange(1, NODES + 1)
NAMES = {
    "forward": ("E_N(0,2) forward", "nat"),
    "backward": ("E_N(0,9) backward", "nat"),
    "threshold": ("threshold r_c(j)", UNIT),
    "reach": ("M_max", "1"),
    "occupation": ("occupation of node M_max", "quanta"),
    "node": ("node k", "1"),
    "E_N": ("E_N(0,k)", "nat"),
    "common": ("common baths warm", "nat"),
    "local": ("local baths warm", "nat"),
    "all": ("all baths warm", "nat"),
}
_TIME = Parameter("time", "t", "time from the vacuum", "1/ω", 0, 40, 0, word="time")
_WARM = Parameter("bath_occupation", "n̄", "of the baths", "quanta", 1e-4, 10, 0, word="occupation")
_DAMPING = Parameter(
    "mechanical_damping", "γ_m", "", UNIT, 1e-5, 1e4, 100, word="mechanical damping"
)


# ---- 2 and 3 ----


def _surfaces(hopping: Any, squeezing: Any, reading: str) -> dict[str, Any]:
    ahead = state(hopping, squeezing, "forward", reading=reading)
    behind = state(hopping, squeezing, "backward", reading=reading)
    return {
        "forward": qc.log_negativity(ahead, "0", "2"),
        "backward": qc.log_negativity(behind, "0", "9"),
        "stable": ahead.stable & behind.stable,
    }


def _depth(hopping: Any, squeezing: Any, reading: str) -> dict[str, Any]:
    """M_max and, where any node is entangled, the occupation of the last that is."""
    found = point(hopping, squeezing, reading=reading)
    node = np.nan_to_num(found["reach"]).astype(int)
    last = np.take_along_axis(found["occupation"], node[:, None], axis=-1)[:, 0]
    return {**found, "E_N": np.zeros(len(node)), "occupation": np.where(node > 0, last, np.nan)}


def _plane(measure: Any, top: float = 1.0, **more: Any) -> Grid:
    upward = over(TABLE, "squeezing", 0, top, from_zero=True)
    return _read(measure, (over(TABLE, "hopping", from_zero=True), upward), **more)


_read = partial(Grid, names=NAMES, choices=READINGS, network=network)
_by_reading = partial(across, dim="reading", says=SAYS)
_plate = partial(plate, says="as printed beside one-way")
_OVER = ("hopping", "squeezing")
_FORWARD = Map(
    "forward", _OVER, title="the surface from above", scale=from_zero, shared=True, ylim=(0, 1)
)
_FIGURE3 = beside(computed(_plane(_depth), 101), computed(_plane(_depth, 0.2), 101), "_near")


def _depths(caption: str, name: str, scale: Any) -> Plate:
    """One quantity of Fig. 3 over both ranges of r, one column for each reading."""
    wide = Map(name, _OVER, scale=scale, shared=True)
    near = wide._replace(of=f"{name}_near", over=("hopping", "squeezing_near"))
    rows = map(_by_reading, (wide, near))
    title = "forward" + ("; white: no entangled node" if name == "occupation" else "")
    return _plate(caption, _FIGURE3, *rows, title=title, fast={"points": 51})


# ---- our own ----


def _growing(time: Any, reading: str) -> dict[str, Any]:
    model = qc.gaussian(network(reading=reading))
    return {"E_N": (("node",), entanglement(qc.evolve(model, qc.vacuum(model.modes), time), NODES))}


_HEAT = {"common": (1, 0), "local": (0, 1), "all": (1, 1)}  # common and local baths, of n̄


def _warm(bath_occupation: Any, reading: str) -> dict[str, Any]:
    """E_N(0,2) when only the common, only the local, or all baths are warm."""

    def warmed(common: int, local: int) -> Any:
        heat = {"common_occupation": common * bath_occupation}
        heat |= {"local_occupation": local * bath_occupation}
        return qc.log_negativity(state(**heat, reading=reading), "0", "2")

    return {kind: warmed(*which) for kind, which in _HEAT.items()}


def _reservoir(**damping: Any) -> dict[str, Any]:
    ahead, behind = (
        qc.steady_state(qc.gaussian(optomechanical_network(direction=way, **damping)))
        for way in ("forward", "backward")
    )
    return {
        "forward": qc.log_negativity(ahead, "0", "2"),
        "backward": qc.log_negativity(behind, "0", "9"),
        "stable": ahead.stable & behind.stable,
    }


def _long(squeezing: Any, length: int, reading: str) -> dict[str, Any]:
    steady = state(1.0, squeezing, length=length, reading=reading)
    return {"reach": reach(entanglement(steady, length)), "stable": steady.stable}


FIGURES: dict[str, Plate] = {
    "2": _plate(
        "E_N to the second node forward, to the ninth backward",
        _plane(_surfaces, more=lambda x: x.assign(threshold=threshold(x.hopping))),
        _by_reading(Surface("forward", "backward", _OVER)),
        (
            _FORWARD._replace(at={"reading": "printed"}),
            _FORWARD._replace(at={"reading": "one-way"}, beside=("threshold",)),
        ),
        title="surface: E_N(0,2) forward; mesh: E_N(0,9) backward",
        points=151,
        fast={"points": 61},
    ),
    "3a": _depths("how far entanglement reaches: M_max", "reach", steps),
    "3b": _depths("occupation of the last entangled node", "occupation", decades),
    "time": _plate(
        "E_N(0,k) in time, from the vacuum",
        _read(_growing, (Axis(_TIME, 0, 40),), more=lambda x: x.assign_coords(node=NUMBERS)),
        _by_reading(Curves(("E_N",), "time", hue="node", log=("y",), ylim=(1e-6, 0.3))),
        title="from vacuum at $(j, r)$ = (0.5, 0.3)",
        points=401,
        fast={"points": 201},
    ),
    "thermal": _plate(
        "robustness against warm baths",
        _read(_warm, (Axis(_WARM, 1e-4, 10, logarithmic=True),)),
        _by_reading(Curves(tuple(_HEAT), "bath_occupation", ylabel="E_N(0,2) [nat]", log=("x",))),
        title="$(j, r)$ = (0.5, 0.3)",
        points=241,
        fast={"points": 121},
    ),
    "optomechanical": plate(
        "mechanical modes for the common baths",
        Grid(
            *(_reservoir, (Axis(_DAMPING, 1e-5, 1e4, logarithmic=True),), NAMES),
            network=optomechanical_network,
            more=lambda x: x.assign(effective=float(qc.log_negativity(state(), "0", "2"))),
        ),
        Curves(
            *(("forward", "backward"), "mechanical_damping"),
            ylabel="E_N [nat]",
            log=("x", "y"),
            ylim=(1e-9, 0.2),
            marks=(
                Level("effective", "forward, effective model"),
                Place(PRINTED_DAMPING, "γ_m as printed, 2π·100 Hz"),
            ),
        ),
        says="one-way, over every mechanical damping; the printed one is marked",
        title="$(j, r)$ = (0.5, 0.3)",
        points=121,
        fast={"points": 61},
    ),
    "length": _plate(
        "M_max against squeezing for long chains",
        _read(
            *(_long, (over(TABLE, "squeezing", 1e-5, 0.3, logarithmic=True),)),
            cases={f"chain of {length} nodes": {"length": length} for length in (10, 20, 50)},
            chunk=64,
        ),
        _by_reading(
            Curves(("reach",), "squeezing", hue="case", ordered=True, log=("x",), steps=True)
        ),
        title="$j$ = 1",
        points=61,
        fast={"points": 31},
    ),
}
"""Figures by name: 2, 3a, 3b of the paper; the others are ours."""
