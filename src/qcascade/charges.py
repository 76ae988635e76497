"""What a master equation conserves, and who feels whom, read off the words of H and the jumps.

* Charges: integers q_m such that every word of H leaves Q = Σ q_m n_m alone and all words of a jump
  change it by the same amount (a weak U(1) symmetry: Buča & Prosen, NJP 14, 073007 (2012)).
* Order: which modes feel which; a cascade is a one-way order, and its first parts never feel
  the later ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

import numpy as np

from .ladder import Ladder, Word

SMALL = 1e-13  # relative to the largest coefficient: what cancellation leaves of zero

Terms = dict[Word, complex]


def collected(ladder: Ladder) -> Terms:
    """Coefficients by word, words sorted by mode (different modes commute), zeros dropped.

    Args:
        ladder: a polynomial with plain numbers for coefficients.
    """
    terms: Terms = {}
    for word, c in ladder.terms.items():
        word = tuple(sorted(word, key=lambda operator: operator[0]))
        terms[word] = terms.get(word, 0j) + complex(c)
    scale = max(map(abs, terms.values()), default=0.0)
    return {word: c for word, c in terms.items() if abs(c) > SMALL * scale}


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
    at = {mode: k for k, mode in enumerate(modes)}
    rows = {_shift(word, at) for word in collected(H)}
    for jump in jumps:
        shifts = [_shift(word, at) for word in collected(jump)]
        rows |= {
            tuple(x - y for x, y in zip(shift, shifts[0], strict=True)) for shift in shifts[1:]
        }
    return tuple(_null_space([row for row in sorted(rows) if any(row)], len(modes)))


def _shift(word: Word, at: Mapping[str, int]) -> tuple[int, ...]:
    """By how much a word changes the quanta of every mode."""
    shift = [0] * len(at)
    for mode, dagger in word:
        shift[at[mode]] += 1 if dagger else -1
    return tuple(shift)


def _null_space(rows: Sequence[tuple[int, ...]], size: int) -> list[tuple[int, ...]]:
    """Integer vectors that span the null space of an integer matrix, by exact elimination."""
    reduced: list[list[Fraction]] = []
    pivots: list[int] = []
    for row in rows:
        rest = [Fraction(x) for x in row]
        for known, pivot in zip(reduced, pivots, strict=True):
            rest = [x - rest[pivot] * y for x, y in zip(rest, known, strict=True)]
        pivot = next((k for k, x in enumerate(rest) if x), None)
        if pivot is None:
            continue
        rest = [x / rest[pivot] for x in rest]
        reduced = [
            [x - known[pivot] * y for x, y in zip(known, rest, strict=True)] for known in reduced
        ]
        reduced.append(rest)
        pivots.append(pivot)
    vectors = []
    for free in (k for k in range(size) if k not in pivots):
        vector = [Fraction(0)] * size
        vector[free] = Fraction(1)
        for known, pivot in zip(reduced, pivots, strict=True):
            vector[pivot] = -known[free]
        vectors.append(_whole(vector))
    return vectors


def _whole(vector: Sequence[Fraction]) -> tuple[int, ...]:
    """The vector scaled to coprime integers, its first nonzero entry positive."""
    scale = lcm(*(x.denominator for x in vector))
    numbers = [int(x * scale) for x in vector]
    common = gcd(*numbers) * (1 if next(x for x in numbers if x) > 0 else -1)
    return tuple(x // common for x in numbers)


def dissipator(jumps: Iterable[Ladder]) -> dict[tuple[Word, Word], complex]:
    """Σ_J c_w c_v* by pairs of words (w, v): the same for any unitary mixture of the jumps.

    Args:
        jumps: jump operators.
    """
    found: dict[tuple[Word, Word], complex] = {}
    for jump in jumps:
        terms = collected(jump)
        for w, x in terms.items():
            for v, y in terms.items():
                found[w, v] = found.get((w, v), 0j) + x * y.conjugate()
    return found


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
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    feels = influence(modes, H, jumps)
    count, member = connected_components(csr_array(feels), connection="strong")
    group_feels = np.zeros((count, count), bool)
    for v, u in np.argwhere(feels):
        group_feels[member[v], member[u]] = member[v] != member[u]
    depth = np.zeros(count, int)
    for _ in range(count):  # longest path from the sources
        for g in range(count):
            above = depth[group_feels[g]]
            depth[g] = above.max() + 1 if above.size else 0
    layer = depth[member]
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
    pull: dict[tuple[Word, Word], complex] = {}

    def add(a: Word, b: Word, c: complex) -> None:
        pull[a, b] = pull.get((a, b), 0j) + c

    def both_ways(names: Iterable[str]) -> None:
        index = sorted({at[m] for m in names})
        feels[np.ix_(index, index)] = True

    energy, noise = collected(H), dissipator(jumps)
    for word, c in energy.items():
        names = sorted({m for m, _ in word})
        if len(names) > 2:
            both_ways(names)
        elif len(names) == 2:
            a, b = (tuple(x for x in word if x[0] == name) for name in names)
            add(a, b, 1j * c)
            add(b, a, 1j * c)
    for (w, v), c in noise.items():  # c = Σ_J c_w c_v*
        first, second = ({m for m, _ in word} for word in (w, v))
        if len(first) > 1 or len(second) > 1:
            both_ways(first | second)
        elif first and second and first != second:
            adjoint = tuple((m, not d) for m, d in reversed(v))
            add(adjoint, w, c / 2)  # a = v†, b = w
            add(w, adjoint, -c / 2)  # a = w, b = v†
    scale = max((abs(c) for c in pull.values()), default=0.0)
    for (a, b), c in pull.items():
        if abs(c) > 1e-12 * scale:
            feels[at[a[0][0]], at[b[0][0]]] = True
    return feels
