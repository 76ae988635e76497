"""Many calls at a time: in this process, in others, or on other machines."""

import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from itertools import islice
from threading import Thread
from typing import TYPE_CHECKING, Any

from ..base.checks import fail
from ..base.threads import one_of_many

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

MOMENT = 0.5
"""Seconds that a worker has to finish the file it is writing when its parent is gone."""

AHEAD = 2
"""Calls under way or waiting per worker: enough that none is idle, few enough to hold."""


def finished(
    work: Callable[[Any], Any], items: Iterable[tuple[int, Any]], executor: Any = None
) -> Generator[tuple[int, Any], None, None]:
    """Call a function on many items; the results come as they are ready, in any order.

    Only a few calls per worker are under way at a time. When one fails, those not begun are
    given up and those under way are waited for, so that nothing runs on unseen.

    Args:
        work: function of one item.
        items: pairs (index, item).
        executor: from `concurrent.futures`, or a Dask `Client`; in this process when None.

    Returns:
        Pairs (index, result).

    Raises:
        ArgumentError: for an executor that is none, or a function that cannot be sent to it.

    >>> list(finished(abs, [(0, -1.0), (1, 2.0)]))
    [(0, 1.0), (1, 2.0)]
    """
    if executor is None:
        return ((index, work(item)) for index, item in items)
    pool = as_executor(executor)
    check_travels(work, executor)
    # Workers keep all cores busy as they are; threads inside each would be in their way.
    alone = partial(_in_worker, work, os.getpid())
    return _in_turn(alone, iter(items), pool, lambda: AHEAD * _workers(executor))


def _in_worker(work: Callable[[Any], Any], master: int, item: Any) -> Any:
    """The work for one item, on one core, in a process that does not outlive its master."""
    from multiprocessing import parent_process

    parent = parent_process()
    # Threads of the master itself, and workers that have a nanny of their own, are left alone.
    if parent is not None and parent.pid == master != os.getpid():
        end_with_parent()
    return one_of_many(work, item)


def end_with_parent() -> None:
    """End this process when its parent is gone; for a worker process, once is enough.

    Of a parent that was killed nobody tells its workers: they would wait for more work for ever,
    and keep their memory.
    """
    _watched(os.getpid())


def leave_to_parent() -> None:
    """What a worker process of a command starts with: Ctrl-C is its parent's to answer.

    A terminal sends it to both; the workers' own answers would be tracebacks.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


@lru_cache(maxsize=1)
def _watched(process: int) -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: Any) -> None:
    from multiprocessing.connection import wait

    wait([sentinel])
    time.sleep(MOMENT)
    os._exit(1)


def as_executor(executor: Any) -> "Executor":
    """The executor itself, or that of a Dask client.

    Args:
        executor: from `concurrent.futures`, or a Dask `Client`.

    Raises:
        ArgumentError: when it is neither, or a client for `await`.
    """
    from concurrent.futures import Executor

    if _is_dask(executor):
        if executor.asynchronous:
            raise fail("executor", "be a Dask Client made with asynchronous=False", executor)
        return executor.get_executor(pure=False)  # the same box may be asked for again
    if not isinstance(executor, Executor):
        must = "be an executor of concurrent.futures or a Dask Client"
        raise fail("executor", must, executor)
    return executor


def _is_dask(executor: Any) -> bool:
    distributed = sys.modules.get("distributed")  # who has a client has imported it
    return distributed is not None and isinstance(executor, distributed.Client)


def _workers(executor: Any) -> int:
    """How many calls run at a time, as far as can be known; a cluster may grow meanwhile."""
    if _is_dask(executor):
        return max(1, sum(executor.nthreads().values()))
    known = getattr(executor, "_max_workers", None)
    return known if isinstance(known, int) else os.cpu_count() or 1


def check_travels(work: Callable[..., Any], executor: Any) -> None:
    """Find out before any work whether a function can be sent to other processes.

    Args:
        work: the function.
        executor: where it will go.

    Raises:
        ArgumentError: when it cannot.
    """
    from concurrent.futures import ProcessPoolExecutor

    try:
        if _is_dask(executor):
            import cloudpickle

            cloudpickle.dumps(work)
        elif isinstance(executor, ProcessPoolExecutor):
            pickle.dumps(work)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        must = (
            "hold nothing that cannot leave this process"
            if _is_dask(executor)
            else "be a function that other processes can import (defined at the top of a module)"
        )
        inner = getattr(work, "args", [work])[-1]
        name = getattr(inner, "__qualname__", type(inner).__name__)
        raise fail("point", must, name, str(error)) from error


def _in_turn(
    work: Callable[[Any], Any],
    items: Iterator[tuple[int, Any]],
    pool: "Executor",
    room: Callable[[], int],
) -> Generator[tuple[int, Any], None, None]:
    from concurrent.futures import FIRST_COMPLETED, wait

    under_way: dict[Future[Any], int] = {}
    try:
        while True:
            for index, item in islice(items, max(0, room() - len(under_way))):
                under_way[pool.submit(work, item)] = index
            if not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                yield under_way.pop(future), future.result()
    except Exception:
        _give_up(under_way)
        wait([future for future in under_way if not future.cancelled()])
        raise
    finally:
        _give_up(under_way)


def _give_up(under_way: "dict[Future[Any], int]") -> None:
    for future in list(under_way):
        with suppress(Exception):  # a cluster that is gone cannot be told
            future.cancel()
