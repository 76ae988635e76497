"""Sweep a point function over axes into an `xarray.Dataset` that says how it was made."""

import inspect
import json
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import partial, update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ArgumentError, count, fail, flag, listed, number
from ..base.files import as_path, check_room, written_aside
from ..base.given_units import axis, in_si
from ..base.keywords import spoken
from ..base.progress import progress_bar
from ..base.version import __version__
from ..slh.network import Network
from ..slh.toml import to_toml
from .boxes import Address, write
from .digests import digest
from .executors import finished
from .fingerprint import differences, fingerprint, versions
from .forms import Forms, agree, forms_of
from .grid import Grid, cut
from .parameters import check_takes
from .points import ILL_POSED, Point, Variable, check_name, data_of, evaluate, name_of

if TYPE_CHECKING:
    import xarray as xr

    from .store import Store

_NETCDF = ("", ".nc", ".nc4", ".h5", ".hdf5")  # endings of files
_BESIDE = 2**20  # bytes of a file for names, attributes and tables, at most
CHUNK = 16384
"""Points at a time: enough to hide Python's own time, few enough to stay in the cache."""


@spoken
def sweep(
    point: Point,
    *,
    chunk: int = CHUNK,
    progress: bool = True,
    network: Network | str | None = None,
    store: str | Path | None = None,
    executor: Any = None,
    **axes: Any,
) -> "xr.Dataset":
    """Evaluate a point function on the full grid of its axes.

    The grid is the outer product of the axes, taken in chunks; `point` gets one flat array
    per axis and returns arrays of the same length. Parts, networks and measures all broadcast,
    so an ordinary point function just works; wrap one that needs plain numbers in `each`.

    With a store, finished chunks go to the disk, and the same call goes on where an earlier one
    was stopped, by whatever: finished chunks are not computed again, and the result is the same
    to the last bit. What no longer is the same sweep — another axis, point function (its code,
    values, helpers of one's own), network, or version of a package — is refused.

    Args:
        point: function of the axes by name, returning a mapping from names to arrays (N,) or
            (N, …); or to tuples (dims of the trailing axes, array[, attributes]).
        chunk: grid points per call, at most; a store keeps the chunks it was made with.
        progress: show a progress bar on a terminal.
        network: a network (or its TOML) to record with the data.
        store: a folder for a Zarr store, readable by `xarray.open_zarr`; the dataset returned
            is then read from it as it is used.
        executor: from `concurrent.futures`, or a Dask `Client`; in this process when None. Pays
            for heavy points. Other processes must be able to import `point`. With a store,
            workers write into it themselves.
        **axes: values by parameter name: a sequence, a pair (values, unit), or a 1-D DataArray.
            The unit of a pair is a label for what `point` takes, and converts nothing: it gets 5
            of ([5.0], "mK"), which `si((5.0, "mK"), "kelvin")` converts. A pint array, or texts
            such as "2 MHz", keep their unit as the label, and `point` gets SI numbers.

    Returns:
        Dataset with one dimension per axis, in the order given; attributes record the package
        version, date, parameters, and network.

    Raises:
        ArgumentError: for an axis that `point` does not take, or that is not a list of numbers;
            for a store of another sweep, in use by another process, or that cannot be written.

    >>> import qcascade as qc
    >>> def point(rate, occupation):
    ...     net = qc.Network({"m": qc.cavity(decay=rate, occupation=occupation)})
    ...     state = qc.steady_state(qc.gaussian(net))
    ...     return {"n": qc.measures.occupation(state, "m"), "stable": state.stable}
    >>> data = qc.sweep(point, rate=([0.1, 0.2, 0.3], "κ"), occupation=[0.0, 1.5])
    >>> data.n.sel(occupation=1.5).values.round(12)
    array([1.5, 1.5, 1.5])
    """
    progress = flag("progress", progress)
    return over(axes, point, count("chunk", chunk), progress, network, store, executor)


def over(
    axes: Mapping[str, Any],
    point: Point,
    chunk: int,
    progress: bool,
    network: Network | str | None,
    store: str | Path | None = None,
    executor: Any = None,
) -> "xr.Dataset":
    if not isinstance(network, Network | str | None):
        raise fail("network", "be a Network, or its TOML", network)
    store = None if store is None else as_path("store", store)
    for name in axes:
        check_name(name, "axes")
    check_takes(point, axes, "axes", "sweep", ("executor", "chunk", "store", "progress"))
    given = {name: _axis(name, values) for name, values in axes.items()}
    axes = {name: x for name, (x, _) in given.items()}
    scales = {name: scale for name, (_, scale) in given.items() if scale is not None}
    if scales:
        point = update_wrapper(partial(_in_si, point, scales), point)
    grid = cut({name: x.values for name, x in axes.items()}, chunk)
    attrs = provenance(point, axes, network)
    if store is None:
        return _in_memory(point, axes, grid, attrs, progress, executor)
    from .store import opened, read  # with Zarr, which takes long to import

    units = {name: x.attrs for name, x in axes.items()}
    depends_on = _depends_on(point, axes, attrs["network"])
    with opened(store, grid, attrs, units, depends_on) as opened_store:
        _fill(opened_store, point, progress, executor)
    return read(opened_store.path, tuple(opened_store.forms))


def _in_memory(
    point: Point,
    axes: Mapping[str, "xr.DataArray"],
    grid: Grid,
    attrs: Mapping[str, Any],
    progress: bool,
    executor: Any,
) -> "xr.Dataset":
    import xarray as xr

    boxes: list[Mapping[str, Variable]] = [{}] * grid.count
    known: Mapping[str, Any] = {}
    items = ((index, grid.edges(index)) for index in range(grid.count))
    with (
        progress_bar(_label(point), progress) as tell,
        closing(finished(partial(evaluate, point), items, executor)) as results,
    ):
        tell(0, grid.count)
        for number, (index, box) in enumerate(results, 1):
            known = agree(known, forms_of(box), axes)
            boxes[index] = box
            tell(number, grid.count)
    variables = {}
    for name, form in known.items():
        data = np.concatenate([data_of(box, name, form.shape) for box in boxes])
        variables[name] = (
            (*grid.axes, *form.dims),
            data.reshape(grid.shape + form.shape),
            form.attrs,
        )
    return xr.Dataset(variables, dict(axes), attrs)


def _fill(store: "Store", point: Point, progress: bool, executor: Any) -> None:
    from .store import done, finish, mark

    grid, done_before = store.grid, done(store)
    todo = (k for k in range(grid.count) if k not in done_before)
    items = ((index, (grid.place(index), grid.edges(index))) for index in todo)
    work = partial(_keep, store.address, versions(), point)
    number = len(done_before)
    try:
        with (
            progress_bar(_label(point), progress and grid.count > number) as tell,
            closing(finished(work, items, executor)) as results,
        ):
            tell(number, grid.count)
            for index, forms in results:
                mark(store, index, forms)
                number += 1
                tell(number, grid.count)
    except BaseException as error:
        error.add_note(
            f"{store.path} keeps {number} of {grid.count} chunks; the same call goes on from there."
        )
        raise
    finish(store)


def _label(point: Point) -> str:
    return f"sweep {getattr(point, '__name__', 'point')}"


def _keep(
    address: Address,
    packages: Mapping[str, str],
    point: Point,
    item: tuple[tuple[int, ...], Mapping[str, np.ndarray]],
) -> Forms:
    """Evaluate a box and write it, wherever this runs."""
    if packages != versions():
        changed = differences(packages, versions())
        raise fail("executor", "have the packages of this process", "one with others", changed)
    place, edges = item
    points = tuple(len(x) for x in edges.values())
    return write(address, place, points, evaluate(point, edges))


def _depends_on(point: Point, axes: Mapping[str, "xr.DataArray"], network: str) -> dict[str, str]:
    """What a sweep must share with an earlier one to go on with it."""
    entries = {"axes": ", ".join(axes)}
    for name, x in axes.items():
        values = f"{len(x)} values from {x.values[0]:g} to {x.values[-1]:g}"
        exactly = digest(x.values.astype("<f8").tobytes())
        entries[f"axis {name}"] = f"{values} in units of {x.attrs['units']} ({exactly})"
    entries |= {f"version of {name}": text for name, text in versions().items()}
    return {**entries, "network": digest(network.encode()), **fingerprint(point)}


def nowhere(point: Point, first: Mapping[str, float]) -> ArgumentError:
    """What to say when a function of plain numbers, in `each`, has no answer anywhere.

    Args:
        point: the function.
        first: one of the points.
    """
    try:
        point(**first)
        reason = ""
    except ILL_POSED as error:
        reason = f" At {', '.join(f'{name} = {x:.6g}' for name, x in first.items())}: {error}"
    return ArgumentError(f"There is no steady state at any point of the axes.{reason}")


def _in_si(point: Point, scales: Mapping[str, float], /, **columns: Any) -> Mapping[str, Any]:
    """The point function, given in SI units what its axes have in units of their own."""
    columns |= {name: in_si(columns[name], scale) for name, scale in scales.items()}
    return point(**columns)


def _axis(name: str, values: Any) -> "tuple[xr.DataArray, float | None]":
    """An axis, and the SI value of its unit where it came with one."""
    import xarray as xr

    label, unit, scale = None, "1", None
    pair = isinstance(values, tuple) and len(values) == 2 and isinstance(values[1], str)
    if pair and not isinstance(values[0], str):
        values, label = values
    with_unit = axis(f"axes[{name}]", values, label)
    if with_unit is not None:
        values, unit, scale = with_unit
    elif label is not None:
        unit = label
    attrs = dict(values.attrs) if isinstance(values, xr.DataArray) else {}
    array = number(f"axes[{name}]", getattr(values, "values", values), "a list of numbers")
    if not array.size:
        raise fail(f"axes[{name}]", "be a list of numbers, one or more", "an empty list")
    if array.ndim != 1:
        raise fail(f"axes[{name}]", "be a list of numbers (one dimension)", array.shape)
    steps = np.diff(array)
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise fail(f"axes[{name}]", "go one way, each value once", array)
    return xr.DataArray(array, dims=name, attrs={"units": unit, **attrs}), scale


def provenance(point: Point, grid: Mapping[str, Any], network: Any) -> dict[str, str]:
    """What a dataset says of where it comes from.

    Args:
        point: the function that computed it.
        grid: coordinates by axis, with their units.
        network: what it is about, or its TOML.
    """
    axes = {
        name: {"from": float(x[0]), "to": float(x[-1]), "points": len(x), "unit": x.attrs["units"]}
        for name, x in grid.items()
    }
    fixed = {
        name: p.default
        for name, p in inspect.signature(point).parameters.items()
        if name not in grid and p.default is not p.empty
    }
    return {
        "qcascade_version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "point": name_of(point),
        "parameters": json.dumps({"axes": axes, "fixed": fixed}, default=str, ensure_ascii=False),
        "network": to_toml(network) if isinstance(network, Network) else (network or "not given"),
    }


@spoken
def save(data: "xr.Dataset", path: str | Path) -> Path:
    """Write a dataset as netCDF, whole or not at all.

    Args:
        data: the dataset.
        path: file name, usually ending in ".nc"; folders are made.

    Raises:
        ArgumentError: for the ending of another format, or when the place cannot be written or
            has no room.
    """
    import xarray as xr
    from h5netcdf import CompatibilityError

    if not isinstance(data, xr.Dataset):
        raise fail("data", "be an xarray.Dataset", type(data).__name__)
    if isinstance(path, str | Path) and Path(path).suffix not in _NETCDF:
        must = "be a netCDF file, ending in .nc"
        raise fail("path", must, str(path), "to_pandas(data).to_csv(path) writes a table")
    with written_aside(path) as aside:
        words = sum(len(str(text).encode()) for text in data.attrs.values())
        check_room(aside, data.nbytes + words + _BESIDE)
        try:
            data.to_netcdf(aside, engine="h5netcdf")
        except (TypeError, ValueError, CompatibilityError) as error:
            must = "hold names, numbers and attributes that netCDF has"
            raise fail("data", must, listed(map(str, data.data_vars)), str(error)) from error
    return Path(path)
