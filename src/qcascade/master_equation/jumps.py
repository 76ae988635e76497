"""H and the jumps of a network, as its open inputs see it."""

import numpy as np

from ..hilbert import charges as symmetries
from ..hilbert.rounding import ROUNDING, summed
from ..linear.langevin import squeezed_inputs
from ..slh.component import Component
from ..slh.ladder import Ladder


def hamiltonian_and_jumps(part: Component) -> tuple[Ladder, tuple[Ladder, ...]]:
    """H and jumps of a component seen from its open inputs, constants moved into H.

    Args:
        part: the component, with plain numbers.
    """
    parts, jumps = [part.H], []
    for name, jump in zip(part.inputs, seen_by_inputs(part), strict=True):
        n = float(part.occupations.get(name, 0.0))
        constant = complex(jump.terms.get((), 0.0))
        jump = Ladder({w: c for w, c in jump.terms.items() if w})
        if constant:
            drive = (0.5j * constant.conjugate()) * jump
            parts += [drive, drive.dag]
        jumps += [np.sqrt(n + 1) * jump] if jump.terms else []
        jumps += [np.sqrt(n) * jump.dag] if jump.terms and n else []
    return _without_echoes(part, symmetries.collected(*parts)), tuple(jumps)


def seen_by_inputs(part: Component) -> list[Ladder]:
    """The jump J behind every input, that of squeezed light as the vacuum behind it sees it.

    Args:
        part: the component, with plain numbers.
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
        part: the component, with plain numbers.
        k: position of the input.
    """
    return Ladder(
        summed(
            (symmetries.by_mode(word), s * c, complex(abs(s * c), abs(s * c)))
            # S is unitary: what is far below 1 is what its own elimination left of zero.
            for s, L in zip(np.conj(part.S[:, k]).tolist(), part.L, strict=True)
            if abs(s) > ROUNDING
            for word, c in ((w, complex(c)) for w, c in L.terms.items())
        )
    )


def _without_echoes(part: Component, terms: symmetries.Terms) -> Ladder:
    """H without the identity, and without what fields that cancel on their way leave of L†ΘL.

    ‖Θ‖ is about 1, so that a word between two modes is judged by Σ|L_j†||L_k|.
    """
    reach: dict[str, float] = {}
    for L in part.L:
        for word, c in L.terms.items():
            if len(word) == 1:
                reach[word[0][0]] = reach.get(word[0][0], 0.0) + abs(c)
    found = {}
    for word, c in terms.items():
        names = {mode for mode, _ in word}
        size = float(np.prod([reach.get(mode, 0.0) for mode in names])) if len(word) == 2 else 0.0
        if word and (len(names) < 2 or abs(c) > ROUNDING * size):
            found[word] = c
    return Ladder(found)
