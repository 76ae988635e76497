"""What leaves a paper's network, as one more figure: spectra of outputs, and their sidebands."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..linear.model import GaussianModel
from ..lyapunov.solve import growth
from ..papers import Plate, spectra
from ..papers.data import described, plate
from ..papers.records import Setting, System
from ..plots.records import Curves

if TYPE_CHECKING:
    import xarray as xr

PAIRS = 6
"""So many pairs of sidebands are drawn: those that are entangled most."""


def leaving_plate(system: System) -> Plate | None:
    """The figure of noise, photons and entangled sidebands; None without a steady, open model.

    Args:
        system: of a paper; its parameters stay where they start.

    >>> from ..papers import paper
    >>> leaving_plate(paper("liu2024").SYSTEM).caption
    'what leaves: noise, photons, entangled sidebands'
    >>> leaving_plate(paper("agusti2023").SYSTEM) is None
    True
    """
    for setting, model in spectra.open_readings(system):
        axis = spectra.reach(model, spectra.unit_of(system, model, setting))
        if axis is not None and growth(model.A) < 0:
            return plate(
                "what leaves: noise, photons, entangled sidebands",
                partial(_data, model, axis, setting),
                Curves(("noise_x", "noise_p"), "frequency", hue="port", ylabel="noise [dB]"),
                Curves(("photons",), "frequency", hue="port", log=("y",)),
                Curves(("E_N",), "sideband", hue="pair"),
                title="{setting}",
                says=" ".join(map(str, setting.values())),
                fast={"points": 500},
            )
    return None


def _data(model: GaussianModel, axis: Any, setting: Setting, points: int = 1000) -> "xr.Dataset":
    """Spectra on both sides of the carrier, and sidebands above and below it by ω > 0."""
    import xarray as xr

    tables = spectra.tables(model.outputs)
    noise, sidebands = tables[spectra.SPECTRUM], tables[spectra.SIDEBANDS]
    top = float(np.max(axis.values))
    frequency, apart = np.linspace(-top, top, points), np.linspace(0, top, points + 1)[1:]
    left = spectra.leaving(model, noise[0], frequency * axis.scale)
    pairs = spectra.leaving(model, sidebands[0], apart * axis.scale)
    most = sorted(sidebands[0], key=lambda name: -np.max(pairs[name]))[:PAIRS]
    most = [name for name in most if np.any(pairs[name])] or most[:1]
    kinds = ("noise_x", "noise_p", "photons")
    data = xr.Dataset(
        {
            kind: (("port", "frequency"), [x for name, x in left.items() if name.startswith(kind)])
            for kind in kinds
        }
        | {"E_N": (("pair", "sideband"), [pairs[name] for name in most])},
        {
            "port": [x["port"] for name, x in noise[0].items() if name.startswith("photons")],
            "pair": ["{a}, {b}".format(**sidebands[0][name]) for name in most],
            "frequency": frequency,
            "sideband": apart,
        },
        {"setting": ", ".join(f"{name}: {x}" for name, x in setting.items())},
    )
    unit, omega = axis.unit or "rad/s", "ω" if axis.scale == 1 else "ω/2π"
    names = {
        "noise_x": ("noise of x, relative to the vacuum", "dB"),
        "noise_p": ("noise of p, relative to the vacuum", "dB"),
        "photons": ("photons per time and bandwidth", "1"),
        "E_N": ("E_N of one output at +ω, one at −ω", "nat"),
        "frequency": (f"frequency {omega}", unit),
        "sideband": (f"frequency {omega}", unit),
    }
    data = described(data, names)
    for name in ("frequency", "sideband"):
        data[name].attrs["symbol"] = omega
    return data
