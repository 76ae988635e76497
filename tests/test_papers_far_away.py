"""Points of the papers far outside of what they are about: a number, or a sentence."""

import json

import numpy as np
import pytest

import qcascade as qc
from qcascade.base.plain import existing, plain
from qcascade.base.settings import settings
from qcascade.papers import PAPERS, paper
from qcascade.papers.parameters import own_units, several

ODD = ("1e200", "1e300", "-1e300", "-1", "nan", "inf", "-inf", "0", "1e-300", "1e50", "-1e50")
ODD += ("1e20", "1e12", "-1e12", "1e-12", "1e100")
REFUSALS = (qc.ArgumentError, qc.UnstableError, qc.DegenerateError, qc.ConvergenceError)


def told(key, *words):
    """What the command line prints for a point; None where it is refused."""
    module = paper(key)
    try:
        found = module.point(**settings(words, module.PARAMETERS, own_units(key), several(key)))
    except REFUSALS:
        return None
    return json.loads(json.dumps(existing(plain(found, lambda x: None if x != x else str(x)))))


def check(found):
    if found is not None and found.get("stable") is True:
        assert None not in found.values(), found


@pytest.mark.parametrize("noise", ["printed", "lindblad"])
@pytest.mark.parametrize(
    "word",
    [f"{name}={x}" for name in ("detuning", "spin", "backscattering") for x in ("1e100", "-1e300")]
    + ["power=1e300", "power=1e200", "temperature=1e200", "temperature=1e120"],
)
def test_jiao2020_refuses_what_outgrows_numbers(word, noise):
    assert told("jiao2020", word, f"noise={noise}") is None


def test_jiao2020_is_warm_up_to_the_hottest_bath():
    hot = paper("jiao2020").point(temperature=1e80)
    assert hot["stable"]
    assert hot["E_N"] == 0.0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # as the command line does
def test_what_is_far_from_double_precision_is_no_traceback():
    found = told("liu2024", "detuning=1e200")
    assert found is None or not found["stable"]
    check(told("agusti2023", "bandwidth=1e-300"))


def test_stable_means_numbers_whatever_the_sizes_of_rates():
    """Lyapunov's equation far beyond the squares of double precision, on every route."""
    for size in (1e-200, 1e160, 1e200):
        A = -0.5 * size * np.eye(2)
        state = qc.steady_state(qc.GaussianModel(["a"], A[None], size * np.eye(2)[None] / 2))
        assert not state.stable[0] or np.allclose(state.cov[0], 0.5 * np.eye(2))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # as the command line does
@pytest.mark.parametrize("key", PAPERS)
def test_no_parameter_of_a_paper_is_null_beside_stable_or_a_traceback(key):
    for name in paper(key).PARAMETERS:
        for value in ODD:
            check(told(key, f"{name}={value}"))
