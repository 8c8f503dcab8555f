# Two commands: `make demo` runs the shipped study, `make test` passes the tests.
# Each makes the virtual environment .venv it needs, with pinned and hashed packages.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: demo test browser lock bench

demo: .venv/run
	$(BIN)/sinks run data/yandu.toml --out maps/yandu --threads 2

test: .venv/test browser
	$(BIN)/python -m pytest

.venv/run: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

.venv/test: .venv/run requirements/test.txt
	$(INSTALL) --require-hashes -r requirements/test.txt
	touch $@

# The page is tested in a real browser, with Chinese fonts.
browser:
	@command -v chromium >/dev/null && fc-list 2>/dev/null | grep -q "Noto Sans CJK" || \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk; }

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate -q pyproject.toml requirements/build.in -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate -q pyproject.toml requirements/build.in --extra dev --extra stac \
	  -o requirements/test.txt

bench: .venv/test
	$(BIN)/python -m benchmarks
