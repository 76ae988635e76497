"""The core works alone; what needs an optional library says which extra brings it."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from optional import jax, jnp

import qcascade as qc
from qcascade.base import arrays
from qcascade.base.optional import library as library_of
from qcascade.sweeps.compiled import compiled

ABSENT = ("jax", "jaxlib", "marimo", "plotly", "uvicorn", "distributed", "dynamiqs", "qutip")


def python(program):
    """What a fresh Python prints, in which nobody has told JAX its precision."""
    plain = {k: v for k, v in os.environ.items() if k != "JAX_ENABLE_X64"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=plain
    )
    assert not done.returncode, done.stderr
    return done.stdout.split("\n")[:-1]


def test_every_module_but_those_of_jax_and_the_page_imports_without_optional_libraries():
    program = f"""
import importlib, pkgutil, sys
sys.modules.update(dict.fromkeys({ABSENT}))
import qcascade
for found in pkgutil.walk_packages(qcascade.__path__, "qcascade."):
    try:
        importlib.import_module(found.name)
    except ModuleNotFoundError as error:
        print(found.name, error.name)
"""
    needed = dict(line.split() for line in python(program))
    assert needed == {
        "qcascade.base.callbacks": "jax",
        "qcascade.classical.implicit": "jax",
        "qcascade.lyapunov.riccati_jax": "jax",
        "qcascade.lyapunov.solve_host": "jax",
        "qcascade.lyapunov.solve_jax": "jax",
        "qcascade.measures.symplectic_host": "jax",
        "qcascade.measures.jacobi_jax": "jax",
        "qcascade.measures.symplectic_jax": "jax",
        "qcascade.explore.app": "marimo",
    }


MODEL = qc.lindblad(qc.qubit(decay=1.0))


@pytest.mark.parametrize(
    ("library", "call", "source"),
    [
        ("jax", lambda: qc.device_chunk(2), r'"qcascade\[jax\]"'),
        ("jax", lambda: qc.sweep(compiled(lambda x: {"y": x}), x=[1.0]), r'"qcascade\[jax\]"'),
        ("qutip", lambda: qc.interop.to_qutip(MODEL), "qutip"),
        ("dynamiqs", lambda: qc.interop.to_dynamiqs(MODEL), "dynamiqs"),
        ("distributed", lambda: library_of("distributed"), r'"qcascade\[cluster\]"'),
        ("marimo", lambda: library_of("marimo"), r'"qcascade\[explore\]"'),
    ],
)
def test_a_missing_library_is_named_with_its_extra(monkeypatch, library, call, source):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=f"`{library}` is needed .*: pip install {source}$"):
        call()


@pytest.mark.parametrize("library", ["marimo", "plotly", "uvicorn"])
def test_the_explorer_says_which_extra_it_needs(monkeypatch, capsys, library):
    from qcascade.cli import main

    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.setattr(sys, "argv", ["qcascade", "explore", "--no-browser"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert capsys.readouterr().err.endswith('pip install "qcascade[explore]"\n')


# Precision of JAX


def purity(quanta):
    return qc.purity(qc.thermal("m", quanta))


def refused(f, *arguments):
    with pytest.raises(qc.ArgumentError, match=r"64-bit precision.*jax_enable_x64"):
        f(*arguments)
    return True


@pytest.mark.needs("jax")
@pytest.mark.parametrize("first", ["import jax", "import qcascade"])
def test_jax_is_set_to_double_precision_when_it_is_met_and_not_before(first):
    program = f"""
{first}
import jax, qcascade as qc
model = qc.gaussian(qc.squeezed_mode(0.2, decay=1.0))
print(qc.purity(qc.steady_state(model)).dtype, jax.config.jax_enable_x64)
print(qc.thermal("m", jax.numpy.array(1)).cov.dtype, jax.config.jax_enable_x64)
"""
    assert python(program) == ["float64 False", "float64 True"]


@pytest.fixture
def unset():
    """JAX as it is before this package meets it."""
    arrays.set_jax_to_double.cache_clear()
    jax.config.update("jax_enable_x64", False)
    yield
    jax.config.update("jax_enable_x64", True)


@pytest.mark.needs("jax")
@pytest.mark.usefixtures("unset")
class TestBeforeJaxIsSet:
    def test_an_array_that_was_rounded_unasked_is_refused_once(self):
        old = jnp.array(0.2)
        assert refused(purity, old)
        assert jax.config.jax_enable_x64
        assert purity(old) == pytest.approx(purity(np.float32(0.2)), rel=1e-14)  # as it is
        assert purity(jnp.array(0.2)).dtype == np.float64

    def test_an_axis_in_single_precision_is_refused(self):
        assert refused(lambda: qc.sweep(lambda x: {"y": x}, x=jnp.linspace(0, 1, 3)))

    def test_whole_numbers_are_exact_in_any_precision(self):
        assert qc.thermal("m", jnp.array(2)).cov.dtype == np.float64

    def test_a_function_is_refused_once_and_right_when_it_is_traced_again(self):
        f = jax.jit(jax.value_and_grad(purity))
        assert refused(f, 0.2)
        value, slope = f(0.2)
        assert value == pytest.approx(1 / 1.4, abs=1e-14)
        assert slope == pytest.approx(-2 / 1.4**2, abs=1e-14)

    def test_a_gradient_without_jit_is_refused_once_as_well(self):
        assert refused(jax.grad(purity), 0.2)
        assert jax.grad(purity)(0.2).dtype == np.float64

    def test_a_record_sets_it_before_it_is_rounded(self):
        state = qc.two_mode_squeezed(["a", "b"], 0.3)
        assert not jax.config.jax_enable_x64
        found = jax.jit(lambda s: qc.log_negativity(s, "a", "b"))(state)
        assert found == pytest.approx(0.6, abs=1e-14)

    def test_a_record_inside_a_function_that_began_in_single_precision_is_refused(self):
        state = qc.two_mode_squeezed(["a", "b"], 0.3)
        f = jax.jit(lambda x: x * jax.jit(lambda s: qc.log_negativity(s, "a", "b"))(state))
        assert refused(f, 0.5)
        assert f(0.5) == pytest.approx(0.3, abs=1e-14)

    def test_compiled_sweeps_set_it(self):
        data = qc.sweep(compiled(lambda x: {"y": 3 * x}), x=[0.1])
        assert data.y.dtype == np.float64
        assert float(data.y[0]) == 3 * 0.1

    def test_asking_how_much_fits_the_device_sets_it(self):
        assert qc.device_chunk(2)
        assert jax.config.jax_enable_x64


@pytest.mark.needs("jax")
def test_jax_that_was_set_back_to_single_precision_is_refused():
    double = jnp.eye(2)
    with jax.enable_x64(False):
        for call in (
            lambda: qc.thermal("m", jnp.ones(1)),
            lambda: qc.thermal("m", jnp.ones(1, int)),
            lambda: qc.GaussianState(("m",), cov=double),
            lambda: jax.jit(lambda s: s.reduce("m"))(qc.vacuum(["m", "n"])),
            lambda: qc.sweep(compiled(lambda x: {"y": x}), x=[1.0]),
        ):
            with pytest.raises(qc.ArgumentError, match="jax_enable_x64"):
                call()


@pytest.mark.needs("jax")
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_single_precision_from_jax_is_taken_as_numpy_s_is(dtype):
    given, same = jnp.asarray(0.1, dtype), np.asarray(0.1, dtype)[()]
    both = qc.thermal(["m", "n"], [np.float64(0.1), given])
    assert both.cov.dtype == np.float64
    assert_array_equal(both.cov, qc.thermal(["m", "n"], [0.1, float(same)]).cov)
    assert_array_equal(qc.GaussianState(("m",), cov=jnp.eye(2, dtype=dtype)).cov, np.eye(2))

    def model(x):
        return qc.gaussian(qc.Network({"m": qc.squeezed_mode(x, decay=1.0)}))

    def purity(x):
        return qc.measures.purity(qc.steady_state(model(x)))

    assert model(given).A.dtype == np.float64
    assert_array_equal(model(given).A, model(same).A)
    assert float(purity(given)) == pytest.approx(float(purity(same)), rel=1e-12)
    slope = jax.grad(lambda x: purity(x).astype(dtype))(given)  # JAX gives its own type back
    assert float(slope) == pytest.approx(float(jax.grad(purity)(float(same))), rel=2e-3)


@pytest.mark.needs("jax")
def test_a_state_whose_arrays_were_made_single_is_refused():
    with pytest.raises(qc.ArgumentError, match=r"`mean` must have 64-bit precision.*float32"):
        jax.tree_util.tree_map(lambda x: jnp.asarray(x, "float32"), qc.vacuum("m"))
