"""The threads that compiled kernels share: started once, since starting takes milliseconds."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import count
from typing import Any

_this_thread = threading.local()


def cores() -> int:
    """Processor cores that this thread may use."""
    if getattr(_this_thread, "one_of_many", False):
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def _pool(process: int) -> ThreadPoolExecutor:
    """Threads for kernels that release the interpreter's lock; they do not survive a fork."""
    return ThreadPoolExecutor(cores())


def one_of_many(work: Callable[[Any], Any], item: Any) -> Any:
    """The work for one item, on this thread alone, where others like it keep the other cores busy.

    Args:
        work: a function.
        item: what to call it with.
    """
    before = getattr(_this_thread, "one_of_many", False)
    _this_thread.one_of_many = True
    try:
        return work(item)
    finally:
        _this_thread.one_of_many = before


def spread(task: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """The task for every item, on all cores; results in the order of the items.

    Whoever is free takes the next item, this thread too: a single item starts no other.

    Args:
        task: a function that itself uses no threads of this pool.
        items: what to call it with.
    """
    items = list(items)
    results: list[Any] = [None] * len(items)
    ticket = count()

    def work() -> None:
        while (k := next(ticket)) < len(items):
            results[k] = task(items[k])

    others = [_pool(os.getpid()).submit(work) for _ in range(min(cores(), len(items)) - 1)]
    work()
    for other in others:
        other.result()
    return results
