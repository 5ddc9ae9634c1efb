# Two commands: `make demo` shows the three systems in a few minutes, `make test` runs the suite.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test check install clean

demo: .venv/.installed
	$(BIN)/ganatomy demo

test: .venv/.installed-test
	$(BIN)/python -m pytest -n 2

# What is checked beside the tests.
check: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

install: .venv/.installed

.venv/.created:
	$(PYTHON) -m venv .venv
	touch $@

.venv/.installed: .venv/.created pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	touch $@

.venv/.installed-test: .venv/.installed
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[test]'
	touch $@

clean:
	rm -rf .venv
