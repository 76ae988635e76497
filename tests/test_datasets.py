"""Datasets and tables keep what a state or a sweep says, in whatever order they are read."""

import io
import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import qcascade as qc


def batch():
    """Two modes over a grid of 2 × 3, with one point that has no state."""
    rng = np.random.default_rng(3)
    factor = rng.normal(size=(2, 3, 4, 4))
    cov = factor @ np.swapaxes(factor, -1, -2) + np.eye(4)
    stable = np.ones((2, 3), bool)
    stable[1, 0] = False
    return qc.GaussianState(("b.m", "a.m"), rng.normal(size=(2, 3, 4)), cov, stable)


AXES = {"detuning": ([1.0, 2.0], "MHz"), "phase": [0.5, 0.3, 0.1]}


def same(first, second):
    return (
        first.modes == second.modes
        and np.array_equal(first.stable, second.stable)
        and np.array_equal(first.mean, second.mean, equal_nan=True)
        and np.array_equal(first.cov, second.cov, equal_nan=True)
    )


def test_a_batch_keeps_its_axes_units_and_unstable_points():
    data = qc.interop.to_xarray(batch(), **AXES)
    assert data.cov.dims == ("detuning", "phase", "quadrature", "quadrature_2")
    assert data.detuning.attrs["units"] == "MHz"
    assert data.mode.values.tolist() == ["b.m", "b.m", "a.m", "a.m"]
    here = data.cov.sel(detuning=2.0, phase=0.1, quadrature="a.m.x", quadrature_2="b.m.p")
    assert here.item() == batch().cov[1, 2, 2, 1]
    assert np.isnan(data["mean"].sel(detuning=2.0, phase=0.5)).all()
    assert same(qc.interop.from_xarray(data), batch())


@pytest.mark.parametrize(
    "state",
    [qc.vacuum("m"), qc.two_mode_squeezed(["a", "b"], 0.3), qc.coherent("m", [[1j], [2.0]])],
)
def test_states_come_back_as_they_went(state):
    assert same(qc.interop.from_xarray(qc.interop.to_xarray(state)), state)


def test_order_of_rows_columns_and_axes_does_not_matter():
    data = qc.interop.to_xarray(batch(), **AXES)
    turned = data.transpose("quadrature_2", "phase", "quadrature", "detuning")
    turned = turned.isel(quadrature_2=[2, 0, 3, 1])
    back = qc.interop.from_xarray(turned)
    assert back.modes == batch().modes
    assert np.array_equal(back.cov, np.swapaxes(batch().cov, 0, 1), equal_nan=True)
    sorted_by_name = qc.interop.from_xarray(data.sortby("quadrature"))
    assert sorted_by_name.modes == ("a.m", "b.m")
    assert same(sorted_by_name.reduce("b.m", "a.m"), batch())
    one = qc.interop.from_xarray(data.sel(detuning=1.0, phase=0.3))
    assert np.array_equal(one.cov, batch().cov[0, 1])


def test_stability_is_seen_from_missing_numbers():
    data = qc.interop.to_xarray(batch(), **AXES).drop_vars("stable")
    assert same(qc.interop.from_xarray(data), batch())


def test_a_mean_without_axes_is_that_of_all_points():
    data = qc.interop.to_xarray(batch(), **AXES).isel(detuning=0)
    data["mean"] = data["mean"].isel(phase=0, drop=True)
    state = qc.interop.from_xarray(data)
    assert np.array_equal(state.mean, np.broadcast_to(batch().mean[0, 0], (3, 4)))
    assert np.array_equal(state.cov, batch().cov[0])


def test_netcdf_and_json_hold_a_state(tmp_path):
    data = qc.interop.to_xarray(batch(), **AXES)
    path = qc.save(data, tmp_path / "state.nc")
    with xr.open_dataset(path, engine="h5netcdf") as stored:
        assert same(qc.interop.from_xarray(stored), batch())
    text = json.dumps(data.to_dict())
    assert same(qc.interop.from_xarray(xr.Dataset.from_dict(json.loads(text))), batch())


def test_time_is_an_axis_like_others():
    model = qc.gaussian(qc.cavity(1.0, decay=1.0, occupation=1.0))
    states = qc.evolve(model, qc.coherent(model.modes, 1.0), [0.0, 1.0, 2.0])
    data = qc.interop.to_xarray(states, time=[0.0, 1.0, 2.0])
    x = data["mean"].sel(time=2.0, quadrature="a.x").item()
    assert x == pytest.approx(np.sqrt(2) * np.exp(-1.0) * np.cos(2.0))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: qc.interop.to_xarray("state"), "`state` must be a GaussianState"),
        (lambda: qc.interop.to_xarray(batch(), phase=[1, 2, 3]), "`axes` must name the 2 axes"),
        (
            lambda: qc.interop.to_xarray(batch(), x=[1, 2], y=[1, 2]),
            r"`axes\[y\]` must have shape \(3,\)",
        ),
        (lambda: qc.interop.to_xarray(batch(), x=[1, 2], mode=[1, 2, 3]), "`axes` must have names"),
        (lambda: qc.interop.from_xarray({"cov": 1}), "`data` must be an xarray.Dataset"),
        (lambda: qc.interop.from_xarray(xr.Dataset()), "`data` must hold `mean`"),
        (
            lambda: qc.interop.from_xarray(qc.interop.to_xarray(batch()).drop_vars("quadrature_2")),
            "`data` must hold `cov`",
        ),
        (
            lambda: qc.interop.from_xarray(
                qc.interop.to_xarray(batch()).isel(quadrature=[0, 1, 2])
            ),
            "x and p of every mode",
        ),
        (
            lambda: qc.interop.from_xarray(qc.interop.to_xarray(batch()).isel(quadrature=[0, 1])),
            "x and p of every mode",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        call()


def swept():
    """A real sweep: an axis with a unit, one without, a vector, an integer and a flag."""

    def point(squeezing, occupation):
        part = qc.squeezed_mode(squeezing, 0.3, decay=1.0, occupation=occupation)
        state = qc.steady_state(qc.gaussian(part))
        return {
            "n": qc.measures.occupation(state, "a"),
            "spread": (("quadrature",), np.diagonal(state.cov, axis1=-2, axis2=-1)),
            "stable": state.stable,
            "odd": np.arange(len(squeezing)) % 2,
        }

    data = qc.sweep(point, squeezing=([0.1, 0.3, 0.9], "κ"), occupation=[0.0, 0.5])
    data.n.attrs["units"] = "quanta"
    data.n.attrs["long_name"] = "occupation"
    return data.assign_coords(quadrature=["x", "p"])


def test_a_sweep_is_one_row_per_point_with_units_in_the_labels():
    frame = qc.interop.to_pandas(swept())
    assert list(frame.columns[:3]) == ["squeezing [κ]", "occupation", "quadrature"]
    assert set(frame.columns[3:]) == {"n [quanta]", "spread", "stable", "odd"}
    assert len(frame) == 12
    row = frame[(frame["squeezing [κ]"] == 0.3) & (frame.occupation == 0.5)]
    row = row[row.quadrature == "p"].iloc[0]
    there = swept().sel(squeezing=0.3, occupation=0.5)
    assert row["spread"] == there.spread.sel(quadrature="p").item()
    assert row["n [quanta]"] == there.n.item()


def test_a_sweep_comes_back_as_it_went():
    data = swept()
    xr.testing.assert_identical(qc.interop.from_pandas(qc.interop.to_pandas(data)), data)


def test_rows_in_any_order_are_the_same_sweep():
    data = swept().drop_vars("spread").drop_vars("quadrature")
    frame = qc.interop.to_pandas(data).sample(frac=1.0, random_state=1)
    xr.testing.assert_identical(
        qc.interop.from_pandas(frame).sortby(["squeezing", "occupation"]), data
    )


def test_a_csv_file_comes_back_with_its_units():
    data = swept().drop_vars(["spread", "quadrature"])
    text = qc.interop.to_pandas(data).to_csv(index=False)
    frame = pd.read_csv(io.StringIO(text))
    back = qc.interop.from_pandas(frame, axes=["squeezing", "occupation"])
    xr.testing.assert_allclose(back, data)
    assert back.squeezing.attrs == {"units": "κ"}
    assert back.n.attrs == {"units": "quanta"}
    assert back.stable.dtype == bool
    with pytest.raises(qc.ArgumentError, match=r"`axes` must name the columns .* squeezing, "):
        qc.interop.from_pandas(frame)


def test_points_without_a_row_are_not_stable():
    frame = qc.interop.to_pandas(swept().drop_vars(["spread", "quadrature"]))
    back = qc.interop.from_pandas(frame.iloc[1:])
    gone = back.sel(squeezing=0.1, occupation=0.0)
    assert np.isnan(gone.n.item())
    assert np.isnan(gone.odd.item())
    assert not gone.stable.item()
    kept = back.sel(squeezing=0.1, occupation=0.5)
    assert kept.n.item() == swept().n.sel(squeezing=0.1, occupation=0.5).item()
    assert kept.stable.item()


def test_states_become_tables_too():
    data = qc.interop.to_xarray(batch(), **AXES)
    back = qc.interop.from_pandas(qc.interop.to_pandas(data))
    assert same(qc.interop.from_xarray(back), batch())
    single = qc.interop.to_xarray(qc.coherent("m", 1j))
    assert same(
        qc.interop.from_xarray(qc.interop.from_pandas(qc.interop.to_pandas(single))),
        qc.coherent("m", 1j),
    )


def test_axes_without_values_are_counted_and_a_point_is_one_row():
    data = xr.Dataset({"y": (("k", "x"), [[1.0, 2.0], [3.0, 4.0]])}, {"x": [0.5, 0.7]})
    frame = qc.interop.to_pandas(data)
    assert frame.k.tolist() == [0, 0, 1, 1]
    xr.testing.assert_equal(qc.interop.from_pandas(frame), data)
    point = xr.Dataset({"y": 1.5, "stable": True})
    assert qc.interop.to_pandas(point).to_dict("records") == [{"y": 1.5, "stable": True}]
    xr.testing.assert_equal(qc.interop.from_pandas(qc.interop.to_pandas(point)), point)


FRAME = pd.DataFrame({"x [m]": [0.0, 0.0, 1.0], "y": [1, 2, 3]})


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: qc.interop.to_pandas([1]), "`data` must be an xarray.Dataset"),
        (lambda: qc.interop.from_pandas([1]), "`frame` must be a pandas.DataFrame"),
        (lambda: qc.interop.from_pandas(FRAME), "`axes` must name the columns"),
        (
            lambda: qc.interop.from_pandas(FRAME, ["x"]),
            "one row per point, but is 'two for x = 0.0'",
        ),
        (lambda: qc.interop.from_pandas(FRAME, ["x [m]"]), "without units"),
        (lambda: qc.interop.from_pandas(FRAME, ["z"]), "columns: x, y"),
        (lambda: qc.interop.from_pandas(FRAME, 3), "`axes` must be a list"),
        (lambda: qc.interop.from_pandas(FRAME, []), "`axes` must name at least one"),
        (lambda: qc.interop.from_pandas(FRAME[:0], ["x"]), "one row per point"),
        (lambda: qc.interop.from_pandas(FRAME.assign(x=1.0), ["x"]), "different names"),
        (
            lambda: qc.interop.from_pandas(FRAME.replace(1.0, np.nan), ["x"]),
            "a value of x in every row",
        ),
    ],
)
def test_tables_that_are_no_grid_are_refused(call, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        call()
