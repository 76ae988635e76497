"""Scattering of long chains: `qcascade.transfer` against a factorisation at every frequency.

    python benchmarks/spectra.py [cavities] [frequencies]

Cavities in a row, each coupled to the next, with a port at either end. What one would write instead
is (−iω − A)⁻¹B by LU at every frequency, or one Schur form and triangular solves (A. J. Laub, IEEE
Trans. Autom. Control 26, 407 (1981)). "Equal" is the largest difference of both.
"""

import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.linalg import lu_factor, lu_solve, schur, solve_triangular
from summary import told

import qcascade as qc


def chain(cavities: int) -> Any:
    """A chain with slightly random detunings and couplings."""
    rng = np.random.default_rng(1)
    names = [f"c{k}" for k in range(cavities)]
    ends = (0, cavities - 1)
    parts = {
        name: qc.cavity(0.05 * rng.normal(), decay=1.0 if k in ends else ())
        for k, name in enumerate(names)
    }
    hops = [qc.hopping(f"{a}.a", f"{b}.a", rng.uniform(0.98, 1)) for a, b in pairwise(names)]
    return qc.gaussian(qc.Network(parts, couplings=hops))


def by_lu(A: Any, B: Any, C: Any, F: Any, omega: Any) -> Any:
    """T(ω) by a factorisation for every frequency."""
    one = np.eye(len(A))
    return np.array([F + C @ lu_solve(lu_factor(-1j * w * one - A), B) for w in omega])


def by_schur(A: Any, B: Any, C: Any, F: Any, omega: Any) -> Any:
    """T(ω) from one Schur form."""
    T, U = schur(A, output="complex")
    right, left, one = U.conj().T @ B, C @ U, np.eye(len(A))
    return np.array([F + left @ solve_triangular(-1j * w * one - T, right) for w in omega])


def best(call: Callable[[], Any], repeats: int) -> tuple[Any, float]:
    """What a call returns, and the shortest time that it took."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - begin)
    return result, min(times)


def main(cavities: int, frequencies: int) -> None:
    """Print the table."""
    model, omega = chain(cavities), np.linspace(-3, 3, frequencies)
    system = model.A, model.input_matrix, model.output_matrix, model.feedthrough
    ours, own = best(lambda: qc.transfer(model, omega), 5)
    print(f"{cavities} cavities, {frequencies} frequencies: {own:.3f} s")
    ratios = {}
    for name, function in (("LU", by_lu), ("Schur", by_schur)):
        theirs, took = best(lambda f=function: f(*system, omega), 1)
        ratios[name] = took / own
        error = np.abs(ours - theirs).max()
        print(f"{name:<8}{took:8.3f} s {ratios[name]:8.1f} x   equal to {error:.1e}")
    case = f"scattering of {cavities} cavities at {frequencies} frequencies"
    words = ", ".join(f"{ratio:.0f}× {name}" for name, ratio in ratios.items())
    told(case, f"{own:.2f} s, {words}", "0.3 s")


if __name__ == "__main__":
    given = [int(x) for x in sys.argv[1:3]]
    main(*(given + [200, 401][len(given) :]))
