"""H and the jumps of a network, as its open inputs see it.

Coefficients are numbers, or arrays over the points of a batch.
"""

from typing import Any

import numpy as np

from ..hilbert import charges as symmetries
from ..hilbert.rounding import ROUNDING, coefficient, parts, summed
from ..linear.langevin import squeezed_inputs
from ..slh.component import Component
from ..slh.ladder import Ladder


def hamiltonian_and_jumps(part: Component) -> tuple[Ladder, tuple[Ladder, ...]]:
    """H and jumps of a component seen from its open inputs, constants moved into H.

    Args:
        part: the component.
    """
    energies, jumps = [part.H], []
    for name, jump in zip(part.inputs, seen_by_inputs(part), strict=True):
        n = part.occupations.get(name, 0.0)
        n = np.asarray(n, float) if np.ndim(n) else float(n)
        constant = coefficient(jump.terms.get((), 0.0))
        jump = symmetries.collected_ladder({w: c for w, c in jump.terms.items() if w})
        if np.any(constant):
            drive = (0.5j * constant.conjugate()) * jump
            energies += [drive, drive.dag]
        jumps += [np.sqrt(n + 1) * jump if np.any(n) else jump] if jump.terms else []
        jumps += [np.sqrt(n) * jump.dag] if jump.terms and np.any(n) else []
    return _without_echoes(part, symmetries.collected(*energies)), tuple(jumps)


def seen_by_inputs(part: Component) -> list[Ladder]:
    """The jump J behind every input, that of squeezed light as the vacuum behind it sees it.

    Args:
        part: the component.
    """
    seen = [seen_at(part, k) for k in range(len(part.inputs))]
    for j, k, cosh, sinh in squeezed_inputs(part):
        near, far = seen[j], seen[k]
        seen[j] = Ladder(symmetries.collected(cosh * near, -sinh * far.dag))
        seen[k] = Ladder(symmetries.collected(cosh * far, -sinh * near.dag))
    return seen


def seen_at(part: Component, k: int) -> Ladder:
    """The jump Σ_j S*_jk L_j behind the k-th input.

    Args:
        part: the component.
        k: position of the input.
    """
    return Ladder(
        summed(
            (symmetries.by_mode(word), s * c, parts(abs(s * c), abs(s * c)))
            for s, L in zip(_column(part.S, k), part.L, strict=True)
            if np.any(s)
            for word, c in ((w, coefficient(c)) for w, c in L.terms.items())
        )
    )


def _column(S: Any, k: int) -> list[Any]:
    """S*_jk for every output j, numbers or arrays.

    S is unitary: what is far below 1 is what its own elimination left of zero.
    """
    if S.ndim == 2:
        return [s if abs(s) > ROUNDING else 0.0 for s in np.conj(S[:, k]).tolist()]
    column = np.moveaxis(np.conj(np.asarray(S)[..., k]), -1, 0)
    return list(np.where(np.abs(column) > ROUNDING, column, 0.0))


def _without_echoes(part: Component, terms: symmetries.Terms) -> Ladder:
    """H without the identity, and without what fields that cancel on their way leave of L†ΘL.

    ‖Θ‖ is about 1, so that a word between two modes is judged by Σ|L_j†||L_k|.
    """
    reach: dict[str, Any] = {}
    for L in part.L:
        for word, c in L.terms.items():
            if len(word) == 1:
                reach[word[0][0]] = reach.get(word[0][0], 0.0) + abs(c)
    words = {}
    for word, c in terms.items():
        names = {mode for mode, _ in word}
        if len(names) == 2 == len(word):
            least = ROUNDING
            for mode in names:
                least = least * reach.get(mode, 0.0)
            batch = np.ndim(c) or np.ndim(least)
            c = np.where(abs(c) > least, c, 0.0) if batch else c if abs(c) > least else 0.0
        if word and np.any(c):
            words[word] = c
    return symmetries.collected_ladder(words)
