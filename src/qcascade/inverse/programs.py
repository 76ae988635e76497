"""Program the dual rail: from concurrences that are wanted to the detunings that bring them.

Light of a broadband pair source passes N qubits on rail A and N on rail B. With δ_B,i = −δ_A,P(i)
they relax into a pure state whose entanglement the permutation P and the detunings δ_A set
(J. Agustí et al., Phys. Rev. Lett. 131, 250801 (2023)). Rates in units of γ.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ConvergenceError, count, fail, flag, numbers, single
from ..base.keywords import spoken
from ..base.progress import progress_bar
from ..base.units import squeezing_parameter
from ..dynamics import steady_state
from ..master_equation.dark_concurrences import dark_concurrences
from ..master_equation.dark_states import dark_state, darkness
from ..master_equation.from_network import lindblad
from ..measures.density import concurrence
from ..parts.emitters import qubit, squeezed_light
from ..slh.network import Network
from .dark_search import FINE, Ranked, Wanted, all_orders, descend, search

MOST_PAIRS = 7
SOLVED = 4
"""Most pairs whose master equation is solved besides."""

ALIKE = 1e-7
"""Difference of distances that counts as none."""

LIMIT, REACHED = 1e4, 1e-5
"""Detunings that stand for any, and a distance from the targets there that stands for none."""


class Pattern(NamedTuple):
    """One way to set the rail: P counted from 1, δ_A in units of γ, C, and its distance."""

    permutation: tuple[int, ...]
    detunings: np.ndarray
    concurrence: np.ndarray
    distance: float


@dataclass(frozen=True, eq=False, repr=False)
class Program:
    """Permutations and detunings that come closest to concurrences that are wanted.

    Args:
        targets: wanted C_ij between A_i and B_j, (N, N).
        r: squeezing parameter of the light.
        furthest: largest |δ| in units of γ.
        patterns: all that are equally close, fewest crossings first; each C stands once, and also
            belongs to −δ_A, and to δ_A + c.
        limit: distance when detunings of 10⁴ γ are allowed.
        why: what keeps the rest from being reached; empty where nothing does.
        darkness: largest of ‖Hψ‖ and ‖Jψ‖ of the first pattern's network, zero for a steady state.
        difference: largest difference between its C and those of the solved master equation; NaN
            for more than four pairs, and where the solver cannot tell.

    >>> program([[0.0, 0.964], [0.964, 0.0]], starts=20).permutation
    (2, 1)
    """

    targets: np.ndarray
    r: float
    furthest: float
    patterns: tuple[Pattern, ...]
    limit: float
    why: str
    darkness: float
    difference: float

    @property
    def permutation(self) -> tuple[int, ...]:
        """P of the first pattern, counted from 1: δ_B,i = −δ_A,P(i)."""
        return self.patterns[0].permutation

    @property
    def detunings(self) -> np.ndarray:
        """δ_A of the first pattern in units of γ, (N,)."""
        return self.patterns[0].detunings

    @property
    def concurrence(self) -> np.ndarray:
        """C_ij of the first pattern, (N, N)."""
        return self.patterns[0].concurrence

    @property
    def distance(self) -> float:
        """√Σ(C_ij − target_ij)²."""
        return self.patterns[0].distance

    @property
    def reachable(self) -> bool:
        """Whether the targets are met, or met ever better by larger detunings."""
        return bool(self.limit < REACHED)

    def network(self) -> Network:
        """The first pattern as a network: light, then the qubits A1 … AN and B1 … BN, γ = 1."""
        return _network(self.r, self.patterns[0])

    def __repr__(self) -> str:
        pairs, verdict = len(self.targets), "reachable" if self.reachable else "not reachable"
        plural = "pairs" if pairs > 1 else "pair"
        head = f"Program({pairs} {plural}, r = {self.r:g}: distance {self.distance:.3g}, {verdict}"
        lines = [head]
        for p in self.patterns[:4]:
            order = ", ".join(map(str, p.permutation))
            lines.append(f"P = ({order}), δ_A = ({_listed(p.detunings)}) γ")
        more = len(self.patterns) - 4
        lines += [f"and {more} more that are as close"] if more > 0 else []
        lines += [self.why] if self.why else []
        solved = "" if np.isnan(self.difference) else f", master equation ±{self.difference:.1e}"
        lines.append(f"‖Hψ‖, ‖Jψ‖ ≤ {self.darkness:.1e}{solved}")
        return "\n  ".join(lines) + ")"


@spoken
def program(
    targets: Any,
    furthest: float = 100.0,
    r: float = 1.0,
    *,
    starts: int | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Program:
    """Permutation and detunings of a dual rail whose concurrences come closest to `targets`.

    Minimises √Σ(C_ij − target_ij)² over P and |δ_A,i| ≤ furthest, with δ_B,i = −δ_A,P(i), from the
    dark state in closed form (`master_equation/dark_states.py`; J. Agustí et al., Phys. Rev. Lett.
    131, 250801 (2023), Eqs. (5)–(9)). The answer is checked with the master equation of its
    network: H and all jumps give zero on the state, and up to four pairs it is solved.

    Args:
        targets: wanted concurrences between A_i and B_j, (N, N), N ≤ 7; a row's sum is at most
            C₀ = tanh 2r, what one pair alone has.
        furthest: largest |δ| in units of γ.
        r: squeezing parameter of the light, from 0 to 10, or text, "10 dB".
        starts: patterns that descend at a time; when omitted, as many as a few seconds allow.
        seed: of the random numbers; the same seed gives the same bits.
        progress: show a bar on a terminal.

    Returns:
        A `Program`, with every pattern that is equally close.

    Raises:
        ArgumentError: for targets that are not square, negative, not finite, or larger in a row
            than tanh 2r.
        ConvergenceError: when the master equation does not agree with the closed form.

    >>> best = program([[0.0, 0.5], [0.5, 0.0]], starts=20)
    >>> best.permutation, round(best.distance, 6), best.reachable
    ((2, 1), 0.032513, False)
    """
    squeezing = _squeezing(r)
    bound = single("furthest", furthest, 1e-6, 1e6, "a detuning from 1e-6 to 1e6, in units of γ")
    wanted = Wanted(_targets(targets, squeezing), squeezing, bound)
    starts_kept = None if starts is None else count("starts", starts, 1, 100_000)
    first = count("seed", seed, 0)
    with progress_bar("programming", flag("progress", progress)) as tell:
        ranked = search(wanted, starts_kept, first, tell)
    patterns = _alike(wanted, ranked)
    limit = _limit(wanted, ranked)
    dark, difference = _checked(squeezing, patterns[0])
    why = _why(wanted, patterns[0], limit)
    return Program(wanted.targets, squeezing, bound, patterns, limit, why, dark, difference)


def _squeezing(r: Any) -> float:
    xi = squeezing_parameter("r", r)
    if np.ndim(xi) or xi.imag != 0 or not 0 <= xi.real <= 10:
        raise fail("r", "be one squeezing parameter from 0 to 10", r)
    return float(xi.real)


def _targets(targets: Any, squeezing: float) -> np.ndarray:
    array = np.array(numbers("targets", targets, "a square matrix of real numbers"), float)
    if array.ndim != 2 or len(array) != array.shape[1] or not 0 < len(array) <= MOST_PAIRS:
        must = f"be a square matrix, one row for every A_i and at most {MOST_PAIRS} of them"
        raise fail("targets", must, array, f"its shape is {array.shape}")
    if not np.all(np.isfinite(array)) or np.any(array < 0):
        raise fail("targets", "hold concurrences, 0 or above", targets)
    sums, most = array.sum(axis=1), np.tanh(2 * squeezing)
    if np.any(sums > most * (1 + 1e-12) + 1e-12):
        i = int(np.argmax(sums))
        must = f"have rows that sum to at most tanh 2r = {most:.6g}"
        raise fail("targets", must, float(sums[i]), f"row {i + 1}")
    return array


def _alike(wanted: Wanted, ranked: Ranked) -> tuple[Pattern, ...]:
    """All patterns as close as the closest: of those found, and of its detunings in any order."""
    every = all_orders(len(wanted.targets))
    best = ranked.best(1)
    same = np.repeat(best.detunings, len(every), axis=0)
    C, _ = dark_concurrences(wanted.squeezing, same, every)
    off = np.sqrt(np.sum((np.maximum(C, 0) - wanted.targets) ** 2, axis=(1, 2)))
    near = off < best.distances[0] + 1e-3
    more = descend(wanted, every[near], same[near], FINE)
    ranked = Ranked(*map(np.concatenate, zip(ranked, more, strict=True)))
    ranked = ranked.best(int(np.sum(ranked.distances <= ranked.distances.min() + ALIKE)))
    detunings = np.array([_plain(row, wanted.furthest) for row in ranked.detunings])
    C = np.maximum(dark_concurrences(wanted.squeezing, detunings, ranked.orders)[0], 0.0)
    unique = {}
    for order, pattern, reached in zip(ranked.orders, detunings, C, strict=True):
        key = (*order.tolist(), *np.round(reached, 4).ravel().tolist())
        distance = float(np.linalg.norm(reached - wanted.targets))
        permutation = tuple(int(k) + 1 for k in order)
        unique.setdefault(key, Pattern(permutation, pattern, reached, distance))
    return tuple(sorted(unique.values(), key=lambda p: (_crossings(p.permutation), p.permutation)))


def _plain(detunings: np.ndarray, furthest: float) -> np.ndarray:
    """Of all that are the same: the first is zero where the bound allows, else not negative."""
    shifted = detunings - detunings[0]
    plain = shifted if np.all(np.abs(shifted) <= furthest) else detunings
    first = plain[np.flatnonzero(plain)[:1]]
    return (-plain if np.any(first < 0) else plain) + 0.0


def _crossings(permutation: tuple[int, ...]) -> int:
    order = np.array(permutation)
    return int(np.sum(np.triu(order[:, None] > order[None, :])))


def _limit(wanted: Wanted, ranked: Ranked) -> float:
    """The distance when nothing bounds the detunings, from the patterns found."""
    furthest = max(LIMIT, wanted.furthest)
    near = ranked.best(20)
    orders = np.concatenate([near.orders] * 2)
    starts = np.concatenate([near.detunings, near.detunings * furthest / wanted.furthest])
    free = descend(wanted._replace(furthest=furthest), orders, starts, FINE)
    return float(min(free.distances.min(), ranked.distances.min()))


def _checked(squeezing: float, pattern: Pattern) -> tuple[float, float]:
    """How dark the state is for its network, and how far its C are from those of the solved ρ."""
    model = lindblad(_network(squeezing, pattern))
    order = [k - 1 for k in pattern.permutation]
    state = dark_state(squeezing, pattern.detunings.tolist(), order)
    dark = darkness(state, (model.H, *model.jumps))
    if not dark < 1e-11 * (1 + np.abs(pattern.detunings).sum()) * np.cosh(squeezing):
        raise ConvergenceError(f"The state is not dark: H or a jump leaves {dark:.1e} of it.")
    if len(order) > SOLVED:
        return dark, np.nan
    try:
        solved = steady_state(model)
    except ConvergenceError:  # too slow a relaxation for the solver to tell
        return dark, np.nan
    pairs = range(len(order))
    C = [[concurrence(solved, f"A{i + 1}.q", f"B{j + 1}.q") for j in pairs] for i in pairs]
    difference = float(np.abs(np.array(C) - pattern.concurrence).max())
    if difference > 1e-6:
        raise ConvergenceError(
            f"The solved master equation differs from the closed form by {difference:.1e}."
        )
    return dark, difference


def _network(squeezing: float, pattern: Pattern) -> Network:
    parts, wires = {"light": squeezed_light(squeezing)}, []
    lower = [-pattern.detunings[k - 1] for k in pattern.permutation]
    for rail, detunings in (("A", pattern.detunings), ("B", lower)):
        outlet = f"light.out_{rail.lower()}"
        for i, delta in enumerate(detunings, 1):
            parts[f"{rail}{i}"] = qubit(float(delta), decay=1.0)
            wires.append((outlet, f"{rail}{i}.in"))
            outlet = f"{rail}{i}.out"
    return Network(parts, wires)


def _why(wanted: Wanted, best: Pattern, limit: float) -> str:
    """In words, what is missing."""
    if best.distance < REACHED:
        return ""
    if limit < REACHED:
        return f"only larger detunings come closer: {limit:.1e} at {max(LIMIT, wanted.furthest):g}γ"
    targets, most, reasons = wanted.targets, np.tanh(2 * wanted.squeezing), []
    columns, row = targets.sum(axis=0), int(np.argmax(np.sum(targets > 0, axis=1)))
    if columns.max() > most * (1 + 1e-12) + 1e-12:
        column = int(np.argmax(columns)) + 1
        reasons.append(f"column {column} sums to {columns.max():.4g}, above tanh 2r = {most:.4g}")
    if np.sum(targets[row] > 0) > 3:
        reasons.append(f"row {row + 1} wants more than three partners, which no dark state had")
    pairs = len(targets)
    if not reasons:
        reasons.append(f"no permutation and no detunings were found that bring all {pairs**2}")
    i, j = np.unravel_index(np.argmax(np.abs(best.concurrence - targets)), targets.shape)
    reached = (
        f"C_{i + 1}{j + 1} is {best.concurrence[i, j]:.4g} where {targets[i, j]:.4g} is wanted"
    )
    return "; ".join([*reasons, reached])


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{x:.6g}" for x in values)
