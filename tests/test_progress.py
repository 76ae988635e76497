"""What a terminal shows of long work: a bar once it takes a while, and nothing elsewhere."""

import re
import time

import numpy as np
import pytest

import qcascade as qc
from qcascade.base.progress import parts_of_a_step, progress_bar, status_line

SOON = 0.02


@pytest.fixture
def terminal(monkeypatch, capsys):
    """What has been written on a terminal since the last time that was asked."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("qcascade.base.progress.PATIENCE", SOON)
    return lambda: capsys.readouterr().err


def test_a_bar_appears_on_a_terminal_once_the_work_takes_a_while(terminal):
    with progress_bar("working points", True) as tell:
        tell(1, 10)
    assert "working points" not in terminal()
    with progress_bar("evolve", True, "t = {task.completed:.4g} of {task.total:.4g}") as tell:
        tell(2.5, 10)
        time.sleep(10 * SOON)
    assert "t = 2.5 of 10" in terminal()
    with progress_bar("working points", False) as tell:
        tell(1, 10)
        time.sleep(10 * SOON)
    assert not terminal()


def test_work_within_a_step_moves_the_bar_around_it_and_shows_none_of_its_own(terminal):
    with progress_bar("outer", True) as tell:
        tell(0, 2)
        with progress_bar("inner", True) as tell_inner:
            tell_inner(1, 2)
            time.sleep(10 * SOON)
        with parts_of_a_step() as tell_part, progress_bar("deeper", True) as untold:
            tell_part(4, 5)
            untold(1, 10)
            time.sleep(10 * SOON)
    shown = terminal()
    assert "25 %" in shown
    assert "40 %" in shown
    assert "inner" not in shown
    assert "deeper" not in shown


def test_a_line_of_words_is_shown_on_a_terminal_only(terminal, monkeypatch):
    with status_line("steady state", True) as say:
        say("iteration 3")
        time.sleep(0.2)
    assert "steady state: iteration 3" in terminal()
    monkeypatch.delenv("FORCE_COLOR")
    with status_line("steady state", True) as say:
        assert say is None


def test_long_verbs_show_their_bars(terminal):
    def slowly(state):
        time.sleep(5 * SOON)
        return qc.occupation(state, "m")

    def point(x):
        time.sleep(5 * SOON)
        return {"y": x}

    qc.sweep(point, chunk=1, x=[1.0, 2.0, 3.0])
    assert "sweep point" in terminal()
    qc.sweep(point, chunk=1, x=[1.0, 2.0, 3.0], progress=False)
    assert not terminal()

    def slow(x):
        seen.append(terminal())
        time.sleep(5 * SOON)
        return {"y": x}

    seen: list[str] = []
    qc.sweep(qc.each(slow), x=np.arange(10.0))  # one chunk: the bar moves within it
    shown = "".join(seen) + terminal()
    assert "sweep slow" in shown
    assert len({int(x) for x in re.findall(r"(\d+) %", shown)} - {0, 100}) > 1
    model = qc.lindblad(qc.Network({"m": qc.cavity(decay=1.0)}), {"m": 3})
    times = np.linspace(0.0, 1.0, 4)
    qc.evolve(model, None, times, {"n": slowly})
    assert "t = " in terminal()
    qc.trajectories(model, times, {"n": slowly}, number=3, seed=1)
    assert "trajectories" in terminal()
