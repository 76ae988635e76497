"""What a frequency sees of a network in which wires take time.

With both ends of every line as ports of their own, Ṙ = AR + B r_in + B_l r_l and what enters the
lines is u = C_l R + F_le r_in + F_ll r_l. A line of time τ has the field factor e^{iωτ}, so that

    r_l(ω) = G(ω)(C_l R + F_le r_in),    G = (E⁻¹ − F_ll)⁻¹,    E = diag e^{iωτ},
    A(ω) = A + B_l G C_l,                B(ω) = B + B_l G F_le,
    C(ω) = C + F_el G C_l,               F(ω) = F + F_el G F_le

are the matrices of a network without delays, at that frequency: all its formulas hold.
"""

from typing import Any, NamedTuple

import numpy as np

from ..base.checks import namespace
from ..numerics.graphs import reachable
from .model import Delays


class InputOutput(NamedTuple):
    """Ṙ = A R + B r_in, r_out = C R + F r_in."""

    A: Any
    B: Any
    C: Any
    F: Any


class Lines(NamedTuple):
    """The network with open lines, in quadratures: what lines bring in, and what enters them."""

    A: Any  # (…, 2N, 2N)
    B: Any  # (…, 2N, 2p), from open inputs
    B_l: Any  # (…, 2N, 2d), from lines
    C: Any  # (…, 2p, 2N)
    C_l: Any  # (…, 2d, 2N)
    F: Any  # (…, 2p, 2p)
    F_el: Any  # (…, 2p, 2d), from lines to open outputs
    F_le: Any  # (…, 2d, 2p)
    F_ll: Any  # (…, 2d, 2d)
    times: Any  # (…, 2d)


def lines_of(delays: Delays) -> Lines:
    """The matrices with open lines.

    Args:
        delays: of a model.
    """
    model, names = delays.open, delays.names
    B, C, F = model.input_matrix, model.output_matrix, model.feedthrough
    e_in, l_in = _split(model.inputs, names)
    e_out, l_out = _split(model.outputs, names)
    return Lines(
        A=model.A,
        B=B[..., e_in],
        B_l=B[..., l_in],
        C=C[..., e_out, :],
        C_l=C[..., l_out, :],
        F=F[..., e_out, :][..., e_in],
        F_el=F[..., e_out, :][..., l_in],
        F_le=F[..., l_out, :][..., e_in],
        F_ll=F[..., l_out, :][..., l_in],
        times=namespace(delays.times).repeat(delays.times, 2, axis=-1),
    )


def _split(ports: tuple[str, ...], names: tuple[str, ...]) -> tuple[Any, Any]:
    """Rows of the quadratures of ports that are no lines, and of those that are, in their order."""
    others = [k for k, port in enumerate(ports) if port not in names]
    own = [ports.index(name) for name in names]
    both = (np.asarray(x, int) for x in (others, own))
    outer, inner = ((2 * x[:, None] + np.arange(2)).ravel() for x in both)
    return outer, inner


def line_response(lines: Lines, s: Any) -> Any:
    """G(s) = (e^{sτ} − F_ll)⁻¹: from what enters the lines to what leaves them, s = −iω.

    Args:
        lines: see `Lines`.
        s: complex, broadcasts with the leading axes.
    """
    xp = namespace(lines.F_ll, lines.times, s)
    turns, one = xp.asarray(s)[..., None] * lines.times, np.eye(lines.F_ll.shape[-1])
    if xp is np and not lines.F_ll.any():
        return np.exp(-turns)[..., None] * one
    return xp.linalg.inv(xp.exp(turns)[..., None] * one - lines.F_ll)


def at_frequency(lines: Lines, omega: Any) -> InputOutput:
    """A(ω), B(ω), C(ω), F(ω) of the equations at the top of this module.

    Args:
        lines: see `Lines`.
        omega: ω, broadcasts with the leading axes.
    """
    G = line_response(lines, -1j * omega)
    to_modes, out = lines.B_l @ G, lines.F_el @ G
    return InputOutput(
        A=lines.A + to_modes @ lines.C_l,
        B=lines.B + to_modes @ lines.F_le,
        C=lines.C + out @ lines.C_l,
        F=lines.F + out @ lines.F_le,
    )


def ways(A: Any, B: Any, C: Any, F: Any) -> Any:
    """Which inputs have a way to which outputs, for rows and columns of T.

    Args:
        A: who acts on whom, (…, n, n), rows and columns in pairs, like those of the others.
        B: from inputs, (…, n, 2p).
        C: to outputs, (…, 2q, n).
        F: straight through, (…, 2q, 2p).
    """
    inside = reachable(_met(A))
    led = _met(C) @ inside @ _met(B) | _met(F)
    return np.repeat(np.repeat(led, 2, axis=0), 2, axis=1)


def _met(X: Any) -> Any:
    """Which pairs of rows and columns are not zero everywhere."""
    some = (np.asarray(X) != 0).reshape(-1, *X.shape[-2:]).any(0)
    rows, columns = some.shape
    return some.reshape(rows // 2, 2, columns // 2, 2).any((1, 3))


def ways_by_lines(lines: Lines) -> Any:
    """`ways` where lines lead on: they stand beside the modes.

    Args:
        lines: see `Lines`.
    """
    A, B_l, C_l, F_ll = (_some(x) for x in (lines.A, lines.B_l, lines.C_l, lines.F_ll))
    return ways(
        np.block([[A, B_l], [C_l, F_ll]]),
        np.concatenate([_some(lines.B), _some(lines.F_le)]),
        np.concatenate([_some(lines.C), _some(lines.F_el)], axis=1),
        lines.F,
    )


def _some(X: Any) -> Any:
    return (np.asarray(X) != 0).reshape(-1, *X.shape[-2:]).any(0)
