# Everything a person or CI runs. Nothing here needs more than Python 3.10-3.13 and make.
# Programs are called as modules of the environment's Python (never by their scripts, whose first
# line holds an absolute path), so the folder can be moved or renamed.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
ARGS   ?=
PIP    := -m pip --disable-pip-version-check --quiet --no-input

.DEFAULT_GOAL := help
.PHONY: help app test test-fast lint messages format bench bench-screenshots bench-explorer bench-feedback bench-session bench-orthophoto bench-train \
        bench-runtimes bench-verdict bench-shift bench-scale performance fuzz kills audit load \
        train data index results figures scenes screenshots picture \
        constraints clean

help: ## list these targets
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'
	@echo "Options of the commands go into ARGS: make app ARGS='--port 8000'"

app: $(VENV)/app.ok ## install what the page needs and serve it (options: make app ARGS=--help)
	$(PY) app.py $(ARGS)

test: $(VENV)/dev.ok ## install what the tests need and run them all
	$(PY) -m pytest $(ARGS)

test-fast: $(VENV)/dev.ok ## the tests without the browser and the real data
	$(PY) -m pytest -m "not browser and not ucmerced" $(ARGS)

lint: $(VENV)/dev.ok ## ruff (style, docstrings, formatting), mypy (strict), import-linter (who may import whom)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

messages: $(VENV)/dev.ok ## collect the sentences to translate into ui/i18n/*/messages.po, and check the translations
	$(PY) -m ui.i18n
	$(PY) -m pytest -q tests/ui/test_i18n.py

format: $(VENV)/dev.ok ## let ruff mend what it can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: $(VENV)/dev.ok ## time a query beside torchvision's network, the start, the memory; measure the scenes
	$(PY) -m benchmarks.query $(ARGS)
	$(PY) -m benchmarks.scenes

bench-runtimes: $(VENV)/dev.ok ## the network's runtimes: how fast, and what rounding costs (some minutes)
	$(PY) -m benchmarks.runtimes $(ARGS)

performance: $(VENV)/dev.ok ## write docs/performance.md from the records in docs/performance
	$(PY) -m benchmarks.performance

bench-screenshots: $(VENV)/dev.ok ## how well screenshots of a map are searched and mapped (a quarter of an hour)
	$(PY) -m benchmarks.screenshots $(ARGS)

bench-explorer: $(VENV)/dev.ok ## from a click to the last thumbnail, in Chromium; weigh the first view
	$(PY) -m benchmarks.explorer $(ARGS)

bench-feedback: $(VENV)/dev.ok ## what marking answers is worth: ARGS="--folder PHOTOS"
	$(PY) -m benchmarks.feedback $(ARGS)

bench-orthophoto: $(VENV)/dev.ok ## what a collection of one large orthophoto costs: ARGS="--small-network"
	$(PY) -m benchmarks.orthophoto $(ARGS)

bench-verdict: $(VENV)/dev.ok ## how often each verdict is right: ARGS="--folder PHOTOS"
	$(PY) -m benchmarks.verdict $(ARGS)

bench-shift: $(VENV)/dev.ok ## how well changed photos are found, and what verdicts are worth there (six minutes): ARGS="--folder PHOTOS"
	$(PY) -m benchmarks.shift $(ARGS)

bench-scale: $(VENV)/dev.ok ## embed photos beside other tools, search 10 thousand to 1 million vectors (an hour; 9 GB of disk)
	$(PY) -m benchmarks.scale_embedding
	$(PY) -m benchmarks.scale_search $(ARGS)

bench-session: $(VENV)/dev.ok ## components and events of the page, and what a session costs
	$(PY) -m benchmarks.session $(ARGS)

kills: $(VENV)/dev.ok ## kill downloads, training and the writing of artifacts 200 times: old state or new, never torn
	$(PY) -m benchmarks.kills $(ARGS)

load: $(VENV)/dev.ok ## a hundred visitors at once for a minute, then 10,000 calls: times, refusals, memory
	$(PY) -m benchmarks.load $(ARGS)

bench-train: $(VENV)/dev.ok ## images a second in training and in embedding
	$(PY) -m benchmarks.training $(ARGS)

fuzz: $(VENV)/dev.ok ## 100,000 spoilt images, links, addresses and artifact folders (a quarter of an hour; fewer: ARGS="--cases 5000")
	$(PY) -m benchmarks.fuzz $(ARGS)

audit: $(VENV)/dev.ok ## look the pinned packages up among the known vulnerabilities (needs the internet)
	@$(PY) -m benchmarks.audit

train: $(VENV)/train.ok ## install what training needs

data: $(VENV)/train.ok ## find or download UC Merced and check it
	$(PY) -m train data $(ARGS)

results: $(VENV)/train.ok ## write docs/results.md from the records in docs/runs
	$(PY) -m train results $(ARGS)

figures: $(VENV)/train.ok ## draw the paper's figures: charts in assets/figures, scenes in docs/montages, photos in runs/
	$(PY) -m train figures --scenes --replace
	$(PY) -m train figures --replace $(ARGS)

index: $(VENV)/train.ok ## embed the training images and write an artifact folder
	$(PY) -m train index $(ARGS)

scenes: $(VENV)/train.ok ## draw the generated scenes again and index them
	$(PY) -m examples.build $(ARGS)

screenshots: $(VENV)/train.ok ## draw the example views of maps again
	$(PY) -m examples.map_pages.screenshots $(ARGS)

picture: $(VENV)/dev.ok ## take the README's pictures of the page anew, in Chromium
	$(PY) -m benchmarks.readme_pictures $(ARGS)

constraints: $(VENV)/dev.ok ## resolve constraints.txt anew, for all supported Pythons
	$(PY) $(PIP) install uv
	$(PY) -m uv pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate \
	    --constraint constraints.in requirements-dev.txt --output-file constraints.new
	@{ head -n 2 constraints.txt; cat constraints.new; } > constraints.txt.new
	@mv constraints.txt.new constraints.txt && rm constraints.new

clean: ## remove the environment and what the tools cached
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. Where Debian's python3 comes without ensurepip, the pip beside it is used instead.
$(VENV)/made.ok:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Python 3.10 to 3.13 is needed, and '$(PYTHON)' is another (or missing): make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || \
	  { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(PY) install --quiet pip; } || \
	  { echo "This Python can make no environment with pip in it: install python3-venv (Debian, Ubuntu), or name another with make PYTHON=..."; exit 1; }
	@touch $@

$(VENV)/%.ok: $(VENV)/made.ok constraints.txt requirements.txt requirements-train.txt requirements-teacher.txt requirements-dev.txt
	@echo "installing requirements for '$*' into $(VENV) (the first time takes some minutes and 8 GB)"
	$(PY) $(PIP) install --constraint constraints.txt --requirement requirements$(subst -app,,-$*).txt
	@[ "$*" != dev ] || $(PY) $(PIP) install --no-deps --constraint constraints.txt 'milvus-lite; python_version >= "3.11"'
	@touch $@
