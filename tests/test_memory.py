"""The memory that a process may take is the smallest of what holds for it."""

import subprocess
import sys

import psutil
import pytest

from qcascade.base.memory import _group_limits, free_memory

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
