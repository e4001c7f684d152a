# SPDX-License-Identifier: Apache-2.0
# A thin face over Meson and ninja. "make" or "make help" tells what there is.

FUZZ_SECONDS ?= 60
PREFIX       ?= /usr/local
JOBS         ?= $(shell nproc 2>/dev/null || echo 2)

.DEFAULT_GOAL := help
.PHONY: help deps build demo check bench lint lint-deep fuzz install format clean

help: ## this list
	@echo "Tocsin, a warning network node. make WHAT:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

deps: ## find what is missing to build, install it with apt (asks first)
	@tools/deps.sh build

build: deps ## release build: build/release/tocsin
	@test -f build/release/build.ninja || meson setup build/release --prefix=$(PREFIX) \
		--libdir=lib -Dtests=disabled -Db_lto=true
	@! grep -qs 'no_page.c' build/release/web/page_data.c || rm build/release/web/page_data.c # tries npm again
	@ninja -C build/release -j $(JOBS)

demo: build ## build, then play an outage on a node in a temporary folder
	@build/release/tocsin demo

check: ## everything that must hold: lint, tests under sanitizers, fuzz corpora, strict build
	@tools/check.sh

bench: ## measure against the limits of the machine
	@tools/deps.sh bench
	@tools/bench.sh

lint: ## style and structure, by machine (seconds)
	@python3 tools/lint.py

lint-deep: ## clang-tidy and gcc's analyzer (minutes)
	@tools/lint-deep.sh

fuzz: ## every fuzz target for FUZZ_SECONDS (60)
	@tools/fuzz.sh $(FUZZ_SECONDS)

install: build ## install under PREFIX (/usr/local); DESTDIR is honoured
	@meson configure build/release --prefix=$(PREFIX) --libdir=lib
	@meson install -C build/release
	@test -n "$(DESTDIR)" || ldconfig 2>/dev/null || true

format: ## clang-format over the whole tree
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean: ## remove everything that was built
	rm -rf build
