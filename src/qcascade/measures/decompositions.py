"""Williamson's form of states, and that of Bloch and Messiah of transformations."""

from typing import Any

import numpy as np

from ..base.checks import fail, namespace, numbers
from ..base.conventions import symplectic_form
from ..base.keywords import spoken
from ..linear.state import GaussianState
from . import symplectic
from .told import gaussian_state

_SYMPLECTIC = 1e-9
"""Part of |S|² by which SΩSᵀ may miss Ω."""


@spoken
def williamson(state: GaussianState) -> tuple[Any, Any]:
    """S and ν of V = S diag(ν₁, ν₁, ν₂, ν₂, …) Sᵀ: thermal modes, and what was done to them.

    S is symplectic, SΩSᵀ = Ω, and ν ascends (Williamson, Am. J. Math. 58, 141 (1936)); where
    several ν are equal, any S that fits.

    Args:
        state: a GaussianState of N modes, or a batch of them; NumPy.

    Returns:
        S, shape (…, 2N, 2N), and ν, shape (…, N), ½ for the vacuum; NaN where unstable, or where V
        is not positive definite.

    Raises:
        ArgumentError: for another kind of state, or one of JAX's arrays.

    >>> from qcascade.linear.state import two_mode_squeezed
    >>> S, levels = williamson(two_mode_squeezed(["l", "r"], 0.5))
    >>> levels.round(12)
    array([0.5, 0.5])
    """
    cov = gaussian_state("state", state).cov
    if namespace(cov) is not np:
        raise fail("state", "hold NumPy's arrays: the frame has no derivative", state)
    levels, X = symplectic.williamson(cov)
    return X / np.sqrt(np.repeat(levels, 2, axis=-1))[..., None, :], levels


@spoken
def bloch_messiah(S: Any) -> tuple[Any, Any, Any]:
    """O, r and Q of S = O diag(e^{r₁}, e^{−r₁}, e^{r₂}, …) Q: interferometer, squeezers, another.

    O and Q are orthogonal and symplectic, r descends from r₁ to r_N ≥ 0 (Bloch & Messiah, Nucl.
    Phys. 39, 95 (1962); Braunstein, PRA 71, 055801 (2005)).

    Args:
        S: symplectic, SΩSᵀ = Ω, shape (…, 2N, 2N), in the order (x₁, p₁, x₂, …); NaN in a batch
            passes.

    Returns:
        O and Q, shape (…, 2N, 2N), and r, shape (…, N).

    Raises:
        ArgumentError: when S is not symplectic.

    >>> S = np.diag([0.5, 2.0])                     # x squeezed: turned, squeezed, turned back
    >>> O, r, Q = bloch_messiah(S)
    >>> r, float(np.abs(O @ np.diag([2.0, 0.5]) @ Q - S).max().round(12))
    (array([0.69314718]), 0.0)
    """
    S = np.asarray(numbers("S", S, "a real symplectic matrix"), float)
    size = S.shape[-1] if S.ndim > 1 else 0
    if size == 0 or size % 2 or S.shape[-2] != size:
        raise fail("S", "have shape (…, 2N, 2N)", S.shape)
    _check_symplectic(S)
    O, Q, r = np.empty(S.shape), np.empty(S.shape), np.empty((*S.shape[:-2], size // 2))
    for point in np.ndindex(S.shape[:-2]):
        finite = bool(np.isfinite(S[point]).all())
        O[point], r[point], Q[point] = _factors(S[point]) if finite else (np.nan,) * 3
    return O, r, Q


def _check_symplectic(S: Any) -> None:
    form = symplectic_form(S.shape[-1] // 2)
    miss = np.abs(S @ form @ np.swapaxes(S, -1, -2) - form).max(axis=(-1, -2))
    wrong = miss > _SYMPLECTIC * np.maximum(1.0, np.abs(S).max(axis=(-1, -2)) ** 2)
    if np.any(wrong):
        at = tuple(int(k) for k in np.argwhere(wrong)[0])
        place = f"at point {at}" if at else ""
        raise fail("S", "be symplectic, SΩSᵀ = Ω", f"off by {miss[at]:.3g}", place)


def _factors(S: Any) -> tuple[Any, Any, Any]:
    """a → E a + F a† with E = U cosh(r) W and F = U sinh(r) W*, unitary U and W.

    2EFᵀ = U sinh(2r) Uᵀ is complex symmetric, and U its Takagi factor. W comes from the rows of
    U†S that are stretched, whose digits are not lost; all others follow from them.
    """
    xx, xp, px, pp = S[0::2, 0::2], S[0::2, 1::2], S[1::2, 0::2], S[1::2, 1::2]
    E, F = (xx + pp + 1j * (px - xp)) / 2, (xx - pp + 1j * (px + xp)) / 2
    Z = 2 * E @ F.T
    U = _takagi((Z + Z.T) / 2)
    turned = _as_quadratures(U).T @ S
    stretched = turned[0::2]
    length = np.linalg.norm(stretched, axis=-1)
    order = np.argsort(-length, kind="stable")
    U, stretched, length = U[:, order], stretched[order], length[order]
    # A row of Q for x is (Re w, −Im w) of the same row of W.
    w = (stretched[:, 0::2] - 1j * stretched[:, 1::2]) / length[:, None]
    left, _, right = np.linalg.svd(w)
    return _as_quadratures(U), np.maximum(np.log(length), 0.0), _as_quadratures(left @ right)


def _takagi(Z: Any) -> Any:
    """Unitary U of Z = U Σ Uᵀ, for symmetric Z.

    From Z = AΣB†: A†B* is unitary, symmetric and of one block for each value of Σ, and U = A
    times its root. The root has its cut where no eigenvalue is near, so that it is symmetric too.
    """
    from scipy.linalg import schur

    A, _, Bh = np.linalg.svd(Z)
    triangle, vectors = schur(A.conj().T @ Bh.T, output="complex")[:2]
    phases = np.sort(np.angle(np.diag(triangle)))
    gaps = np.diff(phases, append=phases[0] + 2 * np.pi)
    widest = int(np.argmax(gaps))
    middle = phases[widest] + gaps[widest] / 2 - np.pi  # opposite the widest gap
    turned = np.angle(np.diag(triangle) * np.exp(-1j * middle))
    return A @ ((vectors * np.exp(0.5j * (turned + middle))) @ vectors.conj().T)


def _as_quadratures(U: Any) -> Any:
    """The orthogonal, symplectic matrix of a → U a."""
    O = np.empty((2 * len(U), 2 * len(U)))
    O[0::2, 0::2] = O[1::2, 1::2] = U.real
    O[0::2, 1::2], O[1::2, 0::2] = -U.imag, U.imag
    return O
