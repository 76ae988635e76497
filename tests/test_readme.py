"""The README's Python runs as printed, and its number is the one that comes out."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in re.findall(r"```python\n(.*?)```", README, re.S):
        exec(block, names)
    promised = [float(x) for x in re.findall(r"^print\(.*# ([\d.]+)", README, re.M)]
    assert len(promised) == 3
    printed = [float(line) for line in capsys.readouterr().out.split()]
    assert printed == pytest.approx(promised, rel=2e-3)
    assert (tmp_path / "map.png").exists()


def test_the_commands_of_the_readme_exist():
    from typer.main import get_command

    from qcascade.cli import app

    named = set(re.findall(r"^qcascade (\w+)", README, re.M))
    assert named == set(get_command(app).commands)
