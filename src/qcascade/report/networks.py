"""What a network file asks for, computed and written: a sweep of it, or a design."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..base.files import check_writable, put
from ..base.plain import plain
from ..base.version import __version__
from ..inverse.optimum import Design
from ..netlist.designed import check_designable, design_netlist
from ..netlist.network_file import Netlist
from ..netlist.run import check_sweepable, remarks, sweep_netlist
from ..plots.plot import figure, save_images
from ..sweeps.run import save

Written = Iterator[tuple[str, Path]]
"""What has been written, and where."""


def swept(
    netlist: Netlist,
    values: Mapping[str, Any],
    file: Path,
    folder: Path,
    store: Path | None,
    tell: Callable[[str], None],
) -> Written:
    """Sweep a file over its axes: netCDF, and a figure per measure.

    Args:
        netlist: from `netlist.load`.
        values: parameters that replace the file's own.
        file: what it is called.
        folder: for what is written.
        store: a folder that keeps what is finished.
        tell: gets what a reader of the numbers should know.

    Raises:
        ArgumentError: as `sweep_netlist`, or when the folder cannot be written.
    """
    check_sweepable(netlist, values)
    # A wrong file is told before a folder is made.
    if netlist.time is None:
        netlist.network(values) if netlist.matrices is None else netlist.model(values)
    check_writable(folder)
    data = sweep_netlist(netlist, values, store)
    yield "data  ", save(data, folder / f"{file.stem}.nc")
    for remark in remarks(data, file):
        tell(remark)
    for name in netlist.measures:
        yield "figure", save_images(figure(data, name), folder / f"{file.stem}-{name}")


def designed(
    netlist: Netlist,
    values: Mapping[str, Any],
    file: Path,
    folder: Path,
    store: Path | None,
    tell: Callable[[str], None],
) -> Written:
    """Design what a file asks for: a record (JSON), its history (netCDF), and a figure of that.

    Args:
        netlist: from `netlist.load`, with a section `design`.
        values: parameters that replace the file's own.
        file: what it is called.
        folder: for what is written.
        store: a file that keeps finished runs.
        tell: gets the record in words.

    Raises:
        ArgumentError: as `design_netlist`, or when the folder cannot be written.
        ConvergenceError: as `design_netlist`.
    """
    wish = check_designable(netlist, values)
    check_writable(folder)
    best = design_netlist(netlist, values, store)
    tell(str(best))
    stem = folder / f"{file.stem}-design"
    text = json.dumps(record(best), indent=1, ensure_ascii=False)
    put(path := stem.with_name(f"{stem.name}.json"), text.encode())
    yield "record", path
    about = {"network": netlist.text, "record": text, "qcascade_version": __version__}
    history = best.history.assign_attrs(about)
    history.best.attrs["long_name"] = f"best {' and '.join(wish.goals)} so far"
    yield "data  ", save(history, stem.with_name(f"{stem.name}.nc"))
    yield "figure", save_images(figure(history, "best", hue="run"), stem)


def record(best: Design) -> dict[str, Any]:
    """A design as JSON has it, all but its history: parameters in units of one's own.

    Args:
        best: the design.
    """
    scales = {name: best.units.get(name, ("1", 1.0)) for name in best.at}
    entry = {
        "at": {name: float(x) / scales[name][1] for name, x in best.at.items()},
        "units": {name: unit for name, (unit, _) in scales.items()},
        "value": best.value,
        "small": best.small,
        "values": best.values,
        "active": best.active,
        "ended": best.ended,
        "floor": best.floor,
        "growth": best.growth,
        "runs": best.runs,
        "difference": best.difference,
        "evaluated": best.evaluated,
        "seed": best.seed,
        "probability": best.probability,
    }
    return plain(entry, lambda x: None if x != x else str(x))
