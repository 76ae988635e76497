"""States that are given as matrices or kets: typed, or of QuTiP and dynamiqs."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..base.checks import complex_number, fail
from ..base.keywords import spoken
from ..base.names import mode_names
from .space import Space
from .states import DensityState, PureState, hermitian


@spoken
def density(modes: str | Iterable[str], matrix: Any) -> DensityState:
    """A state of qubits (or of modes of given dimensions) from a matrix, a ket, or a QuTiP state.

    Args:
        modes: names of the modes, one per tensor factor; modes with two levels are qubits, with
            level 0 the ground state |0⟩.
        matrix: density matrix (D, D) or ket (D,), of modes with two levels each; or a QuTiP
            `Qobj` or a dynamiqs QArray, whose `dims` say how many levels each mode has.

    Returns:
        A `DensityState` with one block.

    Raises:
        ArgumentError: when sizes do not fit, or the matrix is not Hermitian, of trace 1, and
            free of negative eigenvalues.

    >>> from qcascade.measures import concurrence
    >>> bell = density(["left.q", "right.q"], np.array([1, 0, 0, 1]) / np.sqrt(2))
    >>> round(concurrence(bell, "left.q", "right.q"), 12)
    1.0
    """
    space, array = _typed(modes, "matrix", matrix)
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1 < array.shape[0]):
        array = np.outer(array, array.conj())
    if array.shape != (space.dimension,) * 2:
        raise fail("matrix", f"have shape {(space.dimension,) * 2}", array.shape)
    if not np.allclose(array, array.conj().T, rtol=0, atol=1e-9):
        raise fail("matrix", "be Hermitian", array)
    if abs(np.trace(array) - 1) > 1e-9:
        raise fail("matrix", "have trace 1 (a ket: norm 1)", f"trace {np.trace(array).real:.12g}")
    lowest = np.linalg.eigvalsh(hermitian(array))[0]
    if lowest < -1e-9:
        raise fail("matrix", "have no negative eigenvalue", f"lowest {lowest:.3g}")
    return DensityState(space, (hermitian(array),))


@spoken
def ket(modes: str | Iterable[str], amplitudes: Any) -> PureState:
    """A pure state of qubits (or of modes of given dimensions) from amplitudes or a QuTiP ket.

    Args:
        modes: names of the modes, one per tensor factor; modes with two levels are qubits, with
            level 0 the ground state |0⟩.
        amplitudes: (D,), of modes with two levels each; or a ket of QuTiP or dynamiqs, whose
            `dims` say how many levels each mode has.

    Raises:
        ArgumentError: when sizes do not fit, or the norm is not 1.

    >>> ket(["left.q", "right.q"], [0.6, 0, 0, 0.8])
    PureState(left.q, right.q; 4 amplitudes)
    """
    space, array = _typed(modes, "amplitudes", amplitudes)
    array = array.ravel() if array.ndim == 2 and 1 in array.shape else array
    if array.shape != (space.dimension,):
        raise fail("amplitudes", f"have shape ({space.dimension},)", array.shape)
    if abs(np.linalg.norm(array) - 1) > 1e-9:
        raise fail("amplitudes", "have norm 1", f"norm {np.linalg.norm(array):.12g}")
    return PureState(space, array)


def as_qobj(name: str, value: Any) -> Any:
    """A dynamiqs QArray as a QuTiP `Qobj`; anything else as it is.

    Args:
        name: argument to name in an error.
        value: anything.

    Raises:
        ArgumentError: for a batch of QArrays, or one in single precision.
    """
    if not (hasattr(value, "dims") and hasattr(value, "to_qutip")):
        return value
    if np.dtype(value.dtype) in (np.float32, np.complex64):
        must = "have double precision (dynamiqs.set_precision('double'))"
        raise fail(name, must, str(value.dtype))
    if value.ndim > 2:
        raise fail(name, "be one state or operator, not a batch", f"shape {value.shape}")
    return value.to_qutip()


def _typed(modes: Any, name: str, value: Any) -> tuple[Space, np.ndarray]:
    """The space of the modes named, in one sector, and the numbers as an array."""
    names = mode_names(modes)
    levels = [2] * len(names)
    value = as_qobj(name, value)
    if hasattr(value, "dims") and hasattr(value, "full"):
        levels, value = [int(d) for d in np.ravel(value.dims[0])], value.full()
    if len(levels) != len(names):
        raise fail("modes", f"name {len(levels)} modes, one per tensor factor", names)
    qubits = tuple(mode for mode, d in zip(names, levels, strict=True) if d == 2)
    space = Space(names, tuple(d - 1 for d in levels), qubits)
    return space, np.asarray(complex_number(name, value))
