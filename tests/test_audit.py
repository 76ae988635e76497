import numpy as np
import pytest

import qcascade as qc


def test_forgotten_travelling_noise_is_found_and_its_modes_named():
    """A cascade with independent vacuum noises, as many papers print it: −½√(κ₁κ₂)."""
    net = qc.Network(
        {"up": qc.cavity(decay=0.8), "down": qc.cavity(decay=1.7), "apart": qc.cavity(decay=1.0)},
        wires=[("up.out", "down.in")],
    )
    model = qc.gaussian(net)
    printed = model.D * np.kron(np.eye(3), np.ones((2, 2)))
    found = qc.audit(qc.GaussianModel(model.modes, model.A, printed))
    assert not found.completely_positive
    assert found.noise_eigenvalue == pytest.approx(-0.5 * np.sqrt(0.8 * 1.7))
    assert "carried by" in found.sentences[0]
    assert "up.a" in found.sentences[0]
    assert "apart.a" not in found.sentences[0]
    assert qc.audit(model).completely_positive


def test_what_the_wiring_implies_is_told_block_by_block():
    net = qc.Network(
        {"up": qc.cavity(decay=0.8), "down": qc.cavity(decay=1.7), "apart": qc.cavity(decay=1.0)},
        wires=[("up.out", "down.in")],
    )
    model = qc.gaussian(net)
    printed = qc.GaussianModel(model.modes, model.A, model.D * np.kron(np.eye(3), np.ones((2, 2))))
    (sentence,) = qc.audit(printed, model).sentences[3:]
    assert sentence == (
        "The wiring implies noise between down.a and up.a of up to 0.583095, where D has 0."
    )
    assert qc.audit(model, model).sentences[3:] == ("D is what the wiring implies.",)
    with pytest.raises(qc.ArgumentError, match="`wired` must have the model's drift"):
        qc.audit(printed, qc.GaussianModel(model.modes, 2 * model.A, model.D))
    with pytest.raises(qc.ArgumentError, match="`wired` must be a GaussianModel of the modes"):
        qc.audit(printed, net)


def test_too_little_noise_gives_a_state_below_the_vacuum():
    found = qc.audit(qc.GaussianModel(("m",), -0.5 * np.eye(2), 0.25 * np.eye(2)))
    assert not found.completely_positive
    assert not found.physical_state
    assert found.state_eigenvalue == pytest.approx(-0.25)
    assert str(found).splitlines()[2].startswith("Steady state physical: no")


def test_instability_is_told_from_unphysicality():
    found = qc.audit(qc.gaussian(qc.Network({"m": qc.squeezed_mode(0.7, decay=1.0)})))
    assert found.completely_positive
    assert not found.stable
    assert found.growth == pytest.approx(0.2)
    assert np.isnan(found.state_eigenvalue)
    assert "Stable: no (largest real part of the drift's eigenvalues 0.2)" in str(found)
    assert "there is none" in str(found)


def test_a_batch_is_counted():
    net = qc.Network({"m": qc.squeezed_mode(np.array([0.1, 0.3, 0.7]), decay=1.0)})
    found = qc.audit(qc.gaussian(net))
    assert found.stable.tolist() == [True, True, False]
    assert "Stable: at 2 of 3 points" in str(found)


def test_only_models_are_audited():
    with pytest.raises(qc.ArgumentError, match="`model` must be a GaussianModel"):
        qc.audit("model")
