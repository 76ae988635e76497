"""Parts side by side, before any wire: S₁ ⊕ S₂ ⊕ …, and the paths of their fields."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..base.checks import fail, is_traced, mapping, namespace, plain_name
from ..base.keywords import spoken
from .component import Component, assembled, relabelled
from .entries import Entries, entries, full
from .entries import side_by_side as entries_side_by_side
from .interior import SMALL, Interior, Paths, contents, is_small, matrices, passing, unwritable
from .ladder import renamed, total

FEW = 12
"""Ports up to which what JAX traces is wired entry by entry: of more, it would compile for long."""


@spoken
def concatenate(parts: Mapping[str, Component]) -> Component:
    """The parts side by side, unwired: S block-diagonal, names "part.name".

    S = S₁ ⊕ S₂ ⊕ …, L = (L₁, L₂, …), H = H₁ + H₂ + … (Gough & James 2009).

    Args:
        parts: the parts by name.

    Returns:
        One `Component` with every port and mode of the parts.

    Raises:
        ArgumentError: for anything that is no mapping from names to parts.

    >>> from qcascade import cavity
    >>> concatenate({"left": cavity(decay=1.0), "right": cavity(decay=1.0)}).inputs
    ('left.in', 'right.in')
    """
    for name, part in mapping("parts", parts, "names to parts").items():
        plain_name("parts", name)
        if not isinstance(part, Component):
            raise fail(f"parts[{name}]", "be a Component (or as_component of a network)", part)
    return side_by_side(parts)


def side_by_side(parts: Mapping[str, Component]) -> Component:
    """`concatenate` for parts that were checked."""
    every, insides = parts.values(), [part.interior for part in parts.values()]
    modes, qubits, L, H = [], [], [], []
    for name, part, inside in zip(parts, every, insides, strict=True):
        # Modes of other parts, which a coupling names in full, keep their names.
        full = {mode: f"{name}.{mode}" for mode in part.modes}
        modes += full.values()
        qubits += [full[mode] for mode in part.qubits]
        L += [renamed(operator, full) for operator in inside.L]
        H.append(renamed(inside.H, full))
    component = assembled(
        Interior(tuple(L), total(H), *_all_paths(insides)),
        modes=tuple(modes),
        inputs=tuple([f"{name}.{port}" for name, part in parts.items() for port in part.inputs]),
        outputs=tuple([f"{name}.{port}" for name, part in parts.items() for port in part.outputs]),
        occupations={
            f"{name}.{port}": n
            for name, part in parts.items()
            for port, n in part.occupations.items()
        },
        qubits=tuple(qubits),
        squeezings={
            (f"{name}.{first}", f"{name}.{second}"): xi
            for name, part in parts.items()
            for (first, second), xi in part.squeezings.items()
        },
        delays={
            f"{name}.{x}": tau for name, part in parts.items() for x, tau in part.delays.items()
        },
    )
    if any(part.tones for part in every):
        component = relabelled(component, tones=_tones(list(every)))
    if all(part.carriers == () for part in every):
        return component
    return relabelled(component, carriers=_carriers(list(every)))


def _all_paths(insides: Sequence[Interior]) -> tuple[Paths, Paths | None, Any]:
    """The paths of parts side by side, which there are where numbers do not show it, and `points`
    of entries."""
    paths, ports = [inside.paths for inside in insides], [len(inside.L) for inside in insides]
    if sum(ports) <= SMALL:
        if all(p is passing(n) for p, n in zip(paths, ports, strict=True)):
            return passing(sum(ports)), None, 0.0
        if all(map(is_small, paths)):
            return _side_by_side_again(*contents(*paths)), None, 0.0
    if sum(ports) <= (FEW if any(map(_is_traced, insides)) else SMALL):
        every = zip(*[_entries(inside) for inside in insides], strict=True)
        points = sum(_points(inside) for inside in insides)
        return Paths(*map(entries_side_by_side, every)), None, points
    paths = [_arrays(inside) for inside in insides]
    hidden = any(_is_traced(inside) or inside.known for inside in insides)
    known = _side_by_side([inside.open for inside in insides]) if hidden else None
    return _side_by_side(paths), known, 0.0


def _is_traced(inside: Interior) -> bool:
    every = [x.values.values() if isinstance(x, Entries) else (x,) for x in inside.paths]
    return any(is_traced(x) for values in every for x in values)


def _arrays(inside: Interior) -> Paths:
    """The paths of a part as arrays."""
    if not isinstance(inside.paths.S, Entries):
        return inside.paths
    points = np.asarray(inside.points)[..., None, None]
    return Paths(*[full(matrix) + points for matrix in inside.paths])


def _points(inside: Interior) -> Any:
    """0 for every point of a part's paths, NaN where they already are."""
    shapes = [matrix.shape[:-2] for matrix in inside.paths if not isinstance(matrix, Entries)]
    return inside.points + np.zeros(np.broadcast_shapes(*shapes))


def _entries(inside: Interior) -> Paths:
    """The paths of a part by their entries."""
    return Paths(
        *[
            matrix if isinstance(matrix, Entries) else entries(matrix, there)
            for matrix, there in zip(inside.paths, inside.open, strict=True)
        ]
    )


def _tones(parts: Sequence[Component]) -> dict[int, Mapping[float, Any]]:
    """The tones of all parts by the position of their coupling in the whole."""
    first, tones = 0, {}
    for part in parts:
        tones |= {first + j: own for j, own in part.tones.items()}
        first += len(part.interior.L)
    return tones


def _carriers(parts: Sequence[Component]) -> tuple[Any, ...] | None:
    """The light of linearised parts; None where it would have to drive others."""
    if sum(bool(part.modes) for part in parts) > 1 or any(x.carriers is None for x in parts):
        return None
    nothing = [(0j,) * len(part.interior.L) for part in parts]
    return tuple(
        c for part, none in zip(parts, nothing, strict=True) for c in part.carriers or none
    )


def _side_by_side(paths: Sequence[Paths]) -> Paths:
    return Paths(*(_block_diagonal([p[k] for p in paths]) for k in range(len(Paths._fields))))


def _block_diagonal(blocks: Sequence[Any]) -> Any:
    xp = namespace(*blocks)
    high, wide = (sum(block.shape[end] for block in blocks) for end in (-2, -1))
    batch = np.broadcast_shapes(*(block.shape[:-2] for block in blocks))
    if xp is np:
        matrix = np.zeros((*batch, high, wide), np.result_type(*blocks) if blocks else complex)
        row = column = 0
        for block in blocks:
            low, right = row + block.shape[-2], column + block.shape[-1]
            matrix[..., row:low, column:right] = block
            row, column = low, right
        return matrix
    rows, column = [], 0
    for block in blocks:
        m, n = block.shape[-2:]
        edges = [(0, 0)] * (len(batch) + 1) + [(column, wide - column - n)]
        rows.append(xp.pad(xp.broadcast_to(block, (*batch, m, n)), edges))
        column += n
    return xp.concatenate(rows, axis=-2)


@lru_cache(maxsize=64)
def _side_by_side_again(*contents: Any) -> Paths:
    return unwritable(_side_by_side(matrices(contents)))
