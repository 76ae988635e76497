"""Datasets as tidy tables: a row for every grid point, units in the header."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.files import written_aside
from .datasets import to_pandas

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def tables(data: "xr.Dataset") -> "list[pd.DataFrame]":
    """A dataset as tidy tables: a row for every grid point, a column for every variable.

    Variables share a table when their axes are among those of the largest one in it, and are
    repeated along the others; a dataset over two unrelated grids makes two tables. Headers
    carry units, "E_N [nat]".

    Args:
        data: the dataset.

    >>> import xarray as xr
    >>> data = xr.Dataset({"E_N": ("t", [0.0, 0.5], {"units": "nat"})}, {"t": [1.0, 2.0]})
    >>> tables(data)[0].to_csv(index=False).split()
    ['t,E_N', '[nat]', '1.0,0.0', '2.0,0.5']
    """
    grids: dict[frozenset[Any], list[Any]] = {}
    for name in sorted(data.data_vars, key=lambda x: -data[x].ndim):
        dims = frozenset(data[name].dims)
        home = next((grid for grid in grids if dims <= grid), dims)
        grids.setdefault(home, []).append(name)
    order = list(data.data_vars)
    return [to_pandas(data[sorted(names, key=order.index)]) for names in grids.values()]


def write_csv(data: "xr.Dataset", path: Path) -> list[Path]:
    """Write the tables of a dataset: NAME.csv, and NAME_2.csv … for further grids.

    Args:
        data: the dataset.
        path: of the first table.

    Returns:
        The files.

    Raises:
        ArgumentError: when the place cannot be written.
    """
    files = []
    for number, table in enumerate(tables(data), 1):
        file = path if number == 1 else path.with_stem(f"{path.stem}_{number}")
        write_table(table, file)
        files.append(file)
    return files


def write_table(table: "pd.DataFrame", path: Path) -> None:
    """Write one table as CSV, in UTF-8.

    Args:
        table: the table.
        path: the file.

    Raises:
        ArgumentError: when the place cannot be written.
    """
    with written_aside(path) as aside:
        table.to_csv(aside, index=False, encoding="utf-8", lineterminator="\n")
