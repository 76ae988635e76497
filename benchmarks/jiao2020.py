"""Fig. 3f of jiao2020, 101×101 points of 400 detunings: this package against a plain script.

The plain script is what a researcher would write from the paper: loop over the map and the
detunings, `np.roots` for the mean field, fill the 6×6 drift by hand, eigenvalues for stability,
SciPy for the covariance, determinants for E_N. It runs on a part of the map (--points along each
axis); its time is then scaled by the number of points.
"""

import argparse
import platform
import time

import numpy as np
import scipy
import scipy.linalg
from summary import told

import qcascade as qc

C, HBAR, KB = 299792458.0, 6.62607015e-34 / (2 * np.pi), 1.380649e-23
OMEGA_C = 2 * np.pi * C / 1.55e-6
KAPPA, OMEGA_M, GAMMA_M = OMEGA_C / 3.2e7, 6.3e7, 5.2e3
R, N = 1.1e-3, 1.48
G0 = OMEGA_C / R * np.sqrt(HBAR / (10e-12 * OMEGA_M))
EPSILON = np.sqrt(2 * KAPPA * 20e-3 / (HBAR * OMEGA_C))
N_M = 1 / np.expm1(HBAR * OMEGA_M / (KB * 0.13))
D = np.diag([KAPPA] * 4 + [0, GAMMA_M * (2 * N_M + 1)]) / OMEGA_M


def sagnac(spin):
    return spin * N * R * OMEGA_C / C * (1 - 1 / N**2)


def shift(d1, d2, J):
    """s = G₀q_s by Eq. (7), in units of ω_m: the smallest real root."""
    k = KAPPA / OMEGA_M
    c = (G0 * EPSILON / OMEGA_M**2) ** 2
    u, v = np.poly1d([-1, d1]), np.poly1d([-1, d2])
    # poly1d must stand on the left: NumPy numbers take it for an array otherwise
    P = np.poly1d([1, 0]) * ((u * v - (k**2 + J**2)) ** 2 + (u + v) ** 2 * k**2)
    roots = (P - (v * v + (k**2 + J**2)) * c).roots
    return roots[np.abs(roots.imag) < 1e-9].real.min()


def log_negativity(detuning, split, J):
    k = KAPPA / OMEGA_M
    d1, d2 = detuning + split, detuning - split
    s = shift(d1, d2, J)
    d1, d2 = d1 - s, d2 - s
    a1 = (1j * d2 + k) * EPSILON / OMEGA_M / ((1j * d2 + k) * (1j * d1 + k) + J**2)
    a2 = -1j * J / (1j * d2 + k) * a1
    G1, G2 = np.sqrt(2) * G0 / OMEGA_M * a1, np.sqrt(2) * G0 / OMEGA_M * a2
    A = np.array(
        [
            [-k, d1, 0, J, -G1.imag, 0],
            [-d1, -k, -J, 0, G1.real, 0],
            [0, J, -k, d2, -G2.imag, 0],
            [-J, 0, -d2, -k, G2.real, 0],
            [0, 0, 0, 0, 0, 1],
            [G1.real, G1.imag, G2.real, G2.imag, -1, -GAMMA_M / OMEGA_M],
        ]
    )
    if np.linalg.eigvals(A).real.max() >= 0:
        return np.nan
    V = scipy.linalg.solve_continuous_lyapunov(A, -D)
    i = [0, 1, 4, 5]
    W, det = V[np.ix_(i, i)], np.linalg.det
    sigma = det(W[:2, :2]) + det(W[2:, 2:]) - 2 * det(W[:2, 2:])
    nu = np.sqrt((sigma - np.sqrt(max(sigma**2 - 4 * det(W), 0.0))) / 2)
    return max(0.0, -np.log(2 * nu))


def plain_script(backscattering, spins, detunings):
    ideal = max(log_negativity(x, 0.0, 0.0) for x in np.linspace(0, 2, 8001)[2900:3100])
    chi = np.empty((len(backscattering), len(spins)))
    start = time.perf_counter()
    for i, J in enumerate(backscattering):
        for k, spin in enumerate(spins):
            split = sagnac(spin) / OMEGA_M
            E_N = [log_negativity(x - split, split, J * KAPPA / OMEGA_M) for x in detunings]
            chi[i, k] = np.nanmax(E_N) / ideal
    return chi, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=11, help="of the plain script's map")
    parser.add_argument("--whole", type=int, default=101, help="of the map of qcascade")
    options = parser.parse_args()

    from qcascade.papers.jiao2020 import FIGURES
    from qcascade.papers.jiao2020.model import WINDOW

    revival = FIGURES["3f"].data
    start = time.perf_counter()
    revival(3, 11)
    first = time.perf_counter() - start
    start = time.perf_counter()
    data = revival(options.whole, 400, noise=("printed",)).sel(noise="printed")
    ours = time.perf_counter() - start

    pick = np.unique(np.linspace(0, options.whole - 1, options.points).round().astype(int))
    part = data.isel(backscattering=pick, spin=pick)
    chi, spent = plain_script(
        part.backscattering.values, 1e3 * part.spin.values, np.linspace(*WINDOW, 400)
    )
    plain = spent * options.whole**2 / chi.size
    print(
        f"machine: {platform.processor() or platform.machine()}, Python {platform.python_version()}"
    )
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, qcascade {qc.__version__}")
    whole = f"{options.whole}×{options.whole}"
    print(f"Fig. 3f, {whole}×400 points, 6×6 matrices (plain script: {chi.size} points of the map)")
    print(f"  plain NumPy/SciPy script   {plain:8.1f} s")
    print(f"  qcascade, everything       {ours:8.1f} s   (first call in a process {first:.2f} s)")
    print(f"  ratio                      {plain / ours:8.1f}   (goal: 20)")
    print(f"  largest difference in χ    {np.abs(part.revival.values - chi).max():.1e}")
    told(
        f"Fig. 3f of jiao2020, {whole}×400 points, against a plain script",
        f"{plain / ours:.0f}×",
        "20×",
    )


if __name__ == "__main__":
    main()
