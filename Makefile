# Python 3.11 or newer and make are all that a machine needs. Everything else goes into .venv, but
# for the control plane's programs: they are built once, into the user's cache folder.

PYTHON ?= python3
# Four workers keep two cores busy where two always wait for a server; unit tests wait for nobody.
WORKERS = 4
PYTEST_OPTIONS ?= -n $(WORKERS) --dist worksteal
KIND_OPTIONS ?=
# How many simulated seconds pass in a real one in `make sandbox`: an app starts within 6 s.
SPEED ?= 30

VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/ready
PIP_TOOLS := .cache/pip-tools
COMPILE := $(PIP_TOOLS)/bin/pip-compile --allow-unsafe --generate-hashes --strip-extras --quiet \
	--no-emit-find-links --no-emit-index-url --no-emit-trusted-host

# Tests start Python hundreds of times: each would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test unit check test-kind sandbox sandbox-down lint style types layers generated generate \
	messages docs plugin benchmark benchmark-tenants constraints environment clean

help: ## print this list
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1@\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS=@ read -r target text; do printf '%-16s %s\n' "$$target" "$$text"; done
	@echo "With PYTHON=python3.12, .venv is made with another Python (make clean before)."

demo: $(READY) ## watch YAML become running spaces, a resize and a stop, in a throw-away sandbox
	@$(RUN) -m sandbox demo

test: $(READY) ## run all tests
	@$(RUN) -m sandbox assets >/dev/null
	@$(RUN) -m sandbox tools >/dev/null
	@$(RUN) release/plugin.py wheels --python own >/dev/null
	$(RUN) -m pytest $(PYTEST_OPTIONS)

unit: WORKERS = 2
unit: $(READY) ## run the tests that start nothing
	$(RUN) -m pytest $(PYTEST_OPTIONS) tests/unit

# Side by side, so that no core waits for mypy; each speaks when it has ended, where make can do that.
check: $(READY) ## lint, and the tests that start nothing
	@$(MAKE) --no-print-directory --jobs $(if $(filter output-sync,$(.FEATURES)),--output-sync) lint unit

# An exported KUBECONFIG may lead to any cluster: only one on the command line is meant.
test-kind: $(READY) ## run image, chart and operator on a real kind cluster; needs Docker and kind
	@$(RUN) -m tests.kind $(if $(findstring command,$(origin KUBECONFIG)),--kubeconfig "$(KUBECONFIG)") \
		-- $(KIND_OPTIONS)

sandbox: $(READY) ## start a sandbox to play with, and print what leads a shell to it
	@$(RUN) -m sandbox up --speed $(SPEED)

sandbox-down: $(READY) ## end the sandbox
	@$(RUN) -m sandbox down

lint: style types layers generated ## check style, types, layers and generated files

style: $(READY)
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check

types: $(READY)
	$(RUN) -m mypy operator simulator sandbox tests benchmarks docs charts generators release

layers: $(READY)
	$(VENV)/bin/lint-imports

generated: $(READY)
	$(RUN) -m generators --check

generate: $(READY) ## write what is generated: CRDs, schemas, parts of the chart, pages
	$(RUN) -m generators --write

# The theme warns of a MkDocs 2 that does not concern what is pinned here.
messages: $(READY) ## print every message of conditions and Events, for review
	@$(RUN) -m generators.messages

docs: $(READY) ## build the documentation as a site into .cache/site
	@NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --quiet

plugin: $(READY) ## build kubectl studio as one file for this machine's platform, into build/plugin
	@$(RUN) release/plugin.py build --into build/plugin

benchmark: $(READY) ## measure 500 spaces, rest and resizes; takes minutes
	@$(RUN) -m benchmarks.spaces

benchmark-tenants: $(READY) ## measure what one tenant can do to another; takes minutes
	@$(RUN) -m benchmarks.tenants

constraints: $(PIP_TOOLS)/bin/pip-compile ## pin and hash the newest packages that pyproject.toml allows
	$(COMPILE) --upgrade --extra dev --output-file constraints.txt pyproject.toml
	$(COMPILE) --extra tracing --constraint constraints.txt \
		--output-file constraints-image.txt pyproject.toml
	echo 'cyclonedx-bom>=7' | $(COMPILE) --constraint constraints.txt \
		--output-file constraints-sbom.txt -
	printf '%s\n' pex setuptools | $(COMPILE) --constraint constraints.txt \
		--output-file constraints-plugin.txt -
	printf '%s\n' flask flask-cors moto pydantic pyyaml regex | $(COMPILE) \
		--constraint constraints.txt --output-file tests/kind/simulator-requirements.txt -

environment: $(READY) ## make .venv and install into it what is pinned, without running anything

clean: ## remove .venv, caches and the sandbox, but not the built control plane
	@test ! -x $(RUN) || $(RUN) -m sandbox down
	rm -rf $(VENV) $(VENV)-install.log .cache .sandbox build *.egg-info operator/*.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find benchmarks charts generators operator release sandbox simulator tests -name __pycache__ -prune -exec rm -rf {} +

# The commands here must be ones that any Python understands, or the message would never be seen.
define require_python
@command -v "$(PYTHON)" >/dev/null || { \
	echo "There is no $(PYTHON): install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3" >&2; \
	exit 1; }
@"$(PYTHON)" -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "$(PYTHON) is Python %d.%d, and 3.11 or newer is needed: make PYTHON=python3.12, for example" % sys.version_info[:2])'
endef

$(READY): pyproject.toml constraints.txt
	$(require_python)
	@"$(PYTHON)" -m sandbox.environment $(VENV)
	@touch $@

# Apart from .venv, whose packages it would mix with its own.
$(PIP_TOOLS)/bin/pip-compile:
	$(require_python)
	"$(PYTHON)" -m venv --clear $(PIP_TOOLS)
	$(PIP_TOOLS)/bin/pip install --quiet pip-tools==7.6.2
