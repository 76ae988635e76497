"""Searches side by side, whose points are evaluated in one batch.

A network for one point takes as long to put together as one for a thousand. Every search runs in
a thread of its own until it needs values; when all of them wait, what they asked for goes into one
call, in the order of the searches, so that nothing depends on which thread was first.
"""

from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import replace
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np

from .problem import Problem, Values

Search = Callable[[Problem], Any]


class _Ended(BaseException):
    """What a waiting search is told when another one has failed."""


def together(problem: Problem, searches: Sequence[Search]) -> list[Any]:
    """What every search returns; they are run in lockstep.

    Args:
        problem: what is searched.
        searches: functions of a problem, which is the same for all.
    """
    asked: SimpleQueue[tuple[int, str, Any]] = SimpleQueue()
    answers = [SimpleQueue() for _ in searches]
    results: list[Any] = [None] * len(searches)

    def run(k: int) -> None:
        def values(places: Any) -> Values:
            asked.put((k, "values", places))
            answer = answers[k].get()
            if answer is None:
                raise _Ended
            return answer

        try:
            asked.put((k, "done", searches[k](replace(problem, through=values))))
        except BaseException as error:
            asked.put((k, "failed", error))

    threads = [
        Thread(target=copy_context().run, args=(run, k), daemon=True) for k in range(len(searches))
    ]
    for thread in threads:
        thread.start()
    running, waiting = set(range(len(searches))), {}
    try:
        while running:
            k, what, answer = asked.get()
            if what == "failed":
                running.discard(k)
                raise answer
            if what == "done":
                running.discard(k)
                results[k] = answer
            else:
                waiting[k] = answer
            if running and len(waiting) == len(running):
                _answer(problem, waiting, answers)
                waiting = {}
    finally:
        for k in running:
            answers[k].put(None)
        for thread in threads:
            thread.join()
    return results


def _answer(problem: Problem, waiting: dict[int, Any], answers: list[Any]) -> None:
    order = sorted(waiting)
    ends = np.cumsum([len(waiting[k]) for k in order])
    values = problem(np.concatenate([waiting[k] for k in order]))
    for k, *own in zip(order, *(np.split(x, ends[:-1]) for x in values), strict=True):
        answers[k].put(Values(*own))
