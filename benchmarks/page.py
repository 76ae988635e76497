"""Run all benchmarks and write what they print to docs/benchmarks.md: no number is kept by hand.

Every script compares this package with what one would use instead, in one run on one machine, and
prints ratios. What it tells through `summary` goes into the table at the top.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from summary import row

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
SCRIPTS = (
    "lyapunov",
    "one_point",
    "million",
    "measured",
    "spectra",
    "periodic",
    "long_networks",
    "pelka2026",
    "jiao2020",
    "jiao2022",
    "dual_rail",
    "photons",
    "discover",
    "startup",
    "explorer",
)
OPTIONS = {"dual_rail": ["--long"], "photons": ["--long"]}
LIBRARIES = ("numpy", "scipy", "numba", "jax", "qutip", "dynamiqs", "xarray")


def processor():
    """The processor's name where the system tells it."""
    try:
        names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def can_run(name):
    """The explorer is measured in a browser, where there is one."""
    return name != "explorer" or bool(find_spec("playwright") and shutil.which("chromium"))


def installed(name):
    """Name and version of a library, or that it is missing."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} not installed"


def gpus():
    """What JAX sees besides the processor."""
    import jax

    names = sorted({x.device_kind for x in jax.devices() if x.platform != "cpu"})
    return f"GPU: {', '.join(names)}." if names else "JAX saw no GPU: all numbers are of the CPU."


def measured(name):
    """What a script prints, line by line shown while it runs."""
    lines = []
    command = [sys.executable, str(HERE / f"{name}.py"), *OPTIONS.get(name, [])]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    if process.returncode:
        raise SystemExit(f"benchmarks/{name}.py ended with exit code {process.returncode}")
    return lines


def page(results):
    """The page: machine and versions, all ratios, then every script's own output."""
    told = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {processor()}, "
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; "
        + ", ".join(map(installed, LIBRARIES))
        + f". {gpus()}",
        "",
        "Ratios are times of what one would use instead over times of this package, measured in",
        "one run on this machine; above 1 this package is faster.",
        "",
        "| measured | result | goal |",
        "|---|---|---|",
    ]
    for lines in results.values():
        told += [f"| {' | '.join(cells)} |" for line in lines if (cells := row(line))]
    for name, lines in results.items():
        own = [line for line in lines if not row(line)]
        told += ["", f"## {name}", "", *_about(name), "", "```", *own, "```"]
    return "\n".join(told) + "\n"


def _about(name):
    """The first paragraphs of a script's own description."""
    text = (HERE / f"{name}.py").read_text(encoding="utf-8")
    return re.match(r'"""(.*?)"""', text, re.S)[1].strip().splitlines()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these; nothing is written then")
    names = parser.parse_args().names
    results = {}
    for name in names or filter(can_run, SCRIPTS):
        print(f"\n== {name}", flush=True)
        results[name] = measured(name)
    if not names:
        PAGE.write_text(page(results), encoding="utf-8")
        print(f"\nwritten to {PAGE.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
