# Everything that is done with Pana from a shell. `make` lists it; the first target that needs Python makes .venv.

# The newest suitable one is taken; `make run PYTHON=python3.12` takes that one for a new .venv.
PYTHON = python3.14 python3.13 python3.12 python3.11 python3

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
LOCALES := kk ru en fa_AF
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
RUNTIME := $(VENV)/runtime.stamp
DEV := $(VENV)/dev.stamp
# Where the Python under .venv is gone (a system's upgrade), everything in it is laid anew.
$(shell [ -x $(PY) ] || rm -f $(RUNTIME) $(DEV))

.PHONY: help run try test torture check lint types content sbom audit bench bench-search messages schema lock clean
.DELETE_ON_ERROR:
.NOTPARALLEL:

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: $(RUNTIME)  ## serve Telegram; without a token: the try-out page in the browser
	@exec $(PY) -m bot run

try: $(RUNTIME)  ## chat with Pana in the browser, without Telegram
	@exec $(PY) -m bot try

test: $(DEV)  ## all tests but the long campaigns, on up to four cores
	$(PY) -m pytest -m "not torture" -n auto --maxprocesses 4

torture: $(DEV)  ## the long campaigns: kills, floods, many mutations
	$(PY) -m pytest -m torture

check: lint types content test sbom audit  ## lint, types, content, test, sbom and audit (make -k check: go on after a failure)

lint: $(DEV)  ## format and style of the code
	$(PY) -m ruff format --check --quiet .
	$(PY) -m ruff check .

types: $(DEV)  ## mypy, strict
	$(PY) -m mypy

content: $(RUNTIME)  ## judge faq/ and locales/: file, line and what to write
	$(PY) -m bot check

sbom: $(DEV)  ## write build/sbom.json: every locked package that Pana runs on, with hashes (CycloneDX)
	@mkdir -p build
	@$(PY) -W ignore::UserWarning -m cyclonedx_py requirements requirements.txt --pyproject pyproject.toml --short-PURLs \
	    --output-reproducible --validate -o build/sbom.json
	@echo "Written: build/sbom.json, $$(grep -c '"purl"' build/sbom.json) packages."

# Where nothing could be asked of the service, that is said and is no failure; pip-audit itself would exit 0 in silence.
audit: $(DEV)  ## known vulnerabilities of the locked packages (needs the network)
	@found=$$($(PY) -m pip_audit --progress-spinner off --disable-pip --require-hashes \
	    -r requirements.txt -r requirements-dev.txt 2>&1); status=$$?; \
	printf '%s\n' "$$found" | grep -vE 'could not be audited|^Name +Skip Reason|^[- ]+$$' | tail -n 40; \
	unknown=$$(printf '%s\n' "$$found" | grep -c 'could not be audited'); \
	[ $$unknown -eq 0 ] || echo "NOT AUDITED: $$unknown packages are unknown to the service that was asked; the above is said of the others."; \
	printf '%s\n' "$$found" | grep -q 'Found [0-9]* known vulnerabilit' && exit 1; \
	[ $$status -eq 0 ] || echo "NOT AUDITED: the service could not be asked. Try again where there is a network."

bench: $(DEV)  ## measure: see docs/benchmarks.md
	$(PY) -m tests.bench

bench-search: $(DEV)  ## measure how well and how fast typed questions find their entry, beside other engines
	$(PY) -m tests.bench.search

messages: $(RUNTIME)  ## bring pana.pot and the four catalogs up to date with the code
	$(VENV)/bin/pybabel -q extract -F pyproject.toml -k say -k say_count:1,2 -c NOTE --no-wrap --sort-by-file \
	    --no-location --omit-header -o locales/pana.pot .
	@set -e; for code in $(LOCALES); do \
	    $(VENV)/bin/pybabel -q update -i locales/pana.pot -d locales -D pana -l $$code --no-wrap \
	        --no-fuzzy-matching --ignore-pot-creation-date; \
	done

schema: $(RUNTIME)  ## write faq/schema.json, with which editors' programs complete and check entries
	$(PY) -m bot schema

# uv comes and goes in a folder of its own: it resolves for every platform and Python at once, which pip cannot.
# Development's lock first: aiogram, a peer, holds pydantic below its newest version, and both locks must name the same.
lock: $(PY)  ## renew requirements*.txt from pyproject.toml: newest versions, with hashes
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PY) -m venv "$$folder"; \
	"$$folder/bin/python" -m pip --disable-pip-version-check install --quiet 'uv<1'; \
	lock() { "$$folder/bin/uv" pip compile --quiet --upgrade --universal --python-version 3.11 --no-python-downloads \
	    --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml "$$@"; }; \
	lock -o requirements-dev.txt --extra dev; \
	lock -o requirements.txt -c requirements-dev.txt; \
	lock -o requirements-scale.txt -c requirements-dev.txt --extra postgres --extra metrics --extra speed
	@echo "Written: requirements.txt requirements-scale.txt requirements-dev.txt. Run 'make check' before you keep them."

clean:  ## remove .venv and what tools left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find bot tests -name __pycache__ -prune -exec rm -rf {} +

# The stamps are renewed only when a lock (or the Python under .venv) changed. The second lock holds the first.
$(RUNTIME): requirements.txt $(PY)
	@echo "Installing what Pana needs into $(VENV) …"
	@$(PIP) install --quiet --require-hashes -r $<
	@touch $@

$(DEV): requirements-dev.txt $(PY)
	@echo "Installing what Pana and its tests need into $(VENV) …"
	@$(PIP) install --quiet --require-hashes -r $<
	@touch $@ $(RUNTIME)

# `pana` is `python -m bot` in this folder: nothing has to be built for it.
$(PY):
	@for name in $(PYTHON); do \
	    "$$name" -c '$(SUITABLE)' 2>/dev/null || continue; \
	    "$$name" -m venv --clear $(VENV) || exit 1; \
	    printf '#!/bin/sh\ncd "%s" && exec $(PY) -m bot "$$@"\n' "$(CURDIR)" > $(VENV)/bin/pana; \
	    chmod +x $(VENV)/bin/pana; \
	    exit 0; \
	done; \
	echo "Pana needs Python 3.11 or newer with its venv module, and found none among: $(PYTHON)." >&2; \
	for name in $(PYTHON); do \
	    "$$name" -c 'import sys; print(sys.executable, "is Python", ".".join(map(str, sys.version_info[:3])) + \
	        (": too old." if sys.version_info < (3, 11) else ", but its venv module is not installed."))' 2>/dev/null; \
	done >&2; \
	echo "On Debian or Ubuntu: apt-get install python3 python3-venv. Elsewhere: see python.org." >&2; \
	exit 1
