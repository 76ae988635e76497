"""What every public name owes its reader."""

import inspect
import re
import subprocess
import sys

import pytest

import qcascade as qc
from qcascade.base import synonyms

ROOMS = {"": qc} | {space.__name__.rpartition(".")[2]: space for space in qc.NAMESPACES}
NAMES = {
    f"{where}.{name}".lstrip("."): getattr(room, name)
    for where, room in ROOMS.items()
    for name in room.__all__
}
PUBLIC = {name: x for name, x in NAMES.items() if inspect.isclass(x) or inspect.isfunction(x)}


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_only_public_names_are_shown_and_they_exist(room):
    assert sorted(room.__all__) == list(room.__all__) == dir(room)
    assert not [name for name in room.__all__ if name.startswith("_")]


def test_few_names_stand_at_the_top_and_each_name_in_one_place():
    assert len(qc.__all__) <= 70
    names = [
        name for name in NAMES if name != "measures.log_negativity"
    ]  # which is at the top, too
    assert len({name.rpartition(".")[2] for name in names}) == len(names)


def test_what_is_no_function_and_no_class_is_a_namespace_or_a_number():
    others = {name for name in set(NAMES) - set(PUBLIC) if not inspect.ismodule(NAMES[name])}
    assert others == {"conventions.VACUUM"}


def test_converters_to_other_libraries_are_functions_called_to_or_from():
    assert all(name.startswith(("to_", "from_")) for name in qc.interop.__all__)
    assert all(map(inspect.isfunction, map(qc.interop.__dict__.get, qc.interop.__all__)))


@pytest.mark.parametrize("old", ["quantity", "angular_frequency"])
def test_functions_of_the_first_version_say_what_they_are_called_now(old):
    with pytest.raises(AttributeError, match=f"^`qc.{old}` is now `qc.si`.$"):
        getattr(qc, old)
    assert callable(qc.si)


@pytest.mark.parametrize(
    "name", ["bose_einstein", "purity", "to_walrus", "eliminate", "truncate", "working_points"]
)
def test_what_a_namespace_holds_answers_at_the_top_and_is_not_listed_there(name):
    (space,) = (space for space in qc.NAMESPACES if name in space.__all__)
    assert getattr(qc, name) is getattr(space, name)
    assert name not in dir(qc)


def test_at_most_seventy_names_stand_at_the_top():
    assert len(dir(qc)) <= 70
    assert dir(qc) == sorted(qc.__all__)


def test_a_name_that_never_was_is_refused_as_one():
    with pytest.raises(AttributeError, match=r"^There is no `qc\.log_negativty`"):
        qc.log_negativty  # noqa: B018


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("opo", "did you mean `qc.squeezed_mode`?"),
        ("laser", "did you mean `qc.coherent_drive`?"),
        ("EN", "did you mean `qc.log_negativity`?"),
        ("thermal_occupation", "did you mean `qc.bose_einstein`?"),
        ("mesolve", "did you mean `qc.evolve`?"),
        ("steadystate", "did you mean `qc.steady_state`?"),
        ("plot", "did you mean `qc.figure`?"),
        ("expect", "`state.expect(operator)`"),
        ("log_negativty", "did you mean `qc.log_negativity`?"),
    ],
)
def test_what_others_call_a_function_is_answered_with_its_name(other, told):
    with pytest.raises(AttributeError, match=re.escape(told)):
        getattr(qc, other)


def test_hints_lead_to_names_that_exist_and_from_names_that_do_not():
    public = {name.rpartition(".")[2] for name in PUBLIC}
    assert set(synonyms.FUNCTIONS) <= public
    for own, others in synonyms.FUNCTIONS.items():
        assert len({*others}) == len(others)
        assert not public & {*others}, own
    functions = filter(inspect.isfunction, PUBLIC.values())
    arguments = {name for function in functions for name in inspect.signature(function).parameters}
    assert set(synonyms.ARGUMENTS) <= arguments


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: qc.pulse("gaussian", sigma=1.0), "did you mean 'width'?"),
        (lambda: qc.pulse("gaussian", fwhm=1.0), "FWHM / 2.355"),
        (lambda: qc.homodyne(eta=0.8), "did you mean 'efficiency'?"),
        (lambda: qc.cavity(kappa=1.0), "did you mean 'decay'?"),
        (lambda: qc.cavity(kappa_ex=1.0), "gives each of them a port"),
        (lambda: qc.bose_einstein("1 MHz", T=1.0), "did you mean 'temperature'?"),
        (lambda: qc.evolve(None, None, tlist=[1.0]), "did you mean 'times'?"),
        (lambda: qc.sweep(lambda x: {"y": x}, x=[1.0], n_jobs=2), "did you mean 'executor'?"),
        (lambda: qc.cavity(decay="1 MHz", occupation="10 mK"), "bose_einstein"),
    ],
)
def test_what_others_call_an_argument_is_answered_with_its_name(call, told):
    with pytest.raises(qc.ArgumentError, match=re.escape(told)):
        call()


def parameters(thing):
    if inspect.isclass(thing):
        if issubclass(thing, Exception) or "__dataclass_fields__" not in vars(thing):
            return []
        return [f.name for f in vars(thing)["__dataclass_fields__"].values() if f.init]
    return list(inspect.signature(thing).parameters)


@pytest.mark.parametrize("thing", PUBLIC.values(), ids=PUBLIC)
def test_every_public_parameter_is_documented(thing):
    text = inspect.getdoc(thing) or ""
    assert text.split("\n")[0].endswith((".", ":"))
    for name in parameters(thing):
        assert re.search(rf"^\s*\**{name}: ", text, re.M), f"{thing.__name__}: {name}"


@pytest.mark.parametrize("thing", PUBLIC.values(), ids=PUBLIC)
def test_every_public_function_has_an_example_that_runs(thing):
    classical = (x for x in vars(qc.classical).values() if inspect.isclass(x))
    made_by_verbs = (qc.Audit, *classical)
    needs_none = inspect.isclass(thing) and issubclass(thing, (Exception, *made_by_verbs))
    if needs_none or thing is qc.save:
        return  # errors, records that only verbs make, and a writer of files
    assert ">>> " in (inspect.getdoc(thing) or "")  # pytest runs the examples themselves


def test_importing_the_package_imports_nothing_heavy():
    heavy = ("jax", "numba", "xarray", "matplotlib", "scipy", "rich", "typer")
    probe = f"import sys, qcascade; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
