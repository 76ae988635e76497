"""T(ω) of some outputs and inputs of a linear model, or of all of them.

T = F + C(−iω − A)⁻¹B is solved from the side that has fewer columns: by (−iω − A)⁻¹B for few
inputs, by (−iω − Aᵀ)⁻¹Cᵀ for few outputs. The spectrum of a port of two hundred lossy cavities then
costs little more than that of two hundred lossless ones, though four hundred quadratures enter.
"""

from typing import Any

import numpy as np

from ..base.checks import UnstableError, check_broadcast, is_traced, namespace
from ..lyapunov.solve import growth
from ..lyapunov.watched import see
from .delayed import InputOutput, at_frequency, lines_of, ways, ways_by_lines
from .delayed_steady import stable_with_delays
from .model import GaussianModel
from .resolvent import resolvent


def response(model: GaussianModel, omega: Any, outputs: Any = None, inputs: Any = None) -> Any:
    """T(ω), shape (…, 2q, 2p), NaN at points without a steady state.

    Where no wire leads, T is zero to the last bit (inside of JAX's transformations, to rounding).

    Args:
        model: with ports.
        omega: ω, a number or an array.
        outputs: positions of q open outputs, all when None.
        inputs: positions of p open inputs, all when None.

    Raises:
        ArgumentError: for shapes that do not fit.
        UnstableError: for a single model that has no steady state.
    """
    check_broadcast({"model": batch_of(model), "frequency": np.shape(omega)})
    stable, rows, columns = _stable(model), _quadratures(outputs), _quadratures(inputs)
    if model.delays is not None:
        lines = lines_of(model.delays)
        system = at_frequency(lines, omega)
        led_to = None if any(map(is_traced, lines)) else ways_by_lines(lines)[rows][:, columns]
        A, B, C, F = _between(system, rows, columns)
    else:
        system = InputOutput(model.A, model.input_matrix, model.output_matrix, model.feedthrough)
        A, B, C, F = _between(system, rows, columns)
        led_to = None if any(map(is_traced, (A, B, C, F))) else ways(A, B, C, F)
    xp = namespace(A, B, C, F, omega)
    if stable is not None and not np.all(stable):  # A point just at threshold may be singular.
        A = xp.where(xp.asarray(stable)[..., None, None], A, -xp.eye(A.shape[-1]))
    if B.shape[-1] <= C.shape[-2]:
        T = F + C @ resolvent(A, B, omega)
    else:
        T = F + _transposed(resolvent(_transposed(A), _transposed(C), omega)) @ B
    if led_to is not None:
        T = xp.where(led_to, T, 0.0)
    return T if stable is None else xp.where(xp.asarray(stable)[..., None, None], T, np.nan)


def batch_of(model: GaussianModel) -> tuple[int, ...]:
    """Leading axes of a model.

    Args:
        model: of a network.
    """
    if model.delays is None:
        return np.shape(model.A)[:-2]
    closed, times = model.delays.closed.A, model.delays.times
    return np.broadcast_shapes(np.shape(closed)[:-2], np.shape(times)[:-1])


def _quadratures(positions: Any) -> Any:
    """Rows (x, p) of ports, which need not be looked for where it is all of them."""
    if positions is None:
        return slice(None)
    return (2 * np.asarray(positions, int)[:, None] + np.arange(2)).ravel()


def _between(system: InputOutput, rows: Any, columns: Any) -> InputOutput:
    A, B, C, F = system
    return InputOutput(A, B[..., columns], C[..., rows, :], F[..., rows, :][..., columns])


def _transposed(X: Any) -> Any:
    return namespace(X).swapaxes(X, -1, -2)


def _stable(model: GaussianModel) -> Any:
    """Where there is a steady state, shape (…); None where nobody can tell (inside of jit)."""
    if model.delays is not None:
        hidden = any(map(is_traced, lines_of(model.delays)))
        return None if hidden else stable_with_delays(model)
    if is_traced(model.A):
        return None
    see(model.A)
    rate = growth(model.A)
    if np.ndim(rate) == 0 and not rate < 0:
        raise UnstableError(
            f"The model has no steady state, and so no spectrum: it grows at the rate {rate:.3g}."
        )
    return rate < 0
