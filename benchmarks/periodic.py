"""A map of a periodic state of three modes, against a loop over points with SciPy.

    python benchmarks/periodic.py [steps of each axis] [points of the loop]

One cavity is driven on the red side of one motion and on the blue side of another, nothing dropped
(M. J. Woolley, A. A. Clerk, Phys. Rev. A 89, 063805 (2014)); the axes are the blue tone and the
cavity's decay. What one would write instead integrates dΦ/dt = AΦ and dQ/dt = AQ + QAᵀ + D over
a period by `solve_ivp` (DOP853, rtol = 1e-10), and solves V = ΦVΦᵀ + Q by
`solve_discrete_lyapunov`, point by point. "Equal" is the largest difference of both.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import solve_discrete_lyapunov
from summary import told

import qcascade as qc

MIDDLE = 1.1
PERIOD = 2 * np.pi / MIDDLE


def two_tones(blue: Any, decay: Any) -> Callable[[Any], Any]:
    """The model at given times, for arrays of tones and decays."""

    def at(t: Any) -> Any:
        t = np.reshape(t, (-1, *(1,) * np.ndim(blue)))
        G = 0.05 * np.exp(1j * MIDDLE * t) + blue * np.exp(-1j * MIDDLE * t)
        parts = {
            "a": qc.cavity(decay=decay),
            "b1": qc.mechanical_mode(1.0, 1e-3),
            "b2": qc.mechanical_mode(1.2, 1e-3),
        }
        pairs = [
            make("a.a", motion, G)
            for make in (qc.hopping, qc.two_mode_squeezing)
            for motion in ("b1.b", "b2.b")
        ]
        return qc.gaussian(qc.Network(parts, couplings=pairs))

    return at


def by_scipy(A: Callable[[float], Any], D: Any) -> Any:
    """V at the beginning of a period, as one would write it by hand."""
    n = len(D)

    def rate(t: float, y: Any) -> Any:
        Phi, Q = y.reshape(2, n, n)
        drift = A(t)
        half = drift @ Q
        return np.stack([drift @ Phi, half + half.T + D]).ravel()

    start = np.stack([np.eye(n), np.zeros((n, n))]).ravel()
    run = solve_ivp(rate, (0, PERIOD), start, method="DOP853", rtol=1e-10, atol=1e-12)
    Phi, Q = run.y[:, -1].reshape(2, n, n)
    return solve_discrete_lyapunov(Phi, Q)


def drift_by_hand(blue: float, decay: float) -> Callable[[float], Any]:
    """A(t) as a sum of matrices, which is the fastest that a script could have."""
    at, times = two_tones(blue, decay), np.array([0.0, PERIOD / 4, PERIOD / 2])
    first, quarter, half = at(times).A
    mean, cosine = (first + half) / 2, (first - half) / 2
    sine = quarter - mean
    return lambda t: mean + np.cos(MIDDLE * t) * cosine + np.sin(MIDDLE * t) * sine


def main(steps: int, alone: int) -> None:
    """Print the table."""
    blue, decay = np.linspace(0, 0.045, steps)[:, None], np.linspace(0.1, 0.4, steps)
    qc.periodic_state(two_tones(blue[:2], decay[:2]), PERIOD, points=1)  # compiles
    begin = time.perf_counter()
    state = qc.periodic_state(two_tones(blue, decay), PERIOD, points=1, progress=False)
    own = time.perf_counter() - begin
    print(f"{steps} × {steps} points: {own:.1f} s, {own / steps**2 * 1e6:.0f} µs each")
    some = np.random.default_rng(1).integers(steps, size=(alone, 2))
    D = two_tones(blue[0], decay[0])(np.zeros(1)).D.reshape(6, 6)
    error, begin = 0.0, time.perf_counter()
    for j, k in some:
        noise = D.copy()
        noise[:2, :2] = np.eye(2) * decay[k] / 2
        V = by_scipy(drift_by_hand(blue[j, 0], decay[k]), noise)
        error = max(error, float(np.abs(V - state.cov[0, j, k]).max()))
    theirs = (time.perf_counter() - begin) / alone
    ratio = theirs / (own / steps**2)
    print(f"SciPy, one after the other: {theirs * 1e3:.1f} ms each, {ratio:.0f} x")
    print(f"equal to {error:.1e}")
    case = f"periodic states of three modes, a map of {steps} × {steps} points"
    told(case, f"{own:.0f} s, {ratio:.0f}× SciPy point by point", "60 s")


if __name__ == "__main__":
    given = [int(x) for x in sys.argv[1:3]]
    main(*(given + [201, 50][len(given) :]))
