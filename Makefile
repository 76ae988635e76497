# make demo   installs into .venv, draws the figures of pelka2026, prints its claims
# make test   the same environment with all tools: lint and type check, suite (make lint, make suite)
# make test-core  the suite without JAX, the explorer's libraries and Dask, in .venv-core
# make package  builds wheel and sdist, installs both in clean environments, tries them
# make docs   the papers' figures on coarse grids, then these pages, into build/docs
# make test-browser  the explorer in headless Chromium, which is installed where it is missing
# make bench  ratios against what a user would run instead, written to docs/benchmarks.md

PYTHON ?= python3
BIN := .venv/bin
# Modules are compiled when they are first imported, once, whatever the environment says of it;
# most of what comes along never is.
export PYTHONDONTWRITEBYTECODE :=
PIP := -m pip install --no-compile --quiet --disable-pip-version-check
INSTALL := $(BIN)/python $(PIP) -c constraints.txt
# Two processes at a time fill two cores; threads of LAPACK would only wait for each other.
ALONE := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.PHONY: demo test lint suite test-core test-slow test-browser package docs bench clean

demo: .venv/installed
	$(BIN)/qcascade paper pelka2026 --out figures/pelka2026

test:  # one after the other, also beside something else
	$(MAKE) lint
	$(MAKE) suite

lint: .venv/installed-all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/basedpyright

suite: .venv/installed-all
	$(ALONE) $(BIN)/python -m pytest -n 2 -m "not slow"

test-core: .venv-core/installed
	$(ALONE) .venv-core/bin/python -m pytest -n 2 -m "not slow" --doctest-ignore-import-errors

test-slow: .venv/installed-all
	$(BIN)/python -m pytest -m slow

package:
	rm -rf dist build/wheel build/sdist build/maker
	$(PYTHON) -m venv build/maker
	build/maker/bin/python $(PIP) -c constraints.txt build
	build/maker/bin/python -m build --outdir dist . > build.log 2>&1 || (cat build.log; exit 1)
	rm build.log
	$(PYTHON) tests/packaged.py dist
	$(PYTHON) -m venv build/wheel
	build/wheel/bin/python $(PIP) -c constraints.txt dist/*.whl
	cd build && wheel/bin/qcascade list && wheel/bin/qcascade point pelka2026 hopping=0.5 squeezing=0.3
	cd build && wheel/bin/python ../tests/core_alone.py
	build/wheel/bin/python -m pip uninstall --quiet --yes qcascade
	build/wheel/bin/python $(PIP) --no-deps dist/*.tar.gz
	cd build && wheel/bin/qcascade point jiao2022 noise=printed

docs: .venv/installed-all build/report/report.json
	$(ALONE) $(BIN)/sphinx-build -E -a -W --keep-going -n -q -j 2 docs build/docs
	@echo "pages  build/docs/index.html"

build/report/report.json: $(wildcard src/qcascade/*.py src/qcascade/*/*.py src/qcascade/*/*/*.py) | .venv/installed-all
	$(ALONE) $(BIN)/qcascade report --fast --out build/report || (rm -f $@; exit 1)

test-browser: .venv/installed-all
	command -v chromium > /dev/null || (apt-get update && apt-get install -y chromium)
	$(BIN)/python -m pytest -p no:xdist -m browser tests/browser

bench: .venv/installed-all
	$(BIN)/python benchmarks/page.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	$(INSTALL) -e .
	touch $@

.venv/installed-all: pyproject.toml constraints.txt | .venv/bin/python
	$(INSTALL) -e ".[test,docs,browser]"
	touch $@

.venv-core/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-core
	.venv-core/bin/python $(PIP) -c constraints.txt -e ".[test-core]"
	touch $@

clean:
	rm -rf .venv .venv-core figures build
