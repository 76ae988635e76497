"""What a terminal shows of work that takes a while."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Timer
from typing import Any

PATIENCE = 1.0  # seconds that nobody needs a bar for

Tell = Callable[[float, float], None]
"""A function of how much is done, and of all there is."""

_LISTENER: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)
_AROUND: ContextVar[Tell | None] = ContextVar("around", default=None)


@contextmanager
def progress_bar(
    label: str, progress: bool, amount: str = "{task.percentage:.0f} %"
) -> Iterator[Tell]:
    """A function of (done, all) that moves a bar on a terminal, shown once the work takes a while.

    Work inside of work that has a bar moves that one by parts of a step, and shows no other.

    Args:
        label: what is counted.
        progress: whether a bar is wanted.
        amount: how far it is, in the words of `rich.progress.TextColumn`.
    """
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    around = _AROUND.get()
    if around is not None:
        yield around
        return
    console = _terminal(progress)
    if console is None:
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn(amount))
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    bar = Progress(SpinnerColumn(), *columns, *times, console=console, transient=True)
    lines: list[Any] = []
    steps = [0.0]

    def tell(done: float, total: float) -> None:
        if not lines:  # what was done before must not count as speed
            lines.append(bar.add_task(label, completed=int(done), total=total))
        steps[0] = done
        bar.update(lines[0], completed=done, total=total)

    def tell_part(done: float, total: float) -> None:
        """Of the step that is under way."""
        if lines and total > 0:
            bar.update(lines[0], completed=steps[0] + min(done / total, 1.0))

    token = _AROUND.set(tell_part)
    show = Timer(PATIENCE, bar.start)
    show.daemon = True
    show.start()
    try:
        yield tell
    finally:
        _AROUND.reset(token)
        show.cancel()
        show.join()
        bar.stop()


@contextmanager
def parts_of_a_step() -> Iterator[Tell]:
    """A function of (done, all) that moves the bar of the work around this within its step.

    Work inside moves no bar then: each part of it would begin anew.

    >>> with parts_of_a_step() as tell:
    ...     tell(1, 10)
    """
    around = _AROUND.get()
    if around is None:
        yield _untold
        return
    token = _AROUND.set(_untold)
    try:
        yield around
    finally:
        _AROUND.reset(token)


def _untold(done: float, total: float) -> None:
    pass


@contextmanager
def status_line(label: str, progress: bool) -> Iterator[Callable[[str], None] | None]:
    """A function that shows a line of words on a terminal; None where there is none.

    Args:
        label: what stands before the words.
        progress: whether a line is wanted.
    """
    listener, console = _LISTENER.get(), _terminal(progress)
    if listener is not None and progress:
        yield lambda words: listener(f"{label}: {words}")
        return
    if console is None or _AROUND.get() is not None:  # one thing at a time
        yield None
        return
    with console.status(label) as status:
        yield lambda words: status.update(f"{label}: {words}")


@contextmanager
def heard_by(listener: Callable[[str], None]) -> Iterator[None]:
    """Have status lines told to a function instead of shown on a terminal.

    Args:
        listener: gets the words; it may be called from any thread.

    >>> lines = []
    >>> with heard_by(lines.append), status_line("search", True) as show:
    ...     show("best 0.3")
    >>> lines
    ['search: best 0.3']
    """
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def _terminal(progress: bool) -> Any:
    """Where to show something, or None."""
    from rich.console import Console

    console = Console(stderr=True)
    return console if progress and console.is_terminal else None
