# Two commands do all the set-up: `make demo` and `make test`.
SHELL := /bin/bash
TOOLS := $(CURDIR)/.tools/node_modules/.bin
export PATH := $(TOOLS):$(CURDIR)/node_modules/.bin:$(PATH)

DO ?= start

.PHONY: setup demo test test-crash fuzz-native test-services services check bench build clean

setup:
	@scripts/setup

demo: build
	@scripts/demo

test: build
	@vitest run

# Kills of `run` at random instants: fifty over the same frames, a hundred among 300 uploads, overwrites and deletions; and 200
# of a process that makes movies, by a virtual clock (a few of each are in `make test`). CRASH_SEED=n repeats a sequence.
test-crash: setup
	@CRASH_KILLS=$${CRASH_KILLS:-50} CRASH_CHANGING_KILLS=$${CRASH_CHANGING_KILLS:-100} \
		CRASH_SEQUENCES=$${CRASH_SEQUENCES:-40} vitest run test/crash

# Changed EXRs of every compression through the native reader, built with sanitizers. FUZZ_SEED=n repeats a sequence.
fuzz-native: setup
	@scripts/fuzz-native $${FUZZ_SECONDS:-300} $${FUZZ_SEED:-}

test-services: build
	@scripts/test-services

# make services DO=start|status|stop|wipe|"logs kafka" (docs/services.md)
services: setup
	@scripts/services $(DO)

check: setup
	@npm run --silent check

bench: build
	@node bench/run.ts

# The command as users run it. Without it a checkout runs its sources, which takes longer to start.
build: setup
	@$(MAKE) --no-print-directory dist/src/cli/bin.js

dist/src/cli/bin.js: $(shell find src topology) scripts/rolldown.config.ts tsconfig.build.json package-lock.json
	@rm -rf dist
	@npm run --silent build >&2

clean:
	rm -rf dist out
