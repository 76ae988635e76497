"""What is shown, for the disk: figure, data, and the script that makes them again."""

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.checks import one_of
from ..base.version import __version__
from ..netlist.axes import FREQUENCY
from ..plots.plot import figure, plain
from ..sweeps.run import save
from .shown import Swept, View, labels, parameter_of, quantity_of
from .systems import arguments

if TYPE_CHECKING:
    import xarray as xr

FORMATS = ("png", "svg", "pdf")
"""What a figure can be written as."""


def stem(view: View) -> str:
    """The name of the files, without an ending.

    Args:
        view: what is shown.
    """
    return "-".join([view.study.key.replace(" ", "-"), view.quantity])


def figure_bytes(view: View, data: "xr.Dataset", ending: str) -> bytes:
    """The figure as the library draws it.

    Args:
        view: what is shown.
        data: its dataset.
        ending: one of `FORMATS`.
    """
    from io import BytesIO

    one_of("ending", ending, FORMATS)
    drawing, stream = figure(data, view.quantity), BytesIO()
    drawing.axes[0].set_title(plain(view.study.title), fontsize=8)
    drawing.savefig(stream, format=ending)
    return stream.getvalue()


def netcdf_bytes(data: "xr.Dataset") -> bytes:
    """The dataset as a netCDF file.

    Args:
        data: dataset of a view.
    """
    with tempfile.TemporaryDirectory() as folder:
        return save(data, Path(folder) / "data.nc").read_bytes()


def csv_text(data: "xr.Dataset") -> str:
    """One line per grid point; the first line says what the columns are.

    Args:
        data: dataset of a view.

    >>> import qcascade as qc
    >>> print(csv_text(qc.sweep(lambda x: {"y": x**2}, x=([1.0, 2.0], "m"))).replace(chr(13), ""))
    x [m],y
    1.0,1.0
    2.0,4.0
    <BLANKLINE>
    """
    table = data.to_dataframe().reset_index()
    units = {str(name): data[name].attrs.get("units", "1") for name in table.columns}
    return table.rename(
        columns={name: f"{name} [{unit}]" for name, unit in units.items() if unit not in ("", "1")}
    ).to_csv(index=False)


def script(view: View) -> str:
    """Python that computes what is shown, to the last bit, and writes the figure and the data.

    Args:
        view: what is shown.
    """
    wanted, name = quantity_of(view), view.quantity
    swept = [axis.name for axis in view.axes]
    fixed = {
        key: value
        for key, value in arguments(view.study, view.setting, view.values).items()
        if key not in swept
    }
    function = "shown" if view.study.system.broadcasts else "qc.each(shown)"
    index = "".join(f", {k}" for k in wanted.entry)
    value = f'np.asarray(found["{wanted.source}"])[...{index}]'
    lines = [
        f'"""{_heading(view)}"""',
        "",
        *_imports(view),
        "",
        f"FIXED = {_literal(fixed)}",
        "",
        "",
        f"def shown({', '.join(swept)}):",
        f"    found = point(**FIXED, {', '.join(_argument(view, x) for x in swept)})",
        f'    return {{"{name}": {value}, "stable": found.get("stable", True)}}',
        "",
        "",
        "data = qc.sweep(",
        f"    {function},",
        "    progress=False,",
        *(f"    {_axis(view, axis)}," for axis in view.axes),
        ")",
        f"LABELS = {_literal(labels(view))}",
        "data = describe(data, LABELS)",
        "",
        'if __name__ == "__main__":',
        f'    qc.save(data, "{stem(view)}.nc")',
        f'    qc.figure(data, "{name}").savefig("{stem(view)}.png")',
        "",
    ]
    return "\n".join(lines)


def _heading(view: View) -> str:
    title = view.study.title.replace("\\", " ").replace('"', "'")
    over = " and ".join(axis.name for axis in view.axes)
    return f"{title}: {quantity_of(view).symbol} over {over} (qcascade {__version__})."


def _imports(view: View) -> list[str]:
    """Where `point` comes from: the paper's module, or the file, which is quoted whole."""
    head = ["import numpy as np", "", "import qcascade as qc"]
    netlist = view.study.netlist
    if netlist is None and view.quantity in view.study.measures:
        return [*head, *_leaving(view)]
    if netlist is None:
        home = view.study.system.point.__module__
        name = view.study.system.point.__name__
        return [*head, f"from {home} import {name}", "from qcascade.plots.plot import describe"]
    table = view.study.measures.get(view.quantity)
    if netlist.time is not None:
        return [*head, *_in_time(view, netlist.text, table)]
    known = {p.name for p in view.study.system.parameters(view.setting)}
    spectral = netlist.frequency is not None and FREQUENCY in known
    frequency, given = ("frequency, ", ", frequency") if spectral else ("", "")
    return [
        *head,
        "from qcascade.netlist.load import load",
        "from qcascade.netlist.measures import measured",
        "from qcascade.plots.plot import describe",
        *_quoted(view, netlist.text, table),
        f"def point({frequency}**values):",
        f"    return measured(NETWORK, MEASURES, values{given})",
        "",
    ]


def _leaving(view: View) -> list[str]:
    """What leaves a paper's network."""
    return [
        "from qcascade.papers.spectra import leaving",
        "from qcascade.papers import paper",
        "from qcascade.plots.plot import describe",
        "",
        f'MODEL = paper("{view.study.key}").SYSTEM.model',
        f"MEASURES = {_literal({view.quantity: dict(view.study.measures[view.quantity])})}",
        "",
        "",
        "def point(frequency, **values):",
        "    return leaving(MODEL(**values), MEASURES, frequency)",
        "",
    ]


def _quoted(view: View, text: str, table: Mapping[str, Any] | None) -> list[str]:
    """The file, whole, and the measure that is looked at."""
    return [
        "",
        "NETWORK = load(",
        *(f"    {line!r}" for line in text.splitlines(keepends=True)),
        ")",
        f"MEASURES = {_literal({view.quantity: dict(table)} if table else {})}",
        "",
        "",
    ]


def _in_time(view: View, text: str, table: Mapping[str, Any] | None) -> list[str]:
    """The file, quoted whole, and its measure at one of its times."""
    return [
        "from qcascade.netlist.at_time import measured_at",
        "from qcascade.netlist.load import load",
        "from qcascade.plots.plot import describe",
        *_quoted(view, text, table),
        "def point(**values):",
        "    return measured_at(NETWORK, MEASURES, values)",
        "",
    ]


def _argument(view: View, name: str) -> str:
    scale = parameter_of(view, name).scale
    return f"{name}={name}" if scale == 1 else f"{name}={name} * {float(scale)!r}"


def _axis(view: View, axis: Swept) -> str:
    name, low, high, points = axis
    parameter = parameter_of(view, name)
    spread = "geomspace" if parameter.logarithmic else "linspace"
    return f'{name}=(np.{spread}({float(low)!r}, {float(high)!r}, {points}), "{parameter.unit}")'


def _literal(table: Mapping[str, Any]) -> str:
    """A table as Python spells it, one entry a line; infinity has no literal of its own."""
    rows = (f'    "{name}": {_spelled(value)},' for name, value in table.items())
    return "\n".join(["{", *rows, "}"])


def _spelled(value: Any) -> str:
    endless = isinstance(value, float) and not math.isfinite(value)
    return f'float("{value}")' if endless else repr(value)
