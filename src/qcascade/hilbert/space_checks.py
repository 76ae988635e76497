"""What a space is told: cutoffs, qubits, limits, squeezed pairs and charges of its modes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.checks import count, fail, mapping, number, one_of


def per_mode(name: str, values: Any, modes: Sequence[str], low: int) -> tuple[int, ...]:
    """One whole number for each mode."""
    if not isinstance(values, list | tuple) or len(values) != len(modes):
        raise fail(name, f"hold {len(modes)} whole numbers, one per mode", values)
    return tuple(count(f"{name}[{k}]", x, low) for k, x in enumerate(values))


def some_of(name: str, values: Any, modes: Sequence[str]) -> tuple[str, ...]:
    """Different modes."""
    if not isinstance(values, list | tuple):
        raise fail(name, "be a list of modes", values)
    for mode in values:
        one_of(name, mode, modes, "about modes of the space")
    if len(set(values)) < len(values):
        raise fail(name, "name each mode once", values)
    return tuple(values)


def shared_limits(limits: Any, modes: Sequence[str]) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Limits that groups of modes share."""
    if not isinstance(limits, list | tuple):
        raise fail("limits", "be a list of pairs (modes, most quanta)", limits)
    for pair in limits:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise fail("limits", "be a list of pairs (modes, most quanta)", pair)
    return tuple((some_of("limits", names, modes), count("limits", n, 0)) for names, n in limits)


def squeezed_pairs(squeezed: Any, modes: Sequence[str]) -> dict[tuple[str, str], float]:
    """s by pair of modes; no mode is in two pairs."""
    pairs = mapping("squeezed", squeezed, "pairs of oscillators to numbers")
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise fail("squeezed", "have pairs of oscillators for keys", pair)
    some_of("squeezed", [mode for pair in pairs for mode in pair], modes)
    s = {pair: number(f"squeezed[{pair}]", s) for pair, s in pairs.items()}
    for pair, value in s.items():
        if np.ndim(value):
            raise fail(f"squeezed[{pair}]", "be one number", value)
    return {pair: float(value) for pair, value in s.items()}


def charges_of(charges: Any, modes: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Integer charges of every mode, by conserved charge."""
    if not isinstance(charges, list | tuple):
        raise fail("charges", "be a list, one tuple of whole numbers per charge", charges)
    return tuple(per_mode("charges", charge, modes, -(2**31)) for charge in charges)
