# make example   sets up and lints the example
# make test      sets up and runs the tests; with CI=true the slow ones too
# make fuzz      lints, fixes and edits programs that nobody has seen, for MINUTES (5)
# make lint      sets up and runs what reads the code: ruff, pyright and usock-lint itself
# make release   runs all tests, and builds in dist/ what the package index gets
# make docs      writes the generated parts of the documents, and stubs/usocket.pyi
# make site      builds the documentation as a site: site/index.html

# VENV, PYTHON    the environment to set up and use, and the Python to make it with if there is none yet
# TESTS           the files, folders or options of pytest for `make test`; everything if empty

VENV ?= .venv
PYTHON ?= python3
TESTS ?=
python := $(VENV)/bin/python

MINUTES ?= 5

.PHONY: example test fuzz lint release docs site

example: $(VENV)/installed
	$(VENV)/bin/usock-lint --exit-zero examples

test: $(VENV)/dev
	$(python) -m pytest -n auto --dist loadfile --max-worker-restart 2 $(if $(filter true,$(CI)),,-m "not slow") $(TESTS)

fuzz: $(VENV)/dev
	$(python) -W error -m tools.fuzz $(MINUTES)

lint: $(VENV)/dev
	$(VENV)/bin/ruff check hatch_build.py usock_lint tests tools editors
	$(VENV)/bin/pyright --pythonpath $(python)
	$(VENV)/bin/usock-lint .

# What is not translated is only listed by the tests unless this is set.
release: export USOCK_LINT_RELEASE = 1
release: export CI = true
release: lint test
	$(python) -m build

docs: $(VENV)/dev
	$(python) tools/stubs.py
	$(python) tools/docs.py

site: $(VENV)/dev
	$(python) -m tools.website

$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or later is needed: make PYTHON=..." if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(python) -m pip install --quiet --upgrade pip
	$(python) -m pip install --quiet --editable .
	@touch $@

# pip knows --group since 25.1, hence the upgrade above. pyright fetches itself when it is first called.
$(VENV)/dev: $(VENV)/installed
	$(python) -m pip install --quiet --group dev
	$(VENV)/bin/pyright --version
	@touch $@
