"""Join outputs to inputs and eliminate the fields in between: series, cascades, feedback.

With S, L, H of all parts side by side and wires from outputs o to inputs i, leaving the
outputs e and the inputs e' open (Gough & James, Commun. Math. Phys. 287, 1109 (2009)):

    loop  = (1 − S[o,i])⁻¹                              all round trips, summed
    S_ext = S[e,e'] + S[e,i] loop S[o,e']
    W     = 1[e] + S[e,i] loop 1[o]                     L_ext = W L
    X     = S[:,i] loop 1[o]
    Θ     = (X − X†)/2i                                 H_ext = H + L†ΘL

Only the scattering numbers are inverted; nothing ever looks inside L or H.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .checks import ArgumentError, fail, is_traced, namespace, one_of
from .component import Component, assembled, scattering, with_prefix
from .ladder import Ladder, total

Wire = tuple[str, str]


def concatenate(parts: Mapping[str, Component]) -> Component:
    """The parts side by side, unwired: S block-diagonal, names "part.name".

    S = S₁ ⊕ S₂ ⊕ …, L = (L₁, L₂, …), H = H₁ + H₂ + … (Gough & James 2009).

    Args:
        parts: the parts by name.

    Returns:
        One `Component` with every port and mode of the parts.

    >>> from qcascade import cavity
    >>> concatenate({"left": cavity(decay=1.0), "right": cavity(decay=1.0)}).inputs
    ('left.in', 'right.in')
    """
    named = {name: with_prefix(part, name) for name, part in parts.items()}

    def full(attribute: str) -> tuple[str, ...]:
        return tuple(
            f"{n}.{port}" for n, part in named.items() for port in getattr(part, attribute)
        )

    return assembled(
        S=_block_diagonal([part.S for part in named.values()]),
        L=tuple(x for part in named.values() for x in part.L),
        H=total(part.H for part in named.values()),
        modes=tuple(mode for part in named.values() for mode in part.modes),
        inputs=full("inputs"),
        outputs=full("outputs"),
        occupations={
            f"{name}.{port}": n
            for name, part in named.items()
            for port, n in part.occupations.items()
        },
        qubits=tuple(mode for part in named.values() for mode in part.qubits),
        squeezings={
            (f"{name}.{first}", f"{name}.{second}"): xi
            for name, part in named.items()
            for (first, second), xi in part.squeezings.items()
        },
    )


def _block_diagonal(blocks: Sequence[Any]) -> Any:
    xp = namespace(*blocks)
    size = sum(block.shape[-1] for block in blocks)
    batch = np.broadcast_shapes(*(block.shape[:-2] for block in blocks))
    if xp is np:
        whole = np.zeros((*batch, size, size), complex)
        start = 0
        for block in blocks:
            end = start + block.shape[-1]
            whole[..., start:end, start:end] = block
            start = end
        return whole
    rows, start = [], 0
    for block in blocks:
        width = block.shape[-1]
        edges = [(0, 0)] * (len(batch) + 1) + [(start, size - start - width)]
        rows.append(xp.pad(xp.broadcast_to(block, (*batch, width, width)), edges))
        start += width
    return xp.concatenate(rows, axis=-2)


def eliminate(whole: Component, wires: Sequence[Wire]) -> Component:
    """The component seen from outside after joining outputs to inputs by `wires`.

    The equations stand at the top of this module.

    Args:
        whole: parts side by side, from `concatenate`.
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
    if not isinstance(whole, Component):
        raise fail("whole", "be a Component (parts side by side)", whole)
    _check_wires(wires, whole)
    if not wires:
        return whole
    o = [whole.outputs.index(source) for source, _ in wires]
    i = [whole.inputs.index(target) for _, target in wires]
    e = [k for k in range(len(whole.L)) if k not in o]
    e_in = [k for k in range(len(whole.L)) if k not in i]
    S = whole.S
    one = np.eye(len(whole.L))
    loop = round_trips(S[..., o, :][..., i], wires)
    into_loop = S[..., :, i] @ loop
    W = one[e] + into_loop[..., e, :] @ one[o]
    theta = interaction(into_loop @ one[o])
    return assembled(
        S=scattering(
            S[..., e, :][..., e_in] + into_loop[..., e, :] @ S[..., o, :][..., e_in], len(e)
        ),
        L=_combine(W, whole.L),
        H=whole.H + _sandwich(theta, whole.L),
        modes=whole.modes,
        inputs=tuple(whole.inputs[k] for k in e_in),
        outputs=tuple(whole.outputs[k] for k in e),
        occupations=whole.occupations,
        qubits=whole.qubits,
        squeezings=whole.squeezings,
    )


def _check_wires(wires: Any, whole: Component) -> None:
    if not isinstance(wires, list | tuple):
        raise fail("wires", "be a list of pairs (output, input)", wires)
    for k, wire in enumerate(wires):
        if not isinstance(wire, list | tuple) or len(wire) != 2:
            raise fail(f"wires[{k}]", "be a pair (output, input)", wire)
        one_of("wires", wire[0], whole.outputs, "from an output")
        one_of("wires", wire[1], whole.inputs, "to an input")
    if any(len({wire[end] for wire in wires}) < len(wires) for end in (0, 1)):
        raise fail("wires", "use every port once", wires)


def round_trips(S_oi: Any, wires: Sequence[Wire]) -> Any:
    """loop = (1 − S[o,i])⁻¹ = 1 + S[o,i] + S[o,i]² + …; an error names wires that never settle."""
    xp = namespace(S_oi)
    matrix = np.eye(len(wires)) - S_oi
    if not is_traced(matrix):
        # The weakest singular direction lives on the wires of the ill-posed loop.
        _, singular, v = np.linalg.svd(np.asarray(matrix).reshape(-1, len(wires), len(wires)))
        worst = int(singular[:, -1].argmin())
        if singular[worst, -1] < 1e-12:
            loop = [
                f"{s} → {t}"
                for (s, t), x in zip(wires, np.abs(v[worst, -1]), strict=True)
                if x > 1e-6
            ]
            raise ArgumentError(
                "Argument `wires` must not close a loop that reproduces its own field exactly, "
                f"but these do: {', '.join(loop)} (put a loss or a phase into the loop)."
            )
    return xp.linalg.inv(matrix)


def interaction(X: Any) -> Any:
    """Θ = (X − X†)/2i, the Hermitian numbers of the field-mediated Hamiltonian L†ΘL."""
    xp = namespace(X)
    return (X - xp.conj(xp.swapaxes(X, -1, -2))) / 2j


def _combine(W: Any, L: Sequence[Ladder]) -> tuple[Ladder, ...]:
    """W L; entries that vanish everywhere (most of them: wires are few) give no words."""
    rows, columns = W.shape[-2:]
    there = _present(W)
    return tuple(
        total(W[..., j, k] * L[k] for k in range(columns) if there[j, k] and L[k].terms)
        for j in range(rows)
    )


def _sandwich(theta: Any, L: Sequence[Ladder]) -> Ladder:
    """L†ΘL, from its upper half and the conjugate of that: Hermitian to the last bit."""
    there = _present(theta)
    half = total(
        L[j].dag * ((theta[..., j, k] if j < k else theta[..., j, k].real / 2) * L[k])
        for j in range(len(L))
        for k in range(j, len(L))
        if there[j, k] and L[j].terms and L[k].terms
    )
    return half + half.dag


def _present(matrix: Any) -> Any:
    """Which entries of a matrix (…, p, q) are not zero everywhere."""
    if is_traced(matrix):
        return np.ones(matrix.shape[-2:], bool)
    return np.any(np.asarray(matrix) != 0, axis=tuple(range(matrix.ndim - 2)))
