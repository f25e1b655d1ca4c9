# `make help` lists the targets. Everything is installed into .venv in the checkout; nothing else is touched, the
# Debian packages of `make test` aside.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help demo run test lint format docs lock models clean

# Say what is done, do it, say how long it took.
step = @echo "$(1)" && began=$$(date +%s) && $(2) && echo "  done in $$(($$(date +%s) - began)) s"

help: ## show this help
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: .venv/runtime.stamp ## place sample calls through the whole product (ARGS="--exit --json demo.json")
	@$(BIN)/voicebot demo $(ARGS)

run: .venv/runtime.stamp ## start the product for real use, with the Twilio credentials of .env
	@$(BIN)/voicebot run $(ARGS)

test: .venv/created.stamp ## install what the tests need and run all of them (ARGS="tests/unit -x" narrows it)
	@$(MAKE) --no-print-directory -j 3 .servers .weights .venv/test.stamp
	@$(BIN)/python -m pytest -n logical --maxprocesses 4 --cov --cov-report=term:skip-covered $(ARGS)

# Beside each other, because each waits for another server most of the time.
.PHONY: .servers .weights
.servers:
	@scripts/install_debian_packages.sh
.weights: .venv/runtime.stamp
	@$(BIN)/voicebot models fetch tiny.en base minilm joe kokoro

lint: .venv/test.stamp ## ruff, strict mypy and the import contract
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: .venv/test.stamp ## rewrite the code in the house format
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

docs: .venv/runtime.stamp ## write the pages of docs that come from the code
	@$(BIN)/python scripts/write_reference.py
	@$(BIN)/python scripts/write_hard_callers.py

models: .venv/test.stamp ## train the shipped models anew (torch comes with what the tests need)
	@$(BIN)/python models/redaction/train.py
	@$(BIN)/python models/call_classifier/train.py $(ARGS)

lock: .venv/test.stamp ## resolve the dependencies anew, with hashes
	@scripts/lock.sh

clean: ## remove the environment, caches and the demo's data; weights and real data stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* data/demo

.venv/created.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Voicebot needs Python 3.11 or newer, and $(PYTHON) is not. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make environments. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	$(call step,Making .venv,$(PYTHON) -m venv .venv)
	@touch $@

.venv/runtime.stamp: .venv/created.stamp requirements/runtime.lock pyproject.toml
	$(call step,Installing the locked dependencies (minutes the first time),\
		$(PIP) install -qq --require-hashes --no-deps -r requirements/runtime.lock)
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $@

# torch is the one package without a hash: its build (CPU or GPU) is the machine's choice, and each has its own. The
# reference engine comes as source, built with the locked setuptools.
.venv/test.stamp: .venv/runtime.stamp requirements/test.lock requirements/openai-whisper.lock requirements/torch.txt
	$(call step,Installing the tools of the tests,$(PIP) install -qq --require-hashes --no-deps -r requirements/test.lock)
	$(call step,Installing torch,$(PIP) install -qq -r requirements/torch.txt)
	$(call step,Installing the reference engine,\
		$(PIP) install -qq --require-hashes --no-deps --no-build-isolation -r requirements/openai-whisper.lock)
	@touch $@
