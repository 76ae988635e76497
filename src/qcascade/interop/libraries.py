"""To and from The Walrus and Strawberry Fields, and to dynamiqs, by named converters.

| library | order | ħ | vacuum | to | from |
|---|---|---|---|---|---|
| The Walrus, Strawberry Fields | x₁, …, x_N, p₁, …, p_N | 2 | V = 1 | `to_walrus` | `from_walrus` |
| QuTiP | x₁, p₁, x₂, … | 1 | V = ½ | `to_qutip` | `from_qutip`, `density`, `ket` |
| dynamiqs | as QuTiP | 1 | V = ½ | `to_dynamiqs` | `from_qutip`, `density`, `ket` |
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..base.arrays import set_jax_to_double
from ..base.checks import fail, number
from ..base.conventions import from_vacuum_one, from_xxpp, to_vacuum_one, to_xxpp
from ..base.keywords import spoken
from ..base.names import mode_names
from ..base.optional import library
from ..hilbert.cutoffs import Cutoffs
from ..linear.state import GaussianState
from .qutip import Model, State, in_number_basis, to_qutip


@spoken
def to_walrus(state: GaussianState) -> tuple[Any, Any]:
    """Means and covariance for The Walrus and Strawberry Fields, both at their ħ = 2.

    R' = √2 (x₁, …, x_N, p₁, …, p_N), so that x' = a + a†, ⟨R'⟩ = √2⟨R⟩ and V' = 2V in that order,
    with the vacuum at V' = 1. `thewalrus.quantum` functions take them with their default
    hbar = 2; in Strawberry Fields `ops.Gaussian(cov, means)` prepares the state.

    Args:
        state: the state, or a batch on leading axes (the libraries take one at a time).

    Returns:
        Means (…, 2N) and covariance (…, 2N, 2N).

    Raises:
        ArgumentError: when it is no `GaussianState`.

    >>> from qcascade import coherent
    >>> means, cov = to_walrus(coherent(["a", "b"], [1.0, 2j]))
    >>> means, cov.diagonal()
    (array([2., 0., 0., 4.]), array([1., 1., 1., 1.]))
    """
    if not isinstance(state, GaussianState):
        raise fail("state", "be a GaussianState", state)
    order = np.arange(2 * len(state.modes)).reshape(-1, 2).T.ravel()
    return np.sqrt(2) * state.mean[..., order], to_vacuum_one(to_xxpp(state.cov))


@spoken
def from_walrus(means: Any, cov: Any, modes: str | Iterable[str]) -> GaussianState:
    """A state from The Walrus's or Strawberry Fields' means and covariance, at their ħ = 2.

    ⟨R⟩ = ⟨R'⟩/√2 and V = V'/2, from the order (x₁, …, x_N, p₁, …, p_N) with the vacuum at V' = 1.
    In Strawberry Fields a state has them as `state.means()` and `state.cov()`.

    Args:
        means: ⟨R'⟩, shape (…, 2N).
        cov: V', symmetric, shape (…, 2N, 2N).
        modes: names of the N modes.

    Raises:
        ArgumentError: when shapes do not fit, or the covariance is not symmetric.

    >>> from qcascade import vacuum
    >>> state = from_walrus(*to_walrus(vacuum(["a", "b"])), ["a", "b"])
    >>> state.cov.diagonal()
    array([0.5, 0.5, 0.5, 0.5])
    """
    names = mode_names(modes)
    size = 2 * len(names)
    means, cov = number("means", means), number("cov", cov, "a real matrix")
    if means.shape[-1:] != (size,):
        raise fail("means", f"have shape (…, {size}), two for each mode", means.shape)
    if cov.shape[-2:] != (size, size):
        raise fail("cov", f"have shape (…, {size}, {size}), two for each mode", cov.shape)
    order = np.arange(size).reshape(2, -1).T.ravel()
    return GaussianState(names, means[..., order] / np.sqrt(2), from_vacuum_one(from_xxpp(cov)))


@spoken
def to_dynamiqs(
    system: Model | State,
    cutoffs: Cutoffs | None = None,
) -> Any:
    """A model or a state as dynamiqs QArrays, in double precision.

    The basis is QuTiP's: |n₁ n₂ …⟩ in lexicographic order, one entry of `dims` per mode, and level
    0 of a qubit is its ground state. Back: `density` and `ket` take QArrays, as do `from_qutip`
    and the initial state of `evolve`.

    Args:
        system: a model or a state.
        cutoffs: most quanta by mode, for a Gaussian model or state only.

    Returns:
        For a model H and the list of jump operators, as sparse diagonals (`dynamiqs.dia`); for a
        state its density matrix or ket, dense.

    Raises:
        ArgumentError: for anything else, cutoffs that are missing or not needed, or when dynamiqs
            is set to single precision; and as `lindblad` and `truncate`.
        ImportError: when dynamiqs is not installed.

    >>> from qcascade import lindblad, qubit
    >>> H, jumps = to_dynamiqs(lindblad(qubit(0.5, decay=1.0)))
    >>> H.dims, jumps[0].to_numpy().real
    ((2,), array([[0., 1.],
           [0., 0.]]))
    """
    cut = in_number_basis(system, cutoffs)
    dynamiqs = library("dynamiqs")
    set_jax_to_double()  # which dynamiqs computes with
    if dynamiqs.destroy(2).dtype != np.complex128:
        must = "meet dynamiqs in double precision (dynamiqs.set_precision('double'))"
        raise fail("system", must, "single precision")
    quantum_object = to_qutip(cut)
    if not isinstance(quantum_object, tuple):
        return dynamiqs.asqarray(quantum_object)
    return _sparse(quantum_object[0]), [_sparse(jump) for jump in quantum_object[1]]


def _sparse(operator: Any) -> Any:
    """A `Qobj` as a QArray of the diagonals that hold something."""
    matrix = operator.to("csr").data.as_scipy().tocoo()
    offsets = sorted({int(k) for k in (matrix.col - matrix.row)[matrix.data != 0]}) or [0]
    diagonals = {k: np.asarray(matrix.tocsr().diagonal(k), complex) for k in offsets}
    dims = tuple(map(int, operator.dims[0]))
    return library("dynamiqs").sparsedia_from_dict(diagonals, dims=dims)
