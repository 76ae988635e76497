import warnings
from itertools import pairwise

import independent.agusti2023 as typed
import numpy as np
import pytest
import qutip
import scipy.linalg
from scipy.sparse import csr_array

import qcascade as qc
from qcascade.hilbert.space import Space
from qcascade.hilbert.states import DensityState
from qcascade.master_equation import chebyshev, chebyshev_interval, propagators
from qcascade.master_equation.generator import Generator
from qcascade.master_equation.layout import Layout
from qcascade.master_equation.relaxation import relax
from qcascade.slh.ladder import total


def generator_of(space, H, jumps, real=False):
    jumps = tuple(space.matrix(J) for J in jumps)
    K = -1j * space.matrix(H) - 0.5 * sum(J.conj().T @ J for J in jumps)
    return Generator(Layout(space, real=real), csr_array(K), jumps)


def dual_rail(pairs, spread=0.0, r=1.0):
    """Eqs. (1)–(4) of Agustí et al., PRL 131, 250801; δ_A = −δ_B are `spread` apart."""
    rails = [[f"{rail}{k}" for k in range(1, pairs + 1)] for rail in "AB"]
    names = tuple(rails[0] + rails[1])
    charge = tuple(1 if name[0] == "A" else -1 for name in names)
    space = Space(names, (1,) * len(names), names, charges=(charge,))
    s = {name: qc.lower(name) for name in names}
    delta = {n: spread * ((pairs - 1) / 2 - k) for k, n in enumerate(rails[0])}
    delta |= {b: -delta[a] for a, b in zip(*rails, strict=True)}
    H = total(delta[n] * s[n].dag * s[n] for n in names)
    for rail in rails:
        for u, c in enumerate(rail):
            for d in rail[u + 1 :]:
                H = H + 0.5j * (s[c].dag * s[d] - s[d].dag * s[c])
    A, B = (total(s[n] for n in rail) for rail in rails)
    ch, sh = float(np.cosh(r)), float(np.sinh(r))
    return generator_of(space, H, (ch * A - sh * B.dag, ch * B - sh * A.dag), real=spread == 0)


def random_model(seed):
    """Two qubits and an oscillator without any symmetry: one complex block."""
    rng = np.random.default_rng(seed)
    names = ("p", "q", "m")
    space = Space(names, (1, 1, 3), ("p", "q"))
    ladders = [qc.lower(n) for n in names]

    def mixture():
        return total(complex(*rng.normal(size=2)) * x for a in ladders for x in (a, a.dag))

    G = mixture() * mixture()
    return generator_of(space, G + G.dag, (mixture(), 0.5 * mixture() * mixture()))


def ground(space):
    blocks = [np.zeros((d, d)) for d in space.sizes]
    at = int(np.flatnonzero(space.quanta.sum(axis=1) == 0)[0])
    q = int(np.searchsorted(space.offsets, at, side="right")) - 1
    blocks[q][at - space.offsets[q], at - space.offsets[q]] = 1.0
    return DensityState(space, tuple(blocks))


def random_state(space, seed=0):
    rng = np.random.default_rng(seed)
    blocks = []
    for d in space.sizes:
        m = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
        blocks.append(m @ m.conj().T)
    norm = sum(np.trace(b).real for b in blocks)
    return DensityState(space, tuple(b / norm for b in blocks))


def whole(state):
    """The density matrix in the order of the space's basis."""
    return scipy.linalg.block_diag(*state.blocks)


def superoperator(generator):
    """The generator as a dense matrix on row-major ρ, from K and the jumps alone."""
    K, one = generator.K.toarray(), np.eye(generator.K.shape[0])
    L = np.kron(K, one) + np.kron(one, K.conj())
    return L + sum(np.kron(J.toarray(), J.toarray().conj()) for J in generator.jumps)


def exact(generator, state, t):
    rho = whole(state)
    return (scipy.linalg.expm(t * superoperator(generator)) @ rho.ravel()).reshape(rho.shape)


def purity(state):
    return float(sum(np.vdot(b, b).real for b in state.blocks))


def prepared(pairs):
    return lambda state: (purity(state) - 1) / pairs + 0.001


@pytest.mark.parametrize("seed", range(3))
def test_random_models_agree_with_the_matrix_exponential(seed):
    model = random_model(seed)
    start = random_state(model.layout.space, seed)
    times = np.array([0.0, 0.03, 0.5])
    seen = relax(model, start, times, {"rho": whole}).observed["rho"]
    for t, rho in zip(times, seen, strict=True):
        assert np.linalg.norm(rho - exact(model, start, t)) < 1e-9


def test_a_random_model_agrees_with_qutip():
    model = random_model(7)
    start, times = random_state(model.layout.space), np.linspace(0, 0.4, 5)
    K = model.K.toarray()
    H = qutip.Qobj(0.5j * (K - K.conj().T))
    jumps = [qutip.Qobj(J.toarray()) for J in model.jumps]
    options = {"atol": 1e-13, "rtol": 1e-11, "nsteps": 100_000}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        states = qutip.mesolve(H, qutip.Qobj(whole(start)), times, jumps, options=options).states
    seen = relax(model, start, times, {"rho": whole}).observed["rho"]
    np.testing.assert_allclose(seen, [s.full() for s in states], atol=1e-9)


@pytest.mark.parametrize("spread", [0.0, 5.0])
def test_a_cascade_far_from_normal_agrees_with_dense_stepping(spread):
    """Two pairs by the dense exponential; at a long time the recurrence would drown in rounding."""
    model = dual_rail(2, spread)
    start = ground(model.layout.space)
    final = relax(model, start, [40.0]).final
    assert np.linalg.norm(whole(final) - exact(model, start, 40.0)) < 1e-9


@pytest.mark.parametrize("spread", [0.0, 5.0])
def test_three_pairs_agree_with_the_exponential_on_blocks(spread):
    from scipy.sparse import block_array, kron
    from scipy.sparse import eye_array as eye

    model = dual_rail(3, spread)
    space, K, jumps = model.layout.space, model.K, model.jumps
    cuts = [slice(a, b) for a, b in zip(space.offsets[:-1], space.offsets[1:], strict=True)]
    grid = []
    for into in cuts:
        row = [sum(kron(J[into][:, o], J[into][:, o].conj()) for J in jumps) for o in cuts]
        k, one = K[into][:, into], eye(into.stop - into.start)
        row[len(grid)] = row[len(grid)] + kron(k, one) + kron(one, k.conj())
        grid.append(row)
    L = block_array(grid).toarray()
    start = ground(space)
    flat = np.concatenate([b.ravel() for b in start.blocks])
    expected = scipy.linalg.expm(30 * L) @ flat
    final = relax(model, start, [30.0]).final
    found = np.concatenate([b.ravel() for b in final.blocks])
    assert np.linalg.norm(found - expected) < 1e-9


@pytest.mark.parametrize(
    ("pairs", "spread"), [*typed.TIMES, pytest.param(4, 0.0, marks=pytest.mark.slow)]
)
def test_preparation_times_of_the_dual_rail(pairs, spread):
    time = typed.preparation_time(pairs, spread)
    model = dual_rail(pairs, spread)
    found = relax(model, ground(model.layout.space), [80.0], until=prepared(pairs))
    assert found.stopped == pytest.approx(time, rel=1e-8)
    assert found.times[-1] == found.stopped
    assert abs(prepared(pairs)(found.final)) < 1e-11
    assert found.info["trace_error"] < 1e-9
    assert found.info["hermiticity_error"] < 1e-13


def test_a_decaying_qubit_crosses_in_closed_form():
    """⟨σᶻ⟩ = 2e^{−t} − 1 falls through zero at ln 2, between two of the times."""
    space = Space(("q",), (1,), ("q",), charges=((1,),))
    model = generator_of(space, 0 * qc.lower("q").dag * qc.lower("q"), (qc.lower("q"),))
    start = DensityState(space, (np.zeros((1, 1)), np.ones((1, 1))))
    found = relax(
        model,
        start,
        [0.0, 0.5, 10.0],
        {"excited": lambda state: state.blocks[1][0, 0].real},
        until=lambda state: 0.5 - state.blocks[1][0, 0].real,
        tolerance=1e-12,
    )
    assert found.stopped == pytest.approx(np.log(2), abs=1e-11)
    np.testing.assert_allclose(found.times, [0.0, 0.5, np.log(2)], atol=1e-11)
    np.testing.assert_allclose(found.observed["excited"], [1, np.exp(-0.5), 0.5], atol=1e-11)


def test_what_starts_above_zero_must_fall_below_first():
    model = dual_rail(1)
    start = ground(model.layout.space)
    assert prepared(1)(start) > 0
    assert relax(model, start, [50.0], until=prepared(1)).stopped > 30
    assert relax(model, start, [50.0], until=purity).stopped is None


def test_until_that_never_fires_changes_nothing():
    model = dual_rail(2)
    start, times = ground(model.layout.space), [0.0, 1.0, 4.0]
    free = relax(model, start, times, {"purity": purity})
    watched = relax(model, start, times, {"purity": purity}, until=lambda state: -1.0)
    assert watched.stopped is None
    np.testing.assert_array_equal(watched.times, times)
    np.testing.assert_allclose(watched.observed["purity"], free.observed["purity"], atol=1e-9)


def test_results_differ_by_no_more_than_the_tolerance():
    model = dual_rail(3, 0.7)
    start = ground(model.layout.space)
    best = whole(relax(model, start, [20.0], tolerance=1e-13).final)
    for tolerance in (1e-4, 5e-5, 1e-7, 5e-8, 1e-10, 5e-11):
        final = whole(relax(model, start, [20.0], tolerance=tolerance).final)
        assert np.linalg.norm(final - best) < tolerance


def test_many_times_agree_with_few():
    model = dual_rail(2, 1.0)
    start = ground(model.layout.space)
    many = relax(model, start, np.linspace(0, 5, 101), {"rho": whole})
    few = relax(model, start, [0.25, 5.0], {"rho": whole})
    np.testing.assert_allclose(many.observed["rho"][[5, 100]], few.observed["rho"], atol=1e-9)


def test_a_steady_state_stays_and_rounding_does_not_grow():
    """L(ρ) = 0 hides the growth of rounding errors from the recurrence of ρ itself."""
    model = dual_rail(3)
    steady = relax(model, ground(model.layout.space), [250.0], tolerance=1e-12).final
    later = relax(model, steady, [100.0]).final
    assert np.linalg.norm(whole(later) - whole(steady)) < 1e-9


def test_fewer_applications_than_a_runge_kutta_method():
    from scipy.integrate import solve_ivp

    model = dual_rail(3, 0.2)
    x = model.layout.pack(ground(model.layout.space))
    other = solve_ivp(
        lambda t, y: model.apply(np.ascontiguousarray(y)),
        (0, 30),
        x,
        "DOP853",
        atol=1e-9,
        rtol=1e-8,
    )
    ours = relax(model, ground(model.layout.space), [30.0])
    assert 3 * ours.info["applications"] < other.nfev


def test_steps_give_up_times_that_rounding_spoils():
    """An interval far too short makes the recurrence explode; the step must not hide it."""
    decay = np.array([0.0, -1.0, -40.0])

    def apply(x, out):
        return np.multiply(decay, x, out=out)

    taken = chebyshev.step(apply, np.ones(3), 10.0, [0.1, 30.0], 1e-10)
    np.testing.assert_array_equal(taken.times, [0.1])
    np.testing.assert_allclose(taken.states[0], np.exp(0.1 * decay), atol=1e-10)


def test_a_generator_that_is_not_finite_is_told():
    def apply(x, out):
        return np.multiply(np.nan, x, out=out)

    with pytest.raises(ArithmeticError, match="not finite"):
        chebyshev_interval.survey(apply, np.ones(3), 1.0, 1e-9)
    with pytest.raises(ArithmeticError, match="cannot go on"):
        chebyshev.propagate(apply, np.ones(2), 1.0, 1e-9, 10.0, 1.0)


class Interrupted(Exception):
    pass


def raising(measure, calls, number, error):
    """The measure, which raises at one of its calls; these are counted in a file, since functions
    that change are refused."""

    def counting(state):
        with open(calls, "a+") as file:
            file.write(".")
            if file.tell() == number:
                raise error
        return measure(state)

    return counting


@pytest.mark.parametrize("stop", [KeyboardInterrupt, Interrupted])
@pytest.mark.parametrize("watched", [False, True])
def test_an_interrupted_computation_goes_on_to_the_last_bit(tmp_path, stop, watched):
    model = dual_rail(3)
    start, times = ground(model.layout.space), np.linspace(0, 60, 31)
    until = prepared(3) if watched else None
    undisturbed = relax(model, start, times, {"purity": purity}, until)
    counted = tmp_path / "calls"
    fails = raising(purity, str(counted), 17, stop)
    path = tmp_path / "run.checkpoint"
    with pytest.raises(stop):
        relax(model, start, times, {"purity": fails}, until, checkpoint=path)
    resumed = relax(model, start, times, {"purity": fails}, until, checkpoint=path)
    assert counted.stat().st_size < 17 + len(times)
    assert resumed.stopped == undisturbed.stopped
    assert (resumed.stopped is not None) == watched
    np.testing.assert_array_equal(resumed.times, undisturbed.times)
    np.testing.assert_array_equal(resumed.observed["purity"], undisturbed.observed["purity"])
    assert resumed.info == undisturbed.info
    again = relax(model, start, times, {"purity": fails}, until, checkpoint=path)
    np.testing.assert_array_equal(again.observed["purity"], undisturbed.observed["purity"])


def test_a_checkpoint_of_another_computation_is_refused(tmp_path):
    path, model = tmp_path / "run.checkpoint", dual_rail(2)
    start = ground(model.layout.space)
    relax(model, start, [1.0], checkpoint=path)
    with pytest.raises(qc.ArgumentError, match="another generator; remove it"):
        relax(dual_rail(2, r=0.9), start, [1.0], checkpoint=path)
    with pytest.raises(qc.ArgumentError, match="another times and tolerance"):
        relax(model, start, [2.0], tolerance=1e-8, checkpoint=path)
    path.write_text("something else")
    with pytest.raises(qc.ArgumentError, match="a whole file that `evolve` wrote"):
        relax(model, start, [1.0], checkpoint=path)


def decaying(level=0.5, mode="q"):
    """Pieces of one computation: a qubit that decays, what is observed, where to stop."""
    space = Space((mode,), (1,), (mode,), charges=((1,),))
    model = generator_of(space, 0 * qc.lower(mode).dag * qc.lower(mode), (qc.lower(mode),))
    start = DensityState(space, (np.zeros((1, 1)), np.ones((1, 1))))
    return model, start, lambda state: level - qc.measures.occupation(state, mode)


def test_a_finished_checkpoint_asked_for_something_else_is_refused(tmp_path):
    model, start, until = decaying(-0.1)
    path, times = tmp_path / "run.checkpoint", [0.0, 10.0]
    observe = {"n": qc.measures.occupation}
    assert relax(model, start, times, observe, until, checkpoint=path).stopped is None
    assert relax(model, start, times, observe, until, checkpoint=path).stopped is None
    other = decaying(0.1)[2]
    with pytest.raises(qc.ArgumentError, match=r"another until \(value level was -0.1 and is 0.1"):
        relax(model, start, times, observe, other, checkpoint=path)
    path.unlink()
    assert relax(model, start, times, observe, other, checkpoint=path).stopped == pytest.approx(
        np.log(10)
    )
    with pytest.raises(qc.ArgumentError, match="another until"):
        relax(model, start, times, observe, checkpoint=path)
    with pytest.raises(qc.ArgumentError, match=r"another observe\[n\] \("):
        relax(model, start, times, {"n": purity}, other, checkpoint=path)
    with pytest.raises(qc.ArgumentError, match="another names in `observe`"):
        relax(model, start, times, {"m": qc.measures.occupation}, other, checkpoint=path)


class Threshold:
    level = 0.1

    def reached(self, state):
        return self.level - qc.measures.occupation(state, "q")


def test_a_checkpoint_looks_into_methods_defaults_and_nested_functions(tmp_path):
    model, start, _ = decaying()
    path = tmp_path / "run.checkpoint"

    def helper(state, level=0.2):
        return level - qc.measures.occupation(state, "q")

    def nested(state):
        return helper(state)

    for first, change in (
        (nested, lambda: setattr(helper, "__defaults__", (0.3,))),
        (Threshold().reached, None),
    ):
        path.unlink(missing_ok=True)
        relax(model, start, [1.0], until=first, checkpoint=path)
        relax(model, start, [1.0], until=first, checkpoint=path)
        second = first
        if change:
            change()
        else:
            other = Threshold()
            other.level = 0.4
            second = other.reached
        with pytest.raises(qc.ArgumentError, match="another until"):
            relax(model, start, [1.0], until=second, checkpoint=path)


def test_a_damaged_checkpoint_is_told_in_a_sentence(tmp_path):
    model, start, _ = decaying()
    path = tmp_path / "run.checkpoint"
    relax(model, start, [5.0], {"n": qc.measures.occupation}, checkpoint=path)
    whole_file = path.read_bytes()
    rng = np.random.default_rng(0)
    for length in (0, 1, 10, len(whole_file) // 3, len(whole_file) // 2, len(whole_file) - 1):
        path.write_bytes(whole_file[:length])
        with pytest.raises(qc.ArgumentError, match="a whole file that `evolve`"):
            relax(model, start, [5.0], {"n": qc.measures.occupation}, checkpoint=path)
    expected = relax(model, start, [5.0], {"n": qc.measures.occupation}).observed["n"]
    for place in rng.integers(0, len(whole_file), 60):
        flipped = bytearray(whole_file)
        flipped[place] ^= 1 << rng.integers(8)
        path.write_bytes(flipped)
        try:
            seen = relax(model, start, [5.0], {"n": qc.measures.occupation}, checkpoint=path)
        except qc.ArgumentError as error:
            assert "checkpoint" in str(error)  # noqa: PT017
        else:  # a bit that means nothing, a date say
            np.testing.assert_array_equal(seen.observed["n"], expected)


@pytest.mark.parametrize("watched", [False, True])
def test_an_interrupted_small_computation_goes_on_to_the_last_bit(tmp_path, watched):
    """The same by the powers of an exponential, with `until` looked at in between."""
    model = random_model(3)
    start, times = random_state(model.layout.space), np.linspace(0, 6, 41)
    until = (lambda state: purity(state) - 0.9) if watched else None
    undisturbed = relax(model, start, times, {"purity": purity}, until)
    path, counted = tmp_path / "run.checkpoint", str(tmp_path / "calls")

    def fails(state):
        with open(counted, "a+") as file:
            file.write(".")
            if file.tell() == 25:
                raise Interrupted
        return purity(state)

    with pytest.raises(Interrupted):
        relax(model, start, times, {"purity": fails}, until, checkpoint=path)
    resumed = relax(model, start, times, {"purity": fails}, until, checkpoint=path)
    np.testing.assert_array_equal(resumed.observed["purity"], undisturbed.observed["purity"])
    assert resumed.stopped == undisturbed.stopped
    assert resumed.info == undisturbed.info


def test_a_dataset_says_how_it_was_made(tmp_path):
    model = dual_rail(1)
    start = ground(model.layout.space)
    observe = {"purity": purity, "weights": lambda s: [np.trace(b).real for b in s.blocks]}
    data = relax(model, start, [0.0, 1.0, 2.0], observe).to_dataset()
    assert data.purity.dims == ("time",)
    assert data.weights.shape == (3, len(start.blocks))
    np.testing.assert_allclose(data.weights.sum("weights_dim0"), 1.0, atol=1e-9)
    assert data.attrs["tolerance"] == 1e-9
    assert data.attrs["method"] == "matrix exponential of 5 rows, 1 steps"
    data.to_netcdf(tmp_path / "data.nc", engine="h5netcdf")


def test_time_zero_is_the_initial_state():
    model = dual_rail(1)
    start = ground(model.layout.space)
    found = relax(model, start, 0.0, {"purity": purity})
    assert found.observed["purity"].tolist() == [1.0]
    np.testing.assert_array_equal(whole(found.final), whole(start))


def test_a_generator_that_does_nothing():
    space = Space(("q",), (1,), ("q",), charges=((1,),))
    number = qc.lower("q").dag * qc.lower("q")
    start = DensityState(space, (np.array([[0.25]]), np.array([[0.75]])))
    final = relax(generator_of(space, number, (0 * number,)), start, [3.0]).final
    np.testing.assert_allclose(whole(final), whole(start), atol=1e-12)


def test_arguments_are_checked():
    model = dual_rail(1)
    start = ground(model.layout.space)
    for times in ([1.0, 1.0], [-1.0, 2.0], [[1.0]], []):
        with pytest.raises(qc.ArgumentError, match="`times` must be increasing"):
            relax(model, start, times)
    with pytest.raises(qc.ArgumentError, match="`initial` must be a DensityState"):
        relax(model, np.eye(4), [1.0])
    with pytest.raises(qc.ArgumentError, match="`initial` must have the modes"):
        relax(model, ground(dual_rail(2).layout.space), [1.0])
    with pytest.raises(qc.ArgumentError, match="`tolerance` must be a number between"):
        relax(model, start, [1.0], tolerance=1e-15)
    with pytest.raises(qc.ArgumentError, match="`observe` must be functions by name"):
        relax(model, start, [1.0], purity)
    with pytest.raises(qc.ArgumentError, match="return a number or an array"):
        relax(model, start, [1.0], {"text": lambda state: "pure"})
    with pytest.raises(qc.ArgumentError, match="return shape"):
        relax(model, start, [0.0, 1.0], {"n": lambda s: np.zeros(1 + (purity(s) < 1))})
    with pytest.raises(qc.ArgumentError, match="`until` must be a function"):
        relax(model, start, [1.0], until=3.0)
    with pytest.raises(qc.ArgumentError, match="`until` must return a real number"):
        relax(model, start, [1.0], until=lambda state: np.nan)


def far_detuned(number, apart):
    """Qubits in a chain, the first of them driven, every one far from the next."""
    names = [f"q{k}" for k in range(number)]
    parts = {q: qc.qubit(k * apart, decay=1.0 + k / 4) for k, q in enumerate(names)}
    chain = [qc.hopping(f"{a}.q", f"{b}.q", 0.6) for a, b in pairwise(names)]
    parts["laser"] = qc.coherent_drive(0.4)
    return qc.lindblad(qc.Network(parts, [("laser.out", "q0.in")], couplings=chain))


def test_polynomials_give_way_to_powers_where_the_state_does_not_rest(monkeypatch, tmp_path):
    model, path = far_detuned(2, 60.0), tmp_path / "run.checkpoint"
    asked = (None, [1.0, 2.0, 3.0], {"n": qc.measures.occupation})
    right = qc.evolve(model, *asked, progress=False)
    assert right.info["method"].startswith("matrix exponential")
    for name, value in {"FEW": 0, "SOME": 0, "PATIENCE": np.inf}.items():
        monkeypatch.setattr(propagators, name, value)
    slow = qc.evolve(model, *asked, progress=False)
    assert slow.info["method"].startswith("Chebyshev")
    monkeypatch.setattr(propagators, "PATIENCE", 0.05)
    run = qc.evolve(model, *asked, progress=False)
    assert run.info["method"].startswith("matrix exponential")
    assert run.info["applications"] < slow.info["applications"] / 2
    np.testing.assert_allclose(run.observed["n"], right.observed["n"], atol=1e-10)
    # A run that is read back turns where it would have turned.
    calls = str(tmp_path / "calls")
    interrupted = raising(qc.measures.occupation, calls, 2, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        qc.evolve(model, *asked[:2], {"n": interrupted}, progress=False, checkpoint=path)
    again = qc.evolve(model, *asked[:2], {"n": interrupted}, progress=False, checkpoint=path)
    np.testing.assert_array_equal(again.observed["n"], run.observed["n"])


@pytest.mark.slow
@pytest.mark.parametrize("apart", [1e4, 1e6])
def test_qubits_far_apart_do_not_take_a_step_for_every_turn(apart):
    run = qc.evolve(
        far_detuned(4, apart), None, [1.0], {"n": qc.measures.occupation}, progress=False
    )
    assert run.info["applications"] < 10_000
    alone = qc.evolve(far_detuned(1, 0.0), None, [1.0], {"n": qc.measures.occupation})
    first, *others = run.observed["n"][0]
    assert first == pytest.approx(alone.observed["n"][0, 0], abs=2 / apart)
    assert max(map(abs, others)) < 1 / apart**2
