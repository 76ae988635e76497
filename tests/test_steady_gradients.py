"""Gradients of steady states of master equations by their adjoint: closed forms, differences."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import qcascade as qc
from qcascade.inverse import steady_gradients
from qcascade.inverse.sensitivities import sensitivity_by
from qcascade.inverse.slopes import differences as differences_of

STEP = 1e-3
RAILS = {"r": 0.6, "loss": 0.08, "kA": 1.15, "kB": 0.9, "dA": 0.18, "dB": -0.1}
RAILS |= {"kA2": 1.3, "dB2": 0.07, "dephasing": 0.03}


def rails(r, loss, kA, kB, dA, dB, kA2=1.0, dB2=0.0, dephasing=0.0):
    """Two-mode squeezed light on two cascades of two qubits."""
    parts = {
        "light": qc.squeezed_light(r),
        "fibre": qc.fibre(1 - loss),
        "A": qc.qubit(decay=kA, detuning=dA),
        "B": qc.qubit(decay=kB, detuning=dB, dephasing=dephasing),
        "A2": qc.qubit(decay=kA2),
        "B2": qc.qubit(decay=1.0, detuning=dB2),
    }
    wires = [("light.out_a", "fibre.in"), ("fibre.out", "A.in"), ("A.out", "A2.in")]
    wires += [("light.out_b", "B.in"), ("B.out", "B2.in")]
    return qc.lindblad(qc.Network(parts, wires))


def driven(amplitude, decay, detuning):
    parts = {
        "laser": qc.coherent_drive(amplitude),
        "atom": qc.qubit(decay=decay, detuning=detuning),
    }
    return qc.lindblad(qc.Network(parts, [("laser.out", "atom.in")]))


def excited(state):
    mode = state.modes[0]
    return state.expect(qc.lower(mode).dag * qc.lower(mode)).real


def dipole(state):
    return state.expect(qc.lower(state.modes[0])).imag


def differences(model, at, measure, modes, names):
    """Slopes from steady states at four points for every parameter."""
    found = {}
    for name in names:
        places = at[name] + STEP * np.array([-2, -1, 1, 2])
        states = qc.steady_state(model(**{**at, name: places}), progress=False)
        found[name] = measure(states.reduce(*modes)) @ [1, -8, 8, -1] / (12 * STEP)
    return found


def test_a_thermal_qubit_has_the_slope_of_its_closed_form():
    def model(decay, occupation):
        return qc.lindblad(qc.qubit(decay=decay, occupation=occupation))

    for n in (0.0, 0.3, 4.0):  # n / (2n + 1); at 0 from above
        found = qc.steady_gradient(model, {"decay": 2.0, "occupation": n}, excited, ["q"])
        assert found.by == "adjoint"
        assert_allclose(found.slopes["occupation"], (2 * n + 1) ** -2, rtol=1e-9)
        assert abs(found.slopes["decay"]) < 1e-10


def test_a_driven_qubit_has_the_slopes_of_resonance_fluorescence():
    def population(b, k, d):
        return k * b**2 / (d**2 + k**2 / 4 + 2 * k * b**2)

    at = {"amplitude": 0.4, "decay": 1.3, "detuning": 0.7}
    found = qc.steady_gradient(driven, at, excited, ["atom"])
    assert_allclose(found.value, population(*at.values()), rtol=1e-10)
    slopes = {"amplitude": (1, 0, 0), "decay": (0, 1, 0), "detuning": (0, 0, 1)}
    for name, way in slopes.items():
        x = np.array(list(at.values())) + 1e-20j * np.array(way)
        assert_allclose(found.slopes[name], population(*x).imag / 1e-20, rtol=1e-8)
    assert found.slopes["detuning"] < 0 < found.slopes["amplitude"]


def test_a_drive_that_breaks_a_charge_has_its_slope_where_it_vanishes():
    at = {"amplitude": 0.0, "decay": 1.3, "detuning": 0.7}
    found = qc.steady_gradient(driven, at, dipole, ["atom"]).slopes
    away = {**at, "amplitude": 1e-5}
    state = qc.steady_state(driven(**away))
    assert abs(found["amplitude"]) > 0.1
    assert_allclose(found["amplitude"], dipole(state) / 1e-5, rtol=1e-6)


@pytest.mark.parametrize("measure", [qc.measures.purity, None, excited])
def test_slopes_of_two_cascades_in_squeezed_light_are_those_of_differences(measure):
    def concurrence(state):
        return qc.measures.concurrence(state, *state.modes)

    measure = measure or concurrence
    modes = ["A", "B"] if measure is concurrence else ["A2", "B"]
    found = qc.steady_gradient(rails, RAILS, measure, modes)
    assert found.of == measure.__name__
    names = ["r", "loss", "kA", "dA", "dB", "kA2", "dephasing"]
    for name, slope in differences(rails, RAILS, measure, modes, names).items():
        assert_allclose(found.slopes[name], slope, atol=2e-9, err_msg=name)


def test_what_is_downstream_changes_nothing_and_rates_alone_add_up_to_zero():
    found = qc.steady_gradient(rails, RAILS, qc.measures.purity, ["A", "B"]).elasticities
    assert max(abs(found["kA2"]), abs(found["dB2"])) < 1e-10 < 1e-2 < abs(found["kA"])
    rates = [x for name, x in found.items() if name not in ("r", "loss")]
    assert abs(sum(rates)) < 1e-9 < 1e-2 < abs(found["r"])


def test_two_rails_alike_and_real_have_different_slopes_when_one_is_changed():
    at = {"r": 0.6, "loss": 0.0, "kA": 1.0, "kB": 1.0, "dA": 0.0, "dB": 0.0}
    at |= {"dephasing": 0.1}
    assert rails(**{**at, "dephasing": 0.0}).mirror is not None
    found = qc.steady_gradient(rails, at, excited, ["A"]).slopes
    assert abs(found["r"]) > 0.1
    found = qc.steady_gradient(rails, at, qc.measures.purity, ["A", "B"]).slopes
    slopes = differences(rails, at, qc.measures.purity, ["A", "B"], ["kA", "kB", "dA", "r"])
    for name, slope in slopes.items():
        assert_allclose(found[name], slope, atol=2e-9, err_msg=name)
    below = [
        qc.measures.purity(qc.steady_state(rails(**{**at, "loss": k * STEP})).reduce("A", "B"))
        for k in range(5)
    ]
    one_sided = np.dot(below, [-25, 48, -36, 16, -3]) / (12 * STEP)
    assert_allclose(found["loss"], one_sided, atol=1e-8)  # a gain is no fibre


def test_an_oscillator_that_is_driven_and_saturates_has_the_slopes_of_differences():
    def model(amplitude, decay, coupling):
        parts = {
            "laser": qc.coherent_drive(amplitude),
            "cavity": qc.cavity(decay=decay),
            "atom": qc.qubit(decay=0.4),
        }
        net = qc.Network(
            parts,
            [("laser.out", "cavity.in")],
            couplings=[qc.hopping("cavity.a", "atom.q", coupling)],
        )
        return qc.lindblad(net, {"cavity.a": 6})

    at = {"amplitude": 0.2, "decay": 1.0, "coupling": 0.3}
    for modes in (["cavity"], ["cavity", "atom"]):
        found = qc.steady_gradient(model, at, qc.measures.purity, modes).slopes
        for name, slope in differences(model, at, qc.measures.purity, modes, list(at)).items():
            assert_allclose(found[name], slope, atol=1e-8, err_msg=name)


def test_units_are_those_of_the_parameters():
    def model(decay, detuning):
        parts = {"light": qc.squeezed_light(0.5), "A": qc.qubit(decay=decay)}
        parts |= {"B": qc.qubit(decay="1 MHz", detuning=detuning)}
        net = qc.Network(parts, [("light.out_a", "A.in"), ("light.out_b", "B.in")])
        return qc.lindblad(net)

    at = {"decay": "2 MHz", "detuning": "0.3 MHz"}
    found = qc.steady_gradient(model, at, qc.measures.purity, ["A", "B"])
    rate = 2 * np.pi * 1e6

    def plain(decay, detuning, other):
        parts = {"light": qc.squeezed_light(0.5), "A": qc.qubit(decay=decay)}
        parts |= {"B": qc.qubit(decay=other, detuning=detuning)}
        net = qc.Network(parts, [("light.out_a", "A.in"), ("light.out_b", "B.in")])
        return qc.lindblad(net)

    at = {"decay": 2.0, "detuning": 0.3, "other": 1.0}
    same = qc.steady_gradient(plain, at, qc.measures.purity, ["A", "B"])
    assert_allclose(found.slopes["decay"] * rate, same.slopes["decay"], rtol=1e-7)
    assert_allclose(found.elasticities["detuning"], same.elasticities["detuning"], rtol=1e-7)
    assert abs(sum(same.elasticities.values())) < 1e-9  # only ratios of rates matter


def test_kinks_of_a_measure_and_of_a_model_are_told():
    def concurrence(state):
        return qc.measures.concurrence(state, "A", "B")

    pure = {"r": 0.6, "loss": 0.0, "kA": 1.0, "kB": 1.0, "dA": 0.0, "dB": 0.0}
    with pytest.raises(qc.ArgumentError, match="`measure` must be differentiable"):
        qc.steady_gradient(rails, pure, concurrence, ["A", "B"])

    def folded(detuning):
        return driven(0.4, 1.0, 0.3 + abs(detuning))

    def rooted(detuning):
        return driven(0.4, 1.0, abs(detuning) ** 0.5)

    for model in (folded, rooted):
        with pytest.raises(qc.ArgumentError, match=r"`at\[detuning\]` must be where the model"):
            qc.steady_gradient(model, {"detuning": 0.0}, excited, ["atom"])
    assert qc.steady_gradient(folded, {"detuning": 0.1}, excited, ["atom"]).value > 0


def test_where_there_are_two_steady_states_there_is_no_gradient():
    def model(rate):
        parts = {"A": qc.qubit(decay=rate), "B": qc.qubit(decay=0.0, dephasing=0.1)}
        return qc.lindblad(qc.Network(parts))

    with pytest.raises(qc.DegenerateError):
        qc.steady_gradient(model, {"rate": 1.0}, excited, ["A"])


def test_what_is_no_model_no_measure_or_too_many_modes_is_told():
    at = {"amplitude": 0.4, "decay": 1.3, "detuning": 0.7}
    with pytest.raises(qc.ArgumentError, match="`point` must return a LindbladModel"):
        qc.steady_gradient(lambda x: x, {"x": 1.0}, excited, ["atom"])
    with pytest.raises(qc.ArgumentError, match="depends on no parameter"):
        qc.steady_gradient(lambda x: driven(0.4, 1.0, 0.0), {"x": 1.0}, excited, ["atom"])
    with pytest.raises(qc.ArgumentError, match="`point` must take numbers and arrays"):
        qc.steady_gradient(lambda x: driven(float(x), 1.0, 0.0), {"x": 1.0}, excited, ["atom"])
    for measure in (lambda state: 0.5, lambda state: state.expect(qc.lower("atom.q"))):
        with pytest.raises(qc.ArgumentError, match="`measure` must return one real number"):
            qc.steady_gradient(driven, at, measure, ["atom"])


def chain(drive, loss, **p):
    """A laser through six qubits: 4,096 elements of ρ, without a symmetry."""
    parts, wires, last = {"laser": qc.coherent_drive(drive)}, [], "laser.out"
    for n in range(1, 7):
        parts[f"q{n}"] = qc.qubit(decay=p[f"k{n}"], detuning=p[f"d{n}"], dephasing=0.02)
        parts[f"f{n}"] = qc.fibre(1 - loss)
        wires += [(last, f"q{n}.in"), (f"q{n}.out", f"f{n}.in")]
        last = f"f{n}.out"
    return qc.lindblad(qc.Network(parts, wires))


@pytest.mark.slow
def test_six_driven_qubits_have_the_slopes_of_differences():
    at = {"drive": 0.5, "loss": 0.05}
    at |= {f"k{n}": 1 + 0.1 * n for n in range(1, 7)}
    at |= {f"d{n}": 0.1 * (-1) ** n for n in range(1, 7)}
    modes = ["q5", "q6"]
    found = qc.steady_gradient(chain, at, qc.measures.purity, modes)
    assert len(found.slopes) == 14
    slopes = differences(chain, at, qc.measures.purity, modes, ["drive", "k1", "d6", "loss"])
    for name, slope in slopes.items():
        assert_allclose(found.slopes[name], slope, atol=1e-8, err_msg=name)


# Outputs of a point function


def outputs(r, loss, decay):
    parts = {
        "light": qc.squeezed_light(r),
        "fibre": qc.fibre(1 - loss),
        "A": qc.qubit(decay=decay),
        "B": qc.qubit(decay=1.0, detuning=0.2),
    }
    wires = [("light.out_a", "fibre.in"), ("fibre.out", "A.in"), ("light.out_b", "B.in")]
    state = qc.steady_state(qc.lindblad(qc.Network(parts, wires)))
    excited = state.expect(qc.lower("A.q").dag * qc.lower("A.q")).real
    alone = qc.measures.purity(state.reduce("B"))
    return {
        "C": qc.measures.concurrence(state, "A", "B"),
        "flux": decay * excited,
        "both": alone * qc.log_negativity(state, "A", "B"),
    }


@pytest.mark.parametrize("of", ["flux", "both"])
def test_sensitivity_of_a_master_equation_is_the_adjoint_and_that_of_differences(of, monkeypatch):
    """What an output takes from the parameters besides the state is in it: flux = κ⟨n⟩."""
    at = {"r": 0.6, "loss": 0.2, "decay": 1.3}
    expected = sensitivity_by(differences_of, outputs, at, of)
    solved = []
    steady = steady_gradients.steady_state
    monkeypatch.setattr(
        steady_gradients, "steady_state", lambda *x, **y: solved.append(x) or steady(*x, **y)
    )
    found = qc.sensitivity(outputs, at, of=of)
    assert (found.by, len(solved)) == ("adjoint", 1)
    assert_allclose(found.value, expected.value, rtol=1e-12)
    for name, slope in expected.slopes.items():
        assert_allclose(found.slopes[name], slope, rtol=1e-6, atol=1e-9)


def test_points_of_two_master_equations_or_with_a_kink_are_left_to_differences(monkeypatch):
    def ratio(decay):
        first, second = (outputs(0.6, loss, decay)["C"] for loss in (0.2, 0.3))
        return {"ratio": first / second}

    def clipped(decay):
        return {"C": np.abs(outputs(0.6, 0.2, decay)["C"] - kink) + kink}

    def absent():
        raise ImportError

    monkeypatch.setattr("qcascade.inverse.slopes.jax_in_double_precision", absent)
    kink = float(outputs(0.6, 0.2, 1.3)["C"])
    for point in (ratio, clipped):
        assert qc.sensitivity(point, {"decay": 1.3}).by == "differences"
