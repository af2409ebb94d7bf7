# Everything a person runs. `make setup` needs Python 3.11+, make and Terraform 1.11+, nothing else: PyPI brings Node,
# npm the CDKTF CLI. Paths are relative, so that a folder with a space in its name works.

SHELL := /bin/sh
PYTHON ?= python3
STACKS := apis infra services

export PATH := $(CURDIR)/.venv/bin:$(PATH)
# The CDKTF CLI asks its maker for a newer version otherwise.
export CHECKPOINT_DISABLE := 1

.PHONY: help setup synth rehearse second-plans test lint bench bench-migration audit deploy destroy lock verify-externals

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' Makefile

setup: ## the environment: .venv and node_modules (under a second when nothing changed)
	@sh scripts/setup.sh "$(PYTHON)"

synth: setup ## write Terraform's JSON: cdktf.out/stacks/<stack>/cdk.tf.json
	@python main.py
	@echo "cdktf.out/stacks: $(STACKS)"

rehearse: setup ## deploy, plan again and destroy everything on the simulated cloud
	@python -m rehearsal

second-plans: setup ## a hundred random settings: deploy, plan again, destroy on the simulated cloud (COUNT, SEED)
	@python -m tests.deploys.second_plans --count $(or $(COUNT),100) --seed $(or $(SEED),0)

test: setup ## every test
	@python -m pytest -n 2 --dist worksteal

lint: setup ## ruff, mypy, import-linter, hadolint
	@ruff check .
	@ruff format --check .
	@mypy
	@lint-imports
	@hadolint docker/*/Dockerfile

bench: setup ## measure synth against stock CDKTF
	@python scripts/bench.py

audit: rehearse ## scan the rehearsal's plans with Checkov; what is accepted, scripts/audit/ says
	@python scripts/audit

bench-migration: setup ## interrupt the migration 20 times (SERVICE=its checkout)
	@python -m scripts.kill_migration "$(SERVICE)"

deploy: setup ## the real thing, with settings.toml
	@cdktf deploy $(STACKS) --auto-approve

destroy: setup ## take the real thing down (refused while deletion_protection is true)
	@cdktf destroy $(STACKS) --auto-approve

lock: setup ## resolve the dependencies anew, the images' as well; lock files name no download addresses
	@VIRTUAL_ENV=.venv PIPENV_VERBOSITY=-1 pipenv lock --dev
	@python scripts/strip_lock.py
	@npm install --package-lock-only
	@python scripts/lock_images.py

verify-externals: setup ## ask the registries whether every image and chart that we name exists
	@python scripts/verify_externals.py $(if $(RESOLVE),--resolve) $(if $(JSON),--json)
