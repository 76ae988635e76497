"""Which link limits: the derivatives of one output by every parameter, the largest first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.units import Unit
from ..sweeps.points import Point
from .points import Numbers, in_unit, nominal, numbers_at
from .slopes import gradient

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

    >>> found = sensitivity(lambda gain, loss: {"f": gain**2 * (1 - loss)}, {"gain": 3, "loss": 0})
    >>> print(found)
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
        found = xr.Dataset({k: ("parameter", x) for k, x in columns.items()}, {"parameter": names})
        found["elasticity"].attrs["long_name"] = f"d {self.of}/d ln x"
        found.attrs |= {"of": self.of, "at": self.value, "by": self.by}
        return found


def sensitivity(point: Point, at: Mapping[str, Any], *, of: str | None = None) -> Sensitivity:
    """How much an output changes with every parameter: the link that limits stands first.

    The elasticity df/d ln x = x ∂f/∂x is the change of f for a relative change of x, whatever the
    unit. Only ratios of rates matter, so over all rates (detunings included) elasticities of a
    dimensionless f add up to zero (Euler). A `margin` has them where nothing is entangled yet.

    Args:
        point: as for `sweep`: arrays by name, returning a mapping from names to arrays. Where JAX
            is there and can trace it, derivatives come from one pass in reverse mode; otherwise
            from differences of fourth order. Of a master equation's steady state
            `steady_gradient` has them from one adjoint solution.
        at: a number, or text with a unit, for every parameter to look at; others keep their
            defaults.
        of: the output; when omitted "margin" or "E_N", or the first there is.

    Returns:
        A `Sensitivity`, sorted; it prints as a table, and `figure` draws it as bars.

    Raises:
        ArgumentError: for parameters or an output that the function does not have.
        UnstableError: where there is no steady state.

    >>> import qcascade as qc
    >>> def point(gain, decay, loss):
    ...     parts = {"s": qc.pair_source(gain), "link": qc.fibre(1 - loss)}
    ...     parts["m"] = qc.cavity(decay=decay)
    ...     net = qc.Network(parts, [("s.out_a", "link.in"), ("link.out", "m.in")])
    ...     return {"margin": qc.margin(qc.steady_state(qc.gaussian(net)), "s.b", "m.a")}
    >>> found = sensitivity(point, {"gain": 0.2, "decay": 1.0, "loss": 0.1})
    >>> {name: round(x, 4) for name, x in found.elasticities.items()}
    {'decay': 0.1099, 'gain': 0.0344, 'loss': -0.0079}
    """
    return sensitivity_by(gradient, point, at, of)


def sensitivity_by(
    slopes_of: Callable[[Numbers, Any, str, float], tuple[Any, str]],
    point: Point,
    at: Mapping[str, Any],
    of: str | None = None,
) -> Sensitivity:
    """The same with slopes found one way: `differences` need no compiled function.

    Args:
        slopes_of: `gradient` or `differences`.
        point: as for `sensitivity`.
        at: as for `sensitivity`.
        of: as for `sensitivity`.
    """
    numbers, row = numbers_at(point, at, "look at")
    outputs = numbers.outputs(row[None])
    output, value = nominal(outputs, of, numbers, row)
    slopes, by = slopes_of(numbers, row, output, value)
    found = dict(zip(numbers.names, slopes.tolist(), strict=True))
    return sorted_slopes(output, value, numbers, row, found, by)


def sorted_slopes(
    of: str, value: float, numbers: Numbers, row: Any, found: Mapping[str, float], by: str
) -> Sensitivity:
    """The record of slopes, the largest elasticity first.

    Args:
        of: name of the output.
        value: of the output.
        numbers: the point function.
        row: values of the parameters.
        found: slopes by parameter.
        by: how they were found.
    """
    given = dict(zip(numbers.names, row.tolist(), strict=True))
    scaled = {name: x * (given[name] or 1.0) for name, x in found.items()}
    order = sorted(scaled, key=lambda name: -abs(scaled[name]))
    return Sensitivity(
        of=of,
        value=value,
        at=numbers.labelled(row),
        units=numbers.units,
        slopes={name: found[name] for name in order},
        elasticities={name: scaled[name] for name in order},
        absolute=tuple(name for name in order if given[name] == 0),
        by=by,
    )
