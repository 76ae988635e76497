"""Classical equations whose coefficients change in time, dz_k/dt = Σ_m c_km(t) z^{e_m}.

z = (α, ᾱ) as in branches.py. A function of an array of times returns the network at all of them.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import fail, listed
from ..numerics import structure
from ..numerics.time_steps import GOLDEN, called
from ..slh.component import Component
from ..slh.network import Network
from .branches import checked
from .linearise import classical_equations
from .polynomials import PolynomialSystem, as_system, flat, monomials

At = Callable[[np.ndarray], Network | Component]
MUST = "be a function of an array of times that returns a Network"
MOST = 1000
"""The largest denominator of a ratio of two tones."""


class Equations(NamedTuple):
    """Names of the N modes, and the polynomials at K times, whose points are the times."""

    modes: tuple[str, ...]
    system: PolynomialSystem
    measured: bool = False  # whether rates are known to have units

    @property
    def rates(self) -> Any:
        """The largest coefficient of every equation and monomial, (2N, M)."""
        return np.abs(self.system.coefficients).max(axis=-1)


def equations_at(at: At, times: np.ndarray, like: Equations | None = None) -> Equations:
    """The classical equations at some times.

    Args:
        at: function of an array of times.
        times: (K,).
        like: equations at other times, whose monomials these must have.

    Raises:
        ArgumentError: for a function that takes no arrays, or returns something else.
    """
    net = called(at, times, "at", Network, Component)
    part, batch = checked(net)
    if batch not in ((), (1,), (len(times),)):
        must = f"return one network for each of the {len(times)} times"
        raise fail("at", must, batch, "other axes are for one orbit after the other")
    points = len(times)
    polynomials = [flat(p, (points,)) for p in classical_equations(part)]
    system = as_system(polynomials, points)
    same = like is None or (
        part.modes == like.modes and np.array_equal(system.exponents, like.system.exponents)
    )
    if not same:
        raise fail("at", "return networks of one structure", "terms that come and go in time")
    if not np.all(np.isfinite(system.coefficients)):
        raise fail("at", "have classical equations within the range of numbers", "infinite")
    return Equations(part.modes, system, part.rates.measured is not None)


def check_alone(at: At, first: float, last: float, like: Equations) -> None:
    """Refuse a network in time that depends on which other times are asked for.

    Args:
        at: function of an array of times.
        first: a time.
        last: another.
        like: equations at some time.

    Raises:
        ArgumentError: where one at either time alone and at both differ; it says when.
    """
    among = equations_at(at, np.array([first, (first + last) / 2, last]), like)
    for place, t in ((0, first), (2, last)):
        alone = equations_at(at, np.full(2, t), like)
        one, both = (x.system.coefficients for x in (alone, among))
        structure.check_alone("at", "network", t, {"": one[..., 0]}, {"": both[..., place]})


def check_period(at: At, period: float, like: Equations) -> None:
    """Whatever the network is made of comes back after a period.

    Args:
        at: function of an array of times.
        period: of it.
        like: equations at some time.

    Raises:
        ArgumentError: where it does not; it says when.
    """
    times = period * np.sort((GOLDEN * np.arange(1, 33)) % 1.0)
    first = equations_at(at, times, like)
    second = equations_at(at, times + period, first)
    scale = np.maximum(first.rates, 1e-300)
    change = np.abs(second.system.coefficients - first.system.coefficients)
    off = (change / scale[..., None]).max(axis=(0, 1))
    if off.max() > 1e-7:
        t = times[int(off.argmax())]
        must = "be a time after which the network is the same again"
        raise fail("period", must, period, f"t = {t:.4g} and {t + period:.4g} differ")


def common_period(at: Any) -> float:
    """The period of the tones of a network's drives.

    Args:
        at: a network; of a function nothing is known.

    Raises:
        ArgumentError: where there are none, or none that all tones have.
    """
    part = at.component if isinstance(at, Network) else at
    tones = part.tones.values() if isinstance(part, Component) else ()
    heard = sorted({abs(W) for own in tones for W in own} - {0.0})
    if not heard:
        raise fail("period", "be given where no drive has tones", None)
    ratios = [Fraction(W / heard[0]).limit_denominator(MOST) for W in heard]
    denominator = math.lcm(*(ratio.denominator for ratio in ratios))
    if any(abs(float(r) * heard[0] / W - 1) > 1e-12 for r, W in zip(ratios, heard, strict=True)):
        raise fail(
            "period",
            f"be given: tones at {listed([f'{W:.6g}' for W in heard])} have none in common",
            None,
        )
    turns = math.gcd(*(int(ratio * denominator) for ratio in ratios))
    return 2 * math.pi * denominator / (turns * heard[0])


def rates_and_slopes(system: PolynomialSystem, z: Any) -> tuple[Any, Any]:
    """dz/dt (2N, K) and its derivatives by z, (2N, 2N, K).

    Args:
        system: the equations at K times.
        z: (2N, K).
    """
    values, slopes = monomials(system.exponents, z)
    rates = np.einsum("kmp,mp->kp", system.coefficients, values)
    return rates, np.einsum("kmp,mvp->kvp", system.coefficients, slopes)
