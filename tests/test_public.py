"""What every public name owes its reader."""

import inspect
import re
import subprocess
import sys

import pytest

import qcascade as qc

PUBLIC = [getattr(qc, name) for name in qc.__all__]


def test_all_names_exist_and_none_is_private():
    assert sorted(qc.__all__) == list(qc.__all__)
    assert not [name for name in qc.__all__ if name.startswith("_")]


def parameters(thing):
    if inspect.isclass(thing):
        if issubclass(thing, Exception) or "__dataclass_fields__" not in vars(thing):
            return []
        return [f.name for f in vars(thing)["__dataclass_fields__"].values() if f.init]
    return list(inspect.signature(thing).parameters)


@pytest.mark.parametrize("thing", PUBLIC, ids=qc.__all__)
def test_every_public_parameter_is_documented(thing):
    text = inspect.getdoc(thing) or ""
    assert text.split("\n")[0].endswith((".", ":"))
    for name in parameters(thing):
        assert re.search(rf"^\s*\**{name}: ", text, re.M), f"{thing.__name__}: {name}"


@pytest.mark.parametrize("thing", PUBLIC, ids=qc.__all__)
def test_every_public_function_has_an_example_that_runs(thing):
    made_by_verbs = (qc.Audit, qc.WorkingPoints, qc.LimitCycle)
    needs_none = inspect.isclass(thing) and issubclass(thing, (Exception, *made_by_verbs))
    if needs_none or thing is qc.save:
        return  # errors, records that only verbs make, and a writer of files
    assert ">>> " in (inspect.getdoc(thing) or "")  # pytest runs the examples themselves


def test_importing_the_package_imports_nothing_heavy():
    heavy = ("jax", "numba", "xarray", "matplotlib", "scipy", "rich", "typer")
    probe = f"import sys, qcascade; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
