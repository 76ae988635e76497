"""The memory that a process may take is the smallest of what holds for it."""

import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

import qcascade as qc
from qcascade.base.memory import _group_limits, free_memory
from qcascade.hilbert.space import Space

PRINTED = "from qcascade.base.memory import free_memory; print(free_memory())"


@pytest.mark.parametrize("limit", ["v", "d"])
def test_a_limit_of_the_process_counts(limit):
    kilobytes = 3_000_000
    words = f'ulimit -{limit} {kilobytes}; exec "{sys.executable}" -c "{PRINTED}"'
    out = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=True)
    assert 0 < int(out.stdout) < 1024 * kilobytes < psutil.virtual_memory().total


def test_without_limits_it_is_what_the_machine_has_left():
    assert 0 < free_memory() <= psutil.virtual_memory().total


def group(folder, names, limit, used, stat):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in zip((*names, "memory.stat"), (limit, used, stat), strict=True):
        (folder / name).write_text(f"{text}\n")


NEW = ("memory.max", "memory.current")
OLD = ("memory.limit_in_bytes", "memory.usage_in_bytes")


@pytest.mark.parametrize(
    ("line", "inside", "names", "cached"),
    [
        ("0::/jobs/one", "", NEW, "inactive_file"),
        ("5:cpu,memory:/jobs/one", "memory", OLD, "total_inactive_file"),
    ],
)
def test_limits_of_groups_count_and_those_of_the_groups_above(
    tmp_path, line, inside, names, cached
):
    own = tmp_path / "cgroup"
    own.write_text(line + "\n")
    top = tmp_path / "fs" / inside
    root = tmp_path / "fs"
    none = "max" if names is NEW else 2**63 - 4096
    group(top / "jobs/one", names, none, 700, f"{cached} 0")
    assert min(_group_limits(root, own), default=None) == float("inf")
    group(top / "jobs", names, 1000, 800, f"anon 1\n{cached} 50")
    assert min(_group_limits(root, own)) == 250
    group(top / "jobs/one", names, 900, 700, f"{cached} 0")
    assert min(_group_limits(root, own)) == 200
    own.write_text(line.partition("/")[0] + "/../elsewhere\n")
    group(top, names, 600, 500, "")
    assert min(_group_limits(root, own)) == 100


def test_where_there_are_no_groups_there_is_no_limit(tmp_path):
    assert list(_group_limits(tmp_path, tmp_path / "missing")) == []


def test_models_that_no_memory_holds_are_refused_and_printed_without_a_list_of_states():
    cavity, kerr = qc.cavity(decay=1.0), qc.kerr_cavity(0.1, decay=1.0)
    parts = {"l": qc.coherent_drive(0.3), "c": cavity, "d": kerr}
    driven = qc.Network(parts, [("l.out", "c.in"), ("c.out", "d.in")])
    still = qc.Network({"c": kerr, "d": kerr}, [("c.out", "d.in")])
    for net, cutoffs in (
        (driven, {"c": 2000, "d": 2000}),
        (still, {"c": 4000, "d": 4000}),
        (still, {("c.a", "d.a"): 6000}),
    ):
        begun = time.process_time()
        model = qc.lindblad(net, cutoffs)
        told = str(model)
        for use in (qc.steady_state, lambda m: qc.evolve(m, None, [0, 1.0])):
            with pytest.raises(qc.ArgumentError, match=r"at least.* GiB are free"):
                use(model)
        assert "_basis" not in model.space.__dict__  # no state was listed
        assert "not listed" in told
        assert time.process_time() - begun < 5.0  # listing alone takes more


def test_what_is_known_of_a_space_without_listing_it_bounds_it_from_below():
    rng = np.random.default_rng(5)
    for _ in range(60):
        modes = [f"m{k}" for k in range(rng.integers(1, 5))]
        tops = rng.integers(1, 5, len(modes))
        limits = []
        for _ in range(rng.integers(0, 3)):
            names = tuple(rng.permutation(modes)[: rng.integers(1, len(modes) + 1)].tolist())
            limits.append((names, int(rng.integers(1, 6))))
        charges = [tuple(rng.integers(-2, 3, len(modes)).tolist()) for _ in range(rng.integers(3))]
        space = Space(modes, tops.tolist(), limits=limits, charges=charges)
        assert 1 <= space.fewest_states <= space.dimension
        assert space.fewest_elements <= space.elements
        if not limits:
            assert space.fewest_states == space.dimension
    together = Space(["a", "b"], [7, 7], limits=[(("a", "b"), 7)])
    assert together.fewest_states == together.dimension == 36
