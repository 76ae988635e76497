"""What agusti2023 says of its steady states, and the measures that decide it.

`printed` takes the letter: tan θ of Eq. (7) with the sign in the text at hand, "×" in Eq. (11).
`consistent` takes the sign for which Eq. (9) is dark, and "+". The other sign gives the complex
conjugate of the right state: it is the steady state for −δ, with the same entanglement.
"""

from functools import partial
from itertools import combinations, permutations

import numpy as np

import qcascade as qc

from ...master_equation.dark_states import as_array, dark_state, darkness
from ..statements import SLIP, Numbers, Statement, rising
from .engine import block_entropies, concurrences, diagonal
from .master_equation import broadband_spectrum, link_equation, wired_equation
from .model import detunings, network, order, steady_state

PRINTED, RIGHT = 1.0, -1.0  # signs of tan θ
SIGNS = {"printed": PRINTED, "consistent": RIGHT}
ZERO = 1e-12  # residuals below this are rounding
LN2 = float(np.log(2))
R = np.array([0.5, 1.0, 1.5, 2.0])
RAIL = [f"A{i}.q" for i in range(1, 5)]
entropy = qc.measures.von_neumann_entropy


def _with_sign(sign: float, pairs: int, detuning: float, permutation: str) -> qc.PureState:
    upper, _ = detunings(pairs, detuning, permutation)
    return dark_state(1.0, upper, order(permutation, pairs), sign)


def _one_pair(_: str) -> Numbers:
    """Residuals of Φ⁺ at δ = 0, at δ_A = −δ_B = 2γ, and where δ_A + δ_B = γ/2."""
    model = qc.lindblad(network(pairs=1))
    state = steady_state(pairs=1)
    excited = {mode: qc.lower(mode).dag * qc.lower(mode) for mode in state.modes}
    opposite = 2.0 * excited["A1.q"] - 2.0 * excited["B1.q"]
    resonant, detuned, unmatched = (
        darkness(state, (model.H + extra, *model.jumps))
        for extra in (0.0, opposite, 0.5 * excited["B1.q"])
    )
    return {"resonant": resonant, "detuned": detuned, "unmatched": unmatched}


def _exchanged(reading: str) -> Numbers:
    """max(‖Hψ‖, ‖J_Aψ‖, ‖J_Bψ‖) with the H and jumps of the network, over all orders."""
    worst = 0.0
    for word in (",".join(map(str, p)) for p in permutations(range(1, 5))):
        model = qc.lindblad(network(4, 1.0, 0.7, word))
        state = _with_sign(SIGNS[reading], 4, 0.7, word)
        worst = max(worst, darkness(state, (model.H, *model.jumps)))
    return {"worst": worst}


def _unique(reading: str) -> Numbers:
    """Steady states of the whole generator, and their overlap with Eq. (9)."""
    rows = []
    for pairs, detuning in ((1, 0.0), (2, 0.0), (2, 1.0)):
        model = qc.lindblad(network(pairs, 1.0, detuning, "reversed"))
        rates, rho = broadband_spectrum(model)
        psi = _with_sign(SIGNS[reading], pairs, detuning, "reversed")
        ket = psi.amplitudes[psi.space.positions(model.space.quanta)]
        rows.append((int(np.sum(rates < 1e-8)), np.sort(rates)[1], np.vdot(ket, rho @ ket).real))
    steady, gaps, overlaps = zip(*rows, strict=True)
    return {"steady": max(steady), "gaps": np.array(gaps), "overlap": float(min(overlaps))}


def _two_pairs(reading: str) -> Numbers:
    """Overlap of Eq. (10) at |Δ| = γ with Eq. (9)."""
    parallel = as_array(steady_state())
    gamma, delta = 1.0, -1.0  # Δ of Eq. (10) is δ_A,1 − δ_A,2, minus the step of the pattern
    ket = gamma * parallel + 1j * delta * np.swapaxes(parallel, 2, 3)
    ket = ket.ravel() / np.hypot(gamma, delta)
    state = as_array(_with_sign(SIGNS[reading], 2, 1.0, "2,1")).ravel()
    return {"overlap": float(abs(np.vdot(ket, state)) ** 2)}


def _crossed(_: str) -> Numbers:
    steps = np.array([-100.0, -5.0, 5.0, 20.0, 100.0])
    tables = [concurrences(steady_state(2, 1.0, step, "2,1"), 2) for step in steps]
    alone = concurrences(steady_state(1, 1.0), 1)[0][0]
    return {"steps": steps, "C": [min(t[0][1], t[1][0]) for t in tables], "alone": alone}


def _multipartite(_: str) -> Numbers:
    steps = np.array([0.0, 0.1, 1.0, 10.0])
    states = [steady_state(2, 1.0, step, "2,1") for step in steps]
    sides = [side for size in (1, 2) for side in combinations(states[0].modes, size)]
    lowest = [min(float(entropy(state, side)) for side in sides) for state in states]
    witness = [float(qc.measures.genuine_witness(state)) for state in states]
    return {"steps": steps, "lowest": lowest, "witness": witness}


def _locally_maximally_entangleable(_: str) -> Numbers:
    """Spread of the moduli with rail B in the σˣ basis; none is what the definition asks for."""
    hadamard = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    r = np.array([1.0, 3.0, 6.0])
    kets = np.array([as_array(steady_state(2, x, 1.0, "2,1")) for x in r])
    size = np.abs(np.einsum("xijkl,km,ln->xijmn", kets, hadamard, hadamard)).reshape(3, -1)
    modulus = size.mean(axis=1)
    return {"r": r, "spread": np.ptp(size, axis=1) / modulus, "modulus": float(modulus[-1])}


def _rail_entropy(_: str) -> Numbers:
    x = np.cosh(1.0) ** 2 / np.cosh(2.0)
    exact = -4 * float(np.log(x**x * (1 - x) ** (1 - x)))
    cases = [(0.0, "parallel"), (0.3, "reversed"), (2.0, "2,4,1,3"), (-1.0, "3,1,4,2")]
    values = [float(entropy(steady_state(4, 1.0, step, word), RAIL)) for step, word in cases]
    return {"exact": exact, "error": max(abs(value - exact) for value in values)}


def _volume(_: str) -> Numbers:
    values = [float(entropy(steady_state(4, x, 0.5, "reversed"), RAIL)) for x in R]
    return {"r": R, "ratio": np.array(values) / (4 * LN2)}


def _far_blocks(_: str) -> Numbers:
    n = np.arange(1, 5)
    values = np.array(block_entropies(steady_state(8, 1.0, 20.0, "reversed"), 8)[:4])
    single = float(entropy(steady_state(1), ["A1.q"]))
    return {"ratio": values / (2 * n * LN2), "limit": values / (2 * n * single)}


def _near_blocks(_: str) -> Numbers:
    steps = np.array([0.0, 0.2, 0.5, 1.0, 20.0])
    middle = [block_entropies(steady_state(8, 1.0, x, "reversed"), 8)[3] for x in steps]
    turns = np.arctan(0.2 * np.array([1, 7])) / (np.pi / 4)
    return {"steps": steps, "middle": np.array(middle), "turns": turns}


def _blocks_at_will(_: str) -> Numbers:
    """Pairs 1 and 3, and 2 and 4, at neighbouring detunings far from those of the others."""
    pattern, word = (0.0, 50.0, 0.5, 50.5), "3,4,1,2"
    state = dark_state(1.0, pattern, order(word, 4))

    def together(*numbers: int) -> float:
        return float(entropy(state, [f"{rail}{i}.q" for rail in "AB" for i in numbers]))

    return {"apart": together(1, 3), "inside": [together(1), together(2)], "pattern": pattern}


def _finite_bandwidth(reading: str) -> Numbers:
    """Eq. (11) beside the wired network: decay of an excited qubit, and a random state."""
    model = qc.lindblad(
        network(2, 0.3, 0.5, "reversed", bandwidth=2.0, dephasing=0.1),
        {("source.a", "source.b"): 3},
    )
    size = model.space.dimension
    mixed = np.random.default_rng(1).normal(size=(2, size, size)).T @ [1, 1j]
    mixed = mixed @ mixed.conj().T
    mixed /= np.trace(mixed).real
    # an excited qubit, everything else empty
    place = model.space.positions(np.array([[mode == "A1.q" for mode in model.modes]], int))[0]
    one = np.diag(np.eye(size, dtype=complex)[place])
    number = model.space.matrix(qc.lower("A1.q").dag * qc.lower("A1.q")).toarray()
    pattern, product = detunings(2, 0.5, "reversed"), reading == "printed"
    wired, right = wired_equation(model), link_equation(model, pattern, 0.3, 2.0, 0.1, product)
    off, whole = (np.linalg.norm(x) for x in (right(mixed) - wired(mixed), wired(mixed)))
    return {"decay": abs(float(np.trace(number @ right(one)).real)), "gap": float(off / whole)}


_alike = partial(Statement, alike=True)


STATES = (
    _alike(
        "One pair is dark in Φ⁺ of Eq. (5), also for detunings with δ_A + δ_B = 0",
        "Eq. (5)",
        _one_pair,
        lambda n: max(n["resonant"], n["detuned"]) < ZERO < n["unmatched"],
        "residual {resonant:.1e} at δ = 0, {detuned:.1e} at δ_A = −δ_B = 2γ, {unmatched:.3f} at "
        "δ_A + δ_B = γ/2",
        "H acts on |00⟩ and |11⟩ with 0 and δ_A + δ_B",
    ),
    Statement(
        "U with tan θ = (δ_B,i − δ_B,i+1)/γ carries a dark state to the exchanged detunings",
        "Eqs. (7)–(9)",
        _exchanged,
        lambda n: n["worst"] < ZERO,
        "residual up to {worst:.1e} over the 24 orders of four pairs, Δ = 0.7γ",
        "the directed exchange (iγ/2)(σ⁺_i σ⁻_j − h.c.) of Eq. (2) fixes the sign: with that in "
        "the text at hand U leads to the pattern −δ, with tan θ = −(δ_B,i − δ_B,i+1)/γ the "
        "residual is {consistent[worst]:.1e}",
    ),
    Statement(
        "The state of Eq. (9) is the unique steady state",
        "below Eq. (9)",
        _unique,
        lambda n: (n["steady"] == 1) & (n["overlap"] > 1 - 1e-9),
        "{steady} steady state, slowest decay {gaps:.4f}γ; its overlap with Eq. (9) is "
        "{overlap:.10f} or more",
        "eigenvalues of the whole generator, for one pair and for two crossed pairs with Δ = 0 and "
        "γ; unique in either reading, and Eq. (9) once the sign of θ is the one above",
        partly=lambda n: n["steady"] == 1,
        otherwise=SLIP,
    ),
    Statement(
        "For P_{1,2}, Eq. (9) is (γ Φ₁₁Φ₂₂ + iΔ Φ₁₂Φ₂₁)/√(γ² + Δ²) with Δ = δ_A,1 − δ_A,2",
        "Eq. (10)",
        _two_pairs,
        lambda n: n["overlap"] > 1 - ZERO,
        "overlap with Eq. (9) {overlap:.6f} at |Δ| = γ",
        "Eq. (10) is right; the angle of Eq. (7) in the text at hand gives −iΔ",
    ),
    _alike(
        "At Δ = 0 parallel pairs have C_ii ≃ 1 for r ≳ 1",
        "Fig. 2(b)",
        lambda _: {"r": R, "C": [diagonal(steady_state(squeezing=x), 1)[0] for x in R]},
        lambda n: min(n["C"][1:]) > 0.95,
        "C_11 = {C:.4f} at r = {r:g}",
        "C = tanh 2r, as for one pair",
    ),
    _alike(
        "For |Δ| ≫ γ crossed pairs have C_12 = C_21 ≃ 1",
        "Fig. 2(c)",
        _crossed,
        lambda n: min(n["C"][0], n["C"][-1]) > 0.99 * n["alone"] > 0.95,
        "C_12 = {C:.4f} at Δ/γ = {steps:g}; one pair {alone:.4f}",
        "the weight of the crossed pairs is Δ²/(γ² + Δ²); the limit is tanh 2r = "
        "{consistent[alone]:.4f}",
    ),
    _alike(
        "For all intermediate parameters the state of two pairs is genuinely four-partite "
        "entangled",
        "Fig. 2(c)",
        _multipartite,
        lambda n: n["lowest"][0] < ZERO < min(n["lowest"][1:]) and max(n["witness"][1:]) < -ZERO,
        "least entropy over all bipartitions {lowest:.4f} nat, witness {witness:.4f} at "
        "Δ/γ = {steps:g}",
        "a pure state is genuinely multipartite entangled when no bipartition is a product",
    ),
    _alike(
        "For r ≫ 1 these states are locally maximally entangleable",
        "below Eq. (10)",
        _locally_maximally_entangleable,
        lambda n: n["spread"][-1] < 1e-4 < n["spread"][0],
        "spread of the moduli {spread:.1e} at r = {r:g}, Δ = γ",
        "in the σˣ basis of rail B all 16 amplitudes get the modulus |±γ ± iΔ|/(4√(γ² + Δ²)) = "
        "{consistent[modulus]:.4f}",
    ),
    _alike(
        "S_A = −N ln[x^x (1 − x)^(1−x)] with x = cosh² r/cosh 2r, whatever P and δ_A",
        "below Eq. (10)",
        _rail_entropy,
        lambda n: n["error"] < 1e-10,
        "{exact:.10f} nat for N = 4, r = 1; four choices of Δ and P differ by {error:.1e}",
        "the unitaries act within rail B",
    ),
    _alike(
        "Volume law S_A ≃ N ln 2 for r ≳ 1",
        "Fig. 2(e)",
        _volume,
        lambda n: n["ratio"][1:].min() > 0.9,
        "S_A/(N ln 2) = {ratio:.4f} at r = {r:g}",
        "{consistent[ratio][1]:.1%} of N ln 2 at r = 1, where the figures are drawn, and "
        "{consistent[ratio][3]:.1%} at r = 2",
    ),
    _alike(
        "For Δ ≫ γ and reversed order S_n ≃ 2n ln 2",
        "Fig. 2(e)",
        _far_blocks,
        lambda n: n["ratio"].min() > 0.9,
        "S_n/(2n ln 2) = {ratio:.4f} for n = 1 … 4, N = 8, r = 1, Δ = 20γ",
        "up to the middle; the limit is 2n S_A/N (S_n over it: {consistent[limit]:.4f}), which "
        "nears 2n ln 2 with r",
    ),
    _alike(
        "For Δ ≲ γ the unitaries entangle across the chain and the block entropy is reduced",
        "Fig. 2(e)",
        _near_blocks,
        lambda n: n["middle"][:-1].max() < n["middle"][-1] and rising(n["middle"][:-1]),
        "S_4 for N = 8: {middle:.4f} at Δ/γ = {steps:g}",
        "at Δ = γ/5 angles go from {consistent[turns][0]:.2f} to {consistent[turns][1]:.2f} of "
        "π/4, the √SWAP; at Δ = 0 the pairs are parallel and S_n is zero",
    ),
    _alike(
        "Choices of δ_A and P define blocks of entangled qubits, whatever their location",
        "below Fig. 2",
        _blocks_at_will,
        lambda n: n["apart"] < 0.01 < 0.5 < min(n["inside"]),
        "δ_A = {pattern:g}γ, P = 3,4,1,2: entropy of pairs 1 and 3 together {apart:.4f} nat; of "
        "pair 1, and of pair 2, alone {inside:.4f}",
        "interleaved blocks of pairs 1, 3 and of pairs 2, 4, each entangled within; what is left "
        "between them falls with the square of their distance in δ_A",
    ),
    Statement(
        "The cascaded master equation joins its two lines by ×",
        "Eq. (11)",
        _finite_bandwidth,
        lambda n: n["gap"] < ZERO,
        "an excited qubit decays at {decay:.3g}γ; {gap:.1e} from the wired network",
        "a product is quadratic in ρ; with + it is, term by term, the cascade of amplifier and "
        "qubits (relative difference for a random state, two pairs)",
    ),
)
"""What the paper states of its steady states, in its order."""
