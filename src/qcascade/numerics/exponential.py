"""e^{At} of small matrices by doublings, with twice the digits where long times need them.

A Taylor sum over a short step h is squared again and again, e^{2Ah} = (e^{Ah})², and the noise that
enters on the way, Q(h) = ∫₀ʰ e^{As} D e^{Aᵀs} ds, is carried along: Q(2h) = Q(h) + ΦQ(h)Φᵀ.

Every doubling doubles the relative error of Φ, so that ε‖A‖t is lost in the end: for a mode with
Q = 10⁹ that is 10⁻⁷ when it has decayed, in whatever order one multiplies. Where that is too
much, numbers are sums of two floats (two_floats.py).
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from .two_floats import Pair, exact_product, exact_sum, plus, product, transposed

LONG = 1e4
"""‖A‖t above which one float per number is not enough."""

EPSILON = float(np.finfo(float).eps)
_TERMS = {False: 13, True: 20}  # of the Taylor sum at ‖Ah‖ ≤ ¼: ¼ⁿ/n! is below 2⁻⁵³ and 2⁻⁹⁰


def _over(a: Pair, k: int) -> Pair:
    """a/k for a small integer."""
    first = a.high / k
    back = exact_product(first, float(k))
    return exact_sum(first, ((a.high - back.high) - back.low + a.low) / k)


def norm(A: Any) -> float:
    """The largest sum of |A| along a row, in all of a batch."""
    return float(np.abs(A).sum(axis=-1).max(initial=0.0))


def doublings(A: Any, D: Any, time: Pair, precise: bool) -> Iterator[tuple[Pair, Pair | None]]:
    """Φ = e^{Ah} and Q(h) for h = t/2ˢ, t/2ˢ⁻¹, …, t, with ‖A‖t/2ˢ ≤ ¼.

    Args:
        A: matrices (…, n, n).
        D: symmetric matrices (…, n, n), or None when no noise enters.
        time: t, of either sign.
        precise: whether to compute with two floats per number.
    """
    count = max(0, int(np.ceil(np.log2(max(norm(A) * abs(time.high), 1e-300)))) + 2)
    h = Pair(*(np.ldexp(part, -count) for part in time))
    flow, noise = _short(A, D, h, precise)
    yield flow, noise
    for _ in range(count):
        if noise is not None:
            passed = product(product(flow, noise, precise), transposed(flow), precise)
            noise = _symmetric(plus(noise, passed))
        flow = product(flow, flow, precise)
        yield flow, noise


def _symmetric(a: Pair) -> Pair:
    return _over(plus(a, transposed(a)), 2)


def _short(A: Any, D: Any, h: Pair, precise: bool) -> tuple[Pair, Pair | None]:
    """Φ = Σ (Ah)ᵏ/k! and Q = Σ hᵏ⁺¹/(k + 1)! 𝓛ᵏ(D) with 𝓛(X) = AX + XAᵀ."""
    x = _times(A, h)
    one = np.broadcast_to(np.eye(A.shape[-1]), A.shape)
    flow = term = Pair(one, np.zeros_like(one))
    noise = entering = None if D is None else _times(D, h)
    for k in range(1, _TERMS[precise]):
        term = _over(product(term, x, precise), k)
        flow = plus(flow, term)
        if noise is not None and entering is not None:
            pushed = product(x, entering, precise)
            entering = _over(plus(pushed, transposed(pushed)), k + 1)
            noise = plus(noise, entering)
    return flow, noise


def _times(A: Any, h: Pair) -> Pair:
    total = exact_product(np.asarray(A, float), h.high)
    return exact_sum(total.high, total.low + A * h.low)


def flows(drift: Any, noise: Any, times: Any) -> Iterator[tuple[Any, Any]]:
    """Φ = e^{A dt} and Q = ∫₀^dt e^{As} D e^{Aᵀs} ds from each time to the next.

    Even times are not quite even once they are rounded: one flow serves them all, and a very short
    one makes up for the difference, whose phase counts after many periods.

    Args:
        drift: A, (…, n, n).
        noise: D, symmetric, (…, n, n).
        times: increasing, from zero on, (T,).
    """
    rate = norm(drift)
    precise = rate * float(times[-1]) > LONG
    step, flow = Pair(np.nan, 0.0), (drift, noise)
    for t, before in zip(times, np.append(0.0, times), strict=False):
        dt = exact_sum(float(t), -float(before))
        remainder = (dt.high - step.high) + (dt.low - step.low)
        if not abs(remainder) <= 1e-9 * dt.high:
            step, remainder = dt, 0.0
            flow = flow_of(drift, noise, dt, precise)
        Phi, Q = flow
        if abs(remainder) * rate > EPSILON:
            more, left = flow_of(drift, noise, Pair(remainder, 0.0), False)
            Phi, Q = more @ Phi, more @ Q @ np.swapaxes(more, -1, -2) + left
        yield Phi, Q


def flow_of(drift: Any, noise: Any, dt: Pair, precise: bool) -> tuple[Any, Any]:
    """Φ = e^{A dt} and Q = ∫₀^dt e^{As} D e^{Aᵀs} ds.

    Args:
        drift: A, (…, n, n).
        noise: D, symmetric, (…, n, n).
        dt: duration.
        precise: whether to compute with two floats per number.
    """
    Phi, Q = deque(doublings(drift, noise, dt, precise), maxlen=1).pop()
    assert Q is not None
    return Phi.high, Q.high


class Powers:
    """e^{At}x at any time up to a longest one, from the powers of one short exponential.

    Args:
        A: a matrix (n, n).
        longest: the longest time.
        tolerance: error allowed, relative to ‖x‖.

    >>> quarter = Powers(np.array([[0.0, -1.0], [1.0, 0.0]]), 1e9 * np.pi, 1e-9)
    >>> quarter.at(np.array([1.0, 0.0]), Pair(np.pi / 2, 0.0)).round(12) + 0.0
    array([0., 1.])
    """

    def __init__(self, A: Any, longest: float, tolerance: float) -> None:
        precise = 100 * EPSILON * norm(A) * longest > tolerance
        flows = doublings(A, None, Pair(longest, 0.0), precise)
        self.matrix = A
        self.levels = [np.ascontiguousarray(flow.high) for flow, _ in flows]
        self.shortest = longest / 2.0 ** (len(self.levels) - 1)

    def at(self, x: Any, time: Pair) -> Any:
        """e^{At}x: by powers of two, and a Taylor sum for what is left.

        Args:
            x: a vector (n,).
            time: t, zero to the longest.
        """
        left = float(np.fmod(time.high, self.shortest))  # exact
        steps = round((time.high - left) / self.shortest)
        for k, level in enumerate(self.levels):
            if steps >> k & 1:
                x = level @ x
        term = x
        for k in range(1, _TERMS[False]):
            term = (self.matrix @ term) * ((left + time.low) / k)
            x = x + term
        return x
