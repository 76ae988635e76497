"""Steady states of random models, one or several, against dense null spaces."""

import dense
import numpy as np
import pytest

import qcascade as qc
from qcascade.hilbert.charges import charges
from qcascade.hilbert.space import Space
from qcascade.master_equation import stationary


def model_of(tops, H, jumps, qubits):
    """A model of modes m0, m1, … with the charges that it has."""
    names = tuple(f"m{k}" for k in range(len(tops)))
    jumps = tuple(jump for jump in jumps if jump.terms)
    space = Space(names, tuple(tops), qubits, charges=charges(names, H, jumps))
    return qc.LindbladModel(names, H, jumps, space)


def hermitian(word, weight):
    return weight * word + (weight * word).dag


def rates(random):
    return float(10.0 ** random.uniform(-1, 1))


def damped(random, c, warm=True):
    """Jumps of a bath at a random rate, as warm as chance has it."""
    gamma, n = rates(random), random.uniform(0, 0.5) if warm else 0.0
    return [np.sqrt(gamma * (n + 1)) * c, float(np.sqrt(gamma * n)) * c.dag]


def operators(tops):
    return [qc.lower(f"m{k}") for k in range(len(tops))]


def one_steady_state(random):
    """Two or three modes, each damped and detuned, driven or not, hopping or paired."""
    tops = [1, int(random.integers(1, 4)), 1][: int(random.integers(2, 4))]
    c = operators(tops)
    H = qc.lower("m0") * 0.0
    jumps = []
    for k, mode in enumerate(c):
        H = H + random.normal() * mode.dag * mode
        jumps += damped(random, mode)
        if random.random() < 0.5:
            H = H + hermitian(mode, complex(*random.normal(size=2)) / 2)
        for other in c[:k]:
            H = H + hermitian(other.dag * mode, complex(*random.normal(size=2)))
            if random.random() < 0.3:
                H = H + hermitian(other * mode, random.normal())
    jumps.append(0.5 * (c[0] + c[1]))
    return model_of(tops, H, jumps, tuple(f"m{k}" for k, top in enumerate(tops) if top == 1))


def shared_noise(random):
    """Modes that nothing couples but the noise they share: squeezed light, or a common bath."""
    tops = [1, int(random.integers(1, 3)), 1][: int(random.integers(2, 4))]
    c, r = operators(tops), random.uniform(0.2, 0.8)
    H = sum((random.normal() * mode.dag * mode for mode in c), 0.0 * c[0])
    ch, sh = float(np.cosh(r)), float(np.sinh(r))
    jumps = [ch * c[0] - sh * c[1].dag, ch * c[1] - sh * c[0].dag, 0.7 * c[-1], 0.4 * c[0]]
    if random.random() < 0.5:
        jumps.append(random.normal() * c[0] + random.normal() * c[-1])
    return model_of(tops, H, jumps, tuple(f"m{k}" for k, top in enumerate(tops) if top == 1))


ONE = [one_steady_state, one_steady_state, shared_noise]


def dark_singlet(random):
    """Two qubits that do all they do together: the singlet keeps its weight."""
    top = int(random.integers(1, 4))
    a, p, q = operators([top, 1, 1])
    together, g = p + q, complex(*random.normal(size=2))
    H = hermitian(a.dag * together, g) + hermitian(a, random.normal())
    H = H + random.normal() * a.dag * a + random.normal() * (p.dag * p + q.dag * q)
    jumps = [*damped(random, a), float(np.sqrt(rates(random))) * together]
    return model_of([top, 1, 1], H, jumps, ("m1", "m2"))


def readout(random):
    """H = gσ(a + a†) + δσ along a random axis: σ keeps its value."""
    top = int(random.integers(2, 6))
    a, s = operators([top, 1])
    axis = random.normal(size=3)
    spin = hermitian(s, complex(axis[0], axis[1]) / 2) + axis[2] * (s.dag * s - 0.5)
    H = (
        random.normal() * spin
        + spin * hermitian(a, random.normal())
        + hermitian(a, random.normal())
    )
    H = H + random.normal() * a.dag * a
    return model_of([top, 1], H, damped(random, a), ("m1",))


def two_photons(random):
    """Photons come and go in pairs: the parity of their number is kept, and so are its phases."""
    top = int(random.integers(3, 9))
    (a,) = operators([top])
    H = hermitian(a * a, random.normal()) + random.normal() * a.dag * a
    H = H + random.normal() * a.dag * a.dag * a * a
    jumps = [float(np.sqrt(rates(random))) * (a * a)]
    return model_of([top], H, jumps, ())


def controlled(random):
    """A qubit that only dephases, and shifts whatever is beside it."""
    tops = [1, int(random.integers(1, 4)), 1]
    q, a, s = operators(tops)
    n = q.dag * q
    H = random.normal() * n + random.normal() * n * a.dag * a + hermitian(a, random.normal())
    H = H + hermitian(a.dag * s, random.normal()) + n * hermitian(s, random.normal())
    jumps = [float(np.sqrt(rates(random))) * n, *damped(random, a), *damped(random, s)]
    return model_of(tops, H, jumps, ("m0", "m2"))


def dark_mixture(random):
    """Two qubits on one bath with different rates: a superposition of their excitations is dark."""
    p, q = operators([1, 1])
    x, y = random.uniform(0.3, 2.0, 2)
    delta = random.normal()
    H = delta * (p.dag * p + q.dag * q)
    return model_of([1, 1], H, [x * p + y * q], ("m0", "m1"))


SEVERAL = [dark_singlet, readout, two_photons, controlled, dark_mixture]


def judged(model, monkeypatch, few):
    """The steady state by the route for many elements (or few)."""
    monkeypatch.setattr(stationary, "FEW", few)
    monkeypatch.setattr(stationary, "MANY", few)
    return qc.steady_state(model, progress=False)


def check_one(seed, monkeypatch, few):
    random = np.random.default_rng(seed)
    model = ONE[seed % len(ONE)](random)
    count, rho = dense.steady_states(model)
    assert count == 1
    state = judged(model, monkeypatch, few)
    error = np.linalg.norm(state.matrix() - rho)
    assert error < 1e-8
    assert error < 30 * state.info["estimated_error"] + 1e-12
    assert state.is_physical()


def check_several(seed, monkeypatch, few):
    random = np.random.default_rng(seed)
    model = SEVERAL[seed % len(SEVERAL)](random)
    assert dense.steady_states(model)[0] > 1
    with pytest.raises(qc.DegenerateError, match=r"more than one steady state.*`unique=False`"):
        judged(model, monkeypatch, few)


@pytest.mark.parametrize("few", [0, 800])
@pytest.mark.parametrize("seed", range(20))
def test_one_steady_state_is_found(seed, few, monkeypatch):
    check_one(seed, monkeypatch, few)


@pytest.mark.parametrize("few", [0, 800])
@pytest.mark.parametrize("seed", range(20))
def test_several_steady_states_are_refused(seed, few, monkeypatch):
    check_several(seed, monkeypatch, few)


@pytest.mark.slow
@pytest.mark.parametrize("few", [0, 800])
@pytest.mark.parametrize("seed", range(20, 120))
def test_a_hundred_random_models_are_judged_right(seed, few, monkeypatch):
    check_one(seed, monkeypatch, few)
    check_several(seed, monkeypatch, few)
