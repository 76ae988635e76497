"""What runs inside a sweep and must not: whatever looks from one point of the grid to the next.

A sweep cuts its grid into chunks, so a result that depends on the points beside it would depend
on where the cuts are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .checks import ArgumentError

_points: ContextVar[int | None] = ContextVar("points of the chunk under way", default=None)


@contextmanager
def points_together(number: int | None) -> Iterator[None]:
    """Say that points of a grid are computed together, or that a single one is.

    Args:
        number: how many flat arrays of a chunk hold; None for plain numbers.
    """
    token = _points.set(number)
    try:
        yield
    finally:
        _points.reset(token)


def refuse_along_chunk(verb: str, shape: tuple[int, ...]) -> None:
    """Refuse to walk along an axis that is a chunk of a sweep.

    A point function may well make an axis of its own and walk along that.

    Args:
        verb: what walks along the last axis.
        shape: of the points it was given.

    Raises:
        ArgumentError: when the last axis is the chunk of a sweep.
    """
    number = _points.get()
    if number is not None and shape[-1:] == (number,) and number not in shape[:-1]:
        raise ArgumentError(
            f"`{verb}` goes from one point to the next, which a point function of `sweep` must "
            f"not do: its {number} points are a chunk of the grid, cut anywhere. Call `{verb}` "
            "on all points at once, outside of `sweep`, or along an axis that the function makes."
        )
