# make demo    the main job end to end on a simulated organisation; leaves ./snapshots and ./map.html
# make test    every test (installs what it needs into .venv)
# make check   ruff and mypy --strict
# make bench   the benchmarks, with their ratios
# make docs    regenerates the generated pages under docs/
# make catalogue  fetches the newest action catalogue (needs npm)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 3 --dist loadgroup

.PHONY: demo test test-long check bench docs catalogue lock clean help

help:
	@sed -n 's/^# //p' Makefile

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "mapper needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Use: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "$(PYTHON) cannot make a virtual environment. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@touch $@

# The lock files are hashed; uv installs them in seconds. The project itself is installed editable.
$(VENV)/.demo: $(VENV)/.made requirements/demo.txt pyproject.toml
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/demo.txt
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.demo requirements/dev.txt
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.demo
	@$(BIN)/mapper demo .

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "not long"

# Draws anew in every run; the header shows the seed, to repeat it.
test-long: export MAPPER_TEST_SEED ?= $(shell date +%s)
test-long: $(VENV)/.dev
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

docs: $(VENV)/.dev
	$(BIN)/python -m graph.schema.document
	$(BIN)/python -m tests.iam.rules.document
	$(BIN)/python -m tests.escalation.document
	$(BIN)/python -m graph.front_doors.document
	$(BIN)/python -m queries.severity_document

catalogue: $(VENV)/.made
	$(BIN)/python scripts/update_catalogue.py

# Writes the lock files anew from pyproject.toml (maintainers).
lock: $(VENV)/.made
	$(BIN)/uv pip compile pyproject.toml --extra demo --extra neo4j-local --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/dev.txt --quiet
	$(BIN)/uv pip compile pyproject.toml --extra demo --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements/dev.txt -o requirements/demo.txt --quiet
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements/dev.txt -o requirements/core.txt --quiet

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
