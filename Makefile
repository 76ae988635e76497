# make demo   installs into .venv, draws the figures of pelka2026, prints its claims
# make test   the same environment with the test tools: suite, lint, type check
# make test-core  the suite without JAX, the explorer's libraries and Dask, in .venv-core
# make package  builds wheel and sdist, installs both in clean environments, tries them
# make docs   the papers' figures on coarse grids, then these pages, into build/docs
# make test-browser  the explorer in headless Chromium, which is installed where it is missing
# make bench  ratios against what a user would run instead, written to docs/benchmarks.md

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-core test-slow test-browser package docs bench clean

demo: .venv/installed
	$(BIN)/qcascade paper pelka2026 --out figures/pelka2026

test: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/basedpyright
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-core: .venv-core/installed
	.venv-core/bin/python -m pytest -n 2 -m "not slow" --doctest-ignore-import-errors

test-slow: .venv/installed-test
	$(BIN)/python -m pytest -m slow

package: .venv/installed-test
	rm -rf dist build/wheel build/sdist
	$(BIN)/python -m build --outdir dist . > build.log 2>&1 || (cat build.log; exit 1)
	rm build.log
	$(BIN)/python tests/packaged.py dist
	$(PYTHON) -m venv build/wheel
	build/wheel/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt dist/*.whl
	cd build && wheel/bin/qcascade list && wheel/bin/qcascade point pelka2026 hopping=0.5 squeezing=0.3
	cd build && wheel/bin/python ../tests/core_alone.py
	build/wheel/bin/python -m pip uninstall --quiet --yes qcascade
	build/wheel/bin/python -m pip install --quiet --disable-pip-version-check --no-deps dist/*.tar.gz
	cd build && wheel/bin/qcascade point jiao2022 noise=printed

docs: .venv/installed-docs build/report/report.json
	$(BIN)/sphinx-build -E -a -W --keep-going -n -q -j 2 docs build/docs
	@echo "pages  build/docs/index.html"

build/report/report.json: $(wildcard src/qcascade/*.py src/qcascade/*/*.py src/qcascade/*/*/*.py) | .venv/installed-docs
	$(BIN)/qcascade report --fast --out build/report || (rm -f $@; exit 1)

test-browser: .venv/installed-browser
	command -v chromium > /dev/null || (apt-get update && apt-get install -y chromium)
	$(BIN)/python -m pytest -p no:xdist -m browser tests/browser

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

.venv-core/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-core
	.venv-core/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test-core]"
	touch $@

.venv/installed-docs: .venv/installed
	$(INSTALL) -e ".[docs]"
	touch $@

.venv/installed-browser: .venv/installed-test
	$(INSTALL) -e ".[test,browser]"
	touch $@

clean:
	rm -rf .venv .venv-core figures build
