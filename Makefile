# Every way to build and check the project. `make` alone lists them; CI calls `make test`, as a person would.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
INSTALLED := $(VENV)/installed

# PYTHON names another interpreter for the environment, TESTS what pytest looks at, ARGS adds to pytest or the demo.
PYTHON ?=
TESTS ?= tests
ARGS ?=

.PHONY: help
help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(INSTALLED) ## Make .venv with everything, training and tools included

# uv installs in a fraction of pip's time; pip fetches it, so that Python and make are all a machine needs to have.
$(UV):
	@python=$$(PYTHON='$(PYTHON)' tools/find-python.sh) && \
	echo "Making $(VENV) with $$python" && \
	"$$python" -m venv --clear $(VENV) && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv

$(INSTALLED): pyproject.toml constraints.txt | $(UV)
	@echo "Installing the project into $(VENV)"
	@$(UV) pip install --quiet --python $(BIN)/python --constraint constraints.txt \
		--build-constraint constraints.txt --editable '.[dev]'
	@touch $@

.PHONY: test
test: lint types contracts protos-check pytest ## Run every check and all tests but the slow ones

.PHONY: pytest
pytest: $(INSTALLED) ## Run the tests alone, without the slow ones
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not slow' $(ARGS) $(TESTS)

.PHONY: test-slow
test-slow: $(INSTALLED) ## Run the slow tests, one at a time
	@$(BIN)/python -m pytest -m slow $(ARGS) $(TESTS)

.PHONY: bench-check
bench-check: $(INSTALLED) ## Compare ratios of speed with the stored ones; fails where one is a quarter worse
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(BIN)/python -m shortlist_bench.check $(ARGS)

.PHONY: lint
lint: $(INSTALLED) ## Check style and formatting: Python, protos, Dockerfile
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/buf lint protos
	@$(BIN)/hadolint Dockerfile

.PHONY: types
types: $(INSTALLED) ## Check the types
	@$(BIN)/mypy

.PHONY: contracts
contracts: $(INSTALLED) ## Check which room may import which
	@$(BIN)/lint-imports --no-logo

.PHONY: protos-check
protos-check: $(INSTALLED) ## Check that the generated code fits the protos
	@PYTHON=$(BIN)/python protos/generate.sh --check

.PHONY: format
format: $(INSTALLED) ## Format the code and sort the imports
	@$(BIN)/ruff check --select I --fix
	@$(BIN)/ruff format
	@$(BIN)/buf format --write protos/shortlist

.PHONY: protos
protos: $(INSTALLED) ## Write the Python code of the protos
	@PYTHON=$(BIN)/python protos/generate.sh

.PHONY: constraints
constraints: $(UV) ## Resolve constraints.txt anew, to the newest versions that fit together
	@$(UV) pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --extra dev \
		--no-header --no-annotate --no-emit-index-url --output-file constraints.new pyproject.toml
	@grep '^#' constraints.txt | cat - constraints.new >constraints.all
	@mv constraints.all constraints.txt && rm constraints.new

.PHONY: wheel
wheel: $(INSTALLED) ## Build the wheel into dist/
	@$(UV) build --quiet --wheel --python $(BIN)/python --build-constraint constraints.txt

.PHONY: preflight
preflight: ## Check that this machine can run the demo
	@PYTHON='$(PYTHON)' tools/preflight.sh $(INSTALLED)

.PHONY: demo
demo: preflight $(INSTALLED) ## From real data to a served recommendation, in a few minutes
	@$(BIN)/shortlist demo $(ARGS)

.PHONY: clean
clean: ## Remove the environments, the caches and what was built; bundles and data stay
	@rm -rf $(VENV) .venv-protos build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find bundle client protos server tests training benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
