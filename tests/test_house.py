"""The rooms of the package: what the order of imports alone does not say."""

import ast
import importlib.util
import inspect
from pathlib import Path

import pytest

import qcascade as qc

PACKAGE = Path(qc.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
spec = importlib.util.spec_from_file_location(
    "house", Path(__file__).parent.parent / "docs" / "house.py"
)
house = importlib.util.module_from_spec(spec)
spec.loader.exec_module(house)


def room(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_private_name_crosses_a_room(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            inside = path.relative_to(PACKAGE).parts[:-1]
            target = inside[: len(inside) - node.level + 1] + tuple((node.module or "").split("."))
            private = [a.name for a in node.names if a.name.startswith("_") and a.name[1] != "_"]
            assert not private or target[0] == room(path), private


def test_no_room_bears_the_name_of_a_public_function():
    functions = {name for name in qc.__all__ if inspect.isfunction(getattr(qc, name))}
    assert not functions & {*house.order()}


def test_no_file_is_hidden_behind_a_name_of_its_room():
    spaces = (qc.classical, qc.hilbert, qc.interop, qc.inverse, qc.measures, qc.parts, qc.slh)
    files = {f"{path.parent.name}.{path.stem}" for path in FILES}
    hidden = [f"{x.__name__}.{n}" for x in spaces for n in x.__all__ if callable(getattr(x, n))]
    assert not files & {name.removeprefix("qcascade.") for name in hidden}


def test_at_most_eight_files_stand_in_the_root():
    assert len([path for path in FILES if path.parent == PACKAGE]) <= 8


def test_every_room_says_in_one_sentence_what_it_is():
    assert {path.name for path in PACKAGE.iterdir() if path.is_dir()} - {"__pycache__"} <= {
        *house.order()
    }
    for name, told in house.rooms().items():
        assert told.says.endswith("."), name
        assert name in house.table()


def test_every_arrow_of_the_picture_leads_down():
    floor = house.floors()
    assert floor["base"] == 0
    for name, told in house.rooms().items():
        assert all(floor[used] < floor[name] for used in told.uses)
    drawn = {text.get_text() for text in house.draw().axes[0].texts} - {""}
    assert drawn == {*house.order()}


def test_a_hopping_rate_goes_from_its_coupling_through_wiring_and_model_to_the_solver():
    way = house.walk()
    stations = (
        "parts.optics.hopping",
        "slh.wiring.wired",
        "linear.langevin.gaussian",
        "dynamics.steady_state",
        "lyapunov.solve.solve",
    )
    assert [name for name in way if name in stations] == [*stations]
    assert not [name for name in way if name.startswith(("papers", "hilbert", "plots"))]
