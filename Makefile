# `make help` lists the targets. Everything is installed into .venv in the checkout; nothing else is touched, the
# Debian packages of `make test` aside.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help demo run test lint format lock models clean

help: ## show this help
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: .venv/runtime.stamp ## place sample calls through the whole product (ARGS="--exit --json demo.json")
	@$(BIN)/voicebot demo $(ARGS)

run: .venv/runtime.stamp ## start the product for real use, with the Twilio credentials of .env
	@$(BIN)/voicebot run $(ARGS)

test: .venv/test.stamp ## install what the tests need and run all of them (ARGS="tests/unit -x")
	@$(BIN)/voicebot models fetch tiny.en base
	@$(BIN)/python -m pytest --cov=voicebot --cov-report=term:skip-covered $(ARGS)

lint: .venv/test.stamp ## ruff, strict mypy and the import contract
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: .venv/test.stamp ## rewrite the code in the house format
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

models: .venv/runtime.stamp ## train the shipped classifier anew
	@$(BIN)/python models/call_classifier/train.py

lock: .venv/test.stamp ## resolve the dependencies anew, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@scripts/lock.sh

clean: ## remove the environment, caches and the demo's data; recordings and weights stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* data/demo

.venv/created.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Voicebot needs Python 3.11 or newer: set PYTHON=python3.12, for example."; exit 1; }
	@echo "Making .venv"
	@$(PYTHON) -m venv .venv || { echo "python3 -m venv failed. On Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

.venv/runtime.stamp: .venv/created.stamp requirements/runtime.lock pyproject.toml
	@echo "Installing the locked dependencies (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test.stamp: .venv/runtime.stamp requirements/test.lock requirements/openai-whisper.lock requirements/torch.txt scripts/install_debian_packages.sh
	@scripts/install_debian_packages.sh
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.lock
	@# torch's own dependencies are in the locks; its build is the user's choice, so its hash is not pinned.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/torch.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --require-hashes -r requirements/openai-whisper.lock
	@touch $@
