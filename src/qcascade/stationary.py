"""Steady states of block-diagonal master equations: L ρ = 0, Tr ρ = 1.

Few elements: the null space of L from its singular values. Many: GMRES (Y. Saad & M. H. Schultz,
SIAM J. Sci. Stat. Comput. 7, 856 (1986)) for the equation between quantum jumps, `Splitting`. L
is singular, so it is replaced by L' ρ = L ρ + c Tr ρ with L' ρ = c; the preconditioner acts from
the right, so that the residual that is made small is the true one.
"""

import os
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import ConvergenceError, DegenerateError, between, count, fail
from .density import DensityState
from .splitting import Splitting

if TYPE_CHECKING:
    from .blocks import Generator

FEW = 800
"""Elements of ρ up to which the null space of L is computed whole."""

_NULL = 1e-12  # singular values below this, relative to the largest, are zero
_APART = 0.05  # distance of two states, relative to their norm, that are not one
_LOOSE = (1e-4, 1e-6, 0.0)  # parts of a second start's residual at which states are compared


def stationary(
    generator: "Generator",
    start: Any = None,
    tolerance: float = 1e-10,
    max_iterations: int = 3000,
    memory: float | None = None,
    unique: bool = True,
    progress: Callable[[int, float], None] | None = None,
) -> DensityState:
    """The steady state, K ρ + ρ K† + Σ_J J ρ J† = 0 with Tr ρ = 1.

    Args:
        generator: the master equation.
        start: a guess, a `DensityState` of the same space or a packed vector; the solution of a
            shorter cascade beside mixed qubits saves some iterations. The completely mixed
            state when omitted.
        tolerance: largest ‖Lρ‖ / (‖K‖ ‖ρ‖) accepted, with Frobenius norms of states and the
            largest element of K.
        max_iterations: most applications of L, all in all.
        memory: bytes for the Krylov basis, after which it is begun anew; a quarter of the free
            memory when omitted.
        unique: whether to make sure, from a second start, that there is only one steady state.
            (Few elements need no second start, and are always made sure of.)
        progress: called with the number of iterations and the residual.

    Returns:
        A `DensityState` with `info`: `residual` ‖Lρ‖/‖ρ‖ in the unit of the rates,
        `relative_residual` as `tolerance` has it, `iterations`.

    Raises:
        DegenerateError: when there is more than one steady state.
        ConvergenceError: when the residual stays above the tolerance; it says where it ended.
        ArgumentError: for a K that does not fit the jumps, or a start that does not fit.

    >>> from scipy.sparse import csr_array
    >>> from qcascade.blocks import Generator, Layout
    >>> from qcascade.space import Space
    >>> layout = Layout(Space(("q",), (1,), ("q",), charges=((1,),)), real=True)
    >>> down, up = csr_array([[0.0, np.sqrt(3.0)], [0.0, 0.0]]), csr_array([[0.0, 0.0], [1.0, 0.0]])
    >>> K = -0.5 * (down.T @ down + up.T @ up)
    >>> state = stationary(Generator(layout, K, (down, up)))
    >>> [float(block[0, 0].round(12)) for block in state.blocks]
    [0.75, 0.25]
    """
    between("tolerance", tolerance, 0.0, 1.0, "a number between 0 and 1")
    count("max_iterations", max_iterations)
    _check_trace(generator)
    if generator.layout.space.elements <= FEW:
        return _direct(generator)
    problem = _Problem(generator, tolerance, max_iterations, memory, progress)
    x = problem.solve(_begin(generator, start))
    if unique:
        problem.make_sure(x)
    return problem.state(x)


def dark_residual(H: Any, jumps: Any, ket: Any) -> float:
    """How far a ket is from a dark state: max(‖Jψ‖, ‖Hψ − ⟨H⟩ψ‖), zero for J ψ = 0, H ψ = E ψ.

    Args:
        H: Hamiltonian (D, D).
        jumps: jump operators (D, D).
        ket: amplitudes (D,); they are normalised.

    >>> dark_residual(np.diag([0.0, 1.0]), [np.array([[0.0, 1.0], [0.0, 0.0]])], [1.0, 0.0])
    0.0
    """
    psi = np.asarray(ket) / np.linalg.norm(ket)
    moved = H @ psi
    rest = moved - np.vdot(psi, moved) * psi
    return float(max(np.linalg.norm(v) for v in (rest, *(jump @ psi for jump in jumps))))


def _scale(generator: "Generator") -> float:
    """The largest element of K, which stands for the norm of L; 1 for no K at all."""
    return float(np.abs(generator.K.data).max(initial=0.0)) or 1.0


def _check_trace(generator: "Generator") -> None:
    K = generator.K
    lost = K + K.conj().T
    for jump in generator.jumps:
        lost = lost + jump.conj().T @ jump
    if np.abs(lost.tocsr().data).max(initial=0.0) > 1e-9 * _scale(generator):
        error = np.abs(lost.tocsr().data).max()
        must = "preserve the trace, K + K† + ΣJ†J = 0"
        raise fail("generator", must, f"off by {error:.3g}")


def _direct(generator: "Generator") -> DensityState:
    """The null space of L, written out as a matrix on vectors of all blocks."""
    space, L = generator.layout.space, _whole(generator)
    _, sizes, rows = np.linalg.svd(L)
    null = int(np.sum(sizes <= _NULL * max(sizes[0], np.finfo(float).tiny)))
    if null > 1:
        raise _degenerate(f"{null} independent ones")
    ends = np.cumsum([0, *(space.sizes.astype(np.int64) ** 2)])
    blocks = [
        rows[-1].conj()[a:b].reshape(d, d)
        for (a, b), d in zip(pairwise(ends), space.sizes, strict=True)
    ]
    trace = sum(np.trace(block) for block in blocks)
    blocks = [block / trace for block in blocks]
    state = DensityState(space, tuple((block + block.conj().T) / 2 for block in blocks))
    info = _residuals(generator, generator.layout.pack(state)) | {"iterations": 0}
    return DensityState(space, state.blocks, info)


def _whole(generator: "Generator") -> Any:
    """L as a dense matrix: vec(AXB) = (A ⊗ Bᵀ) vec X for rows one after another."""
    from scipy.sparse import eye_array, kron

    space, real = generator.layout.space, generator.layout.real
    ends = np.cumsum([0, *(space.sizes.astype(np.int64) ** 2)])
    parts = [slice(a, b) for a, b in pairwise(space.offsets)]
    K, jumps = generator.K.tocsr(), [jump.tocsr() for jump in generator.jumps]
    L = np.zeros((ends[-1], ends[-1]), float if real else complex)
    for s, source in enumerate(parts):
        one, k = eye_array(space.sizes[s]), K[source][:, source]
        for t, target in enumerate(parts):
            found = kron(k, one) + kron(one, k.conj()) if s == t else 0
            for jump in jumps:
                block = jump[target][:, source]
                if block.nnz:
                    found = found + kron(block, block.conj())
            if not isinstance(found, int):
                dense = found.toarray()
                L[ends[t] : ends[t + 1], ends[s] : ends[s + 1]] = dense.real if real else dense
    return L


def _begin(generator: "Generator", start: Any) -> Any:
    """The start as a packed vector of trace 1."""
    layout = generator.layout
    if start is None:
        blocks = tuple(np.eye(d) / layout.space.dimension for d in layout.space.sizes)
        return layout.pack(DensityState(layout.space, blocks))
    x = layout.pack(start) if isinstance(start, DensityState) else np.array(start)
    if x.shape != (layout.size,) or not np.can_cast(x.dtype, layout.dtype):
        must = f"be a DensityState or a packed vector of shape ({layout.size},)"
        raise fail("start", must, f"{x.dtype} of shape {x.shape}")
    trace = layout.trace(x)
    if not np.isfinite(trace) or abs(trace) < 1e-6:
        raise fail("start", "have trace 1", trace)
    return (x / trace).astype(layout.dtype)


def _residuals(generator: "Generator", x: Any) -> dict[str, Any]:
    layout, moved = generator.layout, generator.apply(x)
    residual = float(np.sqrt(layout.inner(moved, moved) / layout.inner(x, x)))
    return {"residual": residual, "relative_residual": residual / _scale(generator)}


def _degenerate(tail: str) -> DegenerateError:
    return DegenerateError(
        f"The model has more than one steady state ({tail}); which one is reached depends on the "
        "start. Look for parts that nothing damps or that are not connected."
    )


class _Problem:
    """One steady-state problem, its split form and how many iterations were spent on it."""

    def __init__(
        self, generator: Any, tolerance: float, most: int, memory: Any, progress: Any
    ) -> None:
        self.generator, self.split = generator, Splitting(generator)
        self.target, self.most, self.progress = tolerance * _scale(generator), most, progress
        numbers = 8 * sum(place.stop - place.start for place in self.split.places.values())
        numbers *= 2 - generator.layout.real
        bytes_free = _free_memory() / 4 if memory is None else memory
        self.longest = int(max(min(bytes_free / max(numbers, 1), most) - 2, 10))
        self.iterations = 0

    def solve(self, x: Any, until: float = 0.0) -> Any:
        """The steady state from a start x, or a residual ‖Lρ‖ that is small enough."""
        before, layout = np.inf, self.generator.layout
        if abs(layout.trace(self.split.settle(x.copy()))) < 1e-3:
            x = (x + _begin(self.generator, None)) / 2  # all of it was in eliminated sectors
        while True:
            x = self.split.settle(x)
            x /= layout.trace(x)
            moved = self.generator.apply(x)
            residual, size = self._norm(moved), self._norm(x)
            if residual <= max(self.target * size, until):
                return x
            if self.iterations >= self.most or not residual < 0.9 * before:
                raise self._missed(residual / size)
            before = residual
            # States are nearer to pure than a mixed start; if not, another cycle follows.
            goal = max(self.target * max(size, 0.3), until)
            x = x + self._cycle(x, moved, 0.5 * goal)

    def _cycle(self, x: Any, moved: Any, target: float) -> Any:
        """One GMRES cycle: the correction dx with L' dx = −L x."""
        layout, split = self.generator.layout, self.split
        border = split.restrict(self.generator.no_jump(x))
        border /= np.linalg.norm(border) or 1.0

        def more(v: Any) -> Any:
            y, w = split.advance(v.view(layout.dtype))
            return (w + layout.trace(y) * border).view(np.float64)

        def tell(k: int, residual: float) -> None:
            if self.progress is not None:
                self.progress(self.iterations + k, residual)

        length = max(min(self.longest, self.most - self.iterations), 1)
        r = -split.restrict(moved).view(np.float64)
        v, steps = gmres(more, r, length, target, tell)
        self.iterations += steps
        return split.advance(v.view(layout.dtype))[0]

    def make_sure(self, x: Any) -> None:
        """Raise when a random ket leads to another steady state than x."""
        done, layout = self.iterations, self.generator.layout
        self.iterations, other = 0, _random_start(layout, self.split.kept)
        settled = self.split.settle(other.copy())
        first = self._norm(self.generator.apply(settled / layout.trace(settled)))
        for part in _LOOSE:
            try:
                other = self.solve(other, part * first)
            except ConvergenceError as error:
                tail = "A steady state was found; this was the search for another (`unique`)."
                raise ConvergenceError(f"{error} {tail}") from None
            if self._norm(other - x) < _APART * self._norm(x):
                self.iterations = done
                return
        raise _degenerate("two starts end in two states")

    def state(self, x: Any) -> DensityState:
        """The solution with what is known about it."""
        layout = self.generator.layout
        x = layout.pack(layout.unpack(x))  # takes rounding off
        state = layout.unpack(x)
        info = _residuals(self.generator, x) | {"iterations": self.iterations}
        return DensityState(state.space, state.blocks, info)

    def _norm(self, x: Any) -> float:
        return float(np.sqrt(self.generator.layout.inner(x, x)))

    def _missed(self, residual: float) -> ConvergenceError:
        return ConvergenceError(
            f"The steady state was not reached: after {self.iterations} iterations ‖Lρ‖/‖ρ‖ is "
            f"{residual:.2g}, not {self.target:.2g}; a larger `tolerance` or more free memory may "
            "do."
        )


def _free_memory() -> float:
    try:
        return float(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError, AttributeError):
        return 4e9


def _random_start(layout: Any, kept: list[int]) -> Any:
    """A ket over a few states of a kept sector, and its mirror image; the same at every call."""
    random, space = np.random.default_rng(8128), layout.space
    q = layout.stored[random.choice(kept)]
    inside = np.arange(space.offsets[q], space.offsets[q + 1])
    few = random.choice(inside, min(len(inside), 3), replace=False)
    ket = np.zeros(space.dimension, layout.dtype)
    phases = 1.0 if layout.real else np.exp(6j * random.random(len(few)))
    ket[few] = random.normal(size=len(few)) * phases
    kets = [ket]
    if layout.mirror is not None:
        image = np.empty_like(ket)
        image[layout.mirror.image] = ket.conj() if layout.mirror.conjugate else ket
        kets.append(image)
    rows = np.stack(kets)
    parts = [rows[:, a:b] for a, b in pairwise(space.offsets)]
    blocks = tuple(part.T @ part.conj() for part in parts)
    return layout.pack(DensityState(space, blocks))


def gmres(
    more: Callable[[Any], Any],
    r: Any,
    most: int,
    target: float,
    progress: Callable[[int, float], None],
) -> tuple[Any, int]:
    """v that makes ‖r − v − N v‖ small, by one cycle of GMRES, and the steps taken.

    Args:
        more: v ↦ N v, linear, of real vectors.
        r: right-hand side (n,).
        most: most steps.
        target: norm to stop at.
        progress: called with the step and the norm.
    """
    basis, length = np.empty((most + 1, r.size)), float(np.linalg.norm(r))
    H, turns, g = np.zeros((most + 1, most)), np.zeros((most, 2)), np.zeros(most + 1)
    basis[0], g[0], steps = r / length, length, 0
    for k in range(most):
        # N and 1 + N span the same Krylov space; 1 is added to the projection only.
        w, h = _orthogonal(more(basis[k]), basis[: k + 1])
        H[: k + 1, k], H[k + 1, k], steps = h, np.linalg.norm(w), k + 1
        basis[k + 1] = w / (H[k + 1, k] or 1.0)
        broken = H[k + 1, k] < 1e-14 * np.linalg.norm(h)
        H[k, k] += 1
        _turn(H[:, k], turns, g, k)
        progress(steps, abs(g[k + 1]))
        if abs(g[k + 1]) <= target or broken:
            break
    y = np.linalg.solve(H[:steps, :steps], g[:steps])
    return y @ basis[:steps], steps


def _orthogonal(w: Any, basis: Any) -> tuple[Any, Any]:
    """w without its components along the basis, and these; twice where much of w is lost."""
    before, h = np.linalg.norm(w), basis @ w
    w = w - h @ basis
    if np.linalg.norm(w) < 0.5 * before:
        again = basis @ w
        w, h = w - again @ basis, h + again
    return w, h


def _turn(column: Any, turns: Any, g: Any, k: int) -> None:
    """Keep the projection triangular by Givens rotations, and its right-hand side with it."""
    for i in range(k):
        c, s = turns[i]
        column[i], column[i + 1] = (
            c * column[i] + s * column[i + 1],
            c * column[i + 1] - s * column[i],
        )
    size = np.hypot(column[k], column[k + 1]) or 1.0
    c, s = column[k] / size, column[k + 1] / size
    turns[k], column[k], column[k + 1] = (c, s), size, 0.0
    g[k], g[k + 1] = c * g[k], -s * g[k]
