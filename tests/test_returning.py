"""A mode whose own light comes back to it loses what its open inputs see, and no rounding."""

import numpy as np
import pytest
from optional import jax

import qcascade as qc

DETUNINGS = [0.0, 1e-9, 0.03, 1.0, 1e6]


def ring(detuning, phase=0.4, decay=(1.7, 0.8, 0.8)):
    """A cavity all of whose light comes back through a splitter and a circulator."""
    parts = {
        "ring": qc.cavity(detuning=detuning, decay=list(decay)),
        "splitter": qc.beam_splitter(transmission=0.84),
        "turn": qc.circulator(ports=3),
        "shift": qc.phase_shifter(phase),
    }
    wires = [
        ("ring.out1", "splitter.in2"),
        ("splitter.out1", "shift.in"),
        ("shift.out", "splitter.in1"),
        ("splitter.out2", "turn.in1"),
        ("turn.out2", "ring.in3"),
        ("ring.out3", "turn.in3"),
        ("turn.out1", "ring.in2"),
        ("ring.out2", "ring.in1"),
    ]
    return qc.Network(parts, wires)


@pytest.mark.parametrize("detuning", DETUNINGS)
@pytest.mark.parametrize("phase", [0.4, 2.2, 5.1])
def test_a_resonator_whose_wires_all_lead_back_has_no_steady_state(detuning, phase):
    net = ring(detuning, phase)
    A = qc.gaussian(net).A
    assert A[0, 0] == A[1, 1] == 0
    with pytest.raises(qc.UnstableError, match="real part 0"):
        qc.steady_state(qc.gaussian(net))


def test_it_has_none_in_a_batch_over_what_its_wires_pass():
    state = qc.steady_state(qc.gaussian(ring(0.03, np.linspace(0, 6, 41))))
    assert not state.stable.any()


@pytest.mark.needs("jax")
def test_it_has_none_under_jax():
    growth = jax.jit(lambda phase: qc.gaussian(ring(0.03, phase)).A[0, 0])
    assert all(growth(phase) == 0 for phase in (0.4, 2.2, 5.1))


def mirrored(phase, decay=(1.0, 1.0), detuning=0.3):
    """A cavity before a mirror: γ(φ) = κ₁ + κ₂ + 2√κ₁κ₂ cos φ."""
    parts = {"a": qc.cavity(detuning=detuning, decay=list(decay)), "way": qc.phase_shifter(phase)}
    return qc.Network(parts, [("a.out1", "way.in"), ("way.out", "a.in2")])


@pytest.mark.parametrize("phase", [0.0, 1.0, np.pi - 1e-3, np.pi - 1e-6, -2.0])
def test_loss_before_a_mirror_is_what_the_input_sees(phase):
    model = qc.gaussian(mirrored(phase))
    exact = 4 * np.cos(phase / 2) ** 2
    np.testing.assert_allclose(-model.A[0, 0] - model.A[1, 1], exact, rtol=3e-9)
    np.testing.assert_allclose(model.A[0, 1], 0.3 + np.sin(phase), rtol=1e-12)
    np.testing.assert_allclose(qc.steady_state(model).cov, np.eye(2) / 2, atol=1e-12)


@pytest.mark.parametrize("phase", [1.0, -2.0])
def test_a_squeezed_mode_before_a_mirror_is_one_of_other_loss_and_detuning(phase):
    drive, decay = 0.11 + 0.07j, (1.0, 0.7)
    parts = {"a": qc.squeezed_mode(drive, 0.3, list(decay)), "way": qc.phase_shifter(phase)}
    seen = qc.gaussian(qc.Network(parts, [("a.out1", "way.in"), ("way.out", "a.in2")]))
    both = np.sqrt(np.prod(decay))
    detuning, loss = 0.3 + both * np.sin(phase), sum(decay) + 2 * both * np.cos(phase)
    alone = qc.gaussian(qc.Network({"a": qc.squeezed_mode(drive, detuning, loss)}))
    np.testing.assert_allclose(seen.A, alone.A, rtol=1e-13)
    np.testing.assert_allclose(seen.D, alone.D, atol=1e-15)


def test_unequal_ports_leave_what_they_do_not_share():
    model = qc.gaussian(mirrored(np.pi, decay=(1.0, 1.44)))
    np.testing.assert_allclose(-model.A[0, 0], 0.2**2 / 2, rtol=1e-12)


@pytest.mark.parametrize("detuning", DETUNINGS)
def test_light_that_cancels_at_the_open_port_is_no_loss(detuning):
    with pytest.raises(qc.UnstableError, match="real part 0"):
        qc.steady_state(qc.gaussian(mirrored(np.pi, detuning=detuning)))


@pytest.mark.parametrize("drive", [0.0, 0.3])
def test_a_qubit_whose_light_cancels_at_the_open_port_has_no_single_steady_state(drive):
    parts = {
        "laser": qc.coherent_drive(drive),
        "q": qc.qubit(detuning=0.3, decay=[1.0, 1.0]),
        "way": qc.phase_shifter(np.pi),
    }
    wires = [("laser.out", "q.in1"), ("q.out1", "way.in"), ("way.out", "q.in2")]
    with pytest.raises(qc.DegenerateError):
        qc.steady_state(qc.lindblad(qc.Network(parts, wires)))
