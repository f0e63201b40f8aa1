# Every command does its own set-up: a virtual environment in .venv, made once and again when pyproject.toml
# or what the compiled kernels are made of changes.
.DEFAULT_GOAL := help
.PHONY: help demo test test-all bench lint format check clean

PYTHON ?= python3
BIN := .venv/bin
DEV := .venv/.dev
RUN := .venv/.run
COMPILE := $(BIN)/python -m compileall -q src # where PYTHONDONTWRITEBYTECODE is set every start would do it
KERNELS := setup.py $(wildcard $(addprefix src/wellfit/native/source/*.,cpp h inc))

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(RUN) ## fit a bundled real table, print figures and reasons, save the model, load it again
	@mkdir -p demo
	$(BIN)/wellfit fit digits --test 0.25 --model demo/digits.wellfit
	$(BIN)/wellfit evaluate digits --model demo/digits.wellfit
	$(BIN)/wellfit predict digits --model demo/digits.wellfit --output demo/predictions.csv

test: $(DEV) ## the fast tests (minutes)
	$(BIN)/python -m pytest -n auto --dist worksteal

test-all: $(DEV) ## all tests, the slow ones and those on the folder of real data too
	$(BIN)/python -m pytest -n auto --dist worksteal -m ''

bench: .venv/.bench ## speed beside scikit-learn and whoever else is installed, into bench-out/; ARGS=--full for all of it
	$(BIN)/python -m benchmarks.run $(ARGS)

lint: $(DEV) ## ruff and pyright
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(DEV) ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint test ## the one command before every push

clean: ## remove what the commands made
	rm -rf .venv demo bench-out .pytest_cache .ruff_cache .hypothesis build src/wellfit.egg-info src/wellfit/native/source/_kernels.*

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "wellfit needs Python 3.11 or later; name one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python3 lacks the venv module; install it (Debian: apt install python3-venv)."; exit 1; }
	@touch $@

# the development set-up holds all that running needs
$(RUN): .venv/.made pyproject.toml $(KERNELS)
	@if [ -f $(DEV) ]; then $(MAKE) --no-print-directory $(DEV); else echo "installing wellfit ..." && $(BIN)/python -m pip install -q --disable-pip-version-check -e '.[cli]' && $(COMPILE); fi
	@touch $@

$(DEV): .venv/.made pyproject.toml $(KERNELS)
	@echo "installing wellfit and its development tools ..." && $(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]' && $(COMPILE)
	@touch $@

.venv/.bench: $(DEV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[bench]'
	@touch $@
