"""Three cavities in a ring make a perfect circulator.

Light hops around a ring of three cavities, which each have a port κ, and the phases of the hopping
add up to π/2 around it. With J = κ/2 the reflected light and one of the transmitted waves cancel in
resonance: all that enters at one port leaves at the next (J. Koch, A. A. Houck, K. Le Hur and S. M.
Girvin, Phys. Rev. A 82, 043811 (2010)).

    python examples/circulator.py
"""

import numpy as np
from matplotlib.figure import Figure

import qcascade as qc

RING = ("a", "b", "c")


def network(phase=np.pi / 2, rate=0.5):
    """Three cavities, κ = 1, with a phase around the ring."""
    hop = rate * np.exp(1j * phase / 3)
    pairs = zip(RING, (*RING[1:], RING[0]), strict=True)
    links = [qc.hopping(f"{first}.a", f"{second}.a", hop) for first, second in pairs]
    return qc.Network({name: qc.cavity(decay=1.0) for name in RING}, couplings=links)


def scattered(frequency=0.0, **ring):
    """|S|², from the inputs (columns) to the outputs (rows)."""
    S = qc.scattering(qc.gaussian(network(**ring)), frequency)["direct"].values
    return np.abs(S if np.ndim(frequency) else S[0]) ** 2


def main():
    S = scattered()
    print(S.round(12))
    assert np.allclose(S, np.roll(np.eye(3), 1, axis=0), atol=1e-12)
    assert np.allclose(scattered(phase=-np.pi / 2), S.T, atol=1e-12)
    assert np.allclose(scattered(phase=0.0), scattered(phase=0.0).T)


def figure():
    """What one port's light does, over the frequency."""
    frequency = np.linspace(-2, 2, 201)
    S = scattered(frequency)
    drawing = Figure(figsize=(6, 3.2), layout="constrained")
    axes = drawing.subplots()
    for row, word in enumerate(("back to a", "on to b", "to c")):
        axes.plot(frequency, S[:, row, 0], label=word)
    axes.set(xlabel="ω / κ", ylabel="share of the light that enters at a")
    axes.legend()
    return drawing


if __name__ == "__main__":
    main()
