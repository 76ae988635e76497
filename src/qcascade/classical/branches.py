"""All working points of a network: every steady branch of its classical equations.

With α_k and α_k* taken as independent unknowns z = (α, ᾱ), the equations of linearise.py are 2N
polynomials in 2N unknowns, whose roots `homotopy` finds; those with ᾱ = α* are the branches.
Every point is solved in units of frequency and field of its own.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..base.checks import count, fail, flag, is_traced
from ..base.chunks import refuse_along_chunk
from ..base.keywords import spoken, spoken_record
from ..base.progress import progress_bar
from ..base.pytrees import known_to_jax
from ..slh.component import Component
from ..slh.network import Network
from .fields import classical, distinct, gathered, slopes, unbalanced
from .homotopy import all_roots
from .linearise import classical_equations, readable
from .polynomials import PolynomialSystem, Units, as_system, dimensionless, flat
from .ramp import ramped
from .root_paths import Tell

PATIENT = 20_000  # steps of a path that is followed again
ATTEMPTS = 3  # on a point some of whose paths got lost


@spoken_record("points")
@dataclass(frozen=True, eq=False)
class WorkingPoints:
    """Steady branches of a network, in order of their total excitation Σ|α_k|².

    Args:
        modes: names of the N modes.
        fields: α = ⟨a⟩, complex (…, B, N), NaN where a point has fewer than B branches.
        stable: whether a branch attracts its neighbourhood, (…, B).
        growth: largest real part of the eigenvalues of the linearised equations, (…, B).
        count: number of branches, (…).
        exponents: of the classical equations in (α, ᾱ), (M, 2N), for `hysteresis`.
        coefficients: of the classical equations, (…, 2N, M).
    """

    modes: tuple[str, ...]
    fields: Any
    stable: Any
    growth: Any
    count: Any
    exponents: Any = field(default=None, repr=False)
    coefficients: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        known_to_jax(
            WorkingPoints,
            "fields", "stable", "growth", "count", "exponents", "coefficients",
        )  # fmt: skip

    def branch(self, k: int) -> dict[str, Any]:
        """The fields of branch k by mode, as `linearise` takes them.

        Points of a batch that have no branch k hold NaN: whether others have one says nothing
        about them. A single point without it is an error.
        """
        missing = count("k", k, low=0) >= self.fields.shape[-2]
        if missing and self.fields.ndim == 2:
            raise fail("k", f"be below the number of branches, {self.fields.shape[-2]}", k)
        if missing:
            fields = np.full((*self.fields.shape[:-2], len(self.modes)), np.nan + 0j)
        else:
            fields = self.fields[..., k, :]
        return {mode: fields[..., j] for j, mode in enumerate(self.modes)}


@spoken
def working_points(
    net: Network | Component, *, seed: int = 0, most_paths: int = 5000, progress: bool = True
) -> WorkingPoints:
    """All isolated steady branches of a network, each with its stability.

    0 = −i ∂H/∂α_k* + ½ Σ_j (u_jk L_j* − v_jk* L_j) (see `linearise`), for any polynomial H and
    couplings L of first degree; arrays among their coefficients broadcast to a batch of points.
    Continuous families of steady states (a free phase) have no isolated point and are left out;
    a multiple root (the end of a branch, a cusp) counts once. Growth rates are those of
    `gaussian(linearise(net, branch)).A`; where eigenvalues meet, they are known to the root of
    the rounding error only.

    Every point is solved in its own units of frequency and field, its paths are counted, and
    where some got lost, or where the branches' indices do not add up to those of the other
    points, it is solved again on other paths: neither the unit of frequency, nor the other
    points of a batch, nor the seed change what is found.

    Args:
        net: the network (or a part).
        seed: of the random path; the result does not depend on it beyond rounding.
        most_paths: largest number of paths that is tried.
        progress: show a progress bar on a terminal when it takes more than a second.

    Returns:
        The branches, as `WorkingPoints`.

    Raises:
        ArgumentError: for a coupling above first degree, an unknown mode, too many paths, or
            coefficients whose products leave the range of floating-point numbers.

    >>> from qcascade import Component, coherent_drive, lower
    >>> a = lower("a")
    >>> kerr = Component([[1]], [a], -3.0 * a.dag * a + 0.5 * a.dag * a.dag * a * a,
    ...                  ("a",), ("in",), ("out",))
    >>> net = Network({"laser": coherent_drive(2.0), "m": kerr}, [("laser.out", "m.in")])
    >>> points = working_points(net)
    >>> (np.abs(points.fields[:, 0])**2).round(4), points.stable
    (array([0.7582, 1.3586, 3.8832]), array([ True, False,  True]))
    """
    part, batch = checked(net)
    seed, most_paths = count("seed", seed, low=0), count("most_paths", most_paths)
    points = int(np.prod(batch))
    physical = as_system([flat(p, batch) for p in classical_equations(part)], points)
    if not batch and not np.all(np.isfinite(physical.coefficients)):
        raise fail("net", "have classical equations within the range of numbers", "infinite")
    N = len(part.modes)
    with progress_bar("working points", flag("progress", progress)) as tell:
        fields, growth = _branches(physical, seed, most_paths, tell)
    shape = (*batch, fields.shape[-2])
    exists = np.isfinite(growth)
    return WorkingPoints(
        part.modes,
        fields.reshape(*shape, N),
        (exists & (growth < 0)).reshape(shape),
        growth.reshape(shape),
        exists.sum(-1).reshape(batch)[()],
        physical.exponents,
        np.moveaxis(physical.coefficients, -1, 0).reshape(*batch, 2 * N, -1),
    )


def _branches(physical: PolynomialSystem, seed: int, most: int, tell: Tell) -> tuple[Any, Any]:
    """Fields (points, B, N) in the order of their excitation, and growth rates (points, B)."""
    system, units = dimensionless(physical)
    N = len(system.coefficients) // 2
    z = _every_field(system, seed, most, tell)
    fields = _ordered(np.moveaxis(z * units.unknowns[:N, :, None], 0, -1))
    return fields, _growth(system, units, np.moveaxis(fields, -1, 0) / units.unknowns[:N, :, None])


@spoken
def hysteresis(points: WorkingPoints, *, falling: bool = False, start: int = 0) -> dict[str, Any]:
    """What a slow sweep along the last leading axis sees: the branch it stays on, and its jumps.

    From one point to the next the network stays on its stable branch as long as that goes on.
    Where the branch ends or loses its stability, the classical equations are integrated at the
    new parameters, from the last fields, until they rest on another stable branch. Where the
    motion does not come to rest (a limit cycle, chaos, or decay that is too slow to wait for)
    there are no steady fields, and the sweep goes on from where the motion is.

    Args:
        points: branches with at least one leading axis, from `working_points`; the last one is
            swept.
        falling: sweep from the last point to the first instead.
        start: which stable branch to start on, in order of excitation.

    Returns:
        α by mode, (…), in the order of the points; NaN where the motion does not rest, and before
        the first point with a stable branch. `linearise` takes it as it is.

    Raises:
        ArgumentError: for points without an axis to sweep, or made by hand without equations.

    >>> from qcascade import Component, coherent_drive, lower
    >>> a, beta = lower("a"), np.linspace(0.5, 4.0, 36)
    >>> kerr = Component([[1]], [a], -3.0 * a.dag * a + 0.5 * a.dag * a.dag * a * a,
    ...                  ("a",), ("in",), ("out",))
    >>> net = Network({"laser": coherent_drive(beta), "m": kerr}, [("laser.out", "m.in")])
    >>> points = working_points(net)
    >>> up, down = hysteresis(points)["m.a"], hysteresis(points, falling=True)["m.a"]
    >>> beta[np.abs(up - down) > 0.1].round(1)
    array([0.9, 1. , 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2. ])
    """
    if not isinstance(points, WorkingPoints) or points.fields.ndim < 3:
        raise fail("points", "be WorkingPoints with an axis to sweep", type(points).__name__)
    refuse_along_chunk("hysteresis", points.fields.shape[:-2])
    if points.coefficients is None:
        raise fail("points", "hold their classical equations, as `working_points` makes them", None)
    falling, start = flag("falling", falling), count("start", start, low=0)
    turn = slice(None, None, -1 if falling else 1)
    *outer, swept, B, N = points.fields.shape
    lines = int(np.prod(outer))

    def ordered(values: Any, *inner: int) -> Any:
        return np.asarray(values).reshape(lines, swept, *inner)[:, turn]

    followed = ramped(
        points.exponents,
        ordered(points.coefficients, *np.shape(points.coefficients)[-2:]),
        ordered(points.fields, B, N),
        ordered(points.growth, B),
        ordered(points.stable, B),
        start,
    )[:, turn].reshape(*outer, swept, N)
    return {mode: followed[..., j].copy() for j, mode in enumerate(points.modes)}


def stable_fields(physical: PolynomialSystem) -> Any:
    """The stable branch of least excitation of equations at one point, (N,); None without one.

    Args:
        physical: equations in (α, ᾱ), one point.
    """
    with progress_bar("working points", False) as tell:
        fields, growth = _branches(physical, 0, 5000, tell)
    stable = np.flatnonzero(growth[0] < 0)
    return fields[0, stable[0]] if stable.size else None


def checked(net: Any) -> tuple[Component, tuple[int, ...]]:
    """The network as one part, and the batch shape of its coefficients."""
    part = readable(net)
    values = [c for ladder in (part.H, *part.L) for c in ladder.terms.values()]
    if any(map(is_traced, values)):
        raise fail(
            "net",
            "hold numbers (branches cannot be traced; `steady_fields` follows one of them)",
            "a traced JAX value",
        )
    batch = np.broadcast_shapes(*map(np.shape, values), ())
    if 0 in batch:
        raise fail("net", "hold points (axes with one entry or more)", batch)
    return part, batch


def _every_field(system: PolynomialSystem, seed: int, most: int, tell: Tell) -> Any:
    """Fields (N, points, B) of all branches, filled up with NaN."""
    exponents, c = system
    roots, complete = all_roots(system, seed, most, tell)
    fields = distinct(system, classical(system, roots))
    doubtful = np.flatnonzero(~complete | unbalanced(system, fields))
    for attempt in range(1, ATTEMPTS):
        if not doubtful.size:
            break
        part = PolynomialSystem(exponents, c[..., doubtful])
        # A cavity of high finesse is nearly free to take any phase: its paths creep.
        roots, complete = all_roots(part, seed + attempt, most, tell, PATIENT)
        known = fields[:, doubtful]
        better = distinct(part, np.concatenate([known, classical(part, roots)], axis=-1))
        fields = _replaced(fields, doubtful, better)
        # Roots at infinity and unbounded motion are real: only what grew is looked at again.
        grew = np.isfinite(better[0]).sum(-1) > np.isfinite(known[0]).sum(-1)
        doubtful = doubtful[grew & (~complete | unbalanced(part, better))]
    return gathered(fields)


def _replaced(fields: Any, points: Any, better: Any) -> Any:
    """Fields (N, points, B) with those of some points exchanged."""
    N, Q, B = fields.shape
    result = np.full((N, Q, max(B, better.shape[-1])), np.nan + 0j)
    result[..., :B] = fields
    result[:, points] = np.nan
    result[:, points, : better.shape[-1]] = better
    return result


def _ordered(fields: Any) -> Any:
    """Fields (points, B, N) in the order of their excitation Σ|α_k|², NaN last."""
    largest = np.abs(fields).max(axis=-1, keepdims=True, initial=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.where(largest > 0, np.abs(fields) / largest, np.abs(fields))
    # The root of the sum: squares of the smallest fields would vanish.
    excitation = largest[..., 0] * np.sqrt((relative**2).sum(-1))
    return np.take_along_axis(fields, np.argsort(excitation, axis=-1)[..., None], axis=1)


def _growth(system: PolynomialSystem, units: Units, fields: Any) -> Any:
    """Largest real part of the linearised equations' eigenvalues, (points, B), physical units."""
    exists = np.isfinite(fields).all(axis=0)
    growth = np.full(exists.shape, np.nan)
    rate = (1 / (units.equations * units.unknowns))[:, np.nonzero(exists)[0]].T
    real = _quadratures(slopes(*system, fields, exists) * rate[..., None])
    growth[exists] = np.linalg.eigvals(real).real.max(axis=-1, initial=-np.inf)
    return growth


def _quadratures(J: Any) -> Any:
    """Jacobians (…, 2N, 2N) in (α, α*) as real ones in (x, p), whose damping stays exact."""
    N = J.shape[-1] // 2
    F, G = J[..., :N, :N], J[..., :N, N:]  # δα̇ = F δα + G δα*
    return np.block([[(F + G).real, (G - F).imag], [(F + G).imag, (F - G).real]])
