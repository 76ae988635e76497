"""Sweeps compiled by JAX, on whatever device there is."""

import os
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from optional import jax, jnp

import qcascade as qc
from qcascade.classical.differentiable_fields import steady_fields
from qcascade.sweeps import compiled as device
from qcascade.sweeps.compiled import LIVE, compiled, device_chunk
from qcascade.sweeps.one_by_one import one_by_one

pytest.importorskip("jax")


def cascade(squeezing, detuning):
    parts = {
        "source": qc.pair_source(squeezing),
        "link": qc.fibre(0.8, occupation=0.1),
        "a": qc.cavity(detuning, [1.0, 0.1]),
        "b": qc.cavity(detuning, 1.0),
    }
    wires = [("source.out_a", "link.in"), ("link.out", "a.in1"), ("source.out_b", "b.in")]
    state = qc.steady_state(qc.gaussian(qc.Network(parts, wires)))
    return {
        "E_N": qc.log_negativity(state, "a", "b"),
        "quanta": ("mode", qc.measures.occupation(state), {"units": "quanta"}),
        "stable": state.stable,
        "modes": 0 * squeezing + 4,
    }


AXES = {"squeezing": np.linspace(0.0, 0.6, 9), "detuning": np.linspace(-1.0, 1.0, 7)}


def sweep(point, chunk=64, axes=AXES):
    return qc.sweep(point, chunk=chunk, progress=False, **axes)


def assert_agree(found, expected):
    assert_array_equal(found.stable, expected.stable)
    assert_allclose(found.E_N, expected.E_N, rtol=1e-10, atol=1e-12)
    assert_allclose(found.quanta, expected.quanta, rtol=1e-10, atol=1e-12)


def test_a_compiled_sweep_is_the_sweep():
    expected, found = sweep(cascade), sweep(compiled(cascade))
    assert 0 < int(expected.stable.sum()) < expected.stable.size
    assert_agree(found, expected)
    assert found.quanta.dims == expected.quanta.dims == ("squeezing", "detuning", "mode")
    assert found.quanta.attrs["units"] == "quanta"
    assert (found.modes == 4).all()
    assert found.attrs["point"] == expected.attrs["point"]
    assert found.E_N.dtype == np.float64


@pytest.mark.slow
def test_chunks_leave_no_trace_in_a_compiled_sweep():
    point, small = compiled(cascade), compiled(cascade)
    whole, pieces = sweep(point, 63), sweep(small, 10)
    for name in ("E_N", "quanta", "stable"):
        assert_array_equal(whole[name], pieces[name])


def test_short_chunks_use_the_program_of_the_long_ones():
    made = []

    def point(x):
        made.append(x.shape)
        return {"square": x * x}

    data = sweep(compiled(point), 4, {"x": np.arange(10.0)})
    assert_array_equal(data["square"], np.arange(10.0) ** 2)
    assert made == [(4,)]


def test_mean_fields_follow_in_a_compiled_sweep():
    def net(drive):
        parts = {"laser": qc.coherent_drive(drive), "m": qc.kerr_cavity(0.1, -1.0, 1.0)}
        return qc.Network(parts, [("laser.out", "m.in")])

    guess = qc.classical.working_points(net(0.5)).branch(0)

    def point(drive):
        here = net(drive)
        fields = steady_fields(here, guess)
        state = qc.steady_state(qc.gaussian(qc.linearise(here, fields)))
        return {"purity": qc.measures.purity(state), "photons": abs(fields["m.a"]) ** 2}

    axes = {"drive": np.linspace(0.3, 0.7, 5)}
    expected, found = sweep(point, axes=axes), sweep(compiled(point), axes=axes)
    assert_allclose(found.purity, expected.purity, rtol=1e-10)
    assert_allclose(found.photons, expected.photons, rtol=1e-12)


def test_functions_that_jax_cannot_compile_are_refused_with_a_reason():
    x = {"x": np.arange(3.0)}
    with pytest.raises(qc.ArgumentError, match="`point` must be a function"):
        compiled(3.0)
    with pytest.raises(qc.ArgumentError, match="`point` must be of operations that JAX can trace"):
        sweep(compiled(lambda x: {"y": np.sin(np.asarray(x))}), axes=x)
    with pytest.raises(qc.ArgumentError, match="`point` must be of operations that JAX can trace"):
        sweep(compiled(lambda x: {"y": x if x[0] > 0 else -x}), axes=x)
    with pytest.raises(qc.ArgumentError, match="`point` must return a mapping"):
        sweep(compiled(lambda x: x), axes=x)


def test_a_platform_that_is_not_there_is_told():
    """JAX itself raises an AssertionError without a word."""
    with suppress(RuntimeError, AssertionError):
        if jax.devices("cuda"):
            pytest.skip("there is one")
    code = (
        "import qcascade as qc\n"
        "try:\n"
        "    qc.compiled(lambda x: {'y': x})(x=[1.0])\n"
        "except qc.ArgumentError as error:\n"
        "    print(error)"
    )
    environment = {**os.environ, "JAX_PLATFORMS": "cuda"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    must = "Argument `JAX_PLATFORMS` must name platforms that JAX finds on this machine"
    assert done.stdout.startswith(f"{must}, but is 'cuda'")


def test_chunks_fit_the_memory_and_are_powers_of_two():
    for modes in (1, 2, 4, 16, 32, 64):
        for memory in (1e8, 1e9, 1.4e11):
            chunk = device_chunk(modes, bytes_free=memory)
            assert chunk & (chunk - 1) == 0
            assert chunk == 1 or chunk * 10 * 8 * (2 * modes) ** 2 < memory / 2
    assert device_chunk(2000, bytes_free=1e6) == 1
    assert device_chunk(4) >= 256  # of whatever device there is
    with pytest.raises(qc.ArgumentError, match="`modes` must be a whole number, 1 or above"):
        device_chunk(0)
    with pytest.raises(qc.ArgumentError, match="`bytes_free` must be a number above zero"):
        device_chunk(4, bytes_free=-1.0)


def test_memory_of_a_compiled_point_is_within_what_is_planned():
    def n(x):
        return cascade(x, 0.1 * x)["E_N"]

    points = 256
    program = jax.jit(n).lower(jnp.linspace(0.0, 0.3, points)).compile()
    held = program.memory_analysis().temp_size_in_bytes
    assert held / points < LIVE * 8 * 8**2


def gpu():
    try:
        return jax.devices("gpu")[0]
    except RuntimeError:
        return None


@pytest.mark.skipif(gpu() is None, reason="JAX sees no GPU here")
def test_a_gpu_gives_what_the_processor_gives():
    with jax.default_device(gpu()):
        chunk = device_chunk(4)
        found = sweep(compiled(cascade), min(chunk, 4096))
    assert_agree(found, sweep(cascade))


def many(squeezing, loss):
    """Four modes and five measures: a dozen calls to LAPACK that do not need each other."""
    parts = {"source": qc.squeezed_mode(squeezing, decay=1.0), "link": qc.fibre(1 - loss)}
    parts |= {f"m{k}": qc.cavity(decay=0.4 + 0.3 * k) for k in range(3)}
    wires = [("source.out", "link.in"), ("link.out", "m0.in")]
    wires += [("m0.out", "m1.in"), ("m1.out", "m2.in")]
    state = qc.steady_state(qc.gaussian(qc.Network(parts, wires)))
    return {
        "halves": qc.log_negativity(state, ["source", "m0"], ["m1", "m2"]),
        "first": qc.log_negativity(state, "source", ["m0", "m1", "m2"]),
        "three": qc.log_negativity(state, "m0", ["m1", "m2"]),
        "information": qc.measures.mutual_information(state, ["source", "m0"], ["m1", "m2"]),
        "entropy": qc.measures.von_neumann_entropy(state),
        "stable": state.stable,
    }


@pytest.mark.slow
def test_a_compiled_sweep_of_many_measures_comes_back():
    axes = {"squeezing": np.linspace(0, 0.4, 40), "loss": np.linspace(0, 0.9, 25)}
    expected, point = sweep(many, 1000, axes), compiled(many)
    for _ in range(5):
        found = sweep(point, 1000, axes)
    for name in expected:
        assert_allclose(found[name], expected[name], rtol=1e-9, atol=1e-9)


def independent(count, kind):
    """Spectra, inverses and a loop with both, none of which needs another."""

    def program(matrices):
        total = 0.0
        for k in range(count):
            here = matrices * (1 + k) + jnp.swapaxes(matrices, -1, -2)
            if kind == "inverse":
                total = total + jnp.linalg.inv(here).sum((-1, -2))
            elif kind == "loop":
                steps = jax.lax.fori_loop(
                    0, 3, lambda _, x: jnp.linalg.inv(x) + jnp.linalg.inv(2 * x), here
                )
                total = total + steps.sum((-1, -2))
            else:
                total = total + jnp.linalg.eigvalsh(here).max(-1)
        return total

    return program


@pytest.mark.parametrize("kind", ["spectrum", "inverse", "loop"])
def test_calls_to_lapack_are_chained_and_change_no_number(kind):
    matrices = np.random.default_rng(0).normal(size=(50, 4, 4)) + 5 * np.eye(4)
    program = independent(3, kind)
    expected = [program(m) for m in matrices[:3]]
    found = jax.jit(one_by_one(program))(matrices)
    assert_allclose(found[:3], expected, rtol=1e-10)
    # In the chain, every call but the first takes something of the one before.
    chained = str(jax.make_jaxpr(one_by_one(program))(matrices))
    assert chained.count("is_finite") >= 3
    derivative = jax.jit(jax.grad(lambda x: one_by_one(program)(x * jnp.asarray(matrices)).sum()))
    differences = (program(1.0001 * matrices) - program(0.9999 * matrices)).sum() / 2e-4
    assert_allclose(derivative(1.0), differences, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["spectrum", "inverse", "loop"])
def test_many_calls_to_lapack_at_once_come_back(kind):
    matrices = np.random.default_rng(0).normal(size=(1000, 4, 4)) + 5 * np.eye(4)
    program = jax.jit(one_by_one(independent(12, kind)))
    for _ in range(200):
        jax.block_until_ready(program(matrices))


class Never:
    """Results that are never there."""

    def block_until_ready(self):
        time.sleep(5)
        return self


def test_a_program_that_stands_still_is_given_up_in_a_sentence(monkeypatch):
    monkeypatch.setattr(device, "LOOK", 0.2)
    began = time.monotonic()
    with pytest.raises(RuntimeError, match="has computed nothing for 0 s: the threads of XLA"):
        device._awaited({"n": Never()})
    assert time.monotonic() - began < 4


def test_a_program_that_computes_is_waited_for(monkeypatch):
    class Late(Never):
        def block_until_ready(self):
            until = time.monotonic() + 1.0
            while time.monotonic() < until:
                pass

    monkeypatch.setattr(device, "LOOK", 0.2)
    found = {"n": Late()}
    assert device._awaited(found) is found
