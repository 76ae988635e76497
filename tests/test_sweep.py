import json
from functools import partial

import numpy as np
import pytest
import xarray as xr

import qcascade as qc
from qcascade.sweep import check_writable, written_aside


def point(detuning, squeezing=0.1):
    net = qc.Network({"m": qc.squeezed_mode(squeezing, detuning, 1.0)})
    state = qc.steady_state(qc.gaussian(net))
    return {
        "n": qc.occupation(state, "m"),
        "cov": (("row", "column"), state.cov),
        "stable": state.stable,
    }


AXES = {"detuning": (np.linspace(-1, 1, 7), "κ"), "squeezing": np.linspace(0, 0.6, 5)}


def test_the_grid_is_the_outer_product_in_the_order_given():
    data = qc.sweep(point, **AXES)
    assert data.n.dims == ("detuning", "squeezing")
    assert data["cov"].dims == ("detuning", "squeezing", "row", "column")
    assert data.detuning.attrs["units"] == "κ"
    for j, k in np.ndindex(7, 5):
        delta, xi = AXES["detuning"][0][j], AXES["squeezing"][k]
        if xi**2 < delta**2 + 0.25:
            assert data.n.values[j, k] == pytest.approx(float(point(delta, xi)["n"]), abs=1e-14)


def test_any_chunk_size_gives_the_same_bits():
    whole = qc.sweep(point, **AXES)
    for chunk in (1, 3, 8, 1000):
        xr.testing.assert_identical(
            whole.drop_attrs(), qc.sweep(point, chunk=chunk, **AXES).drop_attrs()
        )


def cascade(squeezing, loss):
    """Four cavities in a row, some of them unstable: eight quadratures, all kinds of measures."""
    parts = {"source": qc.squeezed_mode(squeezing, decay=1.0), "link": qc.fibre(1 - loss)}
    parts |= {f"m{k}": qc.cavity(decay=0.4 + 0.3 * k) for k in range(3)}
    wires = [("source.out", "link.in"), ("link.out", "m0.in")]
    wires += [("m0.out", "m1.in"), ("m1.out", "m2.in")]
    state = qc.steady_state(qc.gaussian(qc.Network(parts, wires=wires)))
    return {
        "E_N": qc.log_negativity(state, "source", "m2"),
        "entropy": qc.von_neumann_entropy(state),
        "cov": (("row", "column"), state.cov),
        "stable": state.stable,
    }


@pytest.mark.parametrize("chunk", [1, 2, 7, 8, 9, 64])
def test_a_point_has_the_same_bits_whoever_is_beside_it(chunk):
    axes = {"squeezing": np.linspace(0, 0.6, 11), "loss": np.linspace(0, 0.9, 13)}
    whole = qc.sweep(cascade, **axes)
    assert 0 < whole.stable.sum() < whole.stable.size
    xr.testing.assert_identical(
        whole, qc.sweep(cascade, chunk=chunk, **axes).assign_attrs(whole.attrs)
    )


def test_unstable_points_are_nan_and_keep_the_others():
    data = qc.sweep(point, detuning=[0.0], squeezing=[0.1, 0.49, 0.51])
    assert data.stable.values.tolist() == [[True, True, False]]
    assert np.isnan(data.n.values[0]).tolist() == [False, False, True]


def test_attributes_say_how_the_data_were_made():
    net = qc.Network({"m": qc.cavity(decay=1.0)})
    attrs = qc.sweep(point, network=net, detuning=[0.0, 1.0]).attrs
    assert attrs["qcascade_version"] == qc.__version__
    assert attrs["point"].endswith("point")
    assert attrs["created"].startswith("20")
    assert 'part = "cavity"' in attrs["network"]
    parameters = json.loads(attrs["parameters"])
    assert parameters["axes"]["detuning"] == {"from": 0.0, "to": 1.0, "points": 2, "unit": "1"}
    assert parameters["fixed"] == {"squeezing": 0.1}


def test_a_data_array_brings_its_own_unit():
    axis = xr.DataArray([0.0, 1.0], dims="x", attrs={"units": "MHz"})
    assert qc.sweep(point, detuning=axis).detuning.attrs["units"] == "MHz"


def test_data_survive_the_round_trip_through_netcdf(tmp_path):
    data = qc.sweep(point, **AXES)
    with xr.open_dataset(qc.save(data, tmp_path / "new" / "data.nc"), engine="h5netcdf") as read:
        xr.testing.assert_identical(read.load().astype(data.dtypes), data)


def test_each_calls_plain_functions_point_by_point():
    def slow(detuning, squeezing):
        if squeezing > 0.4:  # arrays have no single truth value
            pass
        return {"n": point(detuning, squeezing)["n"]}

    looped = qc.sweep(qc.each(slow), **AXES)
    batched = qc.sweep(point, **AXES)
    np.testing.assert_allclose(looped.n, batched.n, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(looped.stable, batched.stable)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: qc.sweep(point), "`axes` must name at least one parameter"),
        (
            lambda: qc.sweep(point, detunning=[1.0]),
            "name parameters of .*point, but .*did you mean 'detun",
        ),
        (lambda: qc.sweep(point, detuning=1.0), r"`axes\[detuning\]` must be a list of numbers"),
        (lambda: qc.sweep(point, detuning=[]), r"`axes\[detuning\]` must be a list of numbers"),
        (lambda: qc.sweep(point, detuning=["x"]), r"`axes\[detuning\]` must be a list of numbers"),
        (lambda: qc.sweep(point, detuning=[np.nan]), "finite everywhere"),
        (lambda: qc.sweep(point, detuning=[1.0], chunk=0), "`chunk` must be a whole number"),
        (lambda: qc.sweep(point, detuning=[1.0, 0.0, 2.0]), "go one way, each value once"),
        (lambda: qc.sweep(point, detuning=[1.0, 1.0]), "go one way, each value once"),
        (lambda: qc.sweep(point, squeezing=[0.1]), "give every parameter of .* but is 'detuning'"),
        (lambda: qc.sweep(lambda x: {"x": x}, x=[1.0]), "return names that are not axes"),
        (
            lambda: qc.sweep(lambda x: {"y": x if x > 0 else -x}, x=[1.0, 2.0]),
            "`point` must take arrays.*`each`",
        ),
        (lambda: qc.save(3, "x.nc"), "`data` must be an xarray.Dataset"),
        (lambda: qc.sweep(3, detuning=[1.0]), "`point` must be a function"),
        (lambda: qc.sweep(lambda x: x, x=[1.0]), "`point` must return a mapping"),
        (lambda: qc.sweep(lambda x: {"y": x[:1]}, x=[1.0, 2.0]), r"`point\(\)\[y\]` must have 2"),
        (lambda: qc.sweep(lambda x: {"y": ("k", x)}, x=[1.0]), "must name 0 trailing dimensions"),
    ],
)
def test_bad_sweeps_are_refused_with_a_sentence(call, sentence):
    with pytest.raises(qc.ArgumentError, match=sentence):
        call()


def test_partial_functions_are_swept():
    data = qc.sweep(partial(point, squeezing=0.2), detuning=[0.0, 1.0])
    assert data.attrs["point"].endswith("point")


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    with pytest.raises(qc.ArgumentError, match=r"`path` must name a file.*there is a folder"):
        qc.save(qc.sweep(point, detuning=[0.0]), tmp_path)


def test_a_failed_write_leaves_nothing_and_keeps_the_old_file(tmp_path):
    old = tmp_path / "data.nc"
    old.write_text("old")

    def fail():
        with written_aside(old) as aside:
            aside.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(qc.ArgumentError, match="`out` must be a place that can be written"):
        check_writable(blocked / "figures")
    with pytest.raises(qc.ArgumentError, match="`out` must be a place that can be written"):
        qc.save(qc.sweep(point, detuning=[0.0]), blocked / "data.nc")


def test_a_dataset_is_saved_as_netcdf_only(tmp_path):
    data = qc.sweep(lambda x: {"y": x}, x=[1.0, 2.0])
    with pytest.raises(qc.ArgumentError, match=r"`path` must be a netCDF file.*to_pandas"):
        qc.save(data, tmp_path / "x.csv")
    assert not list(tmp_path.iterdir())
