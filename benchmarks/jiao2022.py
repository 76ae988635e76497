"""Fig. 3f of jiao2022, 201×201 spins: mean field, stability, E_N, against a plain script.

The plain script types the paper's drift and diffusion, and for every point asks NumPy for the
eigenvalues, SciPy for the covariance, and determinants for E_N. It runs on one line in four
unless --whole is given; its time is scaled by the number of points.
"""

import argparse
import platform
import time

import numpy as np
import scipy
import scipy.linalg
from summary import told

import qcascade as qc

TWOPI = 2 * np.pi
HBAR, KB, C = 6.62607015e-34 / TWOPI, 1.380649e-23, 299792458.0
W = TWOPI * C / 780e-9
WM, GAMMA, K0 = TWOPI * 88.54e6, TWOPI * 2.2e3, TWOPI * 15e6
KEX = TWOPI * np.array([27e6, 30e6])
MASS, RADIUS, INDEX, POWER, TEMPERATURE = 15e-12, 36e-6, 1.48, 20e-3, 0.1
DETUNING, RATIO = 0.68, 0.97


def log_negativity(V):
    det = np.linalg.det
    sigma = det(V[:2, :2]) + det(V[2:, 2:]) - 2 * det(V[:2, 2:])
    nu = np.sqrt((sigma - np.sqrt(max(sigma**2 - 4 * det(V), 0.0))) / 2)
    return max(0.0, -np.log(2 * nu))


def plain_point(spin_left, spin_right):
    wm = np.array([WM, RATIO * WM])
    g0 = W / RADIUS * np.sqrt(HBAR / (MASS * wm))
    shift = INDEX * RADIUS * W / C * (1 - INDEX**-2) * np.array([spin_left, spin_right])
    delta, width = DETUNING * WM + shift, K0 + KEX
    drive = np.sqrt(POWER / (HBAR * W))
    left = np.sqrt(KEX[0]) * drive / (1j * delta[0] + width[0] / 2)
    right = np.sqrt(KEX[1]) * (drive - np.sqrt(KEX[0]) * left) / (1j * delta[1] + width[1] / 2)
    n = 1 / np.expm1(HBAR * wm / (KB * TEMPERATURE))
    A, J = np.zeros((8, 8)), np.sqrt(KEX[0] * KEX[1])
    for k, alpha in enumerate((left, right)):
        a, b, push = 2 * k, 4 + 2 * k, 2 * g0[k] * alpha
        A[a : a + 2, a : a + 2] = [[-width[k] / 2, delta[k]], [-delta[k], -width[k] / 2]]
        A[b : b + 2, b : b + 2] = [[-GAMMA / 2, wm[k]], [-wm[k], -GAMMA / 2]]
        A[a : a + 2, b] = [-push.imag, push.real]
        A[b + 1, a : a + 2] = [push.real, push.imag]
    A[2, 0] = A[3, 1] = -J
    D = np.diag(np.repeat([*width, *(GAMMA * (2 * n + 1))], 2)) / 2
    if np.linalg.eigvals(A).real.max() >= 0:
        return np.nan
    V = scipy.linalg.solve_continuous_lyapunov(A, -D)
    return log_negativity(V[4:, 4:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true", help="run the plain script everywhere")
    step = 1 if parser.parse_args().whole else 4

    from qcascade.papers.jiao2022.model import state

    def revived(spin_left, spin_right):
        steady, _ = state(DETUNING, spin_left, spin_right, frequency_ratio=RATIO, noise="printed")
        return {
            "E_N": qc.log_negativity(steady, "left.b", "right.b"),
            "stable": steady.stable,
        }

    spins = np.linspace(0, 1e6, 201)
    qc.sweep(revived, spin_left=spins, spin_right=spins[:2])  # compiles and caches
    times = []
    for _ in range(3):
        start = time.perf_counter()
        data = qc.sweep(revived, spin_left=spins, spin_right=spins)
        times.append(time.perf_counter() - start)
    ours = min(times)
    start = time.perf_counter()
    theirs = np.array([[plain_point(l, r) for r in spins] for l in spins[::step]])
    plain = (time.perf_counter() - start) * len(spins) / len(spins[::step])

    difference = np.nanmax(np.abs(data.E_N.values[::step] - theirs))
    print(f"machine: {platform.machine()}, Python {platform.python_version()}")
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, qcascade {qc.__version__}")
    print(f"Fig. 3f, 201×201 points, 8×8 (one line in {step} for the plain script)")
    print(f"  plain NumPy/SciPy script   {plain:8.2f} s")
    print(f"  qcascade, from parts       {ours:8.2f} s")
    print(f"  ratio                      {plain / ours:8.1f}   (goal: 100)")
    print(f"  largest difference in E_N  {difference:.1e}")
    told(
        "Fig. 3f of jiao2022, 201×201 points, against a plain script",
        f"{plain / ours:.0f}×",
        "100×",
    )


if __name__ == "__main__":
    main()
