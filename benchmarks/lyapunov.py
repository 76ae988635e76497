"""Steady states per second: `qcascade.lyapunov.solve` against a loop over SciPy, in one run.

    python benchmarks/lyapunov.py [points] [--table]

First come selected systems, then a table of the ratio alone, over matrix and batch size, on one
core and on all; `--table` prints only that. Every line of the first shows microseconds per
point of both, their ratio, and the largest relative residual
‖AV + VAᵀ + D‖ / (2‖A‖‖V‖ + ‖D‖) of both. "One core" means one: BLAS has one thread, and the
process may use a single processor.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads it

import platform
import sys
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numba
import numpy as np
import scipy
from scipy.linalg import solve_continuous_lyapunov
from summary import told

from qcascade.lyapunov.solve import solve

jax.config.update("jax_enable_x64", True)

LINE = "{:<34}{:>9.2f} µs {:>10.1f} µs {:>8.1f} x {:>12.1e} {:>12.1e}"


def dense(n: int, points: int) -> tuple[Any, Any]:
    """Random systems whose slowest mode decays at 0.1."""
    rng = np.random.default_rng(n)
    A, B = rng.standard_normal((2, points, n, n))
    A -= (np.linalg.eigvals(A).real.max(-1) + 0.1)[:, None, None] * np.eye(n)
    return A, B @ B.swapaxes(1, 2)


def cascade(points: int, pairs: int = 9) -> tuple[Any, Any]:
    """An optomechanical node of 4 quadratures that drives a row of cavities, one way."""
    rng = np.random.default_rng(0)
    n = 4 + 2 * pairs
    A = np.zeros((points, n, n))
    A[:, :4, :4] = dense(4, points)[0]
    for k in range(4, n, 2):
        A[:, k : k + 2, :k] = 0.2 * rng.standard_normal((points, 2, k))
        A[:, k : k + 2, k : k + 2] = [[-0.5, 1.0], [-1.0, -0.5]]
    return A, np.tile(np.eye(n), (points, 1, 1))


def chain(modes: int) -> tuple[Any, Any]:
    """Equal squeezed cavities in a row, each driven by the one before."""
    own = np.array([[-0.3, 0.5], [-0.5, -0.7]])
    drift = np.kron(np.eye(modes), own) - 0.4 * np.kron(np.eye(modes, k=-1), np.eye(2))
    return drift[None], np.eye(2 * modes)[None]


def residual(A: Any, V: Any, D: Any) -> float:
    """Largest residual among the points, relative to its terms."""

    def norm(X: Any) -> Any:
        return np.linalg.norm(X, axis=(1, 2))

    rest = A @ V + V @ A.swapaxes(1, 2) + D
    return float(np.max(norm(rest) / (2 * norm(A) * norm(V) + norm(D))))


def best(work: Callable[[], Any], repeat: int = 5) -> tuple[float, Any]:
    """Shortest time of several runs, in seconds, and the result."""
    result, times = work(), []
    for _ in range(repeat):
        begin = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - begin)
    return min(times), result


def compare(name: str, A: Any, D: Any, ours: Callable[[Any, Any], Any] = solve) -> str:
    """One line of the table, and its sum; SciPy gets at most half a second's worth of points."""
    some = max(1, min(len(A), int(5e6 / (50 + A.shape[-1] ** 3)) // 10))

    def loop() -> list[Any]:
        return _scipy(A[:some], D[:some])

    took, (V, stable) = best(lambda: jax.block_until_ready(ours(A, D)))
    scipy_took, W = best(loop, 2)
    if not np.all(stable):
        raise ArithmeticError(f"{name}: a stable point was called unstable")
    own, other = 1e6 * took / len(A), 1e6 * scipy_took / some
    errors = residual(A, np.asarray(V), D), residual(A[:some], np.array(W), D[:some])
    print(LINE.format(name, own, other, other / own, *errors), flush=True)
    return f"{own:.2f} µs a point, {other / own:.0f}×"


SIZES = (2, 4, 8, 16, 32, 64)
BATCHES = (1, 10, 100, 1_000, 10_000, 100_000)
MEMORY = 2**28  # bytes of A, beyond which a batch is left out: D and V are as large again


def ratios() -> None:
    """SciPy's time over ours for stable dense systems, by n and the number of points."""
    cores = os.sched_getaffinity(0)
    row = "{:>8}" + "{:>9}" * len(BATCHES)
    for use, name in ((min(cores),), "one core"), (cores, f"{len(cores)} cores"):
        os.sched_setaffinity(0, use)
        print(f"\nSciPy loop / qcascade, {name} (rows: n; columns: points; µs per point below)")
        print(row.format("n", *BATCHES))
        for n in SIZES:
            A, D = dense(n, 256)
            loop, _ = best(lambda A=A, D=D: _scipy(A[:SOME], D[:SOME]), 3)
            times = [_per_point(A, D, points) for points in BATCHES]
            print(row.format(n, *(f"{loop / SOME / t:.1f} x" if t else "–" for t in times)))
            print(row.format("", *(f"{1e6 * t:.3g}" if t else "–" for t in times)), flush=True)
    os.sched_setaffinity(0, cores)


SOME = 32  # points of the SciPy loop, whose time per point does not depend on their number


def _scipy(A: Any, D: Any) -> list[Any]:
    return [solve_continuous_lyapunov(a, -d) for a, d in zip(A, D, strict=True)]


def _per_point(A: Any, D: Any, points: int) -> float | None:
    """Our shortest time for a batch that repeats the given systems; None where it is too large."""
    if points * A[0].nbytes > MEMORY:
        return None
    copies = -(-points // len(A))
    A, D = (np.tile(X, (copies, 1, 1))[:points] for X in (A, D))
    # Short runs are repeated many times, long ones twice.
    repeat = int(np.clip(2e8 / (points * 600.0 * A.shape[-1] ** 2), 2, 50))
    return best(lambda: solve(A, D), repeat)[0] / points


def main(points: int) -> None:
    """Print the selected systems."""
    cores = os.sched_getaffinity(0)
    print(f"{platform.processor() or platform.machine()}, {len(cores)} cores; Python", end=" ")
    print(
        f"{platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__},", end=" "
    )
    print(f"Numba {numba.__version__}, JAX {jax.__version__}\n")
    head = "{:<34}{:>12} {:>13} {:>10} {:>12} {:>12}"
    print(head.format("", "qcascade", "SciPy", "ratio", "residual", "SciPy's"))
    A, D = dense(8, points)
    os.sched_setaffinity(0, {min(cores)})
    one = compare(f"8x8, {points} points, one core", A, D)
    for n in (2, 4, 8, 16, 22, 32, 64):
        few = max(16, min(points, points * 64 // n**2 // 8))
        compare(f"{n}x{n} dense, {few} points, one core", *dense(n, few))
    blocks = compare("22x22 cascade, one core", *cascade(points // 10))
    compare("400x400, chain of 200 modes", *chain(200))
    os.sched_setaffinity(0, cores)
    every = compare(f"8x8, {points} points, all cores", A, D)
    compare("22x22 cascade, all cores", *cascade(points // 10))
    route = jax.jit(solve)
    compare(f"8x8, {points} points, JAX, all", jnp.asarray(A), jnp.asarray(D), route)
    told("8×8 steady states in batches, one core, against a loop over SciPy", one, "2 µs")
    told("the same on all cores", every)
    told("22×22 cascade, one core, against a loop over SciPy", blocks)


if __name__ == "__main__":
    given = [x for x in sys.argv[1:] if x != "--table"]
    if "--table" not in sys.argv:
        main(int(given[0]) if given else 20_000)
    ratios()
