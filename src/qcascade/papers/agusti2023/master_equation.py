"""The paper's master equations term by term, as functions of a dense ρ, for its claims."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import qcascade as qc

Equation = Callable[[np.ndarray], np.ndarray]


def wired_equation(model: qc.LindbladModel) -> Equation:
    """dρ/dt = Kρ + ρK† + Σ_J JρJ† of a network, for a dense ρ.

    Args:
        model: from `lindblad`.
    """
    K = model.no_jump_matrix.toarray()
    jumps = [J.toarray() for J in model.jump_matrices]

    def right(rho: np.ndarray) -> np.ndarray:
        return K @ rho + rho @ K.conj().T + sum(J @ rho @ J.conj().T for J in jumps)

    return right


def broadband_spectrum(model: qc.LindbladModel) -> tuple[Any, Any]:
    """Decay rates −Re λ of the whole generator, and its steady state.

    Args:
        model: a small one: the generator is a dense matrix (D², D²).

    Returns:
        Rates (D²,), and ρ (D, D) of the eigenvalue nearest to zero.
    """
    one = np.eye(model.space.dimension)
    K = model.no_jump_matrix.toarray()
    generator = np.kron(K, one) + np.kron(one, K.conj())  # ρ row by row
    for jump in model.jump_matrices:
        J = jump.toarray()
        generator = generator + np.kron(J, J.conj())
    eigen: Any = np.linalg.eig(np.asarray(generator))
    values, vectors = eigen
    rho = vectors[:, np.argmin(np.abs(values))].reshape(one.shape)
    return -values.real, rho / np.trace(rho)


def link_equation(
    model: qc.LindbladModel,
    detunings: tuple[Sequence[float], Sequence[float]],
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
        detunings: δ_A and δ_B.
        squeezing: r.
        bandwidth: κ.
        dephasing: γ_φ.
        product: "×" between the lines as printed, a product of matrices; else "+".
    """

    def matrix(name: str) -> np.ndarray:
        return model.space.matrix(qc.lower(name)).toarray()

    pairs = range(1, len(detunings[0]) + 1)
    light = {"A": matrix("source.a"), "B": matrix("source.b")}
    qubits = {rail: [matrix(f"{rail}{i}.q") for i in pairs] for rail in "AB"}
    gain = bandwidth / 2 * np.tanh(squeezing / 2)
    made = light["A"].conj().T @ light["B"].conj().T
    H = 1j * gain * (made - made.conj().T)

    def source(rho: np.ndarray) -> tuple[Any, Any]:
        own = -1j * _commutator(H, rho)
        return own, sum(bandwidth * _dissipator(a, rho) for a in light.values())

    def alone(rho: np.ndarray) -> np.ndarray:
        found = np.zeros_like(rho)
        for rail, pattern in zip("AB", detunings, strict=True):
            for sigma, delta in zip(qubits[rail], pattern, strict=True):
                z = 2 * sigma.conj().T @ sigma - np.eye(len(rho))
                found = found - 0.5j * delta * _commutator(z, rho) + _dissipator(sigma, rho)
                found = found + dephasing / 2 * _dissipator(z, rho)
        return found

    def links(rho: np.ndarray) -> np.ndarray:
        found = np.zeros_like(rho)
        for rail in "AB":
            chain = [np.sqrt(bandwidth) * light[rail], *qubits[rail]]
            for v, after in enumerate(chain):
                found = found + sum(_link(before, after, rho) for before in chain[:v])
        return found

    def right(rho: np.ndarray) -> np.ndarray:
        (coherent, lost), own = source(rho), alone(rho)
        return coherent + (lost @ own if product else lost + own) + links(rho)

    return right


def _commutator(X: Any, Y: Any) -> Any:
    return X @ Y - Y @ X


def _dissipator(C: Any, rho: Any) -> Any:
    square = C.conj().T @ C
    return C @ rho @ C.conj().T - (square @ rho + rho @ square) / 2


def _link(first: Any, second: Any, rho: Any) -> Any:
    """𝒯[O₁, O₂]ρ: what leaves the first enters the second."""
    return _commutator(first @ rho, second.conj().T) + _commutator(second, rho @ first.conj().T)
