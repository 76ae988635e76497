"""Ctrl-C on the command line: a word on what was kept and how to go on."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Stopped(Exception):
    """Ctrl-C; the message says what was kept, and how to go on."""


@contextmanager
def stopping(left: Callable[[], str]) -> Iterator[None]:
    """Ctrl-C ends a command with a word on what it leaves and how to go on.

    Args:
        left: that word, asked for when it comes; a store's own note is more exact.
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        notes = getattr(stop, "__notes__", None) or [left()]
        raise Stopped(f"stopped; {' '.join(notes)}") from stop


def print_made(
    files: Iterable[tuple[str, Path]], out: Path, store: Path | None, place: str
) -> None:
    """Say which files were made of a network file, each when it is there."""
    made: list[str] = []

    def left() -> str:
        if store is not None:
            return f"what is finished is in {store}; the same command goes on from there."
        files_there = f"{', '.join(made)} in {out}" if made else "nothing"
        again = f"with --store {place} the same command goes on where it was."
        return f"{files_there} was kept; {again}"

    with stopping(left):
        for word, path in files:
            print(f"{word} {path}", flush=True)
            made.append(path.name)
