"""One point from parts to E_N: what building and checking cost beside a script written by hand.

    python benchmarks/one_point.py [blocks]

A squeezed mode drives two cavities in a row: three parts, two wires, plain numbers. "All" goes
from `squeezed_mode`, `cavity`, `cavity` through `Network`, `gaussian` and `steady_state` to
`log_negativity`; the script writes the same A and D as NumPy arrays and calls SciPy's
`solve_continuous_lyapunov` once. Microseconds; the least and the median of many blocks of calls,
the two in turn. Networks of 20 parts and maps of 10⁴ points stand below, for comparison.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads it

import platform
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import scipy
from scipy.linalg import solve_continuous_lyapunov
from summary import told

import qcascade as qc

SQUEEZING, DETUNING, DECAY = 0.2, 0.3, 1.0
WIRES = [("source.out", "left.in"), ("left.out", "right.in")]
CALLS = 10  # in a block


def parts(detuning: Any = DETUNING) -> dict[str, Any]:
    """A squeezed mode and two cavities."""
    return {
        "source": qc.squeezed_mode(SQUEEZING, decay=DECAY),
        "left": qc.cavity(detuning=detuning, decay=DECAY),
        "right": qc.cavity(detuning=-DETUNING, decay=DECAY),
    }


def network(detuning: Any = DETUNING) -> Any:
    """The three in a row."""
    return qc.Network(parts(detuning), WIRES)


def point(detuning: Any = DETUNING) -> Any:
    """From parts to E_N, with this package."""
    state = qc.steady_state(qc.gaussian(network(detuning)))
    return qc.log_negativity(state, "left", "right")


def row_of(cavities: int) -> Any:
    """E_N of the last two in a row of many parts."""
    row = {f"c{k}": qc.cavity(detuning=DETUNING, decay=DECAY) for k in range(cavities)}
    names = ["source", *row]
    wires = [(f"{x}.out", f"{y}.in") for x, y in pairwise(names)]
    net = qc.Network({"source": qc.squeezed_mode(SQUEEZING, decay=DECAY), **row}, wires)
    return qc.log_negativity(qc.steady_state(qc.gaussian(net)), names[-2], names[-1])


def script() -> float:
    """The same, written by hand."""
    a, b, c = slice(0, 2), slice(2, 4), slice(4, 6)
    A = np.zeros((6, 6))
    A[a, a] = np.diag([SQUEEZING - DECAY / 2, -SQUEEZING - DECAY / 2])
    A[b, b] = [[-DECAY / 2, DETUNING], [-DETUNING, -DECAY / 2]]
    A[c, c] = [[-DECAY / 2, -DETUNING], [DETUNING, -DECAY / 2]]
    A[b, a] = A[c, a] = A[c, b] = -DECAY * np.eye(2)
    D = DECAY / 2 * np.kron(np.ones((3, 3)), np.eye(2))
    V = solve_continuous_lyapunov(A, -D)[2:, 2:]
    # ν̃₋² = (Δ̃ − √(Δ̃² − 4 det V))/2, Δ̃ = det α + det β − 2 det γ
    det = np.linalg.det
    seralian = det(V[:2, :2]) + det(V[2:, 2:]) - 2 * det(V[:2, 2:])
    lowest = np.sqrt((seralian - np.sqrt(seralian**2 - 4 * det(V))) / 2)
    return float(max(0.0, -np.log(2 * lowest)))


def block(work: Callable[[], Any], calls: int) -> float:
    """Microseconds a call."""
    begin = time.perf_counter()
    for _ in range(calls):
        work()
    return 1e6 * (time.perf_counter() - begin) / calls


def stages() -> dict[str, Callable[[], Any]]:
    """What is timed, by name: everything, the script, and every stage by itself."""
    made = parts()
    net = qc.Network(made, WIRES)
    model = qc.gaussian(net)
    state = qc.steady_state(model)
    return {
        "all": point,
        "script by hand": script,
        "parts": parts,
        "Network": lambda: qc.Network(made, WIRES),
        "gaussian": lambda: qc.gaussian(net),
        "steady_state": lambda: qc.steady_state(model),
        "log_negativity": lambda: qc.log_negativity(state, "left", "right"),
    }


def measured(works: dict[str, Callable[[], Any]], calls: int, blocks: int) -> dict[str, Any]:
    """Least and median microseconds a call, in blocks that take turns."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(blocks):
        for name, work in works.items():
            times[name].append(block(work, calls))
    return {name: (min(x), statistics.median(x)) for name, x in times.items()}


def main(blocks: int) -> None:
    """Print both, their ratio, and the stages."""
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()},", end=""
    )
    print(f" NumPy {np.__version__}, SciPy {scipy.__version__}, qcascade {qc.__version__}\n")
    if abs(point() - script()) > 1e-9 or not point() > 0.1:
        raise ArithmeticError(f"both ways must agree: {point()} and {script()}")
    line = "{:<34}{:>10.1f} µs{:>10.1f} µs"
    print(f"{'':<34}{'least':>13}{'median':>13}")
    times = measured(stages(), CALLS, blocks)
    for name, took in times.items():
        print(line.format(name, *took), flush=True)
    (least, median), (theirs, usual) = times["all"], times["script by hand"]
    print(f"{'all / script':<34}{least / theirs:>11.1f} x{median / usual:>11.1f} x\n")
    detunings = np.linspace(-1.0, 1.0, 10_000)
    large = {"20 parts in a row": lambda: row_of(19), "10⁴ points": lambda: point(detunings)}
    for name, took in measured(large, 2, max(5, blocks // 10)).items():
        print(line.format(name, *took), flush=True)
    told(
        "one point of three parts, from parts to E_N",
        f"{least / 1e3:.2f} ms, {least / theirs:.1f} times a script by hand",
        "0.3 ms",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
