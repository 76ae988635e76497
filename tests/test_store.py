"""A sweep into a store: whatever ends it, what was finished is kept, and nothing is mixed in."""

import errno
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import counted as points
import numpy as np
import psutil
import pytest
import xarray as xr
import zarr
from counted import AXES, counted, heavy

import qcascade as qc
from qcascade.base import files
from qcascade.sweeps import boxes, durable, fingerprint, store
from qcascade.sweeps.grid import columns, cut

HERE = Path(__file__).parent


def same(a, b):
    xr.testing.assert_identical(a.drop_attrs(), b.load().drop_attrs())
    assert {name: x.dtype for name, x in a.items()} == {name: x.dtype for name, x in b.items()}
    assert list(a) == list(b)


@pytest.fixture
def calls(tmp_path, monkeypatch):
    folder = tmp_path / "calls"
    folder.mkdir()
    monkeypatch.setenv("QCASCADE_CALLS", str(folder))
    return lambda: sorted(p.name.rsplit("_", 2)[0] for p in folder.iterdir())


def start(path, pause, *words):
    """A real process that sweeps into `path`, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, str(HERE / "counted.py"), str(path), *words],
        env={**os.environ, "QCASCADE_PAUSE": str(pause)},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )


def wait_for(path, boxes, process):
    until = time.monotonic() + 60
    while len(list((path / "progress" / "done").glob("c.*"))) < boxes:
        assert process.poll() is None, "the sweep ended early"
        assert time.monotonic() < until
        time.sleep(0.005)


def kill(process):
    process.kill()
    process.wait()


# The grid


@pytest.mark.parametrize("most", [1, 2, 5, 7, 12, 35, 60, 1000])
def test_boxes_are_stretches_of_the_flattened_grid(most):
    axes = {"a": np.arange(3.0), "b": np.arange(4.0), "c": np.arange(5.0)}
    grid = cut(axes, most)
    assert np.prod(grid.box) <= most
    whole = columns(axes)
    for name in axes:
        pieces = [columns(grid.edges(k))[name] for k in range(grid.count)]
        np.testing.assert_array_equal(np.concatenate(pieces), whole[name])


# What is in a store


@pytest.mark.parametrize("chunk", [1, 3, 5, 17, 8192])
def test_a_store_holds_the_same_bits_as_a_sweep_without_one(tmp_path, chunk):
    plain = qc.sweep(counted, **AXES)
    kept = qc.sweep(counted, chunk=chunk, store=tmp_path / "run.zarr", **AXES)
    same(plain, kept)
    assert kept.x.attrs["units"] == "κ"
    assert kept.matrix.attrs == {"units": "nat"}
    assert {**plain.attrs, "created": 0} == {**kept.attrs, "created": 0}


def test_a_store_is_read_by_xarray_and_by_zarr(tmp_path):
    plain = qc.sweep(counted, **AXES)
    path = tmp_path / "run.zarr"
    qc.sweep(counted, chunk=7, store=path, **AXES)
    with xr.open_zarr(path) as read:
        xr.testing.assert_identical(read.load().drop_attrs(), plain.drop_attrs())
    group = zarr.open_group(path, mode="r", use_consolidated=False)
    np.testing.assert_array_equal(group["matrix"][:], plain.matrix.values)
    assert bool(group["progress/done"][:].all())
    assert sorted(group.array_keys()) == ["f", "matrix", "stable", "x", "y"]


@pytest.mark.parametrize("kind", boxes.TYPES)
def test_every_type_of_number_survives(tmp_path, kind):
    def point(x):
        return {"v": (5 * x).astype(kind), "w": ("k", np.outer(x, [2, 3]).astype(kind))}

    axis = np.linspace(0, 3, 7)
    same(qc.sweep(point, x=axis), qc.sweep(point, chunk=3, store=tmp_path / "s", x=axis))


def test_a_unit_of_days_is_no_calendar(tmp_path):
    def point(t):
        return {"age": ((), 2 * t, {"units": "days since 1999-01-01"})}

    kept = qc.sweep(point, store=tmp_path / "s", t=([1.0, 2.0], "days"))
    assert kept.age.values.tolist() == [2.0, 4.0]
    assert kept.t.values.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("chunk", [1, 2, 5, 60])
@pytest.mark.parametrize("x", [AXES["x"], np.linspace(-1, 0, 4)])
def test_unstable_chunks_fit_the_others_with_and_without_a_store(tmp_path, chunk, x):
    whole = qc.sweep(qc.each(heavy), x=x, y=AXES["y"])
    same(
        whole[sorted(whole)], qc.sweep(qc.each(heavy), chunk=chunk, x=x, y=AXES["y"])[sorted(whole)]
    )
    kept = qc.sweep(qc.each(heavy), chunk=chunk, store=tmp_path / "s", x=x, y=AXES["y"])
    same(whole[sorted(whole)], kept[sorted(whole)])
    if "stable" in whole:
        np.testing.assert_array_equal(whole.stable, np.isfinite(whole.f))


def test_numbers_are_read_only_when_they_are_looked_at(tmp_path):
    path = tmp_path / "s"
    kept = qc.sweep(counted, chunk=5, store=path, **AXES)
    shutil.rmtree(path / "f")  # opened all the same
    assert kept.f.shape == (12, 5)
    assert np.isfinite(kept.matrix.values).all()


def test_memory_does_not_grow_with_the_number_of_points(tmp_path):
    def point(x, y):
        return {"f": x * y, "g": x + y}

    peaks = []
    for side in (100, 500):  # two results of the latter are 4 MB
        axes = {"x": np.linspace(0, 1, side), "y": np.linspace(0, 1, side)}
        qc.sweep(point, chunk=5000, store=tmp_path / "warm", x=[0.0], y=[0.0])
        tracemalloc.start()
        qc.sweep(point, chunk=2500, store=tmp_path / str(side), **axes)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 500_000


def test_files_are_for_sharing_as_the_umask_says_even_from_many_threads(tmp_path):
    before = os.umask(0o027)
    try:
        with ThreadPoolExecutor(8) as pool:
            qc.sweep(counted, chunk=1, store=tmp_path / "s", executor=pool, **AXES)
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "s" / "f").iterdir()}
    assert modes == {0o640}


# What ends a run


def test_a_killed_sweep_goes_on_where_it_was(tmp_path, calls):
    path = tmp_path / "run.zarr"
    process = start(path, 0.1)
    wait_for(path, 4, process)
    kill(process)
    done = len(list((path / "progress" / "done").glob("c.*")))
    before = calls()
    assert 4 <= done < 12
    kept = qc.sweep(counted, chunk=5, store=path, **AXES)
    assert len(calls()) - len(before) == 12 - done  # finished chunks are not computed again
    assert len(calls()) <= 12 + 1  # at most the one under way was computed twice
    same(qc.sweep(counted, **AXES), kept)
    now = len(calls())
    same(qc.sweep(counted, chunk=5, store=path, **AXES), kept)
    assert len(calls()) == now


def test_a_sweep_killed_again_and_again_ends_with_the_same_bits(tmp_path, calls):
    path = tmp_path / "run.zarr"
    for count in (2, 5, 8):
        process = start(path, 0.05)
        wait_for(path, count, process)
        kill(process)
    same(qc.sweep(counted, **AXES), qc.sweep(counted, chunk=5, store=path, **AXES))
    assert len(calls()) <= 12 + 3 + 1  # and one for the sweep without a store


class Killed(BaseException):
    """Stands for a death that no `except Exception` sees."""


@pytest.mark.parametrize("late", [False, True])
def test_death_before_or_after_any_single_write_changes_nothing(tmp_path, monkeypatch, late):
    expected = qc.sweep(counted, x=[0.0, 0.5], y=[0.1, 0.2])
    real, left = files.put, [0]

    def put(path, content):
        if left[0] == 0 and not late:
            files._begun(path).write_bytes(content[: len(content) // 2])
            raise Killed
        real(path, content)
        if left[0] == 0:
            raise Killed
        left[0] -= 1

    for writer in (store, boxes, durable):
        monkeypatch.setattr(writer, "put", put)
    run = partial(qc.sweep, counted, chunk=2, x=[0.0, 0.5], y=[0.1, 0.2])
    for writes in range(100):
        path, left[0] = tmp_path / f"{writes}", writes
        try:
            run(store=path)
        except Killed:
            left[0] = -1
            same(expected, run(store=path))
            assert not list(path.rglob(files.UNFINISHED))
        else:
            break
    assert writes > 15  # every write there is was the last one once


def test_a_box_without_its_mark_is_computed_again(tmp_path, calls):
    path = tmp_path / "s"
    qc.sweep(counted, chunk=5, store=path, **AXES)
    (path / "progress" / "done" / "c.7").unlink()
    (path / "f" / "c.7.0").write_bytes(b"torn")
    same(qc.sweep(counted, **AXES), qc.sweep(counted, chunk=5, store=path, **AXES))
    assert len(calls()) == 12 + 1 + 1


def test_ctrl_c_leaves_a_store_to_go_on_with(tmp_path, calls, monkeypatch):
    path = tmp_path / "s"

    def interrupted(x):
        if len(calls()) == 4:
            raise KeyboardInterrupt
        return np.exp(-points.STEEPNESS * x * x)

    monkeypatch.setattr(points, "helper", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        qc.sweep(counted, chunk=5, store=path, **AXES)
    assert "keeps 3 of 12 chunks; the same call goes on" in caught.value.__notes__[0]
    assert len(list((path / "progress" / "done").glob("c.*"))) == 3


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_stops_the_run_and_keeps_what_is_done(tmp_path, monkeypatch, code, calls):
    path, real = tmp_path / "s", os.fsync

    def full(handle):
        regular = stat.S_ISREG(os.fstat(handle).st_mode)
        if regular and len(list((path / "progress" / "done").glob("c.*"))) == 5:
            raise OSError(code, os.strerror(code))
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    sentence = f"`store` must be a place that can be written.*{os.strerror(code)}.*is kept"
    with pytest.raises(qc.ArgumentError, match=sentence) as caught:
        qc.sweep(counted, chunk=5, store=path, **AXES)
    assert "keeps 5 of 12" in caught.value.__notes__[0]
    monkeypatch.setattr(os, "fsync", real)
    assert not list(path.rglob(files.UNFINISHED))
    before = len(calls())
    same(qc.sweep(counted, **AXES), qc.sweep(counted, chunk=5, store=path, **AXES))
    assert len(calls()) == before + 1 + 7


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=560k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_stops_the_run_and_room_lets_it_go_on(small_disk):
    def point(x):
        return {"f": np.sin(x)}

    axis = np.linspace(0, 1, 40_000)  # as much as the disk, without what is around it
    with pytest.raises(qc.ArgumentError, match=r"No space left on device; what is done is kept"):
        qc.sweep(point, chunk=1000, store=small_disk / "s", x=axis)
    done = len(list((small_disk / "s" / "progress" / "done").glob("c.*")))
    assert 5 < done < 40
    more = ["mount", "-o", "remount,size=2m", str(small_disk)]
    subprocess.run(more, check=True)
    kept = qc.sweep(point, chunk=1000, store=small_disk / "s", x=axis)
    np.testing.assert_array_equal(kept.f, np.sin(axis))


def test_a_folder_that_vanishes_stops_the_run_and_does_not_come_back(tmp_path):
    path = tmp_path / "s"

    def point(x):
        if x[0] == 2.0:
            shutil.rmtree(path)
        return {"f": x}

    with pytest.raises(qc.ArgumentError, match=r"`store` must be a place .*No such file"):
        qc.sweep(point, chunk=1, store=path, x=[0.0, 1.0, 2.0, 3.0])
    assert not path.exists()


def test_a_store_in_the_place_of_another_gets_nothing_of_it(tmp_path):
    path = tmp_path / "s"

    def point(x):
        if x[0] == 2.0:
            path.rename(tmp_path / "moved")
            qc.sweep(lambda x: {"f": -x}, chunk=1, store=path, x=[7.0, 8.0])
        return {"f": x}

    with pytest.raises(qc.ArgumentError, match="another one has taken its place"):
        qc.sweep(point, chunk=1, store=path, x=[0.0, 1.0, 2.0, 3.0])
    with xr.open_zarr(path) as read:
        assert read.f.values.tolist() == [-7.0, -8.0]


def test_an_error_of_the_point_itself_keeps_what_is_done(tmp_path):
    def point(x):
        if x[0] == 2.0:
            raise FileNotFoundError("table.csv")
        return {"f": x}

    with pytest.raises(FileNotFoundError, match=r"table\.csv") as caught:
        qc.sweep(point, chunk=1, store=tmp_path / "s", x=[0.0, 1.0, 2.0])
    assert "keeps 2 of 3 chunks" in caught.value.__notes__[0]


# One writer


def test_two_processes_on_one_store_are_refused_until_one_is_dead(tmp_path, calls):
    path = tmp_path / "run.zarr"
    process = start(path, 0.2)
    wait_for(path, 1, process)
    sentence = rf"nobody else is writing.*process {process.pid} on .* is writing it"
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.sweep(counted, chunk=5, store=path, **AXES)
    assert process.poll() is None  # the other one goes on
    kill(process)
    same(qc.sweep(counted, **AXES), qc.sweep(counted, chunk=5, store=path, **AXES))


def test_workers_that_outlive_their_killed_master_do_not_hold_the_store(tmp_path, calls):
    path = tmp_path / "run.zarr"
    process = start(path, 0.1, "processes")
    wait_for(path, 2, process)
    workers = psutil.Process(process.pid).children()
    try:
        kill(process)
        assert any(w.is_running() for w in workers)
        same(qc.sweep(counted, **AXES), qc.sweep(counted, chunk=5, store=path, **AXES))
    finally:
        for worker in workers:
            if worker.is_running():
                worker.kill()


def test_one_process_cannot_write_a_store_twice_at_the_same_time(tmp_path):
    path = tmp_path / "s"

    def point(x):
        with pytest.raises(qc.ArgumentError, match=f"process {os.getpid()} on .* is writing it"):
            qc.sweep(counted, store=path, **AXES)
        return {"f": x}

    assert qc.sweep(point, store=path, x=[0.0, 1.0]).f.values.tolist() == [0.0, 1.0]


def test_where_there_are_no_locks_the_dead_are_told_from_the_living(tmp_path, monkeypatch):
    import fcntl

    def none(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    path = tmp_path / "run.zarr"
    process = start(path, 0.2)
    wait_for(path, 1, process)
    monkeypatch.setattr(fcntl, "lockf", none)
    with pytest.raises(qc.ArgumentError, match=r"if that is gone, delete .*owner\.json"):
        qc.sweep(counted, chunk=5, store=path, **AXES)
    kill(process)
    same(qc.sweep(counted, **AXES), qc.sweep(counted, chunk=5, store=path, **AXES))


# Nothing is mixed in


def other_helper(x):
    return np.exp(-points.STEEPNESS * x)


def closing_over(value):
    def point(x):
        return {"f": value * x}

    return point


def changed_global(monkeypatch):
    monkeypatch.setattr(points, "STEEPNESS", 4.0)


def changed_helper(monkeypatch):
    monkeypatch.setattr(points, "helper", other_helper)


def changed_version(monkeypatch):
    now = {**fingerprint.versions(), "numpy": "9.9"}
    monkeypatch.setattr(sys.modules["qcascade.sweeps.run"], "versions", lambda: now)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (changed_global, r"value STEEPNESS was 3\.0 and is 4\.0"),
        (changed_helper, r"function helper was code \w+ and is absent"),
        (changed_version, r"version of numpy was [\d.]+ and is 9\.9"),
    ],
)
def test_what_a_point_depends_on_is_checked(tmp_path, monkeypatch, change, sentence):
    qc.sweep(counted, store=tmp_path / "s", **AXES)
    change(monkeypatch)
    with pytest.raises(qc.ArgumentError, match=f"hold this same sweep.*{sentence}"):
        qc.sweep(counted, store=tmp_path / "s", **AXES)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ({"x": [0.0, 1.0]}, {"x": [0.0, 1.5]}, "axis x was 2 values from 0 to 1 .* 0 to 1.5"),
        ({"x": [0.0, 0.5, 1]}, {"x": [0.0, 0.6, 1]}, r"axis x was 3 values from 0 to 1"),
        ({"x": [0.0, 1.0]}, {"x": ([0.0, 1.0], "κ")}, "units of 1 .* units of κ"),
        ({"point": closing_over(1.0)}, {"point": closing_over(2.0)}, r"value was 1\.0 and is 2\.0"),
        (
            {"point": closing_over(np.arange(3.0)[:, None, None][:2, 0, 0])},
            {"point": closing_over(np.array([0.0, 2.0]))},
            "value value was float64 array",
        ),
        ({"point": lambda x: {"f": x}}, {"point": lambda x: {"f": x + 1}}, "function .*lambda"),
        ({"network": None}, {"network": 'part = "x"'}, "network was"),
        (
            {"point": partial(lambda x, a: {"f": a * x}, a=1.0)},
            {"point": partial(lambda x, a: {"f": a * x}, a=2.0)},
            r"argument a was 1\.0 and is 2\.0",
        ),
    ],
)
def test_a_changed_sweep_is_refused_with_what_differs(tmp_path, first, second, sentence):
    usual = {"point": closing_over(1.0), "x": [0.0, 1.0], "store": tmp_path / "s"}
    before = qc.sweep(**{**usual, **first}).load()
    with pytest.raises(qc.ArgumentError, match=f"hold this same sweep.*{sentence}"):
        qc.sweep(**{**usual, **second})
    same(before, qc.sweep(**{**usual, **first}))  # and the old one is untouched


def test_comments_line_numbers_and_another_chunk_size_are_no_change(tmp_path, calls):
    one, other = {}, {}
    exec("def point(x):\n    return {'f': 2 * x}", one)
    exec("\n\ndef point(x):\n    # twice\n    return {'f': 2 * x}", other)
    for number, (point, chunk) in enumerate([(one["point"], 2), (other["point"], 5)]):
        kept = qc.sweep(point, chunk=chunk, store=tmp_path / "s", x=np.arange(9.0))
        assert len(list((tmp_path / "s" / "f").glob("c.*"))) == 5, number
    np.testing.assert_array_equal(kept.f, 2 * np.arange(9.0))


def test_a_network_in_the_closure_is_looked_into():
    def over(net):
        return lambda x: {"n": x * len(net.parts)}

    def marks(decay):
        return fingerprint.fingerprint(over(qc.Network({"m": qc.cavity(decay=decay)})))

    assert marks(1.0) == marks(1.0)
    assert "value net was" in fingerprint.differences(marks(1.0), marks(1.1))


def test_fingerprints_see_values_and_not_addresses():
    class Setting:
        def __init__(self, value):
            self.value = value

        def twice(self):
            return 2 * self.value

    def marks(value):
        return fingerprint.fingerprint(lambda x: {"f": value})

    lock = threading.Lock
    for one, other in [
        (1.0, 1.0 + 1e-15),
        ([1, 2], [1, 3]),
        ({"a": {1, 2}}, {"a": {1, 4}}),
        (Setting(1.0), Setting(2.0)),
        (Setting(1.0).twice, Setting(2.0).twice),
        (xr.DataArray([1.0]), xr.DataArray([2.0])),
        (xr.Dataset({"a": 1.0}), xr.Dataset({"a": 2.0})),
        (np.zeros(3), np.zeros(4)),
        (lambda x: x, lambda x: -x),
        (len, max),
    ]:
        assert fingerprint.differences(marks(one), marks(other)), (one, other)
        assert marks(one) == marks(one)
    assert marks(lock()) == marks(lock())
    assert marks(Setting(lock())) == marks(Setting(lock()))


@pytest.mark.parametrize(
    ("fill", "sentence"),
    [
        (lambda path: path.write_text("x"), "`store` must name a folder"),
        (lambda path: (path / "sub").mkdir(parents=True), "be a new folder.*something else"),
    ],
)
def test_what_is_no_store_is_left_alone(tmp_path, fill, sentence):
    fill(tmp_path / "s")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.sweep(counted, store=tmp_path / "s", **AXES)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_store_where_nothing_can_be_written_is_refused_before_the_work(tmp_path, calls):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(qc.ArgumentError, match="`store` must be a place that can be written"):
        qc.sweep(counted, store=tmp_path / "file" / "s", **AXES)
    assert calls() == []


@pytest.mark.parametrize(
    ("point", "sentence"),
    [
        (lambda x: {"f": x} if x[0] < 1 else {"g": x}, "return the same names everywhere"),
        (lambda x: {"f": ("k", np.ones((1, 1 + int(x[0]))))}, "trailing dimensions"),
        (lambda x: {"f": ("x", np.ones((1, 2)))}, "trailing dimensions of its own"),
    ],
)
def test_chunks_that_do_not_fit_are_refused_with_and_without_a_store(tmp_path, point, sentence):
    for where in (None, tmp_path / "s"):
        with pytest.raises(qc.ArgumentError, match=sentence):
            qc.sweep(point, chunk=1, store=where, x=[0.0, 1.0])


@pytest.mark.parametrize(
    ("point", "sentence"),
    [
        (lambda x: {"f": x if x[0] > 0 else x.astype(int)}, "type it has elsewhere, int64"),
        (lambda x: {"a/b": x}, "names that can name a folder"),
        (lambda x: {"progress": x}, "names that can name a folder"),
        (lambda x: {".hidden": x}, "names that can name a folder"),
        (lambda x: {"f": np.array(["a"])}, "be numbers of a type that a store can hold"),
    ],
)
def test_what_a_store_cannot_hold_is_refused(tmp_path, point, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.sweep(point, chunk=1, store=tmp_path / "s", x=[0.0, 1.0])
