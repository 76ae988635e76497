"""Measured states per second: `qcascade.conditional_state` against a loop over SciPy, in one run.

    python benchmarks/measured.py [points]

Parametric oscillators in a row, at every output a homodyne detector, whose drive or angle differs
from point to point. SciPy's `solve_continuous_are` is given its matrices; ours makes them, solves,
and proves every point stable. "Equal" is the largest difference of both in units of the widths.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads it

import sys
import time
from typing import Any

import numpy as np
from scipy.linalg import solve_continuous_are
from summary import told

import qcascade as qc
from qcascade.linear.measured import observed

LINE = "{:<40}{:>9.2f} µs {:>10.1f} µs {:>8.1f} x {:>12.1e}"
SOME = 200  # points of the SciPy loop, whose time per point does not depend on their number


def row(modes: int, points: int) -> tuple[Any, Any]:
    """Oscillators in a row and their detectors, for as many points."""
    rng = np.random.default_rng(modes)
    drives = rng.uniform(-0.2, 0.2, (modes, points))
    parts = {f"o{k}": qc.squeezed_mode(drives[k], decay=[1.0, 0.3]) for k in range(modes)}
    wires = [(f"o{k}.out1", f"o{k + 1}.in1") for k in range(modes - 1)]
    model = qc.gaussian(qc.Network(parts, wires))
    angles = rng.uniform(0, np.pi, (len(model.outputs), points))
    return model, {port: qc.homodyne(a, 0.9) for port, a in zip(model.outputs, angles, strict=True)}


def loop(system: Any) -> Any:
    """The same covariances one by one, from SciPy."""
    A, B, C, E = system
    return [
        solve_continuous_are(a.T, c.T, b @ b.T, e @ e.T, s=b @ e.T)
        for a, b, c, e in zip(A[:SOME], B[:SOME], C[:SOME], E[:SOME], strict=True)
    ]


def compare(modes: int, points: int) -> str:
    """One line of the table, and its sum."""
    model, detectors = row(modes, points)
    qc.conditional_state(model, detectors)
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        state = qc.conditional_state(model, detectors)
        times.append(time.perf_counter() - begin)
    whole = observed(model, detectors)
    batch = (points,)
    system = [np.broadcast_to(X, (*batch, *X.shape[-2:])) for X in whole]
    begin = time.perf_counter()
    V = np.array(loop(system))
    scipy_took = (time.perf_counter() - begin) / len(V)
    width = np.sqrt(np.diagonal(V, axis1=1, axis2=2))
    units = width[:, :, None] * width[:, None, :]
    error = np.abs((state.cov[: len(V)] - V) / units).max()
    if not state.stable.all():
        raise ArithmeticError("a point that SciPy solves was not solved")
    own, ratio = min(times) / points, scipy_took / (min(times) / points)
    name = f"{modes} modes, {points} points, one core"
    print(LINE.format(name, 1e6 * own, 1e6 * scipy_took, ratio, error), flush=True)
    return f"{1e6 * own:.1f} µs a point, {ratio:.0f}×"


def main(points: int) -> None:
    """Print the table, on one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    head = "{:<40}{:>12} {:>13} {:>10} {:>12}"
    print(head.format("", "qcascade", "SciPy", "ratio", "equal"))
    sums = {modes: compare(modes, points) for modes in (1, 2, 3, 4)}
    os.sched_setaffinity(0, cores)
    for modes in (2, 4):
        case = f"measured states of {modes} modes in batches, one core, against a loop over SciPy"
        told(case, sums[modes], "20×")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4096)
