# The everyday commands; CMakePresets.json has the configurations behind them. `make help` lists the targets.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
# make check-tidy TIDY=src/ops/ checks one folder only.
TIDY ?= src/
CLANG_FORMAT ?= clang-format
SOURCES = $(shell find src tests bench -name '*.cpp' -o -name '*.hpp' -o -name '*.cu' -o -name '*.cuh')

.DEFAULT_GOAL := build
.PHONY: help deps deps-check demo build test test-tools tool-packages asan tsan check check-format check-layers check-docs check-headers check-tidy \
        format install uninstall clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 16

deps:  ## install the Debian packages that building and testing needs (root or sudo)
	tools/install_packages tools/packages.debian

deps-check:  ## the same for make check
	tools/install_packages tools/packages.debian tools/packages-check.debian

demo: deps  ## swap the samples' faces with the models of this repository; results in demo-output
	cmake --preset release
	cmake --build --preset release --parallel $(JOBS) --target facegraph
	tools/demo build/release/facegraph demo-output

build: deps  ## build/release/facegraph, its tests and benches
	cmake --preset release
	cmake --build --preset release --parallel $(JOBS)

test: build tool-packages  ## build and run all tests that need no GPU
	ctest --preset release --parallel $(JOBS) --output-junit junit.xml

test-tools: tool-packages  ## run the unit tests of the Python tools alone
	tools/test_tools

tool-packages: deps  # asks nothing of the network when they are there
	tools/test_tools --install

asan: deps  ## unit tests under AddressSanitizer and UndefinedBehaviourSanitizer
tsan: deps  ## tests of the rooms with threads under ThreadSanitizer
asan tsan:
	cmake --preset cpu-$@
	cmake --build --preset cpu-$@ --parallel $(JOBS)
	ctest --preset cpu-$@ --parallel $(JOBS) --output-junit junit.xml

format: deps-check  ## clang-format all sources in place
	$(CLANG_FORMAT) -i $(SOURCES)

check: check-format check-layers check-docs check-headers check-tidy  ## all static checks

check-format: deps-check
	$(CLANG_FORMAT) --dry-run -Werror $(SOURCES)

check-layers: deps
	tools/check_layers
	tools/check_layers_test

check-docs: deps
	tools/check_docs

check-headers: deps
	cmake --preset release
	cmake --build --preset release --parallel $(JOBS) --target check_headers

check-tidy: deps-check
	cmake --preset release
	run-clang-tidy -quiet -j $(JOBS) -p build/release '^$(CURDIR)/$(TIDY).*(?<!_test|bench)\.cpp$$'

install: build  ## install below PREFIX (default /usr/local); DESTDIR is honoured
	cmake --install build/release --prefix $(PREFIX)

uninstall:  ## remove what make install wrote
	cmake -DMANIFEST=build/release/install_manifest.txt -P cmake/uninstall.cmake

clean:  ## remove the build folders; the fetched ONNX Runtime stays in .cache
	rm -rf build
