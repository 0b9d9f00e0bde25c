# make demo   sets everything up and opens a copy of the quickstart, in demo/, in JupyterLab; for
#             root it adds --allow-root, without which JupyterLab does not start
# make test   sets everything up and runs all tests
# make test-all  the same, with every scenario on every real engine
# make check  every rule that a machine can keep
# make fuzz   a million inputs that are nearly right, for all that reads bytes of strangers; and a
#             million by coverage, with atheris
# make soak   cuts sessions for ten minutes and compares what they received with what was printed;
#             ARGS="--seconds 600 --seed 1 --engine local|docker|podman|all"; ARGS=--scale prints
#             what 500 sessions cost
# make build  sdist and wheel in dist/
# make mutants  breaks the code at random and lists what the tests do not notice;
#             ARGS="--seed 1 --number 56 --layer protocol,client"
# make release  all of a release but the upload; ARGS="1.2.3 --dry-run" tries it in a copy
# make bench  ratios against what users would pick instead; ARGS="--quick" is rough and short
#
# Everything is installed into .venv; a second run is quick. ARGS goes to the program:
#   make demo ARGS="--no-browser --port 8890"
#   make test ARGS="-k frames"
# make test uses four processes, which suits two processors: most tests wait. WORKERS=2 uses two.

PYTHON ?= python3
WORKERS ?= 4
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
# JupyterLab does not start as root without this option. Somebody who calls make as root means it.
ALLOW_ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)
JS := $(wildcard js/*.json js/*.mjs js/.npmrc) $(shell find js/src -type f) hyper_jupyter/api/data/levels.json \
  hyper_jupyter/recording/screen/palette.json

DEMO := $(patsubst notebooks/%,demo/%,$(wildcard notebooks/*.ipynb))

# Tests start kernels and engines by the hundred, from this checkout: each would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-all check fuzz soak mutants build release bench clean

demo: $(STAMPS)/demo $(DEMO)
	$(BIN)/jupyter lab $(ALLOW_ROOT) $(ARGS) demo/01-quickstart.ipynb

# A copy, because git would list what its user does. What they did stays when the notebook changes.
demo/%.ipynb: notebooks/%.ipynb
	@mkdir -p demo
	@test ! -e $@ || mv $@ $(@:.ipynb=-before.ipynb)
	@cp $< $@

test: $(STAMPS)/dev $(STAMPS)/js
	@if command -v npm >/dev/null; then cd js && npm run --silent test; \
	elif [ "$$HYPER_JUPYTER_TEST_REQUIRE" = all ]; then echo "npm is required"; exit 1; \
	else echo "The front end's own tests are skipped: npm is not on the PATH."; fi
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile \
	  --no-loadscope-reorder $(ARGS)

test-all: export HYPER_JUPYTER_TEST_SCENARIOS = all
test-all: test

check: $(STAMPS)/dev $(STAMPS)/js
	scripts/check

fuzz: $(STAMPS)/fuzz
	$(BIN)/python -m tests.fuzz $(ARGS)
	$(BIN)/python -m tests.fuzz --guided $(ARGS)

soak: $(STAMPS)/dev
	$(BIN)/python -m tests.soak $(ARGS)

mutants: $(STAMPS)/dev
	@$(BIN)/python scripts/mutants $(ARGS)

build: $(STAMPS)/dev $(STAMPS)/js
	rm -rf dist
	$(BIN)/python -m build

release: $(STAMPS)/release
	@$(BIN)/python scripts/release $(ARGS)

bench: $(STAMPS)/bench
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) $(STAMPS) dist js/node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "hyper_jupyter needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

# The install builds the front end too (hatch_build.py), so it depends on its sources.
$(STAMPS)/demo: $(BIN)/python pyproject.toml hatch_build.py $(JS)
	$(BIN)/python -m pip install --quiet --group demo --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: $(STAMPS)/demo
	$(BIN)/python -m pip install --quiet --group dev --editable .
	@touch $@

$(STAMPS)/bench: $(STAMPS)/dev
	$(BIN)/python -m pip install --quiet --group bench
	@touch $@

$(STAMPS)/fuzz: $(STAMPS)/dev
	$(BIN)/python -m pip install --quiet --group fuzz
	@touch $@

$(STAMPS)/release: $(STAMPS)/dev
	$(BIN)/python -m pip install --quiet --group release
	@touch $@

# The front end's own tests and checks need its modules, not only its bundle.
$(STAMPS)/js: $(STAMPS)/demo js/package-lock.json
	@test -d js/node_modules || (cd js && npm ci --no-audit --no-fund)
	@touch $@
