# Everything a person runs. `make setup` needs Python 3.11+, make and Terraform 1.11+, nothing else: PyPI brings Node,
# npm the CDKTF CLI. Paths are relative, so that a folder with a space in its name works.

SHELL := /bin/sh
PYTHON ?= python3
STACKS := apis infra services

# Which CDK: cdktf, or cdktn (CDK Terrain), which has an environment of its own beside .venv.
LANE ?= cdktf
$(if $(filter cdktf cdktn,$(LANE)),,$(error LANE is '$(LANE)'. Allowed: cdktf, cdktn))

export PATH := $(CURDIR)/.venv$(if $(filter cdktn,$(LANE)),-cdktn)/bin:$(PATH)
# The CDKTF CLI asks its maker for a newer version otherwise.
export CHECKPOINT_DISABLE := 1
# Images of containers often set it. Every process would compile everything anew: some 40,000 lines of ours, and CDKTF.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup synth preflight plan rehearse second-plans test coverage lint bench bench-service bench-migration audit page-check diff deploy destroy
.PHONY: faults mutants orders kills clean lock verify-externals iap-flow

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' Makefile

setup: ## bring .venv and node_modules up to date
	@sh scripts/setup.sh "$(PYTHON)"
	@$(if $(filter cdktn,$(LANE)),sh scripts/setup.sh .venv/bin/python cdktn)

synth: setup ## write Terraform's JSON to cdktf.out/stacks
	@python main.py
	@echo "cdktf.out/stacks: $(STACKS)"

preflight: setup ## check whether the project is ready for a deployment
	@metaflow-gcp preflight

plan: setup ## show what a deployment creates and costs at rest
	@metaflow-gcp plan

rehearse: setup ## deploy, plan again and destroy on the simulated cloud
	@python -m rehearsal

second-plans: setup ## deploy COUNT random settings, refuse wrong ones
	@python -m tests.deploys.second_plans --count $(or $(COUNT),100) --seed $(or $(SEED),0)
	@python -m tests.deploys.second_plans --count $(or $(COUNT),100) --seed $(or $(SEED),0) --wrong

mutants: setup ## break the platform in many ways and see who notices
	@python -m tests.mutants

faults: setup ## break each create, update and delete in turn
	@python -m tests.deploys.faults

orders: setup ## deploy in ten orders, 1, 10 and 50 operations at a time
	@python -m tests.deploys.orders

kills: setup ## kill a deployment twenty times, and go on each time
	@python -m tests.deploys.kills

test: setup ## run every test (LANE=cdktn: on CDK Terrain)
	@python -m pytest -n 3 --dist worksteal $(TESTS)

coverage: setup ## run every test, and report the lines that none runs
	@coverage erase
	@coverage run -m pytest -n 2 --dist worksteal
	@coverage combine --quiet
	@coverage report

lint: setup ## run ruff, mypy, import-linter and hadolint
	@ruff check .
	@ruff format --check .
	@mypy
	@lint-imports
	@hadolint docker/*/Dockerfile

bench: setup ## measure synth against stock bindings
	@python scripts/bench.py

audit: rehearse ## scan the rehearsal's plans with Checkov
	@python scripts/audit

iap-flow: setup ## run a flow with tokens of IAP that soon end
	@python -m tests.metaflow.iap_flow --seconds 180 --life 20

page-check: setup ## look at the rehearsal's page in Chromium, headless
	@python scripts/page_check.py

bench-service: setup ## load the real metadata service (SERVICE=checkout)
	@python -m scripts.bench_service "$(SERVICE)"

bench-migration: setup ## interrupt the migration 20 times (SERVICE=checkout)
	@python -m scripts.kill_migration "$(SERVICE)"

diff: setup ## show what a deployment would change
	@set -e; for stack in $(STACKS); do cdktf diff $$stack; done

deploy: setup ## deploy settings.toml; asks before it loses data (YES=1)
	@python -m scripts.deploy deploy $(if $(YES),--yes) $(STACKS)

destroy: setup ## destroy it (refused while deletion_protection is true)
	@python -m scripts.deploy destroy $(if $(YES),--yes) $(STACKS)

clean: ## remove what other commands made here, not the state
	@rm -rf .venv .venv-cdktn node_modules build cdktf.out .mypy_cache .ruff_cache .pytest_cache

lock: setup ## resolve all dependencies again, those of the images too
	@VIRTUAL_ENV=.venv PIPENV_VERBOSITY=-1 pipenv lock --dev
	@python scripts/strip_lock.py
	@npm install --package-lock-only
	@python scripts/lock_images.py

verify-externals: setup ## ask registries whether our images and charts exist
	@python scripts/verify_externals.py $(if $(RESOLVE),--resolve) $(if $(JSON),--json)
