"""What a search may be asked for, as residuals that vanish where it is reached."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.checks import fail, listed, number, one_of, plain_name, single
from ..base.keywords import spoken
from ..linear.model import GaussianModel
from ..linear.outputs import amplitudes
from ..linear.state import GaussianState
from ..measures.gaussian import log_negativity
from .couplings import Nodes
from .names import node_names

COVARIANCE, ENTANGLEMENT, SCATTERING, STATIONARY = 0, 1, 2, 3
"""What the residuals of a target are of; the last of a state of all modes, as a whole."""
PURE = 1e-9
"""How far 4 VΩVΩᵀ of a pure state may be from 1."""


@dataclass(frozen=True)
class Entangled:
    """E_N of two modes in the steady state is `at_least` so much."""

    first: str
    second: str
    at_least: float

    def __str__(self) -> str:
        return f"E_N({self.first}, {self.second}) ≥ {self.at_least:.6g}"


@dataclass(frozen=True, eq=False)
class Transmits:
    """|S[out, in]|² at one frequency; NaN where anything will do."""

    modes: tuple[str, ...]
    powers: np.ndarray
    frequency: float

    def __str__(self) -> str:
        rows = ", ".join("[" + " ".join(map(_power, row)) + "]" for row in self.powers)
        return f"|S|² = [{rows}] from and to {', '.join(self.modes)}"


Target = Entangled | Transmits | GaussianState


def _power(value: float) -> str:
    return "·" if np.isnan(value) else f"{value:.6g}"


@spoken
def entangled(first: str, second: str, at_least: Any) -> Entangled:
    """The wish that two modes have a logarithmic negativity E_N of at least so much.

    Args:
        first: name of a mode.
        second: name of another.
        at_least: E_N in nats, above zero.

    Raises:
        ArgumentError: for twice the same mode, or a value that is not above zero.

    >>> print(entangled("a", "b", 0.5))
    E_N(a, b) ≥ 0.5
    """
    if plain_name("first", first) == plain_name("second", second):
        raise fail("second", "name another mode than `first`", second)
    low = np.finfo(float).tiny
    return Entangled(first, second, single("at_least", at_least, low, 100.0, "a number above zero"))


@spoken
def transmits(modes: Iterable[str], powers: Any, *, frequency: Any = 0.0) -> Transmits:
    """The wish for a scattering matrix: |S[out, in]|² between the modes' own ports.

    What enters the port of mode `in` leaves at the port of mode `out` with its power multiplied by
    the entry, whatever its phase: the part that is conjugated, b_out ∝ b_in†, vanishes.

    Args:
        modes: names of the modes, in the order of rows (out) and columns (in).
        powers: matrix |S[out, in]|², zero or above; NaN where anything will do.
        frequency: ω in the frame of the modes.

    Raises:
        ArgumentError: for a matrix of another shape, or negative powers.

    >>> print(transmits(["a", "b"], [[0, 0], [1, 0]]))    # an isolator: a to b, and not back
    |S|² = [[0 0], [1 0]] from and to a, b
    """
    names = node_names("modes", modes)
    must = f"be a matrix of {len(names)} × {len(names)} powers, zero or above, or NaN"
    try:
        matrix = np.array(powers, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise fail("powers", must, powers) from None
    if matrix.shape != (len(names), len(names)):
        raise fail("powers", must, f"of shape {matrix.shape}")
    if np.isnan(matrix).all() or not np.all(np.isnan(matrix) | ((matrix >= 0) & (matrix < 1e12))):
        raise fail("powers", must, powers)
    omega = number("frequency", frequency)
    if np.ndim(omega):
        raise fail("frequency", "be one real number", frequency)
    return Transmits(names, matrix, float(omega))


@spoken
def cluster_state(modes: Iterable[str], links: Iterable[tuple[str, str]], r: Any) -> GaussianState:
    """The continuous-variable cluster state of a graph with finite squeezing r.

    Modes squeezed in p, V = ½ diag(e^{2r}, e^{−2r}), are joined by e^{i x_j x_k} along every link:
    nullifiers p_j − Σ_k x_k have the variance ½e^{−2r} (Menicucci, Flammia & van Loock, PRA 83,
    042335 (2011)).

    Args:
        modes: names of the modes.
        links: pairs of them.
        r: squeezing, dimensionless.

    Raises:
        ArgumentError: for names that repeat, or links to other modes.

    >>> chain = cluster_state(["a", "b", "c"], [("a", "b"), ("b", "c")], 0.5)
    >>> null = np.array([-1, 0, 0, 1, -1, 0])             # p_b − x_a − x_c
    >>> round(float(null @ chain.cov @ null / np.exp(-1) * 2), 12)
    1.0
    """
    names = node_names("modes", modes)
    amount = single("r", r, -10.0, 10.0, "a number between −10 and 10")
    if isinstance(links, str | Mapping) or not isinstance(links, Iterable):
        raise fail("links", "be pairs of modes", links)
    V = 0.5 * np.diag(np.exp(np.tile([2.0, -2.0], len(names)) * amount))
    joined = np.eye(len(V))
    for link in links:
        if isinstance(link, str) or not isinstance(link, Sequence) or len(link) != 2:
            raise fail("links", "be pairs of modes", link)
        j, k = (names.index(one_of("links", x, names, "modes")) for x in link)
        if j == k:
            raise fail("links", "join two different modes", link)
        # One link twice would be a link of double weight.
        joined[2 * j + 1, 2 * k] = joined[2 * k + 1, 2 * j] = 1.0
    return GaussianState(names, cov=joined @ V @ joined.T)


def checked_target(target: Any, nodes: Nodes) -> Target:
    """The target, when the modes can have it.

    Args:
        target: what was asked for.
        nodes: the modes of the search.
    """
    names = nodes.names
    if isinstance(target, GaussianState):
        used = tuple(target.modes)
        if np.ndim(target.cov) != 2:
            raise fail("target", "be one state, not a batch", f"of shape {target.cov.shape[:-2]}")
        if not target.is_physical():
            raise fail("target", "be a physical state, V + iΩ/2 ≥ 0", "one that is not")
    elif isinstance(target, Entangled):
        used = (target.first, target.second)
    elif isinstance(target, Transmits):
        used = target.modes
    else:
        kinds = "`entangled(…)`, `transmits(…)` or a GaussianState"
        raise fail("target", f"be {kinds}", target)
    for name in used:
        if name not in names:
            raise fail("target", f"be about modes of the search: {listed(names)}", name)
    if isinstance(target, Transmits):
        closed = [x for x in used if not nodes.decays[names.index(x)] > 0]
        if closed:
            raise fail("modes", "give a port (a decay above zero) to what is to scatter", closed)
    return target


@dataclass(frozen=True, eq=False)
class Residuals:
    """What the kernels take of a target; see `fit_kernels.optimise`."""

    kind: int
    weights: np.ndarray
    wanted: np.ndarray
    at: np.ndarray
    frequency: float


def residuals_of(target: Target, names: Sequence[str], unit: float) -> Residuals:
    """Residuals of a target.

    Args:
        target: one that was checked.
        names: the modes of the search.
        unit: of rates.
    """
    nothing = np.zeros((0, 0, 0))
    if isinstance(target, Entangled):
        modes = [names.index(target.first), names.index(target.second)]
        at = np.array([[2 * k + e] for k in modes for e in range(2)])
        # A little more than asked for, so that rounding does not spoil it.
        return Residuals(ENTANGLEMENT, nothing, np.array([target.at_least + 1e-7]), at, 0.0)
    if isinstance(target, Transmits):
        rows = np.argwhere(~np.isnan(target.powers))
        places = np.array([names.index(x) for x in target.modes])
        wanted = target.powers[rows[:, 0], rows[:, 1]]
        return Residuals(SCATTERING, nothing, wanted, places[rows], target.frequency / unit)
    # L⁻¹ V L⁻ᵀ = 1 for the wanted V = L Lᵀ: squeezed directions count as much as others.
    inverse = np.linalg.inv(np.linalg.cholesky(target.cov))
    at = np.concatenate([[2 * names.index(x), 2 * names.index(x) + 1] for x in target.modes])
    weights, wanted = [], []
    for i in range(len(inverse)):
        for j in range(i, len(inverse)):
            weight = np.zeros((2 * len(names), 2 * len(names)))
            both = np.outer(inverse[i], inverse[j])
            weight[np.ix_(at, at)] = (both + both.T) / 2
            weights.append(weight)
            wanted.append(float(i == j))
    return Residuals(COVARIANCE, np.array(weights), np.array(wanted), at[:, None], 0.0)


def is_pure(state: GaussianState) -> bool:
    """Whether 4 V Ω V Ωᵀ = 1."""
    V = state.cov
    Omega = np.kron(np.eye(len(V) // 2), [[0.0, 1.0], [-1.0, 0.0]])
    return bool(np.abs(4 * V @ Omega @ V @ Omega.T - np.eye(len(V))).max() < PURE * np.abs(V).max())


def missed(target: Target, model: GaussianModel, state: GaussianState) -> float:
    """How far a network is from its target, by the package's own verbs.

    Args:
        target: one that was checked.
        model: of the network.
        state: its steady state.
    """
    if isinstance(target, Entangled):
        E_N = float(log_negativity(state, target.first, target.second))
        return max(target.at_least - E_N, 0.0)
    if isinstance(target, GaussianState):
        inverse = np.linalg.inv(np.linalg.cholesky(target.cov))
        V = state.reduce(*(f"{x}.a" for x in target.modes)).cov
        return float(np.abs(inverse @ V @ inverse.T - np.eye(len(V))).max())
    direct, conjugate = amplitudes(model, target.frequency)
    rows = [model.outputs.index(f"{x}.out") for x in target.modes]
    columns = [model.inputs.index(f"{x}.in") for x in target.modes]
    S, C = direct[np.ix_(rows, columns)], conjugate[np.ix_(rows, columns)]
    known = ~np.isnan(target.powers)
    off = np.abs(np.abs(S) - np.sqrt(target.powers))[known]
    return float(max(off.max(), np.abs(C[known]).max()))
