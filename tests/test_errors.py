"""Bad arguments end with a sentence that names the argument, whatever the function.

Every parameter of every public function is tried with everything in `ODD`, and with what is bad
for it alone; what is legal must pass, and what is not must be refused by name.
"""

import inspect
import re
import warnings
from functools import lru_cache

import public_design
import public_discovery
import public_neighbours
import public_parts
import public_program
import public_states
import public_verbs
import pytest
from odd_values import ODD

import qcascade as qc
from qcascade.base import conventions

KNOWN = (qc.ArgumentError, qc.UnstableError, qc.DegenerateError, qc.ConvergenceError)
MADE_BY_VERBS = (
    qc.Audit,
    qc.classical.LimitCycle,
    qc.classical.MeanField,
    qc.classical.MovingFields,
    qc.classical.Orbit,
    qc.classical.WorkingPoints,
    qc.inverse.Discovery,
    qc.inverse.Router,
    qc.outputs.Monitored,
    qc.outputs.Flux,
    qc.inverse.Design,
    qc.inverse.Sensitivity,
    qc.inverse.Tolerance,
    qc.inverse.Program,
)
"""Records that nobody has to make; what takes them is in the table."""


@lru_cache(maxsize=1)
def calls(folder):
    made = {}
    for table in (
        public_parts.parts(),
        public_parts.physics(),
        public_parts.converters(),
        public_verbs.networks(),
        public_verbs.models(),
        public_states.states(),
        public_states.measures(),
        public_states.results(),
        public_states.verbs(folder),
        public_states.sweeps(folder),
        public_neighbours.neighbours(),
        public_design.design(),
        public_discovery.discovery(),
        public_program.programs(),
    ):
        assert not made.keys() & table.keys()
        made |= table
    return made


def public():
    """Everything that must be in the table: functions, constructors, methods with arguments."""
    rooms = [space for space in qc.NAMESPACES if space is not conventions]
    things = {name: getattr(room, name) for room in (qc, *rooms) for name in room.__all__}
    for name, thing in things.items():
        if inspect.ismodule(thing):
            continue
        if not inspect.isclass(thing):
            yield name, thing
            continue
        if issubclass(thing, Exception):
            continue
        if thing not in MADE_BY_VERBS:
            yield name, thing
        for method, function in vars(thing).items():
            own = inspect.isfunction(function) and not method.startswith("_")
            if own and len(inspect.signature(function).parameters) > 1:
                yield f"{name}.{method}", function
    for name, function in vars(conventions).items():
        here = getattr(function, "__module__", "") == conventions.__name__
        if inspect.isfunction(function) and here and not name.startswith("_"):
            yield f"conventions.{name}", function


REQUIRED = dict(public())


def parameters(function):
    found = inspect.signature(function).parameters
    return {name: p for name, p in found.items() if name != "self"}


_MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def call(function, values):
    """Call by name; what a function takes as *names or **axes goes in as one of them."""
    kinds = parameters(function)
    several = [values[n] for n, p in kinds.items() if p.kind is p.VAR_POSITIONAL]
    named = {n: x for n, x in values.items() if kinds[n].kind not in _MANY}
    for n, p in kinds.items():
        if p.kind is p.VAR_KEYWORD:
            named["x"] = values[n]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return function(*several, **named)


def complaint(function, values, parameter, legal, others=()):
    """What is wrong with the answer to a call, if anything."""
    try:
        call(function, values)
    except qc.ArgumentError as error:
        if legal:
            return f"refused: {error}"
        named = re.findall(r"`(\w+)[`\[.(]", str(error))
        known = {parameter, *others}.intersection(named)
        return None if known else f"does not name it: {error}"
    except KNOWN as error:
        return f"refused: {error}" if legal else None
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None if legal else "accepted"


def cases(takes):
    """(what to call it, value, legal) for one parameter."""
    assert takes.legal <= ODD.keys()
    yield from ((name, value, name in takes.legal) for name, value in ODD.items())
    yield from ((f"good {k}", value, True) for k, value in enumerate(takes.more_good))
    yield from (
        (f"bad {k}: {value!r}"[:70], value, False) for k, value in enumerate(takes.more_bad)
    )


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return calls(tmp_path_factory.mktemp("written"))


ALSO = ("netlist.load", "plot.save_figure", "papers.paper")
"""What else users call, by way of files and the command line."""
OPERATORS = tuple(f"Ladder.__{name}__" for name in ("add", "sub", "mul", "rmul", "rsub"))
NAMES = sorted({*REQUIRED, *ALSO, *OPERATORS})
OPTIONAL = {"device_chunk": "jax", "to_dynamiqs": "dynamiqs"}
"""Libraries that good calls need, and the core does not."""


def test_everything_public_is_in_the_table_with_all_its_parameters(table):
    assert {name.split("/")[0] for name in table} == set(NAMES)
    for name, (function, takes) in table.items():
        assert takes.keys() == parameters(function).keys(), name


def test_no_parameter_is_let_off(table):
    """Most of what is odd is refused by every parameter; where little is left, nothing is tried."""
    for name, (_, takes) in table.items():
        for parameter, (_, kind) in takes.items():
            assert len(kind.legal) <= len(ODD) / 2, (name, parameter)
    tried = sum(len(list(cases(kind))) for _, takes in table.values() for _, kind in takes.values())
    assert tried > 9000


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.needs(OPTIONAL[name])] if name in OPTIONAL else [])
        for name in NAMES
    ],
)
def test_bad_arguments_are_refused_by_name_and_legal_ones_pass(name, table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    entries = {entry: x for entry, x in table.items() if entry.split("/")[0] == name}
    wrong, tried = [], 0
    for entry, (function, takes) in entries.items():
        good = {parameter: value for parameter, (value, _) in takes.items()}
        call(function, good)
        for parameter, (_, kind) in takes.items():
            for what, value, legal in cases(kind):
                given = {**good, parameter: value}
                found = complaint(function, given, parameter, legal, kind.others)
                tried += 1
                if found:
                    wrong.append(f"{entry}({parameter}={what}): {found}"[:300])
    assert not wrong, "\n" + "\n".join(wrong)
    kinds = [kind for _, takes in entries.values() for _, kind in takes.values()]
    assert tried == sum(len(ODD) + len(k.more_good) + len(k.more_bad) for k in kinds) > 0
