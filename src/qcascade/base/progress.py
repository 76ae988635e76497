"""What a terminal shows of work that takes a while."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Timer
from typing import Any

PATIENCE = 1.0  # seconds that nobody needs a bar for

_LISTENER: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


@contextmanager
def progress_bar(
    label: str, progress: bool, amount: str = "{task.percentage:.0f} %"
) -> Iterator[Callable[[float, float], None]]:
    """A function of (done, all) that moves a bar on a terminal, shown once the work takes a while.

    Args:
        label: what is counted.
        progress: whether a bar is wanted.
        amount: how far it is, in the words of `rich.progress.TextColumn`.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = _terminal(progress)
    if console is None:
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn(amount))
    bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
    lines: list[Any] = []

    def tell(done: float, total: float) -> None:
        if not lines:  # what was done before must not count as speed
            lines.append(bar.add_task(label, completed=int(done), total=total))
        bar.update(lines[0], completed=done, total=total)

    show = Timer(PATIENCE, bar.start)
    show.daemon = True
    show.start()
    try:
        yield tell
    finally:
        show.cancel()
        show.join()
        bar.stop()


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
    if console is None:
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
