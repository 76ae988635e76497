"""What papers and figures there are, as `qcascade list` tells it."""

from collections.abc import Iterator

from . import PAPERS, paper
from .parameters import described


def listing(key: str | None) -> Iterator[str]:
    """Lines on the papers and their figures; of one paper also the parameters of its points.

    Args:
        key: the paper; all of them when None.

    >>> next(listing("pelka2026")).split()[0]
    'pelka2026'
    """
    for name in PAPERS if key is None else [key]:
        module = paper(name)
        yield f"{name}  {PAPERS[name]}"
        for figure, plate in module.FIGURES.items():
            yield f"    {figure:<16}{plate.caption}"
    if key is not None:
        yield f"parameters, for qcascade point {key} NAME=VALUE ..."
        for name, default, words in described(key):
            yield f"    {name + '=' + default:<31} {words}".rstrip()
