"""The figures of jiao2022, each with the printed noise and with the noise that physics demands."""

from collections.abc import Mapping
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

import qcascade as qc

from ...plots.records import Curves, Level, Map, Matrix, Plane, across
from ...plots.style import PAGE
from ..data import Grid, Plate, described, over, plate
from .model import SIDES, TABLE, resting, state

if TYPE_CHECKING:
    import xarray as xr

SAYS = {
    "printed": "printed $D$: the noise that travels is left out",
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


def _margin(**at: Any) -> dict[str, Any]:
    """Signed margin −ln 2ν₋, E_N, and whether there is a steady state."""
    steady, _ = state(**at)
    margin = qc.measures.margin(steady, *PAIR)
    return {"margin": margin, "E_N": np.maximum(margin, 0), "stable": steady.stable}


_plate = partial(plate, says="with the printed noise, beside the noise that travels")
_grid = partial(Grid, names=NAMES, network=resting)

# ---- 2, 3a–3d: curves over the detuning ----


def _called(case: Mapping[str, float]) -> str:
    """What spins, both alike if both do, and how unequal the oscillators are."""
    spin, ratio = case.get("spin_left"), case.get("frequency_ratio")
    spins = f"Ω_l = {'Ω_r = ' if 'spin_right' in case else ''}{(spin or 0) / 1e6:g} Mrad/s"
    return ", ".join(([spins] if spin else []) + ([f"χ = {ratio:g}"] if ratio else [])) or "static"


def _spectrum(caption: str, *cases: Any, ends: tuple[float, float] = (0.4, 1.5)) -> Plate:
    lines = Curves(
        *(("E_N",), "detuning"),
        hue="case",
        dash="side",
        dashes={side: f"from the {side}" for side in SIDES},
        ordered=len(cases) > 2,
    )
    printed, right = across(lines, "noise", SAYS)
    right = right._replace(of=("margin",), marks=(Level(0.0, "entangled above"),))
    choices = {"noise": NOISES, "side": SIDES}
    settings = {_called(case): case for case in cases}
    grid = _grid(_margin, (over(TABLE, "detuning", *ends),), choices=choices, cases=settings)
    return _plate(caption, grid, (printed, right), points=401, fast={"points": 161})


# ---- 3e, 3f: revival ----


def _revival(side: str, **at: Any) -> dict[str, Any]:
    """E_N over its greatest static value for equal oscillators, Eq. (22)."""
    still, _ = state(np.linspace(0.9, 1.1, 2001), side=side, noise="printed")
    best = float(np.nanmax(qc.log_negativity(still, *PAIR)))
    found = _margin(side=side, **at)
    return {**found, "revival": found["E_N"] / best}


def _revivals(caption: str, names: tuple[str, str], **fixed: Any) -> Plate:
    axes = tuple(over(TABLE, name, 0.95 if name == "frequency_ratio" else 0) for name in names)
    grid = _grid(_revival, axes, choices={"noise": NOISES}, fixed=fixed)
    printed, right = across(Map("revival", names), "noise", SAYS)
    right = right._replace(of="margin", title=f"{right.title} (E_N = 0)")
    return _plate(caption, grid, (printed, right), points=101, fast={"points": 41})


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
    return described(data, NAMES)


def _wigner(side: str) -> Plate:
    """The Wigner function on the plane of every pair of quadratures."""

    def data(points: int = 121) -> "xr.Dataset":
        grid = np.linspace(-4, 4, points)
        states = [oscillators(side, noise) for noise in NOISES]

        def seen(x: qc.GaussianState, q: str, p: str) -> Any:
            return qc.measures.wigner(x, QUADRATURES[q], QUADRATURES[p], grid, grid)

        planes = np.array([[seen(x, *axes) for axes in _PLANES.values()] for x in states])
        variables = {
            "wigner": (("noise", "plane", "first", "second"), planes),
            "cov": (("noise", "row", "column"), np.stack([x.cov for x in states])),
        }
        return _dataset(variables, {"plane": list(_PLANES), "first": grid, "second": grid})

    rows = [
        tuple(
            Plane("wigner", ("first", "second"), {"noise": noise, "plane": plane}, "", labels)
            for plane, labels in _PLANES.items()
        )
        for noise in NOISES
    ]
    words = "solid: 1/e of the maximum; dashed: that of the vacuum"
    title, size = f"{words}; top: as printed, bottom: {SAYS[NOISES[1]]}", (PAGE / 6, 1.4)
    caption = f"Wigner planes, from the {side}"
    return _plate(caption, data, *rows, title=title, fast={"points": 61}, size=size)


def _covariances(points: int = 2) -> "xr.Dataset":
    """The covariance matrices of Fig. 4(c), both sides and both noises, whatever `points`."""
    found = [[oscillators(side, noise).cov for noise in NOISES] for side in SIDES]
    return _dataset({"cov": (("side", "noise", "row", "column"), found)}, {"side": list(SIDES)})


_MATRICES = [
    across(Matrix("cov", {"side": x}), "noise", {y: f"from the {x}, {y}" for y in NOISES})
    for x in SIDES
]
_RATIOS = tuple({"frequency_ratio": x} for x in (1.0, 0.97, 0.95))
_ONE, _BOTH = {"spin_left": 0.8e6}, {"spin_left": 0.8e6, "spin_right": 0.8e6}

FIGURES: dict[str, Plate] = {
    "2a": _spectrum("static resonators", {}),
    "2b": _spectrum("the left one spins", {"spin_left": 0.6e6}),
    "2c": _spectrum("both spin", dict.fromkeys(_BOTH, 0.6e6), ends=(0.4, 1.8)),
    "3a": _spectrum("unequal oscillators, static", *_RATIOS),
    "3b": _spectrum(
        "unequal oscillators, both spin", *(_BOTH | ratio for ratio in _RATIOS), ends=(0.36, 1.8)
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
    "4c": _plate("covariance matrices", _covariances, *_MATRICES, size=(3.4, 3.2)),
}
"""Figures by name, as in the paper."""
