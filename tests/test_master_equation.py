"""Steady states and evolution of wired networks: two engines, QuTiP, causality, agusti2023."""

import independent.agusti2023 as typed
import numpy as np
import pytest
import qutip
from random_networks import random_qubit_network
from test_lindblad import AMPLIFIER, dual_rail

import qcascade as qc
from qcascade.papers.agusti2023 import FIGURES, network, point
from qcascade.papers.agusti2023.engine import amplified, diagonal, preparation, qubits


@pytest.mark.parametrize("seed", range(3))
def test_steady_states_of_random_networks_agree_with_qutip(seed):
    model = qc.lindblad(random_qubit_network(seed), {"mode.a": 3})
    state = qc.steady_state(model)
    H, jumps = qc.interop.to_qutip(model)
    expected = qutip.steadystate(H, jumps).full()
    assert np.abs(state.matrix() - expected).max() < 1e-9
    assert state.is_physical()
    assert np.abs(qc.interop.to_qutip(state).full() - expected).max() < 1e-9


def test_evolution_agrees_with_qutip_from_a_qutip_state():
    model = qc.lindblad(random_qubit_network(5), {"mode.a": 19}, sectors=False)
    H, jumps = qc.interop.to_qutip(model)
    low = np.pad(qutip.rand_ket([2, 2, 2], seed=3).full().reshape(4, 2), ((0, 0), (0, 18)))
    start = qutip.Qobj(low.ravel(), dims=[[2, 2, 20], [1, 1, 1]])
    run = qc.evolve(model, start, [0.5, 2.0], {"n": qc.measures.occupation})
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 10**6}
    result = qutip.mesolve(H, start, [0.0, 0.5, 2.0], jumps, options=options)
    assert np.abs(run.final.matrix() - result.states[-1].full()).max() < 1e-8
    number = [qutip.expect(qutip.num(2), s.ptrace(0)) for s in result.states[1:]]
    assert run.observed["n"][:, 0] == pytest.approx(number, abs=1e-8)


def test_a_coherent_start_needs_a_model_without_sectors():
    model = qc.lindblad(qc.qubit(decay=1.0))
    plus = qc.density("q", np.array([1, 1]) / np.sqrt(2))
    with pytest.raises(qc.ArgumentError, match="sectors=False"):
        qc.evolve(model, plus, [1.0])
    run = qc.evolve(qc.lindblad(qc.qubit(decay=1.0), sectors=False), plus, [2.0])
    assert run.final.matrix()[0, 1] == pytest.approx(np.exp(-1.0) / 2, abs=1e-9)


@pytest.mark.parametrize("r", [0.3, 0.8])
def test_the_gaussian_engine_and_the_master_equation_agree_on_a_pair_source(r):
    source = qc.pair_source(np.tanh(r / 2) / 2, decay=(1.0, 1.0), detuning=(0.3, -0.3))
    gaussian = qc.steady_state(qc.gaussian(source))
    fock = qc.steady_state(qc.lindblad(source, {"a": 20, "b": 20}))
    assert fock.info["edge_population"] < 1e-6
    assert qc.log_negativity(fock, "a", "b") == pytest.approx(
        float(qc.log_negativity(gaussian, "a", "b")), abs=2e-6
    )
    assert qc.measures.occupation(fock, "a") == pytest.approx(
        float(qc.measures.occupation(gaussian, "a")), abs=1e-6
    )


def test_the_population_at_the_cutoff_is_told_in_the_result_and_not_on_the_screen(capfd):
    source = qc.pair_source(np.tanh(0.5) / 2)
    rough = qc.steady_state(qc.lindblad(source, {("a", "b"): 6}))
    fine = qc.steady_state(qc.lindblad(source, {("a", "b"): 24}))
    assert "raise `cutoffs`" in rough.info["warnings"][0]
    assert fine.info["warnings"] == ()
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("bandwidth", [np.inf, 10.0])
def test_the_first_pairs_never_feel_the_later_ones(bandwidth):
    cutoffs = {} if np.isinf(bandwidth) else {AMPLIFIER: 5}
    detunings = [0.0, 0.7, 1.1]
    states = [
        qc.steady_state(
            qc.lindblad(dual_rail(n, 0.8, bandwidth, detunings[:n], 0.05), cutoffs), tolerance=1e-13
        )
        for n in (1, 2)
    ]
    first = states[1].reduce(*states[0].modes)
    for ours, theirs in zip(first.blocks, states[0].blocks, strict=True):
        assert np.abs(ours - theirs).max() < 1e-10


def test_broadband_light_is_the_limit_of_a_fast_amplifier():
    rates = np.array([200.0, 400.0, 800.0])
    found = [
        diagonal(qubits(qc.steady_state(amplified(network(1, bandwidth=k), 1.0, 10))), 1)[0]
        for k in rates
    ]
    fit = np.polyfit(1 / rates, found, 2)  # C = C_∞ + c₁/κ + c₂/κ²
    assert fit[-1] == pytest.approx(np.tanh(2.0), abs=2e-5)
    assert abs(found[-1] - np.tanh(2.0)) > 1e-3


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"bandwidth": 10.0}, (0.7984388107, 0.7565393884)),
        ({"bandwidth": 100.0}, (0.9503403510, 0.9484559455)),
        ({"bandwidth": 10.0, "dephasing": 0.01}, (0.7395420120, 0.6176554839)),
    ],
)
def test_finite_bandwidth_has_the_known_concurrences(settings, expected):
    found = point(pairs=2, photons=10, **settings)
    assert np.diagonal(found["concurrence"]) == pytest.approx(expected, abs=1e-7)
    assert found["residual"] < 1e-9


def test_a_detuned_pair_and_the_number_of_pairs_have_the_known_values():
    detuned = point(pairs=1, bandwidth=5.0, offset=5.0, photons=10)["concurrence"][0][0]
    assert detuned == pytest.approx(0.3270921129, abs=1e-8)
    for bandwidth, dephasing, expected in ((10.0, 0.0, 19.056), (10.0, 0.01, 6.0675)):
        first, second = np.diagonal(
            point(pairs=2, bandwidth=bandwidth, dephasing=dephasing)["concurrence"]
        )
        assert first / (first - second) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("bandwidth", [5.0, 100.0])
def test_forty_five_states_of_a_squeezed_amplifier_are_enough(bandwidth):
    # C_11 with at most 8 photons in the squeezed basis against 12.
    few, many = (point(1, bandwidth=bandwidth, photons=k)["concurrence"][0][0] for k in (8, 12))
    assert abs(few - many) < 1e-6


PREPARATION = {
    1: {0.0: 36.73353825, 5.0: 36.73353825},
    2: {0.0: 45.93548639, 0.2: 45.07046847, 1.0: 38.38924460, 5.0: 36.74810121},
    4: {0.0: 66.61452902, 0.2: 59.56169170, 1.0: 39.56941232, 5.0: 36.75479393},
    5: {0.0: 77.10960662, 0.2: 64.89541290, 1.0: 39.82542024, 5.0: 36.75496071},
    6: {0.0: 87.59717233, 0.2: 69.15221447, 1.0: 39.99767945},
}


@pytest.mark.parametrize(
    ("pairs", "detuning"),
    [*typed.TIMES, *(pytest.param(*x, marks=pytest.mark.slow) for x in typed.LONG_TIMES)],
)
def test_the_table_is_what_the_typed_master_equation_gives(pairs, detuning):
    expected = typed.preparation_time(pairs, detuning)
    assert PREPARATION[pairs][detuning] == pytest.approx(expected, abs=6e-9)


def check_preparation(pairs, detuning):
    time = preparation(amplified(network(pairs, detuning=detuning), 1.0), pairs, tolerance=1e-10)
    assert time == pytest.approx(PREPARATION[pairs][detuning], rel=3e-9)


@pytest.mark.parametrize("pairs", [1, 2, 4])
def test_preparation_times_have_the_known_values(pairs):
    for detuning in PREPARATION[pairs]:
        check_preparation(pairs, detuning)


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [5, 6])
def test_preparation_times_of_many_pairs_have_the_known_values(pairs):
    for detuning in PREPARATION[pairs]:
        check_preparation(pairs, detuning)


def test_preparation_time_rises_with_every_pair():
    times = [point(n, quantity="preparation")["preparation_time"] for n in (1, 2, 3)]
    assert times[0] < times[1] < times[2] < 3 * times[0]


def test_the_continued_figure_tells_what_each_further_pair_adds():
    plate = FIGURES["continued"]
    data = plate.data((1, 2))
    one, two = (PREPARATION[n][0.0] for n in (1, 2))
    np.testing.assert_allclose(data.preparation_time, [one, two], rtol=1e-7)
    np.testing.assert_allclose(data.added, [np.nan, two - one], rtol=1e-6)
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in plate.draw(data).axes)
    assert all(variable.attrs["units"] for variable in (data.pairs, data.added))


def test_form_invariance_holds_at_finite_bandwidth_and_dephasing_breaks_it():
    def purity(permutation, dephasing):
        settings = {"detuning": 0.7, "bandwidth": 5.0, "dephasing": dephasing, "photons": 4}
        return point(2, permutation=permutation, **settings)["purity"]

    assert purity("reversed", 0.0) == pytest.approx(purity("parallel", 0.0), abs=1e-10)
    assert abs(purity("reversed", 0.05) - purity("parallel", 0.05)) > 1e-4


@pytest.mark.slow
def test_four_pairs_behind_an_amplifier_have_the_known_concurrences():
    found = np.diagonal(point(4, bandwidth=10.0, photons=6)["concurrence"])
    assert found == pytest.approx((0.798433, 0.756530, 0.711769, 0.669050), abs=1e-6)
    for detuning, expected in ((0.0, 0.3438390), (1.0, 0.5735881), (3.0, 0.3632884)):
        settings = {"bandwidth": 10.0, "dephasing": 0.01, "photons": 6, "detuning": detuning}
        assert point(4, **settings)["concurrence"][3][3] == pytest.approx(expected, abs=2e-6)


def test_a_dark_steady_state_says_how_dark_it_is():
    state = qc.steady_state(qc.lindblad(dual_rail(2, 1.0, detunings=[0.0, 0.5])))
    assert state.info["dark_residual"] < 1e-8
    mixed = qc.steady_state(qc.lindblad(dual_rail(2, 1.0, dephasing=0.1)))
    assert "dark_residual" not in mixed.info


def test_a_degenerate_point_of_a_sweep_is_nan_and_the_others_are_kept():
    def point(rate):
        state = qc.steady_state(qc.lindblad(qc.qubit(decay=rate, occupation=1.0)), progress=False)
        return {"n": qc.measures.occupation(state, "q")}

    data = qc.sweep(qc.each(point), rate=[0.0, 1.0])
    assert data.stable.values.tolist() == [False, True]
    assert np.isnan(data.n[0])
    assert data.n[1] == pytest.approx(1 / 3)


def test_decoupled_qubits_are_reported_as_degenerate():
    with pytest.raises(qc.DegenerateError, match="more than one steady state"):
        qc.steady_state(qc.lindblad(qc.qubit(0.3, dephasing=0.1)))


def test_trajectories_of_a_model_agree_with_its_master_equation():
    model = qc.lindblad(dual_rail(2, 0.8))
    times = [2.0, 6.0]
    pair = {"pair": lambda psi: psi.reduce("A2", "B2")}
    runs = qc.trajectories(model, times, pair, number=300, seed=2, progress=False)
    value, error = runs.estimate("pair", lambda rho: qc.measures.occupation(rho, "A2.q"))
    exact = qc.evolve(model, None, times, {"n": lambda rho: qc.measures.occupation(rho, "A2.q")})
    assert np.all(np.abs(value - exact.observed["n"]) < 4 * error)
    assert np.all(error < 0.05)


def test_coherent_light_needs_levels_for_its_mean_and_a_little_more():
    net = qc.Network(
        {"laser": qc.coherent_drive(2.0), "c": qc.cavity(decay=1.0)}, [("laser.out", "c.in")]
    )
    with pytest.raises(qc.ArgumentError, match="be 28 or more for 16 quanta"):
        qc.lindblad(net, {"c": 27})
    state = qc.steady_state(qc.lindblad(net, {"c": 40}))
    assert qc.measures.occupation(state, "c.a") == pytest.approx(16, abs=1e-4)


def test_kets_from_amplitudes_and_from_qutip_start_trajectories():
    model = qc.lindblad(dual_rail(1, 0.5))
    for start in (qc.ket(model.modes, [0, 0, 0, 1]), qutip.basis([2, 2], [1, 1])):
        runs = qc.trajectories(
            model, [1e-9], {"n": qc.measures.occupation}, initial=start, number=2, progress=False
        )
        assert runs.mean["n"][0] == pytest.approx([1, 1], abs=1e-6)
    with pytest.raises(qc.ArgumentError, match="`amplitudes` must have norm 1"):
        qc.ket("q", [1, 1])
    with pytest.raises(qc.ArgumentError, match="no negative eigenvalue"):
        qc.density("q", [[1.5, 0], [0, -0.5]])


def test_the_ground_state_of_a_squeezed_basis_is_the_physical_vacuum():
    model = qc.lindblad(dual_rail(1, 1.0, 10.0), {AMPLIFIER: 16}, squeezed={AMPLIFIER: 0.25})
    vacuum = qc.ground(model)
    assert qc.measures.occupation(vacuum) == pytest.approx([0, 0, 0, 0], abs=1e-9)
    a, b = qc.lower("source.a"), qc.lower("source.b")
    assert abs(vacuum.expect(a * b)) < 1e-8


def test_memory_is_asked_for_before_it_is_taken(monkeypatch):
    import psutil

    model = qc.lindblad(dual_rail(7))
    little = type("Memory", (), {"available": 2**30})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: little)
    with pytest.raises(qc.ArgumentError, match=r"needs about .* GiB of memory \(40,116,600"):
        model.generator()
