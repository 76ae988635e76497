"""What the two papers say, from the equations as printed and from parts and wires."""

from itertools import combinations
from typing import Any

import numpy as np

import qcascade as qc

from ..statements import Numbers, Statement, falling, rising
from .model import QUBITS, alpha, dark, dimer, point, steady
from .model import READINGS as READINGS

ROUNDING = 1e-12
LEFT, RATES = (0.0, 0.3, 0.8), (0.0, 0.02, 0.1, 0.3)


def _off(route: str, **at: Any) -> float:
    """Largest element of the difference between the steady state and the closed form."""
    ket = dark(**at)
    return float(np.abs(steady(**at, route=route).matrix() - np.outer(ket, ket.conj())).max())


def _alpha(route: str) -> Numbers:
    """α read off the state of the first two qubits: ρ_eg,gg = α ρ_gg,gg/√2."""
    pairs = [steady(left=x, route=route).reduce(*QUBITS[:2]).matrix() for x in LEFT]
    read = [complex(np.sqrt(2) * pair[2, 0] / pair[0, 0]) for pair in pairs]
    off = max(abs(a - alpha(left=x)) for a, x in zip(read, LEFT, strict=True))
    drives = (0.1, 0.3, 1.0, 3.0)
    C = np.array([point(drive=x, route=route)["C_12"] for x in drives])
    off = max(off, *np.abs(C - [dimer(x) for x in drives]))
    return {"re": np.real(read), "im": np.imag(read), "C": C, "off": off}


def _patterns(route: str, *patterns: str, left: tuple[float, ...] = LEFT) -> Numbers:
    """How far ρ is from the closed form, and the greatest purity of one or two qubits."""
    some = [names for n in (1, 2) for names in combinations(QUBITS, n)]
    states = [steady(pattern=x, left=left[0], route=route) for x in patterns]
    parts = [max(qc.measures.purity(rho.reduce(*names)) for names in some) for rho in states]
    off = [_off(route, pattern=x, left=y) for x in patterns for y in left]
    return {"off": max(off), "parts": np.array(parts)}


def _light(route: str) -> Numbers:
    """What is scattered, and how much of the laser's light goes on; c = Σσ for γ = 1."""
    state, c = steady(route=route), qc.lower(QUBITS[0])
    for name in QUBITS[1:]:
        c += qc.lower(name)
    passed = abs(0.5j + state.expect(c)) ** 2 / 0.5**2
    return {"scattered": state.expect(c.dag * c).real, "passed": float(passed)}


def _spaced(route: str) -> Numbers:
    cases = {"one": (0.0, 0.7), "half": (0.3, np.pi), "other": (0.3, 0.7)}
    return {x: point(left=y, phase=z, route=route)["purity"] for x, (y, z) in cases.items()}


def _over(route: str, name: str) -> Numbers:
    found = [point(**{name: x}, route=route) for x in RATES]
    return {x: np.array([at[x] for at in found]) for x in ("C_12", "C_34", "purity")}


BOTH, CHIRAL, APART = "both papers", "Pichler et al.", ("nested", "crossed")

STATEMENTS = (
    Statement(
        "Neighbours with δ and −δ end in |gg⟩ + α|S⟩, α = √2Ω/(δ + iΔγ/2), C = |α|²/(1 + |α|²)",
        *(BOTH, _alpha),
        lambda n: n["off"] < ROUNDING and rising(n["C"]),
        "α = {re:.4f} + i({im:.4f}) at γ_L/γ_R = 0, 0.3, 0.8; C = {C:.4f} at Ω/γ_R = 0.1, 0.3, 1, "
        "3; off by {off:.0e}",
        "γ_L = 0 is the cascade of Stannigel et al.; C is the share of the singlet, and rises to "
        "{network[C][3]:.3f} with the drive",
    ),
    Statement(
        *("Neighbours that cancel form dimers", BOTH, lambda x: _patterns(x, "dimers")),
        lambda n: n["off"] < ROUNDING and np.all(np.abs(n["parts"] - 1) < ROUNDING),
        "ρ is the product to {off:.0e} at γ_L/γ_R = 0, 0.3, 0.8; purity of a pair {parts:.12f}",
        "a dimer in its dark state sends nothing on, so that the next one does not know of it",
    ),
    Statement(
        "Nested and crossed detunings give pure states of all four qubits",
        *(BOTH, lambda x: _patterns(x, *APART)),
        lambda n: n["off"] < ROUNDING and np.all(n["parts"] < 0.95),
        "pure to {off:.0e}; greatest purity of one or two qubits {parts:.3f} at γ_L = 0",
        "an exchange of neighbours is a unitary, tan θ = (δ_j − δ_j+1)/Δγ; no part of them is pure",
    ),
    Statement(
        "At γ_L = γ_R qubits form dimers at any distance",
        *(CHIRAL, lambda x: _patterns(x, *APART, left=(1.0,))),
        lambda n: n["off"] < ROUNDING and np.all(np.abs(n["parts"] - 1) < ROUNDING),
        "ρ is the product to {off:.0e}, of qubits 1 and 4, 2 and 3, or 1 and 3, 2 and 4",
        "at Δγ = 0 every exchange is a SWAP, and α = √2Ω/δ",
    ),
    Statement(
        *("In the dark state the laser passes, and no light is scattered", BOTH, _light),
        lambda n: abs(n["scattered"]) < ROUNDING and abs(n["passed"] - 1) < ROUNDING,
        "⟨c†c⟩ = {scattered:.0e}; {passed:.12f} of the light goes on",
        "cψ = 0: nothing goes to the left, and what goes to the right is the laser's",
    ),
    Statement(
        "Detunings that do not cancel leave a mixed state",
        *(CHIRAL, lambda x: _over(x, "mismatch")),
        lambda n: falling(n["purity"]) and abs(n["purity"][0] - 1) < ROUNDING,
        "purity {purity:.4f} at ε/γ_R = 0, 0.02, 0.1, 0.3",
        "with ε added to δ_4 the second pair does not cancel, and is not dark",
    ),
    Statement(
        *("Distances matter modulo half a wavelength, in a cascade not at all", CHIRAL, _spaced),
        lambda n: max(abs(n["one"] - 1), abs(n["half"] - 1)) < ROUNDING and n["other"] < 0.99,
        "purity {one:.4f} (γ_L = 0, φ = 0.7), {half:.4f} (0.3 γ_R, π), {other:.4f} (0.3 γ_R, 0.7)",
        "the phase of one-way light is a gauge; both ways share a dark state where e^{{2iφ}} = 1",
    ),
    *(
        Statement(
            *(f"{title} spoils the dimers", CHIRAL, lambda x, name=name: _over(x, name)),
            lambda n: falling(n["C_12"]) and n["purity"][1] < 0.99 < n["purity"][0],
            "C_12 {C_12:.4f}; C_34 {C_34:.4f}; purity {purity:.4f}",
            f"at {symbol}/γ_R = 0, 0.02, 0.1, 0.3; the weaker dimer is left with "
            "{network[C_34][2]:.3f} at 0.1",
        )
        for name, title, symbol in (("loss", "Loss", "γ′"), ("dephasing", "Dephasing", "γ_φ"))
    ),
)
"""What the two papers state."""
