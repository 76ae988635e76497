"""Pure steady states of driven chiral chains: dimers and tetramers.

Stannigel, Rabl & Zoller, New J. Phys. 14, 063014 (2012), and Pichler, Ramos, Daley & Zoller, Phys.
Rev. A 91, 042116 (2015). Four qubits along a waveguide decay with γ_R into light that travels to
the right and with γ_L into light that travels to the left; a laser drives them through the guide.
In the frame of the laser, with qubits a phase φ apart and rates in units of γ_R,

    H = Σ_j [−δ_j σ†_j σ_j + Ω(e^{ijφ} σ†_j + h.c.)] + H_R + H_L,
    H_R = −(iγ_R/2) Σ_{j>l} (e^{i(j−l)φ} σ†_j σ_l − h.c.),   c_R = Σ_j e^{−ijφ} σ_j,

and H_L with j < l and e^{i(l−j)φ}, c_L = Σ_j e^{ijφ} σ_j. With φ a multiple of 2π both together are
H_R of a one-way chain with Δγ = γ_R − γ_L. Two neighbours with δ and −δ end in |gg⟩ + α|S⟩,
|S⟩ = (|eg⟩ − |ge⟩)/√2, which no jump sees, nor the drive |S⟩: H takes |gg⟩ to √2Ω|T⟩ and α|S⟩ to
−α(δ + iΔγ/2)|T⟩, so that α = √2Ω/(δ + iΔγ/2) and C = |α|²/(1 + |α|²). Neighbours whose detunings
differ by d = δ_j − δ_{j+1} are exchanged by cos θ + i sin θ SWAP with tan θ = d/Δγ, which commutes
with drive and jumps: in any order, detunings that cancel in pairs have a pure state.
"""

from typing import Any

import numpy as np

import qcascade as qc

from ..records import Choice, Parameter, Quantity, explored
from ..taken import takes

# where δ_a, −δ_a, δ_b, −δ_b stand along the chain
ORDERS = {"dimers": (0, 1, 2, 3), "nested": (0, 2, 3, 1), "crossed": (0, 2, 1, 3)}
QUBITS = tuple(f"q{j}.q" for j in (1, 2, 3, 4))
PAIRS = ("12", "13", "14", "23", "24", "34")
READINGS = ("equations", "network")

TABLE = (
    Choice("pattern", "which detunings cancel", tuple(ORDERS), "dimers"),
    Parameter("drive", "Ω/γ_R", "Rabi frequency of every qubit", "1", 0, 3, 0.5, word="drive"),
    Parameter("left", "γ_L/γ_R", "decay to the left", "1", 0, 1, 0.3, word="decay"),
    Parameter("first", "δ_a/γ_R", "detuning of the first dimer", "1", -2, 2, 0.3, word="detuning"),
    Parameter("second", "δ_b/γ_R", "detuning of the second dimer", "1", -2, 2, 0.7),
    Parameter("mismatch", "ε/γ_R", "added to δ_4", "1", -1, 1, 0, word="mismatch"),
    Parameter("loss", "γ′/γ_R", "decay of every qubit elsewhere", "1", 0, 1, 0, word="loss"),
    Parameter("dephasing", "γ_φ/γ_R", "dephasing of every qubit", "1", 0, 1, 0, word="dephasing"),
    Parameter("phase", "φ", "phase from qubit to qubit", "π", 0, 2, 0, np.pi, word="phase"),
    Choice("route", "equations as printed, or parts and wires", READINGS, "network"),
)


def _detunings(at: Any) -> list[float]:
    four = np.array([at.first, -at.first, at.second, -at.second])[[*ORDERS[at.pattern]]]
    return np.add(four, [0, 0, 0, at.mismatch]).tolist()


@takes(TABLE)
def network(at: Any) -> qc.Network:
    """The chain as parts and wires: a laser, four qubits, and a phase for either way between them.

    >>> network().modes
    ('q1.q', 'q2.q', 'q3.q', 'q4.q')
    """
    imperfect = {"loss": float(at.loss) or None, "dephasing": float(at.dephasing) or None}
    parts: dict[str, Any] = {"laser": qc.coherent_drive(1j * at.drive)}  # −i b_in drives σ†
    wires, decay = [("laser.out", "q1.in_right")], {"right": 1.0, "left": at.left}
    for j, delta in enumerate(_detunings(at), 1):
        parts[f"q{j}"] = qc.qubit(-delta, decay, **imperfect)
    for j in (1, 2, 3):
        for way, here, there in (("right", j, j + 1), ("left", j + 1, j)):
            parts[f"{way}{j}"] = qc.phase_shifter(at.phase)
            wires.append((f"q{here}.out_{way}", f"{way}{j}.in"))
            wires.append((f"{way}{j}.out", f"q{there}.in_{way}"))
    return qc.Network(parts, wires)


@takes(TABLE)
def model(at: Any) -> qc.LindbladModel:
    """The master equation, of the network or term by term as above."""
    wired = qc.lindblad(network(*at))
    if at.route == "network":
        return wired
    s, turn = [qc.lower(name) for name in QUBITS], np.exp(1j * at.phase * np.arange(4))
    H, jumps = 0.0 * s[0], [0.0 * s[0], 0.0 * s[0]]
    for delta, z, x in zip(_detunings(at), turn, s, strict=True):
        H += -delta * x.dag * x + at.drive * (complex(z) * x.dag + complex(z.conj()) * x)
        jumps[0] += complex(z.conj()) * x
        jumps[1] += complex(z) * np.sqrt(at.left) * x
    for j, l in ((j, l) for j in range(4) for l in range(4) if j != l):
        hop = complex(turn[abs(j - l)]) * (-0.5j if j > l else -0.5j * at.left) * s[j].dag * s[l]
        H += hop + hop.dag
    jumps += [np.sqrt(at.loss) * x for x in s] if at.loss else []
    jumps += [np.sqrt(2 * at.dephasing) * x.dag * x for x in s] if at.dephasing else []
    return qc.LindbladModel(QUBITS, H, tuple(jumps), wired.space)


def alpha(drive: float = 0.5, detuning: float = 0.3, left: float = 0.3) -> complex:
    """α = √2Ω/(δ + iΔγ/2) of two neighbours with δ and −δ."""
    return np.sqrt(2) * drive / (detuning + 0.5j * (1 - left))


def dimer(*arguments: float) -> float:
    """C = |α|²/(1 + |α|²), of the arguments of `alpha`."""
    return abs(alpha(*arguments)) ** 2 / (1 + abs(alpha(*arguments)) ** 2)


@takes(TABLE)
def dark(at: Any) -> np.ndarray:
    """The pure steady state (16,) of detunings that cancel, without loss and dephasing."""
    ket, now = np.ones(()), [0, 1, 2, 3]
    values = [at.first, -at.first, at.second, -at.second]
    for delta in values[::2]:
        a = alpha(at.drive, delta, at.left) / np.sqrt(2)
        ket = np.multiply.outer(ket, np.array([[1, -a], [a, 0]]) / np.sqrt(1 + 2 * abs(a) ** 2))
    for place, wanted in enumerate(ORDERS[at.pattern]):
        for j in range(now.index(wanted) - 1, place - 1, -1):
            theta = np.arctan2(values[now[j]] - values[now[j + 1]], 1 - at.left)
            ket = np.cos(theta) * ket + 1j * np.sin(theta) * np.swapaxes(ket, j, j + 1)
            now[j], now[j + 1] = now[j + 1], now[j]
    return ket.ravel()


@takes(TABLE)
def steady(at: Any) -> qc.DensityState:
    """The steady state; with Δγ = δ = 0 there are several, and an error says so."""
    return qc.steady_state(model(*at), tolerance=1e-12, progress=False)


@takes(TABLE)
def point(at: Any) -> dict[str, Any]:
    """Entanglement of every two qubits in the steady state, and how pure it is.

    Returns:
        C_12 … C_34, concurrences; purity; overlap, ⟨ψ|ρ|ψ⟩ with the dark state of the same
        detunings without mismatch, loss and dephasing.

    >>> round(point()["C_12"], 9), round(float(dimer()), 9)
    (0.701754386, 0.701754386)
    """
    state, ket = steady(*at), dark(*at)
    C = {f"C_{x}": qc.measures.concurrence(state, f"q{x[0]}", f"q{x[1]}") for x in PAIRS}
    overlap = float(np.vdot(ket, state.matrix() @ ket).real)
    return {**C, "purity": float(qc.measures.purity(state)), "overlap": overlap}


_SHOWN = [Quantity(f"C_{x}", f"C_{x}", f"concurrence of qubits {x[0]} and {x[1]}") for x in PAIRS]
_SHOWN += [Quantity("purity", "μ", "purity of the four qubits")]
_SYSTEM = explored(TABLE, point, tuple(_SHOWN), network, model)
SYSTEM = _SYSTEM._replace(model=None, broadcasts=False, points=lambda **_: (31, 7))
