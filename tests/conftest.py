"""Settings for every test: no numbers of our own, only where figures and profiles go."""

import os

import hypothesis

os.environ.setdefault("MPLBACKEND", "Agg")
# Long first calls (compilation) are no failure; the suite's own time limit is the reader's.
hypothesis.settings.register_profile("qcascade", deadline=None, derandomize=True)
hypothesis.settings.load_profile("qcascade")
