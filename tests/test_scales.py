"""Master equations whose rates and frequencies lie many decades apart."""

import dataclasses

import dense
import mpmath
import numpy as np
import pytest

import qcascade as qc
from qcascade.hilbert.charges import influence, rotating
from qcascade.hilbert.rounding import summed
from qcascade.master_equation import solve as master_equation
from qcascade.master_equation import stationary


def excited(model):
    """All qubits in |1⟩."""
    return qc.ket(list(model.modes), np.eye(2 ** len(model.modes))[-1])


def occupations(state):
    return [qc.measures.occupation(state, mode) for mode in state.modes]


@pytest.mark.parametrize("frequency", [1e3, 1e13, 1e15, 1e18])
def test_a_frequency_that_is_conserved_costs_nothing(frequency):
    model = qc.lindblad(qc.qubit(frequency, decay=1.0))
    run = qc.evolve(model, excited(model), [1.0], progress=False)
    assert occupations(run.final) == pytest.approx([np.exp(-1.0)], abs=1e-9)
    assert run.final.trace == pytest.approx(1.0, abs=1e-9)
    assert run.info["applications"] < 100


@pytest.mark.parametrize("frequency", [2e12, 1e15])
def test_qubits_of_different_decays_are_no_mirror_images_beside_a_fast_one(frequency):
    parts = {
        "a": qc.qubit(decay=1.0),
        "b": qc.qubit(decay=3.0),
        "c": qc.qubit(frequency, decay=2.0),
    }
    model = qc.lindblad(qc.Network(parts))
    assert model.mirror is None
    run = qc.evolve(model, excited(model), [1.0], progress=False)
    assert occupations(run.final) == pytest.approx(np.exp([-1.0, -3.0, -2.0]), abs=1e-9)
    assert run.final.trace == pytest.approx(1.0, abs=1e-9)


def test_equal_frequencies_cancel_to_the_last_digit():
    """Two qubits that hop at g, δ apart, on a carrier of 1e15: Rabi's formula."""
    g, delta = 0.5, 2.0
    parts = {"a": qc.qubit(1e15), "b": qc.qubit(1e15 + delta)}
    model = qc.lindblad(qc.Network(parts, couplings=[qc.hopping("a.q", "b.q", g)]))
    assert model.mirror is None
    run = qc.evolve(model, qc.ket(["a.q", "b.q"], [0, 0, 1, 0]), [1.3], progress=False)
    half = np.sqrt(g**2 + delta**2 / 4)
    known = (g / half) ** 2 * np.sin(half * 1.3) ** 2
    assert occupations(run.final) == pytest.approx([1 - known, known], abs=1e-8)


def test_a_kerr_energy_of_a_conserved_number_costs_nothing():
    """½K n(n − 1) is constant wherever n is conserved, and no sum of charges."""
    parts = {
        "m": qc.kerr_cavity(1e13, 3e14, decay=1.0, occupation=0.5),
        "laser": qc.coherent_drive(0.4),
        "q": qc.qubit(0.7, decay=1.0),
    }
    model = qc.lindblad(qc.Network(parts, [("laser.out", "q.in")]), {"m.a": 12})
    run = qc.evolve(model, None, [40.0], progress=False)
    s = 2 * 0.4**2 * 4 / (1 + 4 * 0.7**2)
    assert qc.measures.occupation(run.final, "q") == pytest.approx(s / (2 * (1 + s)), abs=1e-8)
    assert run.info["applications"] < 2000


def test_pump_signal_and_idler_turn_in_their_own_frames():
    a, b, c = map(qc.lower, "abc")
    H = 1e15 * a.dag * a + 2e15 * b.dag * b + (3e15 + 8) * c.dag * c
    pump = a.dag * b.dag * c
    left = rotating("abc", H + pump + pump.dag, [(1, 0, 1), (0, 1, 1)])
    numbers = [x.real for word, x in left.terms.items() if len(word) == 2]
    assert [abs(x) for x in numbers] == [8.0]
    # ±δ shows a symmetry under exchange and conjugation; it stays.
    kept = rotating("ab", 2.0 * a.dag * a - 2.0 * b.dag * b, [(1, 1)])
    assert [x.real for x in kept.terms.values()] == [2.0, -2.0]


def test_frequencies_go_with_charges_of_which_a_mode_has_two():
    a, b, c = map(qc.lower, "abc")
    H = 1e15 * a.dag * a + (2e15 + 4) * b.dag * b + 5e14 * c.dag * c
    left = rotating("abc", H, [(1, 2, 0), (1, 2, 2)])
    assert left.terms == {(("a", True), ("a", False)): -2.0}


def test_sums_are_judged_by_what_they_were_summed_from():
    terms = [("x", 0.3, 0.3), ("x", 0.1, 0.1), ("x", -0.4, 0.4), ("y", 1e-15 + 1e15j, 1 + 1e15j)]
    assert summed(terms) == {"y": 1e15j}
    assert summed([("y", 1.0 + 1e15j, 1 + 1e15j)]) == {"y": 1.0 + 1e15j}


def test_light_and_sound_side_by_side():
    parts = {
        "light": qc.cavity("282 THz", decay="1 MHz"),
        "sound": qc.cavity("1 MHz", decay="100 Hz", occupation=0.2),
    }
    state = qc.steady_state(qc.lindblad(qc.Network(parts), {"light.a": 4, "sound.a": 17}))
    assert qc.measures.occupation(state, "sound") == pytest.approx(0.2, abs=1e-10)
    assert qc.measures.occupation(state, "light") == pytest.approx(0.0, abs=1e-12)
    assert state.info["estimated_error"] < 1e-10


@pytest.mark.parametrize("decade", [3, 9, 12, 15])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_whatever_stands_beside(seed, decade):
    """Three driven qubits on scales of their own: n = s/2(1 + s), s = 2Ω²/(γ² + 4δ²)."""
    random = np.random.default_rng(seed)
    scales = random.permutation([1.0, 10.0 ** (decade / 2), 10.0**decade])
    parts, wires, known = {}, [], []
    for k, scale in enumerate(scales):
        delta, beta = random.normal(), random.uniform(0.2, 0.5)
        parts |= {f"q{k}": qc.qubit(delta * scale, decay=[scale])}
        parts |= {f"l{k}": qc.coherent_drive(beta * np.sqrt(scale))}
        wires.append((f"l{k}.out", f"q{k}.in1"))
        s = 2 * (2 * beta) ** 2 / (1 + 4 * delta**2)
        known.append(s / (2 * (1 + s)))
    model = qc.lindblad(qc.Network(parts, wires))
    state = qc.steady_state(model, progress=False)
    assert [qc.measures.occupation(state, f"q{k}") for k in range(3)] == pytest.approx(
        known, rel=1e-12
    )
    assert state.is_physical()


def two_qubits(kind, ratio, random):
    """A slow and a fast qubit, warm, that hop, or the fast one upstream, driven or not."""
    slow = qc.qubit(random.normal(), decay=[1.0, 0.4], occupation={"in2": 0.3})
    fast = qc.qubit(random.normal(), decay=[ratio, 0.4 * ratio], occupation={"in2": 0.7})
    parts, wires = {"a": slow, "b": fast}, []
    if kind == "cascade":
        return qc.Network(parts, [("b.out1", "a.in1")])
    if kind == "driven":
        parts["laser"] = qc.coherent_drive(0.6)
        wires = [("laser.out", "a.in1")]
    g = float(random.uniform(0.2, 0.8) * np.sqrt(ratio))
    return qc.Network(parts, wires, [qc.hopping("a.q", "b.q", g)])


def exact(model):
    """The steady state in 60 digits, from words with exact elements of σ."""
    with mpmath.workdps(60):
        size = 2 ** len(model.modes)

        def matrix(ladder):
            total = mpmath.zeros(size)
            for word, c in ladder.terms.items():
                own = dense.operator(word, model.modes, (2,) * len(model.modes))
                total += mpmath.mpc(complex(c)) * mpmath.matrix(own.tolist())
            return total

        H, jumps = matrix(model.H), [matrix(J) for J in model.jumps]
        K = -1j * H - sum((J.H * J for J in jumps), mpmath.zeros(size)) / 2
        L = mpmath.zeros(size**2)
        terms = [(K, mpmath.eye(size)), (mpmath.eye(size), K), *((J, J) for J in jumps)]
        for A, B in terms:
            for i, k, j, l in np.ndindex(*(size,) * 4):
                if A[i, k] and B[j, l]:
                    L[i * size + j, k * size + l] += A[i, k] * mpmath.conj(B[j, l])
        for k in range(size**2):
            L[0, k] = 1 if k % (size + 1) == 0 else 0
        x = mpmath.lu_solve(L, mpmath.matrix([1] + [0] * (size**2 - 1)))
        return np.array([complex(z) for z in x]).reshape(size, size)


@pytest.mark.parametrize("kind", ["hopping", "cascade", "driven"])
@pytest.mark.parametrize("ratio", [1e3, 1e9, 1e13, 1e15])
def test_coupled_qubits_of_very_different_rates(kind, ratio):
    model = qc.lindblad(two_qubits(kind, ratio, np.random.default_rng(int(np.log10(ratio)))))
    state = qc.steady_state(model, progress=False)
    assert np.linalg.norm(state.matrix() - exact(model)) < 1e-14
    assert state.info["estimated_error"] < 1e-13


def test_a_cascade_is_one_way_whatever_else_is_large():
    parts = {"u": qc.cavity(decay=1.0), "v": qc.cavity(decay=2.0), "w": qc.cavity(1e14, decay=1e13)}
    for wires, upstream in (([("u.out", "v.in")], "u"), ([("v.out", "u.in")], "v")):
        model = qc.lindblad(qc.Network(parts, wires), {"u.a": 1, "v.a": 1, "w.a": 1})
        feels = influence(model.modes, model.H, model.jumps)
        assert np.argwhere(feels).tolist() == [[1, 0] if upstream == "u" else [0, 1]]
        assert model.groups == (("u.a", "v.a"), ("w.a",))


def test_a_slow_state_is_told_from_a_second_one():
    """A cat with a loss so small that its phase turns over once in 1e9 lifetimes."""
    for loss, cutoff in ((0.1, 27), (0.1, 36), (1e-3, 20)):
        a = qc.lower("a")
        space = qc.lindblad(qc.cavity(decay=1.0), {"a": cutoff}, sectors=False).space
        state = qc.steady_state(qc.LindbladModel(("a",), 0 * a, (a * a - 6.0, loss * a), space))
        assert state.expect(a).real == pytest.approx(0.0, abs=1e-7)
        assert state.expect(a * a).real == pytest.approx(6.0, rel=0.02)


def test_what_cannot_be_told_is_called_slow(monkeypatch):
    monkeypatch.setattr(stationary, "MANY", 0)
    a = qc.lower("a")
    space = qc.lindblad(qc.cavity(decay=1.0), {"a": 36}, sectors=False).space
    model = qc.LindbladModel(("a",), 0 * a, (a * a - 6.0, 0.1 * a), space)
    with pytest.raises(qc.ConvergenceError, match=r"decays at a rate of .*`unique=False` gives"):
        qc.steady_state(model, progress=False)
    state = qc.steady_state(model, unique=False, progress=False)
    assert state.expect(a * a).real == pytest.approx(6.0, rel=0.05)


def test_one_of_several_steady_states_is_given_when_asked_for():
    parts = {"a": qc.qubit(decay=1.0), "b": qc.qubit()}
    model = qc.lindblad(qc.Network(parts))
    with pytest.raises(qc.DegenerateError, match=r"This is about b\.q"):
        qc.steady_state(model)
    state = qc.steady_state(model, unique=False)
    assert occupations(state) == pytest.approx([0.0, 0.5], abs=1e-12)  # the mixed state stays


def weak_chain(random, spread, qubits=5):
    """Driven qubits whose rates are up to 10^spread apart, coupled weakly."""
    names = [f"q{k}" for k in range(qubits)]
    rates = 10.0 ** random.uniform(-spread, 0, qubits)
    parts, wires, hops = {}, [], []
    for k, (name, rate) in enumerate(zip(names, rates, strict=True)):
        parts[name] = qc.qubit(rate * random.normal(), decay=[rate])
        parts[f"l{k}"] = qc.coherent_drive(0.5 * random.normal() * np.sqrt(rate))
        wires.append((f"l{k}.out", f"{name}.in1"))
        if k:
            g = 0.3 * min(rates[k - 1 : k + 1]) * random.normal()
            hops.append(qc.hopping(f"q{k - 1}.q", f"{name}.q", g))
    return qc.lindblad(qc.Network(parts, wires, hops))


@pytest.mark.parametrize("spread", [2, 6, 8])
def test_the_error_of_a_stiff_state_is_made_small_and_told(spread, monkeypatch):
    model = weak_chain(np.random.default_rng(spread), spread, 4)
    known = qc.steady_state(model, progress=False)
    monkeypatch.setattr(stationary, "FEW", 0)
    monkeypatch.setattr(stationary, "MANY", 0)
    state = qc.steady_state(model, progress=False)
    error = np.linalg.norm(state.matrix() - known.matrix())
    assert known.info["estimated_error"] < 1e-9
    assert error < 1e-8
    assert error < 30 * state.info["estimated_error"]
    assert state.is_physical()


UPSTREAM = {
    "thermal": lambda: {"u": qc.cavity(0.3, decay=[1.0, 0.5], occupation={"in2": 0.1})},
    "driven": lambda: {"u": qc.qubit(0.3, decay=[1.0, 0.5]), "l": qc.coherent_drive(0.4)},
    "warm": lambda: {"u": qc.qubit(0.3, decay=[1.0, 0.5], occupation={"in2": 0.2})},
    "squeezed": lambda: {"u": qc.squeezed_mode(0.15, 0.2, decay=[1.0, 0.5])},
}


@pytest.mark.parametrize("sectors", [True, False])
@pytest.mark.parametrize("driven", [True, False])
@pytest.mark.parametrize("before", UPSTREAM)
def test_a_cascade_starts_from_its_first_parts_whatever_they_conserve(
    before, driven, sectors, monkeypatch
):
    parts, wires = UPSTREAM[before](), [("u.out1", "v.in1")]
    wires += [("l.out", "u.in2")] if "l" in parts else []
    parts["v"] = qc.qubit(-0.2, decay=[0.8, 0.6])
    if driven:
        parts["m"] = qc.coherent_drive(0.3)
        wires.append(("m.out", "v.in2"))
    cutoffs = {"u.a": 5} if before in ("thermal", "squeezed") else {}
    model = qc.lindblad(qc.Network(parts, wires), cutoffs, sectors=sectors)
    _, rho = dense.steady_states(model)
    for module, name in ((master_equation, "_WARM"), (stationary, "FEW"), (stationary, "MANY")):
        monkeypatch.setattr(module, name, 0)
    start = master_equation._from_the_shorter_cascade(model, 1e-11, None)
    assert start.trace == pytest.approx(1.0)
    kept = start.reduce("u")
    state = qc.steady_state(model, progress=False)
    assert np.linalg.norm(state.matrix() - rho) < 1e-8
    # The first part never feels the second, so the start has its state already.
    assert np.linalg.norm(kept.matrix() - state.reduce("u").matrix()) < 1e-8


def test_a_cutoff_of_its_own_inside_a_shared_one_is_watched():
    parts = {"l": qc.coherent_drive(0.5), "x": qc.cavity(decay=1.0), "y": qc.cavity(decay=1.0)}
    net = qc.Network(parts, [("l.out", "x.in")])
    with pytest.raises(qc.ArgumentError, match=r"`cutoffs\[x\.a\]` must be 4 or more"):
        qc.lindblad(net, {("x.a", "y.a"): 12, "x.a": 1})
    good = qc.steady_state(qc.lindblad(net, {("x.a", "y.a"): 16}))
    assert qc.measures.occupation(good, "x") == pytest.approx(1.0, abs=1e-8)
    told = qc.steady_state(qc.lindblad(net, {("x.a", "y.a"): 12, "x.a": 4}))
    assert told.info["edge_population"] > 0.01
    assert "cutoff" in told.info["warnings"][0]


@pytest.mark.parametrize("small", [1e-11, 7e-7, 1e-3])
def test_coherence_between_sectors_is_refused_however_small(small):
    model = qc.lindblad(qc.Network({"a": qc.qubit(decay=1.0), "b": qc.qubit(decay=1.0)}))
    ket = qc.ket(model.modes, [np.sqrt(1 - small**2), 0, 0, small])
    for start in (ket, ket.density()):
        with pytest.raises(qc.ArgumentError, match="no coherence between its charge sectors"):
            qc.evolve(model, start, [1e-9], progress=False)
    whole = qc.lindblad(
        qc.Network({"a": qc.qubit(decay=1.0), "b": qc.qubit(decay=1.0)}), sectors=False
    )
    run = qc.evolve(whole, ket, [1e-9], progress=False)
    assert qc.measures.concurrence(run.final, "a", "b") == pytest.approx(2 * small, rel=1e-4)


@pytest.mark.parametrize("qubits", [2, 3, 4])
def test_driven_tavis_cummings_has_dark_states_at_every_size(qubits):
    parts = {"laser": qc.coherent_drive(0.4), "c": qc.cavity(decay=1.0)}
    parts |= {f"q{k}": qc.qubit() for k in range(qubits)}
    hops = [qc.hopping("c.a", f"q{k}.q", 0.7) for k in range(qubits)]
    net = qc.Network(parts, [("laser.out", "c.in")], hops)
    for cutoff in (3, 7) if qubits == 2 else (4,):
        with pytest.raises(qc.DegenerateError, match="more than one steady state"):
            qc.steady_state(qc.lindblad(net, {"c.a": cutoff}), progress=False)


@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize("cutoff", [6, 14])
def test_longitudinal_readout_keeps_what_it_reads_on_every_axis(axis, cutoff):
    a, s = qc.lower("c"), qc.lower("q")
    spin = {"x": s + s.dag, "y": 1j * s - 1j * s.dag, "z": 2 * s.dag * s - 1}[axis]
    H = 0.6 * spin * (a + a.dag) + 0.2 * a.dag * a
    bare = qc.Network({"c": qc.cavity(decay=1.0), "q": qc.qubit(decay=1.0)})
    space = qc.lindblad(bare, {"c.a": cutoff}, sectors=False).space
    names = {"c": "c.a", "q": "q.q"}
    H, J = H.rename(names.get), a.rename(names.get)
    model = qc.LindbladModel(space.modes, H, (J,), space)
    with pytest.raises(qc.DegenerateError, match="more than one steady state"):
        qc.steady_state(model, progress=False)


@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize("cutoff", [14, 18, 20])
def test_longitudinal_readout_of_a_driven_cavity_is_never_taken_for_unique(axis, cutoff):
    s, a = qc.lower("q.q"), qc.lower("c.a")
    spin = {"x": s + s.dag, "y": 1j * s - 1j * s.dag, "z": 2 * s.dag * s}[axis]
    parts = {"l": qc.coherent_drive(0.2), "c": qc.cavity(decay=1.0), "q": qc.qubit()}
    bare = qc.Network(parts, [("l.out", "c.in")]).component
    whole = dataclasses.replace(bare, H=bare.H + 0.3 * spin * (a + a.dag))
    with pytest.raises((qc.DegenerateError, qc.ConvergenceError)):
        qc.steady_state(qc.lindblad(whole, {"c.a": cutoff}), progress=False)


def test_models_that_cannot_fit_are_refused_before_any_matrix_is_made():
    parts = {"c": qc.cavity(decay=1.0), "d": qc.cavity(decay=1.0), "l": qc.coherent_drive(0.5)}
    net = qc.Network(parts, [("l.out", "c.in"), ("c.out", "d.in")])
    model = qc.lindblad(net, {"c.a": 2000, "d.a": 2000})
    for verb in (qc.steady_state, lambda model: qc.evolve(model, None, [1.0])):
        with pytest.raises(qc.ArgumentError, match="of memory"):
            verb(model)
    assert "rotating_no_jump_matrix" not in vars(model)


@pytest.mark.parametrize("ratio", [1e2, 1e5])
def test_uncoupled_qubits_evolve_on_their_own_scales(ratio):
    parts = {"a": qc.qubit(decay=1.0), "b": qc.qubit(decay=3.0), "c": qc.qubit(decay=ratio)}
    model = qc.lindblad(qc.Network(parts))
    observe = {"all": lambda state: np.array(occupations(state))}
    run = qc.evolve(model, excited(model), [0.5, 1.0], observe, progress=False)
    known = np.exp(-np.outer([0.5, 1.0], [1.0, 3.0, ratio]))
    assert run.observed["all"] == pytest.approx(known, abs=1e-9)
    model = qc.lindblad(qc.Network(parts), sectors=False)
    bell = qc.ket(list(model.modes), np.array([0, 0, 1, 0, 1, 0, 0, 0]) / np.sqrt(2))
    run = qc.evolve(model, bell, [1.0], progress=False)  # no product: all together
    assert qc.measures.concurrence(run.final, "a", "b") == pytest.approx(np.exp(-2.0), abs=1e-8)


@pytest.mark.parametrize("times", [[0.5, 1.0, 2.0], [0.0, 0.5, 1.0, 1.0, 30.0, 40.0]])
def test_what_rests_beside_what_moves_is_observed_at_all_times(times):
    """A cavity in a laser's light beside an atom in its ground state."""
    parts = {"laser": qc.coherent_drive(0.2), "c": qc.cavity(decay=1.0), "q": qc.qubit(1.0, 1.0)}
    model = qc.lindblad(qc.Network(parts, [("laser.out", "c.in")]), {"c.a": 7})
    observe = {"all": lambda state: np.array(occupations(state))}
    run = qc.evolve(model, None, times, observe, progress=False)
    expected = 0.16 * (1 - np.exp(-np.array(times) / 2)) ** 2
    assert run.observed["all"][:, 0] == pytest.approx(expected, abs=1e-6)
    assert run.observed["all"][:, 1] == pytest.approx(0.0, abs=1e-12)


def test_an_evolution_in_which_rounding_moved_the_trace_is_refused():
    with pytest.raises(qc.ConvergenceError, match=r"trace changed by 0\.001, more than"):
        master_equation._check_kept_trace({"trace_error": 1e-3}, 1e-9)
