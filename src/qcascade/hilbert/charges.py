"""What a master equation conserves, and who feels whom, read off the words of H and the jumps.

* Charges: integers q_m such that every word of H leaves Q = Σ q_m n_m alone and all words of a jump
  change it by the same amount (a weak U(1) symmetry: Buča & Prosen, NJP 14, 073007 (2012)).
* Order: which modes feel which; a cascade is a one-way order, and its first parts never feel
  the later ones.

Coefficients may be arrays over the points of a batch. What is found then holds at all of them: a
coefficient that is zero at one point, or real at one, decides nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, product
from math import gcd, lcm
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..numerics.graphs import strong_parts
from ..slh.ladder import Ladder, Word
from .rounding import ROUNDING, coefficient, largest, product_sizes, sizes, summed
from .words import raised

COUPLED = 1e-13
"""Part of what it was summed from below which the pull of one mode on another is none."""

Terms = Mapping[Word, Any]

_KNOWN: WeakKeyDictionary[Ladder, Terms] = WeakKeyDictionary()
"""What polynomials were collected to: charges, order, mirror and terms all begin with it."""


def collected(*ladders: Ladder) -> Terms:
    """Coefficients by word of a sum, words sorted by mode (different modes commute).

    What cancels is dropped, in real and imaginary parts.

    Args:
        ladders: polynomials.
    """
    if len(ladders) == 1 and ladders[0] in _KNOWN:
        return _KNOWN[ladders[0]]
    terms = summed(
        (by_mode(word), c, sizes(c))
        for ladder in ladders
        for word, c in ((word, coefficient(c)) for word, c in ladder.terms.items())
    )
    if len(ladders) == 1:
        _KNOWN[ladders[0]] = terms
    return terms


def collected_ladder(terms: Terms) -> Ladder:
    """A polynomial of coefficients that `collected` has made already.

    Args:
        terms: by words that are sorted by mode, complex.
    """
    ladder = Ladder(terms)
    _KNOWN[ladder] = terms
    return ladder


def by_mode(word: Word) -> Word:
    """The word sorted by mode."""
    return tuple(sorted(word, key=lambda operator: operator[0]))


def charges(
    modes: Sequence[str], H: Ladder, jumps: Iterable[Ladder]
) -> tuple[tuple[int, ...], ...]:
    """All independent integer charges, one tuple (M,) each; their first nonzero entry is positive.

    Args:
        modes: names of the M modes.
        H: Hamiltonian.
        jumps: jump operators.

    >>> from qcascade import lower
    >>> a, b = lower("a"), lower("b")
    >>> charges(["a", "b"], a * b + b.dag * a.dag, [a, b])
    ((1, -1),)
    """

    def change(word: Word) -> tuple[int, ...]:
        quanta = raised(word)
        return tuple([quanta.get(mode, 0) for mode in modes])

    rows = {change(word) for word in collected(H)}
    for jump in jumps:
        first, *others = [change(word) for word in collected(jump)] or [()]
        rows |= {tuple(x - y for x, y in zip(other, first, strict=True)) for other in others}
    return _null_space(tuple(row for row in sorted(rows) if any(row)), len(modes))


@lru_cache(maxsize=128)
def _null_space(rows: tuple[tuple[int, ...], ...], size: int) -> tuple[tuple[int, ...], ...]:
    """Integer vectors that span the null space of an integer matrix, by exact elimination."""
    reduced: list[list[Fraction]] = []
    pivots: list[int] = []
    for row in rows:
        reduced_row = [Fraction(x) for x in row]
        for known, pivot in zip(reduced, pivots, strict=True):
            reduced_row = [
                x - reduced_row[pivot] * y for x, y in zip(reduced_row, known, strict=True)
            ]
        pivot = next((k for k, x in enumerate(reduced_row) if x), None)
        if pivot is None:
            continue
        reduced_row = [x / reduced_row[pivot] for x in reduced_row]
        reduced = [
            [x - known[pivot] * y for x, y in zip(known, reduced_row, strict=True)]
            for known in reduced
        ]
        reduced.append(reduced_row)
        pivots.append(pivot)
    vectors = []
    for free in (k for k in range(size) if k not in pivots):
        vector = [Fraction(0)] * size
        vector[free] = Fraction(1)
        for known, pivot in zip(reduced, pivots, strict=True):
            vector[pivot] = -known[free]
        vectors.append(_whole(vector))
    return tuple(vectors)


def _whole(vector: Sequence[Fraction]) -> tuple[int, ...]:
    """The vector scaled to coprime integers, its first nonzero entry positive."""
    scale = lcm(*(x.denominator for x in vector))
    numbers = [int(x * scale) for x in vector]
    common = gcd(*numbers) * (1 if next(x for x in numbers if x) > 0 else -1)
    return tuple(x // common for x in numbers)


def dissipator(jumps: Iterable[Ladder], small: float = ROUNDING) -> dict[tuple[Word, Word], Any]:
    """Σ_J c_w c_v* by pairs of words (w, v): the same for any unitary mixture of the jumps.

    Args:
        jumps: jump operators.
        small: how much of what was summed counts as zero.
    """
    return summed((((w, v), c, of) for w, v, c, of in products(jumps)), small)


def products(jumps: Iterable[Ladder]) -> Iterator[tuple[Word, Word, Any, Any]]:
    """c_w c_v* of all pairs of words w and v of every jump, and sizes of what it is summed from.

    Args:
        jumps: jump operators.
    """
    for terms in map(collected, jumps):
        for (w, x), (v, y) in product(terms.items(), repeat=2):
            yield w, v, x * y.conjugate(), product_sizes(x, y)


def order(modes: Sequence[str], H: Ladder, jumps: Sequence[Ladder]) -> tuple[tuple[str, ...], ...]:
    """Modes in causal layers: the first layers never feel the later ones.

    Mode v feels mode u when, for some operators a of v and b of u, the equation of motion of v
    holds [a, X] b with a coefficient i h_ab + ½Σ_J (c_(a†)* c_b − c_a c_(b†)*) that is not zero. In
    a cascade the Hamiltonian and the shared bath cancel in one direction, exactly (Gardiner,
    PRL 70, 2269 (1993)). A layer holds the modes that can be computed once the layers before are
    known; modes that feel each other are in the same layer.

    Args:
        modes: names of the modes.
        H: Hamiltonian.
        jumps: jump operators.

    >>> from qcascade import lower
    >>> u, v = lower("u"), lower("v")
    >>> order(["v", "u"], 0.5j * (u.dag * v - v.dag * u), [u + v])
    (('u',), ('v',))
    """
    feels = influence(modes, H, jumps)
    rows, start = strong_parts(feels)
    layer = np.zeros(len(modes), int)
    for a, b in pairwise(start):  # downstream: the layers of what a part feels are known
        upstream = np.any(feels[rows[a:b]], axis=0)
        upstream[rows[a:b]] = False
        layer[rows[a:b]] = layer[upstream].max(initial=-1) + 1
    return tuple(
        tuple(m for m, level in zip(modes, layer, strict=True) if level == k)
        for k in range(int(layer.max(initial=-1)) + 1)
    )


def influence(modes: Sequence[str], H: Ladder, jumps: Sequence[Ladder]) -> np.ndarray:
    """Whether mode v feels mode u, booleans (M, M) indexed [v, u]; the rule stands in `order`.

    Args:
        modes: names of the M modes.
        H: Hamiltonian.
        jumps: jump operators.
    """
    at = {mode: k for k, mode in enumerate(modes)}
    feels = np.zeros((len(modes), len(modes)), bool)
    pull: list[tuple[tuple[Word, Word], Any, Any]] = []

    def both_ways(names: Iterable[str]) -> None:
        index = sorted({at[m] for m in names})
        feels[np.ix_(index, index)] = True

    for word, c in collected(H).items():
        names = sorted({m for m, _ in word})
        if len(names) > 2:
            both_ways(names)
        elif len(names) == 2:
            a, b = (tuple(x for x in word if x[0] == name) for name in names)
            size = sizes(1j * c)
            pull += [((a, b), 1j * c, size), ((b, a), 1j * c, size)]
    for w, v, c, size in products(jumps):
        first, second = ({m for m, _ in word} for word in (w, v))
        if len(first) == len(second) == 1 and first != second:
            adjoint = tuple((m, not d) for m, d in reversed(v))
            # a = v†, b = w, and a = w, b = v†
            pull += [((adjoint, w), c / 2, size / 2), ((w, adjoint), -c / 2, size / 2)]
    if any(len({m for m, _ in word}) > 1 for terms in map(collected, jumps) for word in terms):
        for w, v in dissipator(jumps):
            first, second = ({m for m, _ in word} for word in (w, v))
            if len(first) > 1 or len(second) > 1:
                both_ways(first | second)
    for a, b in summed(pull, COUPLED):
        feels[at[a[0][0]], at[b[0][0]]] = True
    return feels


def unconnected(
    modes: Sequence[str], H: Ladder, jumps: Sequence[Ladder], bound: Iterable[Iterable[str]] = ()
) -> tuple[tuple[str, ...], ...]:
    """Groups of modes between which nothing acts, and that share no noise.

    Noise that two modes share (squeezed light) correlates them, though neither feels the other.

    Args:
        modes: names of the modes.
        H: Hamiltonian.
        jumps: jump operators.
        bound: modes that belong together for other reasons (a shared cutoff).

    >>> from qcascade import lower
    >>> a, b, c = map(lower, "abc")
    >>> unconnected("abc", a.dag * c + c.dag * a, [a + b, a - b])
    (('a', 'c'), ('b',))
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    touching = np.zeros((len(modes), len(modes)), bool)
    words = [*collected(H), *(w + v for w, v in dissipator(jumps, COUPLED))]
    for names in (*bound, *({mode for mode, _ in word} for word in words)):
        inside = [modes.index(name) for name in names]
        touching[np.ix_(inside, inside)] = True
    count, member = connected_components(csr_array(touching), directed=False)
    return tuple(
        tuple(m for m, of in zip(modes, member, strict=True) if of == k) for k in range(count)
    )


def rotating(modes: Sequence[str], H: Ladder, charges: Sequence[Sequence[int]]) -> Ladder:
    """H without frequencies that no block of ρ feels: H − Σ_c x_c Q_c.

    [Q, ρ] = 0 for the charges Q = Σ q_m a_m†a_m of a block-diagonal ρ. The x_c take the largest
    frequencies away first, so that 282 THz leave nothing behind in which a detuning is lost.

    Args:
        modes: names of the modes.
        H: Hamiltonian.
        charges: conserved charges, one integer per mode.

    >>> from qcascade import lower
    >>> a, b = lower("a"), lower("b")
    >>> H = 1e15 * a.dag * a + (1e15 + 2) * b.dag * b + a.dag * b + b.dag * a
    >>> [c.real for c in rotating("ab", H, [(1, 1)]).terms.values()]
    [-2.0, 1.0, 1.0]
    >>> (batch,) = rotating("a", np.array([0.0, 2.0]) * a.dag * a, []).terms.values()
    >>> batch.real
    array([0., 2.])
    """
    terms = dict(collected(H))
    if not any(len(word) == 2 and word[0][0] == word[1][0] for word in terms):
        return H
    number = {mode: ((mode, True), (mode, False)) for mode in modes}
    frequency = {m: terms.pop(word).real for m, word in number.items() if word in terms}
    for rows in _overlapping(modes, charges):
        before = {m: frequency.get(m, 0.0) for row in rows for m in row}
        after = _without(before, rows)
        # Frequencies that are no smaller stay as they are: ±δ shows a symmetry, 0 and 2δ does not.
        if sum(map(largest, after.values())) < sum(map(largest, before.values())):
            frequency |= after
    numbers = {number[mode]: coefficient(x) for mode, x in frequency.items() if np.any(x)}
    return Ladder({**numbers, **terms})


def _overlapping(
    modes: Sequence[str], charges: Sequence[Sequence[int]]
) -> list[list[dict[str, Fraction]]]:
    """Charges by mode, those that share modes together."""
    groups: list[list[dict[str, Fraction]]] = []
    for charge in charges:
        row = {m: Fraction(q) for m, q in zip(modes, charge, strict=True) if q}
        near = [group for group in groups if any(row.keys() & other.keys() for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([row, *(other for group in near for other in group)])
    return groups


def _without(
    frequency: Mapping[str, Any], charges: Sequence[dict[str, Fraction]]
) -> dict[str, Any]:
    """Frequencies less multiples of the charges that make the largest ones zero, one by one."""
    left, rows = dict(frequency), list(charges)
    while rows:
        mode = max(sorted({m for row in rows for m in row}), key=lambda m: largest(left[m]))
        pivot = next(row for row in rows if mode in row)
        by = left[mode] / float(pivot[mode])
        for m, q in pivot.items():
            left[m] = left[m] - by * float(q) if m != mode else 0.0
        rows = [_reduced(row, pivot, mode) for row in rows if row is not pivot]
    return left


def _reduced(
    row: Mapping[str, Fraction], pivot: Mapping[str, Fraction], mode: str
) -> dict[str, Fraction]:
    """A charge less the multiple of another that has the same value of one mode."""
    by = row.get(mode, Fraction(0)) / pivot[mode]
    names = sorted({*row, *pivot})
    difference = {m: row.get(m, Fraction(0)) - by * pivot.get(m, Fraction(0)) for m in names}
    return {m: q for m, q in difference.items() if q}
