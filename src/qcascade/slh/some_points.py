"""Some points of a batch of parts."""

from dataclasses import replace
from typing import Any

import numpy as np

from .component import Component
from .ladder import Ladder


def taken_at(part: Component, shape: tuple[int, ...], index: Any) -> Component:
    """Some points of a batch of parts.

    Args:
        part: any component.
        shape: leading axes of the batch.
        index: position along them.
    """

    def taken(x: Any) -> Any:
        return np.broadcast_to(x, shape)[index]

    def operator(ladder: Ladder) -> Ladder:
        return Ladder({word: taken(c) for word, c in ladder.terms.items()})

    S = np.broadcast_to(part.S, (*shape, *part.S.shape[-2:]))[index]
    chosen = replace(
        part,
        S=S,
        L=tuple(map(operator, part.L)),
        H=operator(part.H),
        occupations={name: taken(n) for name, n in part.occupations.items()},
        squeezings={pair: taken(x) for pair, x in part.squeezings.items()},
    )
    # Carriers belong to what is wired inside, which stays behind.
    known = None if part.carriers else part.carriers
    object.__setattr__(chosen, "rates", part.rates)
    object.__setattr__(chosen, "carriers", known)
    return chosen
