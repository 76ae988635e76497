"""Groups and arrays of a store, described by the Zarr library, every file on the disk at once.

Zarr does the format; what is safe depends on the order in which files reach the disk. A folder is
opened as a store of its own, so that Zarr writes no description above it.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import zarr
from zarr.codecs import Crc32cCodec
from zarr.core.buffer import Buffer
from zarr.storage import LocalStore

from ..base.files import put
from ..base.plain import plain
from .boxes import SEPARATOR, fill_value
from .forms import Form

DESCRIPTION = "zarr.json"


class Durable(LocalStore):
    """A folder in which every file is there whole or not at all, whatever ends the writer."""

    async def set(self, key: str, value: Buffer) -> None:
        put(self.root / key, value.to_bytes())


def put_group(folder: Path, attrs: Mapping[str, Any]) -> None:
    """Describe a folder as a group.

    Args:
        folder: an existing folder.
        attrs: its attributes.
    """
    zarr.create_group(_undescribed(folder), attributes=plain(attrs, float))


def put_attributes(folder: Path, attrs: Mapping[str, Any]) -> None:
    """Change attributes of a group, and leave the others as they are.

    Args:
        folder: of the group.
        attrs: those to change.
    """
    zarr.open_group(_existing(folder), mode="r+").update_attributes(plain(attrs, float))


def put_array(folder: Path, form: Form, box: tuple[int, ...]) -> None:
    """Describe a folder as an array; the boxes that are in it already are left alone.

    Args:
        folder: an existing folder.
        form: dimensions, shape, type, attributes of the whole array.
        box: points along each dimension in a box.
    """
    zarr.create_array(
        _undescribed(folder),
        shape=form.shape,
        chunks=tuple(max(n, 1) for n in box),
        dtype=form.type,
        compressors=[Crc32cCodec()],
        filters=None,
        fill_value=fill_value(form.type),
        chunk_key_encoding={"name": "default", "separator": SEPARATOR},
        dimension_names=form.dims,
        attributes=plain(form.attrs, float),
    )


def form_of(folder: Path) -> Form:
    """What `put_array` has said.

    Args:
        folder: of the array.
    """
    array = zarr.open_array(_existing(folder), mode="r")
    dims: Any = getattr(array.metadata, "dimension_names", None)
    return Form(tuple(dims), array.shape, array.dtype.name, dict(array.attrs))


def put_contents(folder: Path) -> None:
    """Repeat in a group what its members say, where readers look first.

    Args:
        folder: of the group.
    """
    with warnings.catch_warnings(action="ignore"):  # that the lock is no array; that other
        # libraries may not look at what is repeated
        zarr.consolidate_metadata(_existing(folder))


def _undescribed(folder: Path) -> Durable:
    # Zarr overwrites a description only together with all that is in the folder.
    (folder / DESCRIPTION).unlink(missing_ok=True)
    return _existing(folder)


def _existing(folder: Path) -> Durable:
    if not folder.is_dir():  # Zarr would make it, and one that vanished must not come back
        raise FileNotFoundError(2, "No such file or directory", str(folder))
    return Durable(folder)
