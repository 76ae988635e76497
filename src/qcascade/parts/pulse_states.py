"""Quantum states of the light in a pulse: Fock states, their superpositions and mixtures."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.checks import complex_number, count, fail, single
from ..base.keywords import spoken
from ..base.units import squeezing_parameter
from .pulses import Pulse, checked_pulse

MOST = 200
"""Photons of a pulse, at most."""


@dataclass(frozen=True, eq=False, repr=False)
class FockPulse:
    """A pulse in a state of at most N photons; made by `fock_pulse` and `squeezed_pulse`.

    Args:
        pulse: the mode.
        state: density matrix (N + 1, N + 1) of the mode in the basis of photons.
        missing: share of the state beyond N photons that was left out.
    """

    pulse: Pulse
    state: np.ndarray
    missing: float = 0.0

    def __repr__(self) -> str:
        lost = f", {self.missing:.1e} beyond them left out" if self.missing else ""
        return f"FockPulse(up to {len(self.state) - 1} photons{lost}; {self.pulse!r})"

    @property
    def photons(self) -> float:
        """Mean number of photons."""
        return float(np.real(np.diagonal(self.state)) @ np.arange(len(self.state)))


@spoken
def fock_pulse(photons: Any, pulse: Pulse) -> FockPulse:
    """Light of a definite number of photons in the mode of a pulse, for `evolve(…, inputs=…)`.

    |n⟩ = (∫u(t) b†(t) dt)ⁿ|0⟩/√n!; amplitudes c give Σ c_n|n⟩, a matrix Σ ρ_mn |m⟩⟨n| (B. Q.
    Baragiola, R. L. Cook, A. M. Brańczyk and J. Combes, Phys. Rev. A 86, 013811 (2012)).

    Args:
        photons: n; or amplitudes (N + 1,) of 0 to N photons, of norm 1; or a density matrix
            (N + 1, N + 1).
        pulse: u, one pulse from `qc.pulse`.

    Raises:
        ArgumentError: for what is no state, or no single pulse.

    >>> from qcascade.parts import pulse
    >>> fock_pulse([0.6, 0, 0.8j], pulse("gaussian", width=1.0))
    FockPulse(up to 2 photons; pulse('gaussian', width=1, centre=0))
    """
    _check_single(pulse)
    if isinstance(photons, int | np.integer) and not isinstance(photons, bool):
        n = count("photons", photons, 0, MOST)
        return FockPulse(pulse, np.diag((np.arange(n + 1) == n).astype(complex)))
    state = np.asarray(complex_number("photons", photons))
    if not 1 <= state.ndim <= 2 or not 1 <= len(state) <= MOST + 1:
        must = "be a number of photons, amplitudes (N + 1,) or a density matrix"
        raise fail("photons", must, photons)
    if state.ndim == 1:
        norm = float(np.linalg.norm(state))
        if abs(norm - 1) > 1e-9:
            raise fail("photons", "have norm 1", f"norm {norm:.12g}")
        return FockPulse(pulse, np.outer(state, state.conj()) / norm**2)
    if state.shape[0] != state.shape[1] or not np.allclose(
        state, state.conj().T, rtol=0, atol=1e-9
    ):
        raise fail("photons", "be a Hermitian matrix (N + 1, N + 1)", photons)
    trace = float(np.trace(state).real)
    if abs(trace - 1) > 1e-9 or np.linalg.eigvalsh(state)[0] < -1e-9:
        raise fail("photons", "have trace 1 and no negative eigenvalue", f"trace {trace:.12g}")
    return FockPulse(pulse, (state + state.conj().T) / (2 * trace))


@spoken
def squeezed_pulse(r: Any, pulse: Pulse, *, missing: Any = 1e-6) -> FockPulse:
    """Squeezed vacuum in the mode of a pulse, up to so many photons that little is left out.

    |ξ⟩ = Σ_m (e^{iφ} tanh|ξ|)^m √(2m)!/(2^m m!) |2m⟩/√cosh|ξ| with ξ = r e^{iφ}, renormalised: as
    of `squeezed_beam`, the quadrature p is squeezed for real r > 0 (H. P. Yuen, Phys. Rev. A 13,
    2226 (1976)).

    Args:
        r: ξ, or text, "3 dB".
        pulse: u, one pulse from `qc.pulse`.
        missing: share of the state that may lie beyond the photons that are kept.

    Raises:
        ArgumentError: for what is no single pulse, and where more than 200 photons are needed.

    >>> from qcascade.parts import pulse
    >>> light = squeezed_pulse(0.5, pulse("gaussian", width=1.0))
    >>> len(light.state) - 1, round(light.photons, 4), round(float(np.sinh(0.5) ** 2), 4)
    (14, 0.2715, 0.2715)
    """
    _check_single(pulse)
    xi = squeezing_parameter("r", r)
    if np.ndim(xi):
        raise fail("r", "be one number", r)
    allowed = single("missing", missing, 1e-15, 0.5, "a number between 1e-15 and 0.5")
    ratio = np.exp(1j * np.angle(xi)) * np.tanh(abs(xi))
    amplitudes: list[Any] = [1 / np.sqrt(np.cosh(abs(xi)))]
    while (left := 1 - float(np.sum(np.abs(amplitudes) ** 2))) > allowed:
        m = len(amplitudes)
        if 2 * m > MOST:
            raise fail("missing", f"leave {MOST} photons or fewer", missing, f"{left:.2g} is left")
        amplitudes.append(amplitudes[-1] * ratio * np.sqrt((2 * m - 1) / (2 * m)))
    c = np.zeros(2 * len(amplitudes) - 1, complex)
    c[::2] = amplitudes
    return FockPulse(pulse, np.outer(c, c.conj()) / np.linalg.norm(c) ** 2, max(left, 0.0))


def _check_single(pulse: Any) -> None:
    p = checked_pulse("pulse", pulse)
    numbers = (p.width, p.centre, p.detuning, p.chirp, p.phase)
    if any(map(np.ndim, numbers)):
        raise fail("pulse", "be one pulse, with plain numbers", pulse)
