"""From parameters to E_N: jiao2022's 8×8 map in 10⁶ points, and the memory it takes.

    python benchmarks/million.py [points]

Every size runs in a process of its own, which builds the network from parts, checks the mean
field, decides stability, and takes E_N between the two oscillators, over both spins, through
`sweep`. Shown are the time, the time per point, the ratio to the plain NumPy/SciPy script of
`benchmarks/jiao2022.py` (timed on 400 points of the same map, on one core: it has no use for
two), and by how much the memory of the process grew beyond what it held after a small map, and
beyond the result itself. "Threads" are chunks at a time, through `executor`; with one, only the
steady states are shared among the cores.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy loads it

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from summary import told

SIZES = (10_000, 100_000, 1_000_000)
REPEAT = 3


def point(spin_left, spin_right):
    """E_N and stability of Fig. 3f, as a user writes it."""
    import qcascade as qc
    from qcascade.papers.jiao2022.model import state

    steady, _ = state(0.68, spin_left, spin_right, frequency_ratio=0.97, noise="printed")
    return {"E_N": qc.measures.log_negativity(steady, "left.b", "right.b"), "stable": steady.stable}


def peak():
    """Largest memory this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(points, cores, threads):
    """One map in this process: seconds, points, E_N on a line, and memory."""
    if cores:
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))
    import qcascade as qc

    side = round(points**0.5)
    spins = np.linspace(0, 1e6, side)
    qc.sweep(point, spin_left=spins[:100], spin_right=np.linspace(0, 1e6, 100))  # compiles
    before, times, data = peak(), [], None
    for _ in range(REPEAT if points <= SIZES[-1] else 1):
        data = None  # or two results would be held at once
        start = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            executor = pool if threads > 1 else None
            # Threads share one interpreter, which larger chunks ask for less often.
            size = {"chunk": 32768} if threads > 1 else {}
            data = qc.sweep(point, executor=executor, spin_left=spins, spin_right=spins, **size)
        times.append(time.perf_counter() - start)
    result = sum(x.nbytes for x in data.values()) / 2**20
    return {
        "points": side**2,
        "seconds": min(times),
        "grown": peak() - before,
        "result": result,
        "peak": peak(),
        "stable": float(data.stable.mean()),
    }


def elsewhere(points, cores, threads):
    """`measured` in a fresh process."""
    command = [sys.executable, __file__, str(points), "--here"]
    command += ["--cores", str(cores), "--threads", str(threads)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def plain():
    """Seconds per point of the plain script, the best of ten passes over 400 points."""
    from jiao2022 import plain_point

    spins = np.linspace(0, 1e6, 20)
    times = []
    for _ in range(10):  # a machine's pause in the script would be to our credit
        start = time.perf_counter()
        for left in spins:
            for right in spins:
                plain_point(left, right)
        times.append(time.perf_counter() - start)
    return min(times) / 400


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("points", type=int, nargs="?", default=SIZES[-1])
    parser.add_argument("--here", action="store_true", help="one size, in this process")
    parser.add_argument("--cores", type=int, default=0, help="cores to use (0: all)")
    parser.add_argument("--threads", type=int, default=1, help="chunks at a time")
    given = parser.parse_args()
    if given.here:
        print(json.dumps(measured(given.points, given.cores, given.threads)))
        return
    import scipy

    import qcascade as qc

    cores = len(os.sched_getaffinity(0))
    print(f"machine: {platform.machine()}, {cores} cores, Python {platform.python_version()}")
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, qcascade {qc.__version__}")
    script = plain()
    print(f"plain NumPy/SciPy script: {1e6 * script:.1f} µs per point, one core\n")
    title = "points", "cores", "threads", "time", "per point", "ratio", "grown by", "result", "peak"
    head = "{:>9} {:>6} {:>8} {:>9} {:>10} {:>8} {:>12} {:>12} {:>10}"
    line = "{:>9} {:>6} {:>8} {:>7.2f} s {:>7.2f} µs {:>6.0f} x"
    line += " {:>8.1f} MiB {:>8.1f} MiB {:>6.0f} MiB"
    print(head.format(*title))
    sizes = [size for size in SIZES if size < given.points] + [given.points]
    last = [(given.points, cores, cores), (given.points, 1, 1)]
    ratios = {}
    for size, use, threads in [(size, cores, 1) for size in sizes] + last:
        found = elsewhere(size, use, threads)
        each = found["seconds"] / found["points"]
        ratios[size, use, threads] = script / each
        print(
            line.format(
                found["points"],
                use,
                threads,
                found["seconds"],
                1e6 * each,
                script / each,
                found["grown"],
                found["result"],
                found["peak"],
            ),
            flush=True,
        )
    told(
        f"map of {given.points:,} points from parameters to E_N, {cores} threads, against a "
        "plain script",
        f"{ratios[last[0]]:.0f}×",
        "100×",
    )
    told("the same by default, one chunk at a time", f"{ratios[given.points, cores, 1]:.0f}×")


if __name__ == "__main__":
    main()
