"""What can be explored: the systems of the papers, and networks from files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, one_of
from ..base.given_units import Axis
from ..linear.model import GaussianModel
from ..netlist.axes import FREQUENCY
from ..netlist.load import load
from ..netlist.measures import check_measures, measured, unit_of
from ..netlist.network_file import Netlist
from ..papers import PAPERS, paper, spectra
from ..papers.records import Parameter, Quantity, Setting, System
from ..slh.network import Network
from . import in_time, leaving

FILE = "network file"
"""The key of a network from a file."""

MARGIN = "margin_of_"
"""What the name of a margin begins with, before that of the E_N it belongs to."""

_MOST_MODES = 6
"""Up to so many modes, every pair of them is offered."""


class Study(NamedTuple):
    """Something to explore.

    Args:
        key: a paper's key, or `FILE`.
        title: what it is.
        system: its parameters, quantities, network and model.
        measures: what to measure, by quantity, of a file and of what leaves a paper's network.
        netlist: the file, when it comes from one.
        margins: where a file asks for E_N, the margin of the same modes, by name; it has slopes
            where nothing is entangled, too.
    """

    key: str
    title: str
    system: System
    measures: Mapping[str, Mapping[str, Any]] = {}
    netlist: Netlist | None = None
    margins: Mapping[str, Quantity] = {}


def study(key: str) -> Study:
    """A paper's system.

    Args:
        key: one of the papers.

    Raises:
        ArgumentError: for an unknown key.

    >>> study("jiao2022").system.parameters({})[0].symbol
    'Δ/ω_m'
    """
    return _paper(one_of("key", key, PAPERS, "a paper"))


@cache
def _paper(key: str) -> Study:
    """A paper's system, with its spectra and sidebands where a reading of it has open outputs."""
    system = paper(key).SYSTEM
    return Study(key, PAPERS[key], *leaving.extended(system))


def study_of(text: str) -> Study:
    """A network from the text of a file.

    Args:
        text: TOML as for `load`.

    Raises:
        ArgumentError: for a text that describes no network; the sentence says where.

    >>> found = study_of('[parameters]\\nk = 3.0\\n[parts.m]\\npart = "cavity"\\ndecay = "k"')
    >>> [(p.name, p.low, p.high) for p in found.system.parameters({})]
    [('k', 0.0, 6.0)]
    """
    netlist = load(text)
    begun = {} if netlist.time is None else in_time.instant(netlist, {})
    net = None if netlist.matrices is not None else netlist.network(begun)
    check_measures(netlist, net)  # what is wrong is told here
    quantum = net is not None and netlist.is_quantum(net)
    modes = net.modes if net is not None else netlist.model().modes
    own = netlist.measures
    others = {} if quantum else _every_measure(modes)
    tables = {**own, **{name: x for name, x in others.items() if x not in own.values()}}
    quantities = {name: _quantity(name, table) for name, table in tables.items()}
    if netlist.linearise is not None and netlist.linearise.guess is None:
        quantities["branches"] = Quantity("branches", "branches", "number of working points")
    parameters = tuple(_parameter(netlist, name) for name in _ordered(netlist))
    title = netlist.title or "network from a file"
    if netlist.time is not None:
        system = in_time.system(netlist, tables, quantities, parameters)
        return Study(FILE, title, system, tables, netlist)
    leaving, axis, inside = {}, None, tables
    if net is not None and not quantum and net.component.outputs:
        axis = spectra.frequencies(netlist)
    if net is not None and axis is not None:
        netlist = replace(netlist, frequency=axis)
        leaving = spectra.tables(net.component.outputs)
        for more, _ in leaving.values():
            tables = {**more, **tables}
    followed = netlist.linearise is not None and netlist.linearise.follow is not None
    system = System(
        partial(_measured, netlist, inside),
        (spectra.VIEW,) if leaving else (),
        partial(_parameters_of, parameters, axis),
        partial(_quantities_of, quantities, leaving),
        lambda setting: {},
        partial(_network, netlist),
        None if quantum else partial(_model, netlist),
        broadcasts=not quantum,
        # A branch is followed anew to every value that is none of the file's own.
        points=partial(_few, (15, 4) if quantum else (30, 5)) if quantum or followed else None,
    )
    margins = _margins(tables)
    known = {name: _quantity(name, table) for name, table in margins.items()}
    return Study(FILE, title, system, {**tables, **margins}, netlist, known)


def _parameters_of(
    parameters: tuple[Parameter, ...], axis: Axis | None, setting: Setting
) -> tuple[Parameter, ...]:
    """The file's own, after the frequency where what leaves is looked at."""
    view = spectra.view_of(setting)
    if axis is None or view == spectra.INSIDE:
        return parameters
    others = (p for p in parameters if p.name != FREQUENCY)
    return (spectra.parameter(axis, view), *others)


def _quantities_of(
    inside: Mapping[str, Quantity], leaving: Mapping[str, Any], setting: Setting
) -> Mapping[str, Quantity]:
    view = spectra.view_of(setting)
    return leaving[view][1] if view in leaving else inside


def _few(points: tuple[int, int], **values: Any) -> tuple[int, int]:
    return points


def _ends(values: Any) -> tuple[float, float]:
    return float(np.min(values)), float(np.max(values))


def _ordered(netlist: Netlist) -> Sequence[str]:
    """What the file sweeps comes first, and frequencies of spectra after its parameters."""
    first = [*netlist.axes, *([FREQUENCY] if netlist.frequency is not None else [])]
    return [*first, *(name for name in netlist.parameters if name not in netlist.axes)]


def _parameter(netlist: Netlist, name: str) -> Parameter:
    if name == FREQUENCY and netlist.frequency is not None:
        values, unit, scale = netlist.frequency
        middle = float(values[len(values) // 2])
        return Parameter(name, "ω", "frequency of the spectra", unit, *_ends(values), middle, scale)
    scale = netlist.scales.get(name, 1.0)  # the SI value of the unit it is swept in
    value = float(netlist.parameters[name]) / scale
    low, high, unit = *around(value), "1"
    if name in netlist.axes:
        values, unit = netlist.axes[name]
        ends = _ends(values)
        low, high = min(ends[0], value), max(ends[1], value)
    return Parameter(name, name, "", unit, low, high, value, scale)


def around(value: float) -> tuple[float, float]:
    """A range for a number of which nothing else is known: from 0 to its double.

    A number from 0 to 1 may be a probability, and its range does not leave [0, 1].

    Args:
        value: the number.

    >>> around(3.0), around(-3.0), around(0.7), around(0.0)
    ((0.0, 6.0), (-6.0, 0.0), (0.0, 1.0), (0.0, 1.0))
    """
    if value < 0:
        return 2 * value, 0.0
    if value == 0:
        return 0.0, 1.0
    return 0.0, min(2 * value, 1.0) if value <= 1 else 2 * value


def _every_measure(modes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Entanglement of every pair of modes, quanta of every mode, purity of all."""
    tables: dict[str, dict[str, Any]] = {}
    modes = [_short(mode, modes) for mode in modes]
    for a, b in combinations(modes, 2) if len(modes) <= _MOST_MODES else ():
        tables[_plain("E_N", a, b)] = {"measure": "log_negativity", "a": a, "b": b}
    for mode in modes:
        tables[_plain("n", mode)] = {"measure": "occupation", "mode": mode}
    return tables | {"purity_of_all": {"measure": "purity"}}


def _margins(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The margin of all modes of which there is E_N, unless the file asks for it itself."""
    asked = [
        (f"{MARGIN}{name}", {**table, "measure": "margin"})
        for name, table in tables.items()
        if table["measure"] == "log_negativity"
    ]
    return {name: table for name, table in asked if table not in tables.values()}


def _plain(*words: str) -> str:
    """A name that is fit for a file."""
    return "_".join("".join(c if c.isalnum() else "_" for c in word) for word in words)


def _short(mode: str, modes: Sequence[str]) -> str:
    """The part's name says enough where it has only one mode."""
    part = mode.rpartition(".")[0]
    alone = sum(other.rpartition(".")[0] == part for other in modes) == 1
    return part if part and alone and part not in modes else mode


_NAMES = ("a", "b", "mode", "modes", "port", "output", "input")
_SYMBOLS = {
    "log_negativity": "E_N",
    "margin": "margin",
    "occupation": "n",
    "purity": "μ",
    "concurrence": "C",
}


def _quantity(name: str, table: Mapping[str, Any]) -> Quantity:
    kind = table["measure"]
    who = [table[key] for key in _NAMES if key in table]
    named = [x if isinstance(x, str) else "+".join(x) for x in who]
    words = str(kind).replace("_", " ")
    symbol = _SYMBOLS.get(kind, words) + (f"({', '.join(named)})" if named else "")
    meaning = f"{words} of {' and '.join(named)}" if named else f"{words} of all modes"
    return Quantity(name, symbol, meaning, unit_of(table))


def _measured(
    netlist: Netlist, tables: Mapping[str, Mapping[str, Any]], **values: Any
) -> dict[str, Any]:
    """What a file measures; the frequency of spectra is one number more beside its parameters."""
    numbers = measured(netlist, tables, *_apart(netlist, values))
    shape = np.broadcast_shapes(*map(np.shape, values.values()))
    return {name: np.broadcast_to(x, np.shape(x) or shape) for name, x in numbers.items()}


def _network(netlist: Netlist, **values: Any) -> Network | None:
    return None if netlist.matrices is not None else netlist.network(_apart(netlist, values)[0])


def _model(netlist: Netlist, **values: Any) -> GaussianModel:
    return netlist.model(_apart(netlist, values)[0])


def _apart(netlist: Netlist, values: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """The parameters of a network, and the frequency of spectra."""
    given = dict(values)
    return given, given.pop(FREQUENCY, None) if netlist.frequency is not None else None


def point_of(chosen: Study, *names: str) -> Callable[..., Mapping[str, Any]]:
    """The point function for some quantities.

    Args:
        chosen: what is explored.
        *names: the quantities; of a file nothing else is measured.
    """
    wanted = {key: table for key, table in chosen.measures.items() if key in names}
    if chosen.netlist is None:
        model = chosen.system.model
        return leaving.point(model, wanted) if wanted and model else chosen.system.point
    if chosen.netlist.time is not None:
        return in_time.point(chosen.netlist, wanted)
    return partial(_measured, chosen.netlist, wanted)


def defaults(chosen: Study, setting: Setting) -> dict[str, float]:
    """Where the sliders start, in the parameters' units.

    Args:
        chosen: what is explored.
        setting: options chosen.
    """
    return {p.name: float(p.default) for p in chosen.system.parameters(setting)}


def options(chosen: Study) -> dict[str, Any]:
    """The setting a study starts with.

    Args:
        chosen: what is explored.

    >>> options(study("liu2024"))
    {'reading': 'consistent', 'view': 'inside'}
    """
    return {choice.name: choice.default for choice in chosen.system.choices}


def arguments(chosen: Study, setting: Setting, values: Mapping[str, float]) -> dict[str, Any]:
    """What `point` takes at given values of the sliders.

    Args:
        chosen: what is explored.
        setting: options chosen.
        values: by parameter, in the parameters' units.
    """
    known = chosen.system.parameters(setting)
    scaled = {p.name: float(values[p.name]) * p.scale for p in known}
    return {**chosen.system.fixed(setting), **scaled}


def modes_of(chosen: Study, setting: Setting) -> tuple[str, ...]:
    """The modes of the linear model; none for a master equation, or where there is no model.

    Args:
        chosen: what is explored.
        setting: options chosen.

    >>> modes_of(study("jiao2022"), options(study("jiao2022")))
    ('left.a', 'left.b', 'right.a', 'right.b')
    """
    file = chosen.netlist
    if file is not None and file.time is not None:
        return in_time.modes(file, arguments(chosen, setting, defaults(chosen, setting)))
    if chosen.system.model is None:
        return ()
    try:
        return chosen.system.model(**arguments(chosen, setting, defaults(chosen, setting))).modes
    except ArgumentError:
        return ()
