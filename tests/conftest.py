"""Settings for every test: no numbers of our own, only where figures and profiles go."""

import os
import re
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
# Long first calls (compilation) are no failure; the suite's own time limit is the reader's.
hypothesis.settings.register_profile("qcascade", deadline=None, derandomize=True)
hypothesis.settings.load_profile("qcascade")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs an optional library that is not installed: a marked test, or an example."""
    for item in items:
        needed = [name for mark in item.iter_markers("needs") for name in mark.args]
        if isinstance(item, pytest.DoctestItem):
            docstring = item.dtest.docstring or ""
            told = r"ImportError: when (\w+) is not installed", r">>> import (jax)\b"
            needed += [name.lower() for words in told for name in re.findall(words, docstring)]
        missing = [name for name in needed if find_spec(name) is None]
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"{', '.join(missing)} is not installed"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Browser tests run only when asked for (`make test-browser`): they need Chromium."""
    asked = "browser" in (config.option.markexpr or "").replace("not browser", "")
    return True if collection_path.name == "browser" and not asked else None
