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
        (lambda: qc.isolator(loss=0.1), "wire `fibre(1 - x)` behind it"),
        (lambda: qc.beam_splitter(R=0.1), "transmission = T = 1 − R"),
        (lambda: qc.qubit(T1=1.0), "decay = 1 / T1"),
        (lambda: qc.Network({}, connections=[]), "did you mean 'wires'?"),
    ],
)
def test_what_others_call_an_argument_is_answered_with_its_name(call, told):
    with pytest.raises(qc.ArgumentError, match=re.escape(told)):
        call()


CALLED = [
    thing
    for thing in PUBLIC.values()
    if inspect.isfunction(thing)
    and any(
        p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
        for p in inspect.signature(thing).parameters.values()
    )
]


def test_what_is_not_given_is_named_with_what_it_must_be():
    """A TypeError, as Python has it, with a sentence: of every public function."""
    for call in [*CALLED, qc.Network, qc.GaussianState, qc.GaussianModel]:
        first, *others = [
            name
            for name, p in inspect.signature(call).parameters.items()
            if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        ]
        with pytest.raises(TypeError) as told:
            call()
        sentence = rf"Argument `{first}` of `{call.__name__}` must be given: \S.*[^.]\."
        more = rf" Missing too: {', '.join(f'`{x}`' for x in others)}\." if others else ""
        assert re.fullmatch(sentence + more, str(told.value)), call
        assert isinstance(told.value, qc.ArgumentError)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda s: qc.log_negativity(s, "a"), "Argument `b` of `log_negativity` must be given: "),
        (lambda s: qc.purity(s, "a"), "`purity` takes state, but 2 arguments are given without"),
        (lambda s: qc.purity(s, state=s), "Argument `state` of `purity` must be given once."),
        (
            lambda s: qc.cavity(1.0, 1.0, 1.0),
            "`cavity` takes detuning, decay (by name: occupation), but 3 arguments",
        ),
    ],
)
def test_calls_that_do_not_fit_say_why(call, told):
    with pytest.raises(qc.ArgumentError, match=f"^{re.escape(told)}"):
        call(qc.vacuum(["a", "b"]))


def test_an_error_of_a_type_further_inside_is_left_as_it_is():
    def point(x):
        return {"y": x + "1"}

    with pytest.raises(TypeError) as told:
        qc.sweep(point, x=[1.0, 2.0])
    assert not isinstance(told.value, qc.ArgumentError)


@pytest.fixture(scope="module")
def records():
    model = qc.lindblad(qc.Network({"q": qc.qubit(decay=1.0)}))
    net = qc.Network({"c": qc.cavity(decay=1.0)})
    run = qc.evolve(model, None, [0.0, 1.0], progress=False)
    return {
        "gaussian": qc.vacuum(["a", "b"]),
        "density": run.final,
        "ket": qc.ket("a", [1.0, 0.0]),
        "run": run,
        "lindblad": model,
        "linear": qc.gaussian(net),
        "net": net,
        "points": qc.classical.working_points(net, progress=False),
    }


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("gaussian", "covariance", "did you mean `state.cov`?"),
        ("gaussian", "V", "did you mean `state.cov`?"),
        ("gaussian", "ptrace", "did you mean `state.reduce()`?"),
        ("gaussian", "rho", "`qc.truncate(state, cutoffs).matrix()` is its density matrix."),
        ("gaussian", "density_matrix", "`qc.truncate(state, cutoffs).matrix()` is"),
        ("gaussian", "purity", "it is a function, `qc.purity(state)`."),
        ("gaussian", "EN", "it is a function, `qc.log_negativity(state)`."),
        ("gaussian", "stabel", "did you mean `state.stable`?"),
        ("density", "rho", "did you mean `state.matrix()`?"),
        ("density", "covariance", "`qc.moments(state).cov` is the covariance"),
        ("ket", "density_matrix", "did you mean `state.density()`?"),
        ("run", "states", "`final` is the last one"),
        ("run", "expect", "did you mean `run.observed`?"),
        ("lindblad", "c_ops", "did you mean `model.jumps`?"),
        ("linear", "drift", "did you mean `model.A`?"),
        ("net", "connections", "did you mean `net.wires`?"),
        ("points", "alpha", "did you mean `points.fields`?"),
        ("gaussian", "zebra", "A GaussianState has no `zebra`."),
    ],
)
def test_what_others_call_an_attribute_is_answered_with_its_name(records, kind, name, told):
    with pytest.raises(AttributeError, match=re.escape(told)):
        getattr(records[kind], name)
    assert not hasattr(records[kind], "_private")


def test_hints_of_attributes_lead_to_what_is_there_from_what_is_not(records):
    have = {name for record in records.values() for name in dir(record)}
    assert set(synonyms.ATTRIBUTES) <= have
    public = {name.rpartition(".")[2] for name in PUBLIC}
    assert {verb for verbs in synonyms.VERBS.values() for verb in verbs} <= public


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
