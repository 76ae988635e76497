"""The same bits wherever the points are computed, and nothing lost when a worker is."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil
import pytest
import xarray as xr
from counted import AXES, counted, heavy

import qcascade as qc
from qcascade.base.threads import cores
from qcascade.netlist.load import load
from qcascade.netlist.run import sweep_netlist
from qcascade.sweeps import executors
from qcascade.sweeps.fingerprint import versions

HERE = Path(__file__).parent

# What a library leaves open when its worker was killed is not ours to close.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore::pytest.PytestUnhandledThreadExceptionWarning",
)


def same(a, b):
    xr.testing.assert_identical(a.drop_attrs(), b.load().drop_attrs())


@pytest.fixture(scope="module")
def processes():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    made = distributed.LocalCluster(
        processes=True, n_workers=2, threads_per_worker=1, dashboard_address=None
    )
    with made, distributed.Client(made) as client:
        yield client


def test_workers_leave_the_other_cores_to_each_other():
    """Also when one fails, and also workers in threads of this process."""
    here = cores()
    with ThreadPoolExecutor(1) as pool:
        found = dict(executors.finished(lambda item: cores(), [(0, None), (1, None)], pool))
        with pytest.raises(ZeroDivisionError):
            list(executors.finished(lambda item: 1 / item, [(0, 0)], pool))
        assert pool.submit(cores).result() == here
    assert found == {0: 1, 1: 1}
    assert cores() == here


@pytest.mark.parametrize("chunk", [1, 7, 8192])
@pytest.mark.parametrize("stored", [False, True])
def test_threads_and_processes_give_the_same_bits(tmp_path, processes, chunk, stored):
    expected = qc.sweep(counted, **AXES)
    with ThreadPoolExecutor(3) as threads:
        for number, pool in enumerate([threads, processes]):
            store = tmp_path / f"{number}" if stored else None
            same(expected, qc.sweep(counted, chunk=chunk, store=store, executor=pool, **AXES))


def test_functions_of_plain_numbers_travel_too(tmp_path, processes):
    expected = qc.sweep(qc.each(heavy), x=AXES["x"], y=AXES["y"])
    found = qc.sweep(qc.each(heavy), chunk=1, executor=processes, x=AXES["x"], y=AXES["y"])
    same(expected[sorted(expected)], found[sorted(expected)])


def test_networks_give_the_same_bits_in_other_processes(processes):
    from test_sweep import AXES as GAUSSIAN
    from test_sweep import point

    expected = qc.sweep(point, **GAUSSIAN)
    same(expected, qc.sweep(point, chunk=4, executor=processes, **GAUSSIAN))


GAUSSIAN_FILE = """
wires = [["left.out", "right.in"]]
parameters = { squeezing = 0.1 }
parts.left = { part = "squeezed_mode", drive = "squeezing", decay = 1.0 }
parts.right = { part = "cavity", decay = 1.0 }
axes.squeezing = { from = 0.0, to = 0.6, points = 7, unit = "κ" }
measures.E_N = { measure = "log_negativity", a = "left", b = "right" }
"""
QUBIT_FILE = """
parameters = { detuning = 0.0 }
parts.atom = { part = "qubit", detuning = "detuning", decay = 1.0, occupation = 0.5 }
axes.detuning = { values = [0.0, 0.5, 1.0] }
measures.purity = { measure = "purity" }
"""


@pytest.mark.parametrize("text", [GAUSSIAN_FILE, QUBIT_FILE])
def test_a_file_is_swept_into_a_store_and_in_other_processes(tmp_path, processes, text):
    netlist = load(text)
    expected = sweep_netlist(netlist)
    name = next(iter(netlist.measures))
    assert float(expected[name].max()) > 0
    same(expected, sweep_netlist(netlist, executor=processes))
    for _ in range(2):  # the second time from what the first has kept
        kept = sweep_netlist(netlist, store=tmp_path / "kept", executor=processes)
        same(expected, kept)
        assert kept[name].attrs["units"] == expected[name].attrs["units"]
        assert kept.attrs["fixed"] == expected.attrs["fixed"]
    other = load(text.replace("0.6", "0.5").replace("decay = 1.0, occ", "decay = 1.5, occ"))
    with pytest.raises(qc.ArgumentError, match="`store` must"):
        sweep_netlist(other, store=tmp_path / "kept")


def test_results_go_to_the_store_and_not_to_the_client(tmp_path):
    seen, sent = [], []

    class Watched(ThreadPoolExecutor):
        def submit(self, work, item):
            sent.append(len(pickle.dumps(work.args[0].args[0])))
            future = super().submit(work, item)
            future.add_done_callback(lambda done: seen.append(len(pickle.dumps(done.result()))))
            return future

    axis = np.linspace(0, 1, 100_000)
    with Watched(2) as pool:
        store = tmp_path / "s"
        qc.sweep(lambda x: {"f": x}, chunk=50_000, store=store, executor=pool, x=axis)
    assert len(seen) == 2
    assert max(seen + sent) < 1000  # of 400 000 bytes each


class Held(ThreadPoolExecutor):
    """Notes how many calls are under way or waiting."""

    def __init__(self, workers):
        super().__init__(workers)
        self.now, self.most = 0, 0

    def submit(self, work, item):
        self.now += 1
        self.most = max(self.most, self.now)
        future = super().submit(work, item)
        future.add_done_callback(self.less)
        return future

    def less(self, _):
        self.now -= 1


def test_only_a_few_chunks_are_under_way_at_a_time():
    taken = []

    def items():
        for k in range(1000):
            taken.append(k)
            yield k, k

    with Held(3) as pool:
        results = executors.finished(lambda k: k, items(), pool)
        for known, _ in enumerate(results):
            assert len(taken) <= known + 1 + 6
    assert len(taken) == 1000
    assert pool.most <= 6


def test_every_item_comes_back_once_with_its_own_result():
    with ThreadPoolExecutor(4) as pool:
        found = dict(executors.finished(lambda k: k * k, ((k, k) for k in range(200)), pool))
    assert found == {k: k * k for k in range(200)}


def test_after_an_error_nothing_runs_on_unseen():
    ran = []

    def work(k):
        ran.append(k)
        if k == 3:
            raise ZeroDivisionError
        time.sleep(0.01)
        return k

    with ThreadPoolExecutor(2) as pool:
        with pytest.raises(ZeroDivisionError):
            list(executors.finished(work, ((k, k) for k in range(1000)), pool))
        count = len(ran)
        time.sleep(0.05)
        assert len(ran) == count < 20


def test_ctrl_c_gives_up_what_is_not_begun():
    class Interrupted(ThreadPoolExecutor):
        def submit(self, work, item):
            if item == 2:
                raise KeyboardInterrupt
            future = Future()
            waiting.append(future)
            return future

    waiting = []
    with Interrupted(2) as pool, pytest.raises(KeyboardInterrupt):
        list(executors.finished(abs, ((k, k) for k in range(9)), pool))
    assert [future.cancelled() for future in waiting] == [True, True]


def fatal(x):
    if x[0] == 3.0:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"f": 2 * x}


def test_a_process_pool_that_breaks_keeps_what_is_done(tmp_path):
    axis = np.arange(6.0)
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    with pool, pytest.raises(BrokenProcessPool) as caught:
        qc.sweep(fatal, chunk=1, store=tmp_path / "s", executor=pool, x=axis)
    assert "of 6 chunks; the same call goes on" in caught.value.__notes__[-1]
    with xr.open_zarr(tmp_path / "s") as read:
        assert read.f.values[:2].tolist() == [0.0, 2.0]


@pytest.mark.parametrize(
    ("executor", "sentence"),
    [
        (4, "`executor` must be an executor of concurrent.futures or a Dask Client"),
        (ThreadPoolExecutor, "`executor` must be an executor of concurrent.futures"),
    ],
)
def test_what_is_no_executor_is_refused(executor, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.sweep(counted, executor=executor, **AXES)


@pytest.mark.parametrize("stored", [False, True])
def test_a_function_that_cannot_travel_is_refused_with_a_sentence(tmp_path, processes, stored):
    store = tmp_path / "s" if stored else None
    sentence = r"`point` must be a function that other processes can import .*<lambda>"
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.sweep(lambda x: {"f": x}, store=store, executor=processes, x=[0.0, 1.0])


def test_workers_with_other_packages_are_refused():
    keep = sys.modules["qcascade.sweeps.run"]._keep
    packages = {**versions(), "numpy": "0.1"}
    with pytest.raises(qc.ArgumentError, match=r"packages of this .*\(numpy was 0\.1 and is"):
        keep(None, packages, counted, (0, {}))


# A real scheduler and two real workers


@pytest.mark.parametrize("chunk", [1, 7])
@pytest.mark.parametrize("stored", [False, True])
def test_a_cluster_gives_the_same_bits(tmp_path, cluster, chunk, stored):
    store = tmp_path / "s" if stored else None
    expected = qc.sweep(counted, **AXES)
    same(expected, qc.sweep(counted, chunk=chunk, store=store, executor=cluster, **AXES))


def test_a_cluster_takes_functions_that_are_defined_anywhere(cluster):
    factor = 3.0
    found = qc.sweep(lambda x: {"f": factor * x}, executor=cluster, x=[0.0, 1.0, 2.0])
    assert found.f.values.tolist() == [0.0, 3.0, 6.0]
    lock = threading.Lock()
    with pytest.raises(qc.ArgumentError, match="`point` must hold nothing that cannot leave"):
        qc.sweep(lambda x: {"f": x, "l": str(lock)}, executor=cluster, x=[0.0])


@pytest.mark.parametrize("stored", [False, True])
def test_a_worker_killed_in_the_middle_loses_nothing(tmp_path, cluster, stored):
    calls = tmp_path / "calls"
    calls.mkdir()

    def slow(x, y):
        (calls / f"{x[0]}_{os.getpid()}_{time.monotonic_ns()}").touch()
        time.sleep(0.1)
        return counted(x, y)

    def workers():
        return {int(path.name.split("_")[1]) for path in calls.iterdir()}

    killed = []

    def kill_one():
        until = time.monotonic() + 30
        while len(workers()) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        killed.append(min(workers()))
        os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    store = tmp_path / "s" if stored else None
    found = qc.sweep(slow, chunk=3, store=store, executor=cluster, **AXES)
    killer.join()
    assert len(killed) == 1
    same(qc.sweep(counted, **AXES), found)
    boxes = 12 * 2  # rows of 5 points in pieces of 3 at most
    assert boxes <= len(list(calls.iterdir())) <= boxes + 8  # only what the dead one held again


def stopping(where, x):
    if x[0] == where and threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt
    return {"f": np.sin(x)}


def test_a_store_begun_here_is_ended_by_a_cluster(tmp_path, cluster):
    run = partial(qc.sweep, partial(stopping, 4.0), chunk=1, store=tmp_path / "s", x=np.arange(8.0))
    with pytest.raises(KeyboardInterrupt) as caught:
        run()
    assert "keeps 4 of 8" in caught.value.__notes__[0]
    assert run(executor=cluster).f.values.tolist() == np.sin(np.arange(8.0)).tolist()


ENDED = """
import sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from pathlib import Path
import counted
import qcascade as qc

if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=get_context(sys.argv[2])) as pool:
        qc.sweep(counted.counted, chunk=1, store=sys.argv[1], executor=pool, **counted.AXES)
"""


@pytest.mark.parametrize(
    ("end", "method"),
    [
        (signal.SIGKILL, "forkserver"),
        pytest.param(signal.SIGKILL, "spawn", marks=pytest.mark.slow),
        pytest.param(signal.SIGKILL, "fork", marks=pytest.mark.slow),
        (signal.SIGTERM, "spawn"),
        pytest.param(signal.SIGTERM, "fork", marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, "forkserver", marks=pytest.mark.slow),
    ],
)
def test_workers_end_when_the_process_that_sweeps_is_killed(tmp_path, end, method):
    script, store = tmp_path / "ended.py", tmp_path / "s"
    script.write_text(ENDED)
    paths = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "QCASCADE_PAUSE": "0.2"}
    words = [sys.executable, str(script), str(store), method]
    process = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while len(list((store / "progress" / "done").glob("c.*"))) < 3:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        workers = psutil.Process(process.pid).children(recursive=True)
        assert len(workers) >= 2
    finally:
        process.send_signal(end)
        process.wait()
    _, alive = psutil.wait_procs(workers, timeout=120)
    for worker in alive:
        worker.kill()
    assert not alive


def test_a_process_of_ones_own_may_outlive_its_parent_with_threads(tmp_path):
    """Only workers of a pool end with their master."""
    assert executors._in_worker(os.path.basename, os.getpid(), "a/b") == "b"
    assert not [t for t in threading.enumerate() if "_end_after" in t.name]
