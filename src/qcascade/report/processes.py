"""Processes that make the figures of a report, several at a time."""

import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context

from ..base.threads import cores
from ..sweeps.executors import leave_to_parent

MOST = 4
"""As many fit into most memories."""


@contextmanager
def processes() -> Iterator[ProcessPoolExecutor]:
    """Fresh processes, since JAX does not survive a fork; Ctrl-C ends them with their work."""
    context = get_context("spawn")
    with ProcessPoolExecutor(min(cores(), MOST), context, initializer=leave_to_parent) as pool:
        try:
            yield pool
        except KeyboardInterrupt:
            threading.excepthook = lambda lost: None  # the pool's thread, on its lost workers
            for worker in active_children():  # or else what they compute would be waited for
                worker.terminate()
            raise
