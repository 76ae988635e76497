"""Sweep a point function over axes into an `xarray.Dataset` that says how it was made."""

import inspect
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import ArgumentError, UnstableError, count, fail, listed, nearest, number
from .measures import UNITS
from .netlist import Netlist, measure
from .network import Network
from .toml_writer import to_toml

if TYPE_CHECKING:
    import xarray as xr

CHUNK = 8192
"""Points at a time: enough to hide Python's own time, few enough to stay in the cache."""

Point = Callable[..., Mapping[str, Any]]


def sweep(
    point: Point,
    *,
    chunk: int = CHUNK,
    progress: bool = True,
    network: Network | str | None = None,
    **axes: Any,
) -> "xr.Dataset":
    """Evaluate a point function on the full grid of its axes.

    The grid is the outer product of the axes, taken in chunks; `point` gets one flat array
    per axis and returns arrays of the same length. Parts, networks and measures all broadcast,
    so an ordinary point function just works; wrap one that needs plain numbers in `each`.

    Args:
        point: function of the axes by name, returning a mapping from names to arrays (N,) or
            (N, …); or to tuples (dims of the trailing axes, array[, attributes]).
        chunk: grid points per call.
        progress: show a progress bar on a terminal.
        network: a network (or its TOML) to record with the data.
        **axes: values by parameter name: a sequence, a pair (values, unit), or a 1-D DataArray.

    Returns:
        Dataset with one dimension per axis, in the order given; attributes record the package
        version, date, parameters, and network.

    Raises:
        ArgumentError: for an axis that `point` does not take, or that is not a list of numbers.

    >>> import qcascade as qc
    >>> def point(rate, occupation):
    ...     net = qc.Network({"m": qc.cavity(decay=rate, occupation=occupation)})
    ...     state = qc.steady_state(qc.gaussian(net))
    ...     return {"n": qc.occupation(state, "m"), "stable": state.stable}
    >>> data = qc.sweep(point, rate=([0.1, 0.2, 0.3], "κ"), occupation=[0.0, 1.5])
    >>> data.n.sel(occupation=1.5).values.round(12)
    array([1.5, 1.5, 1.5])
    """
    return _over(axes, point, count("chunk", chunk), progress, network)


def _over(
    axes: Mapping[str, Any], point: Point, chunk: int, progress: bool, network: Network | str | None
) -> "xr.Dataset":
    import xarray as xr

    grid = {name: _axis(name, values) for name, values in axes.items()}
    _check_takes(point, grid)
    shape = tuple(len(axis) for axis in grid.values())
    flat = np.meshgrid(*[axis.values for axis in grid.values()], indexing="ij")
    columns = {name: x.ravel() for name, x in zip(grid, flat, strict=True)}
    collected: dict[str, list[Any]] = {}
    form: dict[str, tuple[tuple[str, ...], dict]] = {}
    for part in _tracked(range(0, int(np.prod(shape)), chunk), point, progress):
        here = {name: x[part : part + chunk] for name, x in columns.items()}
        for name, (dims, data, attrs) in _evaluate(point, here).items():
            form[name] = (dims, attrs)
            collected.setdefault(name, []).append(data)
    variables = {}
    for name, (dims, attrs) in form.items():
        data = np.concatenate(collected[name])
        variables[name] = ((*grid, *dims), data.reshape(shape + data.shape[1:]), attrs)
    return xr.Dataset(variables, dict(grid), _provenance(point, grid, network))


def sweep_netlist(netlist: Netlist, values: Mapping[str, float] | None = None) -> "xr.Dataset":
    """Sweep a network file over its own axes and measures.

    Args:
        netlist: from `netlist.load`.
        values: parameters that replace the file's own.

    Returns:
        Dataset as from `sweep`, with `stable` and one variable per measure.

    Raises:
        ArgumentError: when the file names no axis, more than two, or no measure.
    """
    check_sweepable(netlist, values)
    fixed = {**netlist.parameters, **(values or {})}

    def network(**swept: Any) -> dict[str, Any]:
        state = netlist.steady_state({**fixed, **swept})
        found = {name: measure(state, table) for name, table in netlist.measures.items()}
        return {"stable": getattr(state, "stable", True), **found}

    one_by_one = netlist.is_quantum(netlist.network(fixed))
    point, chunk = (each(network), 1) if one_by_one else (network, CHUNK)
    data = _over(netlist.axes, point, chunk, True, netlist.text)
    for name, table in netlist.measures.items():
        data[name].attrs["units"] = UNITS[table["measure"]]
    data.attrs["fixed"] = json.dumps({k: v for k, v in fixed.items() if k not in netlist.axes})
    return data


def check_sweepable(netlist: Netlist, values: Mapping[str, float] | None = None) -> None:
    """Find out before any work whether a file says what to sweep and what to measure.

    Args:
        netlist: from `netlist.load`.
        values: parameters to be replaced; swept ones cannot be.

    Raises:
        ArgumentError: when it does not.
    """
    if netlist.matrices is not None:
        raise ArgumentError("Argument `file` must hold `parts`, but it holds `matrices`.")
    for name in values or {}:
        if name in netlist.axes:
            raise fail("settings", "not set what the file sweeps", name, "under `axes`")
    if not 1 <= len(netlist.axes) <= 2:
        raise fail("axes", "be one or two sections [axes.NAME] of the file", list(netlist.axes))
    if not netlist.measures:
        raise ArgumentError("Argument `measures` must be a section of the file, but is missing.")


def each(point: Point) -> Point:
    """A point function for arrays out of one for plain numbers, called point by point.

    A point that raises `UnstableError` becomes NaN with `stable=False`.

    Args:
        point: function of numbers returning a mapping from names to numbers or arrays.

    >>> def slow(x):
    ...     return {"root": x**0.5 if x > 0 else 0.0}
    >>> each(slow)(x=np.array([4.0, -1.0]))["root"]
    array([2., 0.])
    """

    if not callable(point):
        raise fail("point", "be a function", point)

    @wraps(point)
    def batched(**columns: Any) -> dict[str, Any]:
        rows: list[Mapping[str, Any] | None] = []
        for values in zip(*columns.values(), strict=True):
            try:
                rows.append(point(**dict(zip(columns, map(float, values), strict=True))))
            except UnstableError:
                rows.append(None)
        known = next((row for row in rows if row is not None), {})
        result = {name: np.stack([_or_nan(row, name, known) for row in rows]) for name in known}
        if any(row is None for row in rows):
            result["stable"] = np.array(
                [row is not None and row.get("stable", True) for row in rows]
            )
        return result

    return batched


def _or_nan(row: Mapping[str, Any] | None, name: str, known: Mapping[str, Any]) -> Any:
    return np.full(np.shape(known[name]), np.nan) if row is None else np.asarray(row[name])


def _axis(name: str, values: Any) -> "xr.DataArray":
    import xarray as xr

    unit = "1"
    if isinstance(values, tuple) and len(values) == 2 and isinstance(values[1], str):
        values, unit = values
    attrs = dict(values.attrs) if isinstance(values, xr.DataArray) else {}
    array = number(f"axes[{name}]", getattr(values, "values", values), "a list of numbers")
    if array.ndim != 1 or not array.size:
        raise fail(f"axes[{name}]", "be a list of numbers (one dimension)", array.shape)
    steps = np.diff(array)
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise fail(f"axes[{name}]", "go one way, each value once", array)
    return xr.DataArray(array, dims=name, attrs={"units": unit, **attrs})


def _check_takes(point: Point, grid: Mapping[str, Any]) -> None:
    if not callable(point):
        raise fail("point", "be a function", point)
    if not grid:
        raise ArgumentError("Argument `axes` must name at least one parameter to sweep.")
    takes = inspect.signature(point).parameters
    if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in takes.values()):
        return
    for name in grid:
        if name not in takes:
            known = f"parameters: {listed(takes)}{nearest(name, takes)}"
            raise fail("axes", f"name parameters of {_name_of(point)}", name, known)
    for name, p in takes.items():
        if p.default is p.empty and name not in grid:
            raise fail("axes", f"give every parameter of {_name_of(point)} without a default", name)


def _tracked(starts: range, point: Point, progress: bool) -> Iterator[int]:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    label = f"sweep {getattr(point, '__name__', 'point')}"
    shown = progress and console.is_terminal and len(starts) > 1
    return iter(track(starts, label, console=console, transient=True, disable=not shown))


def _evaluate(
    point: Point, here: Mapping[str, Any]
) -> dict[str, tuple[tuple[str, ...], Any, dict]]:
    size = len(next(iter(here.values())))
    try:
        values = point(**here)
    except (TypeError, ValueError) as error:
        # What Python and NumPy say when a function for plain numbers meets an array.
        if "truth value" in str(error) or "only 0-dimensional" in str(error):
            must = "take arrays (wrap a function for plain numbers in `each`)"
            raise fail("point", must, _name_of(point), str(error)) from error
        raise
    if not isinstance(values, Mapping):
        raise fail("point", "return a mapping from names to arrays", type(values).__name__)
    for name in values:
        if name in here:
            raise fail("point()", "return names that are not axes", name)
    return {name: _variable(name, value, size) for name, value in values.items()}


def _variable(name: str, value: Any, size: int) -> tuple[tuple[str, ...], Any, dict]:
    dims, data, attrs = None, value, {}
    if isinstance(value, tuple):
        dims, data, *rest = value
        dims = (dims,) if isinstance(dims, str) else tuple(dims)
        attrs = dict(rest[0]) if rest else {}
    data = np.asarray(data)
    if data.ndim == 0:  # the same everywhere
        data = np.broadcast_to(data, (size,))
    if data.shape[0] != size:
        raise fail(
            f"point()[{name}]",
            f"have {size} rows, one per grid point of the chunk (or wrap the function in `each`)",
            data.shape,
        )
    if dims is None:
        dims = tuple(f"{name}_dim{k}" for k in range(data.ndim - 1))
    if len(dims) != data.ndim - 1:
        raise fail(f"point()[{name}]", f"name {data.ndim - 1} trailing dimensions", dims)
    return dims, data, attrs


def _provenance(point: Point, grid: Mapping[str, Any], network: Any) -> dict[str, str]:
    from . import __version__

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
        "point": _name_of(point),
        "parameters": json.dumps({"axes": axes, "fixed": fixed}, default=str, ensure_ascii=False),
        "network": to_toml(network) if isinstance(network, Network) else (network or "not given"),
    }


def _name_of(point: Point) -> str:
    """Where a function is from; a `functools.partial` is known by what it wraps."""
    inner = getattr(point, "func", point)
    return f"{inner.__module__}.{getattr(inner, '__qualname__', type(inner).__name__)}"


def save(data: "xr.Dataset", path: str | Path) -> Path:
    """Write a dataset as netCDF, whole or not at all.

    Args:
        data: the dataset.
        path: file name, usually ending in ".nc"; folders are made.

    Raises:
        ArgumentError: when the place cannot be written.
    """
    import xarray as xr

    if not isinstance(data, xr.Dataset):
        raise fail("data", "be an xarray.Dataset", type(data).__name__)
    with written_aside(path) as aside:
        data.to_netcdf(aside, engine="h5netcdf")
    return Path(path)


def check_writable(folder: str | Path) -> None:
    """Find out before a long computation whether its results can be written.

    Args:
        folder: where they will go; made if need be.

    Raises:
        ArgumentError: when the folder cannot be made or written.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(place: str | Path, error: OSError) -> ArgumentError:
    return fail("out", "be a place that can be written", str(place), str(error.strerror))


@contextmanager
def written_aside(path: str | Path) -> Iterator[Path]:
    """A temporary name beside `path` that takes its place on success and vanishes on failure.

    Args:
        path: the file to write.

    Raises:
        ArgumentError: when the folder cannot be made or written.
    """
    path = Path(path)
    if path.is_dir():
        raise fail("path", "name a file", str(path), "there is a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    except OSError as error:
        raise fail(
            "out", "be a place that can be written", str(path), str(error.strerror)
        ) from error
    os.close(handle)
    aside = Path(name)
    try:
        yield aside
        # mkstemp makes private files; results are for sharing, like any other written file.
        aside.chmod(0o666 & ~_umask())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
