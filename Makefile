# make demo   installs into .venv, draws the figures of pelka2026, prints its claims
# make test   the same environment with the test tools: suite, lint, type check
# make bench  ratios against what a user would run instead, written to docs/benchmarks.md

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-slow bench clean

demo: .venv/installed
	$(BIN)/qcascade paper pelka2026 --out figures/pelka2026

test: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: .venv/installed-test
	$(BIN)/python -m pytest -m slow

bench: .venv/installed-test
	$(BIN)/python benchmarks/page.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	$(INSTALL) -e .
	touch $@

.venv/installed-test: .venv/installed
	$(INSTALL) -e ".[test]"
	touch $@

clean:
	rm -rf .venv figures
