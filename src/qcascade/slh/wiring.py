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

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ..base.checks import fail, one_of
from ..base.keywords import spoken
from ..numerics.graphs import reachable
from ..numerics.products import product
from .component import Component, relabelled, rewired
from .entries import Entries
from .interior import Paths, contents, is_small, matrices, unwritable
from .loops import round_trips, round_trips_by_entry

Wire = tuple[str, str]


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
    >>> from qcascade.slh import concatenate
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
    if is_small(inside.paths):
        at = tuple(map(tuple, (o, i, e, e_in)))
        paths = _joined_again(*contents(inside.paths), *at, tuple(wires))
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


@lru_cache(maxsize=64)
def _joined_again(
    S: Any, X: Any, F: Any, W: Any, o: Any, i: Any, e: Any, e_in: Any, wires: Any
) -> Paths:
    (paths,) = matrices((S, X, F, W))
    o, i, e, e_in = map(list, (o, i, e, e_in))
    loop = round_trips(paths.S[o, :][:, i], wires)
    return unwritable(_joined(paths, loop, o, i, e, e_in))


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
