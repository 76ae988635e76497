"""Observers that are not linear in |ψ⟩⟨ψ| are refused, whatever they are; linear ones are not."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import qcascade as qc
from qcascade.hilbert.space import Space

A, B = qc.lower("A.q"), qc.lower("B.q")
EXCITED = A.dag * A


def pair(r=1.0, occupation=None):
    """Two qubits behind broadband squeezed light, which may be warm."""
    parts = {"light": qc.squeezed_light(r, occupation=occupation), "A": qc.qubit(decay=1.0)}
    parts["B"] = qc.qubit(decay=1.0, dephasing=0.2)
    return qc.lindblad(qc.Network(parts, [("light.out_a", "A.in"), ("light.out_b", "B.in")]))


def long_pair(pairs):
    """Two rails of qubits: a large sector, where pairs of random kets are not entangled."""
    parts, wires = {"light": qc.squeezed_light(1.0)}, []
    for rail in "AB":
        last = f"light.out_{rail.lower()}"
        for k in range(pairs):
            name = rail if k == 0 else f"{rail}{k}"
            parts[name] = qc.qubit(decay=1.0)
            wires.append((last, f"{name}.in"))
            last = f"{name}.out"
    return qc.lindblad(qc.Network(parts, wires))


def concurrence(psi):
    return qc.measures.concurrence(psi.reduce("A", "B"), "A.q", "B.q")


NONLINEAR = {
    "concurrence": concurrence,
    "purity of a part": lambda psi: qc.measures.purity(psi.reduce("A")),
    "purity of all": qc.measures.purity,
    "entropy of all": qc.measures.von_neumann_entropy,
    "negativity": lambda psi: qc.log_negativity(psi, ["A"], ["B"]),
    "square": lambda psi: psi.expect(EXCITED).real ** 2,
    "variance": lambda psi: psi.expect(EXCITED).real * (1 - psi.expect(EXCITED).real),
    "amplitude": lambda psi: psi.amplitudes[0],
    "square of an amplitude": lambda psi: psi.amplitudes[0] ** 2,
    "modulus of an amplitude": lambda psi: abs(psi.amplitudes[0]),
    "most likely": lambda psi: np.argmax(np.abs(psi.amplitudes)),
    "clipped": lambda psi: max(0.0, psi.expect(EXCITED).real - 0.5),
    "modulus": lambda psi: abs(psi.expect(A * B)),
    "faint": lambda psi: 1e-20 * concurrence(psi),
    "beside a large number": lambda psi: [1e15 * psi.expect(EXCITED).real, concurrence(psi)],
    "one of several": lambda psi: [psi.expect(EXCITED).real, qc.measures.purity(psi.reduce("A"))],
    "state": lambda psi: qc.density("A.q", np.diag(_sorted(psi))),
}

LINEAR = {
    "expectation": lambda psi: psi.expect(EXCITED).real,
    "complex": lambda psi: psi.expect(A * B),
    "state": lambda psi: psi.reduce("A"),
    "whole state": lambda psi: psi.density(),
    "populations": lambda psi: np.abs(psi.amplitudes[:1]) ** 2,
    "charge": lambda psi: psi.info["charge"][0] ** 2,
    "parity": lambda psi: psi.info["charge"][0] == 0,
    "occupation": qc.measures.occupation,
    "rounding": lambda psi: psi.expect(0.3 * (A * B + A.dag * B.dag) + A.dag * B + B.dag * A).imag,
    "rounding beside a large number": lambda psi: [
        1e15 * psi.expect(EXCITED).real,
        1e15 * psi.expect(A * B + A.dag * B.dag + 0.1 * EXCITED).imag,
    ],
    "constant": lambda psi: 2.0,
    "zero": lambda psi: 0.0,
    "time": lambda psi: psi.info["time"] * psi.expect(EXCITED).real,
    "QuTiP": lambda psi: qc.interop.to_qutip(psi.reduce("A")).tr(),
    # Not the same function of a ket and of a matrix: kets decide.
    "first element": lambda psi: abs(qc.interop.to_qutip(psi.density()).full()[0, 0]),
    "ket's element": lambda psi: np.ravel(getattr(psi, "amplitudes", [2.0]))[0] * 0,
}


def _sorted(psi):
    p = psi.reduce("A").matrix().diagonal().real
    return np.sort(p)


@pytest.mark.parametrize("name", NONLINEAR)
@pytest.mark.parametrize("sectors", [True, False])
def test_what_is_not_linear_is_refused_by_name(name, sectors):
    model = pair()
    if not sectors:
        model = qc.LindbladModel(
            model.modes, model.H, model.jumps, Space(model.modes, (1, 1), model.modes)
        )
    with pytest.raises(qc.ArgumentError, match=r"`observe\[f\]` must be linear in .*estimate"):
        qc.trajectories(model, [0.3, 1.0], {"f": NONLINEAR[name]}, number=20, progress=False)


@pytest.mark.parametrize("name", LINEAR)
def test_what_is_linear_is_not(name):
    runs = qc.trajectories(pair(), [0.0, 1.0], {"f": LINEAR[name]}, number=20, progress=False)
    assert len(runs.mean["f"]) == 2


def test_entanglement_in_a_large_sector_is_refused_too():
    """There a random ket alone would show nothing: its pairs are not entangled."""
    model = long_pair(4)
    with pytest.raises(qc.ArgumentError, match="must be linear"):
        qc.trajectories(model, [0.0, 0.5], {"C": concurrence}, number=4, progress=False)


def test_random_numbers_of_trajectories_do_not_depend_on_the_tests():
    model, n = pair(), LINEAR["expectation"]
    alone = qc.trajectories(model, [1.0], {"n": n}, number=10, progress=False)
    beside = qc.trajectories(
        model, [1.0], {"n": n, "rho": LINEAR["state"]}, number=10, progress=False
    )
    np.testing.assert_array_equal(alone.samples["n"], beside.samples["n"])


def test_averages_over_single_kets_are_given_under_their_own_name():
    model, times = pair(0.8), [0.5, 4.0]
    runs = qc.trajectories(
        model,
        times,
        {"pair": lambda psi: psi.reduce("A", "B")},
        number=300,
        progress=False,
        conditional={"C": concurrence},
    )
    value, error = runs.estimate("pair", lambda rho: qc.measures.concurrence(rho, "A.q", "B.q"))
    whole = qc.evolve(
        model,
        None,
        times,
        {"C": lambda rho: qc.measures.concurrence(rho, "A.q", "B.q")},
        progress=False,
    )
    assert np.all(np.abs(value - whole.observed["C"]) < 4 * error)
    # Concurrence is convex: kets are entangled more than what they are mixed to.
    assert np.all(runs.mean["C"] > whole.observed["C"] + 5 * runs.error["C"])
    assert runs.info["conditional"] == ("C",)
    assert runs.to_dataset().attrs["conditional"] == "C"


def test_conditional_functions_alone_and_bad_ones():
    model = pair()
    runs = qc.trajectories(
        model, [0.0], {}, number=2, progress=False, conditional={"S": qc.measures.purity}
    )
    assert_allclose(runs.mean["S"], [1.0])

    def refused(match, observe, conditional):
        with pytest.raises(qc.ArgumentError, match=match):
            qc.trajectories(
                model, [1.0], observe, number=2, progress=False, conditional=conditional
            )

    refused("`observe` must be a mapping", {}, {})
    refused("`conditional` must be a mapping", {"n": LINEAR["state"]}, 3.0)
    refused(r"`conditional\[n\]` must be a function", {"x": LINEAR["state"]}, {"n": 3.0})
    refused("`conditional` must have names", {"n": LINEAR["state"]}, {"n": qc.measures.purity})
    refused(r"`conditional\[n\]` must return", {}, {"n": lambda psi: "up"})
