"""⟨b†(t)b(t′)⟩ of an output of a master equation over a run, by quantum regression in time.

For t′ ≥ t it is Tr b Φ(t′, t)[ρ(t)b†], where Φ is the flow of the master equation, or of all ρ_mn
where pulses come in; b acts in front of ρ and b† behind it (C. W. Gardiner and P. Zoller, Quantum
Noise, ch. 5). On a panel Φ(t′, t) = U(t′)U(t)⁻¹ with what the panel makes U of every vector, for
t′ < t as well, so that the kink at t′ = t is known to all digits (`numerics/kernels.py`).
"""

from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail
from ..hilbert.cutoffs import check_memory
from ..hilbert.rounding import ROUNDING
from ..linear.ports import open_output
from ..linear.runs import Run
from ..linear.statistics import infinite
from ..numerics.collocation import INNER, NODES, K, Moving, panel
from ..numerics.kernels import Kernel, Panels
from ..numerics.time_steps import checked_breaks
from ..slh.network import Network
from .changing import in_seconds
from .driven import model_at
from .hierarchy import Hierarchy, Term
from .pulsed import Pulsed, pulsed

MOST = 300
"""Panels of a run, at most: the coherence of more is no small matrix."""
FINEST = 120
"""Panels that the eigenvalues of a kink's tail are worth."""
TAIL = 1e-7
"""Share of the photons that may be in modes finer than the panels resolve."""
WORST = 1e6
"""Condition of U, at most: what is lost by its inverse stays below 10⁻¹⁰."""


def coherence(asked: Run, end: float, port: str) -> Kernel:
    """⟨b†(t)b(t′)⟩ of a run.

    Args:
        asked: what `evolve` was called with.
        end: the time at which it ended.
        port: name of an open output.

    Raises:
        ArgumentError: for an unknown port, or one to which white noise passes.
        ConvergenceError: where steps do not converge.
    """
    at, times, breaks = asked.model, asked.times, asked.breaks
    if callable(at):
        times, breaks = in_seconds(at, times, breaks)
        _check_port(model_at(at, np.atleast_1d(times)[[0, -1]]), port)
    else:
        _check_port(at, port)
    times = np.atleast_1d(np.asarray(times, float))
    first = times[0] if callable(at) or asked.inputs is not None else 0.0
    if not end > first:
        raise fail("run", "last for a time", f"t = {first:.6g} to {end:.6g}")
    inside = np.unique(np.append(times[(times > first) & (times < end)], [first, end]))
    inputs = {} if asked.inputs is None else asked.inputs
    switched = checked_breaks(breaks, inside)
    run = pulsed(at, asked.initial, inside, inputs, switched, asked.tolerance)
    equation = run.equation
    row = equation.moments.part(equation.moments.looked).outputs.index(port)
    front, back = (equation.leaving(row, side) for side in (True, False))
    indices, into = _behind(run, front, back)
    size = len(indices)
    check_memory(64 * K * size**2, f"{size:,} elements of ρ b†, each by each")
    flow, edges = equation.moving(indices), run.path.edges[::2]

    def kernel_on(edges: np.ndarray) -> tuple[Kernel, np.ndarray]:
        panels, used = Panels(), []
        carried = np.zeros((size, 0), complex)
        for a, h, U, end in _flows(flow, edges, size):
            times = a + h * NODES
            started = _applied(into, times, run.path.at(times)[..., 0].T)  # ρ(t)b† at the nodes
            seen = np.einsum("rn,nmr->rm", _rows(equation, front, indices, times), U)  # Tr b U
            new = np.linalg.solve(np.moveaxis(U, -1, 0), started.T[..., None])[..., 0].T
            panels.add(a, h, (seen @ carried).T, (seen @ new).T)
            carried = end @ np.hstack([carried, new])
            used.append(a)
        return panels.kernel(), np.append(used, edges[-1])

    kernel, edges = kernel_on(edges)
    finer = _finer(kernel, edges)
    return kernel if len(finer) == len(edges) else kernel_on(finer)[0]


def _finer(kernel: Kernel, edges: np.ndarray) -> np.ndarray:
    """Edges on which polynomials hold all but a share `TAIL` of the photons.

    Where the third derivative of g jumps at t = t′, what m panels in place of one leave out is m⁻³
    of what that one does.
    """
    allowed = TAIL * kernel.total / len(kernel.beyond)
    if not allowed > 0:
        return edges
    pieces = np.ceil((np.maximum(kernel.beyond, 0.0) / allowed) ** (1 / 3)).astype(int)
    pieces = np.maximum(pieces, 1)
    if pieces.sum() > FINEST:
        pieces = np.maximum(pieces * FINEST // pieces.sum(), 1)
    inner = [
        np.linspace(a, b, n + 1)[:-1] for (a, b), n in zip(pairwise(edges), pieces, strict=True)
    ]
    return np.append(np.concatenate(inner), edges[-1])


def _check_port(model: Any, port: str) -> None:
    """Refuse a port that is none, or that white noise passes to."""
    if model.network is None:
        raise ArgumentError("Argument `run` must be of a network, to have ports.")
    net = model.network
    part, wires = (net.component, net.wires) if isinstance(net, Network) else (net, ())
    row = open_output("port", port, part.outputs, wires)
    squeezed = {name for pair in part.squeezings for name in pair}
    for k, name in enumerate(part.inputs):
        warm = name in squeezed or np.any(np.asarray(part.occupations.get(name, 0.0)) > 0)
        if warm and np.any(np.abs(np.asarray(part.S)[..., row, k]) > ROUNDING):
            raise infinite(port, name)


def _flows(moving: Moving, edges: np.ndarray, size: int) -> Any:
    """Panels (start, length) with what they make of every vector at the nodes, and at the end."""
    one = np.eye(size, dtype=complex)
    left = [(a, b - a) for a, b in pairwise(edges)][::-1]
    done_so_far = 0
    while left:
        if done_so_far + len(left) > MOST:
            must = f"be shorter, or have slower rates: its modes need more than {MOST} pieces"
            raise fail("run", must, f"t = {edges[0]:.4g} to {edges[-1]:.4g}")
        a, h = left.pop()
        solved = panel(moving, moving.weights(a + h * NODES), h, one, 1e-13 * size**0.5)
        if solved is not None:
            U = one[..., None] + h * (solved.slopes @ INNER.T)
            if np.linalg.cond(solved.end) < WORST:
                yield a, h, U, solved.end
                done_so_far += 1
                continue
        left += [(a + h / 2, h / 2), (a, h / 2)]


def _behind(run: Pulsed, front: tuple[Term, ...], back: tuple[Term, ...]) -> tuple[Any, Any]:
    """Elements that b† behind ρ leads to and that b sees, and b† between these and ρ's own."""
    equation = run.equation
    size = equation.physical.shape[1]
    x = np.zeros(size)
    for term in back:
        x += np.asarray(abs(term.matrix[:, run.kept]).sum(axis=1)).ravel()
    trace = _trace(equation)
    wanted = sum(abs(trace @ term.matrix) for term in front)
    indices = equation.kept(x, wanted)
    return indices, [Term(term.matrix[indices][:, run.kept], term.weight) for term in back]


def _trace(equation: Hierarchy) -> Any:
    """Tr Σ R_mn ρ_mn, a sparse row."""
    from scipy.sparse import csr_array

    D = equation.space.dimension
    return csr_array(np.eye(D).reshape(1, -1)) @ equation.physical


def _applied(terms: Any, times: np.ndarray, x: np.ndarray) -> np.ndarray:
    weights = [np.broadcast_to(term.weight(times), times.shape) for term in terms]
    applied: Any = sum(c * (term.matrix @ x) for c, term in zip(weights, terms, strict=True))
    return applied


def _rows(equation: Hierarchy, terms: Any, indices: np.ndarray, times: np.ndarray) -> np.ndarray:
    trace = _trace(equation)
    rows = np.zeros((len(times), len(indices)), complex)
    for term in terms:
        row = (trace @ term.matrix).tocsc()[:, indices].toarray()
        rows += np.broadcast_to(term.weight(times), times.shape)[:, None] * row
    return rows
