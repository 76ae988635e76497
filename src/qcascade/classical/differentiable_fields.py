"""One working point followed through the parameters, with its derivatives."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.checks import (
    ConvergenceError,
    check_broadcast,
    fail,
    is_traced,
    listed,
    mapping,
    namespace,
)
from ..base.keywords import spoken
from ..slh.component import Component
from ..slh.ladder import scatter
from ..slh.network import Network
from .fields import RESIDUAL
from .linearise import classical_equations, given_field, readable
from .polynomials import Poly, as_system, dimensionless, flat, nearest_root, residual


@spoken
def steady_fields(net: Network | Component, guess: Mapping[str, Any]) -> dict[str, Any]:
    """The steady fields next to a guess, by Newton's method; JAX can differentiate them.

    0 = F(α, p) holds at parameters p. On the branch dα = −(∂F/∂α)⁻¹ (∂F/∂p) dp, which is the
    rule for derivatives, of any order: they do not go through the iteration, and do not depend
    on the guess. Take that from `working_points` at plain numbers, and derivatives, or fields
    for parameters nearby, from here. Where the branch has ended, or the guess is so far that
    Newton's method would leap elsewhere, there is no answer rather than another branch.

    Args:
        net: the network (or a part); coefficients may be traced by JAX, and arrays broadcast.
        guess: fields by mode, complex, close to the branch that is meant; modes left out start
            at zero.

    Returns:
        α = ⟨a⟩ by mode, for `linearise`. Points of a batch, or of traced values, that reach no
        steady fields hold NaN. A branch may be unstable: `steady_state` knows.

    Raises:
        ArgumentError: for a coupling above first degree, or an unknown mode.
        ConvergenceError: when a single point reaches no steady fields.

    >>> import jax, qcascade as qc
    >>> jax.config.update("jax_enable_x64", True)
    >>> def net(power):
    ...     parts = {"laser": qc.coherent_drive(power**0.5), "m": qc.kerr_cavity(-1.0, 0.1, 1.0)}
    ...     return qc.Network(parts, [("laser.out", "m.in")])
    >>> guess = qc.classical.working_points(net(1.0)).branch(0)
    >>> def photons(power):
    ...     return abs(steady_fields(net(power), guess)["m.a"]) ** 2
    >>> round(float(photons(1.0)), 6), round(float(jax.grad(photons)(1.0)), 6)
    (0.978575, 0.364777)
    """
    part = readable(net)
    for mode in mapping("guess", guess, "modes to numbers"):
        if mode not in part.modes:
            raise fail("guess", "name modes", mode, f"modes: {listed(part.modes)}")
    start = [given_field(f"guess[{m}]", guess.get(m, 0.0)) for m in part.modes]
    equations = classical_equations(part)
    values = [c for p in equations for c in p.values()]
    xp = namespace(*values, *start)
    shapes = {f"guess[{m}]": np.shape(x) for m, x in zip(part.modes, start, strict=True)}
    check_broadcast({"net": np.broadcast_shapes(*map(np.shape, values)), **shapes})
    alpha = xp.stack(xp.broadcast_arrays(*start), axis=-1)
    near = xp.concatenate([alpha, alpha.conj()], axis=-1)
    z = (_newton_jax if xp is not np else _newton)(equations, near)
    alpha = (z[..., : len(part.modes)] + z[..., len(part.modes) :].conj()) / 2
    if alpha.ndim == 1 and not is_traced(alpha) and not np.isfinite(alpha).all():
        raise ConvergenceError(
            "There are no steady fields next to `guess`: start closer to the branch, from "
            "`working_points` at parameters nearby (a branch may also end before them)."
        )
    return {mode: alpha[..., j] for j, mode in enumerate(part.modes)}


def _newton(equations: list[Poly], near: Any) -> Any:
    """Roots (…, 2N) of equations with NumPy coefficients, NaN where there are none."""
    shapes = [np.shape(c) for p in equations for c in p.values()]
    batch = np.broadcast_shapes(near.shape[:-1], *shapes)
    points = int(np.prod(batch))
    system, units = dimensionless(as_system([flat(p, batch) for p in equations], points))
    guess = np.broadcast_to(near, (*batch, len(equations))).reshape(points, len(equations)).T
    z, good = nearest_root(*system, guess / units.unknowns)
    with np.errstate(all="ignore"):
        good &= residual(*system, z) <= RESIDUAL
    return np.where(good, z * units.unknowns, np.nan).T.reshape(*batch, len(equations))


def _newton_jax(equations: list[Poly], near: Any) -> Any:
    from .implicit import factors, traced_root

    monomials = sorted({m for p in equations for m in p})
    entries = {(k, monomials.index(m)): c for k, p in enumerate(equations) for m, c in p.items()}
    shape = (len(equations), len(monomials))
    return traced_root(factors(monomials), scatter(entries, shape, np.complex128), near)
