"""Kernels are compiled wherever the package lies, also where nothing can be written."""

import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import qcascade as qc
from qcascade.base.compiling import kernel

PACKAGE = Path(qc.__file__).parent
PROGRAM = """
import numpy as np
import qcascade as qc
net = qc.Network({"m": qc.squeezed_mode([0.1] * 100, decay=1.0), "c": qc.cavity(decay=1.0)},
                 [("m.out", "c.in")])
state = qc.steady_state(qc.gaussian(net))
print(qc.__file__, float(qc.log_negativity(state, "m", "c")[3]).hex())
net = qc.Network({"q": qc.qubit(decay=1.0, occupation=0.2)})
print(qc.measures.concurrence is not None, qc.steady_state(qc.lindblad(net)).modes)
"""


@pytest.fixture
def read_only(tmp_path):
    """A copy of the package on a disk that cannot be written, even by the superuser."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PACKAGE, disk / "qcascade", ignore=ignored)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_cache_that_names_a_record_that_is_gone_counts_as_empty(tmp_path):
    @kernel
    def twice(x):
        return 2 * x

    index = twice._cache._cache_file
    index._index_path = tmp_path / "twice.nbi"
    index._index_path.write_bytes(pickle.dumps(index._version) + b"cqcascade.linear.nodes\nGone\n.")
    assert index._load_index() == {}
    assert twice(3) == 6


@pytest.mark.slow
def test_without_a_place_for_a_cache_the_numbers_are_the_same(read_only):
    here = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    there = {
        **{name: x for name, x in os.environ.items() if not name.startswith("XDG_")},
        "PYTHONPATH": str(read_only),
        "HOME": "/proc/no/home",
        "NUMBA_CACHE_DIR": "/proc/no/cache",
    }
    found = []
    for environment in (here, there):
        words = [sys.executable, "-c", PROGRAM]
        run = subprocess.run(words, env=environment, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        assert not run.stderr
        found.append(run.stdout)
    assert str(read_only) in found[1]
    assert found[0].split()[1:] == found[1].split()[1:]


def test_every_kernel_that_wants_a_cache_can_do_without():
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text()
        if "cache=True" in text and file.name != "compiling.py":
            assert not re.search(r"^import numba$", text, re.MULTILINE), file
