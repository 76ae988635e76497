"""Squeezed beams, magnons, atomic ensembles, converters: closed forms and second routes."""

import numpy as np
import pytest
from fock import steady_moments
from numpy.testing import assert_allclose
from random_networks import random_gaussian_network

import qcascade as qc
from qcascade.parts import atomic_ensemble, magnon_mode, microwave_converter, squeezed_beam

XI = [0.4, -0.4, 0.3j, 0.5 * np.exp(2.1j)]


def driven(xi, part=None, occupation=None):
    parts = {"s": squeezed_beam(xi, occupation=occupation), "m": part or qc.cavity(decay=1.0)}
    return qc.Network(parts, [("s.out", "m.in")])


# Squeezed beams


@pytest.mark.parametrize("xi", XI)
def test_a_cavity_on_resonance_takes_the_noise_of_the_beam(xi):
    """⟨a†a⟩ = sinh²r, ⟨a²⟩ = e^{iφ} sinh r cosh r, with the input's own sign."""
    cov = qc.steady_state(qc.gaussian(driven(xi))).cov
    r, phi = abs(xi), np.angle(xi)
    square = np.exp(1j * phi) * np.sinh(r) * np.cosh(r)
    n = np.sinh(r) ** 2
    expected = [
        [n + 0.5 + square.real, square.imag],
        [square.imag, n + 0.5 - square.real],
    ]
    assert_allclose(cov, expected, atol=1e-12)


@pytest.mark.parametrize("xi", XI)
def test_two_beams_on_a_beam_splitter_are_one_source_of_pairs(xi):
    cavities = {name: qc.cavity(0.3, decay=1.0) for name in ("l", "r")}
    apart = {"p": squeezed_beam(xi, occupation=0.2), "q": squeezed_beam(-xi, occupation=0.2)}
    split = qc.Network(
        {**apart, "bs": qc.beam_splitter(0.5), **cavities},
        [("p.out", "bs.in1"), ("q.out", "bs.in2"), ("bs.out1", "l.in"), ("bs.out2", "r.in")],
    )
    pairs = qc.Network(
        {"s": qc.squeezed_light(xi, occupation=0.2), **cavities},
        [("s.out_a", "l.in"), ("s.out_b", "r.in")],
    )
    one, two = qc.gaussian(split), qc.gaussian(pairs)
    assert_allclose(one.D, two.D, atol=1e-12)
    assert qc.log_negativity(qc.steady_state(one), "l", "r") > 0.1
    bands = [qc.sidebands(model, 0.4) for model in (one, two)]
    names = [("l.out+", "l.out-", "r.out+", "r.out-")] * 2
    V, W = (s.reduce(*n).cov for s, n in zip(bands, names, strict=True))
    assert_allclose(V, W, atol=1e-12)


def test_noise_that_leaves_is_that_of_the_beam():
    model = qc.gaussian(qc.Network({"s": squeezed_beam(0.5), "m": qc.cavity(decay=1.0)}))
    x, p = (qc.quadrature_spectrum(model, "s.out", 0.3, angle=t) for t in (0.0, np.pi / 2))
    assert (x, p) == pytest.approx((np.e / 2, 1 / np.e / 2))
    assert qc.emission_spectrum(model, "s.out", 0.3) == pytest.approx(np.sinh(0.5) ** 2)


def test_diffusion_is_the_noise_of_the_inputs_with_beams_among_them():
    tried = 0
    for seed in range(30):
        net = random_gaussian_network(seed)
        if net is None:
            continue
        rng = np.random.default_rng(seed)
        beam = squeezed_beam(complex(*rng.normal(size=2)), occupation=rng.uniform())
        busy = {port for wire in net.wires for port in wire} | set(net.component.occupations)
        busy |= {port for pair in net.component.squeezings for port in pair}
        free = [x for x in qc.slh.open_ports(net)[0] if x not in busy]
        if not free:
            continue
        wires = [*net.wires, ("beam.out", free[0])]
        model = qc.gaussian(qc.Network({**net.parts, "beam": beam}, wires, net.couplings))
        B = model.input_matrix
        assert_allclose(B @ model.input_noise @ B.T, model.D, atol=1e-11 * np.abs(model.D).max())
        assert qc.audit(model).verdict == "physical"
        tried += 1
    assert tried > 10


@pytest.mark.parametrize("xi", [0.3, 0.2j])
def test_master_equation_of_a_beam_is_that_of_qutip_and_of_the_gaussian_model(xi):
    net = driven(xi, qc.squeezed_mode(0.1j, 0.2, decay=1.0), occupation=0.1)
    cov = qc.steady_state(qc.gaussian(net)).cov
    _, theirs = steady_moments(net, 40)
    assert_allclose(theirs, cov, atol=1e-6)
    rho = qc.steady_state(qc.lindblad(net, {"m.a": 40}), progress=False)
    a = qc.lower("m.a")
    square = cov[0, 0] - cov[1, 1] + 2j * cov[0, 1]
    assert rho.expect(a * a) == pytest.approx(square / 2, abs=1e-6)


@pytest.mark.parametrize("xi", [0.6, -0.6])
def test_squeezed_light_slows_the_decay_of_one_dipole_quadrature(xi):
    """γ_x,y = ½γ e^{±2r} (Gardiner, PRL 56, 1917 (1986))."""
    model = qc.lindblad(driven(xi, qc.qubit(decay=1.0)))
    q, times = qc.lower("m.q"), np.array([0.0, 0.5])
    found = []
    for phase in (1.0, 1j):  # σ_x and σ_y at their largest
        start = qc.ket(["m.q"], np.array([1.0, phase]) / np.sqrt(2))
        look = {"d": lambda seen, w=phase: seen.expect(np.conj(w) * q + w * q.dag).real}
        run = qc.evolve(model, start, times, observe=look, progress=False)
        found.append(-np.log(run.observed["d"][1] / run.observed["d"][0]) / 0.5)
    # i(bσ⁺ − b†σ⁻) is x σ_y + p σ_x up to signs: p, quiet for ξ > 0, turns σ_y and leaves σ_x.
    assert_allclose(sorted(found), sorted(0.5 * np.exp([2 * 0.6, -2 * 0.6])), rtol=1e-6)
    quiet = 1 if xi > 0 else 0
    assert found[quiet] < found[1 - quiet]


def test_a_beam_is_no_input_for_wires_and_says_what_it_is():
    net = driven(0.5)
    assert ("squeezed", "s.in") in qc.slh.wiring_table(net)
    assert "s.in  vacuum, squeezed (ξ = (0.5+0j))" in str(net)
    with pytest.raises(qc.ArgumentError, match="must not end at an input of squeezed light"):
        qc.Network({"s": squeezed_beam(0.5), "m": qc.cavity(decay=1.0)}, [("m.out", "s.in")])


def test_files_hold_beams_also_inside_parts_by_hand():
    for net in (driven(0.3 + 0.1j), qc.Network({"x": qc.slh.as_component(driven(0.3 + 0.1j))})):
        again = qc.gaussian(qc.from_toml(qc.to_toml(net)))
        assert_allclose(again.D, qc.gaussian(net).D, atol=1e-15)


def test_a_batch_of_beams_equals_its_points():
    xi = np.array(XI)
    batch = qc.gaussian(driven(xi))
    for k, one in enumerate(xi):
        model = qc.gaussian(driven(one))
        assert_allclose(batch.D[k], model.D, atol=1e-15)
        assert_allclose(batch.input_noise[k], model.input_noise, atol=1e-15)


# Magnons


def test_magnons_precess_at_28_gigahertz_per_tesla():
    assert qc.physics.magnon_frequency(1.0) / (2 * np.pi) == pytest.approx(28.02495e9, rel=1e-6)
    assert qc.physics.magnon_frequency("100 mT") == qc.physics.magnon_frequency(0.1)


def test_magnons_and_microwaves_make_polaritons_that_split_by_twice_the_coupling():
    parts = {"c": qc.cavity(decay=1e-3), "m": magnon_mode(0.0, 1e-3)}
    net = qc.Network(parts, couplings=[qc.hopping("c.a", "m.m", 0.3)])
    frequencies = np.sort(np.linalg.eigvals(qc.gaussian(net).A).imag)
    assert_allclose(frequencies, [-0.3, -0.3, 0.3, 0.3], atol=1e-12)


def test_a_magnon_with_anisotropy_is_a_kerr_oscillator():
    ours, theirs = magnon_mode(0.3, 1.0, kerr=0.2), qc.kerr_cavity(0.2, 0.3, 1.0)
    assert ours.H.rename(lambda _: "a").terms == theirs.H.terms
    assert magnon_mode(0.3, 1.0).H.degree == 2


# Atoms


def test_the_ensemble_has_the_drift_of_its_equations():
    part = atomic_ensemble(
        0.5, [1.0, 0.2], coupling=0.1, atoms=400, atomic_detuning=-0.7, atomic_decay=0.3
    )
    assert part.inputs == ("in1", "in2", "in_atoms")
    expected = [
        [-0.6, 0.5, 0, 2.0],
        [-0.5, -0.6, -2.0, 0],
        [0, 2.0, -0.15, -0.7],
        [-2.0, 0, 0.7, -0.15],
    ]
    assert_allclose(qc.gaussian(part).A, expected, atol=1e-12)


def test_one_excitation_among_three_atoms_is_one_in_their_collective_mode():
    def photons(part_or_net, cavity, cutoffs):
        model = qc.lindblad(part_or_net, cutoffs)
        others = [m for m in model.modes if m != cavity]
        start = qc.ket([cavity, *others], np.eye(1, 2 ** len(model.modes), 2 ** len(others))[0])
        a, times = qc.lower(cavity), np.linspace(0, 4, 9)
        look = {"n": lambda seen: seen.expect(a.dag * a).real}
        return qc.evolve(model, start, times, observe=look, progress=False).observed["n"]

    atoms = {f"q{k}": qc.qubit(0.4, decay=0.3) for k in range(3)}
    links = [qc.hopping("c.a", f"q{k}.q", 0.5) for k in range(3)]
    net = qc.Network({"c": qc.cavity(0.1, decay=0.2), **atoms}, couplings=links)
    rates = {"coupling": 0.5, "atoms": 3, "atomic_detuning": 0.4, "atomic_decay": 0.3}
    part = atomic_ensemble(0.1, 0.2, **rates)
    exact = photons(net, "c.a", {"c.a": 1})
    assert_allclose(photons(part, "a", {"a": 1, "c": 1}), exact, atol=1e-7)
    assert exact.min() < 0.2


# Converters

CONVERTER = {"coupling": 1e-4, "microwave_coupling": 2e-4, "frequency": 1.0}


@pytest.mark.parametrize("momentum_damped", [False, True])
def test_a_converter_carries_what_its_cooperativities_say(momentum_damped):
    """4CC_c/(1 + C + C_c)² on both red sidebands; what is left out is of order (κ/4ω_m)²."""
    kappa, kappa_c, gamma = 0.02, 0.01, 1e-4
    alpha, xi = 7.0, 3.0
    push = 1e-4 * alpha**2 + 2e-4 * xi**2
    beta = push / (1.0 - (0.0 if momentum_damped else 0.5j * gamma))
    shift = 2 * beta.real
    part = microwave_converter(
        1.0 + 1e-4 * shift,
        kappa,
        microwave_detuning=1.0 + 2e-4 * shift,
        microwave_decay=kappa_c,
        mechanical_decay=gamma,
        momentum_damped=momentum_damped,
        **CONVERTER,
    )
    lasers = {
        "laser": qc.coherent_drive(-alpha * (kappa / 2 + 1j) / np.sqrt(kappa)),
        "tone": qc.coherent_drive(-xi * (kappa_c / 2 + 1j) / np.sqrt(kappa_c)),
    }
    wires = [("laser.out", "x.in"), ("tone.out", "x.in_microwave")]
    net = qc.Network({**lasers, "x": part}, wires)
    model = qc.gaussian(qc.linearise(net, {"x.a": alpha, "x.c": xi, "x.b": beta}))
    passed = qc.scattering(model, 1.0)["direct"]
    C = 4 * (1e-4 * alpha) ** 2 / (kappa * gamma)
    C_c = 4 * (2e-4 * xi) ** 2 / (kappa_c * gamma)
    share = 4 * C * C_c / (1 + C + C_c) ** 2
    assert share > 0.3
    for output, entering in (("x.out", "tone.in"), ("x.out_microwave", "laser.in")):
        found = abs(passed.sel(output=output, input=entering).item()) ** 2
        assert found == pytest.approx(share, rel=2e-3)
    assert model.inputs == ("laser.in", "tone.in", "x.in_motion")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: atomic_ensemble(
                0.0, 1.0, coupling=1.0, atoms=0, atomic_detuning=0.0, atomic_decay=0.1
            ),
            "`atoms` must be a number above zero",
        ),
        (lambda: qc.physics.magnon_frequency(-0.1), "`field` must be a number zero or above"),
        (lambda: squeezed_beam(np.nan), "`r` must be a complex number, finite"),
        (
            lambda: microwave_converter(
                0.0,
                1.0,
                microwave_detuning=0.0,
                microwave_decay=[1.0, -1.0],
                mechanical_decay=0.1,
                **CONVERTER,
            ),
            r"`microwave_decay\[1\]` must be",
        ),
    ],
)
def test_bad_parts_are_refused_with_a_sentence(make, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        make()
