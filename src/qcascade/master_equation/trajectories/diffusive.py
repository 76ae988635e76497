"""Diffusive trajectories: kets that the records of homodyne detectors drive.

With dY = ⟨c + c†⟩dt + dW for every channel c, kets obey, up to their norm (H. M. Wiseman and G. J.
Milburn, Phys. Rev. A 47, 642 (1993)),

    d|ψ⟩ = (K dt + Σ c dY)|ψ⟩,    K = −iH − ½Σ c†c,

and the average of |ψ⟩⟨ψ| the master equation. Channels nobody looks at have a record, too, which is
thrown away. One step is e^{cy − c²s/2} of every channel over s = h/2, e^{Kh}, and the channels once
more, backward. With y = √s x at the nodes x of a Gauss–Hermite rule and probabilities of their
weight times the squared norm, the average over y is Σ sᵏ/k! cᵏρc†ᵏ to the order s³ exactly: nothing
of it depends on chance or on h. What is left is the splitting, of second order in h. It is seen in
the average itself, a density matrix that is followed once with h and once with h/2.
"""

from collections.abc import Callable, Iterator, Sequence
from math import factorial
from typing import Any

import numpy as np

from ...base.checks import ConvergenceError, fail
from ...hilbert.space import Space
from .detection import Channel

NODES = 4  # of the rule for y: what is exact in the average of a step
COARSE = 0.25  # of h by the largest rate, to begin with
MOST = 256  # states: kets are dense, and their average is followed as a matrix
STEPS = 2**17  # in all, at most


class Stepper:
    """One step of all kets, or of a density matrix.

    Args:
        K: the matrix (D, D).
        operators: channels c, (C, D, D).
        h: length of a step.
    """

    def __init__(self, K: Any, operators: Any, h: float) -> None:
        from numpy.polynomial.hermite_e import hermegauss, hermeval
        from scipy.linalg import expm

        nodes, weights = hermegauss(NODES)
        s, each = h / 2, np.eye(NODES)
        self.operators, self.h = operators, h
        self._propagator = expm(K * h)
        # e^{cy − c²s/2} = Σ s^{k/2}/k! He_k(y/√s) cᵏ: one row for every node.
        powers = [s ** (k / 2) / factorial(k) * hermeval(nodes, each[k]) for k in range(NODES)]
        self._expansion = np.stack(powers, axis=-1)
        self._weights = weights / weights.sum()
        self._records = np.sqrt(s) * nodes

    def kets(self, psi: Any, uniform: Any) -> tuple[Any, Any]:
        """Kets (n, D) of norm 1 after a step, and ∫dY of every channel (n, C).

        Args:
            psi: before it.
            uniform: random numbers between 0 and 1, (n, 2C).
        """
        count = len(self.operators)
        record = np.zeros((len(psi), count))
        for k in range(count):
            psi, record[:, k] = self._measured(psi, self.operators[k], uniform[:, k])
        psi = _normalised(psi @ self._propagator.T)
        for k in reversed(range(count)):
            psi, more = self._measured(psi, self.operators[k], uniform[:, count + k])
            record[:, k] += more
        return psi, record

    def _measured(self, psi: Any, c: Any, uniform: Any) -> tuple[Any, Any]:
        """Kets after half a step of a channel, and what it recorded."""
        powers = [psi]
        for _ in range(NODES - 1):
            powers.append(powers[-1] @ c.T)
        stack = np.stack(powers, axis=1)
        gram = np.real(stack @ stack.conj().mT)
        chance = self._weights * np.einsum("ik,nkl,il->ni", self._expansion, gram, self._expansion)
        chance = np.cumsum(chance, axis=1)
        node = np.sum(uniform[:, None] * chance[:, -1:] >= chance, axis=1).clip(max=NODES - 1)
        psi = np.einsum("nk,nkd->nd", self._expansion[node], stack)
        return _normalised(psi), self._records[node]

    def average(self, rho: Any) -> Any:
        """The mean of |ψ⟩⟨ψ| after a step (D, D), of norm 1."""
        for c in self.operators:
            rho = self._mean(rho, c)
        rho = self._propagator @ rho @ self._propagator.conj().T
        for c in reversed(self.operators):
            rho = self._mean(rho, c)
        return rho / np.trace(rho).real

    def _mean(self, rho: Any, c: Any) -> Any:
        total = term = rho
        for k in range(1, NODES):
            term = c @ term @ c.conj().T * (self.h / 2 / k)
            total = total + term
        return total


def _normalised(psi: Any) -> Any:
    return psi / np.linalg.norm(psi, axis=1, keepdims=True)


def matrices(space: Space, channels: Sequence[Channel]) -> Any:
    """The channels as matrices (C, D, D).

    Args:
        space: the Hilbert space.
        channels: the channels.

    Raises:
        ArgumentError: for a space too large for kets that fill it.
    """
    if space.dimension > MOST:
        raise fail(
            "measure", f"be left out above {MOST} states", f"for a space of {space.dimension:,}"
        )
    return np.array([space.matrix(channel.operator).toarray() for channel in channels])


def steppers(
    K: Any, operators: Any, psi: Any, times: Any, allowed: float
) -> tuple[list[tuple[int, Stepper]], float]:
    """How many steps of what length lead from each time to the next, and the error of the average.

    Args:
        K: the matrix (D, D).
        operators: channels (C, D, D).
        psi: the first ket (D,).
        times: increasing, (T,).
        allowed: error of the mean of |ψ⟩⟨ψ| at any of the times (Frobenius norm).

    Raises:
        ConvergenceError: when more than `STEPS` steps would be needed.
    """
    gaps = np.diff(times, prepend=0.0)
    rate = max(float(np.linalg.norm(K, 2)), 1e-300)
    counts = np.where(gaps > 0, np.maximum(1, np.ceil(gaps * rate / COARSE)), 0).astype(int)
    plan = _plan(K, operators, gaps, counts)
    coarse = _averages(plan, psi)
    error = np.inf
    while 2 * counts.sum() <= STEPS:
        counts = 2 * counts
        plan = _plan(K, operators, gaps, counts)
        fine = _averages(plan, psi)
        # Of second order: with half of the step a quarter of the error is left.
        apart = [np.linalg.norm(a - b) for a, b in zip(coarse, fine, strict=True)]
        error, coarse = float(max(apart)) / 3, fine
        if error <= allowed:
            return plan, error
    raise ConvergenceError(
        f"Diffusive trajectories need more than {STEPS} steps to the last time: their average is "
        f"known to {error:.1g}, and {allowed:.1g} is allowed. Look at shorter times, or in a frame "
        "that turns with the fastest frequency."
    )


def _plan(K: Any, operators: Any, gaps: Any, counts: Any) -> list[tuple[int, Stepper]]:
    made: dict[float, Stepper] = {}
    plan = []
    for gap, count in zip(gaps.tolist(), counts.tolist(), strict=True):
        h = float(f"{gap / max(count, 1):.13g}")  # even times are not quite even once rounded
        if h not in made:
            made[h] = Stepper(K, operators, h)
        plan.append((count, made[h]))
    return plan


def _averages(plan: list[tuple[int, Stepper]], psi: Any) -> list[Any]:
    rho, averages = np.outer(psi, psi.conj()), []
    for count, stepper in plan:
        for _ in range(count):
            rho = stepper.average(rho)
        averages.append(rho)
    return averages


def diffuse(
    plan: list[tuple[int, Stepper]],
    psi: Any,
    number: int,
    seed: int,
    look: Callable[[float, Any], None],
) -> Iterator[tuple[Any, Any]]:
    """Kets (n, D) at one time after the other, and ∫dY of all channels since the last (n, C).

    Args:
        plan: of `steppers`.
        psi: the first ket (D,), of norm 1.
        number: how many kets.
        seed: trajectory k draws from child k of it.
        look: is shown the time and the kets after every step.
    """
    generators = [
        np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(k,))))
        for k in range(number)
    ]
    kets, now = np.tile(psi.astype(complex), (number, 1)), 0.0
    look(now, kets)
    for count, stepper in plan:
        channels = len(stepper.operators)
        record = np.zeros((number, channels))
        for _ in range(count):
            uniform = np.stack([one.random(2 * channels) for one in generators])
            kets, more = stepper.kets(kets, uniform)
            record, now = record + more, now + stepper.h
            look(now, kets)
        yield kets, record
