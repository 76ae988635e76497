"""Exponentials by doublings, in two floats per number, against many digits and closed forms."""

from itertools import pairwise

import mpmath
import numpy as np
import pytest
import scipy.linalg
from test_relaxation import generator_of, random_state, superoperator, whole

import qcascade as qc
from qcascade.hilbert.space import Space
from qcascade.master_equation import propagators
from qcascade.master_equation.layout import Layout
from qcascade.master_equation.relaxation import relax
from qcascade.numerics import exponential
from qcascade.numerics.exponential import Powers, doublings, exact_product, flows
from qcascade.numerics.two_floats import Pair, exact_sum, product


def exactly(pair):
    """A pair of matrices in many digits."""
    return mpmath.matrix(pair.high.tolist()) + mpmath.matrix(pair.low.tolist())


def largest(matrix):
    return max(abs(x) for x in matrix)


@pytest.mark.parametrize("n", [1, 2, 7, 60])
def test_products_hold_twice_the_digits(n):
    rng = np.random.default_rng(n)
    a, b = (
        Pair(x, 2.0**-54 * rng.normal(size=(n, n)) * x)
        for x in rng.normal(size=(2, n, n)) * 10.0 ** rng.integers(-3, 4, size=(2, n, 1))
    )
    with mpmath.workdps(60):
        difference = exactly(product(a, b)) - exactly(a) * exactly(b)
        assert largest(difference) < 1e-25 * largest(exactly(a)) * largest(exactly(b))
    np.testing.assert_array_equal(product(a, b, False).high, a.high @ b.high)


def test_sums_and_products_of_floats_lose_nothing():
    rng = np.random.default_rng(0)
    with mpmath.workdps(80):
        for a, b in rng.normal(size=(100, 2)) * 10.0 ** rng.integers(-20, 20, size=(100, 2)):
            for pair, exact in (
                (exact_sum(a, b), mpmath.mpf(a) + mpmath.mpf(b)),
                (exact_product(a, b), mpmath.mpf(a) * mpmath.mpf(b)),
            ):
                assert mpmath.mpf(pair.high) + mpmath.mpf(pair.low) == exact


@pytest.mark.parametrize("precise", [False, True])
@pytest.mark.parametrize("time", [0.2, 9.0, -0.5])
def test_flow_and_noise_agree_with_many_digits(precise, time):
    rng = np.random.default_rng(1)
    A, D = rng.normal(size=(2, 3, 3))
    A, D = A - np.eye(3), D @ D.T
    with mpmath.workdps(50):
        van_loan = mpmath.zeros(6)
        van_loan[:3, :3], van_loan[:3, 3:] = -mpmath.matrix(A.tolist()), mpmath.matrix(D.tolist())
        van_loan[3:, 3:] = mpmath.matrix(A.T.tolist())
        E = mpmath.expm(van_loan * time)
        flow = E[3:, 3:].T
        noise = flow * E[:3, 3:]
        *_, (Phi, Q) = doublings(A, D, Pair(time, 0.0), precise)
        allowed = 1e-24 if precise else 1e-13
        assert largest(exactly(Phi) - flow) < allowed * largest(flow)
        assert largest(exactly(Q) - noise) < allowed * largest(noise)


def test_a_long_time_is_reached_to_the_last_digits_from_anywhere():
    """A rotation through 10⁹ radians, at times that are no powers of anything."""
    A, last = np.array([[-1e-10, -1.0], [1.0, -1e-10]]), 1e9
    powers = Powers(A, last, 1e-9)
    for t in (0.0, 1e-3, 1.0, 12345.678, 987654321.123):
        with mpmath.workdps(40):
            size = mpmath.exp(-mpmath.mpf(1e-10) * mpmath.mpf(t))
            exact = [float(size * f(mpmath.mpf(t))) for f in (mpmath.cos, mpmath.sin)]
        np.testing.assert_allclose(powers.at(np.array([1.0, 0.0]), Pair(t, 0.0)), exact, atol=2e-14)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("charged", [False, True])
def test_both_ways_agree_with_each_other_and_the_dense_exponential(seed, charged, monkeypatch):
    rng = np.random.default_rng(seed)
    names = ("p", "q")
    p, q = map(qc.lower, names)
    if charged:
        space = Space(names, (1, 1), names, charges=((1, 1),))
        H = complex(*rng.normal(size=2)) * p.dag * q
        jumps = (rng.normal() * p + 1j * rng.normal() * q, rng.normal() * p.dag)
    else:
        space = Space(names, (1, 2), ("p",))
        H = complex(*rng.normal(size=2)) * p * q + rng.normal() * 1j * p
        jumps = (p + rng.normal() * q, 0.3j * q * q)
    model = generator_of(space, H + H.dag, jumps)
    start, times = random_state(space, seed), [0.3, 1.0, 7.7]
    seen = relax(model, start, times, {"rho": whole})
    assert "exponential" in seen.info["method"]
    for limit in ("FEW", "SOME", "MANY"):
        monkeypatch.setattr(propagators, limit, 0)
    other = relax(model, start, times, {"rho": whole})
    assert "Chebyshev" in other.info["method"]
    np.testing.assert_allclose(seen.observed["rho"], other.observed["rho"], atol=2e-9)
    dense = [(scipy.linalg.expm(t * superoperator(model)) @ whole(start).ravel()) for t in times]
    np.testing.assert_allclose(seen.observed["rho"].reshape(3, -1), dense, atol=1e-12)


def test_coordinates_are_the_upper_triangles():
    space = Space(("q", "r"), (1, 1), ("q", "r"), charges=((1, 1),))
    for real in (False, True):
        coordinates = propagators.Coordinates(Layout(space, real=real))
        assert coordinates.size == (1 + 3 + 1 if real else 1 + 4 + 1)
        y = np.arange(1.0, coordinates.size + 1)
        np.testing.assert_array_equal(coordinates.of(coordinates.state(y)), y)


def driven(decay=1.0):
    parts = {"laser": qc.coherent_drive(0.5), "q": qc.qubit(decay=decay)}
    return qc.lindblad(qc.Network(parts, [("laser.out", "q.in")]))


@pytest.mark.parametrize("last", [1e2, 1e5, 1e9, 1e15])
def test_a_driven_qubit_is_at_rest_after_any_time(last):
    """Ω = 2√γ β: P = Ω²/(γ² + 2Ω²) = 1/3; few powers, few looks, whatever the time."""
    calls = []

    def excited(state):
        calls.append(1)
        return qc.measures.occupation(state, "q.q")

    times = np.linspace(0.0, last, 101)
    run = qc.evolve(driven(), None, times, {"P": excited}, progress=False)
    np.testing.assert_allclose(run.observed["P"][-3:], 1 / 3, atol=1e-12)
    assert abs(run.final.trace - 1) < 1e-12
    run = qc.evolve(driven(), None, [last], until=lambda s: excited(s) - 0.9, progress=False)
    assert run.stopped is None
    assert len(calls) < 2000


def test_a_large_model_at_rest_takes_no_more_steps():
    """Five damped, driven qubits in a line: to a time ten thousand times longer at no cost."""
    names = [f"q{k}" for k in range(5)]
    parts = {n: qc.qubit(0.1 * k, decay=1.0) for k, n in enumerate(names)}
    wires = [(f"{a}.out", f"{b}.in") for a, b in pairwise(names)]
    net = qc.Network({"laser": qc.coherent_drive(0.3), **parts}, [("laser.out", "q0.in"), *wires])
    model = qc.lindblad(net)
    short = qc.evolve(model, None, [100.0], progress=False)
    long = qc.evolve(model, None, [100.0, 1e4, 1e5], {"n": qc.measures.occupation}, progress=False)
    assert "Chebyshev" in long.info["method"]
    assert long.info["applications"] < 4 * short.info["applications"]
    expected = qc.measures.occupation(qc.steady_state(model, progress=False))
    np.testing.assert_allclose(long.observed["n"], [expected] * 3, atol=1e-9)


def test_a_coherence_turns_through_many_periods_and_decays_at_its_own_rate():
    """ρ₁₀(t) = ½ e^{−iΔt − t/2}: 10¹³ radians at a decay of 1."""
    Δ, t = 1e13, 0.7
    model = qc.lindblad(qc.Network({"q": qc.qubit(Δ, decay=1.0)}), sectors=False)
    assert abs(model.no_jump_matrix.toarray()[1, 1].real + 0.5) < 1e-12
    plus = qc.ket(["q.q"], [np.sqrt(0.5), np.sqrt(0.5)])
    seen = qc.evolve(
        model, plus, [0.1, t], {"s": lambda s: s.expect(qc.lower("q.q"))}, progress=False
    ).observed["s"]
    with mpmath.workdps(40):
        exact = complex(mpmath.exp((-1j * mpmath.mpf(Δ) - mpmath.mpf(0.5)) * mpmath.mpf(t)) / 2)
    assert abs(seen[1] - exact) < 1e-9


def test_norms_are_those_of_the_largest_matrix():
    assert exponential.norm(np.array([[[1.0, -2.0], [0.0, 1.0]], [[0.0, 4.0], [1.0, 1.0]]])) == 4.0


def test_flows_keep_the_phase_over_many_periods_between_even_and_uneven_times():
    times = np.array([1, 2, 3, 4, 5.05]) * (1e7 / 3)  # even as far as rounding goes; uneven
    A = np.array([[-1e-9, 1.0], [-1.0, -1e-9]])
    flow = np.eye(2)
    for t, (step, _) in zip(times, flows(A, np.eye(2), times), strict=True):
        flow = step @ flow
        turn = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
        np.testing.assert_allclose(flow, np.exp(-1e-9 * t) * turn, rtol=0, atol=1e-12)
