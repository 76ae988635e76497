"""Lists of basis states: all quanta within cutoffs, and how many there are at least."""

from collections import Counter
from collections.abc import Sequence
from math import comb, prod
from typing import Any

import numpy as np


def within(modes: Sequence[str], tops: Sequence[int], limits: Sequence[Any]) -> np.ndarray:
    """All lists of quanta below the tops and the shared limits, in lexicographic order."""
    quanta = np.zeros((1, 0), np.int64)
    for k, top in enumerate(tops):
        column = np.tile(np.arange(top + 1), len(quanta))[:, None]
        quanta = np.hstack([np.repeat(quanta, top + 1, axis=0), column])
        for names, most in limits:
            inside = [j for j, mode in enumerate(modes[: k + 1]) if mode in names]
            if inside and inside[-1] == k:
                quanta = quanta[quanta[:, inside].sum(axis=1) <= most]
    return quanta


def fewest_states(modes: Sequence[str], tops: Sequence[int], limits: Sequence[Any]) -> int:
    """Fewest states that there can be, from the cutoffs alone: nothing is listed for it.

    g modes that hold K quanta together have (K + g choose g) states, and K // g each are within
    any limit.
    """
    top_of = dict(zip(modes, tops, strict=True))
    shared = Counter(name for names, _ in limits for name in names)
    states, alone = 1, dict(top_of)
    for names, most in limits:
        if all(shared[name] == 1 and top_of[name] >= most for name in names):
            states *= comb(most + len(names), most)
            alone |= dict.fromkeys(names, 0)
        else:
            alone |= {name: min(alone[name], most // len(names)) for name in names}
    return states * prod(top + 1 for top in alone.values())
