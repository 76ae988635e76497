"""The figures of jiao2022, each with the printed noise and with the noise that physics demands."""

from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

import qcascade as qc

from ...plots import plot
from ...plots.style import typeset
from .. import Plate
from .model import MOTION, SIDES, coupling, network, state

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

NOISES = ("printed", "consistent")
_SAYS = {
    "printed": "printed D: the noise that travels is left out",
    "consistent": "with the noise that travels",
}
_DETUNING = {"detuning": ("detuning Δ/ω_m", "1")}
_EVERYWHERE: dict[str, Any] = dict.fromkeys(SIDES, MOTION)


def _recorded() -> qc.Network:
    """The network that goes into the data's provenance: static, Δ = ω_m, without its shift."""
    return network(_EVERYWHERE, _EVERYWHERE, dict.fromkeys(SIDES, coupling(MOTION)))


def _margins(detuning: Any, **setting: Any) -> dict[str, Any]:
    """−ln 2ν₋ and stability for both sides and both noises."""
    found: dict[str, Any] = {}
    for side in SIDES:
        for noise in NOISES:
            steady, _ = state(detuning, side=side, noise=noise, **setting)
            found[f"{noise}_{side}"] = qc.measures.margin(steady, "left.b", "right.b")
            found[f"stable_{side}"] = steady.stable
    return found


def curves_data(points: int = 401, cases: tuple[dict[str, Any], ...] = ({},)) -> "xr.Dataset":
    """Signed margin −ln 2ν₋ over the detuning, both sides, both noises, for several settings.

    Args:
        points: number of detunings.
        cases: settings (spin_left, spin_right, frequency_ratio), one curve each.
    """
    import xarray as xr

    axis = (np.linspace(0.4, 1.5, points), "ω_m")
    runs = [
        qc.sweep(lambda detuning, case=case: _margins(detuning, **case), detuning=axis)
        for case in cases
    ]
    data = xr.concat(runs, "case", combine_attrs="drop").assign_coords(
        case=[", ".join(f"{_SHORT[k]} = {_plain(k, v)}" for k, v in case.items()) for case in cases]
    )
    data.attrs = {**runs[0].attrs, "network": qc.to_toml(_recorded())}
    names = {f"{noise}_{side}": ("−ln 2ν₋", "nat") for noise in NOISES for side in SIDES}
    return plot.describe(data, {**_DETUNING, **names})


_SHORT = {"spin_left": "Ω_l", "spin_right": "Ω_r", "frequency_ratio": "χ"}


def _plain(name: str, value: float) -> str:
    return f"{value:g}" if name == "frequency_ratio" else f"{value / 1e6:g} Mrad/s"


def curves_draw(data: "xr.Dataset") -> "Figure":
    """E_N as printed on the left; the margin with the right noise on the right.

    Args:
        data: from `curves_data`.
    """
    drawing = plot.blank(9.0, 3.8)
    for axes, noise in zip(drawing.subplots(1, 2), NOISES, strict=True):
        for k, case in enumerate(data.case.values):
            for side, style in (("left", "-"), ("right", "--")):
                values = data[f"{noise}_{side}"].sel(case=case)
                if noise == "printed":
                    values = values.clip(min=0).assign_attrs(long_name="E_N", units="nat")
                label = f"{case or 'static'}, from the {side}"
                plot.line(axes, values, label=label, color=f"C{k}", linestyle=style)
        axes.axhline(0, color="0.7", lw=0.8)
        axes.set_title(_SAYS[noise], fontsize=9)
    axes = drawing.axes[1]
    axes.set_ylabel("−ln 2ν₋ [nat], entangled above 0")
    drawing.axes[0].legend(fontsize=7)
    return drawing


def revival_data(points: int = 101, panel: str = "3f") -> "xr.Dataset":
    """Revival coefficient: E_N over its greatest static value for equal oscillators, Eq. (22).

    Args:
        points: grid points along each axis.
        panel: "3e" (χ and Ω_l, light from the right, Δ = ω_m) or "3f" (Ω_l and Ω_r, light from
            the left, Δ = 0.68 ω_m, χ = 0.97).
    """
    side, fixed = _REVIVAL[panel]
    spin = (np.linspace(0, 1e6, points), "rad/s")
    axes: dict[str, Any] = {
        "frequency_ratio": (np.linspace(0.95, 1.05, points), "1"),
        "spin_left": spin,
    }
    if panel == "3f":
        axes = {"spin_left": spin, "spin_right": spin}
    best = _greatest_static(side)

    def revival(**setting: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for noise in NOISES:
            steady, _ = state(side=side, noise=noise, **fixed, **setting)
            margin = qc.measures.margin(steady, "left.b", "right.b")
            found[f"margin_{noise}"] = margin
            found[f"revival_{noise}"] = np.maximum(margin, 0) / best
            found["stable"] = steady.stable  # of the drift, which both noises share
        return found

    data = qc.sweep(revival, network=_recorded(), **axes)
    names = {
        "spin_left": ("spin Ω_l", "rad/s"),
        "spin_right": ("spin Ω_r", "rad/s"),
        "frequency_ratio": ("frequency ratio χ", "1"),
        "revival_printed": ("revival coefficient", "1"),
        "revival_consistent": ("revival coefficient", "1"),
        "margin_consistent": ("−ln 2ν₋", "nat"),
    }
    return plot.describe(data, {k: v for k, v in names.items() if k in data.variables})


_REVIVAL: dict[str, tuple[str, dict[str, Any]]] = {
    "3e": ("right", {"detuning": 1.0, "spin_right": 0.0}),
    "3f": ("left", {"detuning": 0.68, "frequency_ratio": 0.97}),
}


def _greatest_static(side: str) -> float:
    steady, _ = state(np.linspace(0.9, 1.1, 2001), side=side, noise="printed")
    return float(np.nanmax(qc.log_negativity(steady, "left.b", "right.b")))


def revival_draw(data: "xr.Dataset") -> "Figure":
    """The revival as printed, and how far from entangled the oscillators are in truth.

    Args:
        data: from `revival_data`.
    """
    drawing = plot.blank(9.0, 3.6)
    left, right = drawing.subplots(1, 2)
    plot.heatmap(left, data.revival_printed, data.stable, cmap="viridis")
    plot.heatmap(right, data.margin_consistent, data.stable, cmap="magma")
    left.set_title(_SAYS["printed"], fontsize=9)
    right.set_title(_SAYS["consistent"] + " (E_N = 0)", fontsize=9)
    for axes in (left, right):
        plot.in_millions(axes, data.revival_printed)
    return drawing


QUADRATURES = {"q_l": "left.b.x", "p_l": "left.b.p", "q_r": "right.b.x", "p_r": "right.b.p"}
PAIRS = tuple(combinations(QUADRATURES, 2))
_FOUR: dict[str, Any] = {"detuning": 0.68, "spin_left": 0.8e6, "frequency_ratio": 0.95}


def wigner_data(points: int = 121, side: str = "left") -> "xr.Dataset":
    """Wigner function of the two oscillators on the plane of every pair of quadratures.

    Args:
        points: grid points along each axis.
        side: where the light comes from.
    """
    import xarray as xr

    grid = np.linspace(-4, 4, points)
    planes = np.stack(
        [
            [
                qc.measures.wigner(
                    _oscillators(side, noise), QUADRATURES[x], QUADRATURES[y], grid, grid
                )
                for x, y in PAIRS
            ]
            for noise in NOISES
        ]
    )
    data = xr.Dataset(
        {
            "wigner": (("noise", "plane", "first", "second"), planes),
            "cov": (("noise", "row", "column"), covariances(side)),
        },
        {"noise": list(NOISES), "plane": [f"{x}, {y}" for x, y in PAIRS]}
        | {"first": grid, "second": grid, "row": list(QUADRATURES), "column": list(QUADRATURES)},
        {"side": side, "parameters": str(_FOUR)},
    )
    return plot.describe(data, {"wigner": ("Wigner function", "1"), "cov": ("covariance", "1")})


def _oscillators(side: str, noise: str) -> qc.GaussianState:
    return state(side=side, noise=noise, **_FOUR)[0].reduce("left.b", "right.b")


def covariances(side: str) -> Any:
    """Covariance of (q_l, p_l, q_r, p_r) at Fig. 4's point, for both noises, (2, 4, 4).

    Args:
        side: where the light comes from.
    """
    return np.stack([_oscillators(side, noise).cov for noise in NOISES])


def wigner_draw(data: "xr.Dataset") -> "Figure":
    """Six planes for each noise, with the 1/e ellipse and the vacuum's circle (dashed).

    Args:
        data: from `wigner_data`.
    """
    drawing = plot.blank(12.0, 4.6)
    grid = drawing.subplots(2, len(PAIRS), sharex=True, sharey=True)
    turn = np.linspace(0, 2 * np.pi, 201)
    for row, noise in zip(grid, NOISES, strict=True):
        for axes, plane, (x, y) in zip(row, data.plane.values, PAIRS, strict=True):
            values = data.wigner.sel(noise=noise, plane=plane).values
            axes.contourf(data.first, data.second, values.T, levels=30, cmap="Blues")
            axes.contour(data.first, data.second, values.T, [values.max() / np.e], colors="k")
            axes.plot(np.cos(turn), np.sin(turn), "r--", lw=1)  # vacuum: x² + y² = 2·½
            axes.set(xlabel=x, ylabel=y, aspect="equal")
        row[0].set_title(_SAYS[noise], loc="left", fontsize=9)
    drawing.suptitle(
        "black: where it is 1/e of its maximum; red: the same for the vacuum", fontsize=9
    )
    return drawing


def covariance_data(points: int = 2) -> "xr.Dataset":
    """The covariance matrices of Fig. 4(c), both sides and both noises.

    Args:
        points: not used; there is one point.
    """
    import xarray as xr

    data = xr.Dataset(
        {"cov": (("side", "noise", "row", "column"), np.stack([covariances(s) for s in SIDES]))},
        {"side": list(SIDES), "noise": list(NOISES)}
        | {"row": list(QUADRATURES), "column": list(QUADRATURES)},
        {"parameters": str(_FOUR)},
    )
    return plot.describe(data, {"cov": ("covariance", "1")})


def covariance_draw(data: "xr.Dataset") -> "Figure":
    """Four covariance matrices with their numbers.

    Args:
        data: from `covariance_data`.
    """
    drawing = plot.blank(8.0, 7.0)
    for axes, (side, noise) in zip(
        drawing.subplots(2, 2).ravel(), [(s, n) for s in SIDES for n in NOISES], strict=True
    ):
        V = data.cov.sel(side=side, noise=noise).values
        axes.imshow(V, cmap="RdBu_r", vmin=-np.abs(V).max(), vmax=np.abs(V).max())
        for j, k in np.ndindex(4, 4):
            ink = "w" if abs(V[j, k]) > 0.6 * np.abs(V).max() else "k"
            told = f"{round(V[j, k], 3) + 0.0:.3f}"  # zero without a sign
            axes.text(k, j, told, ha="center", va="center", fontsize=8, color=ink)
        axes.set_xticks(range(4), [typeset(x) for x in QUADRATURES])
        axes.set_yticks(range(4), [typeset(x) for x in QUADRATURES])
        axes.set_title(f"from the {side}; {_SAYS[noise]}", fontsize=8)
    return drawing


def _curves(*cases: dict[str, Any]) -> Any:
    return partial(curves_data, cases=cases)


def _spectrum(caption: str, *cases: dict[str, Any]) -> Plate:
    return Plate(caption, _curves(*cases), curves_draw, _BOTH, fast={"points": 161})


_RATIOS = (1.0, 0.97, 0.95)
_BOTH = "with the printed noise, beside the noise that travels"

FIGURES: dict[str, Plate] = {
    "2a": _spectrum("static resonators", {}),
    "2b": _spectrum("the left one spins", {"spin_left": 0.6e6}),
    "2c": _spectrum("both spin", {"spin_left": 0.6e6, "spin_right": 0.6e6}),
    "3a": _spectrum("unequal oscillators, static", *({"frequency_ratio": x} for x in _RATIOS)),
    "3b": _spectrum(
        "unequal oscillators, both spin",
        *({"spin_left": 0.8e6, "spin_right": 0.8e6, "frequency_ratio": x} for x in _RATIOS),
    ),
    "3c": _spectrum(
        "χ = 0.97, the left one spins",
        {"frequency_ratio": 0.97},
        {"spin_left": 0.8e6, "frequency_ratio": 0.97},
    ),
    "3d": _spectrum(
        "χ = 0.95, the left one spins",
        {"frequency_ratio": 0.95},
        {"spin_left": 0.8e6, "frequency_ratio": 0.95},
    ),
    "3e": Plate(
        "revival over χ and Ω_l",
        partial(revival_data, panel="3e"),
        revival_draw,
        _BOTH,
        fast={"points": 41},
    ),
    "3f": Plate(
        "revival over Ω_l and Ω_r",
        partial(revival_data, panel="3f"),
        revival_draw,
        _BOTH,
        fast={"points": 41},
    ),
    "4a": Plate(
        "Wigner planes, from the left",
        partial(wigner_data, side="left"),
        wigner_draw,
        _BOTH,
        fast={"points": 61},
    ),
    "4b": Plate(
        "Wigner planes, from the right",
        partial(wigner_data, side="right"),
        wigner_draw,
        _BOTH,
        fast={"points": 61},
    ),
    # four matrices at one point: nothing to make coarser
    "4c": Plate("covariance matrices", covariance_data, covariance_draw, _BOTH),
}
"""Figures by name, as in the paper."""
