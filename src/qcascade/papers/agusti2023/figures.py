"""The figures of agusti2023: closed forms (2), relaxation (3), finite bandwidth (4), and our own.

Eq. (1) is the same in both readings. The state of Eq. (9) that it should lead to is not: with the
printed sign of tan θ the fidelity stops short of one wherever qubits are exchanged. Eq. (11) is
read with "+" where it has "×": the letter is no linear equation and has no steady state.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...plots.records import Bars, Curves, Level, Place, Sheet
from ..data import NOTHING, Axis, Grid, Plate, computed, drawn, over
from ..records import Parameter
from .model import TABLE
from .shown import (
    BANDWIDTHS,
    NAMES,
    block_by_block,
    chain,
    crossed_network,
    extrapolated,
    finite_bandwidth,
    imperfections,
    last_pair,
    multipartite,
    one_pair,
    ready,
    relaxation,
    trajectories,
    two_pairs,
    with_added,
    with_broadband,
    with_largest,
    with_pairs,
    with_sequential,
)

_BANDWIDTH, _DETUNING, _DEPHASING = (
    over(TABLE, name, 1, 1, logarithmic=name == "bandwidth")
    for name in ("bandwidth", "detuning", "dephasing")
)
_PAIRS = Axis(Parameter("pairs", "N", "pairs of qubits", "1", 1, 7, 1, word="pairs"))


def _plate(
    caption: str,
    grid: Grid,
    panels: tuple[Any, ...],
    readings: str,
    title: str = "r = 1",
    points: int | None = None,
    also: Mapping[str, Any] = NOTHING,
    fast: Mapping[str, Any] = NOTHING,
    full: Mapping[str, Any] = NOTHING,
) -> Plate:
    """A row of panels over a grid of single points."""
    data = computed(grid._replace(one=True), points, also)
    return Plate(caption, data, drawn(Sheet((panels,), title)), readings, fast, full)


def _relaxation(caption: str, data: Callable[..., Any], of: tuple[str, ...], says: str) -> Plate:
    panel = Curves(
        of,
        "time",
        hue="pair",
        ylabel="concurrence, purity, fidelity",
        ylim=(-0.02, 1.02),
        marks=(Place("preparation_time", "T_prep"),),
    )
    title = "N = {pairs}, {permutation}, Δ = {detuning:g}γ, r = 1"
    sheet = Sheet(((panel,),), title, (5.6, 3.6))
    return Plate(caption, data, drawn(sheet), says, {"pairs": 3, "points": 61}, {"pairs": 5})


_SAME = (
    "the same in both readings: the printed sign of tan θ gives the complex conjugate state, with "
    "the same entanglement"
)
_BROADBAND = "the same in both readings: Eq. (1) as printed"
_PLUS = 'consistent: with "+" in Eq. (11), whose printed "×" has no steady state'
_TWO = {"parallel": ("C₁₁ = C₂₂", "1"), "crossed": ("C₁₂ = C₂₁", "1")}
_UNIT: dict[str, Any] = {"ylabel": "concurrence", "ylim": (-0.02, 1.02)}
_DOTTED = {"dots": True, "ylim": (0.0, None)}

FIGURES: dict[str, Plate] = {
    "2b": _plate(
        "concurrences of two crossed pairs over r",
        Grid(
            two_pairs,
            (_DETUNING._replace(values=(0, 1, 5)), over(TABLE, "squeezing")),
            _TWO,
            network=crossed_network,
        ),
        (Curves(("parallel", "crossed"), "squeezing", hue="detuning", **_UNIT),),
        _SAME,
        "two crossed pairs",
        101,
        fast={"points": 51},
    ),
    "2c": _plate(
        "concurrences of two crossed pairs over Δ",
        Grid(two_pairs, (over(TABLE, "detuning"),), _TWO, network=crossed_network),
        (
            Curves(
                ("parallel", "crossed"),
                "detuning",
                marks=(Level(np.tanh(2.0), "one pair, tanh 2r"),),
                **_UNIT,
            ),
        ),
        _SAME,
        "two crossed pairs, r = 1",
        241,
        fast={"points": 121},
    ),
    # half a second at the paper's eight pairs: nothing to make coarser
    "2e": _plate(
        "block entropies of the reversed order",
        Grid(
            block_by_block, (_DETUNING._replace(values=(0.2, 0.5, 1, 2)),), NAMES, more=with_largest
        ),
        (Curves(("entropy",), "block", hue="detuning", dots=True, beside=("largest",)),),
        _SAME,
        "reversed order, N = {pairs}, r = 1",
        also={"pairs": 8},
    ),
    "3a": _relaxation(
        "relaxation into Bell pairs",
        relaxation,
        ("parallel", "purity", "fidelity"),
        "Eq. (9) with either sign, which agree here: no qubits are exchanged",
    ),
    "3b": _relaxation(
        "relaxation into a multipartite state",
        multipartite,
        ("parallel", "crossed", "purity", "fidelity", "fidelity_printed"),
        "Eq. (9) with the printed and the consistent sign",
    ),
    "3c": _plate(
        "preparation time over N",
        Grid(ready, (_DETUNING, _PAIRS), NAMES, more=with_sequential),
        (
            Curves(
                ("preparation_time",), "pairs", hue="detuning", beside=("sequential",), **_DOTTED
            ),
        ),
        _BROADBAND,
        also={"pairs": (1, 2, 3, 4), "detuning": (0.0, 0.2, 1.0, 5.0), "folder": None},
        fast={"pairs": (1, 2, 3)},
        full={"pairs": (1, 2, 3, 4, 5, 6)},
    ),
    "continued": _plate(
        "preparation time, and what each further pair adds",
        Grid(ready, (_PAIRS,), NAMES, more=with_added),
        (
            Curves(("preparation_time",), "pairs", beside=("sequential",), **_DOTTED),
            Curves(("added",), "pairs", title="each further pair adds", **_DOTTED),
        ),
        _BROADBAND,
        "Δ = {detuning:g}γ, r = 1",
        also={"pairs": (1, 2, 3, 4, 5), "detuning": 0.0, "folder": None},
        fast={"pairs": (1, 2, 3)},
        full={"pairs": (1, 2, 3, 4, 5, 6)},
    ),
    "4a": _plate(
        "concurrences along the chain",
        Grid(chain, (_BANDWIDTH,), NAMES, more=with_pairs),
        (
            Curves(
                ("concurrence",),
                "pair",
                hue="bandwidth",
                dots=True,
                marks=(Level(np.tanh(2.0), "κ → ∞"),),
                **_UNIT,
            ),
        ),
        _PLUS,
        "steady state, Δ = 0, r = 1",
        also={"pairs": 3, "photons": 6, "bandwidth": (5.0, 10.0, 20.0, 50.0)},
        fast={"photons": 4, "bandwidth": (5.0, 10.0, 20.0)},
        full={"pairs": 4},
    ),
    "4b": _plate(
        "number of entangled pairs over bandwidth",
        Grid(
            extrapolated,
            (
                _DEPHASING._replace(values=(0, 1e-3, 1e-2, 1e-1)),
                _BANDWIDTH._replace(low=1, high=1000),
            ),
            NAMES,
        ),
        (Curves(("N_ent",), "bandwidth", hue="dephasing", log=("x", "y"), dots=True),),
        _PLUS,
        "Δ = 0, r = 1",
        13,
        {"photons": 8},
        {"points": 5, "photons": 6},
    ),
    "4c": _plate(
        "one detuned pair",
        Grid(
            one_pair,
            (_BANDWIDTH._replace(values=(1, 5, 10, 20)), _DETUNING._replace(low=-15, high=15)),
            NAMES,
        ),
        (Curves(("concurrence",), "detuning", hue="bandwidth", **_UNIT),),
        _PLUS,
        "one pair, r = 1",
        61,
        {"photons": 8},
        {"points": 21, "photons": 6},
    ),
    "4d": _plate(
        "last pair over Δ with dephasing",
        Grid(last_pair, (_DETUNING,), NAMES),
        (Curves(("last", "first"), "detuning", dots=True, marks=(Place(10.0, "Δ = κ"),), **_UNIT),),
        _PLUS,
        "N = {pairs}, κ = 10γ, γ_φ = 0.01γ, r = 1",
        also={
            "pairs": 3,
            "photons": 4,
            "detuning": (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
        },
        fast={"detuning": (0.0, 1.0, 3.0, 10.0)},
        full={"pairs": 4},
    ),
    "bandwidth": _plate(
        "T_prep with finite bandwidth",
        Grid(
            finite_bandwidth,
            (_PAIRS, _BANDWIDTH._replace(low=2, high=100)),
            NAMES,
            more=with_broadband,
        ),
        (
            Curves(
                ("preparation_time",),
                "bandwidth",
                hue="pairs",
                log=("x",),
                dots=True,
                marks=(Level("broadband", "κ → ∞"),),
            ),
            Curves(("purity",), "bandwidth", hue="pairs", log=("x",), dots=True, ylim=(0.0, 1.02)),
        ),
        _PLUS,
        "Δ = 0, r = 1",
        6,
        {"photons": 6, "pairs": (1, 2)},
        {"points": 5, "pairs": (1,)},
        {"points": 10, "photons": 8},
    ),
    "trajectories": Plate(
        "trajectories against the master equation",
        trajectories,
        drawn(
            Sheet(
                (
                    (
                        Curves(
                            ("master_equation", "trajectories"),
                            "time",
                            hue="pair",
                            error="error",
                            ylabel="concurrence",
                            ylim=(-0.05, 1.05),
                        ),
                    ),
                ),
                "{number} trajectories and the master equation, N = {pairs}",
            )
        ),
        _BROADBAND,
        {"pairs": 2, "number": 200, "points": 13},
    ),
    "imperfections": Plate(
        "loss, unequal couplings and bandwidths, dephasing",
        imperfections,
        drawn(
            Sheet(
                ((Bars("second", "first", "imperfection", "amplifier"),),),
                "two pairs, Δ = 0, r = 1",
                (6.4, 4.2),
            )
        ),
        _PLUS,
        {"photons": 7, "amplifiers": tuple(BANDWIDTHS)[:2]},
    ),
}
"""Figures by name: 2b to 4d of the paper; the others are ours."""
