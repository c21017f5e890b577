# The project's commands. Each sets up what it needs first (system packages, environments, the extension) and is quick
# where nothing changed. WHICH names a Python version: 3.12, 3.13t, `default` (python3 on PATH) or `all`.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

WHICH ?= default

environment = scripts/python scripts/environment.py
TRIES ?= 10000000
MINUTES ?= 10
PROGRAMS ?= 1000
# Tests of one file stay together: some share what the first of them has made. A process that dies ends the run, which would else wait.
SHARED ?= --numprocesses=auto --maxprocesses=4 --dist=loadfile --max-worker-restart=0

.PHONY: help packages setup demo test test-rust test-python test-gpu compare stress bench bench-gpu lint lint-rust lint-python format fuzz wheel clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

packages:
	@scripts/system-packages

setup: packages ## build into .venv/VERSION (WHICH=3.12, 3.13t, default or all)
	@$(environment) ready $(WHICH)

demo: packages ## run the programs of examples/ in every way, next to C with OpenMP
	@$(if $(wildcard .venv/3.13t),$(environment) ready 3.13t >/dev/null)
	@$(environment) run $(WHICH) -- scripts/demo.py

test: test-rust test-python ## all tests: every crate, then every Python version found

test-rust: ## the tests of all crates; C programs run on the runtime, compiled by clang and gcc
	@scripts/system-packages --with-clang
	eval "$$($(environment) devices)" && cargo test --workspace --no-fail-fast --quiet

test-python: WHICH = all
test-python: packages ## the Python tests on the built wheel, for WHICH=... (all)
	@$(environment) run $(WHICH) -- -m pytest $(SHARED) $(PYTEST)

test-gpu: packages ## the programs of tests/devices on the GPU that is here (OMPLY_DEVICES=cuda or hip)
	@$(environment) run $(WHICH) -- tests/devices/programs.py
	@$(environment) run $(WHICH) -- tests/devices/memory.py

compare: packages ## random programs in every mode, whose results must be the serial ones (PROGRAMS=1000; SEED=...)
	@$(environment) run $(WHICH) -- tests/compare.py --programs $(PROGRAMS) $(if $(SEED),--seed $(SEED)) $(COMPARE)

stress: ## C programs on the runtime under random delays, for MINUTES=10; SEED=... repeats one run
	@scripts/system-packages --with-clang
	MINUTES=$(MINUTES) $(if $(SEED),SEED=$(SEED)) cargo test --quiet -p omply-runtime --test conformance -- --stress $(STRESS)

bench: ## compare with C (PEERS=1: and with PyOMP and Numba); report in out/bench.md
	@scripts/system-packages --with-clang
	@$(environment) run $(WHICH) -- benches/run.py $(if $(PEERS),--peers) $(BENCH)

bench-gpu: packages ## compare kernels with CUDA C on the GPU that is here; report in out/bench-gpu.md
	@$(environment) run $(WHICH) -- benches/gpu/run.py $(BENCH)

lint: lint-rust lint-python ## formatting, lints and licences, as CI checks them

lint-rust: packages
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings

lint-python: packages
	@$(environment) tools
	.venv/tools/bin/ruff check
	.venv/tools/bin/ruff format --check
	scripts/python scripts/check_licences.py

format: packages ## format Rust and Python sources
	@$(environment) tools
	cargo fmt --all
	.venv/tools/bin/ruff format
	.venv/tools/bin/ruff check --fix

fuzz: ## random texts and edits of valid directives through the directive parser (TRIES=10000000)
	cargo run --quiet --release -p omply-directive --example fuzz -- $(TRIES) $(SEED)

wheel: packages ## build a wheel into out/wheels (WHICH=... or all)
	@$(environment) wheel $(WHICH)

clean: ## remove what was built here (not the cache that other checkouts share)
	rm -rf target out .venv .pytest_cache .ruff_cache
	find python tests examples benches -name __pycache__ -type d -prune -exec rm -rf {} +
