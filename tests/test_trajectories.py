"""Quantum trajectories: against the master equation, exact no-jump kets, and jump statistics."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import expm

from qcascade.base.checks import ArgumentError
from qcascade.hilbert.space import Space
from qcascade.hilbert.states import DensityState, PureState
from qcascade.master_equation.trajectories.sectors import _as_sparse, sectors_of
from qcascade.master_equation.trajectories.unravel import unravel
from qcascade.measures.density import concurrence
from qcascade.slh.ladder import Ladder, lower, total

NONE = Ladder({})


def dual_rail(pairs, r=1.0, detunings=None, charges=True):
    """Space, H and jumps of two lines of qubits behind broadband squeezed light."""
    names = [f"{rail}{k + 1}" for rail in "AB" for k in range(pairs)]
    s = {name: lower(name) for name in names}
    H = NONE
    for rail, sign in (("A", 1), ("B", -1)):
        for u in range(1, pairs + 1):
            up = s[f"{rail}{u}"].dag
            if detunings is not None:
                H = H + (sign * detunings[u - 1]) * up * s[f"{rail}{u}"]
            for v in range(u + 1, pairs + 1):
                hop = 0.5j * up * s[f"{rail}{v}"]
                H = H + hop + hop.dag
    L = {rail: total(s[f"{rail}{k + 1}"] for k in range(pairs)) for rail in "AB"}
    c, z = np.cosh(r), np.sinh(r)
    jumps = (c * L["A"] - z * L["B"].dag, c * L["B"] - z * L["A"].dag)
    q = ((1,) * pairs + (-1,) * pairs,) if charges else ()
    return Space(tuple(names), (1,) * len(names), tuple(names), charges=q), H, jumps


def driven_qubit():
    q = lower("q")
    H = 0.7 * q + 0.7 * q.dag + 0.4 * q.dag * q
    return Space(("q",), (1,), ("q",)), H, (q, 0.5 * q.dag * q)


def thermal_oscillator(top=7):
    """A nonlinear oscillator in a bath of occupation 0.6, cut off where it matters."""
    a = lower("a")
    H = 0.3 * a.dag * a + 0.2 * a.dag * a.dag * a * a
    jumps = (np.sqrt(1.6) * a, np.sqrt(0.6) * a.dag)
    return Space(("a",), (top,), (), charges=((1,),)), H, jumps


def qubit_in_a_cavity():
    a, q = lower("a"), lower("q")
    H = 0.9 * (a.dag * q + q.dag * a) + 0.5 * q.dag * q
    return Space(("a", "q"), (4, 1), ("q",), charges=((1, 1),)), H, (a, 0.6 * a.dag, 0.3 * q)


def squeezed_pair():
    """An amplifier described in a squeezed basis with a shared cutoff."""
    a, b = lower("a"), lower("b")
    H = 0.2j * (a.dag * b.dag - a * b)
    limits, squeezed = ((("a", "b"), 5),), {("a", "b"): 0.2}
    return Space(("a", "b"), (5, 5), (), limits, squeezed, ((1, -1),)), H, (a, b)


def ket(space, **quanta):
    """A basis state, named by the modes that are not empty."""
    wanted = np.array([quanta.get(mode, 0) for mode in space.modes])
    return PureState(space, np.all(space.quanta == wanted, axis=1).astype(float))


def dense(space, H, jumps):
    """K and the jumps as matrices."""
    J = [space.matrix(jump).toarray() for jump in jumps]
    return -1j * space.matrix(H).toarray() - 0.5 * sum(x.conj().T @ x for x in J), J


def exact(space, H, jumps, start, times):
    """ρ(t) from the exponential of the whole generator, one matrix per time."""
    K, J = dense(space, H, jumps)
    one = np.eye(len(K))
    L = np.kron(K, one) + np.kron(one, K.conj()) + sum(np.kron(x, x.conj()) for x in J)
    rho = np.outer(start.amplitudes, start.amplitudes.conj()).ravel()
    return [(expm(t * L) @ rho).reshape(K.shape) for t in times]


def populations(state):
    """Probability of every quantum number of every mode."""
    weight = np.abs(state.amplitudes) ** 2
    quanta = state.space.quanta
    tops = state.space.tops
    return np.concatenate(
        [np.bincount(quanta[:, m], weight, top + 1) for m, top in enumerate(tops)]
    )


MODELS = {
    "driven qubit": (driven_qubit, {}, [0.0, 0.5, 1.5, 4.0]),
    "thermal oscillator": (thermal_oscillator, {"a": 2}, [0.3, 0.8, 2.0]),
    "qubit in a cavity": (qubit_in_a_cavity, {"q": 1}, [0.4, 1.0, 3.0]),
    "squeezed pair": (squeezed_pair, {"a": 1}, [0.3, 1.0, 2.0]),
    "one pair": (lambda: dual_rail(1), {}, [0.2, 1.0, 4.0]),
    "two pairs": (lambda: dual_rail(2), {}, [0.2, 1.0, 4.0]),
    "two detuned pairs": (lambda: dual_rail(2, 0.7, [0.8, -0.3]), {"B1": 1}, [0.3, 1.5]),
}


@pytest.mark.parametrize("name", MODELS)
def test_averages_agree_with_the_master_equation_within_their_errors(name):
    make, start, times = MODELS[name]
    space, H, jumps = make()
    psi = ket(space, **start)
    words = [lower(m).dag * lower(m) for m in space.modes]
    # Every word that keeps the charge has an average, in and off the diagonal.
    words += [x.dag * y for x in map(lower, space.modes) for y in map(lower, space.modes)]
    words += [x * y for x in map(lower, space.modes) for y in map(lower, space.modes)]
    words += [lower(m) for m in space.modes]
    whole = np.array([space.matrix(w).toarray() for w in words])

    def expectations(state):
        at = space.positions(state.space.quanta)
        psi = np.zeros(space.dimension, complex)
        psi[at] = state.amplitudes
        return whole @ psi @ psi.conj()

    observe = {"quanta": populations, "words": expectations}
    runs = unravel(space, H, jumps, psi, times, observe, number=400, seed=5, progress=False)
    states = exact(space, H, jumps, psi, times)
    expected = np.array([[np.trace(w @ rho) for w in whole] for rho in states])
    quanta = [
        np.concatenate(
            [
                np.bincount(space.quanta[:, m], rho.diagonal().real, top + 1)
                for m, top in enumerate(space.tops)
            ]
        )
        for rho in states
    ]
    deviations = []
    for key, wanted in (("words", expected), ("quanta", np.array(quanta))):
        for part in (np.real, np.imag):
            samples = part(runs.samples[key])
            error = samples.std(axis=0, ddof=1) / np.sqrt(runs.number)
            off = samples.mean(axis=0) - part(wanted)
            random = error > 3e-3  # what few trajectories visit is not Gaussian
            assert np.abs(off[~random]).max(initial=0) < 0.01
            deviations += (off[random] / error[random]).tolist()
    assert len(deviations) > 5
    assert np.abs(deviations).max() < 4
    assert 0.4 < np.sqrt(np.mean(np.square(deviations))) < 1.6


def test_the_mean_of_reduced_states_is_the_reduced_state_with_its_concurrence():
    space, H, jumps = dual_rail(2)
    psi, times = ket(space), [0.5, 3.0]
    observe = {"pair": lambda state: state.reduce("A1", "B1")}
    runs = unravel(space, H, jumps, psi, times, observe, number=400, seed=2, progress=False)
    value, error = runs.estimate("pair", lambda rho: concurrence(rho, "A1", "B1"))
    for k, rho in enumerate(exact(space, H, jumps, psi, times)):
        blocks = [rho[a:b, a:b] for a, b in zip(space.offsets[:-1], space.offsets[1:], strict=True)]
        wanted = DensityState(space, tuple(blocks)).reduce("A1", "B1")
        off = np.linalg.norm(runs.mean["pair"][k].matrix() - wanted.matrix())
        assert 0 < off < 3 * runs.error["pair"][k]
        assert 0 < error[k] < 0.1
        assert abs(value[k] - concurrence(wanted, "A1", "B1")) < 4 * error[k]


def test_the_jackknife_error_of_a_linear_function_is_the_standard_error():
    space, H, jumps = dual_rail(1)
    observe = {"n": lambda state: populations(state)[1]}
    runs = unravel(space, H, jumps, ket(space), [0.7], observe, 40, progress=False)
    value, error = runs.estimate("n", lambda x: x, groups=40)
    assert_allclose(value, runs.mean["n"], rtol=1e-13)
    assert_allclose(error, runs.error["n"], rtol=1e-12)


def test_waiting_times_of_a_decaying_qubit_are_exponential():
    q = lower("q")
    space = Space(("q",), (1,), ("q",), charges=((1,),))
    times = np.linspace(0, 3, 31)
    observe = {"up": lambda state: populations(state)[1]}
    runs = unravel(space, NONE, (q,), ket(space, q=1), times, observe, 700, progress=False)
    # The excited sector is left at the jump: what remains is the law of the waiting time.
    law = np.exp(-times)
    assert set(np.unique(runs.samples["up"])) == {0.0, 1.0}
    off = np.abs(runs.mean["up"] - law)
    assert off.max() * np.sqrt(700) < 1.95  # Kolmogorov's bound, one in a thousand
    assert abs(runs.jumps - (1 - np.exp(-3))) < 4 * np.sqrt(np.exp(-3) / 700)


def test_jumps_of_a_driven_qubit_come_at_the_rate_of_its_excitation():
    q = lower("q")
    H = 0.5 * q + 0.5 * q.dag
    space = Space(("q",), (1,), ("q",))
    runs = unravel(space, H, (q,), ket(space), [30.0], {"up": populations}, 150, progress=False)
    grid = np.linspace(0, 30, 601)
    n = [rho[1, 1].real for rho in exact(space, H, (q,), ket(space), grid)]
    expected = np.trapezoid(n, grid)
    assert abs(runs.jumps - expected) < 4 * np.sqrt(expected / 150)


@pytest.mark.parametrize(
    ("make", "start"),
    [(lambda: dual_rail(3), {}), (lambda: dual_rail(3, 0.8, [0.5, -1.0, 2.0]), {"A1": 1})],
)
def test_kets_between_jumps_are_exact_exponentials(make, start):
    space, H, jumps = make()
    psi, times = ket(space, **start), np.geomspace(1e-3, 0.2, 9)
    kets = {"psi": lambda state: np.append(state.amplitudes, np.zeros(64 - len(state.amplitudes)))}
    K, _ = dense(space, H, jumps)
    seen = 0
    for seed in range(40):
        runs = unravel(space, H, jumps, psi, times, {}, 1, seed, progress=False, conditional=kets)
        if runs.jumps:
            continue
        q = np.flatnonzero(psi.amplitudes)[0]
        a = space.offsets[np.searchsorted(space.offsets, q, side="right") - 1]
        for t, found in zip(times, runs.samples["psi"][0], strict=True):
            wanted = expm(t * K) @ psi.amplitudes
            wanted = np.append(wanted[a:], np.zeros(a)) / np.linalg.norm(wanted)
            overlap = np.vdot(found[:20], wanted[:20])  # the phase of a ket is nobody's
            assert np.abs(overlap * found[:20] - wanted[:20]).max() < 1e-8
        seen += 1
        break
    assert seen >= 1


def test_results_do_not_depend_on_threads_or_on_the_number_of_trajectories():
    space, H, jumps = dual_rail(2, detunings=[0.3, -0.2])
    observe = {"p": populations, "pair": lambda state: state.reduce("A2", "B2")}

    def run(number, threads, seed=3):
        return unravel(
            space,
            H,
            jumps,
            ket(space),
            [1.0, 2.0],
            observe,
            number,
            seed,
            progress=False,
            threads=threads,
        )

    many, few, again = run(12, 1), run(5, 1), run(12, 3)
    for name in observe:
        assert_array_equal(many.samples[name], again.samples[name])
        assert_array_equal(many.samples[name][:5], few.samples[name])
    assert np.abs(run(12, 2, seed=4).samples["p"] - many.samples["p"]).max() > 1e-3


@pytest.mark.parametrize(
    ("decay", "number", "told"),
    [(1e-3, 150, True), (0.02, 600, False), (0.5, 30, False), (1e-16, 50, False)],
)
def test_averages_say_where_jumps_are_too_rare_for_their_errors(decay, number, told):
    # A qubit that does not jump stays where it is: mean 1, error 0, where e^{−γt} is right.
    q = lower("q")
    space = Space(("q",), (1,), ("q",), charges=((1,),))
    observe = {"n": lambda psi: psi.expect(q.dag * q).real}
    decays = (np.sqrt(decay) * q,)
    runs = unravel(space, NONE, decays, PureState(space, [0, 1]), [1.0], observe, number=number)
    assert bool(runs.info.get("warnings")) == told
    if told:
        (words,) = runs.info["warnings"]
        assert "0.001 of all do" in words
        assert "take 10,006 trajectories" in words  # 10/(1 − e^{−γ})
        assert "warning: " in repr(runs)


def test_rows_shared_among_threads_give_the_same_to_the_last_bit():
    space, H, jumps = dual_rail(8)
    observe = {"p": populations}
    one, two = (
        unravel(space, H, jumps, ket(space), [0.02], observe, 1, 8, progress=False, threads=threads)
        for threads in (1, 2)
    )
    assert_array_equal(one.samples["p"], two.samples["p"])


def test_errors_shrink_with_the_root_of_the_number():
    space, H, jumps = dual_rail(1)
    few, many = (
        unravel(space, H, jumps, ket(space), [1.0], {"p": populations}, number, progress=False)
        for number in (100, 1600)
    )
    assert_allclose(few.error["p"] / many.error["p"], 4.0, rtol=0.25)


def test_a_ket_keeps_to_one_sector_and_jumps_change_its_charge_by_one():
    space, H, jumps = dual_rail(3)
    seen = []

    def charge(state):
        found = state.space.quanta @ np.array(space.charges[0])
        assert np.all(found == state.info["charge"][0])
        assert abs(np.linalg.norm(state.amplitudes) - 1) < 1e-12
        assert state.space.dimension < space.dimension
        seen.append(state.info["charge"][0])
        return float(found[0])

    runs = unravel(
        space, H, jumps, ket(space, A2=1), np.linspace(0, 2, 41), {"q": charge}, 8, progress=False
    )
    assert runs.samples["q"][0, 0] == 1
    assert len(set(seen)) > 2
    assert runs.info["sectors"] <= 7


def test_with_and_without_charges_the_averages_agree():
    times, psi = [0.5, 2.0], {"A1": 1}
    found = []
    for charges in (True, False):
        space, H, jumps = dual_rail(2, charges=charges)
        runs = unravel(
            space, H, jumps, ket(space, **psi), times, {"p": populations}, 150, progress=False
        )
        found.append((runs.mean["p"], runs.error["p"]))
    (a, da), (b, db) = found
    assert np.all(np.abs(a - b) < 4.5 * np.hypot(da, db))


@pytest.mark.parametrize("name", MODELS)
def test_blocks_of_the_generator_and_of_the_jumps_are_those_of_the_whole_matrices(name):
    space, H, jumps = MODELS[name][0]()
    K, J = dense(space, H, jumps)
    sectors = sectors_of(space, H, jumps, True)

    def share(kernel, rows, *arguments):
        kernel(*arguments, 0, rows)

    cuts = space.offsets
    for q in range(len(space.sizes)):
        here = slice(cuts[q], cuts[q + 1])
        size = int(space.sizes[q])
        found = _as_sparse(sectors.no_jump(q, share), size).toarray()
        assert np.abs(found - K[here, here]).max() < 1e-13
        for j, whole in enumerate(J):
            target = sectors.target(q, j)
            if target is None:
                assert np.abs(whole[:, here]).max() == 0
                continue
            there = slice(cuts[target], cuts[target + 1])
            found = _as_sparse(sectors.jump(q, j, share), size).toarray()
            assert np.abs(found - whole[there, here]).max() < 1e-13


def test_a_long_key_is_searched_for_instead_of_looked_up(monkeypatch):
    space, H, jumps = thermal_oscillator()
    runs = [unravel(space, H, jumps, ket(space, a=1), [1.0], {"p": populations}, 3, progress=False)]
    monkeypatch.setattr("qcascade.master_equation.trajectories.sectors.TABLE", 0)
    runs.append(
        unravel(space, H, jumps, ket(space, a=1), [1.0], {"p": populations}, 3, progress=False)
    )
    assert_array_equal(runs[0].samples["p"], runs[1].samples["p"])


def test_a_ket_nobody_watches_stays_as_it_is():
    space, _, jumps = dual_rail(1)
    pair = ket(space, A1=1, B1=1)
    runs = unravel(space, NONE, (), pair, [0.0, 5.0], {"p": populations}, 2, progress=False)
    assert_allclose(runs.mean["p"], [[0, 1, 0, 1]] * 2, atol=1e-14)
    # cosh r|00⟩ + sinh r|11⟩ is dark: a trajectory there never jumps again.
    dark = PureState(space, np.cosh(1) * ket(space).amplitudes + np.sinh(1) * pair.amplitudes)
    dark = PureState(space, dark.amplitudes / np.linalg.norm(dark.amplitudes))
    runs = unravel(space, NONE, jumps, dark, [100.0], {"p": populations}, 3, progress=False)
    assert runs.jumps == 0
    assert_allclose(runs.mean["p"][0, 1], np.sinh(1) ** 2 / np.cosh(2), rtol=1e-10)


@pytest.mark.parametrize("frequency", [1e6, 1e12, -3e11])
def test_a_frequency_that_a_sector_shares_takes_no_steps_and_changes_nothing(frequency):
    a, b, q = lower("a"), lower("b"), lower("q")
    space = Space(("a", "b", "q"), (3, 3, 1), ("q",), charges=((1, 1, 1),))
    H = 0.7 * (a.dag * b + b.dag * a) + 0.4 * (a.dag * q + q.dag * a) + 2 * b.dag * b
    total_number = total(x.dag * x for x in (a, b, q))
    jumps, start = (a + 0.5 * b, 0.3 * q), ket(space, a=2, q=1)

    def run(H):
        observe = {"p": populations}
        return unravel(space, H, jumps, start, [0.5, 3.0], observe, 20, progress=False)

    slow, fast = run(H), run(H + frequency * total_number)
    assert fast.info["products"] < 1.1 * slow.info["products"]
    # 2ω as a number has lost digits: 1e-4 of a rate of 1 where ω = 1e12.
    assert_allclose(fast.samples["p"], slow.samples["p"], atol=1e-6 + 1e-15 * abs(frequency))


def test_the_dataset_holds_means_errors_and_how_they_came_about():
    space, H, jumps = dual_rail(1)
    observe = {"p": populations, "pair": lambda s: s.reduce("A1"), "n": lambda s: populations(s)[1]}
    runs = unravel(space, H, jumps, ket(space), [0.0, 1.0], observe, 6, seed=9, progress=False)
    data = runs.to_dataset()
    assert data.attrs["number"] == 6
    assert data.attrs["seed"] == 9
    assert data.p.dims == ("time", "p_dim0")
    assert data["pair"].shape == (2, 2, 2)
    assert_array_equal(data.n_error, runs.error["n"])
    assert "6 trajectories" in repr(runs)
    assert np.all(np.isnan(unravel(space, H, jumps, ket(space), [1.0], observe, 1).error["n"]))


def test_bad_input_is_refused_by_name():
    space, H, jumps = dual_rail(1)
    psi, see = ket(space), {"p": populations}
    two = PureState(space, (psi.amplitudes + ket(space, A1=1).amplitudes) / np.sqrt(2))
    a, b = lower("A1"), lower("B1")

    def refused(match, H=H, jumps=jumps, psi=psi, times=(1.0,), observe=see, **settings):
        with pytest.raises(ArgumentError, match=match):
            unravel(space, H, jumps, psi, times, observe, progress=False, **settings)

    refused("`H` must conserve", H=a + a.dag)
    refused("`H` must act on", H=lower("C"))
    refused("`H` must be a Ladder", H=1.0)
    refused(r"`jumps\[0\]` must change", jumps=(a + b,))
    refused("`initial` must have one value", psi=two)
    refused("`initial` must be a PureState", psi=np.ones(4))
    refused("`initial` must have norm 1", psi=PureState(space, 2 * psi.amplitudes))
    refused("`initial` must have the modes", psi=PureState(Space(("q",), (1,), ("q",)), [1, 0]))
    refused("`times` must be increasing", times=[1.0, 0.5])
    refused("`times` must be increasing", times=[-1.0, 0.5])
    refused("`observe` must be a mapping", observe=populations)
    refused(r"`observe\[p\]` must be a function", observe={"p": 1})
    refused(r"`observe\[p\]` must return", observe={"p": lambda state: "up"}, number=2)
    refused(
        r"`observe\[p\]` must return",
        observe={"p": lambda state: np.ones(1 + state.info["charge"][0] ** 2)},
        number=20,
    )
    refused("`number` must be a whole", number=0)
    refused("`seed` must be a whole", seed=-1)
    refused("`tolerance` must be a number between", tolerance=0.0)
    runs = unravel(space, H, jumps, psi, [1.0], see, 1, progress=False)
    with pytest.raises(ArgumentError, match="`name` must be one that was observed"):
        runs.estimate("x", np.sum)
    with pytest.raises(ArgumentError, match="2 trajectories or more"):
        runs.estimate("p", np.sum)
