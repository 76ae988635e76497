"""The Zarr format (version 3) as far as a sweep needs it: groups, and arrays cut into boxes.

The files are written directly, without the Zarr library, since what is safe depends on the order
in which they reach the disk: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html
Every box ends in a checksum (CRC-32C, Zarr's codec of that name), so that a bit that flips on the
disk is no other number: whoever reads the box is told.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import google_crc32c
import numpy as np

from ..base.files import put

CODECS = [
    {"name": "bytes", "configuration": {"endian": "little"}},
    {"name": "crc32c"},
]
CHECKSUM = 4
"""Bytes at the end of a box."""

TYPES = (
    *("bool", "float32", "float64", "complex64", "complex128"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
)
"""What a store can hold; Zarr and NumPy call them by the same names."""


class Form(NamedTuple):
    """What a variable looks like at every point."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    type: str
    attrs: Mapping[str, Any]


def put_group(folder: Path, attrs: Mapping[str, Any]) -> None:
    """Say that a folder is a group.

    Args:
        folder: the folder.
        attrs: its attributes.
    """
    _put_json(folder, _group(attrs))


def _group(attrs: Mapping[str, Any]) -> dict[str, Any]:
    return {"zarr_format": 3, "node_type": "group", "attributes": dict(attrs)}


def put_contents(folder: Path, members: Iterable[str]) -> None:
    """Repeat in a group what its members say, where readers look first.

    Args:
        folder: the folder of a group.
        members: arrays and groups in it, "group/array" for those further in.
    """
    own = {name: _get_json(folder / name) for name in members}
    table = {"kind": "inline", "must_understand": False, "metadata": own}
    _put_json(folder, {**_group(attributes(folder)), "consolidated_metadata": table})


def contents(folder: Path) -> list[str]:
    """The members that `put_contents` has named.

    Args:
        folder: the folder of a group.
    """
    return list(_get_json(folder).get("consolidated_metadata", {}).get("metadata", {}))


def put_array(folder: Path, form: Form, box: tuple[int, ...]) -> None:
    """Say that a folder is an array.

    Args:
        folder: the folder.
        form: dimensions, shape, type, attributes of the whole array.
        box: points along each dimension in a box.
    """
    _put_json(
        folder,
        {
            "zarr_format": 3,
            "node_type": "array",
            "shape": form.shape,
            "data_type": form.type,
            "chunk_grid": {
                "name": "regular",
                "configuration": {"chunk_shape": [max(n, 1) for n in box]},
            },
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "."}},
            "fill_value": _fill_json(form.type),
            "codecs": CODECS,
            "dimension_names": form.dims,
            "attributes": dict(form.attrs),
        },
    )


def form_of(folder: Path) -> Form:
    """What `put_array` has said.

    Args:
        folder: the folder.
    """
    found = _get_json(folder)
    dims, shape = tuple(found["dimension_names"]), tuple(found["shape"])
    return Form(dims, shape, found["data_type"], found["attributes"])


def attributes(folder: Path) -> Any:
    """The attributes of a group.

    Args:
        folder: the folder.
    """
    return _get_json(folder)["attributes"]


def put_box(folder: Path, place: tuple[int, ...], data: np.ndarray, box: tuple[int, ...]) -> None:
    """Write one box of an array.

    Args:
        folder: the array's folder.
        place: where the box is among the boxes.
        data: what is in it; less than a box at the far edges.
        box: points along each dimension in a box.
    """
    whole = np.full(box, _fill(data.dtype.name), data.dtype.newbyteorder("<"))
    whole[tuple(slice(n) for n in data.shape)] = data
    put(folder / key(place), sealed(whole.tobytes()))


def sealed(content: bytes) -> bytes:
    """The content of a box with its checksum behind it.

    Args:
        content: the numbers.

    >>> sealed(b"123456789")[-4:].hex()  # the published check value e3069283, last byte first
    '839206e3'
    """
    return content + google_crc32c.value(content).to_bytes(CHECKSUM, "little")


def fault(content: bytes, size: int) -> str:
    """What is wrong with a file that holds a box, or nothing.

    Args:
        content: of the file.
        size: of the box, in bytes.

    >>> fault(sealed(b"12"), 2), fault(sealed(b"12")[:-1], 2), fault(b"13" + sealed(b"12")[2:], 2)
    ('', 'has 5 bytes instead of 6', 'does not fit its checksum')
    """
    if len(content) != size + CHECKSUM:
        return f"has {len(content)} bytes instead of {size + CHECKSUM}"
    return "" if sealed(content[:-CHECKSUM]) == content else "does not fit its checksum"


def key(place: tuple[int, ...]) -> str:
    """The name of the file that holds a box.

    Args:
        place: where the box is among the boxes.

    >>> key((3, 0))
    'c.3.0'
    """
    return ".".join(["c", *map(str, place)])


def _get_json(folder: Path) -> Any:
    return json.loads((folder / "zarr.json").read_bytes())


def _put_json(folder: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False, default=_plain)
    put(folder / "zarr.json", text.encode())


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _fill(kind: str) -> Any:
    """What is there before a box is: no number where that can be said, and nothing stable."""
    return np.nan if kind.startswith(("float", "complex")) else 0


def _fill_json(kind: str) -> Any:
    if kind.startswith("complex"):
        return ["NaN", "NaN"]
    return "NaN" if kind.startswith("float") else False if kind == "bool" else 0
