"""Which link limits: the derivatives of one output by every parameter, the largest first."""

from collections.abc import Callable, Mapping
from typing import Any

from ..base.keywords import spoken
from ..sweeps.points import Point
from .elasticities import Sensitivity, sorted_slopes
from .points import Numbers, nominal, numbers_at
from .slopes import gradient
from .steady_outputs import adjoint_gradient


@spoken
def sensitivity(point: Point, at: Mapping[str, Any], *, of: str | None = None) -> Sensitivity:
    """How much an output changes with every parameter: the link that limits stands first.

    The elasticity df/d ln x = x ∂f/∂x is the change of f for a relative change of x, whatever the
    unit. Only ratios of rates matter, so over all rates (detunings included) elasticities of a
    dimensionless f add up to zero (Euler). A `margin` has them where nothing is entangled yet.
    At x = 0 it is ∂f/∂x, and towards x > 0 where f has a kink there, as a margin often has.

    Args:
        point: as for `sweep`: arrays by name, returning a mapping from names to arrays. Where JAX
            is there and can trace it, derivatives come from one pass in reverse mode; of outputs
            of a master equation's steady state from one adjoint solution, as `steady_gradient`
            has them; otherwise from differences of fourth order.
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
    numbers, row = numbers_at(point, at, "look at")
    adjoint = adjoint_gradient(numbers, row, of)
    if adjoint is not None:
        output, value, slopes = adjoint
        return sorted_slopes(output, value, numbers, row, slopes, "adjoint")
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
    by_name = dict(zip(numbers.names, slopes.tolist(), strict=True))
    return sorted_slopes(output, value, numbers, row, by_name, by)
