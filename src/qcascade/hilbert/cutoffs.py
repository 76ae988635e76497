"""Cutoffs of oscillators: read, compared with the light they must hold, and with the memory."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, UnstableError, count, fail, listed, number, one_of
from ..base.memory import free_memory
from ..linear.langevin import gaussian
from ..lyapunov.solve import solve
from ..slh.component import Component
from ..slh.ladder import Ladder
from .charges import collected, influence
from .space import Space

Cutoffs = Mapping[str | tuple[str, ...], int]
EDGE, REFUSED = 1e-6, 1e-3
"""Population at the cutoffs above which a result warns, and above which it is refused."""
_LITTLE = 2**20  # bytes that are there in any case
_TAIL = 1e-3  # probability beyond the cutoff above which a model is refused


def tops_and_limits(part: Component, cutoffs: Cutoffs) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """Most quanta per mode, and the limits that groups share.

    Args:
        part: the network as one part.
        cutoffs: as `lindblad` takes them.

    Raises:
        ArgumentError: for an oscillator that is unknown, or without a cutoff.
    """
    if not isinstance(cutoffs, Mapping):
        raise fail("cutoffs", "be a mapping from oscillators to most quanta", cutoffs)
    oscillators = [mode for mode in part.modes if mode not in part.qubits]
    own: dict[str, int] = {}
    limits = []
    for key, most in cutoffs.items():
        names = key if isinstance(key, tuple) else (key,)
        most = count(f"cutoffs[{key}]", most)
        names = tuple(_oscillator(name, oscillators) for name in names)
        for name in names:
            own[name] = min(most, own.get(name, most))
        limits += [(names, most)] if len(names) > 1 else []
    missing = [name for name in oscillators if name not in own]
    if missing:
        given = f"given: {listed(own)}"
        raise fail("cutoffs", f"give the most quanta of {missing[0]}", dict(cutoffs), given)
    return tuple(own.get(mode, 1) for mode in part.modes), tuple(limits)


def _oscillator(name: Any, oscillators: list[str]) -> str:
    """An oscillator's name, or that of the part whose only oscillator it is."""
    inside = [mode for mode in oscillators if mode.rsplit(".", 1)[0] == name]
    if len(inside) == 1:
        return inside[0]
    return one_of("cutoffs", name, oscillators, "an oscillator of the network")


def squeezed_pairs(part: Component, squeezed: Any) -> dict[tuple[str, str], float]:
    """s by pair of oscillators, as plain numbers.

    Args:
        part: the network as one part.
        squeezed: as `lindblad` takes it.

    Raises:
        ArgumentError: for anything that is no pair of oscillators, or no number.
    """
    if not isinstance(squeezed, Mapping):
        raise fail("squeezed", "be a mapping from pairs of oscillators to numbers", squeezed)
    oscillators = [mode for mode in part.modes if mode not in part.qubits]
    for pair in squeezed:
        if not isinstance(pair, tuple) or len(pair) != 2 or pair[0] == pair[1]:
            raise fail("squeezed", "have pairs of different oscillators for keys", pair)
        for name in pair:
            one_of("squeezed", name, oscillators, "an oscillator of the network")
    return {pair: float(number(f"squeezed[{pair}]", s)) for pair, s in squeezed.items()}


def check_memory(needed: int, what: str) -> None:
    """Refuse before allocating what does not fit.

    Args:
        needed: bytes.
        what: what they are for.

    Raises:
        ArgumentError: when more is needed than is free.
    """
    if needed < _LITTLE:
        return
    free = free_memory()
    if needed > free:
        raise ArgumentError(
            f"The model needs about {needed / 2**30:.3g} GiB of memory ({what}), but "
            f"{free / 2**30:.3g} GiB are free; quantum trajectories need much less."
        )


def check_size(space: Space) -> None:
    """Refuse a basis that does not fit into memory, before it is listed.

    Args:
        space: the space; nothing of it has been listed yet.
    """
    states = float(np.prod(np.asarray(space.tops, float) + 1))
    check_memory(int(24 * len(space.modes) * states), f"a basis of {states:.3g} states")


def check_tails(space: Space, H: Ladder, jumps: Sequence[Ladder]) -> None:
    """Refuse a cutoff that the light in the oscillators overflows, when that can be known.

    Oscillators that feel no qubit are Gaussian. A mean field of m quanta fills levels up to
    about m + 3√m; of n quanta of noise about x^(k+1), x = n/(n + 1), lie above k more; pairs come
    together, so a group of g modes with K quanta in all has k = (K + 1)/g − 1.

    Args:
        space: modes and cutoffs.
        H: Hamiltonian.
        jumps: jump operators.

    Raises:
        ArgumentError: when more quanta are needed; it says how many.
        UnstableError: when the oscillators have no steady state.
    """
    for mode, (field, noise) in _mean_quanta(space, H, jumps).items():
        for names, most, group in _cutoffs_of(space, mode):
            needed = int(_needed(field, noise, group))
            if most < needed:
                raise fail(
                    f"cutoffs[{', '.join(names)}]",
                    f"be {needed} or more for {field + noise:.3g} quanta on average in {mode}",
                    most,
                    "squeezed pairs need fewer in a basis that is `squeezed`",
                )


def overflowing(space: Space, H: Ladder, jumps: Sequence[Ladder], shape: Any) -> np.ndarray:
    """At which points of a batch a cutoff is too small, or the oscillators have no steady state.

    Args:
        space: modes and cutoffs.
        H: Hamiltonian.
        jumps: jump operators.
        shape: of the batch.
    """
    linear = _oscillators(space, H, jumps)
    refused = np.zeros(shape, bool)
    if linear is None:
        return refused
    cov, stable = solve(linear.A, linear.D)
    # Drives may vary where the drift does not, and the other way round.
    A = np.where(stable[..., None, None], linear.A, -np.eye(linear.A.shape[-1]))
    mean = np.linalg.solve(A, -linear.drive[..., None])[..., 0]
    refused |= ~stable
    for mode, (field, noise) in _quanta(linear.modes, mean, cov).items():
        for _, most, group in _cutoffs_of(space, mode):
            refused |= stable & (most < _needed(field, noise, group))
    return refused


def cut_off(space: Space, H: Ladder, jumps: Sequence[Ladder]) -> dict[str, np.ndarray]:
    """Basis states from which H or a jump leads beyond a cutoff: booleans (D,) by cutoff, if any.

    A state full of quanta is no such state when nothing adds any more: what only decays, or is only
    exchanged below a limit that holds for all of it, lies within its cutoffs for ever.

    Args:
        space: modes and cutoffs.
        H: Hamiltonian.
        jumps: jump operators.

    >>> from qcascade import lower
    >>> a, space = lower("m.a"), Space(("m.a",), (3,))
    >>> cut_off(space, a + a.dag, [a]), cut_off(space, a.dag * a, [a])
    ({'m.a': array([False, False, False,  True])}, {})
    """
    if set(space.modes) == set(space.qubits):
        return {}
    words = [Ladder(collected(space.represented(operator))) for operator in (H, *jumps)]
    return {name: states for name, states in _beyond(space, words).items() if np.any(states)}


def leaving(space: Space, operators: Iterable[Ladder], quanta: np.ndarray) -> np.ndarray:
    """Which basis states |i⟩ some word leads out of the space, booleans (K,).

    Args:
        space: the Hilbert space.
        operators: in the basis of the space, with words that cancel taken out.
        quanta: of the basis states, integers (K, M).
    """
    return np.any(list(_beyond(space, operators, quanta).values()), axis=0)


def _beyond(
    space: Space, operators: Iterable[Ladder], quanta: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Which basis states some word leads beyond each cutoff, booleans (K,) by the modes' names."""
    quanta = space.quanta if quanta is None else quanta
    # Where a shared limit and a mode's own cutoff are both passed, the shared one is named.
    own = [((mode,), top) for mode, top in zip(space.modes, space.tops, strict=True)]
    cutoffs = [(np.isin(space.modes, names), names, most) for names, most in (*space.limits, *own)]
    passed = {", ".join(names): np.zeros(len(quanta), bool) for _, names, _ in cutoffs}
    for word in {word for operator in operators for word in operator.terms}:
        need, change = _asked(space, word)
        for group, names, most in cutoffs:
            if change[group].sum() <= 0:  # from within the cutoff it leads nowhere beyond
                continue
            known = passed[", ".join(names)]
            full = quanta[:, group].sum(axis=1) + change[group].sum() > most
            rows = np.flatnonzero(full & ~known & np.all(quanta >= need, axis=1))
            known[rows[_allowed(space, word, quanta[rows])]] = True
    return passed


def _asked(space: Space, word: Any) -> tuple[np.ndarray, np.ndarray]:
    """Fewest quanta (M,) that a word does not take below none, and what it adds (M,)."""
    need, change = np.zeros((2, len(space.modes)), np.int64)
    for mode, dagger in reversed(word):
        k = space.modes.index(mode)
        change[k] += 1 if dagger else -1
        need[k] = max(need[k], -change[k])
    return need, change


def _allowed(space: Space, word: Any, quanta: np.ndarray) -> np.ndarray:
    """Where no step of a word takes a qubit out of its two levels, booleans (K,)."""
    quanta, allowed = quanta.copy(), np.ones(len(quanta), bool)
    for mode, dagger in reversed(word):
        if mode in space.qubits:
            n = quanta[:, space.modes.index(mode)]
            allowed &= n == (0 if dagger else 1)
            n += 1 if dagger else -1
    return allowed


def _cutoffs_of(space: Space, mode: str) -> list[tuple[tuple[str, ...], int, int]]:
    """Cutoffs of a mode: names, most quanta together, and how many modes share them."""
    shared = [(names, most) for names, most in space.limits if mode in names]
    top = space.tops[space.modes.index(mode)]
    # A cutoff of a mode's own may be lower than the one it shares.
    own = [((mode,), top)] if top < min((most for _, most in shared), default=top + 1) else []
    return [(names, most, len(names)) for names, most in (*own, *shared)]


def _needed(field: Any, noise: Any, group: int) -> Any:
    """Quanta up to which the levels of a group of modes are filled."""
    x = np.maximum(noise / (noise + 1), 1e-300)
    above = np.where(noise > 0, group * np.log(_TAIL) / np.log(x) - 1, 0.0)
    return np.ceil(field + 3 * np.sqrt(field) + np.maximum(above, 0.0) - 1e-9)


def _oscillators(space: Space, H: Ladder, jumps: Sequence[Ladder]) -> Any:
    """The linear model of the oscillators alone; None where they feel a qubit or are not linear."""
    oscillators = tuple(mode for mode in space.modes if mode not in space.qubits)
    feels = influence(space.modes, H, jumps)
    inside = np.isin(space.modes, oscillators)
    if not oscillators or np.any(feels[np.ix_(inside, ~inside)]):
        return None
    H, *jumps = (restricted(space.represented(x), set(oscillators)) for x in (H, *jumps))
    jumps = [jump for jump in jumps if jump.terms]
    if H.degree > 2 or max((jump.degree for jump in jumps), default=0) > 1:
        return None
    names = tuple(f"port{k}" for k in range(len(jumps)))
    return gaussian(Component(np.eye(len(jumps)), tuple(jumps), H, oscillators, names, names))


def _mean_quanta(
    space: Space, H: Ladder, jumps: Sequence[Ladder]
) -> dict[str, tuple[float, float]]:
    """Quanta of mean field and of noise by oscillator, in the basis used; empty when unknown."""
    linear = _oscillators(space, H, jumps)
    if linear is None:
        return {}
    cov, stable = solve(linear.A, linear.D)
    if not stable:
        raise UnstableError(
            f"The oscillators {listed(linear.modes)} have no steady state (above threshold): "
            "no cutoff is enough."
        )
    return _quanta(linear.modes, np.linalg.solve(linear.A, -linear.drive), cov)


def _quanta(modes: Sequence[str], mean: Any, cov: Any) -> dict[str, tuple[Any, Any]]:
    field, noise = mean**2 / 2, np.diagonal(cov, axis1=-2, axis2=-1) / 2
    return {
        mode: (
            field[..., 2 * k] + field[..., 2 * k + 1],
            np.maximum(noise[..., 2 * k] + noise[..., 2 * k + 1] - 0.5, 0.0),
        )
        for k, mode in enumerate(modes)
    }


def restricted(ladder: Ladder, modes: set[str]) -> Ladder:
    """The words that hold no other modes.

    Args:
        ladder: a polynomial.
        modes: names of the modes to keep.
    """
    return Ladder({w: c for w, c in ladder.terms.items() if all(mode in modes for mode, _ in w)})
