"""Whether what is observed of kets is linear in |ψ⟩⟨ψ|, so that its average is its value for ρ.

The average of f over trajectories is f(ρ) when f(ψ) = Tr F|ψ⟩⟨ψ| for some F, and else a number
that belongs to no state: concurrence is convex, its average over kets lies above that of ρ.
Q(φ) = ‖φ‖² f(φ/‖φ‖) has this form exactly when it obeys the law of the parallelogram,

    Q(ψ + χ) + Q(ψ − χ) = 2 Q(ψ) + 2 Q(χ)

for all ψ and χ, whatever their phases are (P. Jordan & J. von Neumann, Ann. Math. 36, 719 (1935)).
It is looked at for kets ψ of the trajectories themselves, where f is what is averaged, and random
χ. What cannot be told from kets, such as a purity that is 1 for all of them, is seen where f
takes density matrices as well: there f(½ρ + ½σ) = ½f(ρ) + ½f(σ).
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...base.checks import ArgumentError
from ...hilbert.space import Space
from ...hilbert.states import DensityState, PureState

Observe = Mapping[str, Callable[[PureState], Any]]

TESTS = 5  # that an observer must pass where it is not zero
MOST = 64  # of all tests of an observer
APART = 1e-6  # of a value: more than this is no rounding
FAINT = 1e-12  # of the largest value, or of 1: numbers below may be rounding alone
MIXED = 2**16  # elements of ρ up to which density matrices are tried
_ADDED = 0.6  # length of χ beside ψ of norm 1


class Linearity:
    """Tests of observers while trajectories run, and their refusal.

    Args:
        observe: functions of a ket by name.
        space: the whole space.
    """

    def __init__(self, observe: Observe, space: Space) -> None:
        self.observe = observe
        self.passed = dict.fromkeys(observe, 0)
        self.tried = dict.fromkeys(observe, 0)
        if space.elements <= MIXED:
            kets = _two_kets(space)
            for name, function in observe.items():
                if not _mixes(function, kets):
                    raise nonlinear(name)

    def look(self, name: str, state: PureState, value: Any) -> None:
        """Test one observer at a ket of a trajectory.

        Args:
            name: of the observer.
            state: the ket, of norm 1, in its sector.
            value: what the observer gives for it.

        Raises:
            ArgumentError: when it is not linear there.
        """
        alone = len(state.amplitudes) < 2  # there is no other ket
        if alone or self.passed[name] >= TESTS or self.tried[name] >= MOST:
            return
        self.tried[name] += 1
        # Apart from the random numbers of trajectories, which nobody's looking may change.
        rng = np.random.default_rng([len(state.amplitudes), self.tried[name]])
        chi = _ADDED * _random(rng, len(state.amplitudes))
        terms = _parallelogram(self.observe[name], state, value, chi, 1.0)
        if terms is None:
            return
        scale = np.abs(terms).max(axis=0, initial=0.0)
        off = np.abs(terms.sum(axis=0))
        wrong = off > APART * scale
        faint = scale <= FAINT * max(1.0, float(scale.max(initial=0.0)))
        if np.any(wrong & faint):
            # Of small numbers, what depends on the phase of a ket is what rounding leaves of zero.
            again = _parallelogram(self.observe[name], state, value, chi, 2.0)
            rounding = np.inf if again is None else np.abs(terms - again).max(axis=0, initial=0.0)
            wrong &= ~faint | (off > APART * scale + 100 * rounding)
        if np.any(wrong):
            raise nonlinear(name)
        self.passed[name] += bool(np.any(scale))


def nonlinear(name: str) -> ArgumentError:
    """The refusal of an observer.

    Args:
        name: of the observer.
    """
    return ArgumentError(
        f"Argument `observe[{name}]` must be linear in |ψ⟩⟨ψ|, but is not: its average over "
        "trajectories is not its value for ρ. Observe a reduced state, `lambda psi: "
        f"psi.reduce(…)`, and take the function of its mean with `runs.estimate({name!r}, …)`; or "
        f"ask for `conditional={{{name!r}: …}}` if the average over single kets is meant."
    )


def _random(rng: np.random.Generator, size: int) -> np.ndarray:
    psi = rng.normal(size=size) + 1j * rng.normal(size=size)
    return psi / np.linalg.norm(psi)


def _parallelogram(
    function: Callable[[PureState], Any],
    state: PureState,
    value: Any,
    chi: np.ndarray,
    phase: float,
) -> np.ndarray | None:
    """Terms (4, …) whose sum is zero if the function is linear; None for values without sums."""
    psi = np.asarray(state.amplitudes)
    values = [_flat(value, -2.0)]
    for k, (phi, sign) in enumerate(((psi + chi, 1.0), (psi - chi, 1.0), (chi, -2.0))):
        square = float(np.vdot(phi, phi).real)
        phi = phi * np.exp(1j * (k + 1) * phase) / np.sqrt(square)
        values.append(_flat(function(PureState(state.space, phi, state.info)), sign * square))
    terms = [term for term in values if term is not None]
    alike = len(terms) == len(values) and len({len(term) for term in terms}) == 1
    return np.array(terms) if alike else None


def _flat(value: Any, weight: float) -> np.ndarray | None:
    """A value times a number, as a list of numbers; None when it is no number and no state."""
    if isinstance(value, DensityState):
        return weight * np.concatenate([np.ravel(block) for block in value.blocks])
    try:
        return weight * np.ravel(np.asarray(value, complex))
    except (TypeError, ValueError):
        return None


def _two_kets(space: Space) -> tuple[PureState, PureState]:
    """Random kets of the first and of the last of the largest sectors, on the whole space."""
    rng = np.random.default_rng(0)
    sizes = space.sizes.tolist()
    order = sorted(range(len(sizes)), key=lambda q: -sizes[q])

    def of_sector(q: int) -> PureState:
        amplitudes = np.zeros(space.dimension, complex)
        amplitudes[space.offsets[q] : space.offsets[q + 1]] = _random(rng, sizes[q])
        charge = tuple(space.sectors[q].tolist())
        return PureState(space, amplitudes, {"time": 0.0, "charge": charge})

    return of_sector(order[0]), of_sector(order[min(1, len(order) - 1)])


def _mixes(function: Callable[[Any], Any], kets: tuple[PureState, PureState]) -> bool:
    """Whether the function is linear on mixtures, as far as it takes density matrices at all."""
    try:
        pure = [_flat(function(ket), 1.0) for ket in kets]
        states = [ket.density() for ket in kets]
        alone = [_flat(function(state), 1.0) for state in states]
        half = tuple(0.5 * (x + y) for x, y in zip(*(s.blocks for s in states), strict=True))
        mixed = _flat(function(DensityState(states[0].space, half)), 1.0)
        values: np.ndarray = np.array([*pure, *alone, mixed], complex)
    except Exception:  # a function of kets may do anything with what is no ket
        return True
    size = np.abs(values)
    near = APART * size.max(axis=0, initial=0.0) + 1e-13 * float(size.max(initial=0.0))
    same = np.all(np.abs(values[:2] - values[2:4]) <= near)
    return not same or bool(np.all(np.abs(values[4] - values[:2].mean(axis=0)) <= near))
