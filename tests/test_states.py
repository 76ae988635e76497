"""Gaussian states: what they accept, what they refuse, and the constructors."""

import dataclasses

import numpy as np
import pytest
from optional import jax, jnp
from scipy.linalg import block_diag

import qcascade as qc
from qcascade.base.checks import ArgumentError
from qcascade.linear.state import (
    GaussianState,
    coherent,
    finite_cov,
    thermal,
    two_mode_squeezed,
    vacuum,
)

PAIR = ["left.b", "right.b"]


def test_mean_and_stability_may_be_omitted():
    state = GaussianState(("m",), cov=np.eye(2))
    assert (state.mean == 0).all()
    assert state.stable.dtype == bool
    assert state.stable


def test_mean_cov_and_stability_broadcast_to_one_batch():
    state = GaussianState(("m",), np.zeros((3, 1, 2)), np.eye(2), np.ones(4, bool))
    assert (state.mean.shape, state.cov.shape, state.stable.shape) == (
        (3, 4, 2),
        (3, 4, 2, 2),
        (3, 4),
    )


def test_integers_and_lists_become_float64():
    state = GaussianState(["m"], [1, 2], [[1, 0], [0, 1]])
    assert state.modes == ("m",)
    assert state.mean.dtype == state.cov.dtype == np.float64


def test_unstable_points_hold_nan_and_leave_the_others_alone():
    cov = np.stack([np.eye(2), np.full((2, 2), np.nan), 2 * np.eye(2)])
    state = GaussianState(("m",), np.ones(2), cov, [True, False, True])
    assert np.isnan(state.cov[1]).all()
    assert np.isnan(state.mean[1]).all()
    assert (state.cov[[0, 2]] == cov[[0, 2]]).all()
    assert (finite_cov(state)[1] == np.eye(2) / 2).all()


def test_numbers_at_unstable_points_are_dropped():
    assert np.isnan(GaussianState(("m",), cov=np.eye(2), stable=False).cov).all()


def test_rounding_asymmetry_is_removed():
    cov = np.array([[1, 1e-14], [0, 1]])
    state = GaussianState(("m",), cov=cov)
    assert (state.cov == state.cov.T).all()


def test_states_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        vacuum("m").cov = np.eye(2)  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"modes": (), "cov": np.eye(2)}, "`modes` must hold one non-empty name"),
        ({"modes": ("m", ""), "cov": np.eye(4)}, "`modes` must hold one non-empty name"),
        ({"modes": ("m", "m"), "cov": np.eye(4)}, "different names.*repeated: m"),
        ({"modes": (1,), "cov": np.eye(2)}, "`modes` must hold names of modes"),
        ({"modes": 1, "cov": np.eye(2)}, "`modes` must hold names of modes"),
        ({"modes": ("m",)}, "`cov` must be an array of real numbers"),
        ({"modes": ("m",), "cov": np.eye(4)}, r"`cov` must have shape \(…, 2, 2\).*\(4, 4\)"),
        ({"modes": ("m",), "cov": 1.0}, r"`cov` must have shape"),
        ({"modes": ("m",), "cov": [[1, 2], [3]]}, "`cov` must be an array of real numbers"),
        ({"modes": ("m",), "cov": np.eye(2) * 1j}, "`cov` must be an array of real numbers"),
        ({"modes": ("m",), "cov": [["a", "b"], ["c", "d"]]}, "`cov` must be an array of real"),
        ({"modes": ("m",), "cov": np.full((2, 2), np.nan)}, "`cov` must be .* finite"),
        ({"modes": ("m",), "cov": [[1, 0.1], [0, 1]]}, r"symmetric.*\|V − Vᵀ\| = 0.1"),
        (
            {"modes": ("m",), "cov": np.stack([np.eye(2), np.triu(np.ones((2, 2)))])},
            r"symmetric.*at point \(1,\)",
        ),
        ({"modes": ("m",), "cov": np.eye(2), "mean": np.zeros(3)}, r"`mean` must have shape"),
        ({"modes": ("m",), "cov": np.eye(2), "mean": [np.nan, 0]}, "`mean` must be .* finite"),
        ({"modes": ("m",), "cov": np.eye(2), "stable": 1}, "`stable` must be a boolean"),
        ({"modes": ("m",), "cov": np.eye(2), "stable": [[True], []]}, "`stable` must be a bool"),
        (
            {"modes": ("m",), "cov": np.ones((3, 2, 2)), "stable": [True, False]},
            r"`cov` must broadcast.*cov \(3,\), stable \(2,\)",
        ),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        GaussianState(**arguments)


@pytest.mark.needs("jax")
def test_lists_may_hold_traced_numbers():
    def variances(x, y):
        return jnp.diagonal(thermal(["a", "b"], [x, y]).cov)

    assert jax.jit(variances)(1.0, 2.0).tolist() == [1.5, 1.5, 2.5, 2.5]
    assert jax.jacobian(variances)(1.0, 2.0).tolist() == [1, 1, 0, 0]
    mean = jax.jit(lambda x: coherent(["a", "b"], [x, 2.0]).mean)(1.0)
    assert mean == pytest.approx(np.sqrt(2) * np.array([1, 0, 2, 0]))


@pytest.mark.parametrize(
    "make",
    [
        lambda masked: GaussianState(("m",), cov=masked * np.eye(2)),
        lambda masked: GaussianState(("m",), masked, np.eye(2)),
        lambda masked: thermal(["a", "b"], masked),
        lambda masked: coherent(["a", "b"], masked),
        lambda masked: two_mode_squeezed(["a", "b"], masked),
        lambda masked: qc.cavity(decay=masked),
        lambda masked: qc.GaussianModel(("m",), -np.eye(2), masked * np.eye(2)),
        lambda masked: masked * qc.lower("m"),
        lambda masked: qc.lower("m") * masked,
        lambda masked: qc.lower("m") + masked,
        lambda masked: qc.Ladder({(("m", False),): masked}),
    ],
)
def test_masks_are_refused_not_dropped(make):
    with pytest.raises(ArgumentError, match="mask"):
        make(np.ma.array([1.0, 2.0], mask=[False, True]))


def test_a_loud_point_or_mode_excuses_no_asymmetry_in_a_quiet_one():
    wrong = np.array([[1.0, 0.1], [0.0, 1.0]])
    with pytest.raises(ArgumentError, match=r"symmetric.*point \(1,\)"):
        GaussianState(("m",), cov=np.stack([1e12 * np.eye(2), wrong]))
    with pytest.raises(ArgumentError, match=r"D\[0,1\] = 0.1, D\[1,0\] = 0.*point \(1,\)"):
        qc.GaussianModel(("m",), -np.eye(2), np.stack([1e12 * np.eye(2), wrong]))
    beside = block_diag(1e12 * np.eye(2), wrong)
    with pytest.raises(ArgumentError, match="symmetric"):
        GaussianState(("a", "b"), cov=beside)
    with pytest.raises(ArgumentError, match="symmetric"):
        qc.GaussianModel(("a", "b"), -np.eye(4), beside)


def test_reduce_keeps_the_order_named_and_the_blocks():
    cov = np.diag(np.arange(1.0, 7.0))
    state = GaussianState(("left.a", "left.b", "right.b"), np.arange(6.0), cov)
    part = state.reduce("right.b", "left.a")
    assert part.modes == ("right.b", "left.a")
    assert (part.mean == [4, 5, 0, 1]).all()
    assert (part.cov == np.diag([5, 6, 1, 2])).all()


def test_a_part_name_means_all_its_modes_and_no_other_part():
    state = vacuum(["left.a", "left.b", "leftover.b", "single"])
    assert state.reduce("left").modes == ("left.a", "left.b")
    assert state.reduce("single").modes == ("single",)
    assert state.reduce("left.b", "left").modes == ("left.b", "left.a")


def test_reduce_keeps_the_batch():
    state = thermal(PAIR, np.ones((5, 2))).reduce("left")
    assert state.cov.shape == (5, 2, 2)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("left.c",), r"'left.c' \(modes: left.b, right.b; did you mean 'left.b'\?\)"),
        (("lefty",), r"did you mean 'left"),
        ((), "name at least one mode"),
        ((3,), "strings, but is 3"),
    ],
)
def test_unknown_names_are_answered_with_what_there_is(names, message):
    with pytest.raises(ArgumentError, match=message):
        vacuum(PAIR).reduce(*names)


def test_physical_states_obey_the_uncertainty_principle():
    assert vacuum(PAIR).is_physical()
    assert two_mode_squeezed(PAIR, 4.0).is_physical()
    assert not GaussianState(("m",), cov=0.49 * np.eye(2)).is_physical()
    # positive definite, and each mode alone is fine, but together they are not
    cov = two_mode_squeezed(PAIR, 1.0).cov - 0.05 * np.eye(4)
    assert not GaussianState(PAIR, cov=cov).is_physical()


def test_physicality_is_judged_point_by_point_and_false_where_unstable():
    cov = np.array([0.5, 0.4, 0.5])[:, None, None] * np.eye(2)
    state = GaussianState(("m",), cov=cov, stable=[True, True, False])
    assert state.is_physical().tolist() == [True, False, False]


def test_tolerance_is_relative_to_the_variances_of_each_mode():
    low = 0.5 * (1 - 1e-6)
    state = GaussianState(("a", "b"), cov=np.diag([1e9, 1e9, low, low]))
    assert not state.is_physical()
    assert state.is_physical(1e-5)
    squeezed = GaussianState(("a",), cov=np.diag([1e3, 0.25e-3 * (1 - 1e-6)]))
    assert not squeezed.is_physical()
    assert squeezed.is_physical(1e-5)


def test_thermal_takes_one_occupation_or_one_for_each_mode():
    assert (thermal(PAIR, 1.0).cov == 1.5 * np.eye(4)).all()
    assert (thermal(PAIR, [1.0, 2.0]).cov == np.diag([1.5, 1.5, 2.5, 2.5])).all()
    assert thermal(PAIR, np.ones((7, 1))).cov.shape == (7, 4, 4)


def test_coherent_amplitudes_displace_x_and_p():
    state = coherent(PAIR, [[1.0, 2j], [0, 1 + 1j]])
    assert np.allclose(state.mean, np.sqrt(2) * np.array([[1, 0, 0, 2], [0, 0, 1, 1]]))
    assert (state.cov == np.eye(4) / 2).all()


def test_two_mode_squeezing_narrows_the_difference_of_x_and_the_sum_of_p():
    V = two_mode_squeezed(PAIR, np.array([0.3, -0.3])).cov
    difference, total = np.array([1, 0, -1, 0]), np.array([0, 1, 0, 1])
    assert np.allclose(V @ difference @ difference, np.exp([-0.6, 0.6]))
    assert np.allclose(V @ total @ total, np.exp([-0.6, 0.6]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: thermal("m", -1.0), "`occupation` must be a number zero or above"),
        (lambda: thermal(PAIR, [1.0, 2.0, 3.0]), r"`occupation` must be one number"),
        (lambda: coherent("m", "x"), "`amplitude` must be a complex number"),
        (lambda: two_mode_squeezed(["m"], 1.0), "`modes` must hold two names"),
        (lambda: two_mode_squeezed(PAIR, np.inf), "`r` must be a real number"),
    ],
)
def test_constructors_name_wrong_arguments(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_text_shows_modes_batch_and_stability():
    assert repr(vacuum(PAIR)) == "GaussianState(left.b, right.b; stable)"
    assert "unstable" in repr(GaussianState(("m",), cov=np.eye(2), stable=False))
    some = GaussianState(("m",), cov=np.eye(2), stable=[True, False, True])
    assert repr(some) == "GaussianState(m; batch (3,), 2 of 3 stable)"


@pytest.mark.needs("jax")
def test_jax_arrays_stay_jax_arrays():
    state = thermal(PAIR, jnp.array([1.0, 2.0]))
    assert isinstance(state.cov, jax.Array)
    assert isinstance(state.reduce("left").cov, jax.Array)
    assert isinstance(vacuum("m").cov, np.ndarray)


@pytest.mark.needs("jax")
def test_states_can_be_built_and_judged_inside_jit_and_vmap():
    def physical(scale):
        state = GaussianState(("m",), cov=scale * jnp.eye(2), stable=scale < 10)
        assert "traced" in repr(state)
        return state.reduce("m").is_physical()

    scales = jnp.array([0.4, 0.5, 1.0, 20.0])
    assert jax.jit(jax.vmap(physical))(scales).tolist() == [False, True, True, False]


def test_a_state_that_is_not_physical_prints_itself_so():
    """E_N has a number for it all the same: that of the formula."""
    low, high = 0.3 * np.eye(2), 0.5 * np.eye(2)
    assert str(GaussianState(("m",), cov=low)) == "GaussianState(m; stable, not physical)"
    assert str(GaussianState(("m",), cov=high)) == "GaussianState(m; stable)"
    batch = GaussianState(("m",), cov=np.stack([low, high, low]), stable=[True, True, False])
    assert str(batch).endswith("2 of 3 stable, 1 not physical)")


def test_thermal_occupations_beyond_floats_are_refused():
    n = qc.physics.bose_einstein
    assert n(1.0, 1e270) == pytest.approx(1e270 * 1.380649e-23 / 1.054571817e-34, rel=1e-9)
    for frequency, temperature in ((1.0, 1e300), (1e-300, 1e-308), (1e-300, 1.0)):
        with pytest.raises(qc.ArgumentError, match="`temperature` must leave fewer than"):
            n(frequency, temperature)
    assert n(1e-300, 0.0) == n(1e9, 0.0) == 0


def test_steady_fields_of_no_points_are_none():
    parts = {"laser": qc.coherent_drive(np.zeros(0)), "m": qc.kerr_cavity(-1.0, 0.1, 1.0)}
    fields = qc.classical.steady_fields(qc.Network(parts, [("laser.out", "m.in")]), {})
    assert fields["m.a"].shape == (0,)
