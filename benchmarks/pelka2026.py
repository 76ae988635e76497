"""Fig. 2 of pelka2026 on 201×201 points, two directions: this package against a plain script.

The plain script is what a researcher would write from the paper: fill the 22×22 drift by hand,
loop over the grid, ask NumPy for the eigenvalues and SciPy for the covariance, and take the
determinants of the partially transposed two-mode block. It runs on a part of the grid (a line
in four) unless --whole is given; its time is then scaled by the number of points.
"""

import argparse
import platform
import time

import numpy as np
import scipy
import scipy.linalg
from summary import told

import qcascade as qc

M, GAMMA, GAMMA_OUT, OMEGA = 10, 0.8, 0.002, 1.0


def drift_and_noise(j, r, backward):
    """A and D of the one-way chain, typed by hand in quadratures (vacuum = ½)."""
    n = 2 * (M + 1)
    A, D = np.zeros((n, n)), np.zeros((n, n))
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    for k in range(M + 1):
        decay = GAMMA_OUT
        if 1 <= k < M:
            decay += GAMMA
        if 1 < k <= M:
            decay += GAMMA
        s = slice(2 * k, 2 * k + 2)
        A[s, s] = OMEGA * turn - decay / 2 * np.eye(2)
        D[s, s] = decay / 2 * np.eye(2)
    A[0, 0] -= r
    A[1, 1] += r
    end = M if backward else 1
    a, b = slice(0, 2), slice(2 * end, 2 * end + 2)
    A[a, b] = A[b, a] = j * turn
    for k in range(1, M):
        a, b = slice(2 * k, 2 * k + 2), slice(2 * k + 2, 2 * k + 4)
        A[b, a] = -GAMMA * np.eye(2)
        D[a, b] = D[b, a] = GAMMA / 2 * np.eye(2)
    return A, D


def log_negativity(V, k):
    i = [0, 1, 2 * k, 2 * k + 1]
    W = V[np.ix_(i, i)]
    det = np.linalg.det
    delta = det(W[:2, :2]) + det(W[2:, 2:]) - 2 * det(W[:2, 2:])
    nu = np.sqrt((delta - np.sqrt(max(delta**2 - 4 * det(W), 0.0))) / 2)
    return max(0.0, -np.log(2 * nu))


def plain_script(hoppings, squeezings):
    E_N = np.full((2, len(hoppings), len(squeezings)), np.nan)
    for side, node in enumerate((2, 9)):
        for x, j in enumerate(hoppings):
            for y, r in enumerate(squeezings):
                A, D = drift_and_noise(j, r, backward=side == 1)
                if np.linalg.eigvals(A).real.max() < 0:
                    V = scipy.linalg.solve_continuous_lyapunov(A, -D)
                    E_N[side, x, y] = log_negativity(V, node)
    return E_N


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true", help="run the plain script everywhere")
    step = 1 if parser.parse_args().whole else 4

    from qcascade.papers.pelka2026 import FIGURES

    figure2 = FIGURES["2"].data

    start = time.perf_counter()
    figure2(5)
    first = time.perf_counter() - start
    start = time.perf_counter()
    data = figure2(201, reading=("one-way",)).sel(reading="one-way")
    ours = time.perf_counter() - start

    axis = data.hopping.values
    start = time.perf_counter()
    theirs = plain_script(axis[::step], axis)
    plain = (time.perf_counter() - start) * len(axis) / len(axis[::step])

    compared = np.stack([data.forward.values, data.backward.values])[:, ::step]
    both = ~np.isnan(compared) & ~np.isnan(theirs)
    difference = np.abs(compared - theirs)[both].max()
    disagree = int((np.isnan(compared) != np.isnan(theirs)).sum())
    print(
        f"machine: {platform.processor() or platform.machine()}, Python {platform.python_version()}"
    )
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, qcascade {qc.__version__}")
    print(f"Fig. 2, 201×201×2 points, 22×22 matrices (one line in {step} for the plain script)")
    print(f"  plain NumPy/SciPy script   {plain:8.2f} s")
    print(f"  qcascade, everything       {ours:8.2f} s   (first call in a process {first:.2f} s)")
    print(f"  ratio                      {plain / ours:8.1f}   (goal: 5)")
    print(f"  largest difference in E_N  {difference:.1e}; stability differs at {disagree} points")
    told(
        "Fig. 2 of pelka2026, 201×201×2 points of 22×22 matrices, against a plain script",
        f"{plain / ours:.0f}×",
        "5×",
    )


if __name__ == "__main__":
    main()
