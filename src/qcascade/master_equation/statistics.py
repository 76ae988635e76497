"""Photon statistics of an output of a master equation, by quantum regression.

An output sends b_out = Σ_j S_j (b_j + J_j) with the open inputs' fields b_j and the operators J_j
that they meet, so that L = Σ_j S_j J_j, lasers included. Where nothing but the vacuum passes to
it, with α = ⟨L⟩ and δL = L − α,

    ⟨b†(0) b(τ)⟩ = |α|² + Tr[δL e^{ℒτ}(ρ δL†)],
    ⟨b†(0) b†(τ) b(τ) b(0)⟩ = Tr[L†L e^{ℒτ}(LρL†)]

for τ ≥ 0 (C. W. Gardiner and P. Zoller, Quantum Noise, ch. 5; H. J. Carmichael, Statistical Methods
in Quantum Optics 1, ch. 1 and 8). A field with ⟨b_j†b_j⟩ = N_j δ and ⟨b_j b_k⟩ = m_jk δ that passes
beats with what it has driven, and ρ δL† becomes (dB† = b†dt acts on ρ from the right)

    ρ δL† + Σ_j S_j* (N_j [ρ, J_j†] + m_jk* [J_k, ρ]),

besides the white spectrum Σ|S_j|²N_j.
"""

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, ConvergenceError
from ..hilbert.batches import check_single
from ..hilbert.charges import collected
from ..hilbert.cutoffs import REFUSED, cut_off
from ..hilbert.rounding import ROUNDING
from ..hilbert.space import charges_raised
from ..hilbert.states import DensityState
from ..linear.ports import output_row
from ..linear.statistics import Flux, dark, infinite, unknown
from ..slh.ladder import Ladder
from ..slh.network import Network
from .coherences import Coherences, Turning
from .ports import Ports, ports_of

if TYPE_CHECKING:
    from .model import LindbladModel

_NOTHING = 1e-13  # of what is summed, that cannot be told from zero
UNKNOWN, DIRECT = 1e-11, 1e-30
"""Error of a state of which nothing else is known, and of one that was solved in 32 digits."""

Charge = tuple[int, ...]


class _Field(NamedTuple):
    """An output's α, δL by the charge it adds, L whole and ρ, sparse (D, D); the error of ρ."""

    row: int
    amplitude: complex
    parts: Mapping[Charge, Any]
    operator: Any
    rho: Any
    photons: float
    error: float


def output(model: "LindbladModel", port: str) -> int:
    """The position of an open output.

    Args:
        model: the master equation of a network.
        port: its name.

    Raises:
        ArgumentError: for a model without ports, or any other name.
    """
    return output_row(_ports(model), "port", port) // 2


def flux(model: "LindbladModel", state: DensityState, port: str) -> Flux:
    """Amplitude and photon flux of an output.

    Args:
        model: the master equation of a network.
        state: its steady state.
        port: name of an open output.

    Raises:
        ArgumentError: for an unknown port, or an infinite flux.
        ConvergenceError: where the cutoffs hold too little.
    """
    field = _field(model, state, port)
    return Flux(field.amplitude, _photons(model, field, port), field.photons)


def g1(model: "LindbladModel", state: DensityState, port: str, delays: Any) -> Any:
    """g1(τ) of an output; arguments as `flux`, and the delays."""
    field, turning, times = _field(model, state, port), Turning(model), delays.ravel()
    total = _photons(model, field, port)
    if total == 0:
        raise dark(port)
    values = np.full(len(times), abs(field.amplitude) ** 2, complex)
    for charge, part in field.parts.items():
        block = Coherences(turning, _opposite(charge))
        x = block.pack(field.rho @ part.conj().T)
        values += block.evolved(x, block.pack(part.T), times)
    values[times == 0] = total
    return values.reshape(delays.shape) / total


def g2(model: "LindbladModel", state: DensityState, port: str, delays: Any) -> Any:
    """g2(τ) of an output; arguments as `flux`, and the delays."""
    field, turning, times = _field(model, state, port), Turning(model), delays.ravel()
    total = _photons(model, field, port)
    if total == 0:
        raise dark(port)
    L, rho = field.operator, field.rho
    _check_certain(port, field, L @ L, total**2)
    after, seen = (L @ rho @ L.conj().T).tocsr(), (L.conj().T @ L).T.tocsr()
    values = np.full(len(times), total**2)
    # X of d and of −d are each other's adjoints: one of both, counted twice.
    for difference in sorted({_between(*pair) for pair in product(_charges(field), repeat=2)}):
        if difference < _opposite(difference):
            continue
        block, moving = Coherences(turning, difference), any(difference)
        x = block.pack(after if moving else after - total * rho)
        part = np.real(block.evolved(x, block.pack(seen), times))
        values += 2 * part if moving else part
    values[times == 0] = _squared(L @ L, rho)  # no light is less than none
    return values.reshape(delays.shape) / total**2


def emission_spectrum(
    model: "LindbladModel", state: DensityState, port: str, frequency: Any
) -> Any:
    """The incoherent spectrum of an output; arguments as `flux`, and the frequencies."""
    field, turning = _field(model, state, port), Turning(model)
    omega = np.asarray(frequency)
    x0, white = _with_passing_noise(model, field)
    values = np.full(omega.size, white)
    for charge, part in field.parts.items():
        block = Coherences(turning, _opposite(charge))
        x = block.pack(field.rho @ part.conj().T + x0)
        values += 2 * np.real(block.resolved(x, block.pack(part.T), omega.ravel()))
    return values.reshape(omega.shape)[()]


def _field(model: "LindbladModel", state: DensityState, port: str) -> _Field:
    from scipy.sparse import block_diag, eye_array

    ports, row = _ports(model), output(model, port)
    if ports.L is None:
        raise unknown()
    _check_cutoffs(model, state)
    space = model.space
    rho = block_diag(state.blocks, format="csr")
    groups = _by_charge(space, ports.L[row])
    parts = {charge: space.represented_matrix(words) for charge, words in groups.items()}
    neutral = (0,) * len(space.charges)
    one = eye_array(space.dimension, format="csr")
    operator = sum(parts.values(), 0 * one)
    amplitude, least = 0j, 0.0
    if neutral in parts:
        terms = parts[neutral].multiply(rho.T)
        amplitude, least = complex(terms.sum()), float(abs(terms).sum())
        amplitude = amplitude if abs(amplitude) > _NOTHING * least else 0j
        parts[neutral] = (parts[neutral] - amplitude * one).tocsr()
    # Each charge by itself: what differs in charge has no overlap.
    photons = sum(_squared(part, rho) for part in parts.values())
    nothing = _NOTHING * _squared(operator, rho)
    if abs(amplitude) ** 2 + photons <= DIRECT * _weight(operator):  # what no state knows
        amplitude, photons = 0j, 0.0
    photons = photons if photons > nothing else 0.0
    return _Field(row, amplitude, parts, operator.tocsr(), rho, photons, _error(state))


def _photons(model: "LindbladModel", field: _Field, port: str) -> float:
    """The photon flux, where it is finite and certain."""
    ports = _ports(model)
    for j, S in enumerate(ports.S[field.row]):
        if abs(S) > ROUNDING and ports.photons[j] > 0:
            raise infinite(port, ports.inputs[j])
    total = abs(field.amplitude) ** 2 + field.photons
    _check_certain(port, field, field.operator, total)
    return total


def _error(state: DensityState) -> float:
    """Estimated error of a state, elements that are nearly zero above all."""
    told = float(state.info.get("estimated_error", UNKNOWN))
    return told if state.info.get("iterations", 1) else DIRECT


def _weight(X: Any) -> float:
    """⟨X†X⟩ of a state that is spread over all that X acts on."""
    weights = np.real(X.conj().multiply(X).sum(axis=0))
    return float(weights.sum() / max(np.count_nonzero(weights), 1))


def _check_certain(port: str, field: _Field, X: Any, size: float) -> None:
    """Refuse ⟨X†X⟩ of a faint field, which the error of the state decides: beside `size`."""
    off = field.error * _weight(X)
    if off > REFUSED * size > 0:
        raise ConvergenceError(
            f"The photon statistics of {port} are not certain: the state has an error of "
            f"{field.error:.1g}, of which light as faint as this is made; "
            "lower `cutoffs` (small models are solved directly), or take more light."
        )


def _squared(X: Any, rho: Any) -> float:
    """Tr XρX† = ⟨X†X⟩."""
    return complex(X.conj().multiply(X @ rho).sum()).real


def _by_charge(space: Any, L: Ladder) -> dict[Charge, Ladder]:
    """The words of an operator by what they add to the charges, in the basis of the space."""
    terms = collected(space.represented(L))
    size = max((abs(c) for word, c in terms.items() if word), default=0.0)
    groups: dict[Charge, dict] = {}
    for word, c in terms.items():
        if word and abs(c) <= ROUNDING * size:
            continue  # what the elimination of wires leaves of zero
        groups.setdefault(tuple(charges_raised(space, word).tolist()), {})[word] = c
    return {charge: Ladder(words) for charge, words in groups.items()}


def _with_passing_noise(model: "LindbladModel", field: _Field) -> tuple[Any, float]:
    """What passing noise adds to ρδL†, and its white spectrum."""
    ports, rho = _ports(model), field.rho
    added, white = 0 * rho, 0.0
    partners = {j: (k, m) for (j, k), m in ports.anomalous.items()}
    partners |= {k: (j, m) for (j, k), m in ports.anomalous.items()}
    for j, S in enumerate(ports.S[field.row]):
        if abs(S) <= ROUNDING or not ports.photons[j] > 0:
            continue
        white += abs(S) ** 2 * ports.photons[j]
        J = model.space.matrix(ports.seen[j]).conj().T
        added = added + np.conj(S) * ports.photons[j] * (rho @ J - J @ rho)
        if j in partners:
            k, m = partners[j]
            J = model.space.matrix(ports.seen[k])
            added = added + np.conj(S * m) * (J @ rho - rho @ J)
    return added, float(white)


def _check_cutoffs(model: "LindbladModel", state: DensityState) -> None:
    """Refuse where much of an oscillator's light stands where its cutoff cuts something off."""
    space = model.space
    population = np.concatenate([np.real(np.diagonal(block)) for block in state.blocks])
    for name, edge in cut_off(space, model.H, model.jumps).items():
        inside = [space.modes.index(mode) for mode in name.split(", ")]
        quanta = population * space.quanta[:, inside].sum(axis=1)
        share = float(quanta[edge].sum() / max(quanta.sum(), np.finfo(float).tiny))
        # What is no more than rounding is no light, at the cutoff or elsewhere.
        if share > REFUSED and quanta.sum() > _NOTHING:
            raise ConvergenceError(
                f"The photon statistics are not certain: {share:.2g} of the quanta in {name} stand "
                f"at its cutoff (at most {REFUSED:g} may); raise `cutoffs[{name}]`."
            )


def _ports(model: "LindbladModel") -> Ports:
    check_single("model", model, "model")
    net = model.network
    if net is None:
        raise ArgumentError("Argument `model` must come from a network to have ports.")
    return ports_of(net.component, net.wires) if isinstance(net, Network) else ports_of(net, ())


def _charges(field: _Field) -> list[Charge]:
    return list(field.parts)


def _between(one: Charge, other: Charge) -> Charge:
    return tuple(a - b for a, b in zip(one, other, strict=True))


def _opposite(charge: Charge) -> Charge:
    return tuple(-q for q in charge)
