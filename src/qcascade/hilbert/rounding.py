"""What cancellation leaves of zero, judged by what it was summed from.

A sum that ought to vanish comes out as a few ε times the terms it was summed from. Nothing else
says what counts as zero: optical frequencies stand beside mechanical rates in one model, so that
the largest number of the whole says nothing about the smallest. Real and imaginary parts are
judged apart: a decay beside a frequency, a drive beside a hopping.

Coefficients may be arrays, one number for every point of a batch: each point is judged for itself,
and a sum is left out only where it is zero at all points.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Key = TypeVar("Key", bound=Hashable)

ROUNDING = 2.0**-48
"""Part of what was summed that counts as zero: sixteen times the machine precision."""

TURNED = 2.0**-51
"""Part of a number's modulus that counts as zero: what a turn of its phase leaves."""


def summed(
    contributions: Iterable[tuple[Key, Any, Any]], small: float = ROUNDING
) -> dict[Key, Any]:
    """Sums by key; parts that cancel are exactly zero, and sums that cancel are left out.

    Args:
        contributions: key, number, and the sizes of what its real and imaginary parts were
            computed from (as the parts of a complex number).
        small: how much of what was summed counts as zero.

    >>> summed([("x", 1e15, 1e15), ("x", -1e15, 1e15), ("y", 1.0, 1.0)])
    {'y': (1+0j)}
    """
    value: dict[Key, Any] = {}
    size: dict[Key, Any] = {}
    for key, number, of in contributions:
        value[key] = value[key] + number if key in value else number
        size[key] = size[key] + of if key in size else of
    sums = {}
    for key, number in value.items():
        if isinstance(number, np.ndarray):
            of = size[key]
            of = of if np.shape(of) == number.shape else np.broadcast_to(of, number.shape)
            both = _both(number)
            both = np.where(np.abs(both) > small * _both(of), both, 0.0)
            if both.any():
                sums[key] = both.view(complex)[..., 0]
            continue
        re = number.real if abs(number.real) > small * size[key].real else 0.0
        im = number.imag if abs(number.imag) > small * size[key].imag else 0.0
        if re or im:
            sums[key] = complex(re, im)
    return sums


def coefficient(c: Any) -> Any:
    """A coefficient as a complex number, or as an array of them.

    Args:
        c: a number or an array, one number for every point of a batch.
    """
    return np.asarray(c, complex) if np.ndim(c) else complex(c)


def parts(re: Any, im: Any) -> Any:
    """re + i im, where infinities and signed zeros of one do not touch the other."""
    if not (isinstance(re, np.ndarray) or isinstance(im, np.ndarray)):
        return complex(re, im)
    one, other = np.shape(re), np.shape(im)
    number = np.empty(one if one == other else np.broadcast_shapes(one, other), complex)
    number.real, number.imag = re, im
    return number


def _both(number: np.ndarray) -> np.ndarray:
    """Real and imaginary parts of numbers (…) beside each other, (…, 2): one pass serves both."""
    return np.ascontiguousarray(number, complex)[..., None].view(np.float64)


def largest(x: Any) -> float:
    """The largest |x| of a number, or of an array over all points."""
    return float(np.abs(x).max(initial=0.0)) if isinstance(x, np.ndarray) else abs(x)


def sizes(number: Any) -> Any:
    """Sizes of both parts of a number that nothing was summed to."""
    if isinstance(number, np.ndarray):
        return np.abs(_both(number)).view(complex)[..., 0]
    return parts(abs(number.real), abs(number.imag))


def product_sizes(x: Any, y: Any) -> Any:
    """Sizes of what the real and imaginary parts of x y* are summed from."""
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        x, y = sizes(x), sizes(y)
        return parts(x.real * y.real + x.imag * y.imag, x.imag * y.real + x.real * y.imag)
    return parts(
        abs(x.real * y.real) + abs(x.imag * y.imag), abs(x.imag * y.real) + abs(x.real * y.imag)
    )


def turned(c: Any) -> Any:
    """A coefficient without the part that a turn of its phase leaves of zero.

    Args:
        c: a number whose phase means little to its last digit: not a frequency beside a decay.
    """
    least = TURNED * abs(c)
    if isinstance(c, np.ndarray):
        both = _both(c)
        return np.where(np.abs(both) > least[..., None], both, 0.0).view(complex)[..., 0]
    return complex(c.real if abs(c.real) > least else 0.0, c.imag if abs(c.imag) > least else 0.0)


def without_cancelled(K: "csr_array", jumps: Sequence["csr_array"]) -> "csr_array":
    """K = −iH − ½ΣJ†J without what the cancellation of H against the jumps left.

    In a cascade −iH_uv cancels half of Σ J†J in one direction. Where they cancel, both are as
    large as ½Σ|J†||J|, whatever H was.

    Args:
        K: no-jump generator (D, D).
        jumps: the jumps J (D, D).
    """
    from scipy.sparse import csr_array

    K = csr_array(K, copy=True)
    K.sum_duplicates()
    row, column = K.tocoo().coords
    re, im = np.real(K.data), np.imag(K.data)
    # Off the diagonal, what a turned phase leaves counts as zero, too.
    turned = np.where(row == column, 0.0, TURNED * np.abs(K.data))
    least_re, least_im = (
        np.maximum(turned, 0.5 * ROUNDING * elements(S, K)) for S in _jump_sizes(jumps, K.shape)
    )
    re, im = (np.where(np.abs(re) > least_re, re, 0.0), np.where(np.abs(im) > least_im, im, 0.0))
    K.data = re + 1j * im if np.any(im) else re
    K.eliminate_zeros()
    return K


def _jump_sizes(jumps: Sequence["csr_array"], shape: Any) -> tuple[Any, Any]:
    """What the real and imaginary parts of ΣJ†J are summed from."""
    from scipy.sparse import csr_array

    real, imaginary = csr_array(shape), csr_array(shape)
    for jump in jumps:
        re, im = abs(jump.real), abs(jump.imag) if np.iscomplexobj(jump.data) else None
        real = real + re.T @ re
        if im is not None and np.any(im.data):
            real = real + im.T @ im
            imaginary = imaginary + re.T @ im + im.T @ re
    return real.tocsr(), imaginary.tocsr()


def elements(M: Any, at: Any) -> np.ndarray:
    """Elements of a sparse matrix where another one has its own, in the order of its data.

    Args:
        M: sparse matrix.
        at: sparse matrix of the same shape, its elements in order (`sum_duplicates`).
    """

    def keys(X: Any) -> np.ndarray:
        row, column = X.tocoo().coords
        return row.astype(np.int64) * X.shape[1] + column

    M.sum_duplicates()
    known, wanted = keys(M), keys(at)
    if not known.size:
        return np.zeros(wanted.size)
    place = np.minimum(np.searchsorted(known, wanted), known.size - 1)
    return np.where(known[place] == wanted, M.data[place], 0.0)


def turned_real(matrix: "csr_array") -> "csr_array":
    """A matrix times the phase that makes its largest element real, and others if they can be.

    Args:
        matrix: sparse matrix, not empty.
    """
    from scipy.sparse import csr_array

    largest = matrix.data[np.argmax(np.abs(matrix.data))]
    data = matrix.data * (abs(largest) / largest)
    small = 2 * TURNED * np.abs(data)
    re, im = (np.where(np.abs(part) > small, part, 0.0) for part in (data.real, data.imag))
    rotated = csr_array((re + 1j * im, matrix.indices, matrix.indptr), matrix.shape)
    rotated.eliminate_zeros()
    return rotated
