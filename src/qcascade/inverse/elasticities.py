"""The record of a sensitivity: an output's derivatives by every parameter, the largest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.given_units import Unit
from .points import Numbers, in_unit

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """How much an output changes with every parameter; made by `sensitivity`.

    Args:
        of: name of the output.
        value: of the output.
        at: the parameters, in SI units where they were given with one.
        units: by parameter, the unit it was given in, and what that is in SI units.
        slopes: ∂f/∂x by parameter.
        elasticities: x ∂f/∂x, the change for a relative change of the parameter; ∂f/∂x itself
            where x = 0. By parameter, the largest first.
        absolute: the parameters that are zero.
        by: "reverse mode" (JAX), "differences", or "adjoint" (of `steady_gradient`).

    >>> from qcascade import sensitivity
    >>> slopes = sensitivity(lambda gain, loss: {"f": gain**2 * (1 - loss)}, {"gain": 3, "loss": 0})
    >>> print(slopes)
    Sensitivity of f = 9: df/d ln x, or df/dx at x = 0 (*)
      gain          +18     3
      loss *         -9     0
    """

    of: str
    value: float
    at: Mapping[str, float]
    units: Mapping[str, Unit]
    slopes: Mapping[str, float]
    elasticities: Mapping[str, float]
    absolute: tuple[str, ...]
    by: str

    def __repr__(self) -> str:
        names = {n: f"{n} *" if n in self.absolute else n for n in self.elasticities}
        width = max(map(len, names.values()))
        head = f"Sensitivity of {self.of} = {self.value:.8g}: d{self.of}/d ln x"
        head += f", or d{self.of}/dx at x = 0 (*)" if self.absolute else ""
        rows = [
            f"  {names[name]:<{width}} {x:>+12.6g}     "
            f"{in_unit(self.at[name], self.units.get(name), '.6g')}"
            for name, x in self.elasticities.items()
        ]
        return "\n".join([head, *rows])

    @property
    def data(self) -> "xr.Dataset":
        """Elasticity, slope and value by parameter, for tables; `figure` draws it as bars."""
        import xarray as xr

        names = list(self.elasticities)
        columns = {
            "elasticity": list(self.elasticities.values()),
            "slope": [self.slopes[name] for name in names],
            "value": [self.at[name] for name in names],
        }
        table = xr.Dataset({k: ("parameter", x) for k, x in columns.items()}, {"parameter": names})
        table["elasticity"].attrs["long_name"] = f"d {self.of}/d ln x"
        table.attrs |= {"of": self.of, "at": self.value, "by": self.by}
        return table


def sorted_slopes(
    of: str, value: float, numbers: Numbers, row: Any, slopes: Mapping[str, float], by: str
) -> Sensitivity:
    """The record of slopes, the largest elasticity first.

    Args:
        of: name of the output.
        value: of the output.
        numbers: the point function.
        row: values of the parameters.
        slopes: by parameter.
        by: how they were found.
    """
    given = dict(zip(numbers.names, row.tolist(), strict=True))
    scaled = {name: x * (given[name] or 1.0) for name, x in slopes.items()}
    order = sorted(scaled, key=lambda name: -abs(scaled[name]))
    return Sensitivity(
        of=of,
        value=value,
        at=numbers.labelled(row),
        units=numbers.units,
        slopes={name: slopes[name] for name in order},
        elasticities={name: scaled[name] for name in order},
        absolute=tuple(name for name in order if given[name] == 0),
        by=by,
    )
