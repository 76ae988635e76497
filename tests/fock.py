"""An independent route: networks as QuTiP operators, joined wire by wire.

The feedback rule is the textbook one, one wire at a time (Gough & James, Commun. Math. Phys.
287, 1109 (2009), Theorem 2): with an output y joined to an input x,

    S ← S_{ȳx̄} + S_{ȳx}(1 − S_{yx})⁻¹S_{yx̄},   L ← L_ȳ + S_{ȳx}(1 − S_{yx})⁻¹L_y,
    H ← H + Im Σ_j L_j†S_{jx}(1 − S_{yx})⁻¹L_y,   Im A = (A − A†)/2i.
"""

import numpy as np
import qutip


def operators(modes, cutoff, qubits=()):
    """Lowering operators on the product of truncated Fock spaces (two levels for a qubit)."""
    levels = [2 if m in qubits else cutoff for m in modes]
    one = [qutip.qeye(d) for d in levels]
    return {
        m: qutip.tensor(*one[:k], qutip.destroy(levels[k]), *one[k + 1 :])
        for k, m in enumerate(modes)
    }


def read(ladder, lowering):
    """A Ladder as a Qobj."""
    one = next(iter(lowering.values())) * 0 + 1
    result = 0 * one
    for word, c in ladder.terms.items():
        product = one
        for mode, dagger in word:
            product = product * (lowering[mode].dag() if dagger else lowering[mode])
        result = result + complex(c) * product
    return result


def side_by_side(net, lowering):
    """S, L, H of all parts and couplings with port names, straight from the parts."""
    S, L, H, inputs, outputs, occupation = np.zeros((0, 0), complex), [], 0, [], [], {}
    for name, part in {**net.parts, **net.couplings}.items():
        own = {m: lowering[f"{name}.{m}"] for m in part.modes}
        size = len(S)
        grown = np.zeros((size + len(part.L), size + len(part.L)), complex)
        grown[:size, :size], grown[size:, size:] = S, part.S
        S = grown
        L += [read(x, {**lowering, **own}) for x in part.L]
        H = H + read(part.H, {**lowering, **own})
        inputs += [f"{name}.{x}" for x in part.inputs]
        outputs += [f"{name}.{x}" for x in part.outputs]
        occupation |= {f"{name}.{x}": float(n) for x, n in part.occupations.items()}
    return S, L, H, inputs, outputs, {**occupation, **net.occupations}


def join(S, L, H, y, x):
    """The rule at the top for one wire."""
    gain = 1 / (1 - S[y, x])
    rows = [j for j in range(len(L)) if j != y]
    columns = [k for k in range(len(L)) if k != x]
    through = sum((L[j].dag() * S[j, x] for j in range(len(L))), 0 * H) * gain * L[y]
    H = H + (through - through.dag()) / 2j
    L_out = [L[j] + S[j, x] * gain * L[y] for j in rows]
    return S[np.ix_(rows, columns)] + gain * np.outer(S[rows, x], S[y, columns]), L_out, H


def master_equation(net, cutoff):
    """H, jumps and lowering operators of a network with every wire eliminated."""
    lowering = operators(net.modes, cutoff, net.component.qubits)
    S, L, H, inputs, outputs, occupation = side_by_side(net, lowering)
    for source, target in net.wires:
        y, x = outputs.index(source), inputs.index(target)
        S, L, H = join(S, L, H, y, x)
        outputs.pop(y)
        inputs.pop(x)
    jumps = []
    sees = [sum((np.conj(S[j, k]) * L[j] for j in range(len(L))), 0 * H) for k in range(len(S))]
    for (first, second), xi in net.component.squeezings.items():
        sees = squeezed(sees, inputs.index(first), inputs.index(second), complex(xi))
    for name, seen in zip(inputs, sees, strict=True):
        n = float(occupation.get(name, 0.0))
        jumps += [np.sqrt(n + 1) * seen, np.sqrt(n) * seen.dag()]
    return H, [c for c in jumps if c.norm() > 0], lowering


def squeezed(sees, j, k, xi):
    """b_j dB† − h.c. with b_j = cosh r v_j + e^{iφ} sinh r v_k†: what multiplies each dv†."""
    c, s = np.cosh(abs(xi)), np.exp(1j * np.angle(xi)) * np.sinh(abs(xi))
    mixed = list(sees)
    mixed[j], mixed[k] = c * sees[j] - s * sees[k].dag(), c * sees[k] - s * sees[j].dag()
    return mixed


def moments(rho, lowering):
    """Mean and covariance in our order and convention."""
    R = []
    for a in lowering.values():
        R += [(a + a.dag()) / np.sqrt(2), (a - a.dag()) / (1j * np.sqrt(2))]
    mean = np.array([qutip.expect(r, rho).real for r in R])
    second = [[qutip.expect(r * s + s * r, rho).real / 2 for s in R] for r in R]
    return mean, np.array(second) - np.outer(mean, mean)


def steady_moments(net, cutoff):
    """Mean and covariance of the steady state of the full master equation."""
    H, jumps, lowering = master_equation(net, cutoff)
    size = H.shape[0]
    generator = qutip.liouvillian(H, jumps).full()
    trace = np.eye(size).ravel(order="F")
    # Tr ρ = 1 takes the place of one redundant equation; dense, since sparse factors fill up.
    generator[0], right = trace, np.eye(1, size**2)[0]
    rho = np.linalg.solve(generator, right.astype(complex)).reshape(size, size, order="F")
    return moments(qutip.Qobj(rho, dims=H.dims), lowering)
