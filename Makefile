# simsa: two commands do everything.
#   make        sets up and starts the demo (Ctrl-C stops it)
#   make test   sets up and passes every check and test
.DEFAULT_GOAL := demo
.PHONY: help demo setup setup-dev test test-all lint bench docs lock messages clean
SHELL := /bin/sh
PY := .venv/bin/python
SETUP := $(shell for p in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ifeq ($(SETUP),)
$(error simsa needs Python 3.11 or newer; none was found. Install one, or name it: make PYTHON=/path/to/python3)
endif

help:            ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: setup      ## start the demo site with the reference programme
	@.venv/bin/simsa demo

setup:           ## .venv with the locked run-time packages
	@$(SETUP) tools/setup.py run

setup-dev:       ## .venv with everything that tests and docs need
	@$(SETUP) tools/setup.py dev

test: setup-dev  ## every check and test
	@$(PY) tools/check.py

test-all: setup-dev  ## the same, with the longer draws of the randomised tests, and coverage
	@$(PY) tools/check.py --all

lint: setup-dev  ## ruff, mypy and the import rule alone
	@$(PY) tools/check.py --only lint

docs: setup-dev  ## build the documentation into docs/_build/html
	@$(PY) -m sphinx -W --keep-going -q -b html docs docs/_build/html && echo "docs/_build/html/index.html"

messages: setup-dev  ## bring the translation catalogues up to date with the code
	@$(PY) tools/messages.py update

bench: setup-dev ## measure what the project promises
	@$(PY) -m bench

bench-%: setup-dev
	@$(PY) -m bench $*

lock:            ## renew requirements/*.lock from pyproject.toml
	@$(SETUP) tools/lock.py

clean:           ## remove everything that was made
	rm -rf .venv build dist out var docs/_build docs/_generated tests/screenshots .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
