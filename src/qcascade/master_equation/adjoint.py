"""Derivatives of a function of a steady state, by one equation more for all parameters.

With L ρ = 0, Tr ρ = 1 and G = ∂f/∂ρ, a change of L changes f by

    df = −Tr[λ (dL ρ)],    L†λ = K†λ + λK + Σ_J J†λJ = G − Tr(Gρ) 1.

L = Σ_m f_m L_m (`terms.py`), so ∂f/∂f_m = −Tr[λ L_m ρ] is all there is to know, however many
parameters the coefficients f_m depend on. L†λ = g has solutions where Tr gρ = 0, up to a multiple
of 1, which Tr λ = 0 fixes; as a steady state it is found by GMRES, for the equation between jumps.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ConvergenceError
from ..hilbert.states import DensityState
from ..numerics.gmres import gmres
from .generator import Generator
from .splitting import Splitting
from .terms import Feature, elements

if TYPE_CHECKING:
    from .model import LindbladModel

RESIDUAL = 1e-12
"""‖L†λ − g‖ aimed at, relative to ‖g‖."""

ACCEPTED = 1e-9
"""‖L†λ − g‖ that is refused, relative to ‖g‖."""

MOST = 3000
"""Iterations, all in all."""

LONGEST = 300
"""Iterations after which the Krylov basis is begun anew."""


def coefficient_slopes(
    model: "LindbladModel",
    state: DensityState,
    G: Sequence[np.ndarray],
    features: Sequence[Feature],
    real: bool,
) -> np.ndarray:
    """∂f/∂f_m for the coefficients of a master equation (F,).

    Args:
        model: the master equation.
        state: its steady state.
        G: Hermitian ∂f/∂ρ, one matrix per sector: df = Tr G dρ.
        features: what the coefficients stand before.
        real: whether ρ stays real for all coefficients that do not vanish.

    Raises:
        ConvergenceError: when the adjoint equation is not solved.
    """
    # No mirror: G and a change of a parameter need not have that of ρ.
    # Where ρ stays real, so does dL ρ, and only the real part of λ (and of G) counts.
    generator = model.generator(mirrored=False, real=real)
    layout = generator.layout
    g = layout.packed([np.real(x) for x in G] if layout.real else list(G)).astype(layout.dtype)
    multiplier = layout.unpack(adjoint_solution(generator, layout.pack(state), g))
    return -_overlaps(state, multiplier.blocks, features)


def adjoint_solution(generator: Generator, rho: np.ndarray, G: np.ndarray) -> np.ndarray:
    """λ with L†λ = G − Tr(Gρ) 1 and Tr λ = 0 on the sectors kept, packed.

    Args:
        generator: the master equation, without a mirror.
        rho: its steady state, packed.
        G: packed Hermitian right-hand side.

    Raises:
        ConvergenceError: when the residual stays above `ACCEPTED`.
    """
    layout = generator.layout
    back = Generator(
        layout,
        generator.K.conj().T.tocsr(),
        tuple(jump.conj().T.tocsr() for jump in generator.jumps),
    )
    split = Splitting(back)
    one = layout.packed([np.eye(d, dtype=layout.dtype) for d in layout.space.sizes])
    g = G - layout.inner(rho, G) * one
    size = float(np.linalg.norm(g))
    x = np.zeros_like(g)
    if size <= 4 * np.finfo(float).eps * np.linalg.norm(G):
        return x  # f is a function of the trace alone
    # Sectors that drop out have a right-hand side of their own: there D x = g, to begin with.
    split.no_jump.solve(g, split.eliminated, x)
    border, spent, before = split.restrict(one), 0, np.inf
    border /= np.linalg.norm(border)

    def more(v: Any) -> Any:
        y, w = split.advance(v.view(layout.dtype))
        return (w + layout.trace(y) * border).view(np.float64)

    while True:
        r = g - back.apply(x)
        residual = float(np.linalg.norm(r))
        if residual <= RESIDUAL * size or not residual < 0.5 * before or spent >= MOST:
            break
        before = residual
        restricted = split.restrict(r).view(np.float64)
        length = min(LONGEST, MOST - spent)
        v, steps = gmres(more, restricted, length, 0.3 * RESIDUAL * size, lambda _, __: None)
        x = layout.symmetric(x + split.advance(v.view(layout.dtype))[0])
        spent += steps
    if not residual <= ACCEPTED * size:
        raise ConvergenceError(
            f"The adjoint of the steady state was not reached: after {spent} iterations "
            f"‖L†λ − g‖/‖g‖ is {residual / size:.2g}, not {ACCEPTED:.2g}; something decays slowly."
        )
    return x


def _overlaps(
    state: DensityState, multiplier: Sequence[np.ndarray], features: Sequence[Feature]
) -> np.ndarray:
    """Tr[λ L_m ρ] of every coefficient."""
    from scipy.sparse import block_diag, csr_array, eye_array

    space = state.space
    rho, weight = (csr_array(block_diag(x, "csr")) for x in (state.blocks, multiplier))
    weight = weight.conj()  # Tr λA = Σ λ*_ij A_ij
    every: Any = eye_array(space.dimension, format="csr")

    def matrix(key: Any) -> Any:
        row, column, numbers = elements(space, key)
        return csr_array((numbers, (row, column)), (space.dimension,) * 2)

    overlaps = np.empty(len(features))
    for m, (key, jump, imaginary) in enumerate(features):
        left, right = (matrix((key[0],)), matrix((key[1],))) if jump else (matrix(key), every)
        total = complex(weight.multiply(left @ rho @ right.T).sum())
        total *= 1j if imaginary else 1.0
        # A coefficient's term and its Hermitian conjugate; W ρ W† is its own, and counts once.
        overlaps[m] = total.real * (1.0 if jump and key[0] == key[1] else 2.0)
    return overlaps
