"""Photon statistics of an output of a linear network: amplitude, flux, g1 and g2.

Where nothing but the vacuum passes straight to the output, b_out = S b_in + L with L = cR + λ has
the normally and time-ordered correlations of L. With δR = R − ⟨R⟩ and ⟨δR δRᵀ⟩ = M = V + iΩ/2,

    α = c⟨R⟩ + λ,   n(τ) = ⟨δL†(0) δL(τ)⟩ = c e^{Aτ} Mᵀ c†,   m(τ) = ⟨δL(τ) δL(0)⟩ = c e^{Aτ} M cᵀ

for τ ≥ 0 (quantum regression; C. W. Gardiner and P. Zoller, Quantum Noise, ch. 5), F = |α|² + n(0),

    g1 = (|α|² + n)/F,    g2 = 1 + (|n|² + |m|² + 2|α|² Re n + 2 Re α*² m)/F².

White noise that is not the vacuum's (a warm input, squeezed light) has as many photons in every
bandwidth, and passes with an infinite flux.
"""

from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, fail, is_traced, listed, namespace
from ..numerics import exponential
from ..numerics.two_floats import Pair
from .model import GaussianModel, bogoliubov
from .outputs import output
from .state import GaussianState

STRAIGHT = 2.0**-48
"""Amplitude below which an input does not reach an output: what eliminating wires leaves of 0."""

_EPS = float(np.finfo(float).eps)
_CANCELLED = 1e-3  # of what n(0) is summed from, below which it is computed anew
_NOTHING = 1e-13  # of what is summed, that cannot be told from zero
_CHUNK = 2**20  # numbers of matrix exponentials at a time


class Flux(NamedTuple):
    """What leaves a port per unit of time.

    Args:
        amplitude: α = ⟨b_out⟩, complex, in rate^½: the light of lasers, as it leaves.
        flux: ⟨b_out† b_out⟩, all photons per unit of time.
        incoherent: ⟨b_out† b_out⟩ − |α|², without a difference of large numbers.

    >>> Flux(amplitude=2.0, flux=5.0, incoherent=1.0).flux
    5.0
    """

    amplitude: Any
    flux: Any
    incoherent: Any


class Field(NamedTuple):
    """An output's field: α, n(0), and the vectors c, Mᵀc†, Mcᵀ of its correlations."""

    amplitude: Any
    photons: Any
    row: Any
    normal: Any
    anomalous: Any


def flux(model: GaussianModel, state: GaussianState, port: str) -> Flux:
    """Amplitude and photon flux of an output.

    Args:
        model: the model of a network.
        state: its steady state.
        port: name of an open output.

    Raises:
        ArgumentError: for an unknown port, or an infinite flux.
    """
    light = field(model, state, port)
    coherent = namespace(light.amplitude).abs(light.amplitude) ** 2
    return Flux(light.amplitude, coherent + light.photons, light.photons)


def g1(model: GaussianModel, state: GaussianState, port: str, delays: Any) -> Any:
    """g1(τ) of an output; arguments as `flux`, and the delays."""
    light = field(model, state, port)
    coherent = np.abs(light.amplitude) ** 2
    total = _lit(port, coherent + light.photons)
    n, _ = _correlations(model, light, delays)
    with np.errstate(invalid="ignore"):  # where there is no light, and where no steady state
        return (coherent + n) / total


def g2(model: GaussianModel, state: GaussianState, port: str, delays: Any) -> Any:
    """g2(τ) of an output; arguments as `flux`, and the delays."""
    light = field(model, state, port)
    alpha, coherent = light.amplitude, np.abs(light.amplitude) ** 2
    total = _lit(port, coherent + light.photons)
    n, m = _correlations(model, light, delays)
    beat = coherent * n.real + (np.conj(alpha) ** 2 * m).real
    with np.errstate(invalid="ignore"):
        return 1 + (np.abs(n) ** 2 + np.abs(m) ** 2 + 2 * beat) / total**2


def field(model: GaussianModel, state: GaussianState, port: str) -> Field:
    """What the statistics of an output are made of.

    Args:
        model: the model of a network.
        state: its steady state.
        port: name of an open output.

    Raises:
        ArgumentError: for an unknown port, or an infinite flux.
    """
    row = output(model, port)
    if model.delays is not None:
        raise delayed(model.delays.names)
    if model.occupation is None:
        raise ArgumentError("Argument `model` must come from a network to know what enters it.")
    if model.displacement is None:
        raise unknown()
    finite = _finite(model, port, row)
    c, passed = model.coupling[..., row, :], model.displacement[..., row]
    xp = namespace(c, passed, state.cov)
    alpha = xp.einsum("...i,...i->...", c, state.mean + 0j) + passed
    least = xp.einsum("...i,...i->...", xp.abs(c), xp.abs(state.mean)) + xp.abs(passed)
    alpha = xp.where(xp.abs(alpha) > _NOTHING * least, alpha, alpha * 0)  # NaN stays NaN
    ordered = state.cov - np.eye(state.cov.shape[-1]) / 2
    n = _expectation(c, ordered, xp)
    if not any(map(is_traced, (n, model.A, model.D))) and xp is np:
        size = _expectation(np.abs(c), np.abs(state.cov), xp)
        faint = n < _CANCELLED * size
        if np.any(faint):
            ordered = _refined(model, state.cov, c, faint)
    return _field(c, alpha, ordered, finite, xp)


def delayed(names: Any) -> ArgumentError:
    """What to say of the photon statistics of a network with delays.

    Args:
        names: of the lines.
    """
    return ArgumentError(
        "Argument `model` must have wires that take no time for flux, g1 and g2, but "
        f"{listed(names)} takes some: `emission_spectrum` has the photons by frequency (∫dω/2π of "
        "it is the incoherent flux), and a fibre with `cells=n` takes its time in modes."
    )


def _field(c: Any, alpha: Any, ordered: Any, finite: Any, xp: Any) -> Field:
    """The field from V − ½: Mᵀc† = (V − ½)c† + ½(1 − iΩ)c†, where a of L gives nothing."""
    bar = xp.conj(c)
    normal = xp.einsum("...ij,...j->...i", ordered + 0j, bar) + _vacuum(bar, -1j, xp)
    anomalous = xp.einsum("...ij,...j->...i", ordered + 0j, c) + _vacuum(c, 1j, xp)
    n = xp.einsum("...i,...i->...", c, normal).real
    size = xp.einsum("...i,...ij,...j->...", xp.abs(c), xp.abs(ordered), xp.abs(c))
    n = xp.where(n > _NOTHING * size, n, n * 0)
    bad = xp.where(xp.asarray(finite), 1.0, xp.nan)
    return Field(alpha * bad, n * bad, c, normal, anomalous)


def _vacuum(c: Any, turn: complex, xp: Any) -> Any:
    """½(1 + turn·Ω)c, zero to the last bit for an operator that only lowers (or raises)."""
    x, p = c[..., 0::2], c[..., 1::2]
    pairs = xp.stack([x + turn * p, p - turn * x], axis=-1) / 2
    return pairs.reshape(c.shape)


def _expectation(c: Any, X: Any, xp: Any) -> Any:
    """Re c X c†."""
    return xp.einsum("...i,...ij,...j->...", c, X + 0j, xp.conj(c)).real


def _finite(model: GaussianModel, port: str, row: int) -> Any:
    """Where no white noise but the vacuum's passes straight to an output."""
    S = model.scattering[..., row, :]
    N, _ = white_noise(model.occupation, model.squeezed, model.squeezing)
    if any(map(is_traced, (S, N))):
        xp = namespace(S, N)
        return ~((xp.abs(S) > STRAIGHT) & (N > 0)).any(-1)
    reaches = (np.abs(np.asarray(S)) > STRAIGHT) & (np.asarray(N) > 0)
    if reaches.size and reaches.any(-1).all():
        k = int(np.argmax(reaches.reshape(-1, reaches.shape[-1])[0]))
        raise infinite(port, model.inputs[k])
    return ~reaches.any(-1)


def infinite(port: str, source: str) -> ArgumentError:
    """What to say where white noise passes straight to an output.

    Args:
        port: the output.
        source: the input that the noise comes from.
    """
    return ArgumentError(
        f"Argument `port` must be an output of finite flux, but white noise of {source} (thermal "
        f"or squeezed light) passes straight to {port}, with as many photons in every bandwidth; "
        "`emission_spectrum` has them by frequency, and a cavity behind the port filters them."
    )


def unknown() -> ArgumentError:
    """What to say where a part was linearised before it was wired."""
    return ArgumentError(
        "Argument `model` must come from a network that was linearised as a whole, for the mean "
        "field of a part that was linearised alone drives nothing behind it."
    )


def white_noise(occupation: Any, pairs: Any, squeezing: Any) -> tuple[Any, Any]:
    """N_j of ⟨b_j†b_j⟩ = N_j δ of the open inputs, and ⟨b_j b_k⟩ of every squeezed pair.

    Args:
        occupation: n of the fields behind any squeezing, (…, p).
        pairs: inputs that are squeezed together.
        squeezing: ξ = r e^{iφ} of each pair, (…, pairs).
    """
    xp = namespace(occupation, squeezing)
    columns = [occupation[..., j] for j in range(occupation.shape[-1])]
    anomalous = {}
    for number, (j, k) in enumerate(pairs):
        cosh, sinh = bogoliubov(squeezing[..., number])
        n, other = columns[j], columns[k]
        share = xp.abs(sinh) ** 2
        columns[j] = n + share * (n + other + 1)
        columns[k] = other + share * (n + other + 1)
        anomalous[j, k] = cosh * sinh * (n + other + 1)
    if not columns:
        return occupation, anomalous
    return xp.stack(xp.broadcast_arrays(*columns), axis=-1), anomalous


def _refined(model: GaussianModel, cov: Any, c: Any, faint: Any) -> Any:
    """V − ½ with its own digits, where little is left of it in an output."""
    A, D = np.asarray(model.A), np.asarray(model.D)
    size = A.shape[-1]
    batch = np.broadcast_shapes(cov.shape[:-2], c.shape[:-1], faint.shape)
    flat = [np.broadcast_to(X, (*batch, size, size)).reshape(-1, size, size) for X in (A, D, cov)]
    rows = np.broadcast_to(c, (*batch, size)).reshape(-1, size)
    excess = flat[2] - np.eye(size) / 2
    for k in np.flatnonzero(np.broadcast_to(faint, batch)):
        if np.isfinite(excess[k]).all():
            excess[k] = _solved_anew(flat[0][k], flat[1][k], excess[k], rows[k])
    return excess.reshape(*batch, size, size)


def _solved_anew(A: Any, D: Any, ordered: Any, c: Any) -> Any:
    """V − ½ of one point; zero where what is left is what rounding leaves.

    X = U(V − ½)U† of (a₁, a₁†, a₂, …) holds ⟨a†a⟩ and ⟨aa⟩, which differ by orders of magnitude
    in faint light, side by side; with B = UAU†

        BX + XB† + UDU† + ½(B + B†) = 0,

    whose last two terms cancel where nothing but the vacuum enters and no pairs are made. The
    residual is solved for until it says no more.
    """
    from scipy.linalg import get_lapack_funcs, schur

    half = len(A) // 2
    U = np.kron(np.eye(half), np.array([[1, 1j], [1, -1j]]) / np.sqrt(2))
    B = U @ A @ U.conj().T
    B = np.where(np.abs(B) > 4 * _EPS * _of_pair(np.abs(B)), B, 0.0)
    enters = _what_enters(B, U @ D @ U.conj().T)
    form: Any = schur(B, output="complex")
    T, Q = form
    (sylvester,) = get_lapack_funcs(("trsyl",), (T,))
    X = U @ ordered @ U.conj().T
    step, largest = X, np.abs(ordered).max() + 1
    for _ in range(3):
        residual = B @ X + X @ B.conj().T + enters
        inner, scale, _ = sylvester(T, T, -Q.conj().T @ residual @ Q, tranb="C")
        step = Q @ inner @ Q.conj().T * scale
        if not np.abs(step).max() <= 1e-6 * largest:
            return ordered
        X = X + (step + step.conj().T) / 2
    row = c @ U.conj().T
    left = np.abs(row) @ np.abs(step) @ np.abs(row)
    ordered = (U.conj().T @ X @ U).real
    return ordered if (row @ X @ row.conj()).real > 10 * left else np.zeros_like(ordered)


def _what_enters(B: Any, D: Any) -> Any:
    """D + ½(B + B†), where what cancels leaves nothing."""
    damped = (B + B.conj().T) / 2
    total, size = D + damped, np.abs(D) + np.abs(damped)
    return np.where(np.abs(total) > 16 * _EPS * _of_pair(size), total, 0.0)


def _of_pair(size: Any) -> Any:
    """The largest element of each pair of modes, in the place of all four."""
    half = len(size) // 2
    return np.kron(size.reshape(half, 2, half, 2).max((1, 3)), np.ones((2, 2)))


def _lit(port: str, total: Any) -> Any:
    """The flux, where there is some; a single port without light is refused, others are NaN."""
    if not np.ndim(total) and total == 0:
        raise dark(port)
    return np.where(total > 0, total, np.nan)


def dark(port: str) -> ArgumentError:
    """What to say of the correlations of no photons.

    Args:
        port: the output.
    """
    return fail("port", "be an output that light leaves", port, "its flux is zero")


def _correlations(model: GaussianModel, light: Field, delays: Any) -> tuple[Any, Any]:
    """n(τ) and m(τ); delays broadcast with the batch."""
    vectors = np.stack(np.broadcast_arrays(light.normal, light.anomalous), axis=-1)
    A = np.asarray(model.A)
    if A.ndim == 2 and vectors.ndim == 2 and light.row.ndim == 1:
        moved = _by_powers(A, vectors, delays)
    else:
        moved = _by_points(A, vectors, delays)
    n, m = np.moveaxis(np.einsum("...i,...ik->...k", light.row, moved), -1, 0)
    return np.where(delays == 0, light.photons, n), m


def _by_powers(A: Any, vectors: Any, delays: Any) -> Any:
    """e^{Aτ}v of one model for many delays."""
    longest = float(delays.max(initial=0.0))
    if longest == 0:
        return np.broadcast_to(vectors, (*delays.shape, *vectors.shape))
    powers = exponential.Powers(A, longest, _NOTHING)
    each = [powers.at(vectors, Pair(float(t), 0.0)) for t in delays.ravel()]
    return np.reshape(each, (*delays.shape, *vectors.shape))


def _by_points(A: Any, vectors: Any, delays: Any) -> Any:
    """e^{Aτ}v for batches of models, delays beside them."""
    size = A.shape[-1]
    batch = np.broadcast_shapes(A.shape[:-2], vectors.shape[:-2], delays.shape)
    A = np.broadcast_to(A, (*batch, size, size)).reshape(-1, size, size)
    vectors = np.broadcast_to(vectors, (*batch, size, 2)).reshape(-1, size, 2)
    times = np.broadcast_to(delays, batch).reshape(-1, 1, 1)
    moved = np.empty(vectors.shape, complex)
    step = max(1, _CHUNK // size**2)
    for first in range(0, len(A), step):
        part = slice(first, first + step)
        known = np.isfinite(vectors[part]).all((1, 2))[:, None, None]
        drift = np.where(known, A[part], 0.0) * times[part]
        precise = exponential.norm(drift) > exponential.LONG
        *_, (flow, _) = exponential.doublings(drift, None, Pair(1.0, 0.0), precise)
        moved[part] = flow.high @ vectors[part]
    return moved.reshape(*batch, size, 2)
