"""Results on disk, box by box: a Zarr store (format 3) that survives whatever ends its writer.

Every box of a variable is one file, written aside and renamed. A box counts as done once a mark
of its own is on the disk, and the mark is written when all its files are. The mark says which
variables those are, by a number: most boxes have the same ones. Workers write boxes; marks and
descriptions are written by the one process that holds the lock.
"""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ArgumentError, fail, listed
from ..base.files import UNFINISHED, put
from .boxes import (
    PROGRESS,
    Address,
    attributes,
    check_variable,
    disk_errors_told,
    key,
    put_box,
    put_variable,
    read_box,
    sealed,
)
from .durable import DESCRIPTION, form_of, put_array, put_attributes, put_contents, put_group
from .fingerprint import differences
from .forms import Form, Forms, agree
from .grid import Grid
from .lock import held

if TYPE_CHECKING:
    import xarray as xr

MARK = "uint16"
"""The type of a mark."""

MOST = 4
"""Damaged files told in one sentence."""


@dataclass(frozen=True)
class Store:
    """Where a grid's results are kept.

    Args:
        address: the folder, the store's key, the shape of its boxes.
        grid: the grid and its boxes.
        forms: the variables known so far.
        kinds: which of them a box may have; its mark is the number of its kind, from 1 on.
    """

    address: Address
    grid: Grid
    forms: dict[str, Form] = field(default_factory=dict)
    kinds: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The folder."""
        return self.address.path

    @property
    def marks(self) -> Path:
        """The folder of the marks."""
        return self.path / PROGRESS / "done"


@contextmanager
def opened(
    path: str | Path,
    grid: Grid,
    attrs: Mapping[str, Any],
    units: Mapping[str, Any],
    fingerprint: Mapping[str, str],
) -> Iterator[Store]:
    """Make a store or go on with one, while nobody else does.

    Args:
        path: the folder; made if need be.
        grid: the grid and its boxes; an old store keeps the boxes it has.
        attrs: attributes of the dataset.
        units: attributes of each axis.
        fingerprint: of what is computed.

    Raises:
        ArgumentError: when the folder holds something else, another process writes it, or it
            cannot be written.
    """
    path = Path(path).absolute()
    progress = path / PROGRESS
    _check_free(path)
    with disk_errors_told(path):
        progress.mkdir(parents=True, exist_ok=True)
    with held(progress, "store"):
        with disk_errors_told(path):
            if not (progress / DESCRIPTION).exists():
                _make(path, grid, attrs, units, fingerprint)
            store = _reopened(path, grid, fingerprint)
        yield store


def _check_free(path: Path) -> None:
    if path.is_file():
        raise fail("store", "name a folder", str(path), "there is a file")
    with suppress(FileNotFoundError, NotADirectoryError):  # told when it is made
        other = any(x.name != PROGRESS for x in path.iterdir())
        if other and not (path / PROGRESS / "lock").exists():
            must = "be a new folder, or one that `sweep` has made"
            raise fail("store", must, str(path), "there is something else")


def _make(
    path: Path,
    grid: Grid,
    attrs: Mapping[str, Any],
    units: Mapping[str, Any],
    fingerprint: Mapping[str, str],
) -> None:
    for name, x in grid.axes.items():
        check_variable(name)
        (path / name).mkdir(exist_ok=True)
        put_array(path / name, Form((name,), x.shape, "float64", units[name]), x.shape)
        put_box(path / name, (0,), x, x.shape)
    marks = path / PROGRESS / "done"
    marks.mkdir(exist_ok=True)
    put_array(marks, Form(("box",), (grid.count,), MARK, {}), (1,))
    put_group(path, attrs)
    # The last file: without it nothing has begun.
    own = {"key": uuid.uuid4().hex, "box": grid.box, "kinds": [], "fingerprint": fingerprint}
    put_group(path / PROGRESS, own)


def _reopened(path: Path, grid: Grid, fingerprint: Mapping[str, str]) -> Store:
    try:
        own = attributes(path / PROGRESS)
        address = Address(path, own["key"], tuple(own["box"]))
        changed = differences(own["fingerprint"], fingerprint)
        if changed:
            must = "hold this same sweep, or be a new folder"
            raise fail("store", must, str(path), changed)
        kinds = [tuple(names) for names in own["kinds"]]
        # What a kind names was described in full; of anything else, no box is done.
        described = {
            name: form_of(path / name) for name in dict.fromkeys(n for kind in kinds for n in kind)
        }
        axes = len(grid.axes)
        forms = {name: Form(x.dims[axes:], x.shape[axes:], *x[2:]) for name, x in described.items()}
        store = Store(address, Grid(grid.axes, address.box), forms, kinds)
        for folder in [path, store.marks, *(x for x in path.iterdir() if x.is_dir())]:
            for unfinished in folder.glob(UNFINISHED):  # of a writer that was killed
                unfinished.unlink(missing_ok=True)
        _check_intact(store)
        put_contents(path)
    except (ValueError, KeyError, TypeError, AttributeError, FileNotFoundError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise fail("store", "be one that `sweep` has made", str(path), repr(error)) from None
    return store


def _check_intact(store: Store) -> None:
    """Refuse a store that has lost or changed what it says it has."""
    damage = list(islice(_damage(store), MOST))
    if damage:
        damaged = listed(f"{name} {what}" for name, what, _ in damage)
        marks = listed(dict.fromkeys(mark for *_, mark in damage))
        raise ArgumentError(
            f"Argument `store` must hold what was written into it, but in {store.path} {damaged}. "
            f"Delete {marks} there, and the same call computes anew what belongs to it."
        )


def _damage(store: Store) -> Iterator[tuple[str, str, str]]:
    """What is damaged: the file, what is wrong with it, and what to delete."""
    for name, values in store.grid.axes.items():
        file = f"{name}/{key((0,))}"
        fault, _ = read_box(store.path / file, values.astype("<f8").nbytes)
        if fault:
            yield file, fault, "the whole folder"
    for index in sorted(done(store)):
        mark = f"{PROGRESS}/done/{key((index,))}"
        fault, content = read_box(store.path / mark, np.dtype(MARK).itemsize)
        kind = int.from_bytes(content, "little")
        if fault or not 0 < kind <= len(store.kinds):
            yield mark, fault or "is no mark of this store", mark
            continue
        for name in store.kinds[kind - 1]:
            form = store.forms[name]
            file = f"{name}/{key(store.grid.place(index) + (0,) * len(form.shape))}"
            size = prod(store.address.box + form.shape) * np.dtype(form.type).itemsize
            fault = read_box(store.path / file, size)[0] if size else ""
            if fault:
                yield file, fault, mark


def done(store: Store) -> set[int]:
    """The boxes that need not be computed again.

    Args:
        store: the store.
    """
    with disk_errors_told(store.path):
        names = os.listdir(store.marks)
    return {int(name[2:]) for name in names if name.startswith("c.")}


def mark(store: Store, index: int, new: Forms) -> None:
    """Say that a box is done.

    Args:
        store: the store.
        index: which box.
        new: from `write`.

    Raises:
        ArgumentError: when its variables do not fit those of other boxes.
    """
    together = agree(store.forms, new, store.grid.axes)
    for name, form in new.forms.items():
        if form.type != together[name].type:
            before = together[name].type
            must = f"be of the type it has elsewhere, {before} (a float where it can be NaN)"
            raise fail(f"point()[{name}]", must, form.type)
    with disk_errors_told(store.path):
        fresh = {name: form for name, form in together.items() if name not in store.forms}
        for name, form in fresh.items():
            _describe(store, name, form)
        kind = tuple(new.forms)
        if kind not in store.kinds:
            store.kinds.append(kind)
            put_attributes(store.path / PROGRESS, {"kinds": store.kinds})
        if fresh:
            store.forms.update(fresh)
            put_contents(store.path)  # all at once
        number = np.array(store.kinds.index(kind) + 1, MARK).astype("<u2")
        put(store.marks / key((index,)), sealed(number.tobytes()))


def _describe(store: Store, name: str, form: Form) -> None:
    swept = Form((*store.grid.axes, *form.dims), store.grid.shape + form.shape, *form[2:])
    (store.path / name).mkdir(exist_ok=True)
    put_array(store.path / name, swept, store.grid.box + form.shape)


def finish(store: Store) -> None:
    """Write down that points are stable where it went without saying.

    Args:
        store: the store, with every box done.
    """
    form = store.forms.get("stable")
    if form is None:
        return
    with disk_errors_told(store.path):
        written = set(os.listdir(store.path / "stable"))
        for index in range(store.grid.count):
            place, points = store.grid.place(index), store.grid.points(index)
            if key(place + (0,) * len(form.shape)) not in written:
                stable = np.ones((prod(points), *form.shape), bool)
                put_variable(store.address, place, points, "stable", stable)


def read(path: str | Path, names: tuple[str, ...] = ()) -> "xr.Dataset":
    """The dataset in a store; numbers are read when they are looked at.

    Args:
        path: the folder.
        names: variables to come first, in this order.
    """
    import xarray as xr

    # Nothing is decoded: a unit of "days" is a unit here, not a calendar.
    data = xr.open_zarr(path, chunks=None, decode_cf=False, consolidated=True)
    return data[[*names, *(name for name in data.data_vars if name not in names)]]
