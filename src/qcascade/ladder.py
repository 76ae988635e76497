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

from .checks import fail, namespace

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

    def __add__(self, other: Any) -> Ladder:
        terms = dict(self.terms)
        for word, coefficient in as_ladder(other).terms.items():
            terms[word] = terms[word] + coefficient if word in terms else coefficient
        return Ladder(terms)

    def __mul__(self, other: Any) -> Ladder:
        product: dict[Word, Any] = {}
        for left, x in self.terms.items():
            for right, y in as_ladder(other).terms.items():
                word = left + right
                product[word] = product[word] + x * y if word in product else x * y
        return Ladder(product)

    def __neg__(self) -> Ladder:
        return Ladder({word: -c for word, c in self.terms.items()})

    def __sub__(self, other: Any) -> Ladder:
        return self + -as_ladder(other)

    def __rsub__(self, other: Any) -> Ladder:
        return as_ladder(other) - self

    def __rmul__(self, other: Any) -> Ladder:
        return as_ladder(other) * self

    __radd__ = __add__

    @property
    def dag(self) -> Ladder:
        """The Hermitian conjugate: words reversed, daggers flipped, coefficients conjugated."""
        return Ladder(
            {
                tuple((mode, not dagger) for mode, dagger in reversed(word)): c.conjugate()
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
        return Ladder(
            {tuple((name(mode), d) for mode, d in word): c for word, c in self.terms.items()}
        )

    def __str__(self) -> str:
        def term(word: Word, c: Any) -> str:
            return " ".join([f"({c})", *(mode + "†" * dagger for mode, dagger in word)])

        return " + ".join(term(word, c) for word, c in self.terms.items()) or "0"


def as_ladder(value: Any) -> Ladder:
    """The value itself if it is a `Ladder`, else the number times the identity."""
    if isinstance(value, Ladder):
        return value
    if isinstance(value, str | bytes | list | tuple | dict | None):
        raise fail("operator", "be a Ladder, a number, or an array of numbers", value)
    return Ladder({(): value})


def lower(mode: str) -> Ladder:
    """The lowering operator of a mode: a for an oscillator, σ⁻ = |0⟩⟨1| for a qubit.

    Args:
        mode: name of the mode.

    >>> lower("a").dag.terms
    {(('a', True),): 1.0}
    """
    if not isinstance(mode, str) or len(mode.split()) != 1 or "†" in mode:
        raise fail("mode", "be a name (text without spaces or †)", mode)
    return Ladder({((mode, False),): 1.0})


def total(ladders: Iterable[Ladder]) -> Ladder:
    """The sum of any number of polynomials; the empty sum is zero."""
    terms: dict[Word, Any] = {}
    for ladder in ladders:
        for word, c in ladder.terms.items():
            terms[word] = terms[word] + c if word in terms else c
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
    fixed, varied = {}, dict(entries)
    if namespace(base) is np and base.ndim == 2:
        fixed = {at: v for at, v in entries.items() if not np.shape(v) and namespace(v) is np}
        varied = {at: v for at, v in entries.items() if at not in fixed}
        base = base.copy()
    for at, value in fixed.items():
        base[at] += value
    if not varied:
        return base
    xp = namespace(base, *varied.values())
    batch = np.broadcast_shapes(base.shape[:-2], *(np.shape(v) for v in varied.values()))
    if xp is np:
        return _spread(base, varied, batch)
    values = xp.stack([xp.broadcast_to(v, batch) for v in varied.values()], axis=-1)
    spread = xp.broadcast_to(xp.asarray(base), batch + shape)
    return spread.at[..., *_index(varied)].add(values.astype(dtype))


def _spread(base: Any, entries: Mapping[tuple[int, int], Any], batch: tuple[int, ...]) -> Any:
    """`base` over the batch with the entries added, a few points at a time."""
    matrix = np.empty(batch + base.shape[-2:], base.dtype)
    whole = np.broadcast_to(base, matrix.shape)
    # Terms that cancel everywhere, as those of β + β* do in part, are not written at all.
    present = {at: v for at, v in entries.items() if np.any(v)}
    columns = {at: np.broadcast_to(v + base[..., *at], batch) for at, v in present.items()}
    rows = max(1, BLOCK * batch[0] // max(1, matrix.size)) if batch[0] else 1
    for first in range(0, batch[0], rows):
        some = slice(first, first + rows)
        matrix[some] = whole[some]
        for (row, column), values in columns.items():
            matrix[some, ..., row, column] = values[some]
    return matrix


def _index(entries: Mapping[tuple[int, int], Any]) -> tuple[list[int], list[int]]:
    return [row for row, _ in entries], [column for _, column in entries]
