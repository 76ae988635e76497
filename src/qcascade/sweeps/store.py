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
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, fail, listed
from ..base.files import ASIDE, put
from .fingerprint import differences
from .grid import Grid
from .lock import held
from .points import Variable
from .zarr import (
    TYPES,
    Form,
    attributes,
    contents,
    fault,
    form_of,
    key,
    put_array,
    put_box,
    put_contents,
    put_group,
    sealed,
)

if TYPE_CHECKING:
    import xarray as xr

PROGRESS = "progress"
"""The group that keeps the marks."""

MARK = "uint16"
"""The type of a mark."""


MOST = 4
"""Damaged files told in one sentence."""


class Forms(NamedTuple):
    """The variables of one box, and whether no point of it is stable."""

    forms: Mapping[str, Form]
    unstable: bool


class Address(NamedTuple):
    """Where boxes go: all that a worker has to know of a store."""

    path: Path
    key: str  # drawn when the store was made: another one may have taken its place since
    box: tuple[int, ...]


@dataclass(frozen=True)
class Store:
    """Where a grid's results are kept.

    Args:
        address: the folder, the store's key, the shape of its boxes.
        grid: the grid and its boxes.
        forms: the variables found so far.
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


def forms_of(found: Mapping[str, Variable]) -> Forms:
    """What the variables of a box look like.

    Args:
        found: variables by name.
    """
    forms = {
        name: Form(tuple(x.dims), x.data.shape[1:], x.data.dtype.name, x.attrs)
        for name, x in found.items()
    }
    return Forms(forms, "stable" in found and not bool(np.any(found["stable"].data)))


def agree(known: Mapping[str, Form], new: Forms, axes: Mapping[str, Any]) -> dict[str, Form]:
    """The variables known together with those of one more box.

    Every box must have the same ones, with two exceptions: where no point is stable there may be
    nothing else to tell, and where all are `stable` may go without saying.

    Args:
        known: what earlier boxes have.
        new: what this one has.
        axes: the swept axes.

    Raises:
        ArgumentError: when they do not fit.
    """
    ours, theirs = (set(x) - {"stable"} for x in (known, new.forms))
    if ours and theirs != ours and not (new.unstable and theirs <= ours):
        were = f"elsewhere on the grid: {listed(sorted(ours))}"
        raise fail("point()", "return the same names everywhere", sorted(theirs), were)
    sizes: dict[str, int] = dict.fromkeys(axes, -1)
    for name, form in {**new.forms, **known}.items():
        for dim, size in zip(form.dims, form.shape, strict=True):
            if sizes.setdefault(dim, size) != size:
                must = "have trailing dimensions of its own, or of one size"
                raise fail(f"point()[{name}]", must, f"{dim}: {size}")
    for name in known.keys() & new.forms.keys():
        before, now = known[name], new.forms[name]
        if (before.dims, before.shape) != (now.dims, now.shape):
            text = f"{before.dims} {before.shape}"
            must = f"have the trailing dimensions it has elsewhere, {text}"
            raise fail(f"point()[{name}]", must, f"{now.dims} {now.shape}")
    return {**known, **{name: form for name, form in new.forms.items() if name not in known}}


@contextmanager
def opened(
    path: str | Path, grid: Grid, attrs: Mapping[str, Any], units: Mapping[str, Any], marks: Any
) -> Iterator[Store]:
    """Make a store or go on with one, while nobody else does.

    Args:
        path: the folder; made if need be.
        grid: the grid and its boxes; an old store keeps the boxes it has.
        attrs: attributes of the dataset.
        units: attributes of each axis.
        marks: the fingerprint of what is computed.

    Raises:
        ArgumentError: when the folder holds something else, another process writes it, or it
            cannot be written.
    """
    path = Path(path).absolute()
    progress = path / PROGRESS
    _check_free(path)
    with _told(path):
        progress.mkdir(parents=True, exist_ok=True)
    with held(progress, "store"):
        with _told(path):
            if not (progress / "zarr.json").exists():
                _make(path, grid, attrs, units, marks)
            store = _reopened(path, grid, marks)
        yield store


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in a sentence that a disk is full or a folder gone."""
    try:
        yield
    except OSError as error:
        tail = f"{error.strerror}; what is done is kept, and the same call goes on from there"
        raise fail("store", "be a place that can be written", str(path), tail) from error


def _check_free(path: Path) -> None:
    if path.is_file():
        raise fail("store", "name a folder", str(path), "there is a file")
    with suppress(FileNotFoundError, NotADirectoryError):  # told when it is made
        other = any(x.name != PROGRESS for x in path.iterdir())
        if other and not (path / PROGRESS / "lock").exists():
            must = "be a new folder, or one that `sweep` has made"
            raise fail("store", must, str(path), "there is something else")


def _make(
    path: Path, grid: Grid, attrs: Mapping[str, Any], units: Mapping[str, Any], marks: Any
) -> None:
    for name, x in grid.axes.items():
        _check_name(name)
        (path / name).mkdir(exist_ok=True)
        put_array(path / name, Form((name,), x.shape, "float64", units[name]), x.shape)
        put_box(path / name, (0,), x, x.shape)
    done = path / PROGRESS / "done"
    done.mkdir(exist_ok=True)
    put_array(done, Form(("box",), (grid.count,), MARK, {}), (1,))
    put_group(path, attrs)
    # The last file: without it nothing has begun.
    own = {"key": uuid.uuid4().hex, "box": grid.box, "kinds": [], "fingerprint": marks}
    put_group(path / PROGRESS, own)


def _reopened(path: Path, grid: Grid, marks: Mapping[str, str]) -> Store:
    try:
        own = attributes(path / PROGRESS)
        drawn, box, before = own["key"], tuple(own["box"]), own["fingerprint"]
        kinds = [tuple(names) for names in own.get("kinds", ())]
        # What the group names was described in full; of anything else, no box is done.
        wholes = {
            name: form_of(path / name)
            for name in contents(path)
            if name.partition("/")[0] not in (*grid.axes, PROGRESS)
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise fail("store", "be one that `sweep` has made", str(path), repr(error)) from None
    changed = differences(before, marks)
    if changed:
        must = "hold this same sweep, or be a new folder"
        raise fail("store", must, str(path), changed)
    axes = len(grid.axes)
    forms = {name: Form(x.dims[axes:], x.shape[axes:], *x[2:]) for name, x in wholes.items()}
    store = Store(Address(path, drawn, box), Grid(grid.axes, box), forms, kinds)
    for folder in [path, path / PROGRESS / "done", *(x for x in path.iterdir() if x.is_dir())]:
        _clear(folder)
    _check_intact(store)
    _tell_contents(store)
    return store


def _check_intact(store: Store) -> None:
    """Refuse a store that has lost or changed what it says it has."""
    faults = list(islice(_faults(store), MOST))
    if faults:
        damaged = listed(f"{name} {what}" for name, what, _ in faults)
        marks = listed(dict.fromkeys(mark for *_, mark in faults))
        raise ArgumentError(
            f"Argument `store` must hold what was written into it, but in {store.path} {damaged}. "
            f"Delete {marks} there, and the same call computes anew what belongs to it."
        )


def _faults(store: Store) -> Iterator[tuple[str, str, str]]:
    """What is damaged: the file, what is wrong with it, and what to delete."""
    for name, values in store.grid.axes.items():
        what = _fault(store.path / name / key((0,)), values.astype("<f8").nbytes)
        if what:
            yield f"{name}/{key((0,))}", what, "the whole folder"
    for index in sorted(done(store)):
        mark = f"{PROGRESS}/done/{key((index,))}"
        size = np.dtype(MARK).itemsize
        what, content = _read(store.path / mark, size)
        kind = int.from_bytes(content[:size], "little")
        if what or not 0 < kind <= len(store.kinds):
            yield mark, what or "is no mark of this store", mark
            continue
        for name in store.kinds[kind - 1]:
            form = store.forms[name]
            file = f"{name}/{key(store.grid.place(index) + (0,) * len(form.shape))}"
            size = prod(store.address.box + form.shape) * np.dtype(form.type).itemsize
            what = _fault(store.path / file, size) if size else ""
            if what:
                yield file, what, mark


def _fault(file: Path, size: int) -> str:
    return _read(file, size)[0]


def _read(file: Path, size: int) -> tuple[str, bytes]:
    """What is wrong with a file, and its content."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return "is missing", b""
    return fault(content, size), content


def _clear(folder: Path) -> None:
    """What a killed writer has left half-written."""
    for aside in folder.glob(f"{ASIDE}*"):
        aside.unlink(missing_ok=True)


def done(store: Store) -> set[int]:
    """The boxes that need not be computed again.

    Args:
        store: the store.
    """
    with _told(store.path):
        names = os.listdir(store.path / PROGRESS / "done")
    return {int(name[2:]) for name in names if name.startswith("c.")}


def write(
    address: Address,
    place: tuple[int, ...],
    points: tuple[int, ...],
    found: Mapping[str, Variable],
) -> Forms:
    """Put the variables of a box on the disk; it counts only once it is marked.

    Args:
        address: the store's.
        place: where the box is among the boxes.
        points: how many it has along each axis.
        found: variables by name.

    Returns:
        What they look like, for `mark`.

    Raises:
        ArgumentError: when the disk is full, the folder gone, or a variable no number.
    """
    for name, variable in found.items():
        _check_name(name)
        if variable.data.dtype.name not in TYPES:
            must = "be numbers of a type that a store can hold"
            raise fail(f"point()[{name}]", must, variable.data.dtype.name)
    with _told(address.path):
        _check_same(address)
        for name, variable in found.items():
            _put(address, place, points, name, variable.data)
    return forms_of(found)


def _check_same(address: Address) -> None:
    if attributes(address.path / PROGRESS)["key"] != address.key:
        tail = "another one has taken its place"
        raise fail("store", "stay where it is", str(address.path), tail)


def _put(
    address: Address,
    place: tuple[int, ...],
    points: tuple[int, ...],
    name: str,
    data: np.ndarray,
) -> None:
    trailing = data.shape[1:]
    if data.size:
        folder = address.path / name
        folder.mkdir(exist_ok=True)
        whole = data.reshape(points + trailing)
        put_box(folder, place + (0,) * len(trailing), whole, address.box + trailing)


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
    with _told(store.path):
        fresh = {name: form for name, form in together.items() if name not in store.forms}
        for name, form in fresh.items():
            _describe(store, name, form)
        kind = tuple(new.forms)
        if kind not in store.kinds:
            store.kinds.append(kind)
            own = attributes(store.path / PROGRESS)
            put_group(store.path / PROGRESS, {**own, "kinds": store.kinds})
        if fresh:
            store.forms.update(fresh)
            _tell_contents(store)  # all at once
        number = np.array(store.kinds.index(kind) + 1, MARK).astype("<u2")
        put(store.path / PROGRESS / "done" / key((index,)), sealed(number.tobytes()))


def finish(store: Store) -> None:
    """Write down that points are stable where it went without saying.

    Args:
        store: the store, with every box done.
    """
    form = store.forms.get("stable")
    if form is None:
        return
    with _told(store.path):
        there = set(os.listdir(store.path / "stable"))
        for index in range(store.grid.count):
            place, points = store.grid.place(index), store.grid.points(index)
            if key(place + (0,) * len(form.shape)) not in there:
                stable = np.ones((prod(points), *form.shape), bool)
                _put(store.address, place, points, "stable", stable)


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


def _check_name(name: str) -> None:
    odd = name in ("", PROGRESS, "zarr.json") or name.startswith((".", "__"))
    if odd or set(name) & set("/\\\0"):
        must = f"return names that can name a folder, other than {PROGRESS!r}"
        raise fail("point()", must, name)


def _describe(store: Store, name: str, form: Form) -> None:
    whole = Form((*store.grid.axes, *form.dims), store.grid.shape + form.shape, *form[2:])
    (store.path / name).mkdir(exist_ok=True)
    put_array(store.path / name, whole, store.grid.box + form.shape)


def _tell_contents(store: Store) -> None:
    marks = (PROGRESS, f"{PROGRESS}/done")
    put_contents(store.path, [*store.grid.axes, *store.forms, *marks])
