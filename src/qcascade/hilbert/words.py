"""Words of ladder operators: replaced, and brought into normal order."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from ..slh.ladder import Ladder, Word, lower
from .rounding import coefficient, sizes, summed


def raised(word: Iterable[tuple[str, bool]]) -> dict[str, int]:
    """By how much a word raises the quanta of its modes, those left out that it does not change.

    Args:
        word: the word.

    >>> raised((("a", True), ("b", True), ("b", False), ("c", False)))
    {'a': 1, 'c': -1}
    """
    change: Counter[str] = Counter()
    for mode, dagger in word:
        change[mode] += 1 if dagger else -1
    return {mode: quanta for mode, quanta in change.items() if quanta}


def substituted(word: Word, c: Any, by: Mapping[str, Ladder]) -> Iterator[tuple[Word, Any]]:
    """A word with the lowering operators of some modes replaced, as words and coefficients.

    Args:
        word: the word.
        c: its coefficient.
        by: what stands for the lowering operator of a mode.
    """
    product = Ladder({(): c})
    for mode, dagger in word:
        new = by.get(mode, lower(mode))
        product = product * (new.dag if dagger else new)
    yield from product.terms.items()


def normal_ordered(terms: Iterable[tuple[Word, Any]], qubits: Iterable[str] = ()) -> Ladder:
    """The same operator with words sorted by mode and a†'s before a's, by aa† = a†a + 1.

    Coefficients that cancel are dropped.

    Args:
        terms: words and coefficients.
        qubits: modes whose words are only sorted by mode.
    """
    spins = set(qubits)
    ordered: list[tuple[Word, Any, Any]] = []
    todo = [(tuple(sorted(w, key=lambda x: x[0])), c) for w, c in terms]
    while todo:
        word, c = todo.pop()
        for k, ((mode, dagger), (following, raised)) in enumerate(pairwise(word)):
            if mode == following and raised and not dagger and mode not in spins:
                swapped = (*word[:k], word[k + 1], word[k], *word[k + 2 :])
                todo += [(swapped, c), ((*word[:k], *word[k + 2 :]), c)]
                break
        else:
            number = coefficient(c)
            ordered.append((word, number, sizes(number)))
    return Ladder(summed(ordered))
