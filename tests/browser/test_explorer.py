"""The explorer in a real browser: what it shows is what the library computes."""

import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from driver import (
    PLOT,
    SCRIPT,
    choose,
    chromium,
    opened,
    served,
    settled,
    slider,
    still,
    type_number,
)

import qcascade as qc
from qcascade.papers import jiao2022, pelka2026

pytestmark = pytest.mark.browser

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def explorer() -> Iterator[tuple[str, int]]:
    with served("jiao2022") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One context for all pages, so that the page's own files are loaded once."""
    with chromium() as found:
        context = found.new_context(viewport={"width": 1500, "height": 1000})
        yield context
        context.close()


@pytest.fixture
def page(browser: Any, explorer: tuple[str, int]) -> Iterator[Any]:
    found = opened(browser, explorer[0])
    yield found
    found.close()


def shown(page: Any, key: str) -> np.ndarray:
    return np.array(page.evaluate(f"qc.values('{key}')"), dtype=float)


def shows(page: Any, expected: Any, key: str = "y") -> bool:
    """Whether the figure holds these numbers (NaN where nothing is drawn)."""
    values = shown(page, key)
    same = values.shape == np.shape(expected)
    return same and bool(np.allclose(values, expected, rtol=1e-9, atol=1e-12, equal_nan=True))


def number(page: Any, quantity: str) -> float:
    return float(page.locator(f'[data-quantity="{quantity}"]').inner_text())


def lamp(page: Any, what: str) -> tuple[str, str]:
    found = page.locator(f'[data-lamp="{what}"]')
    return found.get_attribute("data-good"), found.locator("p").inner_text()


def test_nothing_leaves_the_machine(browser: Any, explorer: tuple[str, int]) -> None:
    """The one library that wants a CDN is stopped by the page's own policy."""
    page = browser.new_page()
    answered: list[str] = []
    refused: list[str] = []
    page.on("response", lambda response: answered.append(response.url))
    page.on("requestfailed", lambda request: refused.append(f"{request.url} {request.failure}"))
    page.goto(explorer[0])
    page.wait_for_selector(PLOT, state="attached")
    page.wait_for_timeout(1000)
    assert answered
    assert all(url.startswith((explorer[0], "data:", "blob:")) for url in answered)
    assert any("/assets/" in url for url in answered)
    assert all("csp" in line for line in refused if not line.startswith(explorer[0]))
    page.close()


@pytest.mark.parametrize("width", [1000, 600])
def test_everything_can_be_reached_in_a_narrow_window(
    browser: Any, explorer: tuple[str, int], width: int
) -> None:
    page = opened(browser, explorer[0])
    page.set_viewport_size({"width": width, "height": 900})
    for name in ("left", "centre", "lights", "diagram", "limiting", "search", "portrait"):
        box = page.locator(f'[data-cell-name="{name}"]').first.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.close()


def test_only_this_machine_is_served(explorer: tuple[str, int]) -> None:
    address, process = explorer
    port = urllib.parse.urlsplit(address).port
    connections = psutil.Process(process).net_connections("inet")
    listening = {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}
    assert all(c.raddr.ip == "127.0.0.1" for c in connections if c.raddr)
    other = address.replace(urllib.parse.urlsplit(address).path, "/")
    with pytest.raises(urllib.error.HTTPError, match="403") as refusal:
        urllib.request.urlopen(other)
    refusal.value.close()
    for name, value in (("Host", f"elsewhere.example:{port}"), ("Origin", "http://elsewhere")):
        request = urllib.request.Request(address, headers={name: value})
        with pytest.raises(urllib.error.HTTPError, match="403") as refusal:
            urllib.request.urlopen(request)
        refusal.value.close()


def test_a_slider_redraws_what_the_library_computes(page: Any) -> None:
    choose(page, "noise between", "printed")
    detuning = np.linspace(0.4, 1.5, 100)
    expected = jiao2022.point(detuning=detuning, noise="printed")["E_N"]
    assert settled(page, lambda: shows(page, expected))
    type_number(page, "angular velocity, left", "0.3")
    expected = jiao2022.point(detuning=detuning, spin_left=0.3e6, noise="printed")
    expected = np.where(expected["stable"], expected["E_N"], np.nan)
    assert settled(page, lambda: shows(page, expected))
    here = jiao2022.point(spin_left=0.3e6, noise="printed")
    assert settled(page, lambda: abs(number(page, "E_N") - float(here["E_N"])) < 1e-6)
    assert abs(number(page, "photons_left") / here["photons_left"] - 1) < 1e-5


def test_arrow_keys_move_a_slider_by_one_step(page: Any) -> None:
    choose(page, "noise between", "printed")
    thumb = slider(page, "temperature").get_by_role("slider")
    thumb.focus()
    before = float(thumb.get_attribute("aria-valuenow"))
    thumb.press("ArrowRight")
    assert float(thumb.get_attribute("aria-valuenow")) == before + 1
    detuning = np.linspace(0.4, 1.5, 100)
    found = jiao2022.point(detuning=detuning, temperature=0.101, noise="printed")
    expected = np.where(found["stable"], found["E_N"], np.nan)
    assert settled(page, lambda: shows(page, expected))


def test_the_lamps_say_what_audit_says(page: Any) -> None:
    assert settled(page, lambda: lamp(page, "physicality")[0] == "good")
    choose(page, "noise between", "printed")
    sentences = qc.audit(jiao2022.model(noise="printed")[0]).sentences
    assert settled(page, lambda: lamp(page, "physicality")[0] == "bad")
    assert sentences[0] in lamp(page, "physicality")[1]
    assert lamp(page, "stability") == ("good", sentences[1])


def portraits(page: Any, look: str) -> Any:
    """What JavaScript says of the two plots below the figure, `plot`."""
    return page.evaluate(
        """look => [...document.querySelectorAll('[data-cell-name="portrait"] marimo-plotly')]
          .map(element => element.shadowRoot.querySelector('.js-plotly-plot'))
          .filter(plot => plot && plot._fullData && plot._fullData.length)
          .map(plot => new Function('plot', 'return ' + look)(plot))""",
        look,
    )


def test_the_portraits_are_of_the_current_point(page: Any) -> None:
    def covariance_is(V: np.ndarray) -> bool:
        matrices = portraits(page, "Array.from(plot._fullData[0].z, row => Array.from(row))")
        return len(matrices) == 2 and bool(np.allclose(matrices[0], V, rtol=1e-9))

    def titles() -> list[str]:
        return portraits(page, "plot._fullLayout.xaxis.title.text || ''")

    V = qc.steady_state(jiao2022.model()[0]).cov
    assert settled(page, lambda: covariance_is(V))
    page.locator('[data-cell-name="modes"] select').select_option(label="left.a")
    assert settled(page, lambda: titles()[1:] == ["x of left.a"])
    type_number(page, "temperature", "200")
    V = qc.steady_state(jiao2022.model(temperature=0.2)[0]).cov
    assert settled(page, lambda: covariance_is(V))
    assert titles()[1:] == ["x of left.a"]


def test_unstable_stretches_are_hatched_and_said(page: Any) -> None:
    choose(page, "system", "pelka2026")
    assert settled(page, lambda: slider(page, "decay into the common baths").count())
    choose(page, "axis", "r: squeezing")
    squeezing = np.linspace(0, 1, 100)
    found = pelka2026.point(squeezing=squeezing)
    expected = np.where(found["stable"], found["E_N"][..., 0], np.nan)
    assert not found["stable"].all()
    assert settled(page, lambda: shows(page, expected))
    assert page.evaluate("qc.words()") == ["no steady state"]
    type_number(page, "squeezing of node 0", "0.9")
    assert settled(page, lambda: lamp(page, "stability")[0] == "bad")
    assert page.locator('[data-quantity="E_N_1"]').inner_text() == "none"


def test_a_click_on_a_map_sets_the_sliders(page: Any) -> None:
    choose(page, "noise between", "printed")
    choose(page, "second axis", "Ω_l")
    page.wait_for_selector('[data-cell-name="centre"] .heatmaplayer image', state="attached")
    detuning, spin = np.meshgrid(
        np.linspace(0.4, 1.5, 60), np.linspace(-1, 1, 60) * 1e6, indexing="ij"
    )
    found = jiao2022.point(detuning=detuning, spin_left=spin, noise="printed")
    expected = np.where(found["stable"], found["E_N"], np.nan).T
    assert settled(page, lambda: shows(page, expected, "z"))
    box = page.locator('[data-cell-name="centre"] .nsewdrag').first.bounding_box()
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.2 * box["height"])

    def values() -> tuple[float, float]:
        names = ("effective detuning", "angular velocity, left")
        thumbs = (slider(page, name).get_by_role("slider") for name in names)
        x, y = (float(thumb.get_attribute("aria-valuenow")) for thumb in thumbs)
        return x, y

    assert settled(page, lambda: values() != (1.0, 0.0))
    x, y = values()
    assert abs(x - (0.4 + 0.7 * 1.1)) < 0.03
    assert abs(y - (1 - 0.2 * 2)) < 0.05
    here = jiao2022.point(detuning=x, spin_left=y * 1e6, noise="printed")
    assert settled(page, lambda: abs(number(page, "E_N") - float(here["E_N"])) < 1e-6)


def test_a_wrong_file_is_told_and_the_page_lives_on(page: Any) -> None:
    choose(page, "system", "a network file")
    text = page.locator("marimo-text-area textarea")
    good = (EXAMPLES / "cascade.toml").read_text()
    wrong = good.replace('"source.out"', '"source.outt"')
    text.fill(wrong)
    with pytest.raises(qc.ArgumentError) as refusal:
        qc.from_toml(wrong)
    alert = page.locator('[role="alert"]').first
    assert settled(page, lambda: alert.is_visible() and alert.inner_text() == str(refusal.value))
    text.fill("this is no TOML [")
    assert settled(page, lambda: "not valid TOML" in alert.inner_text())
    text.fill(good)
    assert settled(page, lambda: page.locator(PLOT).count())
    still(page)
    choose(page, "second axis", "—")  # the file declares a map
    from qcascade.netlist.load import load

    state = load(good).steady_state({"loss": np.linspace(0, 0.9, 100)})
    expected = qc.log_negativity(state, "source", "receiver")
    assert settled(page, lambda: page.locator(PLOT).count() and shows(page, expected))
    upload = page.locator('marimo-file input[type="file"]')
    upload.set_input_files(EXAMPLES / "printed_matrices.toml")
    assert settled(page, lambda: lamp(page, "physicality")[0] == "bad")
    assert settled(page, lambda: page.locator("svg text", has_text="p of downstream").count())


def test_a_wrong_range_is_told_and_the_page_lives_on(page: Any) -> None:
    page.get_by_text("ranges and points").click()
    field = page.locator("marimo-number").filter(has_text="to").locator("input").first
    field.fill("0.1")
    field.press("Enter")
    alert = page.locator('[data-cell-name="centre"] [role="alert"]')
    told = "Argument `axes[detuning].high` must be above 0.4, but is 0.1."
    assert settled(page, lambda: alert.count() and alert.inner_text() == told)
    field.fill("2")
    field.press("Enter")
    assert settled(page, lambda: page.locator(PLOT).count() and shown(page, "x")[-1] == 2)


def test_downloads_hold_what_is_shown(page: Any, tmp_path: Path) -> None:
    choose(page, "noise between", "printed")
    detuning = np.linspace(0.4, 1.5, 100)
    expected = jiao2022.point(detuning=detuning, noise="printed")["E_N"]
    assert settled(page, lambda: shows(page, expected))
    for label, start in (("CSV", b"detuning"), ("PNG", b"\x89PNG"), ("PDF", b"%PDF")):
        with page.expect_download() as download:
            page.locator("marimo-download").get_by_text(label).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.read_bytes().startswith(start)
    table = np.genfromtxt(tmp_path / "jiao2022-E_N.csv", delimiter=",", skip_header=1)
    assert np.array_equal(table[:, 1], expected)
    with page.expect_download() as download:
        page.locator("marimo-download").get_by_text("Python").click()
    script = tmp_path / "again.py"
    download.value.save_as(script)
    subprocess.run([sys.executable, script], check=True, cwd=tmp_path, capture_output=True)
    import xarray as xr

    with xr.open_dataset(tmp_path / "jiao2022-E_N.nc", engine="h5netcdf") as data:
        assert np.array_equal(data["E_N"].values, expected)


def test_a_heavy_system_says_how_coarse_it_is(page: Any) -> None:
    choose(page, "system", "agusti2023")
    assert settled(page, lambda: page.locator("text=concurrence of every pair").count())
    found = page.locator('[data-quantity="C_11"]').inner_text()
    type_number(page, "dephasing of every qubit", "0.05")
    assert settled(page, lambda: page.locator("text=a computation of its own").count(), 30)
    assert settled(page, lambda: len(shown(page, "y")) < 20)
    assert settled(page, lambda: page.locator('[data-quantity="C_11"]').inner_text() != found, 30)


def test_a_file_from_the_command_line_comes_first(browser: Any) -> None:
    with served(str(EXAMPLES / "cascade.toml")) as (address, _):
        page = opened(browser, address)
        page.evaluate(SCRIPT)
        assert slider(page, "squeezing").get_by_role("slider").get_attribute("aria-valuenow")
        assert page.locator("svg text", has_text="receiver").count() >= 1
        page.close()


def test_what_leaves_a_file_s_network_is_a_view(page: Any) -> None:
    choose(page, "system", "a network file")
    text = 'title = "pairs"\n[parts.o]\npart = "squeezed_mode"\ndrive = 0.2\ndecay = 1.0\n'
    page.locator("marimo-text-area textarea").fill(text + "[parameters]\nspare = 1.0\n")
    still(page)
    choose(page, "what is looked at", "spectrum")
    assert settled(page, lambda: page.locator(PLOT).count())
    still(page)
    model = qc.gaussian(qc.squeezed_mode(0.2, decay=1.0))

    def spectrum() -> bool:
        omega = shown(page, "x")
        noise = qc.decibel(qc.quadrature_spectrum(model, "out", omega))
        return omega.min() < 0 < omega.max() and shows(page, noise)

    assert settled(page, spectrum)
    choose(page, "what is looked at", "sidebands")
    assert settled(page, lambda: page.locator(PLOT).count() and shown(page, "x").min() > 0)
    still(page)
    sides = qc.sidebands(model, shown(page, "x"))
    assert settled(page, lambda: shows(page, qc.log_negativity(sides, "out+", "out-")))


def test_improving_moves_the_sliders_and_says_what_holds_back(page: Any) -> None:
    choose(page, "system", "a network file")
    text = '[parts.o]\npart = "pair_source"\ngain = "xi"\n[parameters]\nxi = 0.1\n'
    page.locator("marimo-text-area textarea").fill(
        text + "[axes.xi]\nfrom = 0.0\nto = 0.313\npoints = 9\n"
    )
    bars = page.locator('[data-cell-name="limiting"] marimo-plotly')
    assert settled(page, lambda: slider(page, "xi").count() and bars.count())
    still(page)
    box = page.locator('[id="qc-part-0"] path').first
    assert box.evaluate("x => getComputedStyle(x).fill") == "rgb(231, 137, 113)"
    page.get_by_role("button", name="improve").click()
    assert settled(page, lambda: page.locator('[data-improved="yes"]').count(), 30)
    still(page)
    model = qc.gaussian(qc.pair_source(0.313))
    best = float(qc.log_negativity(qc.steady_state(model), "a", "b"))
    assert settled(page, lambda: abs(number(page, "E_N_o_a_o_b") - best) < 1e-6)
    assert float(slider(page, "xi").locator("input").last.input_value()) == 0.313
    told = page.locator("[data-improved]").inner_text()
    assert "Held back by: xi = 0.313." in told
    assert f"→ {best:.6g} nat" in told


def test_a_cycle_is_played(page: Any) -> None:
    choose(page, "system", "a network file")
    text = '[parts.m]\npart = "squeezed_mode"\ndrive = "0.1*(1 + cos(t))"\ndecay = 1.0\n'
    text += '[time]\nperiod = "2*pi"\npoints = 16\n[measures.mu]\nmeasure = "purity"\n'
    page.locator("marimo-text-area textarea").fill(text)
    film = page.locator('[data-cell-name="film"] marimo-plotly')
    assert settled(page, lambda: film.get_by_text("play").count())
    dot = "x => x.shadowRoot.querySelector('.js-plotly-plot')._fullData[1].x[0]"
    assert film.evaluate(dot) == 0
    film.get_by_text("play").click()
    assert settled(page, lambda: film.evaluate(dot) == 15 / 16)
