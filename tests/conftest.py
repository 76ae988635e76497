"""Settings for every test: no numbers of our own, only where figures and profiles go."""

import os
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
# Long first calls (compilation) are no failure; the suite's own time limit is the reader's.
hypothesis.settings.register_profile("qcascade", deadline=None, derandomize=True)
hypothesis.settings.load_profile("qcascade")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Browser tests run only when asked for (`make test-browser`): they need Chromium."""
    asked = "browser" in (config.option.markexpr or "").replace("not browser", "")
    return True if collection_path.name == "browser" and not asked else None
