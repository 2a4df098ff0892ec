# Everything a person or a machine does with this repository. `make help` lists it.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PYTEST_FLAGS ?= -n 4
BIN := .venv/bin
RUNTIME := .venv/stamp-runtime
DEVELOP := .venv/stamp-develop
AUDIT := build/audit
PACKAGES := planner models reports
CODE := $(PACKAGES) migrations tests docs

comma := ,

# pip says hundreds of lines: they go to a log, a dot for each package to the screen, and the log's end if it fails.
define install
@echo "Installing dependencies (a minute or so)…"
@{ $(BIN)/python -m pip install --disable-pip-version-check --no-input --constraint constraints.txt --editable "$(1)" 2>&1 \
	|| echo FAILED; } | tee .venv/pip.log | awk '/^(Collecting|Processing|Requirement already)/ {printf "."; fflush()} END {print ""}'
@if grep -q '^FAILED$$' .venv/pip.log; then tail -n 20 .venv/pip.log; exit 1; fi
endef

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve fuzz-api test check types style audit docs site messages screenshots clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME) ## Install, load the sample, run the plan, write the reports to out/
	@$(BIN)/planner demo

serve: $(RUNTIME) ## Serve the web pages at http://127.0.0.1:8000 (after make demo)
	@$(BIN)/planner serve

test: $(DEVELOP) ## Run the tests
	@$(BIN)/python -m pytest $(PYTEST_FLAGS)

fuzz-api: $(DEVELOP) ## Send the API much that it does and does not describe (EXAMPLES=50)
	@$(BIN)/python -m pytest -q -n 0 tests/test_api_schema.py --api-examples $(or $(EXAMPLES),50)

check: types style ## Check style, types, layers, templates, generated docs and translations

types: $(DEVELOP) ## Check types alone
	$(BIN)/mypy

style: $(DEVELOP) ## Check everything but types
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --profile jinja --lint planner/web/templates
	$(BIN)/python docs/generate.py --check
	$(BIN)/python -m pytest -q tests/test_planner_i18n.py

audit: $(DEVELOP) $(AUDIT)/stamp ## List licences, and ask for known weaknesses of all dependencies (OSV_URL=…)
	$(AUDIT)/bin/pip-licenses --python $(BIN)/python --from mixed --order license
	$(AUDIT)/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict --progress-spinner off \
		--vulnerability-service osv $(if $(OSV_URL),--osv-url $(OSV_URL))

docs: $(DEVELOP) ## Write the generated pages of docs/ anew
	@$(BIN)/python docs/generate.py

site: $(DEVELOP) ## Build the site of the documents into build/site/, to be read from there or served by anything
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs --quiet build --strict

messages: $(DEVELOP) ## Collect the texts to translate and merge them into the catalogues
	@mkdir -p build
	@$(BIN)/pybabel --quiet extract --mapping-file planner/translations/babel.cfg --keyword N_ --no-location \
		--sort-output --width 100 --project "DE capacity planner" --output-file build/messages.pot planner reports
	@$(BIN)/pybabel --quiet update --input-file build/messages.pot --output-dir planner/translations \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 100

screenshots: $(DEVELOP) ## Take the pictures of docs/images/ (needs Chromium and LibreOffice)
	@$(BIN)/python docs/screenshots.py

clean: ## Remove the environment, the demo's database and everything that was built
	rm -rf .venv instance out build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info

$(RUNTIME): setup.cfg pyproject.toml constraints.txt | .venv
	$(call install,.)
	@touch $@

$(DEVELOP): setup.cfg pyproject.toml constraints.txt | .venv
	$(call install,.[test$(comma)check])
	@touch $(RUNTIME) $@

$(AUDIT)/stamp: constraints.txt | .venv
	@$(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pip-audit pip-licenses
	@touch $@

.venv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Making the virtual environment…"
	@$(PYTHON) -m venv .venv
