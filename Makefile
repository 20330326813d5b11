PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed

.PHONY: demo test lint soak bench bench-check clean

# copy the samples, run the weekly job on them and say where the workbooks are
demo: $(STAMP)
	$(BIN)/sheetcrm demo demo

# everything a change must pass: lint, types, import contract, tests
test: $(STAMP) lint
	$(BIN)/pytest -q -n auto

# the long campaigns, an hour or two on one core; SCALE=0.1 runs a tenth of each
SCALE ?= 1
soak: $(STAMP)
	SHEETCRM_SOAK=$(SCALE) $(BIN)/pytest -q tests/soak

# branch coverage of the modules that keep files safe
coverage: $(STAMP)
	$(BIN)/coverage run -m pytest -q tests/book tests/workflows/test_undo.py
	$(BIN)/coverage report

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新版本；可以写 make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable ".[dev]"
	touch $(STAMP)

# how fast everything is beside the bare libraries and beside what people take instead
bench: $(STAMP)
	$(BIN)/pip install --quiet --editable ".[bench]"
	$(BIN)/python -m benchmarks $(BENCH)

# fails where a ratio breaks its limit by more than a quarter; not part of `make test`
bench-check: $(STAMP)
	$(BIN)/pip install --quiet --editable ".[bench]"
	$(BIN)/python -m benchmarks --check $(BENCH)

clean:
	rm -rf .venv demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
