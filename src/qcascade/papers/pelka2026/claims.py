"""What pelka2026 says, and the measures that decide it. Every number is computed when asked for."""

from functools import partial
from typing import Any

import numpy as np

import qcascade as qc

from ..statements import RANGE, SLIP, Numbers, Statement, largest, peak, rising, root
from ..taken import defaults
from .model import ENTANGLED, TABLE, network, optomechanical_network, point, reach, state, threshold

J, R = 0.5, 0.3  # the point (j, r) of the worked numbers
GAMMA, LENGTH = (defaults(TABLE)[name] for name in ("gamma", "length"))
READINGS = ("printed", "one-way")
GRID = 20  # points along either side of the map of Figs. 2 and 3
AXIS = np.linspace(0, 1, GRID + 1)[1:]
MAP = tuple(x.ravel() for x in np.meshgrid(AXIS, AXIS, indexing="ij"))


def _E_N(reading: str, *at: Any, node: int = 2, **more: Any) -> Any:
    return qc.log_negativity(state(*at, reading=reading, **more), "0", f"{node}")


def _edges_carry_one_way(reading: str) -> Numbers:
    """Rates of a_1 → a_2 and back from the drift, and what either repair of the weight gives."""
    A = qc.gaussian(network(reading=reading)).A.reshape(11, 2, 11, 2)
    ahead, behind = abs(A[2, 0, 1, 0]) / GAMMA, abs(A[1, 0, 2, 0]) / GAMMA
    # The baths alone: with c = w(a + a′) and J = w²γ/2 only w²γ counts, so that 1/√2 kept with
    # J = γ/4 is the chain without 1/√2 at half of γ.
    dropped, kept = (float(_E_N("one-way", J, R, gamma=x * GAMMA)) for x in (1.0, 0.5))
    return {"ahead": ahead, "behind": behind, "dropped": dropped, "kept": kept}


def _backward(reading: str) -> Numbers:
    at, over = (_E_N(reading, *x, "backward", node=9) for x in ((J, R), MAP))
    return {"at": float(at), "most": largest(over)}


def _forward(reading: str) -> Numbers:
    """E_N(0,2) at the worked point, over the map, and without hopping or squeezing."""
    table = _E_N(reading, *MAP).reshape(GRID, GRID)
    at, *without = (float(_E_N(reading, *x)) for x in ((J, R), (0.0, R), (J, 0.0)))
    known = table[~np.isnan(table)]
    share = float(np.mean(known > ENTANGLED)) if known.size else np.nan
    return {"at": at, "share": share, "points": known.size, "without": without, **_steps(table)}


def _steps(table: Any) -> dict[str, Any]:
    """How often values fall or rise with j and r between neighbours, of those that both exist."""
    found = {}
    for axis, name in enumerate("jr"):
        with np.errstate(invalid="ignore"):
            change = np.diff(table, axis=axis)
        # rounding neither rises nor falls
        found[f"falls_{name}"] = int(np.sum(change < -1e-12))
        found[f"rises_{name}"] = int(np.sum(change > 1e-12))
        found[f"pairs_{name}"] = int(np.sum(~np.isnan(change)))
    return found


def _symplectic_formula(reading: str) -> Numbers:
    """ν̃₋ by the formula in the text at hand: det of the 2×2 correlations, Δ where Δ² belongs."""
    steady = state(J, R, reading=reading)
    V = steady.reduce("0", "2").cov
    a, b, c = (np.linalg.det(x) for x in (V[:2, :2], V[2:, 2:], V[:2, 2:]))
    delta = a + b - 2 * c
    with np.errstate(invalid="ignore"):
        literal = np.sqrt(delta - np.sqrt(delta - 4 * c)) / np.sqrt(2)
    right = 0.5 * np.exp(-qc.measures.margin(steady, "0", "2"))
    return {"literal": float(literal), "right": float(right)}


def _mixed_vacuum(reading: str) -> Numbers:
    """E_N(0,1) with ν̃ of a covariance with vacuum 1, put into the criterion for vacuum ½."""
    margin = qc.measures.margin(state(*MAP, reading=reading), "0", "1")
    literal = -np.log(2 * qc.conventions.to_vacuum_one(0.5 * np.exp(-margin)))
    both = {"literal": literal, "right": margin}
    return {name: largest(np.maximum(0, x)) for name, x in both.items()}


def _channel_backward(reading: str) -> Numbers:
    behind, ahead = (point(J, R, way, reading=reading)["E_N"] for way in ("backward", "forward"))
    return {"neighbour": behind[-1], "rest": largest(behind[:-1]), "ahead": ahead[0]}


def _threshold_and_heat(reading: str) -> Numbers:
    """r_c(0.8) of cold and warm baths, from the growth rate of the drift."""

    def growth(squeezing: float, occupation: float) -> float:
        warm: dict[str, Any] = {"common_occupation": occupation, "local_occupation": occupation}
        return float(qc.growth(qc.gaussian(network(0.8, squeezing, reading=reading, **warm)).A))

    cold, warm = (root(lambda r, n=n: growth(r, n), 0.05, 2.0, 1e-12) for n in (0.0, 10.0))
    # What decides is the drift: the occupation of node 0 grows without bound towards r_c.
    near = [float(point(0.8, x * cold, reading=reading)["occupation"][0]) for x in (0.9, 0.999)]
    return {"cold": cold, "warm": warm, "near": near, "closed": float(threshold(0.8))}


def _last_entangled(reading: str) -> Numbers:
    """Occupation of the last node that is entangled with node 0, over the map."""
    found = point(*MAP, reading=reading)
    last = np.nan_to_num(found["reach"]).astype(int)[:, None]
    n = np.take_along_axis(found["occupation"], last, -1)[:, 0]
    table = np.where(found["reach"] > 0, n, np.nan).reshape(GRID, GRID)
    return {"most": largest(table), "row": table[-1], **_steps(table)}


def _reach(reading: str) -> Numbers:
    table = point(*MAP, reading=reading)["reach"].reshape(GRID, GRID)
    r = np.array([0.02, 0.1, 0.3])
    weak = point(np.ones(3), r, reading=reading)["reach"]
    return {"deepest": largest(table), "weak": weak, "at": r, **_steps(table)}


def _balance(reading: str) -> Numbers:
    """M_max and E_N(0,2) at the worked point over four decades of γ, with J = γ/2 throughout."""
    gamma = np.geomspace(0.05, 50, 241)
    E_N = point(J, R, gamma=gamma, reading=reading)["E_N"]
    depth, second = reach(E_N), E_N[:, 1]
    best, at = peak(second, gamma)
    found = {"peak": best, "peak_at": at, "ends": second[[0, -1]], "depth": depth}
    return found | {
        "deep": float(point(J, R, reading=reading)["reach"]),
        "deepest": float(depth.max()),
        "from": float(gamma[int(np.argmax(depth == depth.max()))]),
        "falls": int(np.sum(np.diff(depth) < 0)),
    }


def _mechanical_baths(reading: str) -> Numbers:
    """Forward E_N(0,2) and backward E_N(0,9): at the quoted γ_m/ω_m, or broadened."""
    dampings = (100 / 6e6,) if reading == "printed" else (100.0, 1000.0)

    def across(way: str, node: str) -> Any:
        nets = [optomechanical_network(J, R, way, mechanical_damping=x) for x in dampings]
        steady = [qc.steady_state(qc.gaussian(net)) for net in nets]
        return np.array([float(qc.log_negativity(x, "0", node)) for x in steady])

    ahead, behind = across("forward", "2"), across("backward", "9")
    return {"damping": dampings, "ahead": ahead, "behind": behind}


_within = partial(Statement, otherwise=RANGE)

STATEMENTS = (
    Statement(
        "With J = γ/2 and c_l = (a_l + a_{l+1})/√2 every edge is unidirectional",
        "below Eq. (1)",
        _edges_carry_one_way,
        lambda n: n["behind"] < 1e-12 < n["ahead"],
        "forward {ahead:.3f}γ, backward {behind:.3f}γ",
        "a bath of weight w, c = w(a + a′), is one-way iff J = w²γ/2; in the text at hand "
        "{printed[behind]:.2f}γ is left backward. Without 1/√2, E_N(0,2) = {printed[dropped]:.6f} "
        "at (0.5, 0.3); with 1/√2 and J = γ/4, {printed[kept]:.6f}: either repair is one-way",
    ),
    Statement(
        "Backward, E_N(0,9) is zero irrespective of squeezing and coupling",
        "Fig. 2",
        _backward,
        lambda n: n["most"] < ENTANGLED,
        "{at:.5f} at (0.5, 0.3), up to {most:.4f}",
        "follows from the edges: what travels backward in the text at hand brings up to "
        "{printed[most]:.4f}, a one-way edge nothing",
    ),
    Statement(
        "Forward, nonzero values of E_N(0,2) are enabled",
        "Fig. 2",
        _forward,
        lambda n: n["share"] > 0.5,
        "{at:.6f} at (0.5, 0.3), above zero at {share:.0%} of {points} steady points",
        "on a 20×20 grid over (0, 1]²; where hopping is weak and squeezing strong it is zero",
    ),
    Statement(
        "Both squeezing and coupling are required for entanglement",
        "Fig. 2",
        _forward,
        lambda n: max(n["without"]) < ENTANGLED < n["at"],
        "E_N(0,2) = {without:.1g} without coupling and without squeezing, {at:.4f} with both",
        "nothing else in the network squeezes, and nothing else couples node 0",
    ),
    _within(
        "Increasing both parameters results in a larger E_N(0,2)",
        "Fig. 2",
        _forward,
        lambda n: (n["falls_j"] + n["falls_r"] == 0) & (n["rises_j"] > 0),
        "falls with j at {falls_j} of {pairs_j} neighbours, with r at {falls_r} of {pairs_r}",
        "rises with j throughout; close to the threshold the noise of node 0 outgrows its "
        "correlations, and E_N(0,2) falls with r at {one-way[falls_r]} of {one-way[pairs_r]} steps",
        partly=lambda n: (n["falls_j"] == 0) & (n["rises_r"] > 9 * n["falls_r"]),
    ),
    Statement(
        "ν̃₋ = √(Δ − √(Δ − 4 det V^(km)))/√2",
        "above Eq. (3)",
        _symplectic_formula,
        lambda n: np.isclose(n["literal"], n["right"]),
        "formula gives {literal:.5f}, ν̃₋ = {right:.5f}",
        "the root needs Δ² and the determinant of the whole 4×4 covariance; single glyphs of "
        "the text at hand",
        quantum=False,
        otherwise=SLIP,
    ),
    Statement(
        "V = ⟨{R, R}⟩ (vacuum 1) goes with E_N = max(0, −ln 2ν̃)",
        "Eq. (3)",
        _mixed_vacuum,
        lambda n: n["literal"] > 0,
        "largest E_N(0,1) = {literal:.3g} literally, {right:.3g} with one vacuum throughout",
        "the criterion is the one for vacuum ½; taken literally nothing is entangled anywhere",
        quantum=False,
        otherwise=SLIP,
    ),
    _within(
        "Backward, the squeezed node and the channel are in a separable state",
        "Fig. 2",
        _channel_backward,
        lambda n: max(n["neighbour"], n["rest"]) < ENTANGLED,
        "E_N(0,10) = {neighbour:.5f}, others up to {rest:.5f}; forward E_N(0,1) = {ahead:.5f}",
        "node 10 is coupled to node 0 directly and as entangled as node 1 is forward "
        "({one-way[ahead]:.5f}); in the one-way reading the others stay vacuum",
        partly=lambda n: n["rest"] < ENTANGLED,
    ),
    Statement(
        "The temperature increase causes the instability",
        "Fig. 3(b)",
        _threshold_and_heat,
        lambda n: n["warm"] < n["cold"] - 1e-9,
        "r_c(0.8) = {cold:.6f}; with N = 10, {warm:.6f}",
        "stability depends on the drift alone, r_c = |iω + γ_o/2 + j²/(iω + (γ + γ_o)/2)| = "
        "{one-way[closed]:.6f} one-way; n̄_0 = {one-way[near]:.3g} at 0.9 r_c and 0.999 r_c: it "
        "diverges because the threshold nears",
        quantum=False,
    ),
    _within(
        "The occupation of the last entangled node rises with squeezing and with hopping",
        "Fig. 3(b)",
        _last_entangled,
        lambda n: (n["falls_j"] + n["falls_r"] == 0) & rising(n["row"]),
        "falls with r at {falls_r} of {pairs_r} neighbours, with j at {falls_j} of {pairs_j}; "
        "up to {most:.3g} quanta",
        "where a step of j makes M_max larger, the last entangled node is a further and cooler one",
        partly=lambda n: (n["falls_r"] == 0) & rising(n["row"]),
    ),
    Statement(
        "M_max increases with the coupling and decreases with the squeezing",
        "Fig. 3(a)",
        _reach,
        lambda n: (n["rises_r"] + n["falls_j"] == 0) & (n["falls_r"] > 0) & (n["rises_j"] > 0),
        "rises with r at {rises_r} of {pairs_r} neighbours, falls with j at {falls_j} of {pairs_j}",
        "counted on a 20×20 grid over (0, 1]²; it falls with r at {one-way[falls_r]} and rises "
        "with j at {one-way[rises_j]} of the steps",
    ),
    Statement(
        "For low squeezing and large hopping entanglement passes through the whole chain",
        "Fig. 3(a)",
        _reach,
        lambda n: n["weak"][0] == LENGTH,
        "M_max = {weak:.0f} at r = {at:g}, j = 1",
        "M_max is {one-way[weak]:.0f} at j = 1, r = {one-way[at]:g}: one more node takes about a "
        "tenth of the squeezing",
    ),
    _within(
        "γ/ω = 0.8 strikes a balance: less and more γ both hinder the propagation",
        "below Eq. (3)",
        _balance,
        lambda n: (n["deep"] == n["deepest"]) & (n["depth"][-1] < n["deep"]),
        "M_max = {deep:.0f} at γ = 0.8, {deepest:.0f} from γ = {from:.2g} on; E_N(0,2) peaks at "
        "γ = {peak_at:.2g} ({peak:.4f})",
        "M_max falls at {one-way[falls]} of 240 steps of γ at (0.5, 0.3); it is E_N(0,2) that has "
        "an optimum, at {one-way[peak_at]:.2g}ω, beyond which node 1 is damped too much",
        partly=lambda n: (n["ends"] < 0.5 * n["peak"]) & (n["peak"] > ENTANGLED),
    ),
    _within(
        "Mechanical modes with γ_m = 2π·100 Hz, ω_m = 2π·6 MHz can act as the reservoirs",
        "Optomechanical implementation",
        _mechanical_baths,
        lambda n: n["ahead"] > 100 * n["behind"],
        "E_N(0,2) forward {ahead:.6f}, E_N(0,9) backward {behind:.2g} at γ_m = {damping:.4g}ω",
        "a reservoir must be faster than the nodes: broadened to γ_m = {one-way[damping]:g}ω the "
        "same scheme is one-way",
    ),
)
"""What the paper states, in its order."""
