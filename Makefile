# Riverstage: what a newcomer and a contributor type. `make help` lists it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
SHELL  := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test unit lint types docs bench soak wheel clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Riverstage needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make demo PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/.demo: $(BIN)/python pyproject.toml requirements/demo.txt
	@echo "Installing Riverstage into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/demo.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(BIN)/python pyproject.toml requirements/test.txt
	@echo "Installing what the tests need into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/test.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo ## Run the demo flow on 336,776 real flights
	@$(BIN)/python examples/flights/demo.py

test: $(VENV)/.test ## Everything a change must pass: lint, types, rooms, tests
	@$(MAKE) --no-print-directory lint types
	@$(MAKE) --no-print-directory unit

unit: $(VENV)/.test ## The tests alone
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal

lint: $(VENV)/.test ## Formatting, lint, and which room may import which
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache

types: $(VENV)/.test ## Static types: mypy over everything, pyright over the public surface
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/pyright --project pyrightconfig.json >/tmp/riverstage-pyright.$$$$ || { cat /tmp/riverstage-pyright.$$$$; rm -f /tmp/riverstage-pyright.$$$$; exit 1; }; rm -f /tmp/riverstage-pyright.$$$$

docs: $(VENV)/.test ## Write the generated pages of docs/ anew
	@$(BIN)/python tools/build_docs.py

bench: ## Measure against other engines (sets up what it needs; long; ARGS="whole --rounds 3")
	@PYTHON="$(PYTHON)" bench/run $(ARGS)

soak: $(VENV)/.test ## The long proofs: more random documents, flows and killed runs
	@RIVERSTAGE_SOAK=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal

wheel: $(VENV)/.test ## Build the wheel into dist/
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove what builds and tests left; the virtual environment stays
	@rm -rf build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
