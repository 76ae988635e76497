"""Networks to and from TOML. A file is data: nothing in it is ever executed.

wires = [["left.out", "link.in"], ["link.out", "right.in"]]

[parameters]
loss = 0.1                     # or with a unit, "1 MHz"; it is then an SI number in arithmetic

[parts.left]
part = "cavity"                # a name of the catalogue
decay = 1.0

[parts.link]
part = "fibre"
transmission = "1 - loss"      # arithmetic in the parameters, see `expression`

[couplings.edge]
part = "hopping"
first = "left.a"
second = "right.a"
rate = "0.5j"                  # complex numbers are written as text

[occupations]
"left.in" = 0.2

[axes.loss]                    # for `qcascade run`: one or two of them
from = 0.0                     # or with a unit, from = "1 MHz", which is then the axis's
to = 0.9
points = 91

[measures.E_N]                 # for `qcascade run`; see `measures`, and `leaving` for outputs
measure = "log_negativity"
a = "left"
b = "right"

Networks whose H is not quadratic are seen from a working point, see `working_point`:

[linearise]
branch = 0                     # or follow = "power", an axis along which a branch is followed

Networks that change in time, whose expressions may hold t, see `in_time`:

[time]
from = 0.0                     # or period = "2*pi/omega", for the state that returns with it
to = 12.0
points = 121

[pulses.p]                     # of light that comes or is caught, see `pulses`
shape = "gaussian"
width = 0.7

Networks with qubits, or oscillators with cutoffs, are solved as master equations:

[cutoffs]
"source.a source.b" = 8        # most quanta together; or by oscillator, "source.a" = 8

[squeezed]
"source.a source.b" = "r / 4"  # the basis used for a squeezed pair, see `lindblad`

What is to be large, over which parameters, stands in `design`, see `wish`:

[design]                       # for `qcascade design`
maximise = "E_N"                # or minimise = "S"
over.loss = [0.0, 0.9]

A drift and a diffusion as a paper prints them stand in `matrices` instead of parts and wires, see
`matrix_file`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, count, fail, listed, nearest, number
from ..base.given_units import unit_given
from ..base.keywords import spoken
from ..base.units import Si, of_any_kind
from ..slh.network import Network
from .axes import FREQUENCY, axes_of, unit_of_axis
from .expression import RESERVED, TIME
from .in_time import time_of
from .leaving import OUTPUTS
from .matrices import matrices_of
from .measures import measures_of, over_frequency, unit_of
from .network_file import Netlist
from .parts import as_table, as_text, group
from .pulses import check_pulses
from .reader import read_tables
from .wish import Wish, wish_of
from .working_point import WorkingPoint, check_moves, working_point_of

NETWORK = ("parts", "wires", "couplings", "occupations", "parameters")
SECTIONS = (
    "title",
    *NETWORK,
    "linearise",
    "time",
    "pulses",
    "axes",
    "measures",
    "matrices",
    "cutoffs",
    "squeezed",
    "design",
)


def load(text: str) -> Netlist:
    """Read a network file.

    Args:
        text: TOML as shown at the top of this module.

    Raises:
        ArgumentError: for anything that is not TOML, a missing or unknown section, a wrong
            type; the sentence names the place.

    >>> load('[parts.m]\\npart = "cavity"\\ndecay = 1.0').network().modes
    ('m.a',)
    """
    tables = _sections(text)
    title = as_text("title", tables.get("title", ""))
    matrices = matrices_of(tables["matrices"]) if "matrices" in tables else None
    if matrices is None and not tables.get("parts"):
        raise ArgumentError(
            f"Argument `parts` must be a section of the file, but is missing "
            f"(sections found: {listed(tables)})."
        )
    parameters = {
        name: _parameter(name, value)
        for name, value in as_table("parameters", tables.get("parameters", {})).items()
    }
    units = _units(tables.get("parameters", {}))
    swept, frequency = axes_of(tables.get("axes", {}), parameters, units)
    axes = {name: (x.values, x.unit) for name, x in swept.items()}
    scales = {name: x.scale for name, x in swept.items() if x.scale != 1.0}
    seen = working_point_of(tables["linearise"], axes) if "linearise" in tables else None
    wanted = measures_of(tables.get("measures", {}), axes, frequency is not None)
    told = {name: None if over_frequency(x) else unit_of(x) for name, x in wanted.items()}
    wish = wish_of(tables["design"], parameters, told, units) if "design" in tables else None
    cutoffs = {
        group(names): count(f"cutoffs.{names}", most)
        for names, most in as_table("cutoffs", tables.get("cutoffs", {})).items()
    }
    time = time_of(tables["time"], parameters) if "time" in tables else None
    if time is not None:
        _check_time(tables, wanted, frequency, seen)
        check_pulses(tables.get("pulses", {}), parameters)
    elif "pulses" in tables:
        raise fail("pulses", "stand in a file with a section [time]", tables["pulses"])
    if tables.get("squeezed") and not cutoffs:
        raise fail("squeezed", "stand beside `cutoffs`, for a master equation", tables["squeezed"])
    if matrices is not None:
        _check_matrices(tables, seen)
    netlist = Netlist(
        text,
        parameters,
        axes,
        wanted,
        tables,
        title,
        matrices,
        cutoffs,
        scales,
        frequency,
        seen,
        time,
        wish,
        {**_units_of_ranges(tables.get("axes", {}), parameters, wish), **units},
    )
    if matrices is not None:
        netlist.model()  # what is wrong with them is told at once
    return netlist


def _sections(text: Any) -> dict[str, Any]:
    """The sections of a file, all of them known."""
    if isinstance(text, Path) or (isinstance(text, str) and _is_path(text)):
        must = "be TOML text, not the path of a file: Path(…).read_text() is what is in it"
        raise fail("text", must, str(text))
    if not isinstance(text, str):
        raise fail("text", "be TOML text", text)
    tables = read_tables(text)
    for name in tables:
        if name not in SECTIONS:
            known = f"sections: {listed(SECTIONS)}{nearest(name, SECTIONS)}"
            raise fail("file", "have known sections only", name, known)
    return tables


def _units(table: Mapping[str, Any]) -> dict[str, str]:
    """The units that parameters were given in; whatever replaces one must be of the same kind."""
    units = {name: unit_given(f"parameters.{name}", x) for name, x in table.items()}
    return {name: unit for name, unit in units.items() if unit is not None}


def _units_of_ranges(
    axes: Mapping[str, Any], parameters: Mapping[str, Any], wish: Wish | None
) -> dict[str, str]:
    """The units of parameters that have none themselves, but vary over values with one."""
    units = {name: unit_of_axis(f"axes.{name}", x) for name, x in axes.items()}
    if wish is not None:
        ranges = {**wish.over} | {name: wish.over[other] for name, other in wish.tie.items()}
        units |= {name: over.unit[0] for name, over in ranges.items() if over.unit is not None}
    return {name: unit for name, unit in units.items() if unit is not None and name in parameters}


def _is_path(text: str) -> bool:
    return "\n" not in text and "=" not in text and text.strip().lower().endswith(".toml")


def _check_time(
    tables: Mapping[str, Any],
    measures: Mapping[str, Any],
    frequency: Any,
    seen: WorkingPoint | None,
) -> None:
    """What does not go with a network in time is told at once."""
    for name in ("matrices", "design"):
        if name in tables:
            raise fail(name, "be left out in a file with a section [time]", tables[name])
    if frequency is not None:
        raise fail("axes", "hold no frequencies in a file with a section [time]", FREQUENCY)
    for name, table in measures.items():
        if table["measure"] in OUTPUTS or "state" in table:
            must = "be a measure of the state at each time in a file with a section [time]"
            raise fail(f"measures.{name}", must, table.get("state", table["measure"]))
        if name == TIME:
            raise fail("measures", "have other names than that of the time", name)
    if seen is not None:
        check_moves(seen)


def _check_matrices(tables: Mapping[str, Any], seen: WorkingPoint | None) -> None:
    """What does not go with matrices is told at once."""
    if tables.get("cutoffs"):
        must = "stand in a file with parts: the states of matrices are Gaussian"
        raise fail("cutoffs", must, tables["cutoffs"])
    if seen is not None:
        raise fail("linearise", "stand in a file with parts: matrices are linear", "beside them")


@spoken
def from_toml(text: str, parameters: Mapping[str, Any] | None = None) -> Network:
    """The network that a TOML text describes.

    Args:
        text: TOML as shown at the top of this module.
        parameters: values that replace the file's own.

    Returns:
        The `Network`, as its parts make it: a section `linearise` is about its models.

    Raises:
        ArgumentError: as `load`, or for whatever is wrong with the network.

    >>> from_toml('[parts.m]\\npart = "cavity"\\ndecay = 1.0').modes
    ('m.a',)
    """
    return load(text).network(parameters)


def _parameter(name: str, value: Any) -> float:
    if not name.isidentifier() or name in RESERVED:
        raise fail("parameters", "have plain names (letters, digits, _)", name)
    where = f"parameters.{name}"
    value = of_any_kind(where, value) if isinstance(value, str) else number(where, value)
    if np.ndim(value):
        raise fail(where, "be one number", value)
    return value if isinstance(value, Si) else float(value)
