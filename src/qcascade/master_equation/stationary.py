"""Steady states of block-diagonal master equations: L ρ = 0, Tr ρ = 1.

Few elements: the null space of L from its singular values, `null_space`. Many: GMRES for the
equation between quantum jumps, `Splitting`, with the trace as a border, `bordered`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ConvergenceError, between, count, fail
from ..hilbert.rounding import elements
from ..hilbert.states import DensityState
from .bordered import GOAL, Problem, begin, degenerate, residuals
from .null_space import null_space

if TYPE_CHECKING:
    from .generator import Generator

FEW = 800
"""Elements of ρ up to which the null space of L is computed whole."""

MANY = 2500
"""Elements of ρ up to which the null space is computed whole where GMRES is not sure."""


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
        unique: whether to make sure that there is only one steady state, and of the error of
            the state; of several, mixed states decide.
        progress: called with the number of iterations and the residual.

    Returns:
        A `DensityState` with `info`: `residual` ‖Lρ‖/‖ρ‖ in the unit of the rates,
        `relative_residual` as `tolerance` has it, `iterations`; and where `unique` made sure of it
        `estimated_error` of the state (Frobenius norm).

    Raises:
        DegenerateError: when there is more than one steady state.
        ConvergenceError: when the residual stays above the tolerance, or something decays so
            slowly that the error of the state is above 1e6 times the tolerance.
        ArgumentError: for a K that does not fit the jumps, or a start that does not fit.

    >>> from scipy.sparse import csr_array
    >>> from qcascade.master_equation.generator import Generator
    >>> from qcascade.master_equation.layout import Layout
    >>> from qcascade.hilbert.space import Space
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
        return _direct(generator, tolerance, unique)
    problem = Problem(generator, tolerance, max_iterations, memory, progress)
    x = problem.solve(begin(generator, start))
    if not unique:
        return problem.state(x, {"warnings": ()})
    try:
        x, error = problem.made_sure(x)
        problem.made_sure_of_imaginary_parts(x)
    except ConvergenceError as slow:
        if generator.layout.space.elements > MANY:
            raise
        try:
            return _direct(generator, tolerance, unique)
        except ConvergenceError:
            raise slow from None
    return problem.state(x, _told(error, tolerance))


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
    residual = moved - np.vdot(psi, moved) * psi
    return float(max(np.linalg.norm(v) for v in (residual, *(jump @ psi for jump in jumps))))


def _check_trace(generator: "Generator") -> None:
    K, jumps = generator.K, generator.jumps
    total = K + K.conj().T
    size = abs(K) + abs(K).T
    for jump in jumps:
        total = total + jump.conj().T @ jump
        size = size + abs(jump).T @ abs(jump)
    total, size = total.tocsr(), size.tocsr()
    total.sum_duplicates()
    if np.any(np.abs(total.data) > 1e-9 * elements(size, total)):
        error = np.abs(total.data).max()
        must = "preserve the trace, K + K† + ΣJ†J = 0"
        raise fail("generator", must, f"off by {error:.3g}")


def _direct(generator: "Generator", tolerance: float, unique: bool) -> DensityState:
    """The null space of L, written out as a matrix on vectors of all blocks."""
    null = null_space(generator)
    if unique and null.dimension > 1:
        raise degenerate(f"{null.dimension} independent ones")
    info = residuals(generator, generator.layout.pack(null.state)) | {"iterations": 0}
    told = _told(null.error, tolerance) if null.dimension == 1 else {"warnings": ()}
    return DensityState(null.state.space, null.state.blocks, info | told)


def _told(error: float, tolerance: float) -> dict[str, Any]:
    """What `info` says about the error of a state."""
    told = f"the estimated error is {error:.2g}: something decays slowly"
    warnings = (told,) if error > 10 * GOAL * tolerance else ()
    return {"estimated_error": error, "warnings": warnings}
