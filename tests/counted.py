"""Point functions that other processes can import, and that tell how often they were called."""

import os
import sys
import time
from pathlib import Path

import numpy as np

import qcascade as qc

AXES = {"x": (np.linspace(-1.0, 1.0, 12), "κ"), "y": np.linspace(0.0, 0.4, 5)}
STEEPNESS = 3.0


def helper(x):
    return np.exp(-STEEPNESS * x * x)


def counted(x, y, offset=0.25):
    """Cheap, but every call leaves a file; with QCASCADE_PAUSE it takes time as well."""
    folder = os.environ.get("QCASCADE_CALLS")
    if folder:
        name = f"{x[0]:+.6f}_{y[0]:.6f}_{os.getpid()}_{time.monotonic_ns()}"
        (Path(folder) / name).touch()
    time.sleep(float(os.environ.get("QCASCADE_PAUSE", "0")))
    return {
        "f": helper(x) * np.sin(7 * y) + offset,
        "matrix": (("row",), np.stack([x / (1 + y), y * x], -1), {"units": "nat"}),
        "stable": x + y < 1.2,
    }


def heavy(x, y):
    """A function of plain numbers, unstable where y is large for most of a row."""
    if y > 0.25 - x:
        raise qc.UnstableError("no steady state")
    return {"f": float(helper(x) * y)}


if __name__ == "__main__":  # python counted.py STORE [processes]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    import counted as module  # the same function as the tests import

    if sys.argv[2:]:
        with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
            qc.sweep(module.counted, chunk=5, store=sys.argv[1], executor=pool, **AXES)
    else:
        qc.sweep(module.counted, chunk=5, store=sys.argv[1], **AXES)
