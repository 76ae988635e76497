"""Gaussian states as xarray datasets, and sweeps as pandas tables; and both back."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ArgumentError, fail, listed, number
from ..base.keywords import spoken
from ..base.names import mode_names
from ..linear.state import GaussianState

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

_ROW, _COLUMN = "quadrature", "quadrature_2"
_CONVENTION = "V = <{dR, dR^T}>/2, [x, p] = i, vacuum 1/2, x = (a + a^dagger)/sqrt(2)"


@spoken
def to_xarray(state: GaussianState, **axes: Any) -> "xr.Dataset":
    """A Gaussian state, or a batch with named axes, as a dataset.

    Variables `mean` (…, quadrature), `cov` (…, quadrature, quadrature_2) and `stable` (…), with
    V = ½⟨{δR, δRᵀ}⟩ and vacuum ½. The quadratures are named "left.a.x", "left.a.p", …; a
    coordinate `mode` says whose they are. Only numbers and names: netCDF and JSON hold them.

    Args:
        state: the state; its batch has one axis per name in `axes`.
        **axes: values by name, in the order of the batch's axes, as `sweep` takes them: a
            sequence or a pair (values, unit). Axes that are not given are called axis_0, axis_1, ….

    Returns:
        An `xarray.Dataset`.

    Raises:
        ArgumentError: when axes do not fit the batch.

    >>> from qcascade import thermal
    >>> data = to_xarray(thermal("m", [[0.0], [2.0]]), temperature=([0.0, 3.0], "K"))
    >>> data.cov.sel(temperature=3.0, quadrature="m.x", quadrature_2="m.x").item()
    2.5
    """
    import xarray as xr

    if not isinstance(state, GaussianState):
        raise fail("state", "be a GaussianState", state)
    shape = np.shape(state.stable)
    if axes and len(axes) != len(shape):
        raise fail("axes", f"name the {len(shape)} axes of the batch {shape}", list(axes))
    coordinates = {
        name: _axis(name, values, size)
        for (name, values), size in zip(axes.items(), shape, strict=bool(axes))
    }
    dims = tuple(axes) or tuple(f"axis_{k}" for k in range(len(shape)))
    names = [f"{mode}.{kind}" for mode in state.modes for kind in "xp"]
    owners = np.repeat(np.asarray(state.modes), 2)
    return xr.Dataset(
        {
            "mean": ((*dims, _ROW), np.asarray(state.mean), {"units": "1"}),
            "cov": ((*dims, _ROW, _COLUMN), np.asarray(state.cov), {"units": "1"}),
            "stable": (dims, np.asarray(state.stable)),
        },
        {**coordinates, _ROW: names, _COLUMN: names, "mode": (_ROW, owners)},
        {"convention": _CONVENTION},
    )


def _axis(name: str, values: Any, size: int) -> Any:
    """A coordinate, from values or (values, unit)."""
    if name in (_ROW, _COLUMN, "mode", "mean", "cov", "stable"):
        raise fail("axes", "have names that the dataset does not need itself", name)
    unit = "1"
    if isinstance(values, tuple) and len(values) == 2 and isinstance(values[1], str):
        values, unit = values
    array = number(f"axes[{name}]", getattr(values, "values", values), "a list of numbers")
    if array.shape != (size,):
        raise fail(f"axes[{name}]", f"have shape ({size},), as the batch", array.shape)
    return (name, array, {"units": unit, **getattr(values, "attrs", {})})


@spoken
def from_xarray(data: "xr.Dataset") -> GaussianState:
    """The Gaussian state, or the batch, that a dataset of `to_xarray` holds.

    The quadratures are found by their names, so that a dataset that was sorted, transposed or
    selected from is read as it is meant; axes other than theirs become those of the batch.

    Args:
        data: variables `mean`, `cov` and, unless missing numbers tell, `stable`.

    Raises:
        ArgumentError: when a variable or a quadrature is missing.

    >>> from qcascade import two_mode_squeezed
    >>> state = two_mode_squeezed(["a", "b"], 0.5)
    >>> from_xarray(to_xarray(state).sortby("quadrature")).modes
    ('a', 'b')
    """
    _check_dataset(data)
    for name, own in (("mean", (_ROW,)), ("cov", (_ROW, _COLUMN))):
        if name not in data or not set(own) <= set(data[name].dims) & set(data.coords):
            raise fail("data", f"hold `{name}` over {listed(own)}", listed(map(str, data)))
    modes, wanted = _quadratures(data)
    data = data.sel({_ROW: wanted, _COLUMN: wanted})
    stable = data["stable"] if "stable" in data else data["mean"].notnull().all(_ROW)
    parts = (data["cov"], data["mean"], stable)
    dims = dict.fromkeys(d for x in parts for d in x.dims if d not in (_ROW, _COLUMN))
    cov, mean, stable = (
        x.expand_dims({d: data.sizes[d] for d in dims if d not in x.dims}) for x in parts
    )
    return GaussianState(
        modes,
        mean.transpose(*dims, _ROW).values,
        cov.transpose(*dims, _ROW, _COLUMN).values,
        stable.transpose(*dims).values.astype(bool),
    )


def _quadratures(data: "xr.Dataset") -> tuple[tuple[str, ...], list[str]]:
    """Modes in their order of appearance, and the labels of their x and p."""
    labels = [str(label) for label in data[_ROW].values]
    modes = mode_names(dict.fromkeys(label.rpartition(".")[0] for label in labels))
    wanted = [f"{mode}.{kind}" for mode in modes for kind in "xp"]
    if sorted(wanted) != sorted(labels) or sorted(labels) != sorted(map(str, data[_COLUMN].values)):
        raise fail("data", "have x and p of every mode, in rows and columns alike", labels)
    return modes, wanted


def _check_dataset(data: Any) -> None:
    import xarray as xr

    if not isinstance(data, xr.Dataset):
        raise fail("data", "be an xarray.Dataset", type(data).__name__)


@spoken
def to_pandas(data: "xr.Dataset") -> "pd.DataFrame":
    """A sweep as a tidy table: one row per point, a column per axis and per variable.

    Units stand in the labels, "detuning [MHz]"; "1" is left out. What a table has no place for —
    which columns are axes, over which of them a variable varies, attributes — goes to the
    table's `attrs`, where `from_pandas` finds it.

    Args:
        data: dataset as `sweep` and `to_xarray` make them; every dimension becomes a column.

    Returns:
        A `pandas.DataFrame`, axes first, last axis fastest.

    Raises:
        ArgumentError: when it is no dataset, or two columns would have the same label.

    >>> import xarray as xr
    >>> data = xr.Dataset({"E_N": ("phase", [0.1, 0.2])})
    >>> data = data.assign_coords(phase=("phase", [0.0, 1.0], {"units": "rad"}))
    >>> to_pandas(data).columns.tolist()
    ['phase [rad]', 'E_N']
    """
    _check_dataset(data)
    dims = [str(d) for d in data.dims]
    flat = data.assign_coords({d: np.arange(data.sizes[d]) for d in dims if d not in data.coords})
    others = [str(name) for name in flat.coords if name not in dims]
    flat = flat.reset_coords(others)
    frame = flat.to_dataframe(dim_order=dims).reset_index() if dims else _one_row(flat)
    columns = [*dims, *map(str, flat.data_vars)]
    labels = [_label(name, flat[name].attrs.get("units", "1")) for name in columns]
    if len(set(labels)) < len(labels):
        raise fail("data", "have variables with different names and units", labels)
    frame = frame.reindex(columns=columns).set_axis(labels, axis=1)
    frame.attrs = {
        "axes": dims,
        "coordinates": others,
        "counted": [d for d in dims if d not in data.coords],
        "dims": {name: [str(d) for d in flat[name].dims] for name in columns},
        "variables": {name: dict(flat[name].attrs) for name in columns},
        "dataset": dict(data.attrs),
    }
    return frame


def _one_row(data: "xr.Dataset") -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame({name: [x.item()] for name, x in data.data_vars.items()})


def _label(name: str, unit: Any) -> str:
    return name if unit in ("", "1", None) else f"{name} [{unit}]"


@spoken
def from_pandas(frame: "pd.DataFrame", axes: Iterable[str] | None = None) -> "xr.Dataset":
    """A dataset from a tidy table, as `to_pandas` makes it or a file holds it.

    Points of the grid that have no row are NaN, and not stable.

    Args:
        frame: one row per point; labels may end in a unit, "detuning [MHz]".
        axes: names of the columns that are axes, without units; taken from `frame.attrs` when
            omitted, which a table has from `to_pandas` but not from a CSV file.

    Returns:
        An `xarray.Dataset` with one dimension per axis.

    Raises:
        ArgumentError: when axes are not given or unknown, or a point has two rows.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"phase [rad]": [0.0, 1.0], "E_N": [0.1, 0.2]})
    >>> from_pandas(frame, axes=["phase"]).E_N.sel(phase=1.0).item()
    0.2
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise fail("frame", "be a pandas.DataFrame", type(frame).__name__)
    units = dict(_named(label) for label in frame.columns)
    if len(units) < len(frame.columns):
        raise fail("frame", "have different names for columns, units aside", list(frame.columns))
    known: dict[str, Any] = {str(key): value for key, value in frame.attrs.items()}
    names = _axes(axes, known, list(units))
    plain = frame.set_axis(list(units), axis=1)
    _check_points(plain, names)
    return _restored(_gridded(plain, names), units, known)


def _named(label: Any) -> tuple[str, str]:
    """Name and unit of a column."""
    match = re.fullmatch(r"(.+) \[([^\[\]]*)\]", str(label))
    return (match[1], match[2] or "1") if match else (str(label), "1")


def _axes(axes: Any, known: Mapping[str, Any], columns: list[str]) -> list[str]:
    if axes is None and "axes" not in known:
        raise ArgumentError(
            "Argument `axes` must name the columns that are axes, but is None "
            f"(columns: {listed(columns)})."
        )
    chosen = known["axes"] if axes is None else [axes] if isinstance(axes, str) else axes
    if not isinstance(chosen, Iterable) or isinstance(chosen, bytes | Mapping):
        raise fail("axes", "be a list of columns", axes)
    chosen = list(chosen)
    for name in chosen:
        if not isinstance(name, str) or name not in columns or chosen.count(name) > 1:
            must = "name columns of the table, without units, each once"
            raise fail("axes", must, name, f"columns: {listed(columns)}")
    return chosen


def _check_points(frame: "pd.DataFrame", names: list[str]) -> None:
    for name in names:
        if np.any(frame[name].isna().to_numpy()):
            raise fail("frame", f"have a value of {name} in every row", "one without")
    if not names and len(frame) > 1:
        raise fail("axes", "name at least one column for a table of several rows", names)
    if not len(frame):
        raise fail("frame", "have one row per point", "0 rows")
    twice = frame.duplicated(names).to_numpy() if names else np.zeros(1, bool)
    if twice.any():
        row = int(np.argmax(twice))
        point = ", ".join(f"{name} = {frame[name].iloc[row]}" for name in names)
        raise fail("frame", "have one row per point", f"two for {point}")


def _gridded(frame: "pd.DataFrame", names: list[str]) -> "xr.Dataset":
    """The columns over the grid of their axes, each axis in its order of appearance."""
    import pandas as pd
    import xarray as xr

    factors = [pd.factorize(frame[name]) for name in names]
    shape = tuple(len(values) for _, values in factors)
    places = tuple(codes for codes, _ in factors)
    axes = {name: np.asarray(values) for name, (_, values) in zip(names, factors, strict=True)}
    variables: dict[str, Any] = {}
    for name in (str(column) for column in frame.columns if column not in names):
        column = frame[name].to_numpy()
        missing = int(np.prod(shape)) > len(column)
        kind = float if missing and column.dtype.kind in "iu" else column.dtype
        data = np.empty(shape, kind)
        if missing:
            data[...] = False if column.dtype == bool else np.nan
        data[places] = column if names else column[0]
        variables[name] = (names, data)
    return xr.Dataset(variables, axes)


def _restored(
    data: "xr.Dataset", units: Mapping[str, str], known: Mapping[str, Any]
) -> "xr.Dataset":
    """Units, attributes, and the dimensions that a variable had before it became a column."""
    dims = known.get("dims", {})
    for name in list(map(str, data.data_vars)):
        spare = {d: 0 for d in data[name].dims if name in dims and d not in dims[name]}
        data[name] = data[name].isel(spare, drop=True)
    for name, unit in units.items():
        attrs = {"units": unit} if name in data.coords or unit != "1" else {}
        data[name].attrs = dict(known.get("variables", {}).get(name, attrs))
    data = data.set_coords([name for name in known.get("coordinates", ()) if name in data])
    data = data.drop_vars([d for d in known.get("counted", ()) if d in data.coords])
    return data.assign_attrs(known.get("dataset", {}))
