"""Entanglement of two motions that never met, made by measuring the light that they sent.

Each of two cavities makes pairs of a photon and a phonon, H = G(ab + a†b†) in resonance. Their
light meets at a 50:50 beam splitter; behind it, x is measured at one output and p at the other, all
the time. Without the record the motions are not entangled, nor are they if x is measured twice.

    python examples/entanglement_swapping.py
"""

import numpy as np

import qcascade as qc

X, P = qc.homodyne(), qc.homodyne("90 deg")


def network(gain=0.1, damping=0.1, occupation=0.0):
    """Two sources and a beam splitter; rates in units of the cavities' decay κ."""
    parts = {"half": qc.beam_splitter(0.5)}
    for side in ("left", "right"):
        parts[side] = qc.cavity(decay=1.0)
        parts[f"{side}_motion"] = qc.mechanical_mode(0.0, damping, occupation=occupation)
    return qc.Network(
        parts,
        wires=[("left.out", "half.in1"), ("right.out", "half.in2")],
        couplings=[
            qc.two_mode_squeezing("left.a", "left_motion.b", gain),
            qc.two_mode_squeezing("right.a", "right_motion.b", gain),
        ],
    )


def entanglement(first, second, **rates):
    """E_N between the two motions, in nats, with a detector at each output of the splitter."""
    model = qc.gaussian(network(**rates))
    state = qc.conditional_state(model, {"half.out1": first, "half.out2": second})
    return qc.log_negativity(state, "left_motion", "right_motion")


def main():
    state = qc.steady_state(qc.gaussian(network()))
    unmeasured = qc.log_negativity(state, "left_motion", "right_motion")
    print(f"nobody measures    E_N = {unmeasured:.5f}")
    print(f"x and x            E_N = {entanglement(X, X):.5f}")
    assert np.isclose(entanglement(P, X), 0.3227247758, atol=1e-9)
    assert unmeasured == entanglement(X, X) == 0
    print(f"p and x            E_N = {entanglement(P, X):.5f}")
    print(f"heterodyne twice   E_N = {entanglement(qc.heterodyne(), qc.heterodyne()):.5f}")
    efficiency = np.array([1.0, 0.9, 0.7, 0.5])
    lossy = entanglement(qc.homodyne("90 deg", efficiency), qc.homodyne(0.0, efficiency))
    for eta, value in zip(efficiency, lossy, strict=True):
        print(f"efficiency {eta:.0%}    E_N = {value:.5f}")
    occupation = np.array([0.0, 0.05, 0.1, 0.2])
    for n, value in zip(occupation, entanglement(P, X, occupation=occupation), strict=True):
        print(f"{n:.2f} phonons       E_N = {value:.5f}")


def figure():
    """E_N over the angle of one detector, for some efficiencies of both."""

    def point(angle, efficiency):
        first, second = qc.homodyne(angle, efficiency), qc.homodyne(0.0, efficiency)
        return {"E_N": entanglement(first, second)}

    data = qc.sweep(
        point, angle=(np.linspace(0, np.pi, 91), "rad"), efficiency=[0.5, 0.8, 1.0], progress=False
    )
    data.E_N.attrs |= {"long_name": "E_N of the motions", "units": "nat"}
    return qc.figure(data, "E_N")


if __name__ == "__main__":
    main()
