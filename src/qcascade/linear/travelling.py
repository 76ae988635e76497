"""What stays inside of a linear network and what leaves it, as one Gaussian state.

A filter takes the field of its port without acting back, ȧ_f = −(w/2 + iΩ) a_f + √w b_out, so that
several may take the same field: each is one more mode of the drift, driven by what drives the
output, and V of everything is one Lyapunov equation. Modes with other shapes follow from that
V by quadrature (`mode_moments`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import (
    ConvergenceError,
    UnstableError,
    check_broadcast,
    fail,
    flag,
    is_traced,
    namespace,
    one_of,
)
from ..base.keywords import spoken
from ..lyapunov.solve import growth, solve
from ..slh.component import Component, check_no_delays
from ..slh.interior import present
from ..slh.network import Network
from ..slh.rates import joined, rates_of, seconds
from .independence import nearest_independent, not_apart, overlap_told, sharing, turned
from .langevin import gaussian
from .mode_functions import OutputMode, checked_modes, mode_overlap, total
from .mode_moments import ERROR, Seen, moments
from .model import GaussianModel
from .state import GaussianState
from .uncertainty import is_physical

WIDEST = 1e6
"""Width of a filter beside the fastest rate, at most: it sees white noise to rounding."""


_UNKNOWN = (
    "The means of travelling modes are without the light of lasers: parts were linearised one by "
    "one, and only a network that is linearised as a whole knows what passes it."
)
_INSTEAD = "a filter is a cavity of its width, detuned to its frequency, behind the output"


class _Linear(NamedTuple):
    """Ṙ = A R + f + B r_in of the modes inside and of filters, with the noise D."""

    A: Any
    B: Any
    D: Any
    drive: Any


class _Solved(NamedTuple):
    """Mean, V, and where there is such a state."""

    mean: Any
    cov: Any
    stable: Any


class _Port(NamedTuple):
    """Rows of an output: r_out = C R + F r_in + √2 (Re λ, Im λ)."""

    C: Any  # (…, 2, n)
    F: Any  # (…, 2, 2p)
    offset: Any  # (…, 2)


@spoken
def output_state(
    net: Network | Component, modes: Mapping[str, OutputMode], *, orthonormal: bool = False
) -> GaussianState:
    """The steady state of the modes inside and of travelling modes of the outputs, together.

    Travelling modes are a_f = ∫ f(τ) b_out(t − τ) dτ at one time t. Each is what its filter holds,
    and with modes inside, or of other ports, it makes a state. Two of one port share the field,
    [a_j, a_k†] = ∫ f_j f_k* dτ (`mode_overlap`): measures take them for independent all the same,
    which they are but for that overlap; the state says so in `info`. With `orthonormal`,
    those of a port are replaced by the nearest modes that are independent, Σ_k (M^{−1/2})_jk a_k
    with the overlaps M (P.-O. Löwdin, J. Chem. Phys. 18, 365 (1950)): a physical state always.
    Lasers that leave are in the means, those of a working point as well, around which `linearise`
    counts the modes inside from zero.

    Args:
        net: the network (or a part), linear.
        modes: travelling modes by name, from `output_mode`; several may share a port.
        orthonormal: whether to make independent modes of those that overlap.

    Returns:
        A `GaussianState` of the network's modes and, after them, of the travelling ones. In a
        batch, points without a steady state, or where filters nearly coincide, are NaN.

    Raises:
        ArgumentError: for a port that is unknown or that a wire uses, a name that is taken, a wire
            that takes time (there, too, a cavity behind the output is a filter), a filter wider
            than 10⁶ times the fastest rate; at a single point, for modes that overlap by more
            than ½, or with `orthonormal` for modes that are one up to 10⁻⁶.
        UnstableError: for a single model that has no steady state.
        ConvergenceError: where rounding decides, or a shape needs too many points in time.

    >>> from qcascade import Network, log_negativity, pair_source
    >>> from qcascade.outputs import output_mode
    >>> net = Network({"source": pair_source(0.2, decay=(1.0, 1.0))})
    >>> state = output_state(net, {"idler": output_mode("source.out_b", 0.0, 1.0)})
    >>> state.modes, log_negativity(state, "source.a", "idler").round(6).item()
    (('source.a', 'source.b', 'idler'), 0.198219)
    """
    orthonormal = flag("orthonormal", orthonormal)
    part = net.component if isinstance(net, Network) else net
    if not isinstance(part, Component):
        raise fail("net", "be a Network", net)
    check_no_delays(part, _INSTEAD)
    checked_modes(modes)
    model = gaussian(part)
    _check(net, part, model, modes)
    ports = _ports(model)
    filters = {name: mode for name, mode in modes.items() if mode.shape is None}
    shaped = {name: mode for name, mode in modes.items() if mode.shape is not None}
    filtered = _with_filters(model, filters, ports)
    solved = _steady(filtered, model)
    if shaped:
        solved = _with_shapes(model, filtered, shaped, ports, solved)
    order = [*filters, *shaped]
    rows = _rows(len(model.modes), [order.index(name) for name in modes])
    mean, cov = solved.mean[..., rows], solved.cov[..., rows[:, None], rows]
    return _state(model, modes, orthonormal, _Solved(mean, cov, solved.stable))


def _check(net: Any, part: Component, model: GaussianModel, modes: Mapping[str, Any]) -> None:
    wires = dict(getattr(net, "wires", ()))
    batch = np.broadcast_shapes(np.shape(model.A)[:-2], np.shape(model.drive)[:-1])
    fastest = model.A if is_traced(model.A) else _largest(model.A)
    for name, mode in modes.items():
        where = f"modes[{name}]"
        if name in part.modes:
            raise fail("modes", "have names that no mode inside has", name)
        if mode.port in wires:
            taken = f"the wire {mode.port} → {wires[mode.port]} takes its field"
            raise fail(where, "be of an open output", mode.port, taken)
        one_of(where, mode.port, part.outputs, "of an open output")
        given = {k: mode.given[k] for k in ("frequency", "width") if k in mode.given}
        joined([("net.", part.rates), (f"{where}.", rates_of(given))])
        check_broadcast({"net": batch, where: mode.batch})
        if is_traced(fastest) or is_traced(mode.width) or is_traced(mode.frequency):
            continue
        if mode.shape is not None:
            measured = part.rates.measured is not None
            seconds(f"{where}.span", mode.given["span"], fastest, measured)
        elif np.max(mode.width, initial=0.0) > WIDEST * max(fastest, _largest(mode.frequency)):
            must = f"be of a width below {WIDEST:g} times the fastest rate, or it sees but noise"
            raise fail(where, must, mode.width, f"the fastest rate is {fastest:.3g}")


def _largest(rates: Any) -> float:
    """The largest of some rates; of none, of a batch without points, more than any."""
    return float(np.max(np.abs(rates))) if np.size(rates) else np.inf


def _ports(model: GaussianModel) -> dict[str, _Port]:
    """What leaves at every open output: lasers that pass it count, and fields of working points."""
    C, F = model.output_matrix, model.feedthrough
    leaving: Any = model.displacement
    if leaving is None:  # which the state tells
        leaving = np.zeros(len(model.outputs), complex)
    xp = namespace(leaving)
    pairs = np.sqrt(2) * xp.stack([leaving.real, leaving.imag], -1)
    at = {port: slice(2 * k, 2 * k + 2) for k, port in enumerate(model.outputs)}
    return {
        port: _Port(C[..., rows, :], F[..., rows, :], pairs[..., rows.start // 2, :])
        for port, rows in at.items()
    }


def _with_filters(model: GaussianModel, filters: Mapping[str, Any], ports: Any) -> _Linear:
    """The model with filters behind its outputs, which do not act back."""
    rows: list[list[Any]] = [[model.A, *[np.zeros((len(model.modes) * 2, 2)) for _ in filters]]]
    B, force = [[model.input_matrix]], [[model.drive[..., None]]]
    for k, mode in enumerate(filters.values()):
        port, xp = ports[mode.port], namespace(mode.width, mode.frequency)
        w, omega = (xp.asarray(x)[..., None, None] for x in (mode.width, mode.frequency))
        own = -w / 2 * np.eye(2) + omega * np.array([[0.0, 1.0], [-1.0, 0.0]])
        others = [own if j == k else np.zeros((2, 2)) for j in range(len(filters))]
        rows.append([xp.sqrt(w) * port.C, *others])
        B.append([xp.sqrt(w) * port.F])
        force.append([xp.sqrt(w) * port.offset[..., None]])
    noise_in, N, inside = _blocks(B), model.input_noise, 2 * len(model.modes)
    entering = noise_in @ N
    # D of the model stands as it is: what leaves changes nothing inside, to the last bit.
    across = entering[..., :inside, :] @ _T(noise_in[..., inside:, :])
    own = entering[..., inside:, :] @ _T(noise_in[..., inside:, :])
    D = _blocks([[model.D, across], [_T(across), own]]) if filters else model.D
    return _Linear(_blocks(rows), noise_in, D, _blocks(force)[..., 0])


def _steady(filtered: _Linear, model: GaussianModel) -> _Solved:
    """Mean and V; of a single point that has none, the error."""
    A, _, D, drive = filtered
    xp = namespace(A, D, drive)
    cov, stable = solve(A, D, _acts(model, A))
    if not (is_traced(stable) or is_traced(A)) and np.ndim(stable) == 0 and not stable:
        rate = growth(model.A)
        if not rate < 0:
            raise UnstableError(
                "The model has no steady state, and so nothing steady leaves it: it grows at the "
                f"rate {rate:.3g}."
            )
        raise ConvergenceError(
            "The state of the travelling modes cannot be told from rounding: the slowest decay, "
            f"{-growth(A):.3g}, is too small beside the other rates."
        )
    # Unstable drifts may be singular; their mean is NaN, so any regular matrix may stand in.
    regular = xp.where(xp.asarray(stable)[..., None, None], A, -np.eye(A.shape[-1]))
    batch = np.broadcast_shapes(drive.shape[:-1], regular.shape[:-2])
    force = xp.broadcast_to(drive, (*batch, drive.shape[-1]))
    return _Solved(xp.linalg.solve(regular, -force[..., None])[..., 0], cov, stable)


def _acts(model: GaussianModel, A: Any) -> Any:
    """Which mode acts on which, where JAX hides it: filters act on nobody."""
    if model.acts is None:
        return None
    inside, size = len(model.modes), A.shape[-1] // 2
    acts = np.eye(size, dtype=bool)
    acts[:inside, :inside] = model.acts
    seen = present(A[..., 2 * inside :, : 2 * inside])
    acts[inside:, :inside] = seen.reshape(-1, 2, inside, 2).any((1, 3))
    return tuple(map(tuple, acts.tolist()))


def _with_shapes(
    model: GaussianModel, filtered: _Linear, shaped: Mapping[str, Any], ports: Any, solved: _Solved
) -> _Solved:
    """The same with modes of other shapes after those that were solved for."""
    if any(map(is_traced, (*filtered, *solved, *(mode.frequency for mode in shaped.values())))):
        raise fail("modes", "hold filters only, no shapes, inside jit and grad", list(shaped))
    A, B, _, _ = map(np.asarray, filtered)
    stable, N = np.asarray(solved.stable), np.asarray(model.input_noise)
    regular = stable[..., None, None]
    A = np.where(regular, A, -np.eye(A.shape[-1]))
    cov = np.where(regular, solved.cov, np.eye(A.shape[-1]) / 2)
    mean = np.asarray(solved.mean)
    behind = np.zeros((2, A.shape[-1] - model.A.shape[-1]))
    seen = [ports[mode.port] for mode in shaped.values()]
    C = [_blocks([[np.asarray(port.C), behind]]) for port in seen]
    F = [np.asarray(port.F) for port in seen]
    G = [cov @ _T(c) + B @ N @ _T(f) for c, f in zip(C, F, strict=True)]
    white = [[f @ N @ _T(g) for g in F] for f in F]
    cross, own, error = moments(A, cov, Seen(list(shaped.values()), *map(_pile, (C, G, white))))
    if error.ndim == 0 and not error <= ERROR:
        raise ConvergenceError(
            f"The state of the travelling modes {list(shaped)} is not found to {ERROR:g}: their "
            "spans are too long beside the fastest rate, or a shape jumps where `span` has no time."
        )
    means = [mean[..., None]]
    for c, port, mode in zip(C, seen, shaped.values(), strict=True):
        field = c @ mean[..., None] + np.asarray(port.offset)[..., None]
        held = turned(np.asarray(total(mode))[..., None, None]) if field.any() else np.eye(2)
        means.append(held @ field)
    cov = _blocks([[cov, cross], [_T(cross), own]])
    return _Solved(_blocks([[x] for x in means])[..., 0], cov, stable & (error <= ERROR))


def _state(
    model: GaussianModel, modes: Mapping[str, OutputMode], orthonormal: bool, solved: _Solved
) -> GaussianState:
    """The state, of independent modes if that is wanted, with what is to be said of it."""
    mean, cov, stable = solved
    told: tuple[str, ...] = ()
    passing = () if model.displacement is not None else (_UNKNOWN,)
    names, shared = list(modes), sharing(modes)
    if shared:
        M = mode_overlap(modes)
        if orthonormal:
            T, apart = nearest_independent(M)
            turn = _block_diagonal(2 * len(model.modes), turned(T))
            mean, cov = (turn @ mean[..., None])[..., 0], turn @ cov @ _T(turn)
        else:
            told, apart = overlap_told(names, shared, M)
        if not is_traced(apart) and np.ndim(apart) == 0 and not apart:
            raise not_apart(names, shared, np.asarray(M), orthonormal)
        stable = namespace(cov, M).asarray(stable) & apart
    if not told and not is_traced(cov) and not is_traced(stable):
        physical = is_physical(cov)
        if np.ndim(stable) == 0 and not physical:
            raise ConvergenceError(
                "The state of the travelling modes cannot be told from rounding: its covariance "
                "misses the uncertainty principle."
            )
        stable = stable & physical
    told += passing
    info = {"warnings": told} if told else {}
    return GaussianState((*model.modes, *modes), mean, cov, stable, info)


def _block_diagonal(inside: int, T: Any) -> Any:
    size = T.shape[-1]
    return _blocks([[np.eye(inside), np.zeros((inside, size))], [np.zeros((size, inside)), T]])


def _rows(inside: int, order: list[int]) -> Any:
    """Rows of the modes inside, and of the travelling ones in the order asked for."""
    places = [*range(inside), *(inside + k for k in order)]
    return (2 * np.array(places)[:, None] + np.arange(2)).ravel()


def _pile(arrays: Any) -> Any:
    """Matrices, in one list or in a list of lists, on one or two axes before their own."""
    if isinstance(arrays[0], list):
        rows = [_pile(row) for row in arrays]
        batch = np.broadcast_shapes(*(row.shape[:-3] for row in rows))
        return np.stack([np.broadcast_to(row, (*batch, *row.shape[-3:])) for row in rows], -4)
    return np.stack(np.broadcast_arrays(*arrays), -3)


def _blocks(rows: list[list[Any]]) -> Any:
    """A matrix from its blocks, whose leading axes broadcast."""
    xp = namespace(*(x for row in rows for x in row))
    batch = np.broadcast_shapes(*(x.shape[:-2] for row in rows for x in row))
    spread = [[xp.broadcast_to(x, (*batch, *x.shape[-2:])) for x in row] for row in rows]
    return xp.concatenate([xp.concatenate(row, -1) for row in spread], -2)


def _T(X: Any) -> Any:
    return X.swapaxes(-1, -2)
