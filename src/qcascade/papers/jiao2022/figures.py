"""The figures of jiao2022, each with the printed noise and with the noise that physics demands."""

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

import qcascade as qc

from ...plots.records import Curves, Level, Map, Matrix, Plane, Sheet, across
from ..data import Grid, Plate, computed, drawn, over
from .model import MOTION, SIDES, TABLE, network, state

if TYPE_CHECKING:
    import xarray as xr

SAYS = {
    "printed": "printed D: the noise that travels is left out",
    "consistent": "with the noise that travels",
}
NOISES = tuple(SAYS)
PAIR = ("left.b", "right.b")
NAMES = {
    "margin": ("−ln 2ν₋", "nat"),
    "E_N": ("E_N", "nat"),
    "revival": ("revival coefficient", "1"),
    "wigner": ("Wigner function", "1"),
    "cov": ("covariance", "1"),
}


def _recorded() -> qc.Network:
    """The network that goes into the data's provenance: static, Δ = ω_m, without its shift."""
    everywhere: dict[str, Any] = dict.fromkeys(SIDES, MOTION)
    return network(everywhere, everywhere)


def _margin(**at: Any) -> dict[str, Any]:
    """Signed margin −ln 2ν₋, E_N, and whether there is a steady state."""
    steady, _ = state(**at)
    margin = qc.measures.margin(steady, *PAIR)
    return {"margin": margin, "E_N": np.maximum(margin, 0), "stable": steady.stable}


# ---- 2, 3a–3d: curves over the detuning ----

_SHORT = {"spin_left": "Ω_l", "spin_right": "Ω_r", "frequency_ratio": "χ"}


def _called(case: dict[str, float]) -> str:
    words = [
        f"{_SHORT[name]} = " + (f"{x:g}" if name == "frequency_ratio" else f"{x / 1e6:g} Mrad/s")
        for name, x in case.items()
    ]
    return ", ".join(words) or "static"


def _spectrum(caption: str, *cases: dict[str, Any], high: float = 1.5) -> Plate:
    grid = Grid(
        _margin,
        (over(TABLE, "detuning", high=high),),
        NAMES,
        {"noise": NOISES, "side": SIDES},
        {_called(case): case for case in cases},
        network=_recorded,
    )
    lines = Curves(("E_N",), "detuning", hue="case", dash="side", dashes=_FROM)
    printed = lines._replace(at={"noise": "printed"}, title=SAYS["printed"])
    right = lines._replace(
        of=("margin",),
        at={"noise": "consistent"},
        title=SAYS["consistent"],
        marks=(Level(0.0, "entangled above"),),
    )
    return Plate(caption, computed(grid, 401), drawn(Sheet(((printed, right),))), _BOTH, _COARSE)


_FROM = {side: f"from the {side}" for side in SIDES}
_BOTH = "with the printed noise, beside the noise that travels"
_COARSE = {"points": 161}


# ---- 3e, 3f: revival ----


def _revival(side: str, **at: Any) -> dict[str, Any]:
    """E_N over its greatest static value for equal oscillators, Eq. (22)."""
    still, _ = state(np.linspace(0.9, 1.1, 2001), side=side, noise="printed")
    best = float(np.nanmax(qc.log_negativity(still, *PAIR)))
    found = _margin(side=side, **at)
    return {**found, "revival": found["E_N"] / best}


def _revivals(caption: str, names: tuple[str, str], **fixed: Any) -> Plate:
    axes = tuple(over(TABLE, name, 0.95 if name == "frequency_ratio" else 0) for name in names)
    grid = Grid(_revival, axes, NAMES, {"noise": NOISES}, fixed=fixed, network=_recorded)
    printed = Map("revival", names, at={"noise": "printed"}, title=SAYS["printed"])
    right = Map("margin", names, {"noise": "consistent"}, f"{SAYS['consistent']} (E_N = 0)")
    sheet = Sheet(((printed, right),))
    return Plate(caption, computed(grid, 101), drawn(sheet), _BOTH, {"points": 41})


# ---- 4: the state of the oscillators ----

QUADRATURES = {"q_l": "left.b.x", "p_l": "left.b.p", "q_r": "right.b.x", "p_r": "right.b.p"}
FIGURE4: dict[str, Any] = {"detuning": 0.68, "spin_left": 0.8e6, "frequency_ratio": 0.95}
_PLANES = {f"{x}, {y}": (x, y) for x, y in combinations(QUADRATURES, 2)}


def oscillators(side: str, noise: str) -> qc.GaussianState:
    """The state of the two oscillators at Fig. 4's point.

    Args:
        side: where the light comes from.
        noise: "printed" or "consistent".
    """
    return state(side=side, noise=noise, **FIGURE4)[0].reduce(*PAIR)


def _dataset(variables: Any, coordinates: Any) -> "xr.Dataset":
    import xarray as xr

    rows = {"row": list(QUADRATURES), "column": list(QUADRATURES), "noise": list(NOISES)}
    data = xr.Dataset(variables, {**rows, **coordinates}, {"parameters": str(FIGURE4)})
    for name in data.data_vars:
        data[name].attrs |= dict(zip(("long_name", "units"), NAMES[str(name)], strict=True))
    return data


def _wigner(side: str) -> Plate:
    """The Wigner function on the plane of every pair of quadratures."""

    def data(points: int = 121) -> "xr.Dataset":
        grid = np.linspace(-4, 4, points)
        states = [oscillators(side, noise) for noise in NOISES]
        planes = [
            [
                qc.measures.wigner(x, QUADRATURES[q], QUADRATURES[p], grid, grid)
                for q, p in _PLANES.values()
            ]
            for x in states
        ]
        return _dataset(
            {
                "wigner": (("noise", "plane", "first", "second"), np.array(planes)),
                "cov": (("noise", "row", "column"), np.stack([x.cov for x in states])),
            },
            {"plane": list(_PLANES), "first": grid, "second": grid},
        )

    def row(noise: str) -> tuple[Plane, ...]:
        return tuple(
            Plane("wigner", ("first", "second"), {"noise": noise, "plane": plane}, "", labels)
            for plane, labels in _PLANES.items()
        )

    words = "solid: where it is 1/e of its maximum; dashed: the same for the vacuum"
    sheet = Sheet(tuple(map(row, NOISES)), f"{words}; top: as printed, bottom: {SAYS[NOISES[1]]}")
    sheet = sheet._replace(size=(1.6, 1.75))
    return Plate(f"Wigner planes, from the {side}", data, drawn(sheet), _BOTH, {"points": 61})


def _covariances(points: int = 2) -> "xr.Dataset":
    """The covariance matrices of Fig. 4(c), both sides and both noises, whatever `points`."""
    found = [[oscillators(side, noise).cov for noise in NOISES] for side in SIDES]
    return _dataset({"cov": (("side", "noise", "row", "column"), found)}, {"side": list(SIDES)})


_MATRICES = Sheet(
    tuple(
        across(
            Matrix("cov", {"side": side}),
            "noise",
            {noise: f"from the {side}, {noise}" for noise in NOISES},
        )
        for side in SIDES
    ),
    size=(3.4, 3.2),
)


_RATIOS = tuple({"frequency_ratio": x} for x in (1.0, 0.97, 0.95))
_ONE, _BOTH_SPIN = {"spin_left": 0.8e6}, {"spin_left": 0.8e6, "spin_right": 0.8e6}

FIGURES: dict[str, Plate] = {
    "2a": _spectrum("static resonators", {}),
    "2b": _spectrum("the left one spins", {"spin_left": 0.6e6}),
    "2c": _spectrum("both spin", {"spin_left": 0.6e6, "spin_right": 0.6e6}, high=1.8),
    "3a": _spectrum("unequal oscillators, static", *_RATIOS),
    "3b": _spectrum(
        "unequal oscillators, both spin", *(_BOTH_SPIN | ratio for ratio in _RATIOS), high=1.8
    ),
    "3c": _spectrum("χ = 0.97, the left one spins", _RATIOS[1], _ONE | _RATIOS[1]),
    "3d": _spectrum("χ = 0.95, the left one spins", _RATIOS[2], _ONE | _RATIOS[2]),
    "3e": _revivals(
        "revival over χ and Ω_l",
        ("frequency_ratio", "spin_left"),
        side="right",
        detuning=1.0,
        spin_right=0.0,
    ),
    "3f": _revivals(
        "revival over Ω_l and Ω_r",
        ("spin_left", "spin_right"),
        side="left",
        detuning=0.68,
        frequency_ratio=0.97,
    ),
    "4a": _wigner("left"),
    "4b": _wigner("right"),
    # four matrices at one point: nothing to make coarser
    "4c": Plate("covariance matrices", _covariances, drawn(_MATRICES), _BOTH),
}
"""Figures by name, as in the paper."""
