"""Chains of up to 2000 modes, from parts to covariance, against SciPy, in one run.

    python benchmarks/long_networks.py [longest chain for SciPy, 500 by default]

First table: the one-way chain of pelka2026 (doi 10.1103/hsc8-pv2s) with M nodes behind a squeezed
one. "parts" builds M + 1 nodes, their baths and their network, "drift" its A and D, "steady"
solves A V + V Aᵀ + D = 0; SciPy gets A and D as they are. The ratio is SciPy's time to that of
"steady"; residuals are ‖AV + VAᵀ + D‖ / (2‖A‖‖V‖ + ‖D‖).

Second table: cavities that hop both ways, the first one squeezed, where nothing is upstream of
anything: ΔV = V − ½ has low rank. The error is bounded by ‖AV + VAᵀ + D‖/λ_min(D), relative to
‖V‖, in the spectral norm.
"""

import os
import platform
import sys
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import scipy
from scipy.linalg import solve_continuous_lyapunov
from summary import told

import qcascade as qc
from qcascade.lyapunov.low_rank import error_bound
from qcascade.papers.pelka2026.model import network

LENGTHS = 200, 500, 1000, 2000
GOALS = {(500, True): "50×", (2000, False): "10 s"}  # with SciPy or without
LINE = "{:>6}" + "{:>10.2f}" * 4 + "{:>12}{:>9}{:>11.1e}{:>11}{:>13}"
HEAD = "{:>6}" + "{:>10}" * 4 + "{:>12}{:>9}{:>11}{:>11}{:>13}"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and the result."""
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def residual(A: Any, V: Any, D: Any) -> float:
    """Relative residual, from all its elements."""
    norm = np.linalg.norm
    rest = A @ V
    rest = rest + rest.T + D
    return float(norm(rest) / (2 * norm(A) * norm(V) + norm(D)))


def chain(length: int, with_scipy: bool) -> tuple[str, str]:
    """One line of the first table; what is said of it: our seconds where SciPy is left out."""
    best = [np.inf] * 3
    for _ in range(3):
        building, net = timed(lambda: network(length=length, squeezing=0.2))
        compiling, model = timed(lambda net=net: qc.gaussian(net))
        solving, state = timed(lambda model=model: qc.steady_state(model))
        best = [min(pair) for pair in zip(best, (building, compiling, solving), strict=True)]
    theirs = "", "", "", ""
    if with_scipy:
        took, V = timed(lambda: solve_continuous_lyapunov(model.A, -model.D))
        other, apart = residual(model.A, V, model.D), np.abs(V - state.cov).max()
        theirs = f"{took:.1f}", f"{took / best[2]:.0f} x", f"{other:.1e}", f"{apart:.1e}"
    seconds, ratio, other, apart = theirs
    own = residual(model.A, state.cov, model.D)
    print(LINE.format(length, *best, sum(best), seconds, ratio, own, other, apart), flush=True)
    name = f"one-way chain of {length} modes"
    if with_scipy:
        return f"{name}, steady state, against SciPy", f"{took / best[2]:.0f}×"
    return f"{name}, from parts to covariance", f"{sum(best):.1f} s"


def hopping(modes: int, with_scipy: bool) -> None:
    """One line of the second table."""
    cavities = {f"c{k}": qc.cavity(0.3, decay=1.0) for k in range(1, modes)}
    parts = {"c0": qc.squeezed_mode(0.1, 0.3, decay=1.0), **cavities}
    links = [qc.hopping(f"c{k}.a", f"c{k + 1}.a", 0.5) for k in range(modes - 1)]
    model = qc.gaussian(qc.Network(parts, couplings=links))
    took, state = min((timed(lambda: qc.steady_state(model)) for _ in range(2)), key=lambda x: x[0])
    own, bound = residual(model.A, state.cov, model.D), error_bound(model.A, state.cov, model.D)
    seconds = ratio = apart = ""
    if with_scipy:
        scipy_took, V = timed(lambda: solve_continuous_lyapunov(model.A, -model.D))
        seconds, ratio = f"{scipy_took:.1f}", f"{scipy_took / took:.0f} x"
        apart = f"{np.abs(V - state.cov).max():.1e}"
    line = "{:>6}{:>10.2f}{:>12}{:>9}{:>11.1e}{:>13.1e}{:>13}"
    print(line.format(modes, took, seconds, ratio, own, bound, apart), flush=True)


def main(longest: int) -> None:
    """Print both tables."""
    print(f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores;")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__},")
    print(f"Numba {numba.__version__}, qcascade {qc.__version__}; seconds\n")
    first = timed(lambda: qc.steady_state(qc.gaussian(network(length=70))))[0]
    print(f"first call in this process: {first:.2f} s\n")
    titles = "M", "parts", "drift", "steady", "all", "SciPy", "ratio", "residual", "SciPy's"
    print(HEAD.format(*titles, "difference"))
    rows = {length: chain(length, length <= longest) for length in LENGTHS}
    print("\ncavities that hop both ways")
    head = "{:>6}{:>10}{:>12}{:>9}{:>11}{:>13}{:>13}"
    print(head.format("M", "steady", "SciPy", "ratio", "residual", "error below", "difference"))
    for modes in (250, 500, 1000, 2000):
        hopping(modes, modes <= min(longest, 250))
    for length, row in rows.items():
        told(*row, GOALS.get((length, length <= longest), ""))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
