# `make run` opens the studio; `make test` runs everything. Both build .venv from this folder alone.
PYTHON ?= python3
BIN := .venv/bin
export KIRCHHOFF_DATA ?= ../shared/data

.PHONY: run test lint docs clean

run: .venv/run.stamp
	$(BIN)/kirchhoff serve --open

# Every test process keeps one core busy.
test: export OMP_NUM_THREADS ?= 1
test: .venv/test.stamp
	@sh tests/install_programs.sh chromium ngspice nodejs npm
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	sh tests/check_browser_code.sh
	node --test $$(find tests/assets -name node_modules -prune -o -name '*.test.mjs' -print)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

lint: .venv/test.stamp
	$(BIN)/pre-commit run --all-files

# The API reference, from docstrings.
docs: .venv/test.stamp
	$(BIN)/python tests/build_docs.py build/docs

.venv/pip.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=python3.12, say")'
	@echo "Setting up .venv; the first time this takes some minutes."
	@$(PYTHON) -c 'import ensurepip' || sh tests/install_programs.sh python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@

.venv/run.stamp: .venv/pip.stamp pyproject.toml
	$(BIN)/python -m pip install --quiet -e .
	@touch $@

# The pin keeps torch at the CPU build the suite was run with; users get torch's ordinary build.
.venv/test.stamp: .venv/pip.stamp pyproject.toml tests/constraints.txt
	$(BIN)/python -m pip install --quiet --constraint tests/constraints.txt -e '.[dev]'
	@touch $@ .venv/run.stamp

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis
