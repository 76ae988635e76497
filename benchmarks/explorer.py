"""How fast the explorer is, end to end, in headless Chromium: python benchmarks/explorer.py.

The first figure, in a browser with nothing stored: seen (a picture that comes with the page) and
live (plotly has drawn it, sliders and clicks work).
A move: from a key press on a slider to the next figure on the screen.
"""

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from driver import PLOT, choose, chromium, opened, served, settled
from summary import told

SYSTEMS = {"pelka2026": "r:", "jiao2020": "Ω:", "jiao2022": "Ω_l:", "liu2024": "Δθ:"}
"""The second axis of each system's map."""


def first_paints(browser, address, times=5):
    """When the first figure is seen, and when it can be touched."""
    seen, live = [], []
    for _ in range(times):
        context = browser.new_context(viewport={"width": 1500, "height": 1000})
        page = context.new_page()
        start = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector("#qc-first svg", state="attached")
        seen.append(1e3 * (time.perf_counter() - start))
        page.wait_for_selector(PLOT, state="attached")
        live.append(1e3 * (time.perf_counter() - start))
        context.close()
    return seen, live


def moves(page, times):
    """Arrow keys on the last slider, which no axis runs over."""
    thumb = page.locator("marimo-slider").last.get_by_role("slider")
    thumb.focus()
    keys = ["ArrowRight", "ArrowLeft"]
    if thumb.get_attribute("aria-valuenow") == thumb.get_attribute("aria-valuemax"):
        keys.reverse()
    page.evaluate("qc.times = []")
    for k in range(times):
        thumb.press(keys[k % 2])
        settled(page, lambda k=k: page.evaluate("qc.times.length") > k, 10)
        page.wait_for_timeout(400)
    return page.evaluate("qc.times")


def said(what, times):
    best, middle = min(times), statistics.median(times)
    print(f"{what:<38} best {best:6.0f} ms   median {middle:6.0f} ms   ({len(times)} times)")
    return middle


def main():
    curves, maps = [], []
    with chromium() as browser, served("pelka2026") as (address, _):
        seen, live = first_paints(browser, address)
        first = said("first figure seen", seen)
        said("first figure live", live)
        page = opened(browser.new_context(viewport={"width": 1500, "height": 1000}), address)
        for key, second in SYSTEMS.items():
            choose(page, "system", key)
            page.wait_for_timeout(2500)
            curves.append(said(f"{key}: a move on a curve of 100", moves(page, 15)))
            choose(page, "second axis", second)
            page.wait_for_timeout(2500)
            maps.append(said(f"{key}: a move on a map of 60 × 60", moves(page, 8)))
    told("explorer, first figure seen", f"{first:.0f} ms", "3000 ms")
    told("explorer, a slider moves a curve of 100 points", _between(curves), "200 ms")
    told("explorer, a slider moves a map of 60 × 60", _between(maps), "1500 ms")


def _between(times):
    return f"{min(times):.0f}–{max(times):.0f} ms"


if __name__ == "__main__":
    main()
