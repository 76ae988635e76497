"""What the figures of agusti2023 show: measures of one point, and data that no grid gives."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import qcascade as qc

from ...master_equation.dark_states import dark_state
from ..data import described
from .claims import PRINTED
from .engine import (
    amplified,
    block_entropies,
    diagonal,
    entangled_pairs,
    mixed_preparation,
    preparation,
    qubits,
)
from .model import detunings, network, order, steady_concurrences, steady_state

if TYPE_CHECKING:
    import xarray as xr

TIME = "1/γ"
NAMES = {
    "parallel": ("C_ii", "1"),
    "crossed": ("C_i,N+1−i", "1"),
    "entropy": ("entropy S_n", "nat"),
    "largest": ("2n ln 2", "nat"),
    "block": ("pairs in the block, n", "1"),
    "time": ("time t", TIME),
    "pair": ("pair i", "1"),
    "purity": ("purity μ", "1"),
    "fidelity": ("fidelity, consistent sign", "1"),
    "fidelity_printed": ("fidelity, printed sign", "1"),
    "preparation_time": ("preparation time T_prep", TIME),
    "sequential": ("one after the other", TIME),
    "added": ("T_prep(N) − T_prep(N − 1)", TIME),
    "broadband": ("T_prep of broadband light", TIME),
    "concurrence": ("concurrence", "1"),
    "first": ("C₁₁", "1"),
    "second": ("C₂₂", "1"),
    "last": ("C_NN", "1"),
    "N_ent": ("pairs N_ent", "1"),
    "master_equation": ("C_ii, master equation", "1"),
    "trajectories": ("C_ii, trajectories", "1"),
    "error": ("standard error", "1"),
}
# ---- 2: closed forms ----


def two_pairs(detuning: float, squeezing: float = 1.0) -> dict[str, float]:
    """C_11 and C_12 of two crossed pairs, Eq. (10); the other two are the same by symmetry."""
    state = steady_state(squeezing=squeezing, detuning=detuning, permutation="reversed")
    return {
        "parallel": float(qc.measures.concurrence(state, "A1.q", "B1.q")),
        "crossed": float(qc.measures.concurrence(state, "A1.q", "B2.q")),
    }


def block_by_block(detuning: float, pairs: int) -> dict[str, Any]:
    state = steady_state(pairs, 1.0, detuning, "reversed")
    return {"entropy": np.array([0.0, *block_entropies(state, pairs), 0.0])}


def with_largest(data: "xr.Dataset") -> "xr.Dataset":
    """2 ln 2 for every pair of the smaller side."""
    n = np.arange(data.sizes["entropy_dim0"])
    data = data.rename(entropy_dim0="block").assign_coords(block=n)
    return data.assign(largest=("block", 2 * np.log(2) * np.minimum(n, n[-1] - n)))


def crossed_network() -> qc.Network:
    return network(permutation="reversed")


# ---- 3: relaxation into the broadband steady state, all from |0…0⟩ ----


def relaxation(
    pairs: int = 4, detuning: float = 0.0, permutation: str = "parallel", points: int = 121
) -> "xr.Dataset":
    """Relaxation from all qubits in |0⟩: concurrences, purity, fidelity with Eq. (9), at r = 1.

    Args:
        pairs: N; the paper's five take a minute.
        detuning: Δ.
        permutation: P.
        points: times, up to a little beyond the preparation time.
    """
    import xarray as xr

    # The purity, and with it T_prep, is that of the parallel pattern: see `engine`.
    ready = preparation(amplified(network(pairs, detuning=detuning), 1.0), pairs)
    net = network(pairs, detuning=detuning, permutation=permutation)
    target = steady_state(pairs, detuning=detuning, permutation=permutation)
    upper, _ = detunings(pairs, detuning, permutation)
    letter = dark_state(1.0, upper, order(permutation, pairs), PRINTED)
    observe = {
        "parallel": lambda state: diagonal(state, pairs),
        "crossed": lambda state: [
            qc.measures.concurrence(state, f"A{i}", f"B{pairs + 1 - i}")
            for i in range(1, pairs + 1)
        ],
        "purity": qc.measures.purity,
        "fidelity": lambda state: qc.measures.fidelity(state, target),
        "fidelity_printed": lambda state: qc.measures.fidelity(state, letter),
    }
    run = qc.evolve(qc.lindblad(net), None, np.linspace(0, 1.15 * ready, points), observe)
    data = run.to_dataset().rename(parallel_dim0="pair", crossed_dim0="pair")
    data = data.assign_coords(pair=np.arange(1, pairs + 1))
    data["preparation_time"] = xr.DataArray(ready)
    settings = {"pairs": pairs, "detuning": detuning, "permutation": permutation}
    data.attrs |= {"network": qc.to_toml(net), **settings}
    return described(data, NAMES)


def multipartite(pairs: int = 4, points: int = 121) -> "xr.Dataset":
    """The same for the multipartite state of the reversed order with Δ = γ/5.

    Args:
        pairs: N; the paper's five take minutes.
        points: times.
    """
    return relaxation(pairs, 0.2, "reversed", points)


def ready(pairs: float, detuning: float, folder: str | Path | None) -> dict[str, float]:
    """T_prep, the parallel order standing for all; a folder keeps checkpoints to go on from."""
    model = amplified(network(int(pairs), detuning=detuning), 1.0)
    kept = Path(folder) / f"pairs{pairs:g}-detuning{detuning:g}.npz" if folder else None
    return {"preparation_time": preparation(model, int(pairs), tolerance=1e-8, checkpoint=kept)}


def with_sequential(data: "xr.Dataset") -> "xr.Dataset":
    """N times the time of one pair."""
    times = data.preparation_time
    first = times.isel(detuning=0) if "detuning" in times.dims else times
    return data.assign(sequential=first[0] / first.pairs[0] * first.pairs)


def with_added(data: "xr.Dataset") -> "xr.Dataset":
    return with_sequential(data.assign(added=data.preparation_time.diff("pairs")))


# ---- 4 and our own: finite bandwidth ----


def chain(bandwidth: float, pairs: int, photons: int) -> dict[str, Any]:
    return {"concurrence": np.array(steady_concurrences(pairs, photons, bandwidth=bandwidth))}


def with_pairs(data: "xr.Dataset") -> "xr.Dataset":
    pairs = np.arange(1, data.sizes["concurrence_dim0"] + 1)
    return data.rename(concurrence_dim0="pair").assign_coords(pair=pairs)


def extrapolated(dephasing: float, bandwidth: float, photons: int) -> dict[str, float]:
    """N_ent = C_11/(C_11 − C_22) from two pairs."""
    noise = {"bandwidth": bandwidth, "dephasing": dephasing}
    first, second = steady_concurrences(2, photons, **noise)
    return {"first": first, "second": second, "N_ent": entangled_pairs((first, second))}


def one_pair(bandwidth: float, detuning: float, photons: int) -> dict[str, float]:
    """C_11 of one pair over its detuning δ_A,1 = −δ_B,1 = Δ."""
    found = steady_concurrences(1, photons, bandwidth=bandwidth, offset=detuning)
    return {"concurrence": found[0]}


def last_pair(detuning: float, pairs: int, photons: int) -> dict[str, float]:
    noise = {"bandwidth": 10.0, "dephasing": 0.01}
    found = steady_concurrences(pairs, photons, **noise, detuning=detuning)
    return {"first": found[0], "last": found[-1]}


def finite_bandwidth(pairs: float, bandwidth: float, photons: int) -> dict[str, float]:
    model = amplified(network(int(pairs), bandwidth=bandwidth), 1.0, photons)
    time, final = mixed_preparation(model, int(pairs), tolerance=1e-8, progress=False)
    return {"preparation_time": time, "purity": final}


def with_broadband(data: "xr.Dataset") -> "xr.Dataset":
    times = [
        preparation(amplified(network(n), 1.0), n, progress=False)
        for n in data.pairs.values.astype(int).tolist()
    ]
    return data.assign(broadband=("pairs", times))


def trajectories(pairs: int = 3, number: int = 400, points: int = 25) -> "xr.Dataset":
    """Quantum trajectories against the master equation: C_ii in time, Δ = 0, r = 1.

    Args:
        pairs: N.
        number: trajectories.
        points: times up to 40/γ.
    """
    import xarray as xr

    model = qc.lindblad(network(pairs))
    times = np.linspace(0, 40, points)[1:]
    exact = qc.evolve(model, None, times, {"C": lambda state: diagonal(state, pairs)})
    reduced = {f"{i}": (lambda psi, i=i: psi.reduce(f"A{i}", f"B{i}")) for i in range(1, pairs + 1)}
    runs = qc.trajectories(model, times, reduced, number=number, seed=1)

    def concurrence(state: qc.DensityState) -> float:
        a, b = state.modes
        return float(qc.measures.concurrence(state, a, b))

    found = [runs.estimate(name, concurrence) for name in reduced]
    value, error = (np.stack([each[k] for each in found], axis=-1) for k in (0, 1))
    values = {"master_equation": exact.observed["C"], "trajectories": value, "error": error}
    data = xr.Dataset(
        {name: (("time", "pair"), x) for name, x in values.items()},
        {"time": times, "pair": np.arange(1, pairs + 1)},
        {"number": number, "seed": 1, "pairs": pairs, "network": qc.to_toml(network(pairs))},
    )
    return described(data, NAMES)


CASES: dict[str, dict[str, Any]] = {
    "ideal": {},
    "1 % loss between neighbours": {"transmission": 0.99},
    "5 % loss between neighbours": {"transmission": 0.95},
    "20 % loss between neighbours": {"transmission": 0.8},
    "couplings of A 5 % up, of B 5 % down": {"decay_a": 1.05, "decay_b": 0.95},
    "couplings of A 20 % up, of B 20 % down": {"decay_a": 1.2, "decay_b": 0.8},
    "couplings scattered by 10 %": {"decay_a": (1.1, 0.9), "decay_b": (0.9, 1.1)},
    "dephasing 0.01 γ": {"dephasing": 0.01},
    "second pair mismatched by 0.1 γ": {"detuning": 0.1, "mismatch": True},
}
"""Changes to two pairs with κ = 10γ or broadband light, r = 1, by what they are."""

BANDWIDTHS: dict[str, Any] = {
    "broadband": np.inf,
    "κ = 10 γ": 10.0,
    "κ_A = 5 γ, κ_B = 20 γ": (5.0, 20.0),
}


def imperfections(
    photons: int = 8, amplifiers: tuple[str, ...] = tuple(BANDWIDTHS)
) -> "xr.Dataset":
    """C_11, C_22, N_ent and purity for every imperfection and amplifier.

    Args:
        photons: most photons in the amplifier.
        amplifiers: which of `BANDWIDTHS`.
    """
    import xarray as xr

    table = np.array(
        [
            [_imperfect(BANDWIDTHS[name], photons, **case) for name in amplifiers]
            for case in CASES.values()
        ]
    )
    names = ("first", "second", "N_ent", "purity")
    data = xr.Dataset(
        {name: (("imperfection", "amplifier"), table[..., k]) for k, name in enumerate(names)},
        {"imperfection": list(CASES), "amplifier": list(amplifiers)},
        {"pairs": 2, "squeezing": 1.0, "photons": photons, "network": qc.to_toml(network())},
    )
    return described(data, NAMES)


def _imperfect(
    bandwidth: Any, photons: int, mismatch: bool = False, **case: Any
) -> tuple[float, float, float, float]:
    net = network(2, 1.0, bandwidth=bandwidth, **case)
    if mismatch:  # δ_A,2 without its opposite δ_B,2
        net = qc.Network({**net.parts, "B2": qc.qubit(0.0, 1.0)}, net.wires)
    state = qubits(qc.steady_state(amplified(net, 1.0, photons), unique=False, progress=False))
    first, second = diagonal(state, 2)
    return first, second, entangled_pairs((first, second)), float(qc.measures.purity(state))
