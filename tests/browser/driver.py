"""Start the explorer and drive it: what tests and the benchmark share."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PLOT = '[data-cell-name="centre"] .js-plotly-plot .nsewdrag'

# The plot lives in the shadow of its element. `watch` notes how long after the last key press
# (or `mark`) a new figure is on the screen.
SCRIPT = """
window.qc = {
  plot() {
    const element = document.querySelector('[data-cell-name="centre"] marimo-plotly');
    return element && element.shadowRoot && element.shadowRoot.querySelector('.js-plotly-plot');
  },
  values(key) {
    const trace = this.plot()._fullData.find(t => t.type === 'heatmap' || t.hoverinfo !== 'skip');
    const list = x => Array.from(x, y => y.length === undefined ? (isNaN(y) ? null : y) : list(y));
    return list(trace[key]);
  },
  words() { return (this.plot()._fullLayout.annotations || []).map(a => a.text); },
  times: [], mark: 0, last: null,
  watch() {
    const plot = this.plot();
    const now = plot && plot._fullData;
    if (now && now !== this.last) {
      if (this.last && this.mark) { this.times.push(performance.now() - this.mark); this.mark = 0; }
      this.last = now;
    }
    requestAnimationFrame(() => this.watch());
  },
};
window.qc.watch();
document.addEventListener('keydown', () => { window.qc.mark = performance.now(); }, true);
"""


@contextlib.contextmanager
def served(*arguments: str, folder: Path | None = None) -> Iterator[tuple[str, int]]:
    """The explorer in a process of its own: its address and process id."""
    command = [str(Path(sys.executable).with_name("qcascade")), "explore", "--no-browser"]
    process = subprocess.Popen(
        [*command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "explorer at" not in line:
            raise RuntimeError(line + process.stdout.read())
        yield line.split()[2], process.pid
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()  # type: ignore[union-attr]


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("chromium is not installed; `make test-browser` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Any, address: str) -> Any:
    """A new page of the explorer, its first figure drawn."""
    page = browser.new_page()
    page.set_default_timeout(30_000)
    page.goto(address, wait_until="commit")
    page.wait_for_selector(PLOT, state="attached")
    page.evaluate(SCRIPT)
    return page


def choose(page: Any, label: str, option: str) -> None:
    """Pick an entry of a list by what it begins with."""
    select = page.locator("marimo-dropdown").filter(has_text=label).locator("select").first
    entries = select.locator("option").all_inner_texts()
    select.select_option(label=next(text for text in entries if text.startswith(option)))
    still(page)


def still(page: Any, quiet: int = 500, longest: int = 10_000) -> None:
    """Wait until the page has not changed for a while, so that no control is about to be remade."""
    page.evaluate(
        """([quiet, longest]) => new Promise(done => {
          let timer;
          const seen = new MutationObserver(() => wait());
          const end = () => { seen.disconnect(); done(); };
          const wait = () => { clearTimeout(timer); timer = setTimeout(end, quiet); };
          seen.observe(document.body, { childList: true, subtree: true });
          setTimeout(end, longest);
          wait();
        })""",
        [quiet, longest],
    )


def slider(page: Any, words: str) -> Any:
    """The slider whose label holds some words."""
    return page.locator("marimo-slider").filter(has_text=words).first


def type_number(page: Any, words: str, value: str) -> None:
    """Enter a number beside a slider."""
    still(page)
    field = slider(page, words).locator("input").last
    for _ in range(5):
        field.fill(value)
        field.press("Enter")
        page.wait_for_timeout(500)
        if float(field.input_value()) == float(value):
            return


def settled(page: Any, check: Any, seconds: float = 15.0) -> Any:
    """What `check` returns once it is true; its last answer when the time is over."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found or time.monotonic() > end:
            return found
        page.wait_for_timeout(50)
