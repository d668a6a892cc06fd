# Every target sets up what it needs. `make run` starts Punctual on this machine; `make test` runs every test.
.PHONY: help run test browser screenshots vendor deployed bench soak check format lock package deploy destroy export import docs clean named setup
.DEFAULT_GOAL := help

BIN := .venv/bin
LOCK := requirements-dev.lock
OLD_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

run: setup ## Start the whole system on this machine, http://127.0.0.1:8000
	@exec $(BIN)/python -m infra.local

test: setup ## Run every test; those in a browser where there is Chromium
	@$(BIN)/python -m pytest

bench: setup ## Every budget, computed now: a JSON object per line; 1 where a must is missed. Under ten minutes
	@$(BIN)/python -m bench

browser: setup ## The pages in a real browser, axe on each, screenshots into dist/screenshots; needs Chromium on the PATH
	@SCREENS=all $(BIN)/python -m pytest tests/browser

screenshots: setup ## Take the pictures of the README anew, into docs/screenshots; needs Chromium
	@$(BIN)/python -m tests.browser.screenshots

vendor: setup ## Fetch htmx anew, as it is pinned in infra/vendor.py; needs npm
	@$(BIN)/python -m infra.vendor

deployed: setup ## The package, deployed into an emulator that enforces policies, and used there: three minutes
	@$(BIN)/python -m pytest -n0 -v tests/deployed

soak: setup ## Every fault point, and many more histories left to chance: an hour or so
	@FAULTS=all FAULT_SEEDS=500 FAULT_PAIRS=200 SIMULATION_SEEDS=50000 KILLS=all FUZZ=all \
	  $(BIN)/python -m pytest -q tests/faults tests/interleavings tests/kills tests/web/test_fuzz.py

check: setup ## Format, lint, types, import rule, then every test: what CI does, besides `make deployed`
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q -n0 --no-header tests/test_imports.py
	@$(BIN)/python -m pytest

format: setup ## Format the code, and mend what the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

export: setup ## Write a stage's accounts, calendars and tasks to a file: STAGE=x FILE=f (OPTIONS=--resume)
	@$(BIN)/python -m infra.backup export --stage "$(STAGE)" --file "$(FILE)" $(OPTIONS)

import: setup ## Take such a file into a stage: STAGE=x FILE=f (OPTIONS=--replace, --same-names, --partial)
	@$(BIN)/python -m infra.backup import --stage "$(STAGE)" --file "$(FILE)" $(OPTIONS)

docs: setup ## Write docs/api-reference.md anew from the OpenAPI document
	@$(BIN)/python -m infra.reference

lock: setup ## Resolve every dependency anew, for Python 3.11 and later
	@$(BIN)/uv pip compile pyproject.toml --group dev $(LOCKING) --output-file $(LOCK)
	@$(BIN)/uv pip compile pyproject.toml --constraints $(LOCK) $(LOCKING) --output-file requirements.txt

LOCKING := --universal --python-version 3.11 --upgrade --quiet --no-header --no-emit-index-url --no-annotate

package: setup ## Write dist/deployment.zip and dist/template.json; ARCHITECTURE=arm64 or x86_64, SERVICES=s3,...
	@$(BIN)/python -m infra.packaging

deploy: named package ## Package, and deploy a stage to AWS: make deploy STAGE=dev
	@$(BIN)/python -m infra.deploy deploy --stage "$(STAGE)"

destroy: setup ## Take a stage down: make destroy STAGE=dev. What it keeps stays
	@$(BIN)/python -m infra.deploy destroy --stage "$(STAGE)"

clean: ## Remove what can be made again (the state of `make run` in .local is not touched)
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

named:
	@test -n "$(STAGE)" || { echo "Which stage? Say STAGE=dev, for example." >&2; exit 1; }

# The environment is made from the lock alone, and made anew when the lock is another one.
setup:
	@cmp -s $(LOCK) .venv/made-from || { python=; \
	  for candidate in python3 python3.13 python3.12 python3.11; do \
	    if $$candidate -c '$(OLD_ENOUGH)' 2>/dev/null; then python=$$candidate; break; fi; \
	  done; \
	  if [ -z "$$python" ]; then echo "Punctual needs Python 3.11 or later, and there is none on the PATH." >&2; exit 1; fi; \
	  if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$python cannot make virtual environments: install its venv package (Debian: python3-venv)." >&2; exit 1; \
	  fi; \
	  echo "Setting up .venv from $(LOCK) ..."; \
	  rm -rf .venv && $$python -m venv .venv \
	    && $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --requirement $(LOCK) \
	    && cp $(LOCK) .venv/made-from; \
	}
