# Two commands for a fresh machine: `make dev` and `make test`.
# Builds go outside the clone, one folder for each place that a clone lies in: cargo tells what is fresh by the files'
# times alone, so that clones which shared a folder would take each other's builds for their own.
CACHE ?= $(if $(CITRATE_CACHE),$(CITRATE_CACHE),$(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/citrate)
export CITRATE_CACHE := $(CACHE)
export CARGO_TARGET_DIR ?= $(CACHE)/target/$(notdir $(CURDIR))-$(shell printf %s '$(CURDIR)' | cksum | cut -d' ' -f1)
CARGO ?= cargo

.PHONY: dev test testnet bench fuzz runtime-release unit clients guides lint setup node

## Sets up what is missing, builds, starts a development chain and runs a real inference job for each model on it.
## MODELS=all has a language model among them.
dev: setup node
	@scripts/setup.sh $(if $(filter all,$(MODELS)),python,models)
	scripts/dev.sh

## Sets up the same and runs all tests, those through foreign clients and the guides included.
## The node that the clients talk to is the one that the unit tests were built with.
test: unit
	scripts/clients.sh
	scripts/guides.sh

## Starts a chain of four validators on this machine and shows how they are, until Ctrl-C. TESTNET_SECONDS=N ends with a summary.
testnet: setup node
	scripts/testnet.py $(if $(TESTNET_SECONDS),--seconds $(TESTNET_SECONDS))

unit: setup
	@scripts/setup.sh python
	@scripts/referee.sh >/dev/null
	CITRATE_NO_SKIP=1 $(CARGO) test --workspace --exclude citrate-client-tests --locked
	$(CARGO) test --manifest-path tests/from-frame/Cargo.toml --locked
	$(CARGO) check --manifest-path tests/from-frame/Cargo.toml --locked --no-default-features --target wasm32v1-none

clients: setup node
	scripts/clients.sh

## Does what the guides say, command by command, in an empty folder.
guides: setup node
	scripts/guides.sh

## Measures the hot paths beside their peers; ends with a table. Some minutes after building.
## BENCH=txpool measures what begins so.
bench: setup
	@scripts/setup.sh python
	$(CARGO) bench --package citrate-benches --locked -- $(BENCH)

## Looks for inputs that break what always holds, ten minutes for each target: the nightly run. FUZZ="import 60" names a target and
## seconds (docs/fuzzing.md).
fuzz: setup
	scripts/fuzz.sh $(FUZZ)

## Builds the runtime as it goes on chain, the same bytes wherever it is built, and prints its hashes. OUT=FOLDER takes the files.
runtime-release:
	scripts/runtime-release.sh $(OUT)

## Every check that runs no test: format, layers, descriptions, clippy, documentation.
lint: setup
	$(CARGO) xtask ci

setup:
	@scripts/setup.sh

node:
	$(CARGO) build --package citrate-cli --locked
