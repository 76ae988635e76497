"""Master equations as dense matrices, from words and Kronecker products alone."""

from functools import lru_cache, reduce

import numpy as np


@lru_cache(maxsize=256)
def operator(word, modes, levels):
    """A word of ladder operators on the product of all modes, in lexicographic order."""
    factors = []
    for mode, d in zip(modes, levels, strict=True):
        own = np.diag(np.sqrt(np.arange(1.0, d)), 1)
        matrices = [own.T if dagger else own for name, dagger in word if name == mode]
        factors.append(reduce(np.matmul, matrices, np.eye(d)))
    whole = reduce(np.kron, factors)
    whole.flags.writeable = False
    return whole


def matrix(ladder, model):
    """A polynomial as a dense matrix; the model's modes must have cutoffs of their own."""
    levels = tuple(top + 1 for top in model.space.tops)
    size = int(np.prod(levels))
    total = np.zeros((size, size), complex)
    for word, c in ladder.terms.items():
        total += c * operator(word, model.modes, levels)
    return total


def rate(model, rho):
    """−i[H, ρ] + Σ_J (JρJ† − ½{J†J, ρ})."""
    H = matrix(model.H, model)
    total = -1j * (H @ rho - rho @ H)
    for J in (matrix(J, model) for J in model.jumps):
        square = J.conj().T @ J
        total += J @ rho @ J.conj().T - 0.5 * (square @ rho + rho @ square)
    return total


def liouvillian(model):
    """L on ρ, row by row: −i[H, ρ] + Σ_J (JρJ† − ½{J†J, ρ})."""
    H, jumps = matrix(model.H, model), [matrix(J, model) for J in model.jumps]
    one = np.eye(len(H))
    L = -1j * (np.kron(H, one) - np.kron(one, H.T))
    for J in jumps:
        square = J.conj().T @ J
        L += np.kron(J, J.conj()) - 0.5 * (np.kron(square, one) + np.kron(one, square.T))
    return L


def steady_states(model, small=1e-10):
    """How many independent steady states there are, and ρ if there is one."""
    _, singular, rows = np.linalg.svd(liouvillian(model))
    count = int(np.sum(singular <= small * singular[0]))
    rho = rows[-1].conj().reshape([round(np.sqrt(len(rows)))] * 2)
    return count, rho / np.trace(rho)
