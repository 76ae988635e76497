"""Optimisations a second: `qcascade.discover` against a loop over `scipy.optimize.least_squares`.

    python benchmarks/discover.py [starts]

An optimisation is one start of one graph of couplings. Three problems: the scattering of a
circulator (six couplings), a mixed state of one mode beside a cavity (four), and the cluster
state of three modes beside a cavity (sixteen couplings; all irreducible graphs). What one would
write instead calls SciPy with its finite differences for every start of the full graph, with
S(0) = 1 − κ(−A)⁻¹ or `solve_continuous_lyapunov` for the residuals; those loops are timed on
`starts` starts. "Reached" is the share of starts that end at the target.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg import solve_continuous_lyapunov
from scipy.optimize import least_squares
from summary import told

import qcascade as qc

PAIRS = [(0, 1), (0, 2), (1, 2)]
RING = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])


def ring(x: np.ndarray) -> np.ndarray:
    """Residuals |S|² − T of three modes with detunings and complex hopping rates."""
    H = np.diag(x[:3]).astype(complex)
    for k, (i, j) in enumerate(PAIRS):
        H[i, j] = x[3 + 2 * k] + 1j * x[4 + 2 * k]
        H[j, i] = H[i, j].conj()
    S = np.eye(3) - np.linalg.inv(1j * H + 0.5 * np.eye(3))
    return (np.abs(S) ** 2 - RING).ravel()


def generators(modes: int) -> list[np.ndarray]:
    """Quadratic forms G of all detunings, hopping and two-mode squeezing of so many modes."""
    basis = []
    for i in range(modes):
        for j in range(i, modes):
            for a in range(2):
                for b in range(2):
                    if i == j and (a, b) != (0, 0):
                        continue
                    G = np.zeros((2 * modes, 2 * modes))
                    G[2 * i + a, 2 * j + b] += 1
                    G[2 * j + b, 2 * i + a] += 1
                    if i == j:
                        G[2 * i + 1, 2 * i + 1] = G[2 * i, 2 * i] = 1
                    basis.append(G)
    return basis


def state(target: np.ndarray, basis: list[np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Residuals of the covariance of all modes but the first, which decays."""
    n = len(basis[0])
    Omega = np.kron(np.eye(n // 2), [[0.0, 1.0], [-1.0, 0.0]])
    decay = np.diag([1.0, 1.0] + [0.0] * (n - 2)) / 2
    inverse = np.linalg.inv(np.linalg.cholesky(target))

    def residuals(x: np.ndarray) -> np.ndarray:
        A = Omega @ np.tensordot(x, np.array(basis), 1) - decay
        try:
            V = solve_continuous_lyapunov(A, -decay)
        except np.linalg.LinAlgError:
            return np.full(len(target) ** 2, 1e3)
        off = inverse @ V[2:, 2:] @ inverse.T - np.eye(len(target))
        return np.where(np.isfinite(off), off, 1e3).ravel()

    return residuals


def loop(residuals: Any, size: int, starts: int) -> tuple[float, float]:
    """Optimisations a second, and the share that reached zero, of a loop over SciPy."""
    rng, reached = np.random.default_rng(0), 0
    begin = time.perf_counter()
    for _ in range(starts):
        end = least_squares(residuals, rng.normal(size=size), method="trf", max_nfev=80)
        reached += np.abs(end.fun).max() < 1e-6
    return starts / (time.perf_counter() - begin), reached / starts


def main(starts: int) -> None:
    """Print the table."""
    kinds = ["detuning", "hopping", "two_mode_squeezing"]
    three = ["m1", "m2", "m3"]
    cluster = qc.cluster_state(three, [("m1", "m2"), ("m2", "m3")], 0.5)
    leaky = {"c": 1.0} | dict.fromkeys(three, 0.0)
    names = ["a", "b", "c"]
    squeezed = qc.GaussianState(("b",), cov=np.diag([0.3, 1.2]))
    problems: dict[str, tuple[Any, ...]] = {
        "circulator": (names, kinds[:2], qc.transmits(names, RING), ring, 9),
        "mixed state": ({"c": 1.0, "b": 0.1}, kinds, squeezed, None, 0),
        "cluster of three": (leaky, kinds, cluster, state(cluster.cov, generators(4)), 28),
    }
    for name, (modes, edges, target, residuals, size) in problems.items():
        qc.discover(modes, edges, target=target, most=1, starts=1, progress=False)  # compiled
        found = qc.discover(modes, edges, target=target, starts=2000, progress=False)
        speed = found.optimisations / found.seconds
        print(f"{name:<18}{len(found.graphs):4d} graphs, {found.seconds:6.2f} s, {speed:8.0f} /s")
        if residuals is None:
            told(f"discovery, {name}", f"{speed:.0f} optimisations a second", "1,000")
            continue
        theirs, reached = loop(residuals, size, starts)
        print(f"{'SciPy, full graph':<18}{theirs:24.1f} /s, {reached:.0%} reached")
        words = f"{speed:.0f} optimisations a second, {speed / theirs:.0f}× SciPy"
        told(f"discovery, {name}", words, "1,000")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
