# make example   sets up and lints the example
# make test      sets up and runs the tests; with CI=true the slow ones too
# make fuzz      lints and fixes programs that nobody has seen, for MINUTES (5)
# make lint      sets up and runs what reads the code: ruff, pyright and usock-lint itself
# make docs      writes the generated parts of README.md and CONTRIBUTING.md, and stubs/usocket.pyi
# make site      builds the documentation as a site: site/index.html

PYTHON ?= python3
python := .venv/bin/python

MINUTES ?= 5

.PHONY: example test fuzz lint docs site

example: .venv/installed
	.venv/bin/usock-lint --exit-zero examples

test: .venv/dev
	$(python) -m pytest -n 2 --dist loadfile $(if $(filter true,$(CI)),,-m "not slow")

fuzz: .venv/dev
	$(python) -W error -m tools.fuzz $(MINUTES)

lint: .venv/dev
	.venv/bin/ruff check usock_lint tests tools
	.venv/bin/pyright --pythonpath $(python)
	.venv/bin/usock-lint .

docs: .venv/dev
	$(python) tools/stubs.py
	$(python) tools/docs.py

site: .venv/dev
	$(python) -m tools.website

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: make PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(python) -m pip install --quiet --upgrade pip
	$(python) -m pip install --quiet --editable .
	@touch $@

# pip knows --group since 25.1, hence the upgrade above. pyright fetches itself when it is first called.
.venv/dev: .venv/installed
	$(python) -m pip install --quiet --group dev
	.venv/bin/pyright --version
	@touch $@
