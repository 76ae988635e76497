"""The threads that compiled kernels share: started once, since starting takes milliseconds."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

_here = threading.local()


def cores() -> int:
    """Processor cores that this thread may use."""
    if getattr(_here, "one_of_many", False):
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pool() -> ThreadPoolExecutor:
    """One thread per core, for kernels that release the interpreter's lock."""
    return _pool(os.getpid())  # threads do not survive a fork


@lru_cache(maxsize=1)
def _pool(process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(cores())


def one_of_many(work: Callable[[Any], Any], item: Any) -> Any:
    """The work for one item, on this thread alone, where others like it keep the other cores busy.

    Args:
        work: a function.
        item: what to call it with.
    """
    before = getattr(_here, "one_of_many", False)
    _here.one_of_many = True
    try:
        return work(item)
    finally:
        _here.one_of_many = before


def spread(task: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """The task for every item, on all cores; results in the order of the items.

    Args:
        task: a function that itself uses no threads of this pool.
        items: what to call it with; a single one needs no thread.
    """
    items = list(items)
    if cores() == 1 or len(items) < 2:
        return [task(item) for item in items]
    return list(pool().map(task, items))
