"""The systems typed a second time owe nothing to the package, and can be run by themselves."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "independent"
ALLOWED = {"collections", "independent", "mpmath", "numpy", "scipy", "sys", "typing"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_nothing_of_the_package_is_imported(path):
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name for x in nodes if isinstance(x, ast.Import) for alias in x.names}
    names |= {x.module for x in nodes if isinstance(x, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= ALLOWED


def test_a_module_prints_its_values_as_a_program():
    told = subprocess.run(
        [sys.executable, "-m", "independent.remote_motion"],
        cwd=FOLDER.parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert "0.0049209 0.0079370 1.01475914" in told.stdout


@pytest.mark.parametrize(
    "name",
    ["pelka2026", "jiao2020", "jiao2022", "liu2024", "pichler2015", "delays"],
)
def test_every_system_prints_its_values(name, capsys):
    module = importlib.import_module(f"independent.{name}")
    module.main()
    assert len(capsys.readouterr().out.splitlines()) > len(module.POINTS)
