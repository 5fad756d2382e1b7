# Everything a newcomer needs; `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: env demo serve test lint bench openapi messages help

BIN := .venv/bin
PYTHON ?= $(shell for name in python3.11 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo $$name && break; done)
TESTS ?= tests
WORKERS ?= 2

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{ printf "  make %-7s %s\n", $$1, $$2 }'

env: .venv/.installed ## create .venv from the locks, nothing else

# One stamp says that the locks and the project's own description are installed as they are now.
.venv/.installed: requirements/dev.lock requirements/embedded.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Sampark needs Python 3.11 (python3.11 or python3 on PATH)" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/embedded.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: env ## the newcomer's tour; ONCE=1 ends by itself, CONTACTS= and VOLUNTEERS= size it
	@$(BIN)/sampark demo $(if $(ONCE),--once) $(if $(CONTACTS),--contacts $(CONTACTS)) $(if $(VOLUNTEERS),--volunteers $(VOLUNTEERS))

serve: env ## migrations, API and worker in the foreground, on what is there
	@$(BIN)/sampark serve

test: env ## all tests, a database for each worker; TESTS= and WORKERS= narrow it
	@$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

lint: env ## style, format, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: env ## the benchmarks as a table; ONLY= picks some, ROWS= sizes import_rows
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(if $(ROWS),--rows $(ROWS))

openapi: env ## docs/openapi.json and docs/problems.md from the code, for review
	@$(BIN)/python -m api.documents

messages: env ## take new texts into config/locales and compile them; lists what is not translated
	@$(BIN)/python -m api.translations
