"""Complex amplitudes as what is drawn of them: |S|², of every way from an input to an output."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

WAY = "way"
"""The axis of pairs of an output and an input."""


def powers(values: "xr.DataArray") -> "xr.DataArray":
    """|S|² of complex values; outputs and inputs beside another axis become one axis of ways.

    Ways that nothing takes anywhere are left out, unless there are no others.

    Args:
        values: of any kind; numbers that are not complex stay what they are.
    """
    if values.dtype.kind == "c":
        name = values.attrs.get("long_name", values.name)
        described = {**values.attrs, "long_name": f"|{name}|²"}
        values = (abs(values) ** 2).assign_attrs(described)
    if values.ndim != 3 or not {"output", "input"} <= set(values.dims):
        return values
    values = values.stack({WAY: ("output", "input")}, create_index=False)
    names = [f"{b} ← {a}" for b, a in zip(values.output.values, values.input.values, strict=True)]
    values = values.drop_vars(("output", "input")).assign_coords({WAY: names})
    taken = np.asarray(values.max([dim for dim in values.dims if dim != WAY]) > 0)
    return values.isel({WAY: taken}) if taken.any() else values
