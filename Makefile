# All that is done with this repository, a target each; `make` alone lists them.
# It needs python3, make and git: everything else goes into .venv, Node included.

PYTHON ?= python3
PORT ?= 6006
SCENARIO ?= all
ARGS ?=
WORKERS ?= 2
LOGDIR ?=

IN_VENV := PATH="$(CURDIR)/.venv/bin:$$PATH"
NPM := cd frontend && $(IN_VENV) npm
STEP := @printf '\n== %s\n'

# The folders are listed too: their time changes when a file in them is removed.
PACKAGE := setup.py pyproject.toml README.md LICENSE \
	$(shell find tb_meanpixel -not -path '*/__pycache__*')

.NOTPARALLEL: # the steps tell a story, and two of them install into the same .venv

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s%s\n", $$1, $$2 }' Makefile

# exec: a shell in between would die of Ctrl-C, and make would report that.
.PHONY: demo
demo: .venv/.demo ## Train what goes wrong and show it in TensorBoard; PORT=6006 SCENARIO="healthy collapse"
	@$(IN_VENV) exec scripts/demo "$(PORT)" $(SCENARIO)

.PHONY: test
test: chromium lint types test-page test-python ## Check all that takes seconds: 8 minutes on two cores at most

.PHONY: lint
lint: .venv/.test frontend/node_modules/.installed ## Check style and format
	$(STEP) "ruff check"
	@$(IN_VENV) ruff check .
	$(STEP) "ruff format --check"
	@$(IN_VENV) ruff format --check .
	$(STEP) "biome"
	@$(NPM) run --silent lint

.PHONY: types
types: .venv/.test frontend/node_modules/.installed ## Check types, of Python and TypeScript
	$(STEP) "mypy"
	@$(IN_VENV) mypy
	$(STEP) "tsc"
	@$(NPM) run --silent types

.PHONY: test-page
test-page: frontend/node_modules/.installed ## Test the page's code, and that its bundle is fresh
	$(STEP) "vitest"
	@$(NPM) test --silent
	$(STEP) "bundle: is it what frontend/ gives?"
	@$(NPM) run --silent check && echo "yes"

# A file is run by one worker: what its tests share is made once.
PYTEST := $(IN_VENV) scripts/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: test-python
test-python: .venv/.test frontend/node_modules/.installed ## Test the installed package, in a real browser too; ARGS="-k drift" to choose
	$(STEP) "pytest"
	@$(PYTEST) -m "not slow" $(ARGS)

.PHONY: test-slow
test-slow: chromium .venv/.test frontend/node_modules/.installed ## The rest: trainings, environments, benchmarks; an hour at most
	$(STEP) "pytest: what is slow"
	@$(PYTEST) -m slow $(ARGS)

# What records, what is on disk, and what reads it again. All else depends on no version but Python's.
VERSIONED := -m "not slow and not browser" recording/test_callback.py recording/test_metric.py \
	recording/test_writer.py schema serving/test_provider.py serving/test_reader.py \
	test_plugin.py test_runs.py

.PHONY: test-oldest
test-oldest: ## Test with the oldest versions that setup.py allows; PYTHON=python3.11, they have no wheels for newer ones
	$(STEP) "pytest with the oldest versions, in .venv-oldest"
	@TB_MEANPIXEL_RAN="$(CURDIR)/compatibility.json:make test-oldest" scripts/oldest "$(PYTHON)" $(VERSIONED)

.PHONY: compatibility
compatibility: test-oldest .venv/.test ## Write the table of docs/compatibility.md from what is run here
	$(STEP) "the same with the newest versions, in .venv"
	@TB_MEANPIXEL_RAN="$(CURDIR)/compatibility.json:make test" $(IN_VENV) scripts/pytest -q $(VERSIONED)
	@scripts/compatibility compatibility.json

.PHONY: coverage
coverage: .venv/.test frontend/node_modules/.installed ## Which lines all Python tests but those in the browser reach, folder by folder
	$(STEP) "pytest with coverage"
	@$(PYTEST) --ignore=e2e --cov=tb_meanpixel --cov-branch --cov-report=json:../coverage.json $(ARGS)
	@$(IN_VENV) scripts/coverage coverage.json

.PHONY: bundle
bundle: frontend/node_modules/.installed ## Build tb_meanpixel/static/index.js from frontend/
	$(STEP) "esbuild"
	@$(NPM) run --silent build

# Editable for the while: the stamps go, so that the next target installs the wheel again.
.PHONY: watch
watch: frontend/node_modules/.installed ## Work on the page: its bundle is built and served anew on every change
	@.venv/bin/pip install --quiet --disable-pip-version-check --editable .
	@rm -f .venv/.demo .venv/.test
	@$(NPM) run --silent watch

.PHONY: docs
docs: .venv/.docs ## Build the documents into docs/_build/html, for reading offline; a warning is an error
	$(STEP) "sphinx"
	@$(IN_VENV) sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

.PHONY: pictures
pictures: chromium .venv/.test ## Take the pictures of the documents anew; LOGDIR=logs to train nothing
	$(STEP) "Chromium takes pictures"
	@$(IN_VENV) scripts/pictures $(LOGDIR)

.PHONY: recordings
recordings: .venv/.test ## Train the demo's scenarios and keep their event files in tests/data/scenarios
	$(STEP) "Trainings"
	@$(IN_VENV) scripts/recordings

.PHONY: proto
proto: .venv/.made ## Generate tb_meanpixel/schema/plugin_data_pb2.py from plugin_data.proto
	@scripts/proto "$(PYTHON)"

.PHONY: format
format: .venv/.test frontend/node_modules/.installed ## Format the code, and fix what can be fixed
	@$(IN_VENV) ruff check --fix .
	@$(IN_VENV) ruff format .
	@$(NPM) run --silent format

.PHONY: clean
clean: ## Remove all that make made: .venv, node_modules, caches, the demo's logs
	rm -rf .venv build dist *.egg-info logs frontend/node_modules docs/_build docs/findings/pages
	rm -rf .venv-oldest compatibility.json coverage.json .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/.hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: chromium
chromium:
	$(STEP) "Chromium"
	@scripts/chromium

# Files that say "done", so that a second call is quick.

.venv/.made:
	$(STEP) "Python environment .venv"
	@scripts/venv "$(PYTHON)"
	@touch $@

# build/ is setuptools' own: what it keeps from an earlier build would go into the wheel.
.venv/.%: .venv/.made $(PACKAGE)
	$(STEP) "pip install '.[$*]' (a few minutes the first time: TensorFlow is large)"
	@rm -rf build
	@.venv/bin/pip install --quiet --disable-pip-version-check '.[$*]'
	@touch $@

# The packages run no scripts of their own on installation: none of ours needs one.
frontend/node_modules/.installed: frontend/package-lock.json frontend/package.json frontend/.npmrc | .venv/.test
	$(STEP) "npm ci"
	@$(NPM) ci --ignore-scripts
	@touch $@
