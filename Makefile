# outgrow-nb: two commands for everybody (demo, test), the rest for who works on it.
# Needs Python 3.11+, make and git; everything else is put into .venv.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check audit unit kernels browser interop breakages bench gallery mindeps clean

help:  ## says what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || tests/install/venv.sh "$(PYTHON)"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.dev: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install -q -e '.[dev]'
	@touch $@

# On Linux without a display nobody would see JupyterLab: the notebook runs here then, as with HEADLESS=1.
ifeq ($(shell uname),Linux)
HEADLESS ?= $(if $(DISPLAY)$(WAYLAND_DISPLAY),,1)
endif

demo: $(VENV)/.dev  ## opens the quickstart in JupyterLab on invented leads (HEADLESS=1: runs it here)
	@$(if $(HEADLESS),PYTHONPATH=. $(BIN)/python tests/headless_demo.py,$(BIN)/outgrow-nb demo)

test: $(VENV)/.dev check  ## runs everything: checks, unit, wire, kernels, browser, interop
	@tests/install/chromium.sh
	@$(BIN)/python -m tests.install.kernels
	$(BIN)/python -m coverage erase
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov=outgrow_nb --cov-report= tests
	$(BIN)/python -m coverage report
	@tests/install/closing_words.sh

check: $(VENV)/.dev  ## ruff, mypy, import-linter, bandit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r outgrow_nb

audit: $(BIN)/python  ## known weaknesses of everything installed (needs the network)
	$(BIN)/python -m pip install -q pip-audit
	$(BIN)/python -m pip_audit --skip-editable

unit: $(VENV)/.dev  ## the fast tests
	$(BIN)/python -m pytest tests/unit

kernels: $(VENV)/.dev  ## notebooks and kernels, in every ipykernel that people have
	KERNELS=all $(BIN)/python -m tests.install.kernels
	KERNELS=all $(BIN)/python -m pytest -n 2 --dist loadfile -p tests.kernels.matrix_table tests/kernels

browser: $(VENV)/.dev  ## JupyterLab in Chromium
	@tests/install/chromium.sh
	$(BIN)/python -m pytest tests/browser

interop: $(VENV)/.dev  ## other people's programs against the sandbox, our client against their servers
	$(BIN)/python -m pytest tests/interop

breakages: $(VENV)/.dev  ## takes one guard after another out of a copy: do its tests notice? (20 minutes)
	$(BIN)/python -m tests.breakages.run

bench: $(VENV)/.dev  ## measures every bar in paired rounds and writes benchmarks/results.md (QUICK=1: a look, two minutes)
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick)

gallery: $(VENV)/.dev  ## draws every picture on invented leads into build/gallery/index.html
	$(BIN)/python -m tests.gallery

mindeps: $(VENV)/.dev  ## the unit tests on the oldest versions that pyproject.toml allows
	$(PYTHON) -m venv .venv-oldest
	$(BIN)/python -m tests.install.oldest sandbox keyring explore store dask > .venv-oldest/pins
	.venv-oldest/bin/python -m pip install -q -r .venv-oldest/pins pytest hypothesis nbformat ipykernel keyrings.alt polars statsmodels "pyparsing<3.3"
	.venv-oldest/bin/python -m pytest -q -W "ignore:DataFrame._data:DeprecationWarning" tests/unit

clean:  ## removes what make made
	rm -rf $(VENV) .venv-oldest .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage* build dist
