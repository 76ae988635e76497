"""The figures of agusti2023: closed forms (2), relaxation (3), finite bandwidth (4), and our own.

Eq. (1) is the same in both readings. The state of Eq. (9) that it should lead to is not: with the
printed sign of tan θ the fidelity stops short of one wherever qubits are exchanged. Eq. (11) is
read with "+" where it has "×": the letter is no linear equation and has no steady state.
"""

from functools import partial

import numpy as np

from ...plots.records import Bars, Curves, Level, Place
from ...plots.style import PAGE
from ..data import Axis, Grid, Plate, over, plate
from ..records import Parameter
from . import shown
from .model import TABLE, network
from .shown import BANDWIDTHS, CASES, NAMES

_BANDWIDTH, _DETUNING, _DEPHASING, _SQUEEZING = (
    over(TABLE, name, logarithmic=name == "bandwidth")
    for name in ("bandwidth", "detuning", "dephasing", "squeezing")
)
_PAIRS = Axis(Parameter("pairs", "N", "pairs of qubits", "1", 1, 7, 1, word="pairs"))
_TWO = {"parallel": ("C_11 = C_22", "1"), "crossed": ("C_12 = C_21", "1")}

_one = partial(Grid, names=NAMES, one=True)
_crossed = partial(
    Grid, shown.two_pairs, names=_TWO, network=partial(network, permutation="reversed"), one=True
)
_light = partial(
    _one, shown.light, more=partial(shown.counted, name="concurrence", dim="pair", first=1)
)
_ready = partial(_one, shown.ready, more=shown.with_sequential)

_unit = partial(Curves, ylabel="concurrence", ylim=(-0.02, 1.02))
_dotted = partial(Curves, dots=True, ylim=(0.0, None))
_COUPLES = _unit(("parallel", "crossed"), "squeezing", hue="detuning")
_PREPARED = _dotted(("preparation_time",), "pairs", beside=("sequential",))
_IN_TIME = Curves(
    ("parallel", "purity", "fidelity"),
    "time",
    hue="pair",
    ylabel="concurrence, purity, fidelity",
    ylim=(-0.02, 1.02),
    marks=(Place("preparation_time", "T_prep"),),
)
_ONE_PAIR = Level(float(np.tanh(2.0)), "one pair, tanh 2$r$")

_same = partial(
    plate,
    says="the same in both readings: the printed sign of tan θ gives the complex conjugate state, "
    "with the same entanglement",
)
_broadband = partial(plate, says="the same in both readings: Eq. (1) as printed")
_plus = partial(
    plate, says='consistent: with "+" in Eq. (11), whose printed "×" has no steady state'
)
_relaxed = partial(
    plate,
    title="$N$ = {pairs}, {permutation}, $Δ/γ$ = {detuning:g}, $r$ = 1",
    fast={"pairs": 3, "points": 61},
    size=(PAGE, 3.2),
)
_STEPS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)

FIGURES: dict[str, Plate] = {
    "2b": _same(
        "concurrences of two crossed pairs over r",
        _crossed((_DETUNING._replace(values=(0, 1, 5)), _SQUEEZING)),
        _COUPLES,
        title="two crossed pairs",
        points=101,
        fast={"points": 51},
    ),
    "2c": _same(
        "concurrences of two crossed pairs over Δ",
        _crossed((_DETUNING,)),
        _COUPLES._replace(over="detuning", hue="", marks=(_ONE_PAIR,)),
        title="two crossed pairs, $r$ = 1",
        points=241,
        fast={"points": 121},
    ),
    # half a second at the paper's eight pairs: nothing to make coarser
    "2e": _same(
        "block entropies of the reversed order",
        _one(
            shown.block_by_block,
            (_DETUNING._replace(values=(0.2, 0.5, 1, 2)),),
            more=shown.with_largest,
        ),
        Curves(("entropy",), "block", hue="detuning", dots=True, beside=("largest",)),
        title="reversed order, $N$ = {pairs}, $r$ = 1",
        also={"pairs": 8},
    ),
    "3a": _relaxed(
        "relaxation into Bell pairs",
        shown.relaxation,
        _IN_TIME,
        says="Eq. (9) with either sign, which agree here: no qubits are exchanged",
    ),
    "3b": _relaxed(
        "relaxation into a multipartite state",
        shown.multipartite,
        _IN_TIME._replace(of=("parallel", "crossed", "purity", "fidelity", "fidelity_printed")),
        says="Eq. (9) with the printed and the consistent sign",
    ),
    "3c": _broadband(
        "preparation time over N",
        _ready((_DETUNING, _PAIRS)),
        _PREPARED._replace(hue="detuning"),
        title="$r$ = 1",
        also={"pairs": (1, 2, 3, 4, 5), "detuning": (0.0, 0.2, 1.0, 5.0), "folder": None},
        full={"pairs": (1, 2, 3, 4, 5, 6)},
        fast={"pairs": (1, 2, 3)},
    ),
    "continued": _broadband(
        "preparation time, and what each further pair adds",
        _ready((_PAIRS,)),
        (_PREPARED, _dotted(("added",), "pairs", title="each further pair adds")),
        title="$Δ/γ$ = {detuning:g}, $r$ = 1",
        also={"pairs": (1, 2, 3, 4, 5), "detuning": 0.0, "folder": None},
        fast={"pairs": (1, 2, 3)},
    ),
    "4a": _plus(
        "concurrences along the chain",
        _light((_BANDWIDTH,)),
        _unit(
            *(("concurrence",), "pair"),
            hue="bandwidth",
            dots=True,
            marks=(_ONE_PAIR._replace(label="κ → ∞"),),
        ),
        title="steady state, $Δ$ = 0, $r$ = 1",
        also={"pairs": 4, "photons": 6, "bandwidth": (5.0, 10.0, 20.0, 50.0)},
        fast={"pairs": 3, "photons": 4, "bandwidth": (5.0, 10.0, 20.0)},
    ),
    "4b": _plus(
        "number of entangled pairs over bandwidth",
        _light(
            (
                _DEPHASING._replace(values=(0, 1e-3, 1e-2, 1e-1)),
                _BANDWIDTH._replace(low=1, high=1000),
            ),
            fixed={"pairs": 2},
        ),
        Curves(("N_ent",), "bandwidth", hue="dephasing", log=("x", "y"), dots=True),
        title="$Δ$ = 0, $r$ = 1",
        points=13,
        also={"photons": 8},
        fast={"points": 5, "photons": 6},
    ),
    "4c": _plus(
        "one detuned pair",
        _light(
            (_BANDWIDTH._replace(values=(1, 5, 10, 20)), over(TABLE, "offset", -15, 15)),
            fixed={"pairs": 1},
        ),
        _unit(("first",), "offset", hue="bandwidth"),
        title="one pair, $r$ = 1",
        points=121,
        also={"photons": 8},
        fast={"points": 21, "photons": 6},
    ),
    "4d": _plus(
        "last pair over Δ with dephasing",
        _light((_DETUNING,), fixed={"bandwidth": 10.0, "dephasing": 0.01}),
        _unit(("last", "first"), "detuning", dots=True, marks=(Place(10.0, "Δ = κ"),)),
        title="$N$ = {pairs}, $κ$ = 10γ, $γ_{{φ}}$ = 0.01γ, $r$ = 1",
        also={"pairs": 4, "photons": 4, "detuning": _STEPS},
        fast={"pairs": 3, "detuning": (0.0, 1.0, 3.0, 10.0)},
    ),
    "bandwidth": _plus(
        "T_prep with finite bandwidth",
        _one(
            shown.finite_bandwidth,
            (_PAIRS, _BANDWIDTH._replace(low=2, high=100)),
            more=shown.with_broadband,
        ),
        (
            Curves(
                *(("preparation_time",), "bandwidth", "pairs"),
                log=("x",),
                dots=True,
                marks=(Level("broadband", "κ → ∞"),),
            ),
            Curves(("purity",), "bandwidth", "pairs", log=("x",), dots=True, ylim=(0.0, 1.02)),
        ),
        title="$Δ$ = 0, $r$ = 1",
        points=6,
        also={"photons": 6, "pairs": (1, 2)},
        fast={"points": 5, "pairs": (1,)},
        full={"points": 10, "photons": 8},
    ),
    "trajectories": _broadband(
        "trajectories against the master equation",
        shown.trajectories,
        Curves(
            *(("master_equation", "trajectories"), "time", "pair"),
            error="error",
            ylabel="concurrence",
            ylim=(-0.05, 1.05),
        ),
        title="{number} trajectories and the master equation, $N$ = {pairs}",
        fast={"pairs": 2, "number": 200, "points": 13},
    ),
    "imperfections": _plus(
        "loss, unequal couplings and bandwidths, dephasing",
        _one(
            shown.imperfect,
            (_SQUEEZING._replace(values=(1.0,)),),
            choices={"amplifier": tuple(BANDWIDTHS)},
            cases=CASES,
            more=lambda data: data.isel(squeezing=0),
        ),
        Bars("second", "first", "case", "amplifier"),
        title="two pairs, $Δ$ = 0, $r$ = 1",
        also={"photons": 8},
        fast={"photons": 7, "amplifier": tuple(BANDWIDTHS)[:2]},
        size=(PAGE, 3.8),
    ),
}
"""Figures by name: 2b to 4d of the paper; the others are ours."""
