"""The master equation of a network: against QuTiP wire by wire, and what its symmetries say."""

from types import SimpleNamespace

import numpy as np
import pytest
import qutip
from fock import master_equation
from random_networks import random_network, random_qubit_network

import qcascade as qc
from qcascade.hilbert.charges import charges, order
from qcascade.master_equation.jumps import hamiltonian_and_jumps, seen_at

CUTOFF = 3  # levels of every oscillator in the random networks


def dual_rail(pairs, squeezing=1.0, bandwidth=np.inf, detunings=None, dephasing=None):
    """Two lines of qubits behind squeezed light or a pair source, from parts."""
    source = qc.squeezed_light(squeezing)
    if np.isfinite(bandwidth):
        g = bandwidth / 2 * np.tanh(squeezing / 2)
        source = qc.pair_source(g, decay=(bandwidth, bandwidth))
    parts, wires = {"source": source}, []
    for rail, sign in (("A", 1), ("B", -1)):
        last = f"source.out_{rail.lower()}"
        for k in range(pairs):
            delta = 0.0 if detunings is None else sign * detunings[k]
            parts[f"{rail}{k + 1}"] = qc.qubit(delta, decay=1.0, dephasing=dephasing)
            wires.append((last, f"{rail}{k + 1}.in"))
            last = f"{rail}{k + 1}.out"
    return qc.Network(parts, wires)


AMPLIFIER = ("source.a", "source.b")


def liouvillian(model):
    return qutip.liouvillian(*qc.interop.to_qutip(model)).full()


@pytest.mark.parametrize("seed", range(6))
def test_random_networks_of_qubits_and_oscillators_agree_with_qutip_wire_by_wire(seed):
    net = random_qubit_network(seed)
    model = qc.lindblad(net, {"mode.a": CUTOFF - 1})
    H, jumps, _ = master_equation(net, CUTOFF)
    difference = liouvillian(model) - qutip.liouvillian(H, jumps).full()
    assert np.abs(difference).max() < 1e-12 * np.abs(liouvillian(model)).max() + 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_random_networks_of_oscillators_with_feedback_agree_with_qutip(seed):
    net = random_network(seed, weak=0.3)
    model = qc.lindblad(net, {"m0.a": CUTOFF - 1, "m1.a": CUTOFF - 1})
    H, jumps, _ = master_equation(net, CUTOFF)
    # Words such as aa† are exact here and truncated there; none occurs without a squeezed input.
    assert np.abs(liouvillian(model) - qutip.liouvillian(H, jumps).full()).max() < 1e-11


def test_hamiltonian_and_jumps_of_the_dual_rail_are_those_of_the_paper():
    r, delta = 0.7, np.array([0.3, -1.1, 2.0])
    part = dual_rail(3, r, detunings=delta).component
    H, jumps = hamiltonian_and_jumps(part)
    s = {name: qc.lower(f"{name}.q") for name in ("A1", "A2", "A3", "B1", "B2", "B3")}
    expected = 0 * s["A1"]
    for rail, sign in (("A", 1), ("B", -1)):
        for k in range(3):
            up = s[f"{rail}{k + 1}"].dag
            expected = expected + (sign * delta[k]) * up * s[f"{rail}{k + 1}"]
            for j in range(k + 1, 3):  # i(γ/2)(σ⁺_i σ⁻_j − h.c.) for j behind i
                hop = 0.5j * up * s[f"{rail}{j + 1}"]
                expected = expected + hop + hop.dag
    L_A, L_B = s["A1"] + s["A2"] + s["A3"], s["B1"] + s["B2"] + s["B3"]
    space = qc.lindblad(part).space
    assert np.abs((space.matrix(H) - space.matrix(expected)).toarray()).max() < 1e-14
    J_A, J_B = np.cosh(r) * L_A - np.sinh(r) * L_B.dag, np.cosh(r) * L_B - np.sinh(r) * L_A.dag
    for jump, wanted in zip(jumps, (J_A, J_B), strict=True):
        assert np.abs((space.matrix(jump) - space.matrix(wanted)).toarray()).max() < 1e-14


def test_dephasing_is_half_the_rate_times_the_dissipator_of_sigma_z():
    model = qc.lindblad(qc.qubit(0.3, dephasing=0.4))
    H, jumps = qc.interop.to_qutip(model)
    sz = qutip.Qobj(np.diag([-1.0, 1.0]))  # |1⟩⟨1| − |0⟩⟨0|
    expected = qutip.liouvillian(0.15 * sz, [np.sqrt(0.2) * sz])
    assert np.abs((qutip.liouvillian(H, jumps) - expected).full()).max() < 1e-14


def test_a_laser_drives_a_qubit_with_the_textbook_rabi_frequency():
    # L = √γ σ⁻ behind an amplitude β: H = −(i/2)√γ(β*σ⁻ − βσ⁺)·2, resonance fluorescence.
    gamma, beta = 1.0, 0.4
    net = qc.Network(
        {"laser": qc.coherent_drive(beta), "atom": qc.qubit(decay=gamma)},
        [("laser.out", "atom.in")],
    )
    H, jumps = qc.interop.to_qutip(qc.lindblad(net))
    rho = qutip.steadystate(H, jumps)
    rabi = 2 * np.sqrt(gamma) * beta
    assert qutip.expect(qutip.num(2), rho) == pytest.approx(
        rabi**2 / (gamma**2 + 2 * rabi**2), abs=1e-12
    )


@pytest.mark.parametrize(
    ("net", "cutoffs", "expected"),
    [
        (dual_rail(3), {}, ((1, 1, 1, -1, -1, -1),)),
        (dual_rail(2, detunings=[0.1, 0.7], dephasing=0.1), {}, ((1, 1, -1, -1),)),
        (dual_rail(1, 0.5, 4.0), {AMPLIFIER: 4}, ((1, -1, 1, -1),)),
        (qc.qubit(decay=1.0), {}, ((1,),)),
        (
            qc.Network(
                {"l": qc.coherent_drive(0.2), "q": qc.qubit(decay=1.0)}, [("l.out", "q.in")]
            ),
            {},
            (),
        ),
        (
            qc.Network(
                {"c": qc.cavity(0.2, decay=1.0, occupation=0.1), "q": qc.qubit(0.1)},
                couplings=[qc.hopping("c.a", "q.q", 0.3)],
            ),
            {"c.a": 4},
            ((1, 1),),
        ),
        (qc.Network({"p": qc.qubit(decay=1.0), "q": qc.qubit(decay=1.0)}), {}, ((1, 0), (0, 1))),
        (qc.squeezed_mode(0.1, decay=1.0), {"a": 6}, ()),
    ],
    ids=["dual rail", "dephased", "amplifier", "atom", "driven", "jaynes-cummings", "two", "opo"],
)
def test_charges_of_known_models(net, cutoffs, expected):
    assert qc.lindblad(net, cutoffs).space.charges == expected


def test_charges_split_the_dual_rail_into_binomially_many_elements():
    from math import comb

    for pairs in (1, 2, 3, 4, 5, 6):
        space = qc.lindblad(dual_rail(pairs)).space
        assert (len(space.sizes), space.elements) == (2 * pairs + 1, comb(4 * pairs, 2 * pairs))


def test_charges_weigh_modes_as_the_words_ask():
    a, b = qc.lower("a"), qc.lower("b")
    pump = a.dag * a.dag * b
    assert charges(["a", "b"], pump + pump.dag, [a, b]) == ((1, 2),)


def test_the_cascade_is_found_without_looking_at_the_wires():
    assert qc.lindblad(dual_rail(3)).order == (("A1.q", "B1.q"), ("A2.q", "B2.q"), ("A3.q", "B3.q"))
    model = qc.lindblad(dual_rail(2, 0.5, 4.0, dephasing=0.1), {AMPLIFIER: 5})
    assert model.order == (AMPLIFIER, ("A1.q", "B1.q"), ("A2.q", "B2.q"))
    a, b = qc.lower("a"), qc.lower("b")
    assert order(["a", "b"], 0.5j * (a.dag * b - b.dag * a), [a + b]) == (("a",), ("b",))
    assert order(["a", "b"], 0.5j * (b.dag * a - a.dag * b), [a + b]) == (("b",), ("a",))
    assert order(["a", "b"], 0 * a, [a + b]) == (("a", "b"),)  # a common bath acts both ways


def test_the_model_of_the_first_parts_is_that_of_the_network_that_ends_there():
    long = qc.lindblad(dual_rail(3, 0.5, 4.0, [0.0, 1.0, 2.0], 0.1), {AMPLIFIER: 3})
    short = qc.lindblad(dual_rail(2, 0.5, 4.0, [0.0, 1.0], 0.1), {AMPLIFIER: 3})
    first = long.upstream("source", "A1", "A2", "B1", "B2")
    assert first.modes == short.modes
    assert len(first.jump_matrices) == len(short.jump_matrices)
    for mine, its in zip(
        (first.no_jump_matrix, *first.jump_matrices),
        (short.no_jump_matrix, *short.jump_matrices),
        strict=True,
    ):
        assert np.abs((mine - its).toarray()).max() < 1e-13
    with pytest.raises(qc.ArgumentError, match=r"hold A1\.q, which A2\.q feels"):
        long.upstream("source", "A2")


def test_the_mirror_of_the_dual_rail_exchanges_the_rails():
    plain, detuned = qc.lindblad(dual_rail(2)), qc.lindblad(dual_rail(2, detunings=[0.4, 1.1]))
    assert plain.real
    assert not plain.mirror.conjugate
    assert not detuned.real
    assert detuned.mirror.conjugate
    crossed = qc.Network(
        {
            "light": qc.squeezed_light(1.0),
            "A": qc.qubit(0.3, decay=1.0),
            "B": qc.qubit(0.2, decay=2.0),
        },
        [("light.out_a", "A.in"), ("light.out_b", "B.in")],
    )
    assert qc.lindblad(crossed).mirror is None


def test_broadband_light_gives_the_gaussian_noise_of_a_fast_pair_source():
    # The same part in the Gaussian engine: two cavities behind it, against κ → ∞.
    def behind(source):
        parts = {"source": source, "A": qc.cavity(decay=1.0), "B": qc.cavity(0.2, decay=1.0)}
        net = qc.Network(parts, [("source.out_a", "A.in"), ("source.out_b", "B.in")])
        return qc.steady_state(qc.gaussian(net)).reduce("A", "B").cov

    broad = behind(qc.squeezed_light(0.8))
    previous = np.inf
    for kappa in (1e2, 1e3, 1e4):
        g = kappa / 2 * np.tanh(0.4)
        error = np.abs(behind(qc.pair_source(g, decay=(kappa, kappa))) - broad).max()
        assert error < previous / 9
        previous = error
    assert previous < 1e-3


def least_cutoff(net, start, squeezed):
    """What the refusal of a cutoff asks for."""
    with pytest.raises(qc.ArgumentError, match=r"must be \d+ or more") as told:
        qc.lindblad(net, {AMPLIFIER: start}, squeezed=squeezed)
    return int(str(told.value).split("be ")[1].split(" or")[0])


def test_a_cutoff_too_small_for_the_squeezing_is_refused_with_one_that_will_do():
    net = dual_rail(1, 2.0, 10.0)
    plain, squeezed = (least_cutoff(net, 1, basis) for basis in ({}, {AMPLIFIER: 0.5}))
    assert squeezed < plain
    assert qc.lindblad(net, {AMPLIFIER: plain}).space.tops[0] == plain
    assert least_cutoff(net, plain - 1, {}) == plain
    assert (
        qc.lindblad(net, {AMPLIFIER: squeezed}, squeezed={AMPLIFIER: 0.5}).space.tops[0] == squeezed
    )
    with pytest.raises(qc.UnstableError, match="no cutoff is enough"):
        qc.lindblad(qc.pair_source(0.6), {("a", "b"): 8})


def test_the_squeezed_basis_changes_no_physics():
    # Expectation values of the physical amplifier, in both bases, of the steady state.
    net = dual_rail(1, 1.0, 10.0)
    a, b = qc.lower("source.a"), qc.lower("source.b")
    found = []
    for cutoff, s in ((16, 0.0), (8, 0.25)):
        basis = {AMPLIFIER: s} if s else {}
        state = qc.steady_state(qc.lindblad(net, {AMPLIFIER: cutoff}, squeezed=basis))
        found.append([state.expect(a.dag * a), state.expect(a * b)])
    t = np.tanh(0.5)
    assert np.allclose(found, [t**2 / (2 * (1 - t**2)), t / (2 * (1 - t**2))], atol=1e-4)


def test_bad_input_is_told_by_name():
    with pytest.raises(qc.ArgumentError, match="`cutoffs` must give the most quanta of source"):
        qc.lindblad(dual_rail(1, 1.0, 10.0))
    with pytest.raises(qc.ArgumentError, match=r"`cutoffs` must be an oscillator.*source\.a"):
        qc.lindblad(dual_rail(1, 1.0, 10.0), {"A1.q": 2})
    with pytest.raises(qc.ArgumentError, match="zero or above"):
        qc.qubit(decay=-1.0)
    with pytest.raises(qc.ArgumentError, match="`dephasing` must be"):
        qc.qubit(dephasing=-0.1)
    with pytest.raises(qc.ArgumentError, match=r"one model, not a batch, but is 'shape \(3,\)"):
        qc.lindblad(qc.qubit(np.linspace(0, 1, 3), decay=1.0)).generator()
    with pytest.raises(qc.ArgumentError, match="oscillators only"):
        qc.gaussian(qc.qubit(decay=1.0))
    with pytest.raises(qc.ArgumentError, match="classical fields"):
        qc.linearise(qc.qubit(decay=1.0), {"q": 0.0})
    parts = {"light": qc.squeezed_light(1.0), "q": qc.qubit(decay=1.0)}
    with pytest.raises(qc.ArgumentError, match="squeezed light"):
        qc.Network(parts, [("q.out", "light.in_a")])
    with pytest.raises(qc.ArgumentError, match="of memory"):
        qc.lindblad(qc.Network({f"q{k}": qc.qubit(decay=1.0) for k in range(40)}))


def test_networks_of_qubits_go_through_toml_and_back():
    net = dual_rail(2, 0.7, detunings=[0.1, 0.2], dephasing=0.3)
    again = qc.from_toml(qc.to_toml(net))
    assert np.abs(liouvillian(qc.lindblad(net)) - liouvillian(qc.lindblad(again))).max() == 0
    inside = qc.Network({"all": qc.slh.as_component(net)})
    custom = qc.from_toml(qc.to_toml(inside))
    assert np.abs(liouvillian(qc.lindblad(custom)) - liouvillian(qc.lindblad(net))).max() < 1e-14
    assert "squeezed with source.in_b" in str(net)


def coupled(rate, turn):
    """Two lossy oscillators and a closed one between them; the light of the first is turned."""
    parts = {"a": qc.cavity(1.0, decay=1.0), "b": qc.cavity(decay=1.0), "c": qc.cavity()}
    parts["turn"] = qc.phase_shifter(turn)
    couplings = [qc.hopping("a.a", "b.a", rate), qc.hopping("b.a", "c.a", rate)]
    return qc.Network(parts, [("a.out", "turn.in")], couplings).component


def pairs(H):
    names = {word: "".join(mode[0] for mode, _ in word) for word in H.terms}
    return {names[word]: np.asarray(c).real.tolist() for word, c in H.terms.items() if word[0][1]}


@pytest.mark.parametrize("turn", [0.0, np.pi])
def test_what_is_rounding_beside_what_two_modes_lose_is_no_coupling_of_them(turn):
    H, _ = hamiltonian_and_jumps(coupled(1e-16, turn))
    assert pairs(H) == {"aa": 1.0, "bc": 1e-16}  # nothing cancels for a mode that loses nothing
    H, _ = hamiltonian_and_jumps(coupled(np.array([1e-16, -0.5]), turn))
    assert pairs(H) == {"aa": 1.0, "ab": [0.0, -0.5], "bc": [1e-16, -0.5]}


def test_light_that_only_rounding_passes_is_not_seen():
    S, L = np.array([[1e-17, 1.0], [1.0, 1e-17]]), (qc.lower("a"), qc.lower("b"))
    for part in (SimpleNamespace(S=S, L=L), SimpleNamespace(S=np.stack([S, S]), L=L)):
        assert [*seen_at(part, 0).terms] == [(("b", False),)]


def test_a_constant_is_no_energy():
    n = qc.lower("a").dag * qc.lower("a")
    ports = {"inputs": (), "occupations": {}, "squeezings": {}, "L": (), "S": np.zeros((0, 0))}
    H, _ = hamiltonian_and_jumps(SimpleNamespace(H=n + 2.0, **ports))
    assert pairs(H) == {"aa": 1.0}
