# The commands of this project; `make` alone lists them.
PYTHON ?= python3
RUN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all check bench constraints

help: ## list these commands
	@echo "make setup     create .venv, install the pinned packages, look for system libraries"
	@echo "make demo      open the operator window on the simulated rig (offscreen where there is no display)"
	@echo "make test      lint, types, import contracts and the tests; under 15 minutes on two cores"
	@echo "make test-all  the same with the slow tests"
	@echo "make check     only lint, types and import contracts"
	@echo "make bench     the benchmarks in short form, figures as JSON in bench-output/"
	@echo "make constraints  pin constraints.txt and the notices to what is installed now"

setup:
	@$(PYTHON) -m tools.setup

demo: setup
	@.venv/bin/station demo

test: setup
	@$(RUN) -m tools.checks

test-all: setup
	@$(RUN) -m tools.checks --slow

check: setup
	@$(RUN) -m tools.checks --no-tests

bench: setup
	@$(RUN) -m tools.bench

constraints: setup
	@$(RUN) -m tools.pin_constraints
	@$(RUN) -m tools.make_notices
