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
    final_purity,
    preparation,
    qubits,
)
from .model import detunings, network, order, steady_concurrences, steady_state

if TYPE_CHECKING:
    import xarray as xr

_WORDS = {
    "parallel": "C_ii",
    "crossed": "C_i,N+1−i",
    "block": "pairs in the block n",
    "pair": "pair i",
    "purity": "purity μ",
    "fidelity": "fidelity, consistent sign",
    "fidelity_printed": "fidelity, printed sign",
    "concurrence": "C_ii",
    "first": "C_11",
    "second": "C_22",
    "last": "C_NN",
    "N_ent": "pairs N_ent",
    "master_equation": "C_ii, master equation",
    "trajectories": "C_ii, trajectories",
    "error": "standard error",
}
NAMES = {name: (words, "1") for name, words in _WORDS.items()} | {
    "entropy": ("entropy S_n", "nat"),
    "largest": (r"$2n\ln 2$", "nat"),
    "time": ("time t", "1/γ"),
    "preparation_time": ("preparation time T_prep", "1/γ"),
    "sequential": ("one after the other", "1/γ"),
    "added": ("T_prep added by pair N", "1/γ"),
    "broadband": ("T_prep of broadband light", "1/γ"),
}


def two_pairs(detuning: float, squeezing: float = 1.0) -> dict[str, float]:
    """C_11 and C_12 of two crossed pairs, Eq. (10); the other two are the same by symmetry."""
    state = steady_state(squeezing=squeezing, detuning=detuning, permutation="reversed")
    places = {"parallel": "B1.q", "crossed": "B2.q"}
    return {x: float(qc.measures.concurrence(state, "A1.q", y)) for x, y in places.items()}


def block_by_block(detuning: float, pairs: int) -> dict[str, Any]:
    state = steady_state(pairs, 1.0, detuning, "reversed")
    return {"entropy": np.array([0.0, *block_entropies(state, pairs), 0.0])}


def counted(data: "xr.Dataset", name: str, dim: str, first: int) -> "xr.Dataset":
    """The dataset with whole numbers along what a measure returned as an array."""
    numbers = np.arange(first, first + data.sizes[f"{name}_dim0"])
    return data.rename({f"{name}_dim0": dim}).assign_coords({dim: numbers})


def with_largest(data: "xr.Dataset") -> "xr.Dataset":
    """2 ln 2 for every pair of the smaller side."""
    data = counted(data, "entropy", "block", 0)
    return data.assign(largest=2 * np.log(2) * np.minimum(data.block, data.block[::-1].values))


def relaxation(
    pairs: int = 5, detuning: float = 0.0, permutation: str = "parallel", points: int = 121
) -> "xr.Dataset":
    """Relaxation from all qubits in |0⟩: concurrences, purity, fidelity with Eq. (9), at r = 1.

    Up to a little beyond the preparation time, for the paper's five pairs.
    """
    # The purity, and with it T_prep, is that of the parallel pattern: see `engine`.
    ready = preparation(amplified(network(pairs, detuning=detuning), 1.0), pairs)
    settings: dict[str, Any] = {"detuning": detuning, "permutation": permutation}
    net, target = network(pairs, **settings), steady_state(pairs, **settings)
    upper, _ = detunings(pairs, detuning, permutation)
    letter = dark_state(1.0, upper, order(permutation, pairs), PRINTED)
    across = [(f"A{i}", f"B{pairs + 1 - i}") for i in range(1, pairs + 1)]
    observe = {
        "parallel": lambda state: diagonal(state, pairs),
        "crossed": lambda state: [qc.measures.concurrence(state, *x) for x in across],
        "purity": qc.measures.purity,
        "fidelity": lambda state: qc.measures.fidelity(state, target),
        "fidelity_printed": lambda state: qc.measures.fidelity(state, letter),
    }
    times = 1.15 * ready * np.linspace(0, 1, points) ** 1.5  # the start is the fastest part
    run = qc.evolve(qc.lindblad(net), None, times, observe)
    data = counted(run.to_dataset().rename(crossed_dim0="parallel_dim0"), "parallel", "pair", 1)
    data.attrs |= {"network": qc.to_toml(net), "pairs": pairs, **settings}
    return _in_time(data.assign(preparation_time=ready))


def multipartite(pairs: int = 5, points: int = 121) -> "xr.Dataset":
    """The same for the multipartite state of the reversed order with Δ = γ/5."""
    return relaxation(pairs, 0.2, "reversed", points)


def ready(pairs: float, detuning: float, folder: str | Path | None) -> dict[str, float]:
    """T_prep, the parallel order standing for all; a folder keeps checkpoints to go on from."""
    model = amplified(network(int(pairs), detuning=detuning), 1.0)
    kept = Path(folder) / f"pairs{pairs:g}-detuning{detuning:g}.npz" if folder else None
    return {"preparation_time": preparation(model, int(pairs), tolerance=1e-8, checkpoint=kept)}


def with_sequential(data: "xr.Dataset") -> "xr.Dataset":
    """N times the time of one pair, and what each further pair adds."""
    times = data.preparation_time
    first = times.isel(detuning=0) if "detuning" in times.dims else times
    return data.assign(
        sequential=first[0] / first.pairs[0] * first.pairs, added=times.diff("pairs")
    )


def light(pairs: int, photons: int, **parameters: Any) -> dict[str, Any]:
    """C_ii with an amplifier, and N_ent = C_11/(C_11 − C_22) of two pairs or more."""
    C = steady_concurrences(pairs, photons, **parameters)
    found = {"concurrence": np.array(C), "first": C[0], "last": C[-1]}
    return {**found, "N_ent": entangled_pairs(C)} if pairs > 1 else found


def finite_bandwidth(pairs: float, bandwidth: float, photons: int) -> dict[str, float]:
    model = amplified(network(int(pairs), bandwidth=bandwidth), 1.0, photons)
    final = final_purity(model)
    time = preparation(model, int(pairs), final, tolerance=1e-8, progress=False)
    return {"preparation_time": time, "purity": final}


def with_broadband(data: "xr.Dataset") -> "xr.Dataset":
    numbers = data.pairs.values.astype(int).tolist()
    times = [preparation(amplified(network(n), 1.0), n, progress=False) for n in numbers]
    return data.assign(broadband=("pairs", times))


def trajectories(pairs: int = 3, number: int = 400, points: int = 25) -> "xr.Dataset":
    """So many trajectories against the master equation: C_ii up to 40/γ, Δ = 0, r = 1."""
    import xarray as xr

    model, times = qc.lindblad(network(pairs)), np.linspace(0, 40, points)
    exact = qc.evolve(model, None, times, {"C": lambda state: diagonal(state, pairs)})
    reduced = {f"{i}": (lambda psi, i=i: psi.reduce(f"A{i}", f"B{i}")) for i in range(1, pairs + 1)}
    runs = qc.trajectories(model, times, reduced, number=number, seed=1)

    def concurrence(state: qc.DensityState) -> float:
        return float(qc.measures.concurrence(state, *state.modes))

    found = [runs.estimate(name, concurrence) for name in reduced]
    value, error = (np.stack([each[k] for each in found], axis=-1) for k in (0, 1))
    values = {"master_equation": exact.observed["C"], "trajectories": value, "error": error}
    data = xr.Dataset(
        {name: (("time", "pair"), x) for name, x in values.items()},
        {"time": times, "pair": np.arange(1, pairs + 1)},
        {"number": number, "seed": 1, "pairs": pairs, "network": qc.to_toml(network(pairs))},
    )
    return _in_time(data)


def _in_time(data: "xr.Dataset") -> "xr.Dataset":
    data = described(data, NAMES)
    data["time"].attrs["symbol"] = "t"
    return data


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

BANDWIDTHS = {"broadband": np.inf, "κ = 10 γ": 10.0, "κ_A = 5 γ, κ_B = 20 γ": (5.0, 20.0)}


def imperfect(
    squeezing: float, photons: int, amplifier: str, mismatch: bool = False, **case: Any
) -> dict[str, float]:
    """C_11, C_22, N_ent and purity of two pairs with an imperfection."""
    net = network(2, squeezing, bandwidth=BANDWIDTHS[amplifier], **case)
    if mismatch:  # δ_A,2 without its opposite δ_B,2
        net = qc.Network({**net.parts, "B2": qc.qubit(0.0, 1.0)}, net.wires)
    model = amplified(net, squeezing, photons)
    state = qubits(qc.steady_state(model, unique=False, progress=False))
    first, second = C = diagonal(state, 2)
    purity = float(qc.measures.purity(state))
    return {"first": first, "second": second, "N_ent": entangled_pairs(C), "purity": purity}
