"""Boxes of results on the disk, and whether they are what was written.

A box is a chunk of a Zarr array: its numbers in row-major order, with a checksum behind them
(CRC-32C, Zarr's codec of that name), so that a bit that flips on the disk is no other number.
Boxes are written here and not through Zarr's arrays, which must be described before their first
chunk: workers write boxes before the process that describes has seen what is in them.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import google_crc32c
import numpy as np

from ..base.checks import fail
from ..base.files import put
from .forms import Forms, forms_of
from .points import Variable

PROGRESS = "progress"
"""The group that keeps the marks."""

SEPARATOR = "."
"""Between the numbers in a box's name."""

CHECKSUM = 4
"""Bytes at the end of a box."""

TYPES = (
    *("bool", "float32", "float64", "complex64", "complex128"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
)
"""What a store can hold; Zarr and NumPy call them by the same names."""


class Address(NamedTuple):
    """Where boxes go: all that a worker has to know of a store."""

    path: Path
    key: str  # drawn when the store was made: another one may have taken its place since
    box: tuple[int, ...]


def write(
    address: Address,
    place: tuple[int, ...],
    points: tuple[int, ...],
    variables: Mapping[str, Variable],
) -> Forms:
    """Put the variables of a box on the disk; it counts only once it is marked.

    Args:
        address: the store's.
        place: where the box is among the boxes.
        points: how many it has along each axis.
        variables: by name.

    Returns:
        What they look like, for `mark`.

    Raises:
        ArgumentError: when the disk is full, the folder gone, or a variable no number.
    """
    for name, variable in variables.items():
        check_variable(name)
        if variable.data.dtype.name not in TYPES:
            must = "be numbers of a type that a store can hold"
            raise fail(f"point()[{name}]", must, variable.data.dtype.name)
    with disk_errors_told(address.path):
        if attributes(address.path / PROGRESS)["key"] != address.key:
            tail = "another one has taken its place"
            raise fail("store", "stay where it is", str(address.path), tail)
        for name, variable in variables.items():
            put_variable(address, place, points, name, variable.data)
    return forms_of(variables)


def put_variable(
    address: Address,
    place: tuple[int, ...],
    points: tuple[int, ...],
    name: str,
    data: np.ndarray,
) -> None:
    """Put one variable of a box on the disk.

    Args:
        address: the store's.
        place: where the box is among the boxes.
        points: how many it has along each axis.
        name: of the variable.
        data: its values, a row for every point.
    """
    trailing = data.shape[1:]
    if data.size:
        folder = address.path / name
        folder.mkdir(exist_ok=True)
        whole_place = place + (0,) * len(trailing)
        put_box(folder, whole_place, data.reshape(points + trailing), address.box + trailing)


def put_box(folder: Path, place: tuple[int, ...], data: np.ndarray, box: tuple[int, ...]) -> None:
    """Write one box of an array.

    Args:
        folder: the array's folder.
        place: where the box is among the boxes.
        data: what is in it; less than a box at the far edges.
        box: points along each dimension in a box.
    """
    padded = np.full(box, fill_value(data.dtype.name), data.dtype.newbyteorder("<"))
    padded[tuple(slice(n) for n in data.shape)] = data
    put(folder / key(place), sealed(padded.tobytes()))


def fill_value(kind: str) -> Any:
    """What is there before a box is: no number where that can be said, and nothing stable.

    Args:
        kind: the type of the numbers.
    """
    return np.nan if kind.startswith(("float", "complex")) else 0


def key(place: tuple[int, ...]) -> str:
    """The name of the file that holds a box.

    Args:
        place: where the box is among the boxes.

    >>> key((3, 0))
    'c.3.0'
    """
    return SEPARATOR.join(["c", *map(str, place)])


def sealed(content: bytes) -> bytes:
    """The content of a box with its checksum behind it.

    Args:
        content: the numbers.

    >>> sealed(b"123456789")[-4:].hex()  # the published check value e3069283, last byte first
    '839206e3'
    """
    return content + google_crc32c.value(content).to_bytes(CHECKSUM, "little")


def read_box(file: Path, size: int) -> tuple[str, bytes]:
    """What is wrong with the file of a box, or nothing; and its numbers.

    Args:
        file: the file.
        size: of the numbers, in bytes.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return "is missing", b""
    if len(content) != size + CHECKSUM:
        return f"has {len(content)} bytes instead of {size + CHECKSUM}", b""
    fault = "" if sealed(content[:size]) == content else "does not fit its checksum"
    return fault, content[:size]


def attributes(folder: Path) -> Any:
    """The attributes of a group, without the time that Zarr takes: asked for at every box.

    Args:
        folder: of the group.
    """
    return json.loads((folder / "zarr.json").read_bytes())["attributes"]


def check_variable(name: str) -> None:
    """Refuse a name that no folder of a store could have.

    Args:
        name: of a variable or an axis.

    Raises:
        ArgumentError: for such a name.
    """
    odd = name in ("", PROGRESS, "zarr.json") or name.startswith((".", "__"))
    if odd or set(name) & set("/\\\0"):
        must = f"return names that can name a folder, other than {PROGRESS!r}"
        raise fail("point()", must, name)


@contextmanager
def disk_errors_told(path: Path) -> Iterator[None]:
    """Say in a sentence that a disk is full or a folder gone.

    Args:
        path: of the store.

    Raises:
        ArgumentError: in place of an error of the system.
    """
    try:
        yield
    except OSError as error:
        tail = f"{error.strerror}; what is done is kept, and the same call goes on from there"
        raise fail("store", "be a place that can be written", str(path), tail) from error
