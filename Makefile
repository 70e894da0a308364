# Everything a newcomer needs: `make run`, `make test`. `make help` lists the rest.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
PEOPLE ?=
DATE ?=
TESTS ?=
JOBS ?= 3

.DEFAULT_GOAL := help
.PHONY: help install install-dev run up down status test lint format lock bench-core clean

help:  ## List what can be made
	@echo "Xianjie (衔接): a county's night, from its departments to its reports"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  DATE=2026-09-23   add this night instead of starting fresh (run)"
	@echo "  PEOPLE=30000      size of the demo county, up to 6000000 (run, up, bench-core)"
	@echo "  TESTS=tests/cli   only these tests (test)"
	@echo "  JOBS=3            so many of them side by side (test)"

install: .venv/installed  ## Install the pinned environment into .venv

install-dev: .venv/installed-dev  ## The same, with what tests and lint need

run: .venv/installed  ## Run two nights of the demo county (DATE= adds one)
	@$(BIN)/xianjie demo run $(if $(DATE),--date $(DATE)) $(if $(PEOPLE),--people $(PEOPLE)) $(if $(GROWTH),--growth)

up: .venv/installed  ## Keep the stack running, with the Airflow UI and the board
	@$(BIN)/xianjie demo up $(if $(PEOPLE),--people $(PEOPLE)) $(if $(GROWTH),--growth)

down: .venv/installed  ## Stop the stack; what it made stays
	@$(BIN)/xianjie demo down

status: .venv/installed  ## Say whether the stack is up, where, and which nights it holds
	@$(BIN)/xianjie demo status

test: .venv/installed-dev  ## Pass the tests (TESTS= for some of them)
	@$(BIN)/pytest -n $(JOBS) --dist loadscope $(TESTS)

lint: .venv/installed-dev  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 include

format: .venv/installed-dev  ## Let ruff mend what it can
	$(BIN)/ruff check --fix .

lock: .venv/uv  ## Resolve the newest versions into requirements.txt and requirements-dev.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --no-header --quiet -o requirements.txt requirements.in
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --no-header --quiet -o requirements-dev.txt requirements-dev.in

bench-core: .venv/installed  ## Time a first load and a 1 % night through the stages themselves
	@$(BIN)/python -m bench.core $(if $(PEOPLE),--people $(PEOPLE)) $(if $(GROWTH),--growth)

clean:  ## Stop the stack, remove everything the demo made, and the caches
	@test ! -x $(BIN)/xianjie || $(BIN)/xianjie demo clean
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis build

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "This Python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "· making .venv"
	@$(PYTHON) -m venv .venv

.venv/uv: .venv/bin/python
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/installed: .venv/uv requirements.txt pyproject.toml
	@echo "· installing requirements.txt"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	@echo "· installing requirements-dev.txt"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements-dev.txt
	@touch $@
