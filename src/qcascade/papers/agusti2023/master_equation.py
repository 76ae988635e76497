"""The paper's master equations term by term, as functions of a dense ρ, for its claims."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np

import qcascade as qc

Equation = Callable[[np.ndarray], np.ndarray]


def wired_equation(model: qc.LindbladModel) -> Equation:
    """dρ/dt = Kρ + ρK† + Σ_J JρJ† of a network, for a dense ρ."""
    K = model.no_jump_matrix.toarray()
    jumps = [J.toarray() for J in model.jump_matrices]
    return lambda rho: K @ rho + rho @ K.conj().T + sum(J @ rho @ J.conj().T for J in jumps)


def broadband_spectrum(model: qc.LindbladModel) -> tuple[Any, Any]:
    """Decay rates −Re λ (D²,) of the whole generator of a small model, and its steady state."""
    right, size = wired_equation(model), model.space.dimension
    columns = [right(unit.reshape(size, size)).ravel() for unit in np.eye(size**2)]
    eigen: Any = np.linalg.eig(np.stack(columns, axis=1))  # ρ row by row
    values, vectors = eigen
    rho = vectors[:, np.argmin(np.abs(values))].reshape(size, size)
    return -values.real, rho / np.trace(rho)


def link_equation(
    model: qc.LindbladModel,
    detunings: tuple[tuple[float, ...], ...],
    squeezing: float,
    bandwidth: float,
    dephasing: float,
    product: bool,
) -> Equation:
    """Eq. (11), typed as it is printed, with its directed links 𝒯.

    𝒯[O₁, O₂]ρ = [O₁ρ, O₂†] + [O₂, ρO₁†]; the amplifier has g = (κ/2) tanh(r/2). Rates in units
    of γ.

    Args:
        model: for its basis.
        detunings: δ_A and δ_B; squeezing: r; bandwidth: κ; dephasing: γ_φ.
        product: "×" between the lines as printed, a product of matrices; else "+".
    """

    def matrix(name: str) -> np.ndarray:
        return model.space.matrix(qc.lower(name)).toarray()

    light = [np.sqrt(bandwidth) * matrix(f"source.{rail}") for rail in "ab"]
    pairs = range(1, len(detunings[0]) + 1)
    qubits = [[matrix(f"{rail}{i}.q") for i in pairs] for rail in "AB"]
    chains = [[a, *rail] for a, rail in zip(light, qubits, strict=True)]
    made = np.tanh(squeezing / 2) / 2 * light[0].conj().T @ light[1].conj().T
    alone = [
        (delta, lowering, 2 * lowering.conj().T @ lowering - np.eye(len(lowering)))
        for delta, lowering in zip(sum(detunings, ()), [*qubits[0], *qubits[1]], strict=True)
    ]
    links = [pair for chain in chains for pair in combinations(chain, 2)]

    def right(rho: np.ndarray) -> np.ndarray:
        coherent = _commutator(made - made.conj().T, rho)
        lost = sum(_dissipator(a, rho) for a in light)
        own = np.zeros_like(rho)
        for delta, lowering, z in alone:
            own = own - 0.5j * delta * _commutator(z, rho) + _dissipator(lowering, rho)
            own = own + dephasing / 2 * _dissipator(z, rho)
        joined = lost @ own if product else lost + own
        return coherent + joined + sum(_link(*pair, rho) for pair in links)

    return right


def _commutator(X: Any, Y: Any) -> Any:
    return X @ Y - Y @ X


def _dissipator(C: Any, rho: Any) -> Any:
    square = C.conj().T @ C
    return C @ rho @ C.conj().T - (square @ rho + rho @ square) / 2


def _link(first: Any, second: Any, rho: Any) -> Any:
    """𝒯[O₁, O₂]ρ: what leaves the first enters the second."""
    return _commutator(first @ rho, second.conj().T) + _commutator(second, rho @ first.conj().T)
