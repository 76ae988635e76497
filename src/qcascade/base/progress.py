"""A progress bar for work that is counted as it goes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

PATIENCE = 1.0  # seconds that nobody needs a bar for


@contextmanager
def path_bar(label: str, progress: bool) -> Iterator[Callable[[int, int], None]]:
    """A function of (done, all) that shows a bar on a terminal, once the work takes a while."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not (progress and console.is_terminal):
        yield lambda done, total: None
        return
    begin = monotonic()
    with Progress(console=console, transient=True) as bar:
        line = bar.add_task(label, visible=False)

        def tell(done: int, total: int) -> None:
            bar.update(line, completed=done, total=total, visible=monotonic() - begin > PATIENCE)

        yield tell
