"""Polynomials in ladder operators: the one operator language of the package.

A `Ladder` is a dict from words to coefficients. A word is a tuple of (mode, dagger), read
from left to right as a product: (("a", True), ("a", False)) is a†a, () is the identity.
Nothing is ever simplified, reordered or dropped, so a reader sees what was written.
Coefficients are numbers or arrays; arrays broadcast on leading axes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.checks import fail, is_plain, mapping, namespace, plain_name
from ..base.keywords import spoken

_SCALARS = frozenset({np.float64, np.complex128})
Word = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, eq=False)
class Ladder:
    """A polynomial Σ c_w w over words w of ladder operators.

    Args:
        terms: coefficients by word; the empty word is the identity.

    >>> a = lower("cavity")
    >>> (2 * a.dag * a + 1).terms
    {(('cavity', True), ('cavity', False)): 2.0, (): 1}
    """

    terms: Mapping[Word, Any]
    # NumPy must leave `array * ladder` to us instead of looping over the array.
    __array_ufunc__ = None

    def __post_init__(self) -> None:
        for word, c in mapping("terms", self.terms, "words to numbers").items():
            if not _is_word(word):
                raise fail("terms", "have words, tuples of (mode, dagger), for keys", word)
            if not _is_number(c):
                raise fail(
                    f"terms[{word}]", "be a number, or an array of numbers without a mask", c
                )

    def __add__(self, other: Any) -> Ladder:
        terms = dict(self.terms)
        for word, coefficient in as_ladder(other).terms.items():
            terms[word] = terms[word] + coefficient if word in terms else coefficient
        return _ladder(terms)

    def __mul__(self, other: Any) -> Ladder:
        product: dict[Word, Any] = {}
        others = as_ladder(other).terms.items()
        for left, x in self.terms.items():
            for right, y in others:
                word = left + right
                product[word] = product[word] + x * y if word in product else x * y
        return _ladder(product)

    def __neg__(self) -> Ladder:
        return _ladder({word: -c for word, c in self.terms.items()})

    def __sub__(self, other: Any) -> Ladder:
        return self + -as_ladder(other)

    def __rsub__(self, other: Any) -> Ladder:
        return as_ladder(other) - self

    def __rmul__(self, other: Any) -> Ladder:
        factor = _number(other)  # a Ladder has come to __mul__
        return _ladder({word: factor * c for word, c in self.terms.items()})

    __radd__ = __add__

    @property
    def dag(self) -> Ladder:
        """The Hermitian conjugate: words reversed, daggers flipped, coefficients conjugated."""
        return _ladder(
            {
                tuple([(mode, not dagger) for mode, dagger in reversed(word)]): c.conjugate()
                for word, c in self.terms.items()
            }
        )

    @property
    def degree(self) -> int:
        """Length of the longest word; 0 for a number."""
        return max((len(word) for word in self.terms), default=0)

    @property
    def modes(self) -> tuple[str, ...]:
        """Names of the modes that occur, in order of appearance."""
        return tuple(dict.fromkeys(mode for word in self.terms for mode, _ in word))

    def rename(self, name: Callable[[str], str]) -> Ladder:
        """The same polynomial with every mode's name mapped by `name`."""
        if not callable(name):
            raise fail("name", "be a function of a mode's name", name)
        new = {mode: name(mode) for mode in self.modes}
        for mode, other in new.items():
            if not isinstance(other, str):
                raise fail("name", f"return a name for {mode}", other)
        return renamed(self, new)

    def __str__(self) -> str:
        def term(word: Word, c: Any) -> str:
            return " ".join([f"({c})", *(mode + "†" * dagger for mode, dagger in word)])

        return " + ".join(term(word, c) for word, c in self.terms.items()) or "0"


def as_ladder(value: Any) -> Ladder:
    """The value itself if it is a `Ladder`, else the number times the identity."""
    return value if isinstance(value, Ladder) else _ladder({(): _number(value)})


def renamed(ladder: Ladder, names: Mapping[str, str]) -> Ladder:
    """The polynomial with other names for some of its modes.

    Args:
        ladder: a polynomial.
        names: new names by old ones; modes that are not there keep theirs.

    >>> renamed(lower("a"), {"a": "left.a"}).terms
    {(('left.a', False),): 1.0}
    """
    get = names.get
    return _ladder(
        {tuple([(get(m, m), dagger) for m, dagger in w]): c for w, c in ladder.terms.items()}
    )


def _number(value: Any) -> Any:
    """A number or array; one number as Python has it, whose arithmetic is the quickest."""
    if type(value) in _SCALARS:
        return value.item()
    if not _is_number(value):
        raise fail("other", "be a Ladder, a number, or an array of numbers without a mask", value)
    return value


def _is_number(value: Any) -> bool:
    """A number or array; whether it is finite is seen when a part is made of it."""
    if type(value) in (float, complex):
        return True
    if type(value) is int:
        return abs(value) < 2**63
    if np.ma.isMaskedArray(value):  # a mask would be lost on the way
        return False
    return getattr(getattr(value, "dtype", None), "kind", "no number") in "iufc"


def _is_word(word: Any) -> bool:
    return isinstance(word, tuple) and all(
        isinstance(x, tuple) and len(x) == 2 and isinstance(x[0], str) and isinstance(x[1], bool)
        for x in word
    )


def _ladder(terms: dict[Word, Any]) -> Ladder:
    """A polynomial out of words and numbers that were checked."""
    ladder = object.__new__(Ladder)
    ladder.__dict__["terms"] = terms
    return ladder


@spoken
def lower(mode: str) -> Ladder:
    """The lowering operator of a mode: a for an oscillator, σ⁻ = |0⟩⟨1| for a qubit.

    Args:
        mode: name of the mode.

    >>> lower("a").dag.terms
    {(('a', True),): 1.0}
    """
    return _ladder({((plain_name("mode", mode), False),): 1.0})


def total(ladders: Iterable[Ladder]) -> Ladder:
    """The sum of any number of polynomials; the empty sum is zero."""
    terms: dict[Word, Any] = {}
    for ladder in ladders:
        for word, c in ladder.terms.items():
            terms[word] = terms[word] + c if word in terms else c
    return _ladder(terms)


def shape_of(*ladders: Ladder) -> tuple[int, ...]:
    """Leading axes of the coefficients of polynomials.

    Args:
        ladders: polynomials.
    """
    shapes = {np.shape(c) for ladder in ladders for c in ladder.terms.values()}
    return np.broadcast_shapes(*shapes) if shapes - {()} else ()


def points_of(ladder: Ladder, shape: tuple[int, ...], index: Any) -> Ladder:
    """Some points of a polynomial; what is zero at one point is left out there.

    Args:
        ladder: a polynomial with arrays for coefficients.
        shape: leading axes of the batch.
        index: position along them.
    """
    terms = {}
    for word, c in ladder.terms.items():
        taken = np.broadcast_to(c, shape)[index]
        if np.any(taken):
            terms[word] = taken if np.ndim(taken) else taken.item()
    return Ladder(terms)


BLOCK = 2**15  # numbers that are written while they lie in the cache


def scatter(
    entries: Mapping[tuple[int, int], Any], shape: tuple[int, int], dtype: type, onto: Any = None
) -> Any:
    """The matrix (…, *shape) with the given entries at (row, column), added to `onto` or zero.

    Entries that do not vary are written once, into one matrix, before it is spread over the
    batch: in a sweep most of a network stays as it is.
    """
    base = np.zeros(shape, dtype) if onto is None else onto
    if not entries:
        return base
    varied = entries
    if namespace(base) is np and base.ndim == 2:
        base, varied = base.copy(), {}
        for at, value in entries.items():
            if _is_fixed(value):
                base[at] += value
            else:
                varied[at] = value
    if not varied:
        return base
    xp = namespace(base, *varied.values())
    batch = np.broadcast_shapes(base.shape[:-2], *(np.shape(v) for v in varied.values()))
    if xp is np:
        return _spread(base, varied, batch)
    values = xp.stack([xp.broadcast_to(v, batch) for v in varied.values()], axis=-1)
    spread = xp.broadcast_to(xp.asarray(base), batch + shape)
    return spread.at[..., *_index(varied)].add(values.astype(dtype))


def _is_fixed(value: Any) -> bool:
    return is_plain(value) or (not np.shape(value) and namespace(value) is np)


def _spread(base: Any, entries: Mapping[tuple[int, int], Any], batch: tuple[int, ...]) -> Any:
    """`base` over the batch with the entries added, a few points at a time."""
    matrix = np.empty(batch + base.shape[-2:], base.dtype)
    every_point = np.broadcast_to(base, matrix.shape)
    # Terms that cancel everywhere, as those of β + β* do in part, are not written at all.
    present = {at: v for at, v in entries.items() if np.any(v)}
    columns = {at: np.broadcast_to(v + base[..., *at], batch) for at, v in present.items()}
    rows = max(1, BLOCK * batch[0] // max(1, matrix.size)) if batch[0] else 1
    for first in range(0, batch[0], rows):
        some = slice(first, first + rows)
        matrix[some] = every_point[some]
        for (row, column), values in columns.items():
            matrix[some, ..., row, column] = values[some]
    return matrix


def _index(entries: Mapping[tuple[int, int], Any]) -> tuple[list[int], list[int]]:
    return [row for row, _ in entries], [column for _, column in entries]
