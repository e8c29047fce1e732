# Two commands do all the set-up: `make demo` and `make test`.
SHELL := /bin/bash
TOOLS := $(CURDIR)/.tools/node_modules/.bin
export PATH := $(TOOLS):$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: setup demo test test-services check bench build clean

setup:
	@scripts/setup

demo: setup
	@scripts/demo

test: setup
	@vitest run

test-services: setup
	@scripts/test-services

check: setup
	@tsc --noEmit && biome check .

bench: setup
	@node bench/run.ts

build: setup
	@npm run build

clean:
	rm -rf dist out
