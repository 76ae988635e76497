"""What a master equation's network knows of its ports, which its jumps do not tell."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..linear.statistics import white_noise
from ..slh.component import Component
from ..slh.interior import constants
from ..slh.ladder import Ladder
from .jumps import seen_at


class Ports(NamedTuple):
    """Open ports: b_out = S b_in + L, L with the light of lasers.

    Args:
        inputs: names of the open inputs.
        outputs: names of the open outputs.
        wires: pairs (output, input) that are not open.
        S: numbers (p, p), [output, input].
        L: one operator for each output; None where a part was linearised alone.
        seen: J = S†L, what each input meets.
        photons: N of each input, ⟨b†b⟩ = N δ.
        anomalous: m of pairs of squeezed inputs, ⟨b_j b_k⟩ = m δ.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    wires: tuple[tuple[str, str], ...]
    S: Any
    L: tuple[Ladder, ...] | None
    seen: tuple[Ladder, ...]
    photons: Any
    anomalous: Mapping[tuple[int, int], complex]


def ports_of(part: Component, wires: Sequence[tuple[str, str]]) -> Ports:
    """The open ports of a network.

    Args:
        part: the network as one part, with plain numbers.
        wires: its wires.
    """
    occupation = np.array([float(part.occupations.get(name, 0.0)) for name in part.inputs])
    pairs = [(part.inputs.index(j), part.inputs.index(k)) for j, k in part.squeezings]
    xi = np.array([complex(x) for x in part.squeezings.values()])
    photons, anomalous = white_noise(occupation, pairs, xi)
    S = np.asarray(part.S)
    seen = [seen_at(part, k) for k in range(len(part.inputs))]
    L = part.L
    if part.carriers:
        leaving = constants(part.interior.paths.W, np.array(part.carriers, complex))
        L = tuple(x + complex(c) for x, c in zip(L, leaving, strict=True))
    numbers = {pair: complex(m) for pair, m in anomalous.items()}
    return Ports(
        part.inputs,
        part.outputs,
        tuple(wires),
        S,
        None if part.carriers is None else L,
        tuple(seen),
        photons,
        numbers,
    )
