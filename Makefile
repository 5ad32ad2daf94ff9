# Needs GNU make and Python 3.11 or newer; everything else is installed here, pinned by hash.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORE := tests/rules tests/ledger/test_chain.py
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
export DJANGO_SETTINGS_MODULE := huying.config.settings

.DEFAULT_GOAL := help
.PHONY: help install demo up test check lint types contract unit coverage test-crashes test-long test-browser test-postgres15 browser-tools soak bench-load bench-loop bench-pages bench-reads pictures s29 requirements migrations clean

help:
	@echo "make demo              an invented city on http://127.0.0.1:8000 (PORT=… to change; REAL=folder adds real messages)"
	@echo "make up                the same server without demo data"
	@echo "make install           only what they need, for .venv/bin/huying"
	@echo "make test              lint, types, import contract, tests; every line of the rules is held by its own"
	@echo "make coverage          how much of all the code the tests run"
	@echo "make test-crashes      kill -9 of the web server in the middle of a thousand contacts"
	@echo "make test-long         journeys and the whole loop in browsers, accessibility, article 003's twenty days"
	@echo "make test-browser      every page in every language, theme and width"
	@echo "make test-postgres15   the suite on Debian's PostgreSQL 15, where it is installed"
	@echo "make s29               article 003's figures, counted from 3,600 generated contacts"
	@echo "make soak              random histories of the whole loop for SECONDS=600 (or others)"
	@echo "make bench-load        contacts per second, CPU per contact, peak memory of a load"
	@echo "make bench-loop        commands and swept terms per second, with CPU and SQL statements"
	@echo "make pictures          the main pages in Chromium into screenshots/, three of them into docs/pictures"
	@echo "make bench-reads       public pages while sixteen clients post, as a multiple of the quiet time"
	@echo "make bench-pages       statements, CPU and bytes of each public page, with 100,000 cases"

# -- install: a stamp each, so that a second make does nothing ------------------------------------------------------

$(VENV)/.made:
	@rm -rf $(VENV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The venv module is missing: on Debian, apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.run: requirements.txt pyproject.toml $(VENV)/.made
	@echo "Installing what Huying runs on"
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.catalogs: $(VENV)/.run $(wildcard huying/locale/*/LC_MESSAGES/*.po)
	@$(BIN)/python -m huying.pages.translation compile
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.catalogs
	@echo "Installing what the tests need"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

browser-tools:
	@command -v chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q . && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium and a Chinese font"; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig >/dev/null \
			|| echo "Chromium could not be installed: the browser tests are skipped"; \
	else \
		echo "Chromium is not installed and can't be by this user: the browser tests are skipped"; \
	fi

install: $(VENV)/.catalogs

# -- run: exec, so that SIGTERM reaches the server; PORT=… gets there as its environment ----------------------------

demo: $(VENV)/.catalogs
	@exec $(BIN)/huying demo $(if $(REAL),--real '$(subst ','\'',$(REAL))')

up: $(VENV)/.catalogs
	@exec $(BIN)/huying up

# -- check ------------------------------------------------------------------------------------------------------------

test: $(VENV)/.dev browser-tools check unit

check: lint types contract

lint: $(VENV)/.dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .

types: $(VENV)/.dev
	@$(BIN)/mypy

contract: $(VENV)/.dev
	@$(BIN)/lint-imports

# Every line and branch of the pure core is held by its own tests; measuring all others too would take a third longer.
unit: $(VENV)/.dev
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n 2 $(CORE)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --include='huying/rules/*,huying/ledger/chain.py' --fail-under=100
	@$(BIN)/python -m pytest -n 2 $(addprefix --ignore=,$(CORE)) $(TESTS)

coverage: $(VENV)/.dev
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n 2
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under=90

test-crashes: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 0 -q -m crash

test-long: $(VENV)/.dev browser-tools
	@$(BIN)/python -m pytest -n 2 -q -m long

test-browser: $(VENV)/.dev browser-tools
	@HUYING_EVERY_LOOK=yes $(BIN)/python -m pytest -n 2 -q -m "not crash" tests/browser

test-postgres15: $(VENV)/.dev
	@if [ -x /usr/lib/postgresql/15/bin/postgres ]; then \
		HUYING_TEST_POSTGRES=/usr/lib/postgresql/15/bin $(BIN)/python -m pytest -n 2 -q; \
	else \
		echo "PostgreSQL 15 is not installed: skipped"; \
	fi

soak: $(VENV)/.dev
	@HUYING_SOAK_SECONDS=$(or $(SECONDS),600) $(BIN)/python -m pytest -n 0 -q -s tests/cases/test_histories.py

bench-load: $(VENV)/.run
	@$(BIN)/python -m bench.load '$(subst ','\'',$(or $(REAL),../shared/data))'

bench-loop: $(VENV)/.run
	@$(BIN)/python -m bench.loop

bench-pages: $(VENV)/.catalogs
	@$(BIN)/python -m bench.pages

bench-reads: $(VENV)/.catalogs
	@$(BIN)/python -m bench.reads

pictures: $(VENV)/.dev browser-tools
	@$(BIN)/python -m bench.pictures

s29: $(VENV)/.catalogs
	@$(BIN)/python -m bench.s29

# -- for those who change Huying --------------------------------------------------------------------------------------

requirements:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements.in -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-dev.in -o requirements-dev.txt

migrations: $(VENV)/.dev
	@$(BIN)/python -m django makemigrations people vault ledger directory cases

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
