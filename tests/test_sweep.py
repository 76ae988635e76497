import json
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import xarray as xr

import qcascade as qc
from qcascade.base.files import check_writable, written_aside


def point(detuning, squeezing=0.1):
    net = qc.Network({"m": qc.squeezed_mode(squeezing, detuning, 1.0)})
    state = qc.steady_state(qc.gaussian(net))
    return {
        "n": qc.measures.occupation(state, "m"),
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
        "entropy": qc.measures.von_neumann_entropy(state),
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


@pytest.mark.parametrize("chunk", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    "reduced", [np.max, np.sum, lambda x: 0.25, lambda x: np.array(True), lambda x: None]
)
def test_one_number_for_many_points_is_refused_whatever_the_chunk(chunk, reduced):
    """The largest value of a chunk is another one in every chunk."""
    for value in (lambda x: reduced(x), lambda x: ((), reduced(x))):
        with pytest.raises(
            qc.ArgumentError, match=r"`point\(\)\[m\]` must have \d+ rows.*a single"
        ):
            qc.sweep(lambda x, v=value: {"n": x, "m": v(x)}, chunk=chunk, x=np.arange(5.0))


@pytest.mark.parametrize("stable", [True, False, np.True_, np.array(True)])
def test_stable_may_be_said_once_for_all(stable):
    data = qc.sweep(lambda x: {"n": x, "stable": stable}, chunk=2, x=np.arange(5.0))
    assert data.stable.values.tolist() == [bool(stable)] * 5


def ill_posed(x, bad=(2.0, 5.0), error=qc.ConvergenceError):
    if set(x) & set(bad):
        raise error("one of them has no answer")
    return {"n": x**2, "v": ("k", np.stack([x, -x], axis=-1), {"units": "κ"})}


@pytest.mark.parametrize("error", [qc.ConvergenceError, qc.UnstableError, qc.DegenerateError])
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1000])
def test_an_ill_posed_point_is_nan_and_its_neighbours_are_not(tmp_path, chunk, error):
    axis = np.arange(9.0)
    expected = np.where(np.isin(axis, [2.0, 5.0]), np.nan, axis**2)
    for store in (None, tmp_path / "s"):
        point = partial(ill_posed, error=error)
        data = qc.sweep(point, chunk=chunk, store=store, x=axis)
        np.testing.assert_array_equal(data.n, expected)
        np.testing.assert_array_equal(data.v, np.stack([np.sqrt(expected), -np.sqrt(expected)], -1))
        assert data.v.attrs == {"units": "κ"}
        np.testing.assert_array_equal(data.stable, np.isfinite(expected))


@pytest.mark.parametrize("chunk", [2, 1000])
def test_where_no_point_has_an_answer_none_is_stable(chunk):
    data = qc.sweep(partial(ill_posed, bad=np.arange(4.0)), chunk=chunk, x=np.arange(4.0))
    assert data.stable.values.tolist() == [False] * 4


@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_an_error_says_at_which_point_it_was(chunk):
    def inverse(x, y):
        return {"n": 1 / (x - y)}

    with pytest.raises(ZeroDivisionError) as caught:
        qc.sweep(qc.each(inverse), chunk=chunk, x=[0.0, 1.0], y=[2.0, 1.0])
    assert caught.value.__notes__[0] == "This was at x = 1.0, y = 1.0."
    with pytest.raises(qc.ArgumentError, match=r"At decay = -1\.0: .*`decay` must be"):
        qc.sweep(qc.each(lambda decay: {"n": len(qc.cavity(decay=decay).modes)}), decay=[1.0, -1.0])


@pytest.mark.parametrize("chunk", [1, 1000])
@pytest.mark.parametrize(
    ("point", "sentence"),
    [
        (lambda x: {"n": x} if x < 1 else {"m": x}, "return the same names everywhere"),
        (lambda x: {"n": x} if x < 1 else {"n": x, "m": x}, "return the same names everywhere"),
        (lambda x: {"n": np.zeros(1 + int(x))}, r"`point\(\)\[n\]` must have the"),
        (lambda x: x, "`point` must return a mapping from names to numbers"),
    ],
)
def test_what_each_returns_must_be_alike(point, sentence, chunk):
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.sweep(qc.each(point), chunk=chunk, x=[0.0, 1.0])


@pytest.mark.parametrize(
    "point",
    [
        lambda drive: {"n": float(drive)},
        lambda drive: {"n": [0] * int(drive)},
        lambda drive: {"n": drive if drive > 0 else 0},
    ],
)
def test_what_takes_plain_numbers_is_told_of_each(point):
    with pytest.raises(qc.ArgumentError, match=r"`point` must take arrays .*in `each`"):
        qc.sweep(point, drive=[0.1, 0.2])


def kerr(drive):
    a = qc.lower("a")
    H = -3.0 * a.dag * a + 0.5 * a.dag * a.dag * a * a
    part = qc.Component([[1]], [a], H, ("a",), ("in",), ("out",))
    return qc.Network({"laser": qc.coherent_drive(drive), "m": part}, [("laser.out", "m.in")])


def test_hysteresis_along_the_chunks_of_a_sweep_is_refused():
    """Each chunk would start anew; along an axis that the point makes it is as good as outside."""

    def along_chunk(drive):
        return {
            "n": abs(
                qc.classical.hysteresis(qc.classical.working_points(kerr(drive)), falling=True)[
                    "m.a"
                ]
            )
        }

    for chunk in (4, 7, 1000):
        with pytest.raises(qc.ArgumentError, match="`hysteresis` goes from one point to the next"):
            qc.sweep(along_chunk, chunk=chunk, drive=np.linspace(0.5, 4, 7))

    def along_own(scale):
        drives = np.multiply.outer(scale, np.linspace(0.5, 4, 9))
        fields = qc.classical.hysteresis(qc.classical.working_points(kerr(drives)), falling=True)
        return {"n": ("drive", abs(fields["m.a"]))}

    whole = along_own(np.array([1.0, 1.1]))["n"][1]
    for chunk in (1, 2):
        found = qc.sweep(along_own, chunk=chunk, scale=[1.0, 1.1])
        np.testing.assert_allclose(found.n, whole, rtol=1e-9)
    found = qc.sweep(qc.each(lambda scale: {"n": along_own(scale)["n"][1]}), scale=[1.0, 1.1])
    np.testing.assert_allclose(found.n, whole, rtol=1e-9)


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize(
    "point",
    [
        lambda x: {"a/b": x},
        lambda x: {"a\0": x},
        lambda x: {"": x},
        lambda x: {".": x},
        lambda x: {1: x},
        lambda x: {"f": ("a/b", x[:, None])},
    ],
)
def test_names_that_no_file_could_hold_are_refused_at_once(tmp_path, point, stored):
    with pytest.raises(qc.ArgumentError, match="have names that can name a folder"):
        qc.sweep(point, store=tmp_path / "s" if stored else None, x=[1.0, 2.0])
    with pytest.raises(qc.ArgumentError, match="`axes` must have names that can name a folder"):
        qc.sweep(lambda **x: {"f": x["a/b"]}, **{"a/b": [1.0]})


@pytest.mark.parametrize("value", [None, {}, True])
def test_attributes_that_netcdf_has_not_are_refused_in_a_sentence(tmp_path, value):
    data = qc.sweep(lambda x: {"y": ((), x, {"note": value})}, x=[1.0])
    with pytest.raises(qc.ArgumentError, match="`data` must hold names, numbers and attributes"):
        qc.save(data, tmp_path / "x.nc")
    assert not list(tmp_path.iterdir())


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


def test_what_a_killed_process_left_half_written_is_cleared_by_the_next(tmp_path):
    """Of the same file only, and not while the process that writes it lives."""
    path = tmp_path / "data.nc"
    program = f"""
import os, signal
from qcascade.base.files import written_aside
with written_aside({str(path)!r}) as aside:
    aside.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program])
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".data.nc~")
    other = tmp_path / left.name.replace("data.nc", "other.nc", 1)
    other.write_text("of another file")
    with written_aside(path) as mine:
        assert not left.exists()
        with written_aside(path) as second:  # as two threads would
            second.write_text("second")
        assert mine.exists()
        mine.write_text("mine")
    assert path.read_text() == "mine"
    assert sorted(tmp_path.iterdir()) == sorted([path, other])
