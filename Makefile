# Paddock. `make` alone says what there is.

# Any Python from 3.11 on: make PYTHON=python3.12 up
PYTHON ?= python3
VENV := .venv/bin
# -I, not -P: a Python that is too old for -P must still get to say so.
INSTALL := $(PYTHON) -I dashboard/runner/install.py
PYTEST := $(VENV)/python -m pytest -n 2 --dist loadfile
# What PostgreSQL could do otherwise than SQLite.
ROWS := tests/chat tests/models_app tests/dashboard/test_people.py \
	tests/dashboard/test_database_away.py tests/dashboard/test_database_breaks.py \
	tests/dashboard/live/test_db.py tests/dashboard/live/test_door.py tests/test_permissions.py tests/test_admin_permissions.py tests/test_command_permissions.py \
	--ignore tests/models_app/adapters
CODE := manage.py dashboard models_app chat tests bench

.DEFAULT_GOAL := help
.PHONY: help up node install install-dev test test-engines test-faults lint format bench screenshot secrets

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

# The lifeline ends Paddock when make itself is killed.
up: install ## install what is missing and start Paddock; Ctrl-C ends it
	@exec $(VENV)/python -P dashboard/runner/lifeline.py --signal=TERM -- \
		$(VENV)/python manage.py up

node: ## show this host's GPUs in a Paddock elsewhere; takes PADDOCK_NODE and REDIS_URL
	@PADDOCK_ENGINE=off $(INSTALL)
	@exec $(VENV)/python -P dashboard/runner/lifeline.py --signal=TERM -- \
		$(VENV)/python manage.py node

install: ## install what Paddock runs on into .venv
	@$(INSTALL)

install-dev: ## install what its tests and checks need as well
	@$(INSTALL) --dev
	@$(VENV)/python -P dashboard/runner/browser.py
	@$(VENV)/python -m dashboard.runner.compiler

test: install-dev ## run the tests, with both databases; ARGS="-k name" chooses
	$(if $(ARGS),,PADDOCK_TEST_DATABASE=postgres $(PYTEST) $(ROWS))
	$(PYTEST) $(ARGS)

test-engines: install-dev ## run the adapters against a real llama.cpp router and vLLM
	@$(VENV)/python -P tests/engines/prepare.py
	$(VENV)/python -m pytest --timeout 0 -m engines tests/engines $(ARGS)

test-faults: install-dev ## break a whole house for ten minutes; PADDOCK_FAULT_SECONDS chooses
	$(VENV)/python -m pytest --timeout 0 -m faults tests/faults -s $(ARGS)

lint: install-dev ## check format, rules, types and templates
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy $(wildcard $(CODE))
	$(VENV)/djlint --check --lint --quiet templates

format: install-dev ## lay the code and the templates out
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .
	-$(VENV)/djlint --reformat --quiet templates

bench: install-dev ## measure it against the direct server
	@$(INSTALL) --dev --bench
	$(VENV)/python -m bench $(ARGS)

screenshot: install-dev ## make the README's picture anew
	$(VENV)/python -m bench.screenshot

secrets: ## make the secrets that compose.yaml reads, where they are missing
	@$(PYTHON) -I dashboard/runner/compose_secrets.py
