# Two commands on a fresh clone: `make demo` and `make test`. They need Python 3.11 to 3.13 with venv, and make.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)

.PHONY: help demo test lint types contracts check validate docs bench clean

help:
	@echo "make demo      set up, run patient 1 (microwave ablation of a liver metastasis), say where the report is"
	@echo "make test      set up, run the tests"
	@echo "make check     tests, lint, types, contracts"
	@echo "make validate  compare with published and exact results, write docs/validation.md"
	@echo "make docs      write the reference pages from the code"
	@echo "make bench     measure speed, write benchmarks/results.md"

$(VENV)/.ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11 to 3.13 with venv was found. Install one, or say: make PYTHON=/path/to/python $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@echo "preparing the compute kernels (once, about a minute)"
	$(BIN)/python -m locoregional prepare
	@touch $@

demo: $(VENV)/.ready
	$(BIN)/locoregional demo --out demo

test: $(VENV)/.ready
	$(BIN)/python -m pytest -n 2 --durations 15

lint: $(VENV)/.ready
	$(BIN)/ruff check src tests benchmarks examples
	$(BIN)/ruff format --check src tests benchmarks examples

types: $(VENV)/.ready
	$(BIN)/mypy

contracts: $(VENV)/.ready
	$(BIN)/lint-imports

check: test lint types contracts

validate: $(VENV)/.ready
	$(BIN)/locoregional validate --data ../shared/data --allow-misses --out docs/validation.md

docs: $(VENV)/.ready
	$(BIN)/python docs/make_reference.py

bench: $(VENV)/.ready
	$(BIN)/python benchmarks/run.py --out benchmarks/results.md

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .ruff_cache .mypy_cache
