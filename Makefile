# `make` shows what there is to make. Needs only make and Python 3.11 or newer; everything else goes into .venv.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# The newest Python that Melody is tested with, else whatever python3 is: make run PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3; do \
	"$$each" -c 'import ensurepip' >/dev/null 2>&1 && echo "$$each" && exit; done; echo python3)
# What pytest is told besides: make test ARGS='-k taken'
ARGS ?=
# As many tests run at once as there are cores, and one more, for many of them wait for a service or a browser.
JOBS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)

export PORT
# Every service and every worker of the tests would compile all that it imports anew: half of the time of `make test`.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo test lint pytest bench FORCE

help: ## Show what there is to make
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

run: $(VENV)/installed ## Install into .venv, prepare the database, serve on http://127.0.0.1:8000 (PORT=8080 changes the port)
	@$(BIN)/python -m flask --app wsgi init
	@echo 'Melody is on http://127.0.0.1:$(PORT) now. Ctrl-C stops it.'
	@exec $(BIN)/python -m gunicorn --bind 127.0.0.1:$(PORT) wsgi:app

demo: $(VENV)/installed ## Serve the same on a database of its own, filled with a sample company
	@MELODY_INSTANCE_PATH=instance/demo $(BIN)/python -m flask --app wsgi demo
	@echo 'The demo is on http://127.0.0.1:$(PORT) now. Ctrl-C stops it.'
	@MELODY_INSTANCE_PATH=instance/demo exec $(BIN)/python -m gunicorn --bind 127.0.0.1:$(PORT) wsgi:app

test: $(VENV)/installed-for-tests ## Install what the tests need, run style, types and every test (ARGS='-k taken' passes options to pytest)
	@.ci/system-packages
	@# Side by side: types and style take one core for a while.
	@$(MAKE) --no-print-directory -j2 lint pytest

pytest: $(VENV)/installed-for-tests ## Run every test, without lint and types
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(VENV)/installed-for-tests ## Check the style (ruff) and the types (mypy)
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy

bench: $(VENV)/installed-for-tests ## Compare our calls with a bare Flask view, Django and FastAPI on this machine (ARGS=--quick for a glance)
	@$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python -m tests.bench $(ARGS)

# Installed once, and again when what is to be installed changes, or when the Python that .venv leads to is gone.
GONE := $(if $(realpath $(BIN)/python),,FORCE)

$(VENV)/installed: setup.cfg pyproject.toml $(GONE)
	@$(make-venv)
	@echo 'Installing Melody into $(VENV): the first time takes a minute.'
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/installed-for-tests: setup.cfg pyproject.toml $(GONE)
	@$(make-venv)
	@echo 'Installing Melody and what its tests need into $(VENV).'
	@$(BIN)/python -m pip install --quiet --no-compile --editable '.[test,postgres]'
	@touch $(VENV)/installed $@

# A .venv without pip was left half made.
define make-venv
$(BIN)/python -m pip --version >/dev/null 2>&1 && exit; \
'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Melody needs Python 3.11 or newer, and '$(PYTHON)' is $$('$(PYTHON)' --version 2>/dev/null || echo not there)." >&2; \
	echo 'Install one, or name it: make run PYTHON=/path/to/python3.11' >&2; exit 1; }; \
'$(PYTHON)' -m venv --clear $(VENV) || { \
	rm -rf $(VENV); \
	echo 'Python could not make $(VENV). On Debian or Ubuntu: sudo apt-get install python3-venv' >&2; exit 1; }
endef

FORCE:
