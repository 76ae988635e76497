"""⟨b†(t)b(t′)⟩ of an output of a linear network over a run in time.

With r_out = C R + F r_in, δR at t′ > t is Φ(t′, t)δR(t) and what enters later, so that

    ⟨δr_out(t′) δr_outᵀ(t)⟩ = C(t′) Φ(t′, t) [V Cᵀ + B N Fᵀ](t),

and of two different times no order matters. At t′ = t that is the normally ordered part.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, fail
from ..numerics.collocation import NODES
from ..numerics.kernels import Kernel, Panels
from ..numerics.time_steps import checked_breaks
from .changing import in_seconds
from .first_segments import segments
from .flows import batch_of
from .in_time import along, flows, model_at
from .ports import output_row
from .runs import Run
from .state import vacuum
from .statistics import infinite, unknown, white_noise

LONGEST = 3.0
"""Length of a panel times the largest rate."""
MOST = 300
"""Panels of a run, at most: the coherence of more is no small matrix."""
STRAIGHT = 1e-12
"""Scattering that is none."""


def coherence(run: Run, port: str) -> Kernel:
    """⟨b†(t)b(t′)⟩ of a run.

    Args:
        run: what `evolve` was called with.
        port: name of an open output.

    Raises:
        ArgumentError: for an unknown port, a batch, a run that is too long, or white noise that
            passes to the port.
        ConvergenceError: where halving the steps does not converge.
    """
    changing = callable(run.model)
    at: Any = run.model if changing else lambda _: run.model
    times, breaks = in_seconds(at, run.times, run.breaks)
    times = np.asarray(times, float)
    times = times if changing else np.union1d([0.0], times)
    model: Any = model_at(at, times[[0, -1]]) if changing else run.model
    initial: Any = vacuum(model.modes) if run.initial is None else run.initial
    batch = batch_of(model)[1:] if changing else batch_of(model)
    if batch or np.ndim(initial.cov) > 2:
        raise fail("run", "be of one network, not of a batch", f"shape {batch}")
    row = output_row(model, "port", port)
    edges = _edges(at, times, checked_breaks(breaks, times))
    nodes = (edges[:-1, None] + np.diff(edges)[:, None] * NODES).ravel()
    every = np.union1d(edges, nodes)
    mean, cov = np.asarray(initial.mean), np.asarray(initial.cov)
    flow = flows(at, every, mean, cov, run.tolerance)
    means, covs = along(flow.fine.Phi, flow.fine.Q, mean, cov)
    size = 2 * len(model.modes)
    steps = flow.fine.Phi[:, :size, :size]
    inner = np.searchsorted(every, nodes)
    alpha, C, G = _seen(model_at(at, nodes), port, row, means[inner], covs[inner])
    panels, carried = Panels(), np.zeros((size, 0, 2))
    for p, (a, b) in enumerate(pairwise(edges)):
        first = int(np.searchsorted(every, a))
        U = _from_start(steps[first : first + len(NODES) + 1])
        at_nodes = slice(p * len(NODES), (p + 1) * len(NODES))
        seen = C[at_nodes] @ U[:-1]  # (K, 2, 2N)
        new = np.moveaxis(np.linalg.solve(U[:-1], G[at_nodes]), 0, 1)  # (2N, K, 2)
        before = _ordered(seen, carried) + np.conj(alpha[: at_nodes.start, None]) * alpha[at_nodes]
        own = _ordered(seen, new) + np.conj(alpha[at_nodes, None]) * alpha[at_nodes]
        panels.add(a, b - a, before, own)
        carried = np.einsum("ij,jqk->iqk", U[-1], np.concatenate([carried, new], axis=1))
    return panels.kernel()


def _ordered(seen: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """⟨b†(t)b(t′)⟩ of quadratures: ½⟨(x − ip)(t) (x + ip)(t′)⟩, indexed (t, t′)."""
    X = np.einsum("rai,iqb->qrab", seen, sources)  # of t′ with index a, of t with b
    return (X[..., 0, 0] + X[..., 1, 1] + 1j * (X[..., 1, 0] - X[..., 0, 1])) / 2


def _from_start(steps: np.ndarray) -> np.ndarray:
    """Flows from the start of a panel to its nodes and its end."""
    U = [steps[0]]
    for step in steps[1:]:
        U.append(step @ U[-1])
    return np.array(U)


def _seen(model: Any, port: str, row: int, mean: np.ndarray, cov: np.ndarray) -> Any:
    """⟨b⟩, C and V Cᵀ + B N Fᵀ at every node."""
    if model.occupation is None:
        raise ArgumentError("Argument `run` must be of a network, to know what enters it.")
    if model.displacement is None:
        raise unknown()
    S = np.asarray(model.scattering)[..., row // 2, :]
    noise, _ = white_noise(model.occupation, model.squeezed, model.squeezing)
    reaches = (np.abs(S) > STRAIGHT) & (np.asarray(noise) > 0)
    if reaches.any():
        k = int(np.argwhere(reaches)[0][-1])
        raise infinite(port, model.inputs[k])
    nodes = len(mean)
    rows = slice(row, row + 2)

    def spread(x: Any) -> np.ndarray:
        return np.broadcast_to(x, (nodes, *np.shape(x)[-2:]))

    C, F = spread(model.output_matrix)[:, rows], spread(model.feedthrough)[:, rows]
    entering = spread(model.input_matrix) @ spread(model.input_noise)
    G = cov @ np.swapaxes(C, -1, -2) + entering @ np.swapaxes(F, -1, -2)
    light = np.broadcast_to(np.asarray(model.displacement)[..., row // 2], (nodes,))
    field = np.einsum("tai,ti->ta", C, mean)
    return (field[:, 0] + 1j * field[:, 1]) / np.sqrt(2) + light, C, G


def _edges(at: Any, times: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """Edges of panels on which everything is smooth at their nodes."""
    edges = segments(at, times, breaks)
    fastest = float(np.abs(np.asarray(model_at(at, (edges[:-1] + edges[1:]) / 2).A)).max())
    pieces = [
        np.linspace(a, b, int(np.ceil((b - a) * fastest / LONGEST)) + 1)[:-1]
        for a, b in pairwise(edges)
    ]
    every = np.append(np.concatenate(pieces), edges[-1])
    if len(every) > MOST + 1:
        must = f"be shorter: its modes need {len(every):,} pieces of time (at most {MOST})"
        raise fail("run", must, f"t = {edges[0]:.4g} to {edges[-1]:.4g}")
    return every
