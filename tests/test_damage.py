"""What a disk does to a store: nothing that was lost or changed is read as a number."""

import re

import numpy as np
import pytest
import xarray as xr
from counted import AXES, counted, heavy

import qcascade as qc


def flip(bit):
    def change(file):
        content = bytearray(file.read_bytes())
        content[bit // 8 % len(content)] ^= 1 << bit % 8
        file.write_bytes(content)

    return change


def cut(count):
    return lambda file: file.write_bytes(file.read_bytes()[:count])


CHECKSUM = "does not fit its checksum"
DAMAGES = [
    (flip(0), CHECKSUM),
    (flip(77), CHECKSUM),
    (flip(-1), CHECKSUM),  # in the checksum itself
    (cut(0), "has 0 bytes instead of"),
    (cut(-1), "has .* bytes instead of"),
    (cut(3), "has 3 bytes instead of"),
    (lambda file: file.write_bytes(file.read_bytes() + b"0"), "has .* bytes instead of"),
    (lambda file: file.unlink(), "is missing"),
]


@pytest.mark.parametrize(("damage", "what"), DAMAGES)
@pytest.mark.parametrize("name", ["f/c.7.0", "matrix/c.7.0.0", "stable/c.11.0"])
def test_a_damaged_chunk_is_refused_by_name_and_can_be_computed_anew(tmp_path, name, damage, what):
    path = tmp_path / "s"
    run = {"chunk": 5, "store": path, **AXES}
    expected = qc.sweep(counted, **run).load()
    damage(path / name)
    mark = f"progress/done/c.{name.split('.')[1]}"
    with pytest.raises(qc.ArgumentError, match=re.escape(name) + f" {what}.*Delete {mark} there"):
        qc.sweep(counted, **run)
    (path / mark).unlink()
    xr.testing.assert_identical(expected, qc.sweep(counted, **run).load())


@pytest.mark.parametrize(("damage", "what"), DAMAGES[:-1])
def test_a_damaged_mark_is_refused(tmp_path, damage, what):
    run = {"chunk": 5, "store": tmp_path / "s", **AXES}
    expected = qc.sweep(counted, **run).load()
    mark = tmp_path / "s" / "progress" / "done" / "c.3"
    damage(mark)
    with pytest.raises(qc.ArgumentError, match=r"Delete progress/done/c\.3 there"):
        qc.sweep(counted, **run)
    mark.unlink()
    xr.testing.assert_identical(expected, qc.sweep(counted, **run).load())


@pytest.mark.parametrize(("damage", "what"), DAMAGES)
def test_a_damaged_axis_is_refused(tmp_path, damage, what):
    run = {"chunk": 5, "store": tmp_path / "s", **AXES}
    qc.sweep(counted, **run)
    damage(tmp_path / "s" / "x" / "c.0")
    with pytest.raises(qc.ArgumentError, match=f"x/c.0 {what}"):
        qc.sweep(counted, **run)


@pytest.mark.parametrize("file", ["zarr.json", "f/zarr.json", "progress/zarr.json"])
@pytest.mark.parametrize("damage", [cut(0), cut(20), cut(-2)])
def test_a_damaged_description_is_refused(tmp_path, file, damage):
    run = {"chunk": 5, "store": tmp_path / "s", **AXES}
    qc.sweep(counted, **run)
    damage(tmp_path / "s" / file)
    with pytest.raises(qc.ArgumentError, match="`store` must be one that `sweep` has made"):
        qc.sweep(counted, **run)


@pytest.mark.parametrize("bit", [0, 100, 200])
def test_zarr_itself_reads_no_other_number(tmp_path, bit):
    qc.sweep(counted, chunk=5, store=tmp_path / "s", **AXES)
    flip(bit)(tmp_path / "s" / "f" / "c.7.0")
    with xr.open_zarr(tmp_path / "s") as data, pytest.raises(ValueError, match="checksum"):
        data.f.load()


def test_a_variable_that_an_unstable_chunk_never_had_is_no_damage(tmp_path):
    """Chunks below threshold have `f`, those above say only that they are not stable."""
    run = {"chunk": 1, "store": tmp_path / "s", "x": AXES["x"], "y": [0.5]}
    data = qc.sweep(qc.each(heavy), **run).load()
    assert 0 < data.stable.sum() < data.stable.size
    xr.testing.assert_identical(data, qc.sweep(qc.each(heavy), **run).load())
    stable = int(np.argmax(data.stable.values[:, 0]))
    unstable = int(np.argmin(data.stable.values[:, 0]))
    assert not (tmp_path / "s" / "f" / f"c.{unstable}.0").exists()
    (tmp_path / "s" / "f" / f"c.{stable}.0").unlink()
    with pytest.raises(qc.ArgumentError, match=rf"f/c\.{stable}\.0 is missing"):
        qc.sweep(qc.each(heavy), **run)
