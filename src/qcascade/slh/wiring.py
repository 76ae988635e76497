"""Join outputs to inputs and eliminate the fields in between: series, cascades, feedback.

With S, L, H of all parts side by side and wires from outputs o to inputs i, leaving the
outputs e and the inputs e' open (Gough & James, Commun. Math. Phys. 287, 1109 (2009)):

    loop  = (1 − S[o,i])⁻¹                              all round trips, summed
    S_ext = S[e,e'] + S[e,i] loop S[o,e']
    W     = 1[e] + S[e,i] loop 1[o]                     L_ext = W L
    X     = S[:,i] loop 1[o]
    Θ     = (X − X†)/2i                                 H_ext = H + L†ΘL

Only the scattering numbers are inverted; nothing ever looks inside L or H. Fields go from wire to
wire, downstream, so what no wire leads to is zero to the last bit (interior.py): who acts on whom
is never read off rounded numbers.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..base.checks import fail, is_traced, mapping, namespace, one_of, plain_name
from ..base.keywords import spoken
from ..numerics.graphs import reachable
from ..numerics.products import product
from .component import Component, assembled, relabelled, rewired
from .entries import Entries, entries, full
from .entries import side_by_side as entries_side_by_side
from .interior import Interior, Paths, passing
from .ladder import renamed, total
from .loops import round_trips, round_trips_by_entry

Wire = tuple[str, str]


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
        if all(map(_is_small, paths)):
            return _side_by_side_again(*_contents(*paths)), None, 0.0
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


@spoken
def eliminate(component: Component, wires: Sequence[Wire]) -> Component:
    """The component seen from outside after joining outputs to inputs by `wires`.

    The equations stand at the top of this module.

    Args:
        component: parts side by side, from `concatenate`.
        wires: pairs (output name, input name); each name at most once.

    Returns:
        A `Component` with the open ports only.

    Raises:
        ArgumentError: when a loop of wires has no unique field (1 − S[o,i] singular).

    >>> from qcascade import cavity
    >>> both = concatenate({"left": cavity(decay=1.0), "right": cavity(decay=1.0)})
    >>> eliminate(both, [("left.out", "right.in")]).inputs
    ('left.in',)
    """
    if not isinstance(component, Component):
        raise fail("component", "be a Component (parts side by side)", component)
    _check_wires(wires, component)
    return wired(component, wires)


def without_delays(component: Component) -> Component:
    """The component with a wire in place of every line that takes time.

    Args:
        component: any.

    Raises:
        ArgumentError: when a loop of lines has no unique field.

    >>> from qcascade import fibre
    >>> without_delays(fibre(0.9, delay=2.0)).outputs
    ('out', 'out_loss')
    """
    if not component.delays:
        return component
    return wired(relabelled(component, delays={}), [(line, line) for line in component.delays])


def wired(component: Component, wires: Sequence[Wire]) -> Component:
    """`eliminate` for wires that were checked."""
    if not wires:
        return component
    out_of = {name: k for k, name in enumerate(component.outputs)}
    into = {name: k for k, name in enumerate(component.inputs)}
    o = [out_of[source] for source, _ in wires]
    i = [into[target] for _, target in wires]
    joined, met = set(o), set(i)
    e = [k for k in range(len(out_of)) if k not in joined]
    e_in = [k for k in range(len(into)) if k not in met]
    inside, known, points = component.interior, component.interior.known, component.interior.points
    if _is_small(inside.paths):
        at = tuple(map(tuple, (o, i, e, e_in)))
        paths = _joined_again(*_contents(inside.paths), *at, tuple(wires))
    elif isinstance(inside.paths.S, Entries):
        loop, lost = round_trips_by_entry(inside.paths.S.taken(o, i), wires)
        points = points + lost
        paths = _joined(inside.paths, loop, o, i, e, e_in)
    else:
        S = inside.paths.S[..., o, :][..., i]
        acts = None if known is None else known.S[o][:, i]
        paths = _joined(inside.paths, round_trips(S, wires, acts), o, i, e, e_in)
        known = known and _joined(known, reachable(acts), o, i, e, e_in)
    return rewired(
        component,
        inside._replace(paths=paths, known=known, points=points),
        inputs=tuple([component.inputs[k] for k in e_in]),
        outputs=tuple([component.outputs[k] for k in e]),
    )


FEW = 12
"""Ports up to which what JAX traces is wired entry by entry: of more, it would compile for long."""

SMALL = 24
"""Ports up to which paths are remembered by their numbers, some of which every point shares."""


def _is_small(paths: Paths) -> bool:
    return all(type(x) is np.ndarray and x.ndim == 2 and len(x) <= SMALL for x in paths)


def _contents(*every: Paths) -> tuple[Any, ...]:
    """Shapes and numbers of matrices, as what is remembered is found by."""
    return tuple((x.shape, x.dtype.char, x.tobytes()) for paths in every for x in paths)


def _matrices(contents: Sequence[Any]) -> list[Paths]:
    matrices = [np.frombuffer(data, kind).reshape(shape) for shape, kind, data in contents]
    return [Paths(*matrices[k : k + 4]) for k in range(0, len(matrices), 4)]


def _unwritable(paths: Paths) -> Paths:
    for matrix in paths:
        matrix.flags.writeable = False
    return paths


@lru_cache(maxsize=64)
def _side_by_side_again(*contents: Any) -> Paths:
    return _unwritable(_side_by_side(_matrices(contents)))


@lru_cache(maxsize=64)
def _joined_again(
    S: Any, X: Any, F: Any, W: Any, o: Any, i: Any, e: Any, e_in: Any, wires: Any
) -> Paths:
    (paths,) = _matrices((S, X, F, W))
    o, i, e, e_in = map(list, (o, i, e, e_in))
    loop = round_trips(paths.S[o, :][:, i], wires)
    return _unwritable(_joined(paths, loop, o, i, e, e_in))


def _joined(paths: Paths, loop: Any, o: Any, i: Any, e: Any, e_in: Any) -> Paths:
    """Paths through open ports only; of booleans, whether there are any.

    The equations at the top of this module, for parts whose interior has paths of its own.
    """
    S, X, F, W = paths
    arrives, leaves = _columns(F, i), _product(loop, _rows(W, o))
    before, after = _rows(S, o), _rows(S, e)
    passes, enters = _columns(after, i), _product(loop, _columns(before, e_in))
    return Paths(
        S=_columns(after, e_in) + _product(passes, enters),
        X=X + _product(arrives, leaves),
        F=_columns(F, e_in) + _product(arrives, enters),
        W=_rows(W, e) + _product(passes, leaves),
    )


def _rows(matrix: Any, some: list[int]) -> Any:
    if isinstance(matrix, Entries):
        return matrix.taken(some, range(matrix.shape[1]))
    return matrix[..., some, :]


def _columns(matrix: Any, some: list[int]) -> Any:
    if isinstance(matrix, Entries):
        return matrix.taken(range(matrix.shape[0]), some)
    return matrix[..., some]


def _product(X: Any, Y: Any) -> Any:
    return X @ Y if isinstance(X, Entries) else product(X, Y)


def _check_wires(wires: Any, component: Component) -> None:
    if not isinstance(wires, list | tuple):
        raise fail("wires", "be a list of pairs (output, input)", wires)
    for k, wire in enumerate(wires):
        if not isinstance(wire, list | tuple) or len(wire) != 2:
            raise fail(f"wires[{k}]", "be a pair (output, input)", wire)
        one_of("wires", wire[0], component.outputs, "from an output")
        one_of("wires", wire[1], component.inputs, "to an input")
        if wire[0] in component.delays or wire[1] in component.delays:
            raise fail(f"wires[{k}]", "leave the ends of a delay line alone", wire)
    if any(len({wire[end] for wire in wires}) < len(wires) for end in (0, 1)):
        raise fail("wires", "use every port once", wires)
