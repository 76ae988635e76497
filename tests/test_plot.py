import pickle

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

import qcascade as qc
from qcascade.plots import plot
from qcascade.plots.panels import draw
from qcascade.plots.records import Curves, Level, Map, Sheet
from qcascade.plots.style import typeset


def data():
    def point(x, y):
        return {"f": x * y, "g": (("k",), np.stack([x, y], -1)), "stable": x < 1.5}

    return qc.sweep(point, x=([1.0, 2.0, 3.0], "ω"), y=np.linspace(0, 1, 4))


def test_what_is_saved_later_holds_fonts_that_journals_take(tmp_path):
    drawing = pickle.loads(pickle.dumps(qc.figure(data(), "f")))
    for ending, wanted, refused in (
        ("pdf", b"/FontFile2", b"/Type3"),
        ("eps", b"/FontType 42", b"/FontType 3"),
    ):
        drawing.savefig(tmp_path / f"f.{ending}")
        written = (tmp_path / f"f.{ending}").read_bytes()
        assert wanted in written
        assert refused not in written
    other = Figure()  # figures of others keep matplotlib's own default
    other.add_subplot().set_title("mine")
    other.savefig(tmp_path / "mine.pdf")
    assert b"/Type3" in (tmp_path / "mine.pdf").read_bytes()


def test_axes_carry_names_and_units():
    drawing = plot.figure(data().isel(y=0), "f")
    assert drawing.axes[0].get_xlabel() == "x [$ω$]"
    map_axes = plot.figure(data(), "f").axes
    assert (map_axes[0].get_xlabel(), map_axes[0].get_ylabel()) == ("x [$ω$]", "y")
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


def family(**axes):
    return qc.sweep(lambda x, c: {"E_N": x * c, "stable": x < 5 * c}, **axes)


def test_few_values_are_curves_in_ordered_colours_with_a_legend():
    found = family(x=(np.arange(1.0, 10), "ω"), c=([0.5, 1.0, 2.0], "K"))
    axes = plot.figure(found, "E_N").axes
    assert len(axes) == 1  # no colour bar
    assert axes[0].get_xlabel() == "x [$ω$]"
    assert axes[0].get_ylabel() == "$E_{N}$"
    assert [text.get_text() for text in axes[0].get_legend().get_texts()] == ["0.5", "1", "2"]
    assert axes[0].get_legend().get_title().get_text() == "c [K]"
    lines = axes[0].get_lines()
    np.testing.assert_allclose(lines[2].get_ydata(), found.E_N.sel(c=2.0), rtol=0)
    brightness = [sum(line.get_color()[:3]) for line in lines]
    assert brightness == sorted(brightness)
    assert not [x for x in axes[0].patches if x.get_hatch()]  # c = 2 has a steady state throughout
    swapped = plot.figure(found.transpose("c", "x"), "E_N").axes[0]
    assert swapped.get_xlabel() == "x [$ω$]"
    assert len(swapped.get_lines()) == 3


def test_stretches_where_no_curve_has_a_steady_state_are_hatched():
    found = family(x=np.arange(1.0, 10), c=[0.5, 1.0])
    spans = [x for x in plot.figure(found, "E_N").axes[0].patches if x.get_hatch()]
    assert [(x.get_x(), x.get_x() + x.get_width()) for x in spans] == [(4.5, 9.5)]


def test_a_curve_without_any_steady_state_is_told_in_the_legend():
    found = family(x=np.arange(1.0, 10), c=[0.5, 1.0])
    found["stable"] = found.stable & (found.c < 0.7)
    legend = plot.figure(found, "E_N").axes[0].get_legend()
    assert [x.get_text() for x in legend.get_texts()] == [
        "0.5",
        "1: no steady state",
        "no steady state",
    ]


def test_hue_makes_curves_of_any_axis_and_ax_draws_into_given_axes():
    found = family(x=np.arange(1.0, 9), c=np.arange(1.0, 8))
    assert len(plot.figure(found, "E_N").axes) == 2  # a map and its bar
    drawing = plot.blank()
    left, right = drawing.subplots(1, 2)
    assert plot.figure(found, "E_N", ax=right, hue="x") is drawing
    assert (len(left.get_lines()), len(right.get_lines())) == (0, 8)
    assert right.get_xlabel() == "c"
    with pytest.raises(qc.ArgumentError, match="`hue` must be an axis of the variable: x, c"):
        plot.figure(found, "E_N", hue="d")


def test_an_axis_with_logarithmic_steps_is_logarithmic():
    x = np.geomspace(0.1, 100, 10)
    found = family(x=x, c=np.linspace(1, 2, 8))
    axes = plot.figure(found, "E_N").axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
    edges = axes.collections[0].get_coordinates()[0, :, 0]
    np.testing.assert_allclose(edges[1:-1], np.sqrt(x[1:] * x[:-1]))
    assert plot.figure(family(x=x, c=[1.0, 2.0]), "E_N").axes[0].get_xscale() == "log"
    assert plot.figure(found.isel(c=0), "E_N").axes[0].get_xscale() == "log"
    for flat in (np.linspace(1, 100, 10), np.geomspace(1, 2, 10), np.append(0.0, x)):
        assert (
            plot.figure(family(x=flat, c=[1.0]).isel(c=0), "E_N").axes[0].get_xscale() == "linear"
        )


def test_symbols_are_mathematics_and_names_are_not():
    assert typeset("C_i,N+1−i") == "$C_{i,N+1−i}$"
    assert typeset("γ_φ and M_max") == r"$γ_{φ}$ and $M_{\mathrm{max}}$"
    assert typeset("edge_population") == "edge_population"
    assert typeset(r"a\$_\$") == r"a\$_\$"


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


def test_all_three_images_are_laid_out_as_one_alone_and_drawn_once(tmp_path, monkeypatch):
    alone = plot.save_figure(plot.figure(data(), "f"), tmp_path / "alone.png").read_bytes()
    drawing, drawn, draw = plot.figure(data(), "f"), [], Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda self, to: (drawn.append(to), draw(self, to)))
    path = plot.save_images(drawing, tmp_path / "map")
    assert path.read_bytes() == alone
    assert len(drawn) == len(plot.IMAGES)
    assert type(drawing.get_layout_engine()).__name__ == "ConstrainedLayoutEngine"


def test_the_only_variable_needs_no_name():
    data = qc.sweep(lambda x: {"y": x**2, "stable": x < 3}, x=np.arange(5.0))
    assert qc.figure(data).axes[0].get_ylabel() == "y"
    with pytest.raises(qc.ArgumentError, match=r"`name` must be a variable.*y, stable, z"):
        qc.figure(data.assign(z=data.y))


def test_unknown_and_deep_variables_are_refused():
    with pytest.raises(qc.ArgumentError, match=r"`name` must be a variable.*variables: f, g, stab"):
        plot.figure(data(), "h")
    with pytest.raises(qc.ArgumentError, match="must be a variable over one or two axes"):
        plot.figure(data(), "g")
    with pytest.raises(qc.ArgumentError, match="`name` must be a variable of the dataset"):
        plot.figure(data(), "x")
    with pytest.raises(qc.ArgumentError, match=r"`data` must be an xarray\.Dataset"):
        plot.figure(data().f, "f")


def test_more_curves_than_styles_begin_with_the_first_style_again():
    from qcascade.plots.panels import draw
    from qcascade.plots.records import Curves, Sheet

    names = tuple(f"f{k}" for k in range(6))
    found = qc.sweep(lambda x: {name: k * x for k, name in enumerate(names)}, x=[0.0, 1.0])
    drawing = draw(Sheet(((Curves(names, "x"),),)), found)
    assert [text.get_text() for text in drawing.legends[0].get_texts()] == list(names)


def test_lines_on_a_map_are_seen_and_a_unit_stands_without_a_one():
    data = qc.sweep(lambda x, c: {"y": c * x}, x=range(9), c=([1.0, 2.0], "γ"))
    panels = (Map("y", ("x", "c"), marks=(Level(1.5),)), Curves(("y",), "x", hue="c"))
    drawing = draw(Sheet((panels,)), data)
    mapped = drawing.axes[0]
    assert mapped.lines[0].zorder > max(mesh.zorder for mesh in mapped.collections)
    assert [text.get_text() for text in drawing.legends[0].texts] == ["c = γ", "c = 2γ"]


def test_amplitudes_of_scattering_are_powers_a_curve_for_each_way():
    """Of a one-way edge, which lets nothing back: the way from b to a is none, and is not drawn."""
    parts = {"a": qc.cavity(decay=1.0), "b": qc.cavity(decay=1.0)}
    edge = qc.parts.one_way("a.a", "b.a", 1.0)
    model = qc.gaussian(qc.Network(parts, couplings=[edge]))
    data = qc.scattering(
        model, [-0.5, 0.0, 0.7], outputs=["a.out", "b.out"], inputs=["a.in", "b.in"]
    )
    axes = plot.figure(data, "direct").axes[0]
    curves = {line.get_label(): line.get_ydata() for line in axes.lines}
    assert set(curves) == {"a.out ← a.in", "b.out ← a.in", "b.out ← b.in"}
    forward = np.abs(data.direct.sel(output="b.out", input="a.in")) ** 2
    np.testing.assert_allclose(curves["b.out ← a.in"], forward, rtol=1e-15)
    assert axes.get_ylabel().endswith("|²")
    alone = qc.figure(data.sel(output="b.out", input="a.in"), "direct").axes[0]
    np.testing.assert_allclose(alone.lines[0].get_ydata(), forward, rtol=1e-15)


def two_families():
    """E_N by pair below flux by port: a colour means another thing in either panel."""
    coords = {"x": [1.0, 2.0, 3.0], "port": ["a", "b"], "pair": ["a, b", "b, b"]}
    flux = [[1.0, 2.0, 1.0], [1e-32, 3e-33, 0.0]]
    data = xr.Dataset(
        {"flux": (("port", "x"), flux), "E": (("pair", "x"), np.ones((2, 3)))}, coords
    )
    data["x"].attrs.update(long_name="time t", units="ω_m", symbol="t")
    rows = (Curves(("flux",), "x", hue="port", log=("y",)),), (Curves(("E",), "x", hue="pair"),)
    return draw(Sheet(rows), data)


def test_where_colours_mean_different_things_every_panel_has_its_own_legend():
    drawing = two_families()
    told = [[x.get_text() for x in axes.get_legend().texts] for axes in drawing.axes]
    assert told == [["a", "b"], ["a, b", "b, b"]]
    assert not drawing.legends


def test_what_rounding_leaves_is_not_shown_on_a_logarithmic_axis():
    assert two_families().axes[0].get_ylim()[0] >= 1e-12


def test_the_symbol_of_an_axis_is_mathematics():
    assert two_families().axes[1].get_xlabel() == "time $t$ [$ω_{m}$]"


def test_points_at_the_ends_have_room_though_the_first_is_not_known():
    data = xr.Dataset({"y": ("x", [np.nan, 9.2, 10.2])}, {"x": [1, 2, 3]})
    drawing = draw(Sheet(((Curves(("y",), "x", dots=True, ylim=(0.0, None)),),)), data)
    (left, right), (low, high) = drawing.axes[0].get_xlim(), drawing.axes[0].get_ylim()
    assert left == pytest.approx(0.9)
    assert right == pytest.approx(3.1)
    assert low == 0
    assert high > 10.2 * 1.04


def beside(scales):
    """Curves of x times so much, side by side."""
    data = qc.sweep(lambda x, c: {"y": c * x, "stable": x < 8}, x=np.arange(30.0), c=[*scales])
    panel = Curves(("y",), "x")
    return draw(Sheet((tuple(panel._replace(at={"c": c}) for c in scales),)), data)


def test_scales_that_are_alike_are_shared_and_others_are_not():
    alike, apart = beside([1.2, 1.0, 0.0]).axes, beside([1.0, 100.0]).axes
    assert len({axes.get_ylim() for axes in alike}) == 1
    assert [axes.get_ylabel() for axes in alike] == ["y", "", ""]
    assert apart[0].get_ylim()[1] < apart[1].get_ylim()[1] / 50


def test_hatches_are_explained_in_the_legend():
    (legend,) = beside([1.0, 1.2]).legends
    assert [text.get_text() for text in legend.texts] == ["no steady state"]
    (legend,) = plot.figure(data(), "f").legends
    assert [text.get_text() for text in legend.texts] == ["no steady state"]
    assert not plot.figure(data().assign(stable=data().stable | True), "f").legends


def test_maps_of_one_scale_share_one_bar_and_end_where_their_axes_do():
    axis = np.linspace(0.1, 3, 30)
    found = qc.sweep(lambda x, y, c: {"f": c * x * y}, x=axis, y=axis, c=[1.0, 2.0])
    panels = [Map("f", ("x", "y"), {"c": c}, shared=True) for c in (1.0, 2.0)]
    axes = draw(Sheet((tuple(panels),)), found).axes
    assert len(axes) == 3
    assert [x.get_ylabel() for x in axes] == ["y", "", "f"]
    assert axes[1].get_xlim() == axes[1].get_ylim() == (0.0, 3.0)  # zero is all that is left out
    assert len(draw(Sheet((tuple(x._replace(shared=False) for x in panels),)), found).axes) == 4


def test_whole_numbers_change_in_steps_and_levels_stand_off_the_frame():
    found = qc.sweep(lambda x: {"n": np.floor(x)}, x=np.linspace(0, 1.99, 30))
    panel = Curves(("n",), "x", steps=True, marks=(Level(1.05),))
    axes = draw(Sheet(((panel,),)), found).axes[0]
    assert axes.lines[0].get_drawstyle() == "steps-mid"
    assert axes.get_ylim()[1] > 1.08


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_figures_are_as_wide_as_a_column_or_a_page(columns):
    data = qc.sweep(lambda x: {"y": x}, x=range(9))
    drawing = draw(Sheet(((Curves(("y",), "x"),) * columns,)), data)
    assert drawing.get_figwidth() == pytest.approx(3.4 if columns == 1 else 7.0)


def test_a_legend_covers_no_curve_and_is_a_bar_where_they_are_many():
    found = family(x=np.arange(1.0, 40), c=[-1.5, 2.0])
    axes = plot.figure(found, "E_N").axes[0]
    axes.figure.draw_without_rendering()
    assert not axes.get_legend().get_window_extent().overlaps(axes.get_window_extent())
    assert axes.get_legend().get_texts()[0].get_text() == "−1.5: no steady state"
    many = plot.figure(family(x=np.arange(1.0, 40), c=np.linspace(9, 1, 30)), "E_N", hue="c").axes
    assert many[0].get_legend() is None
    assert many[1].get_ylabel() == "c"
