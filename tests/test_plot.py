import numpy as np
import pytest

import qcascade as qc
from qcascade.plots import plot


def data():
    def point(x, y):
        return {"f": x * y, "g": (("k",), np.stack([x, y], -1)), "stable": x < 1.5}

    return qc.sweep(point, x=([1.0, 2.0, 3.0], "ω"), y=np.linspace(0, 1, 4))


def test_axes_carry_names_and_units():
    drawing = plot.figure(data().isel(y=0), "f")
    assert drawing.axes[0].get_xlabel() == "x [ω]"
    map_axes = plot.figure(data(), "f").axes
    assert (map_axes[0].get_xlabel(), map_axes[0].get_ylabel()) == ("x [ω]", "y")
    assert map_axes[1].get_ylabel() == "f"


def test_the_first_axis_runs_across_and_the_second_up():
    mesh = plot.figure(data(), "f").axes[0].collections[0]
    np.testing.assert_allclose(mesh.get_array(), data().f.values.T)


def hatches(shown):
    """Every hatch in the figure, of filled stretches and of filled contours."""
    found = []
    axes = plot.figure(shown, "f").axes[0]
    for artist in (*axes.collections, *axes.patches):
        found += [artist.get_hatch(), *(getattr(artist, "hatches", None) or [])]
    return [hatch for hatch in found if hatch]


def test_unstable_regions_are_hatched():
    for shown in (data(), data().isel(y=0)):
        assert hatches(shown) == ["////"]
        assert not hatches(shown.assign(stable=shown.stable | True))


def test_hatches_cover_whole_cells_and_single_points():
    one = data().isel(y=[0])  # a map of one row
    assert hatches(one) == ["////"]
    lone = data().isel(y=0).assign(stable=("x", [True, False, True]))
    (span,) = [c for c in plot.figure(lone, "f").axes[0].patches if c.get_hatch()]
    assert (span.get_x(), span.get_x() + span.get_width()) == (1.5, 2.5)


def test_a_variable_with_a_trailing_dimension_is_a_map():
    drawing = plot.figure(data().isel(y=0), "g")
    assert drawing.axes[0].get_ylabel() == "k"


def test_figures_are_written_whole(tmp_path):
    path = plot.save_figure(plot.figure(data(), "f"), tmp_path / "map.png")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert list(tmp_path.iterdir()) == [path]


def test_unknown_and_deep_variables_are_refused():
    with pytest.raises(qc.ArgumentError, match=r"`name` must be a variable.*variables: f, g, stab"):
        plot.figure(data(), "h")
    with pytest.raises(qc.ArgumentError, match="must be a variable over one or two axes"):
        plot.figure(data(), "g")
    with pytest.raises(qc.ArgumentError, match="`name` must be a variable of the dataset"):
        plot.figure(data(), "x")
    with pytest.raises(qc.ArgumentError, match=r"`data` must be an xarray\.Dataset"):
        plot.figure(data().f, "f")
