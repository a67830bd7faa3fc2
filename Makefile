# Everything a newcomer types. `make run` is the product, `make test` the suite; see README.md.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
export RESSORT_DATA ?= $(CURDIR)/var
PORT ?= 8000

.PHONY: help setup run test check postgresql e2e bench docs lock shots clean

help: ## list the commands
	@grep -E '^[a-z0-9]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install everything into the checkout (.venv, node_modules, static files, compiled engines)
	@tools/setup.sh

run: ## install, prepare the demo territory and serve it on http://127.0.0.1:8000
	@tools/setup.sh demo
	@$(BIN)/ressort demo --port $(PORT)

$(BIN)/pytest: requirements/dev.txt
	@tools/setup.sh dev

test: $(BIN)/pytest ## the whole suite, in parallel
	@tools/setup.sh dev
	@$(BIN)/python -m ressort.cli warm
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

e2e: $(BIN)/pytest ## the browser journeys only
	@tools/setup.sh dev
	@$(BIN)/python -m pytest -m e2e $(ARGS)

postgresql: $(BIN)/pytest ## actions and journal on a PostgreSQL server of their own
	@tools/setup.sh dev
	@tools/postgresql.sh $(ARGS)

check: $(BIN)/pytest ## style, types, contracts, templates, migrations, locks: what CI checks
	@tools/setup.sh dev
	@tools/check.sh

bench: setup ## engine benchmarks, ours beside published peers
	@$(BIN)/python benchmarks/dispatch.py

docs: $(BIN)/pytest ## build the documentation into site/
	@tools/setup.sh dev
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

shots: $(BIN)/pytest ## take the pictures of docs/img from a running demo
	@tools/setup.sh dev
	@$(BIN)/python tools/shots.py

lock: $(BIN)/pytest ## write the locked requirements again
	@tools/lock.sh

clean: ## remove what setup and the demo made
	rm -rf .venv node_modules var site src/ressort/web/static/vendor
