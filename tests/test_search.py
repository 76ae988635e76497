"""The search for entanglement through a one-way link: its family of models and its findings."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.linalg import solve_continuous_lyapunov

import qcascade as qc

EXAMPLES = Path(__file__).parent.parent / "examples"
# Cold blue → red cascade of two lasers, from a finding of the search.
COLD = {"up": -1.0, "down": 1.0, "g_up": 0.0017, "g_down": 0.0027, "temperature": 0.0}


@pytest.fixture(scope="module")
def example():
    return SimpleNamespace(**runpy.run_path(str(EXAMPLES / "search_entanglement.py")))


def test_the_family_holds_the_paper(example):
    """jiao2022 with consistent noise at static Δ = 1: ν₋ = 0.527753."""
    assert 0.5 * np.exp(-example.margin()) == pytest.approx(0.527753, abs=5e-7)


def test_one_laser_agrees_with_matrices_typed_by_hand(example):
    at = {"up": 0.8, "down": 1.2, "g_up": 0.05, "g_down": 0.07, "temperature": 0.1, "phase": 0.7}
    A, D = example.by_hand(**at)
    expected = example.determinant_margin(solve_continuous_lyapunov(A, -D))
    assert example.margin(**at) == pytest.approx(expected, abs=1e-9)


def test_the_blue_red_cascade_entangles_cold_motion(example):
    """Periodic state from parts and wires = typed matrices with SciPy's integrator."""
    found = example.margin("phase", **COLD)
    assert found > 0.4
    expected = example.independent_margin(**COLD)
    assert found == pytest.approx(expected, abs=1e-5)
    fine = example.beating("phase", steps=480, **COLD)
    assert qc.measures.margin(fine, *example.MOTIONS) == pytest.approx(expected, abs=1e-7)
    assert example.margin("phase", **COLD | {"temperature": 0.1}) < 0


def test_slow_couplings_are_the_rotating_wave_limit(example):
    """With κ ≪ ω_m the counter-rotating terms vanish: the example's linear parts remain."""
    at = COLD | {"width": 0.02, "escape": 0.999, "g_up": 2e-4, "g_down": 4e-4}
    kappa = {s: 0.02 * (k + example.LOST) for s, k in example.FIBRE.items()}
    parts = {"link": qc.fibre()}
    for s in ("left", "right"):
        ports = {"fibre": 0.999 * kappa[s], "lost": 0.001 * kappa[s]}
        parts[s] = qc.cavity(decay=ports)
        parts[s + "_motion"] = qc.mechanical_mode(0.0, example.GAMMA, occupation=0.0)
    net = qc.Network(
        parts,
        wires=[("left.out_fibre", "link.in"), ("link.out", "right.in_fibre")],
        couplings=[
            qc.two_mode_squeezing("left.a", "left_motion.b", at["g_up"]),
            qc.hopping("right.a", "right_motion.b", at["g_down"]),
        ],
    )
    state = qc.steady_state(qc.gaussian(net))
    expected = qc.measures.margin(state, "left_motion", "right_motion")
    assert expected > 0.1
    assert example.margin("phase", **at) == pytest.approx(expected, abs=5e-3)


def test_findings_are_physical_and_the_seed_repeats(example):
    scenario = example.SCENARIOS[0]
    first, second = (example.search(scenario, points=500, generations=3) for _ in range(2))
    assert first == second
    assert example.audited(first)
    assert first.margin < 0
    cold = example.search(example.CASCADE, points=2000, generations=4, temperature=0.0)
    assert cold.margin > 0
    assert example.audited(cold)


def test_rounding_at_the_edge_of_stability_is_no_entanglement(example):
    """First motion at its softening point: 50 digits give −1.61e-4, doubles once gave +1.9e-3."""
    kappa = (example.FIBRE["left"] + example.LOST) * 0.13401
    at = {"up": 5.49964, "down": 6.0, "g_down": 0.03998, "phase": 3.24696, "temperature": 0.01}
    at |= {"width": 0.13401, "escape": 0.99899, "ratio": 6.00014}
    edge = 0.5 * np.sqrt((at["up"] ** 2 + kappa**2 / 4) / at["up"])
    found = example.margin(g_up=edge * np.sqrt(1 - np.geomspace(1e-2, 1e-15, 40)), **at)
    assert np.all(found < -1e-4)
