"""What pelka2026 says beside what comes out. Every number is computed when asked for."""

from collections.abc import Mapping
from typing import Any

import numpy as np

import qcascade as qc

from ...base.conventions import symplectic_form, to_vacuum_one
from .. import Claim
from .model import ENTANGLED, network, optomechanical_network, point, reach, state, threshold

J, R = 0.5, 0.3  # the point (j, r) of the worked numbers
READINGS = ("printed", "one-way")


def claims() -> list[Claim]:
    """The paper's claims, each as printed, in the one-way reading, and with a verdict.

    Verdicts speak of the statement as printed.
    """
    return [
        _backward_is_zero(),
        _forward_is_entangled(),
        _collective_modes_are_independent(),
        _printed_symplectic_formula(),
        _mixed_vacuum_units(),
        _channel_is_separable_backward(),
        _heat_makes_unstable(),
        _occupation_rises(),
        _reach_is_monotonic(),
        _whole_chain_at_weak_squeezing(),
        _rotating_frame(),
        _optomechanical_parameters(),
    ]


def _row(claim: str, source: str, found: Mapping[str, str], verdict: str, why: str) -> Claim:
    return Claim(claim, source, found["printed"], found["one-way"], verdict, why)


def _grid(points: int = 20) -> tuple[Any, Any]:
    axis = np.linspace(0, 1, points + 1)[1:]
    j, r = np.meshgrid(axis, axis, indexing="ij")
    return j.ravel(), r.ravel()


def _backward_is_zero() -> Claim:
    j, r = _grid()
    at, over = {}, {}
    for reading in READINGS:
        single = state(J, R, "backward", reading=reading)
        at[reading] = float(qc.log_negativity(single, "0", "9"))
        whole = state(j, r, "backward", reading=reading)
        over[reading] = float(np.nanmax(qc.log_negativity(whole, "0", "9")))
    return _row(
        "Backward, E_N(0,9) is zero whatever the squeezing and coupling",
        "Fig. 2",
        {x: f"{at[x]:.5f} at (0.5, 0.3), up to {over[x]:.4f}" for x in READINGS},
        _verdict(over["printed"] < ENTANGLED, over["one-way"] < ENTANGLED),
        "c = (a_l + a_{l+1})/√2 with J = γ/2 leaves a backward rate γ/4; one-way needs J = w²γ/2",
    )


def _forward_is_entangled() -> Claim:
    values = {x: float(point(J, R, reading=x)["E_N"][1]) for x in READINGS}
    return _row(
        "Forward, E_N(0,2) is above zero",
        "Fig. 2",
        {x: f"{values[x]:.6f} at (0.5, 0.3)" for x in READINGS},
        _verdict(values["printed"] > 0, values["one-way"] > 0),
        "both readings carry entanglement forward",
    )


def _collective_modes_are_independent() -> Claim:
    overlap = {x: _commutator(network(reading=x)) for x in READINGS}
    return _row(
        "The baths' collective modes c_l are bosonic modes, [c_l, c_m†] = δ_lm",
        "below Eq. (1)",
        {x: f"[c_1, c_2†] = {overlap[x]:.3g}" for x in READINGS},
        _verdict(overlap["printed"] == 0, overlap["one-way"] == 0),
        "neighbouring edges share a node, so their jumps do not commute; the dynamics needs no "
        "such thing",
    )


def _commutator(net: qc.Network) -> float:
    """[c_1, c_2†] from the coupling rows C of the two baths: L = √γ c, [L_1, L_2†] = C₁ iΩ C₂†."""
    model = qc.gaussian(net)
    first, second, own = (
        model.coupling[model.outputs.index(f"{name}.out")] for name in ("edge1", "edge2", "bath1")
    )
    omega = 1j * symplectic_form(len(model.modes))
    bosonic = (own @ omega @ own.conj()).real / 0.002  # [a, a†] = 1, from √γ_out a
    return float((first @ omega @ second.conj()).real / 0.8 / bosonic)


def _pair_covariance(reading: str) -> Any:
    return state(J, R, reading=reading).reduce("0", "2").cov


def _printed_symplectic_formula() -> Claim:
    printed, right = {}, {}
    for reading in READINGS:
        V = _pair_covariance(reading)
        printed[reading] = _literal_nu(V)
        right[reading] = 0.5 * np.exp(
            -float(qc.measures.margin(state(J, R, reading=reading), "0", "2"))
        )
    return _row(
        "ν̃₋ = √(Δ − √(Δ − 4 det V^(km)))/√2",
        "above Eq. (3)",
        {x: f"formula gives {_number(printed[x])}, ν̃₋ = {right[x]:.5f}" for x in READINGS},
        _verdict(np.isclose(printed["printed"], right["printed"]), False),
        "the root needs Δ² and the determinant of the whole 4×4 covariance",
    )


def _literal_nu(V: Any) -> float:
    """The printed formula, with det of the 2×2 correlation block and Δ where Δ² belongs."""
    a, b, c = V[:2, :2], V[2:, 2:], V[:2, 2:]
    delta = np.linalg.det(a) + np.linalg.det(b) - 2 * np.linalg.det(c)
    inner = delta - 4 * np.linalg.det(c)
    square = delta - np.sqrt(inner) if inner >= 0 else np.nan
    return float(np.sqrt(square / 2)) if square >= 0 else np.nan


def _mixed_vacuum_units() -> Claim:
    j, r = _grid()
    largest = {}
    for reading in READINGS:
        steady = state(j, r, reading=reading)
        # ν of a covariance with vacuum 1, put into the criterion for vacuum ½
        literal = to_vacuum_one(0.5 * np.exp(-qc.measures.margin(steady, "0", "1")))
        largest[reading] = float(np.nanmax(np.maximum(0, -np.log(2 * literal))))
    return _row(
        "V = ⟨{R, R}⟩ (vacuum 1) with ν̃ ≥ ½ and E_N = max(0, −ln 2ν̃)",
        "Eq. (3)",
        {x: f"largest E_N(0,1) = {largest[x]:.3g}" for x in READINGS},
        _verdict(largest["printed"] > 0, largest["one-way"] > 0),
        "the criterion is for vacuum ½: taken literally nothing is entangled anywhere",
    )


def _channel_is_separable_backward() -> Claim:
    found, ahead = {}, {}
    for reading in READINGS:
        found[reading] = float(point(J, R, "backward", reading=reading)["E_N"][-1])
        ahead[reading] = float(point(J, R, reading=reading)["E_N"][0])
    return _row(
        "Backward, the squeezed node and the channel are separable",
        "Fig. 2",
        {x: f"E_N(0,M) = {found[x]:.5f}, forward E_N(0,1) = {ahead[x]:.5f}" for x in READINGS},
        _verdict(found["printed"] == 0, found["one-way"] == 0),
        "node M itself is coupled to node 0 and as entangled as node 1 is forward; only the "
        "nodes behind it stay vacuum",
    )


def _heat_makes_unstable() -> Claim:
    found, moved = {}, {}
    for reading in READINGS:
        cold, warm = (_threshold_found(reading, occupation) for occupation in (0.0, 10.0))
        found[reading] = f"r_c(0.8) = {cold:.6f}; with N = 10, {warm:.6f}"
        moved[reading] = warm < cold - 1e-9
    found["one-way"] += f"; closed form {float(threshold(0.8)):.6f}"
    return _row(
        "The rising temperature makes the system unstable",
        "Fig. 3(b)",
        found,
        _verdict(moved["printed"], moved["one-way"]),
        "stability depends on the drift alone; the occupation diverges because the threshold "
        "nears, not the other way round",
    )


def _threshold_found(reading: str, occupation: float) -> float:
    from scipy.optimize import brentq

    def growth(squeezing: float) -> float:
        warm: dict[str, Any] = {"common_occupation": occupation, "local_occupation": occupation}
        return float(qc.growth(qc.gaussian(network(0.8, squeezing, reading=reading, **warm)).A))

    root: Any = brentq(growth, 0.05, 2.0, xtol=1e-12)
    return float(root)


def _occupation_rises() -> Claim:
    r = np.linspace(0.01, 0.5, 50)
    rows = {x: point(np.ones(50), r, reading=x)["occupation"][:, 0] for x in READINGS}
    return _row(
        "The occupation rises with squeezing until the system becomes unstable",
        "Fig. 3(b)",
        {x: f"{_ends_of(r, rows[x])} at j = 1" for x in READINGS},
        _verdict(_rising(rows["printed"]), _rising(rows["one-way"])),
        "n̄_0 grows without bound as r nears the threshold (r_c = 0.373 at j = 1, one-way)",
    )


def _ends_of(r: Any, n: Any) -> str:
    """The occupation where stability begins and ends, of the points looked at."""
    stable = np.flatnonzero(~np.isnan(n))
    ends = (f"{_number(n[k])} at r = {r[k]:.2f}" for k in stable[[0, -1]])
    return " to ".join(ends) if len(stable) else "none"


def _rising(values: Any) -> bool:
    """Whether values rise while there are any: two at least, and none after the first gap."""
    known = values[~np.isnan(values)]
    ends = bool(np.all(np.isnan(values[len(known) :])))
    return len(known) > 1 and ends and bool(np.all(np.diff(known) > 0))


def _reach_table(reading: str, frequency: float = 1.0) -> Any:
    """M_max on the grid (j, r), NaN where unstable."""
    j, r = _grid()
    steady = state(j, r, reading=reading, frequency=frequency)
    values = np.stack([qc.log_negativity(steady, "0", f"{k}") for k in range(1, 11)], axis=-1)
    return reach(values).reshape(20, 20)


def _violations(table: Any) -> tuple[int, int]:
    """How often M_max rises with r, and falls with j, between neighbours on the grid."""
    with np.errstate(invalid="ignore"):
        return int(np.sum(np.diff(table, axis=1) > 0)), int(np.sum(np.diff(table, axis=0) < 0))


def _reach_is_monotonic() -> Claim:
    counts = {x: _violations(_reach_table(x)) for x in READINGS}
    return _row(
        "M_max rises with the coupling and falls with the squeezing",
        "Fig. 3(a)",
        {x: f"{counts[x][0]} rises with r, {counts[x][1]} falls with j" for x in READINGS},
        _verdict(sum(counts["printed"]) == 0, sum(counts["one-way"]) == 0),
        "counted between neighbours of a 20×20 grid over (0, 1]²",
    )


def _whole_chain_at_weak_squeezing() -> Claim:
    r = np.array([0.02, 0.1, 0.3])
    depth = {x: point(np.ones(3), r, reading=x)["reach"] for x in READINGS}
    return _row(
        "For weak squeezing and strong coupling entanglement passes the whole chain",
        "Fig. 3(a)",
        {
            x: "M_max = "
            + ", ".join(_number(k) for k in depth[x])
            + " at j = 1, r = 0.02, 0.1, 0.3"
            for x in READINGS
        },
        _verdict(depth["printed"][0] == 10, depth["one-way"][0] == 10),
        "M_max = 10 needs r ≲ 0.02 at j = 1",
    )


def _rotating_frame() -> Claim:
    counts = {x: _violations(_reach_table(x, frequency=0.0)) for x in READINGS}
    stable = {x: int(np.sum(~np.isnan(_reach_table(x, frequency=0.0)))) for x in READINGS}
    return _row(
        "ω drops out in the frame of the nodes (a resonant pump)",
        "a reading of Eq. (1)",
        {x: f"{counts[x][1]} falls with j; {stable[x]} of 400 points stable" for x in READINGS},
        _verdict(sum(counts["printed"]) == 0, sum(counts["one-way"]) == 0),
        "with ω = 0 M_max is not monotonic in j and hopping stabilises, unlike Fig. 3: ω = 1 "
        "must be kept (a detuned pump)",
    )


def _optomechanical_parameters() -> Claim:
    def both(damping: float) -> tuple[float, float]:
        ahead, behind = (
            qc.steady_state(
                qc.gaussian(optomechanical_network(direction=way, mechanical_damping=damping))
            )
            for way in ("forward", "backward")
        )
        forward = float(qc.log_negativity(ahead, "0", "2"))
        return forward, float(qc.log_negativity(behind, "0", "9"))

    found = {damping: both(damping) for damping in (100 / 6e6, 100.0, 1000.0)}
    told = [f"{f:.6f} / {b:.2g} at γ_m = {rate:.3g}ω" for rate, (f, b) in found.items()]
    forward, backward = found[100 / 6e6]
    return _row(
        "Mechanical modes with γ_m = 2π·100 Hz, ω_m = 2π·6 MHz realise the baths",
        "Optomechanical implementation",
        {
            "printed": f"E_N(0,2) forward / E_N(0,9) backward: {told[0]}",
            "one-way": "; ".join(told[1:]),
        },
        _verdict(forward > 100 * backward, False),
        "a bath must be faster than the nodes; γ_m ≪ ω gives no one-way edge unless the "
        "mechanics is broadened",
    )


def _verdict(printed: bool, consistent: bool) -> str:
    """About the statement as printed; "in part" when only the one-way reading bears it out."""
    return "holds" if printed else "holds in part" if consistent else "fails"


def _number(value: float) -> str:
    return "none" if np.isnan(value) else f"{value:.4g}"
