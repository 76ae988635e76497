"""Steady states of many elements: L' ρ = L ρ + c Tr ρ = c by GMRES, and how sure that is.

L is singular, so the trace borders it. The preconditioner acts from the right, so that the residual
that is made small is the true one.

A small residual r is not a small error L'⁻¹r: what decays slowly hardly shows in r. So L' y = b is
solved for a random b, too. If there is a second steady state, there is a conserved quantity ℓ
besides the trace, ℓ L' = 0, and the residual of y stays above |⟨ℓ, b⟩|; if not, ‖y‖/‖b‖ says by how
much L'⁻¹ enlarges a residual.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ConvergenceError, DegenerateError, fail
from ..base.memory import free_memory
from ..hilbert.states import DensityState
from ..numerics.gmres import gmres, smallest
from .splitting import Splitting

if TYPE_CHECKING:
    from .generator import Generator


GOAL = 100.0  # error of the state aimed at, over the tolerance of its residual
_WRONG = 1e6  # error of the state that is refused, over the tolerance of its residual
_LOOSE = 1e-6  # part of a random right-hand side at which its solution is known well enough
_NULL = 1e-13  # rates below this, relative to the largest element of K, are zero
_TURNED = 40_000  # elements of ρ up to which a real model is asked about imaginary parts, too
_LOOK = 10  # iterations without progress after which the slowest rate is looked at


def _scale(generator: "Generator") -> float:
    """The largest element of K, which stands for the norm of L; 1 for no K at all."""
    return float(np.abs(generator.K.data).max(initial=0.0)) or 1.0


def begin(generator: "Generator", start: Any) -> Any:
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


def residuals(generator: "Generator", x: Any) -> dict[str, Any]:
    layout, moved = generator.layout, generator.apply(x)
    residual = float(np.sqrt(layout.inner(moved, moved) / layout.inner(x, x)))
    return {"residual": residual, "relative_residual": residual / _scale(generator)}


def degenerate(tail: str) -> DegenerateError:
    """The error that says that there is more than one steady state.

    Args:
        tail: how that is known.
    """
    return DegenerateError(
        f"The model has more than one steady state ({tail}); which one is reached depends on the "
        "start. Look for parts that nothing damps or that are not connected; `unique=False` gives "
        "one of them."
    )


def _slow(rate: float, fastest: float, error: float) -> ConvergenceError:
    return ConvergenceError(
        f"The steady state is not certain: something decays at a rate of {rate:.2g} or less, "
        f"slower than {rate / fastest:.1g} relative to the fastest, so that rounding leaves an "
        f"error of about {error:.1g}. `unique=False` gives the state all the same."
    )


class _Look:
    """A look at the slowest rate in a Krylov space that makes no progress."""

    def __init__(self, problem: "Problem") -> None:
        self.problem, self.rate, self.residuals = problem, np.inf, [np.inf]

    def __call__(self, H: Any, basis: Any, residual: float) -> bool:
        """Whether a second steady state was found."""
        self.residuals.append(residual)
        k = len(self.residuals) - 1
        if k % _LOOK or residual < 0.5 * self.residuals[-1 - _LOOK]:
            return False
        size, v = smallest(H, basis)
        split, dtype = self.problem.split, self.problem.generator.layout.dtype
        z = split.advance(v.view(dtype))[0]
        self.rate = min(self.rate, size / self.problem._norm(z))
        return self.rate < _NULL * self.problem.scale


class Problem:
    """One steady-state problem, its split form and how many iterations were spent on it."""

    def __init__(
        self, generator: Any, tolerance: float, most: int, memory: Any, progress: Any
    ) -> None:
        self.generator, self.split = generator, Splitting(generator)
        self.tolerance, self.scale = tolerance, _scale(generator)
        self.target, self.most, self.progress = tolerance * self.scale, most, progress
        numbers = 8 * sum(place.stop - place.start for place in self.split.places.values())
        numbers *= 2 - generator.layout.real
        bytes_free = free_memory() / 4 if memory is None else memory
        self.longest = int(max(min(bytes_free / max(numbers, 1), most) - 2, 10))
        self.iterations = 0

    def solve(self, x: Any) -> Any:
        """The steady state from a start x."""
        before, layout = np.inf, self.generator.layout
        if abs(layout.trace(self.split.settle(x.copy()))) < 1e-3:
            x = (x + begin(self.generator, None)) / 2  # all of it was in eliminated sectors
        while True:
            x = self.split.settle(x)
            x /= layout.trace(x)
            moved = self.generator.apply(x)
            residual, size = self._norm(moved), self._norm(x)
            if residual <= self.target * size:
                return x
            if self.iterations >= self.most or not residual < 0.9 * before:
                raise self._missed(residual / size)
            before = residual
            # States are nearer to pure than a mixed start; if not, another cycle follows.
            x = x + self._cycle(x, moved, 0.5 * self.target * max(size, 0.3))

    def _cycle(self, x: Any, moved: Any, target: float) -> Any:
        """One GMRES cycle: the correction dx with L' dx = −L x."""
        r = -self.split.restrict(moved).view(np.float64)
        border = self.split.restrict(self.generator.no_jump(x))
        v = self._krylov(border / (np.linalg.norm(border) or 1.0), r, target)
        return self.split.advance(v.view(self.generator.layout.dtype))[0]

    def _krylov(self, border: Any, r: Any, target: float, look: "_Look | None" = None) -> Any:
        """v with L' M⁻¹ v = r, as well as one cycle can tell; `border` is c of L'."""
        layout, split = self.generator.layout, self.split

        def more(v: Any) -> Any:
            y, w = split.advance(v.view(layout.dtype))
            return (w + layout.trace(y) * border).view(np.float64)

        def tell(k: int, residual: float) -> None:
            if self.progress is not None:
                self.progress(self.iterations + k, residual)

        length = max(min(self.longest, self.most - self.iterations), 1)
        v, steps = gmres(more, r, length, target, tell, look)
        self.iterations += steps
        return v

    def made_sure(self, x: Any) -> tuple[Any, float]:
        """The state with an error that is small enough, and that error; raises where it is not.

        A residual r of the state is an error of about ‖y‖‖r‖/‖b‖.
        """
        iterations, self.iterations = self.iterations, 0
        gain, rate = self._gain(x)
        self.iterations = iterations
        floor = 4 * np.finfo(float).eps * self.target / self.tolerance

        def error(x: Any) -> float:
            return gain * (self._norm(self.generator.apply(x)) + floor * self._norm(x))

        while (before := error(x)) > GOAL * self.tolerance:
            wanted = 0.3 * GOAL * self.tolerance / gain / self._norm(x)
            self.target = max(wanted, floor)
            try:
                better = self.solve(x)
            except ConvergenceError:
                break
            if not error(better) < 0.7 * before:
                break
            x = better
        estimate = float(error(x))
        if estimate > _WRONG * self.tolerance:
            raise _slow(rate, self.scale, estimate)
        return x, estimate

    def made_sure_of_imaginary_parts(self, x: Any) -> None:
        """Raises where there are steady states that are not real: σ_y may be what is conserved."""
        from .generator import Generator
        from .layout import Layout

        real = self.generator.layout
        if real.real and real.space.elements <= _TURNED:
            layout = Layout(real.space, real.mirror, real=False)
            generator = Generator(layout, self.generator.K, self.generator.jumps)
            problem = Problem(generator, self.tolerance, self.most, None, None)
            gain, rate = problem._gain(x.astype(layout.dtype))
            error = 4 * np.finfo(float).eps * self.scale * gain * self._norm(x)
            if error > _WRONG * self.tolerance:
                raise _slow(rate, self.scale, error)

    def _gain(self, x: Any) -> tuple[float, float]:
        """‖y‖/‖b‖ of L' y = b for a random b, and the slowest rate seen.

        Raises:
            DegenerateError: when b has no solution.
            ConvergenceError: when it cannot be told.
        """
        layout, split = self.generator.layout, self.split
        # What x decays by would not do: a dark state has no decay.
        mixed = split.restrict(begin(self.generator, None))
        mixed /= np.linalg.norm(mixed)
        noise = _noise(layout, split.kept)
        b = split.restrict(noise).view(np.float64)
        target, y, residual = _LOOSE * float(np.linalg.norm(b)), 0.0, b
        gain, rate = 0.0, np.inf
        while np.linalg.norm(residual) > target:
            if self.iterations >= self.most:
                raise _slow(rate, self.scale, np.inf)
            look = _Look(self)
            v = self._krylov(mixed, residual, target, look)
            part, w = split.advance(v.view(layout.dtype))
            y = y + part
            residual = residual - v - (w + layout.trace(part) * mixed).view(np.float64)
            gain = self._norm(y - layout.trace(y) * x) / self._norm(noise)
            rate = min(rate, look.rate, 1 / max(gain, 1e-300))
            if rate < _NULL * self.scale:
                tail = f"a deviation decays {rate / self.scale:.1g} times as fast as the fastest"
                raise degenerate(tail + ", which is rounding")
        return gain, rate

    def state(self, x: Any, told: dict[str, Any]) -> DensityState:
        """The solution with what is known about it."""
        layout = self.generator.layout
        x = layout.symmetric(x)  # takes rounding off
        state = layout.unpack(x)
        info = residuals(self.generator, x) | {"iterations": self.iterations} | told
        return DensityState(state.space, state.blocks, info)

    def _norm(self, x: Any) -> float:
        return float(np.sqrt(self.generator.layout.inner(x, x)))

    def _missed(self, residual: float) -> ConvergenceError:
        return ConvergenceError(
            f"The steady state was not reached: after {self.iterations} iterations ‖Lρ‖/‖ρ‖ is "
            f"{residual:.2g}, not {self.target:.2g}; a larger `tolerance` or more free memory may "
            "do."
        )


def _noise(layout: Any, stored: list[int]) -> Any:
    """Random kets of kept sectors with random signs, and their mirror images; always the same.

    Kets over a few basis states tell apart what is conserved over many; kets over whole sectors
    and a random diagonal miss nothing that is conserved in a small corner.
    """
    random, space = np.random.default_rng(8128), layout.space
    blocks = [np.zeros((d, d), layout.dtype) for d in space.sizes]
    sectors = [int(layout.stored[k]) for k in stored]
    few = [(int(q), 3) for q in random.choice(sectors, 6)]
    for q, most in [*few, *((q, space.dimension) for q in sectors)]:
        d = int(space.sizes[q])
        chosen = random.choice(d, min(d, most), replace=False)
        ket = random.normal(size=len(chosen)) / np.sqrt(len(chosen))
        if not layout.real:
            ket = ket * np.exp(6j * random.random(len(chosen)))
        sign = random.normal() * (1.0 if most == 3 else len(sectors) ** -0.5)
        blocks[q][chosen[:, None], chosen] += sign * ket[:, None] * ket.conj()
    for block in blocks:
        block[np.diag_indices(len(block))] += random.normal(size=len(block)) * layout.size**-0.25
    return layout.symmetric(layout.packed(blocks))
