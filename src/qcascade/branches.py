"""All working points of a network: every steady branch of its classical equations.

With α_k and α_k* taken as independent unknowns z = (α, ᾱ), the equations of `meanfield` are 2N
polynomials in 2N unknowns, whose roots `homotopy` finds; those with ᾱ = α* are the branches.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .checks import count, fail, flag, is_traced, listed
from .chunks import refuse_along_chunk
from .component import Component
from .homotopy import (
    CHUNK,
    SAME,
    Poly,
    System,
    added,
    all_roots,
    as_system,
    conjugate,
    flat,
    monomials,
    newton,
    scaled,
)
from .ladder import Ladder, Word
from .network import Network
from .trees import known_to_jax

RESIDUAL = 1e-9  # of the sum of the magnitudes of an equation's terms


@dataclass(frozen=True, eq=False)
class WorkingPoints:
    """Steady branches of a network, in order of their total excitation Σ|α_k|².

    Args:
        modes: names of the N modes.
        fields: α = ⟨a⟩, complex (…, B, N), NaN where a point has fewer than B branches.
        stable: whether a branch attracts its neighbourhood, (…, B).
        growth: largest real part of the eigenvalues of the linearised equations, (…, B).
        count: number of branches, (…).
    """

    modes: tuple[str, ...]
    fields: Any
    stable: Any
    growth: Any
    count: Any

    def __post_init__(self) -> None:
        known_to_jax(WorkingPoints, "fields", "stable", "growth", "count")

    def branch(self, k: int) -> dict[str, Any]:
        """The fields of branch k by mode, as `linearise` takes them."""
        if count("k", k, low=0) >= self.fields.shape[-2]:
            raise fail("k", f"be below the number of branches, {self.fields.shape[-2]}", k)
        return {mode: self.fields[..., k, j] for j, mode in enumerate(self.modes)}


def working_points(
    net: Network | Component, seed: int = 0, most_paths: int = 5000
) -> WorkingPoints:
    """All isolated steady branches of a network, each with its stability.

    0 = −i ∂H/∂α_k* + ½ Σ_j (u_jk L_j* − v_jk* L_j) (see `meanfield`), for any polynomial H and
    couplings L of first degree; arrays among their coefficients broadcast to a batch of points.
    Continuous families of steady states (a free phase) have no isolated point and are left out.
    Growth rates are those of `gaussian(linearise(net, branch)).A`; where eigenvalues meet, they
    are known to the root of the rounding error only.

    Args:
        net: the network (or a part).
        seed: of the random path; the result does not depend on it beyond rounding.
        most_paths: largest number of paths that is tried.

    Returns:
        The branches, as `WorkingPoints`.

    Raises:
        ArgumentError: for a coupling above first degree, an unknown mode, too many paths.

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
    equations = [flat(p, batch) for p in classical_equations(part)]
    rng = np.random.default_rng(count("seed", seed, low=0))
    points = int(np.prod(batch))
    full = as_system(equations, len(equations), points)
    roots = all_roots(equations, points, rng, seed, count("most_paths", most_paths))
    fields, growth = _branches(full, _physical(full, roots))
    shape = (*batch, fields.shape[-2])
    found = np.isfinite(growth)
    return WorkingPoints(
        part.modes,
        fields.reshape(*shape, len(part.modes)),
        (found & (growth < 0)).reshape(shape),
        growth.reshape(shape),
        found.sum(-1).reshape(batch)[()],
    )


def hysteresis(points: WorkingPoints, falling: bool = False, start: int = 0) -> dict[str, Any]:
    """The stable branch that a slow sweep along the last leading axis stays on.

    From one point to the next the network follows the nearest stable branch, each mode measured
    by its largest field in the sweep; so it jumps only when its branch ends (or the grid is
    coarser than the distance of two branches).

    Args:
        points: branches with at least one leading axis; the last one is swept.
        falling: sweep from the last point to the first instead.
        start: which stable branch to start on, in order of excitation.

    Returns:
        α by mode, (…), NaN where there is no stable branch; in the order of the points.

    Raises:
        ArgumentError: for points without an axis to sweep.

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
    falling, start = flag("falling", falling), count("start", start, low=0)
    fields = np.where(points.stable[..., None], points.fields, np.nan)
    typical = np.nanmax(np.abs(points.fields), axis=(-3, -2), initial=1e-300)[..., None, :]
    followed = np.full((*fields.shape[:-2], fields.shape[-1]), np.nan + 0j)
    last = None
    if not fields.size:
        return {mode: followed[..., j] for j, mode in enumerate(points.modes)}
    for p in range(fields.shape[-3])[:: -1 if falling else 1]:
        here = fields[..., p, :, :]
        if last is None:
            rank = np.cumsum(points.stable[..., p, :], axis=-1) - 1
            best = np.argmin(np.abs(rank - start) + 1e9 * ~points.stable[..., p, :], axis=-1)
            last = np.zeros_like(followed[..., p, :])
        else:
            gap = (np.abs((here - last[..., None, :]) / typical) ** 2).sum(-1)
            best = np.argmin(np.where(np.isnan(gap), np.inf, gap), axis=-1)
        chosen = np.take_along_axis(here, best[..., None, None], axis=-2)[..., 0, :]
        followed[..., p, :] = chosen
        last = np.where(np.isnan(chosen), last, chosen)
    return {mode: followed[..., j] for j, mode in enumerate(points.modes)}


def readable(net: Any) -> Component:
    """The network as one part whose classical equations are polynomials in its own modes."""
    part = net.component if isinstance(net, Network) else net
    if not isinstance(part, Component):
        raise fail("net", "be a Network", net)
    if part.qubits:
        raise fail("net", "hold oscillators only to have classical fields", listed(part.qubits))
    for k, ladder in enumerate((part.H, *part.L)):
        if k and ladder.degree > 1:
            raise fail(
                "net", "have couplings L of first degree or below", ladder, "put the rest into H"
            )
        for mode in ladder.modes:
            if mode not in part.modes:
                known = f"modes: {listed(part.modes)}"
                raise fail("net", "act on modes of its parts", mode, known)
    if not part.modes:
        raise fail("net", "hold modes", listed(part.modes))
    return part


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


def classical_equations(part: Component) -> list[Poly]:
    """α̇_k, then its conjugate for every k, as polynomials in (α_1 … α_N, ᾱ_1 … ᾱ_N).

    Args:
        part: the network as one part, couplings of first degree.
    """
    modes = part.modes
    N = len(modes)

    def exponents(word: Word) -> tuple[int, ...]:
        powers = [0] * (2 * N)
        for mode, dagger in word:
            powers[modes.index(mode) + N * dagger] += 1
        return tuple(powers)

    def read(ladder: Ladder) -> Poly:
        return added((exponents(word), c) for word, c in ladder.terms.items())

    terms: list[list[tuple[tuple[int, ...], Any]]] = [[] for _ in modes]
    for word, c in part.H.terms.items():
        for j, (mode, dagger) in enumerate(word):
            if dagger:
                rest = exponents(word[:j] + word[j + 1 :])
                terms[modes.index(mode)].append((rest, -1j * c))
    for L in part.L:
        flux = read(L)
        for word, c in L.terms.items():
            for mode, dagger in word:
                factor = c / 2 if dagger else -c.conjugate() / 2
                source = conjugate(flux) if dagger else flux
                terms[modes.index(mode)] += [(m, factor * x) for m, x in source.items()]
    equations = [added(x) for x in terms]
    return equations + [conjugate(p) for p in equations]


def _physical(full: System, roots: Any) -> Any:
    """Roots with ᾱ = α*, polished in all 2N equations: fields (N, points, K), else NaN."""
    c, units = scaled(full)
    n, Q, K = roots.shape
    N = n // 2
    result = np.full((N, Q, K), np.nan, complex)
    chunks = np.array_split(np.arange(Q), 1 + Q * K * c[..., 0].size // CHUNK)
    for chunk in chunks:
        here = np.repeat(c[..., chunk], K, axis=-1)
        z = (roots[:, chunk] / units[:, None, None]).reshape(n, -1)
        with np.errstate(all="ignore"):
            for _ in range(3):
                z = z - newton(full.exponents, here, z)
            off = np.abs(z[:N] - z[N:].conj()).max(axis=0)
            near = off <= SAME * np.abs(z).max(axis=0)
            alpha = (z[:N] + z[N:].conj()) / 2
            z = np.concatenate([alpha, alpha.conj()])
            for _ in range(6):
                z = z - newton(full.exponents, here, z)
            small = np.abs(z) < 1e-12 * np.abs(z).max(axis=0)
            bare = np.where(small, 0.0, z)  # zeros that rounding has filled
            z = np.where(residual(full.exponents, here, bare) <= RESIDUAL, bare, z)
            good = near & (residual(full.exponents, here, z) <= RESIDUAL)
        found = np.where(good, z[:N] * units[:N, None], np.nan)
        result[:, chunk] = found.reshape(N, len(chunk), K)
    return result


def residual(exponents: Any, c: Any, z: Any) -> Any:
    """Largest |Σ terms| / Σ|terms| of all equations, one number per path."""
    terms = c * monomials(exponents, z)[0]
    size = np.abs(terms).sum(1)
    floor = 1e-13 * size.max(axis=0) + 1e-300
    return (np.abs(terms.sum(1)) / np.maximum(size, floor)).max(axis=0)


def _branches(full: System, alpha: Any) -> tuple[Any, Any]:
    """Fields (points, B, N) sorted and without repetitions, and growth (points, B)."""
    N, Q = alpha.shape[:2]
    size = (np.abs(alpha) ** 2).sum(0)
    order = np.argsort(size, axis=-1)  # NaN last
    alpha = np.take_along_axis(alpha, order[None], axis=-1)
    most = int(np.isfinite(size).sum(-1).max(initial=0))
    alpha = alpha[..., :most]
    typical = np.nan_to_num(np.abs(alpha)).max(axis=-1, initial=0)[..., None]
    for k in range(1, most):
        same = np.abs(alpha[..., :k] - alpha[..., k : k + 1]) <= SAME * typical
        alpha[:, same.all(axis=0).any(axis=-1), k] = np.nan
    order = np.argsort(np.isnan(alpha[0]), axis=-1, kind="stable")
    alpha = np.take_along_axis(alpha, order[None], axis=-1)
    found = np.isfinite(alpha[0]) if N else np.zeros((Q, 0), bool)
    B = int(found.sum(-1).max(initial=0))
    alpha, found = alpha[..., :B], found[:, :B]
    growth = np.full((Q, B), np.nan)
    there = alpha[:, found]
    slopes = monomials(full.exponents, np.concatenate([there, there.conj()]))[1]
    point = np.nonzero(found)[0]
    jacobian = np.einsum("kmp,mvp->pkv", full.coefficients[..., point], slopes)
    eigenvalues: Any = np.linalg.eigvals(jacobian)
    growth[found] = eigenvalues.real.max(axis=-1, initial=-np.inf)
    return np.moveaxis(alpha, 0, -1), growth
