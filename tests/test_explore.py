"""The explorer without a browser: what can be explored, what is computed, drawn, and exported."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import qcascade as qc
from qcascade.explore import (
    answers,
    export,
    lamps,
    page,
    portraits,
    server,
    sliding,
    systems,
    views,
)
from qcascade.explore.point import look
from qcascade.explore.shown import Swept, View, affordable, compute
from qcascade.papers import PAPERS, paper
from qcascade.plots.plan import one_way, places, plan

pytest.importorskip("marimo")
pytest.importorskip("plotly")
pytest.importorskip("uvicorn")

EXAMPLES = Path(__file__).parents[1] / "examples"


def study(key: str) -> systems.Study:
    if key in PAPERS:
        return systems.study(key)
    return systems.study_of((EXAMPLES / f"{key}.toml").read_text())


def view_of(key: str, points: int = 9, maps: bool = False, **changed: Any) -> View:
    """The first view of a study, with options and values changed."""
    chosen = study(key)
    setting = {name: changed.pop(name, x) for name, x in systems.options(chosen).items()}
    quantity = changed.pop("quantity", next(iter(chosen.system.quantities(setting))))
    known = {p.name: p for p in chosen.system.parameters(setting)}
    names = changed.pop("over", list(known)[: 2 if maps else 1])
    axes = tuple(Swept(name, known[name].low, known[name].high, points) for name in names)
    values = {**systems.defaults(chosen, setting), **changed}
    return View(chosen, setting, values, axes, quantity)


@pytest.mark.parametrize("key", PAPERS)
def test_every_parameter_of_a_paper_is_known_and_starts_in_range(key: str) -> None:
    chosen = study(key)
    accepted = set(paper(key).PARAMETERS) | {"light"}
    for setting in _settings(chosen):
        for p in chosen.system.parameters(setting):
            assert p.name in accepted | {"frequency"}  # of what leaves
            assert p.low <= p.default <= p.high
            assert p.meaning
            assert p.unit
        given = systems.arguments(chosen, setting, systems.defaults(chosen, setting))
        assert set(given) - {"frequency"} <= set(paper(key).PARAMETERS)


def _settings(chosen: systems.Study) -> list[dict[str, Any]]:
    """The first setting, and every option once."""
    first = systems.options(chosen)
    return [
        {**first, c.name: x} for c in chosen.system.choices for x in (c.options[0], c.options[-1])
    ]


@pytest.mark.parametrize("key", [key for key in PAPERS if key != "agusti2023"])
def test_where_sliders_start_is_the_paper_s_own_point(key: str) -> None:
    """Units and scales: the records' defaults, through their scales, are those of `point`."""
    chosen = study(key)
    setting = systems.options(chosen)
    values = systems.defaults(chosen, setting)
    given = systems.arguments(chosen, setting, values)
    defaults = dict(paper(key).PARAMETERS)
    if key == "liu2024":  # starts at the length of the figures
        defaults["length"] = paper(key).LENGTHS["consistent"]  # type: ignore[attr-defined]
    assert given.keys() == defaults.keys()
    for name, x in given.items():
        assert x == (pytest.approx(defaults[name]) if isinstance(x, float) else defaults[name])


@pytest.mark.parametrize("key", [*PAPERS, "cascade"])
def test_a_curve_is_the_points_it_is_made_of(key: str) -> None:
    view = view_of(key, points=4)
    data = compute(view)
    axis = view.axes[0]
    for k, x in enumerate(data[axis.name].values):
        here = look(view.study, view.setting, {**view.values, axis.name: float(x)})
        expected = here.numbers[view.quantity]
        assert data[view.quantity].values[k] == pytest.approx(expected, nan_ok=True, rel=1e-9)


def test_units_of_the_sliders_become_those_of_the_model() -> None:
    view = view_of("liu2024", points=3, reading="one-way", power=10.0, over=["temperature"])
    found = paper("liu2024").point(
        temperature=np.array([1, 150.5, 300]) * 1e-3, power=0.01, length=25e-6, reading="one-way"
    )
    data = compute(view)
    assert data.temperature.attrs["units"] == "mK"
    assert np.allclose(data["E_N"], found["E_N"], rtol=1e-12, equal_nan=True)
    assert json.loads(data.attrs["fixed"])["power [mW]"] == 10.0


def test_closed_form_and_master_equation_agree() -> None:
    """The explorer takes the closed form at no dephasing; the paper's own point knows both."""
    from qcascade.papers.agusti2023.system import point

    given = {"detuning": 1.0, "permutation": "reversed"}
    quick, whole = point(**given), paper("agusti2023").point(**given)
    assert quick["C_12"] == pytest.approx(whole["concurrence"][0][1], abs=1e-12)
    assert quick["S_1"] == pytest.approx(whole["entropy"][0], abs=1e-12)
    slow = point(**given, dephasing=1e-9)
    assert slow["C_12"] == pytest.approx(quick["C_12"], abs=1e-6)


def test_a_heavy_view_has_fewer_points() -> None:
    def points(view: View) -> int:
        return affordable(view, view.axes[0])

    assert points(view_of("pelka2026", 100)) == 100
    assert points(view_of("agusti2023", 100)) == 100
    assert points(view_of("agusti2023", 100, dephasing=0.1)) < 20
    assert points(view_of("agusti2023", 100, over=["dephasing"])) < 20


@pytest.mark.parametrize(
    "view",
    [
        view_of("jiao2022", noise="printed", maps=True),
        pytest.param(
            view_of("pelka2026", quantity="E_N_3", over=["squeezing"]), marks=pytest.mark.slow
        ),
        pytest.param(
            view_of("liu2024", over=["length", "power"], points=5), marks=pytest.mark.slow
        ),
        view_of("agusti2023", points=5),
        view_of("cascade", maps=True),
        view_of("dual_rail", points=3),
    ],
    ids=lambda view: f"{view.study.key} {view.quantity}",
)
def test_the_script_computes_what_is_shown_to_the_last_bit(view: View, tmp_path: Path) -> None:
    text = export.script(view)
    (tmp_path / "again.py").write_text(text)
    command = [sys.executable, "-W", "error", "again.py"]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True, timeout=300)
    shown = compute(view)
    with xr.open_dataset(tmp_path / f"{export.stem(view)}.nc", engine="h5netcdf") as again:
        for name in (view.quantity, "stable", *(axis.name for axis in view.axes)):
            assert np.array_equal(again[name], shown[name], equal_nan=name == view.quantity)
            assert again[name].attrs.get("units") == shown[name].attrs.get("units")
    assert (tmp_path / f"{export.stem(view)}.png").stat().st_size > 1000


def test_a_script_quotes_a_file_and_never_runs_it(tmp_path: Path) -> None:
    """Text of a file that would end a string, were it pasted in."""
    wicked = "'''\\n\"\"\"; raise SystemExit(3) #"
    text = (EXAMPLES / "cascade.toml").read_text()
    text = text.replace('"squeezed light through a lossy fibre"', json.dumps(wicked))
    chosen = systems.study_of(text)
    values = systems.defaults(chosen, {})
    view = View(chosen, {}, values, (Swept("loss", 0.0, 0.9, 3),), "E_N")
    (tmp_path / "again.py").write_text(export.script(view))
    subprocess.run([sys.executable, "again.py"], check=True, cwd=tmp_path, timeout=120)


def test_exports_hold_the_data() -> None:
    view = view_of("jiao2022", noise="printed", maps=True, points=4)
    data = compute(view)
    for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        assert export.figure_bytes(view, data, ending).startswith(start)
    lines = export.csv_text(data).splitlines()
    assert lines[0] == "detuning,spin_left [Mrad/s],E_N [nat],stable"
    assert float(lines[2].split(",")[2]) == data["E_N"].values[0, 1]
    assert export.netcdf_bytes(data).startswith(b"\x89HDF")


@pytest.mark.parametrize(
    ("axes", "quantity", "sentence"),
    [
        ((Swept("detuning", 1.0, 1.0, 5),), "E_N", "`axes[detuning].high` must be above 1"),
        ((Swept("detuning", 0.0, 1.0, 1),), "E_N", "`axes[detuning].points`"),
        ((Swept("detunning", 0.0, 1.0, 5),), "E_N", "did you mean 'detuning'"),
        ((Swept("detuning", 0.0, float("nan"), 5),), "E_N", "`axes[detuning].high`"),
        ((), "E_N", "one or two different parameters"),
        ((Swept("detuning", 0.0, 1.0, 5),) * 2, "E_N", "one or two different parameters"),
        ((Swept("detuning", 0.0, 1.0, 5),), "E_NN", "`quantity`"),
    ],
)
def test_a_view_that_makes_no_sense_is_refused(axes: Any, quantity: str, sentence: str) -> None:
    chosen = study("jiao2022")
    setting = systems.options(chosen)
    with pytest.raises(qc.ArgumentError, match=re.escape(sentence)):
        View(chosen, setting, systems.defaults(chosen, setting), axes, quantity)


def test_a_wrong_file_is_refused_with_the_library_s_sentence() -> None:
    text = (EXAMPLES / "cascade.toml").read_text().replace('"source.out"', '"source.outt"')
    with pytest.raises(qc.ArgumentError, match=r"source\.outt") as told:
        systems.study_of(text)
    with pytest.raises(qc.ArgumentError, match=re.escape(str(told.value))):
        qc.from_toml(text)


def test_a_value_out_of_range_is_a_sentence_and_not_an_exception() -> None:
    chosen = study("cascade")
    values = {**systems.defaults(chosen, {}), "loss": 0.5}
    over, ranges = page.first_view(chosen, {})
    found = answers.computed(chosen, {}, values, over, {**ranges, "x_to": 3.0})
    assert found.data is None
    assert "transmission" in found.sentence


def test_a_file_with_two_axes_opens_as_the_map_it_declares() -> None:
    over, ranges = page.first_view(study("cascade"), {})
    assert (over["x"], over["y"]) == ("loss", "squeezing")
    assert (ranges["y_from"], ranges["y_to"]) == (0.01, 0.6)
    other = systems.study("pelka2026")
    assert page.first_view(other, systems.options(other))[0]["y"] == page.NONE


def test_what_a_file_measures_itself_is_not_offered_twice() -> None:
    symbols = [q.symbol for q in study("cascade").system.quantities({}).values()]
    assert symbols.count("E_N(source, receiver)") == 1


def test_quantities_of_a_file_have_names_that_the_library_takes() -> None:
    text = """
    [parts.pairs]
    part = "pair_source"
    gain = 0.1
    [parts.c]
    part = "cavity"
    decay = 1.0
    """
    chosen = systems.study_of(text)
    symbols = [q.symbol for q in chosen.system.quantities({}).values()]
    assert "E_N(pairs.a, pairs.b)" in symbols
    assert "n(c)" in symbols
    found = chosen.system.point()
    state = qc.steady_state(qc.gaussian(qc.from_toml(text)))
    assert found["E_N_pairs_a_pairs_b"] == qc.log_negativity(state, "pairs.a", "pairs.b") > 0


def test_ranges_of_a_file_are_its_axes() -> None:
    known = {p.name: p for p in study("cascade").system.parameters({})}
    assert list(known) == ["loss", "squeezing", "occupation"]
    assert (known["squeezing"].low, known["squeezing"].high) == (0.01, 0.6)
    assert known["squeezing"].unit == "κ"
    assert (known["occupation"].low, known["occupation"].high) == (0.0, 0.1)


def test_typed_matrices_have_a_point_and_an_audit_but_nothing_to_sweep() -> None:
    chosen = study("printed_matrices")
    here = look(chosen, {}, {})
    assert here.physical.good is False
    assert "no quantum noise" in here.physical.sentence
    assert here.state is not None
    assert "no parameters" in answers.computed(chosen, {}, {}, {}, {}).remark


@pytest.mark.parametrize("key", [*PAPERS, "cascade", "dual_rail"])
def test_the_lamps_say_what_audit_says(key: str) -> None:
    chosen = study(key)
    setting = systems.options(chosen)
    values = systems.defaults(chosen, setting)
    here = look(chosen, setting, values)
    if chosen.system.model is None:
        assert here.physical.good
        return
    found = qc.audit(chosen.system.model(**systems.arguments(chosen, setting, values)))
    assert here.stable.sentence == found.sentences[1]
    assert found.sentences[0] in here.physical.sentence
    assert here.stable.good == bool(found.stable)
    assert here.physical.good == bool(found.completely_positive and found.physical_state)
    if key == "jiao2020":  # a state may be physical though its noise is not
        assert found.physical_state
        assert not here.physical.good


def test_an_unstable_point_has_no_numbers() -> None:
    chosen = study("pelka2026")
    setting = systems.options(chosen)
    here = look(chosen, setting, {**systems.defaults(chosen, setting), "squeezing": 0.9})
    assert here.stable.good is False
    assert here.state is None
    assert np.isnan(here.numbers["E_N_1"])
    assert ">none<" in lamps.lights(chosen, setting, here)


def test_unstable_regions_are_hatched_and_hold_no_colour() -> None:
    view = view_of("pelka2026", points=11, over=["squeezing"])
    data = compute(view)
    stable = data["stable"].values
    assert 0 < stable.sum() < 11
    figure = views.curve(data, view.quantity, 0.3)
    band, line = figure.data
    assert np.array_equal(np.isnan(line.y), ~stable)
    borders = [x for x in band.x if x is not None]
    first, last = data.squeezing.values[~stable][[0, -1]]
    assert min(borders) == pytest.approx(first - 0.05)
    assert max(borders) == pytest.approx(last)
    assert [note.text for note in figure.layout.annotations] == ["no steady state"]
    view = view_of("pelka2026", points=11, over=["hopping", "squeezing"])
    data = compute(view)
    picture, region, marker = views.heatmap(data, view.quantity, (0.5, 0.3)).data
    assert np.array_equal(np.isnan(picture.z), ~data["stable"].values.T)
    area = _area(region)
    edges = [np.concatenate([[0], np.arange(0.05, 1, 0.1), [1]])] * 2
    cells = np.outer(np.diff(edges[0]), np.diff(edges[1]))
    assert area == pytest.approx(cells[~data["stable"].values].sum())
    assert (marker.x[0], marker.y[0]) == (0.5, 0.3)


def test_what_is_not_a_steady_state_is_not_drawn() -> None:
    """Classical photon numbers exist where the fluctuations have no steady state."""
    data = xr.Dataset(
        {"n": ("x", [1.0, 2.0, 3.0]), "stable": ("x", [True, False, True])}, {"x": [0.0, 1.0, 2.0]}
    )
    assert np.array_equal(np.isnan(views.curve(data, "n").data[1].y), [False, True, False])


def _area(region: Any) -> float:
    """Of rectangles written as five corners and a gap each."""
    x, y = (np.array([v for v in c if v is not None]).reshape(-1, 5) for c in (region.x, region.y))
    return float(((x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 1])).sum())


def test_the_covariance_stands_as_it_is_written_first_row_on_top() -> None:
    state = qc.two_mode_squeezed(["a", "b"], 0.5)
    drawn = portraits.covariance(state)
    (squares,) = drawn.data
    np.testing.assert_array_equal(squares.z, state.cov)
    assert squares.text[0] == ["0.77", "", "0.59", ""]
    assert squares.customdata[0][2] == "x a, x b"
    assert list(drawn.layout.yaxis.ticktext) == ["x a", "p a", "x b", "p b"]
    assert drawn.layout.yaxis.autorange == "reversed"


def test_the_wigner_function_has_x_across_and_stands_where_the_mode_is() -> None:
    state = qc.GaussianState(("a",), np.array([3.0, -1.0]), np.diag([0.1, 2.5]))
    drawn = portraits.wigner_map(state, "a")
    (colours,) = drawn.data
    p, x = np.unravel_index(np.argmax(colours.z), np.shape(colours.z))
    assert (colours.x[x], colours.y[p]) == pytest.approx((3.0, -1.0))
    assert np.max(colours.z) == pytest.approx(1 / (2 * np.pi * 0.5))
    half = np.asarray(colours.z) > np.max(colours.z) / 2
    assert half.any(axis=1).sum() > 3 * half.any(axis=0).sum()  # wider in p, which goes up
    assert drawn.layout.xaxis.title.text == "x of a"


def test_concurrences_have_the_rail_of_a_downwards() -> None:
    numbers = {"C_12": 0.964, "C_21": 0.25, "C_11": 0.0, "C_22": 0.5, "purity": 1.0}
    (squares,) = portraits.concurrences(numbers).data
    np.testing.assert_array_equal(squares.z, [[0.0, 0.964], [0.25, 0.5]])
    assert squares.customdata[0][1] == "A<sub>1</sub>, B<sub>2</sub>"


def test_the_plan_of_a_cascade_goes_downstream() -> None:
    net = qc.from_toml((EXAMPLES / "cascade.toml").read_text())
    assert places(net) == {"source": (0, 0), "link": (1, 0), "receiver": (2, 0)}
    assert plan(net).wires == (("source", "link"), ("link", "receiver"))
    assert ("source", "receiver") in one_way(net)


def test_matched_couplings_are_drawn_one_way_and_others_not() -> None:
    chain = paper("pelka2026").network(length=4)  # type: ignore[attr-defined]
    printed = paper("pelka2026").network(length=4, reading="printed")  # type: ignore[attr-defined]
    assert {("1", "2"), ("2", "3"), ("3", "4")} <= one_way(chain)
    assert ("0", "1") not in one_way(chain)
    assert not one_way(printed)
    assert plan(chain) == plan(paper("pelka2026").network(0.7, 0.1, length=4))  # type: ignore[attr-defined]


@pytest.mark.parametrize("back", [0.0, 1e-3, 1e-9, 1e-12])
@pytest.mark.parametrize("unit", [1.0, 0.3, 1e9])
def test_a_coupling_is_one_however_weak(back: float, unit: float) -> None:
    """A matched pair acts one way; what is added to the hopping acts back, beside any rates."""
    gamma = 0.7 * unit
    bath = qc.common_bath({"a.a": 1.0, "b.a": 1.0}, gamma)
    hopping = qc.hopping("a.a", "b.a", 0.5j * gamma + back * unit)
    parts = {name: qc.cavity(decay=unit) for name in ("a", "b")}
    fast = {"fast": qc.cavity(1e3 * unit, decay=unit)}
    net = qc.Network({**parts, **fast}, couplings=[bath, hopping])
    assert len(one_way(net)) == (back == 0)


def test_every_part_has_a_place_of_its_own() -> None:
    from random_networks import random_network

    for seed in range(20):
        found = places(random_network(seed))
        assert len(set(found.values())) == len(found)


def test_a_diagram_shows_every_part_and_open_port() -> None:
    net = qc.Network(
        {"light": qc.squeezed_light(0.5), "A": qc.qubit(decay=1.0), "B": qc.qubit(decay=1.0)},
        wires=[("light.out_a", "A.in"), ("light.out_b", "B.in")],
    )
    texts = [text.get_text() for text in qc.diagram(net).axes[0].texts]
    assert {"light", "A", "B"} <= set(texts)
    assert sum(text.startswith(("in", "out")) for text in texts) == 4
    with pytest.raises(qc.ArgumentError, match="`net` must be a Network"):
        qc.diagram("net")  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [*PAPERS, "cascade", "dual_rail", "printed_matrices"])
def test_every_slider_can_stand_at_its_default(key: str) -> None:
    import marimo as mo

    chosen = study(key)
    for setting in _settings(chosen) or [{}]:
        for name, made in sliding.sliders(mo, chosen, setting, {}).items():
            p = {p.name: p for p in chosen.system.parameters(setting)}[name]
            assert made.value == pytest.approx(p.default)
            if not p.logarithmic:
                stops = (made.value - made.start) / made.step
                assert stops == pytest.approx(round(stops), abs=1e-6)


def test_a_click_sets_what_is_swept() -> None:
    view, moved = view_of("jiao2022", maps=True), {}
    assert answers.jumped(view, [{"x": 0.9, "y": -0.2, "z": 0.0}], moved)
    assert moved == {("jiao2022", "detuning"): 0.9, ("jiao2022", "spin_left"): -0.2}
    assert not answers.jumped(view, [], moved)


def test_what_to_show_first() -> None:
    assert server.source("liu2024") == {"key": "liu2024"}
    assert "text" in server.source(str(EXAMPLES / "cascade.toml"))
    with pytest.raises(qc.ArgumentError, match="did you mean 'liu2024'"):
        server.source("liu2042")
    with pytest.raises(qc.ArgumentError, match="be a file that can be read"):
        server.source("nowhere.toml")


def test_the_command_line_refuses_what_it_cannot_explore() -> None:
    command = [str(Path(sys.executable).with_name("qcascade")), "explore", "jiao2023"]
    ended = subprocess.run([*command, "--no-browser"], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert "`source` must be a paper's key or a TOML file, but is 'jiao2023'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_socket_is_this_machine_s_only() -> None:
    with server.listening(None) as free:
        host, port = free.getsockname()
        assert host == "127.0.0.1"
        free.listen()
        with pytest.raises(qc.ArgumentError, match=f"`port` must be a free port, but is {port}"):
            server.listening(port)
    with pytest.raises(qc.ArgumentError, match="`port`"):
        server.listening(70000)


def _asked(path: str, host: str = "127.0.0.1:8000", **headers: str) -> tuple[int, list[str]]:
    """Status of a request to the guarded page, and the paths that reached what it guards."""
    import asyncio

    reached: list[str] = []
    sent: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    guarded = server.guarded(inner, {}, 8000, "secret")
    named = [(key.encode(), x.encode()) for key, x in {"host": host, **headers}.items()]
    kind = "websocket" if path.endswith("/ws") else "http"
    scope = {"type": kind, "method": "GET", "path": path, "headers": named}
    asyncio.run(guarded(scope, None, send))  # type: ignore[arg-type]
    return sent[0].get("status", 403), reached


def test_a_search_ends_when_the_page_that_asked_for_it_is_left() -> None:
    import asyncio
    from types import SimpleNamespace

    from qcascade.explore import improving, visits

    def request(visit: str) -> Any:
        return SimpleNamespace(meta={visits.VISIT: visit})

    lines: list[str] = []
    chosen = systems.study("jiao2020")
    setting = systems.options(chosen)
    values = systems.defaults(chosen, setting)
    moving = ["detuning"]

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        assert scope["meta"] == {"key": "jiao2020", visits.VISIT: "s_1"}
        visits.watched(request("s_1"), lines.append)("still here")
        while (await receive())["type"] != "websocket.disconnect":
            pass
        tell = visits.watched(request("s_1"), lines.append)
        found = improving.improve(chosen, setting, values, "E_N", moving, tell)
        assert found == (None, ("The page was left, and the search stopped.",))

    async def receive() -> Any:
        return {"type": "websocket.disconnect"}

    headers = [(b"host", b"127.0.0.1:8000")]
    scope = {"type": "websocket", "path": "/secret/ws", "headers": headers}
    scope["query_string"] = b"session_id=s_1"
    page = server.guarded(inner, {"key": "jiao2020"}, 8000, "secret")
    asyncio.run(page(scope, receive, receive))
    visits.watched(request("s_2"), lines.append)("another page")  # is not stopped
    assert [line.partition(".")[0] for line in lines] == ["still here", "another page"]


def test_only_who_knows_the_address_is_served() -> None:
    """Other users of a machine reach its ports; they do not see each other's terminals."""
    asset = next(iter(sorted(server._asset_names())))
    assert _asked("/secret/") == (200, ["/"])
    assert _asked("/secret/ws") == (200, ["/ws"])
    assert _asked(f"/secret/assets/{asset}") == (200, [])
    assert _asked("/secret/", host="localhost:8000", origin="http://127.0.0.1:8000")[0] == 200
    for path in ("/", "", "/ws", "/secret", "/secre/", "/secrets/", "/Secret/ws", "/x/secret/"):
        assert _asked(path) == (403, []), path
    assert _asked(f"/assets/{asset}") == (403, [])
    assert _asked("/secret/", origin="http://elsewhere.example") == (403, [])
    assert _asked("/secret/", host="elsewhere.example:8000") == (403, [])


def test_addresses_are_not_to_be_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    monkeypatch.setattr(server, "warm", lambda meta: "")
    monkeypatch.setattr(server, "page", lambda meta, port, secret, first: found.append(secret))
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: setattr(self, "started", True))
    for _ in range(2):
        server.serve("pelka2026", browser=False)
    assert len(set(found)) == 2
    assert all(re.fullmatch(r"[\w-]{40,}", secret) for secret in found)


def test_assets_are_marimo_s_own_and_nothing_else() -> None:
    names = server._asset_names()
    found = server.asset(f"/assets/{next(iter(sorted(names)))}")
    assert found is not None
    for path in ("/assets/../index.html", "/assets/..%2findex.html", "/etc/passwd", "/assets/"):
        assert server.asset(path) is None
    assert sum(bool(re.fullmatch(r"Plot-[\w-]+\.js", name)) for name in names) == 1
