"""The examples run, and say what they promise."""

import runpy
from itertools import pairwise
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_remote_motion_is_entangled_through_a_one_way_link():
    """Values of an independent implementation: 1.01476 cold, 0.31931 with one phonon."""
    example = runpy.run_path(str(EXAMPLES / "remote_motion.py"))
    entanglement = example["entanglement"]
    assert entanglement(0.0049209, 0.0079370) == pytest.approx(1.01476, abs=5e-6)
    assert entanglement(0.0049209, 0.0128018, thermal=1.0) == pytest.approx(0.31931, abs=5e-6)
    lossy = [entanglement(0.0049209, 0.0079370, loss=x) for x in (0.0, 0.2, 0.5, 0.9)]
    assert all(a > b for a, b in pairwise(lossy))
