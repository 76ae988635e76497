"""Entanglement of a source sent to one target and not to the others, switched by phases alone.

Source s hops to K relays with amplitudes h₁ e^{2πi k c/K}, and relay k to target t with
h₂ e^{−2πi k t/K}. The phases of setting c make one collective relay mode,
B_c = K^{−½} Σ_k e^{−2πi k c/K} a_k, and

    Σ_k e^{2πi k (c − t)/K} = K δ_ct,

so source and target c are the ends of a chain of three, s – B_c – c, with both rates √K larger,
and all other targets are exactly dark. With one-way edges in place of hopping the sums are the
same, baths included: those that K equal edges share with B_c join it as one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from ..base.checks import ConvergenceError, count, fail, flag, listed, one_of, single
from ..base.keywords import spoken
from ..dynamics import steady_state
from ..linear.langevin import gaussian
from ..measures.gaussian import log_negativity
from ..parts.baths import local_bath
from ..parts.baths import one_way as one_way_edge
from ..parts.optics import cavity, hopping, squeezed_mode
from ..slh.network import Network
from .names import RELAYS, free_name, node_names

DISTANCE = 0.25 * (1 + 1e-9)
"""Of every answer from threshold, in units of γ: a quarter, and what rounding may take off it."""
STARTS, BEST, AGAIN = 4096, 6, 1
"""Random starts that one batch tells apart, those that are polished, and how often."""
SMALLEST = 1e-4
"""Couplings and detunings start between this share of the largest and the largest."""
DIFFERENCE = 1e-5
"""Half a step of central differences, of logarithms and of an angle."""
POLISHING = {"maxiter": 500, "ftol": 1e-15, "gtol": 1e-9}


@dataclass(frozen=True, eq=False, repr=False)
class Router:
    """A network of relays whose phases say which target a source is entangled with.

    Args:
        sources: names of the squeezed modes.
        targets: names of the modes that may be chosen.
        relays: names of the relays.
        rates: what was found: `drive` r of the sources, `first` and `second` rate of every edge
            before and behind the relays, `relay` and `target` detunings.
        decay: γ of every mode into a bath of its own.
        one_way: whether the edges are one-way.
        entanglement: E_N[c, t] of the first source with target t when the phases choose target c.

    >>> router = route("0", ["4", "5"], seed=1)
    >>> router.entanglement.round(4)
    array([[0.6802, 0.    ],
           [0.    , 0.6802]])
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    relays: tuple[str, ...]
    rates: Mapping[str, float]
    decay: float
    one_way: bool
    entanglement: np.ndarray

    @property
    def contrast(self) -> float:
        """E_N with the chosen target less the largest with another, for the worst setting."""
        chosen = np.diagonal(self.entanglement)
        others = self.entanglement - np.diag(np.full(len(self.targets), np.inf))
        return float(np.min(chosen - np.maximum(others.max(axis=1), 0.0)))

    def network(self, chosen: str | Mapping[str, str]) -> Network:
        """The network whose phases send every source to its target.

        Args:
            chosen: the target of the only source; or targets by source, no two the same.

        Raises:
            ArgumentError: for names that the router does not have, or a target chosen twice.

        >>> route("0", ["4", "5"]).network("5").modes
        ('0.a', 'relay1.a', 'relay2.a', '4.a', '5.a')
        """
        settings = self._settings(chosen)
        rates, K = self.rates, len(self.relays)
        parts = {s: squeezed_mode(-rates["drive"]) for s in self.sources}
        parts |= {k: cavity(rates["relay"]) for k in self.relays}
        parts |= {t: cavity(rates["target"]) for t in self.targets}
        couplings = {f"bath_{x}": local_bath(f"{x}.a", self.decay) for x in parts}
        edge = one_way_edge if self.one_way else _exchange
        for k, relay in enumerate(self.relays):
            for source, c in settings.items():
                rate = rates["first"] * _turn(k * c, K)
                name = free_name(f"{source}_{relay}", couplings)
                couplings[name] = edge(f"{source}.a", f"{relay}.a", rate)
            for t, target in enumerate(self.targets):
                rate = rates["second"] * _turn(-k * t, K)
                name = free_name(f"{relay}_{target}", couplings)
                couplings[name] = edge(f"{relay}.a", f"{target}.a", rate)
        return Network(parts, couplings=couplings)

    def _settings(self, chosen: Any) -> dict[str, int]:
        """Number of the target that each source is sent to."""
        pairs = chosen if isinstance(chosen, Mapping) else {self.sources[0]: chosen}
        if {*pairs} != {*self.sources}:
            raise fail("chosen", f"have a target for every source: {listed(self.sources)}", chosen)
        for target in pairs.values():
            one_of("chosen", target, self.targets, "a target")
        if len({*pairs.values()}) < len(pairs):
            raise fail("chosen", "send no two sources to one target", chosen)
        return {source: self.targets.index(pairs[source]) for source in self.sources}

    def __repr__(self) -> str:
        kind = "one-way edges" if self.one_way else "hopping"
        chosen = np.diagonal(self.entanglement).min()
        words = f"E_N {chosen:.6g} with the chosen target, {chosen - self.contrast:.2g} with others"
        told = ", ".join(f"{name} {x:.6g}" for name, x in self.rates.items())
        ends = f"{', '.join(self.sources)} → {', '.join(self.targets)}"
        return f"Router({ends} by {len(self.relays)} relays, {kind}; {words})\n  {told}"


@spoken
def route(
    sources: str | Iterable[str],
    targets: str | Iterable[str],
    *,
    relays: int | None = None,
    decay: Any = 0.002,
    largest: Any = 1.0,
    one_way: bool = False,
    seed: int = 0,
) -> Router:
    """A router: relays and phases that entangle a source with one target and no other.

    Sources, H = −(i/2) r (a†² − a²), are joined with K relays and these with the targets by rates
    of equal size, h₁ e^{2πi k c/K} and h₂ e^{−2πi k t/K}: phases c choose target t = c, the
    others stay exactly dark, as in the ports of a discrete Fourier transform (Reck et al., PRL 73,
    58 (1994)). r, h₁, h₂ and the detunings of relays and targets are found for the largest E_N
    with max Re λ(A) ≤ −γ/4, the distance from threshold that every answer keeps.

    Args:
        sources: names of the squeezed modes, no more than targets; several are sent to different
            targets at once.
        targets: names of the modes to choose from.
        relays: K, at least as many as targets; as many when omitted.
        decay: γ, energy decay rate of every mode into a bath of its own, in the unit of `largest`.
        largest: of r, h₁, h₂ and the detunings' size.
        one_way: edges of `one_way` in place of hopping: nothing acts back on the source.
        seed: of the random starts.

    Returns:
        A `Router`; its network is checked with all its modes.

    Raises:
        ArgumentError: for names that repeat, fewer relays than targets, more sources than
            targets.
        ConvergenceError: where no rates entangle the chosen target.

    >>> router = route("0", ["4", "5"], relays=2, decay=0.002)
    >>> print(f"{router.contrast:.4f}")
    0.6802
    """
    ends = node_names("sources", sources), node_names("targets", targets)
    names = [*ends[0], *ends[1]]
    if len({*names}) < len(names):
        raise fail("targets", "be other modes than the sources", ends[1])
    if len(ends[0]) > len(ends[1]):
        raise fail("sources", f"be no more than the {len(ends[1])} targets", ends[0])
    K = len(ends[1]) if relays is None else count("relays", relays, high=RELAYS)
    if len(ends[1]) > K:
        raise fail("relays", f"be at least as many as the {len(ends[1])} targets", relays)
    between = tuple(f"relay{k}" for k in range(1, K + 1))
    if {*names} & {*between}:
        raise fail("targets", "leave the names relay1, relay2, … to the relays", names)
    above = "a rate above zero"
    gamma = single("decay", decay, np.finfo(float).tiny, np.inf, above) / (
        bound := single("largest", largest, np.finfo(float).tiny, np.inf, above)
    )
    crossed, start = flag("one_way", one_way), count("seed", seed, low=0)
    best_rates = _best(_Chain(K, len(ends[1]), len(ends[0]), gamma, crossed), start)
    words = ("drive", "first", "second", "relay", "target")
    rates = MappingProxyType({w: float(bound * x) for w, x in zip(words, best_rates, strict=True)})
    router = Router(*ends, between, rates, gamma * bound, crossed, np.zeros((0, 0)))
    return _checked(router)


def _checked(router: Router) -> Router:
    """The router with the entanglement of its whole network, for every setting of the phases."""
    N = len(router.targets)
    E_N = np.empty((N, N))
    for c in range(N):
        # Other sources, where there are some, go to the targets that follow.
        chosen = {s: router.targets[(c + k) % N] for k, s in enumerate(router.sources)}
        state = steady_state(gaussian(router.network(chosen)))
        E_N[c] = [log_negativity(state, router.sources[0], t) for t in router.targets]
    router = replace(router, entanglement=E_N)
    if not router.contrast > 0:
        raise ConvergenceError("No rates were found that entangle a source with its target alone.")
    return router


@dataclass(frozen=True)
class _Chain:
    """Source, collective relay and chosen target: all that the phases leave coupled."""

    relays: int
    targets: int
    sources: int
    decay: float
    one_way: bool

    def matrices(self, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """M of ȧ = M a + … without the drive, and Γ = Σ l*lᵀ of all jumps Σ_k l_k a_k."""
        _, first, second, relay, target = np.moveaxis(rates, -1, 0)
        H, Gamma = np.zeros((2, *first.shape, 3, 3), complex)
        root = np.sqrt(self.relays)
        Gamma[...] = self.decay * np.eye(3)
        H[..., 1, 1], H[..., 2, 2] = relay, target
        turn = -0.5j if self.one_way else 1.0
        H[..., 1, 0], H[..., 2, 1] = turn * root * first, turn * root * second
        H[..., 0, 1], H[..., 1, 2] = H[..., 1, 0].conj(), H[..., 2, 1].conj()
        if self.one_way:
            # L_k = √h (s + e^{−iθ_k} a_k) on K edges, unitarily mixed, are √h (√K s + B) and, for
            # other collective modes, √h B′. So B also decays into the edges that other sources
            # and other targets have with all relays.
            into, out = np.array([root, 1.0, 0.0]), np.array([0.0, 1.0, root])
            Gamma += first[..., None, None] * np.outer(into, into)
            Gamma += second[..., None, None] * np.outer(out, out)
            Gamma[..., 1, 1] += (self.sources - 1) * first + (self.targets - 1) * second
        return -1j * H - Gamma / 2, Gamma

    def rates(self, z: np.ndarray) -> np.ndarray:
        """Rates of z = (log share, log h₁, log h₂, log ρ, θ), with Δ = ρ (cos θ, sin θ); (…, 5).

        The drive is a share of the largest with max Re λ ≤ −γ/4: at a static threshold,
        r_c = 1/|[(−M − γ/4)⁻¹]_ss|. This straightens the narrow ridge along which drive and
        rates all grow.
        """
        sizes = np.exp(z[..., :4])
        turned = np.stack([np.cos(z[..., 4]), np.sin(z[..., 4])], axis=-1)
        detunings = np.clip(sizes[..., 3:] * turned, -1.0, 1.0)
        rates = np.concatenate([sizes[..., :3], detunings], axis=-1)
        M = self.matrices(rates)[0]
        response = np.linalg.inv(-M - DISTANCE * self.decay * np.eye(3))[..., 0, 0]
        rates[..., 0] = np.minimum(sizes[..., 0] / np.abs(response), 1.0)
        return rates

    def margin(self, z: np.ndarray) -> np.ndarray:
        """−ln 2ν of source and target, whose positive part is E_N; −1 where not stable enough."""
        rates = self.rates(z)
        M, Gamma = self.matrices(rates)
        A, D = _real(M), _real(Gamma) / 2
        A[..., 0, 0] -= rates[..., 0]
        A[..., 3, 3] += rates[..., 0]
        growth = np.linalg.eigvals(A).real.max(axis=-1)
        good = growth <= -0.25 * self.decay
        A = np.where(good[..., None, None], A, -np.eye(6))
        unit = np.eye(6)
        both = np.einsum("...ij,kl->...ikjl", A, unit) + np.einsum("ij,...kl->...ikjl", unit, A)
        V = np.linalg.solve(both.reshape(*A.shape[:-2], 36, 36), -D.reshape(*D.shape[:-2], 36, 1))
        return np.where(good, _margin(V.reshape(A.shape)), -1.0)


def _real(matrix: Any) -> np.ndarray:
    """A complex matrix on amplitudes as one on (x₁, x₂, x₃, p₁, p₂, p₃)."""
    x, y = matrix.real, matrix.imag
    return np.concatenate(
        [np.concatenate([x, -y], axis=-1), np.concatenate([y, x], axis=-1)], axis=-2
    )


def _margin(V: np.ndarray) -> np.ndarray:
    """−ln 2ν of the first and the last of three modes, ordered (x₁, x₂, x₃, p₁, p₂, p₃).

    ν² = 2 det V/(Δ + √(Δ² − 4 det V)) with Δ = det α + det β − 2 det γ: no difference of large
    numbers (Vidal & Werner, PRA 65, 032314 (2002)).
    """
    pair = V[..., [[0], [3], [2], [5]], [0, 3, 2, 5]]
    det = np.linalg.det
    Delta = det(pair[..., :2, :2]) + det(pair[..., 2:, 2:]) - 2 * det(pair[..., :2, 2:])
    determinant = det(pair)
    root = np.sqrt(np.maximum(Delta**2 - 4 * determinant, 0.0))
    return -0.5 * np.log(8 * determinant / (Delta + root))


def _best(chain: _Chain, seed: int) -> np.ndarray:
    """Rates for the largest E_N: the best of many random starts, polished."""
    from scipy.optimize import minimize

    z = np.log(SMALLEST) * np.random.default_rng(seed).random((STARTS, 5))
    z[:, 0] /= -np.log(SMALLEST)
    z[:, 4] *= 2 * np.pi / np.log(SMALLEST)
    values = chain.margin(z)
    step = DIFFERENCE * np.concatenate([np.zeros((1, 5)), np.eye(5), -np.eye(5)])
    low, high = np.array([-9.0, -9, -9, -20, -7]), np.array([0.0, 0, 0, 0.5, 14])

    def negative(point: np.ndarray) -> tuple[float, np.ndarray]:
        around = np.clip(point + step, low, high)
        value = chain.margin(around)
        apart = (around[1:6] - around[6:]).diagonal()
        return -value[0], -(value[1:6] - value[6:]) / apart

    def polished(start: np.ndarray) -> Any:
        ends = {"bounds": np.stack([low, high], axis=1), "options": POLISHING}
        return minimize(negative, start, jac=True, method="L-BFGS-B", **ends)

    best, largest = z[0], -np.inf
    for start in z[np.argsort(-values)[:BEST]]:
        told = polished(start)
        for _ in range(AGAIN):  # from where it stopped, with a new estimate of the curvature
            told = polished(told.x)
        if -told.fun > largest:
            best, largest = told.x, -told.fun
    return chain.rates(best)


def _turn(steps: int, period: int) -> complex:
    """e^{2πi steps/whole}, exact at quarters of a turn."""
    quarters, eighths = divmod(4 * (steps % period), period)
    return 1j**quarters * complex(np.exp(0.5j * np.pi * eighths / period))


def _exchange(first: str, second: str, rate: Any) -> Any:
    """H = h b†a + h* a†b: what stands before b†a turns light on its way from a to b."""
    return hopping(second, first, rate)
