# The two commands of the README are `make demo` and `make test`; each sets up what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# PYTHON is the one the environment is made with: python3 if it is 3.11 or newer, otherwise the newest that is there.
PYTHON ?= $(shell for p in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
DEBIAN_PACKAGES := podman crun netavark aardvark-dns iptables nftables iproute2 mmdebstrap debian-archive-keyring \
	openssh-client rsync
# what looks at pages as people do; only tests need it
BROWSER_PACKAGES := chromium-headless-shell fonts-dejavu-core
COUNTED := $(wildcard tests/unit tests/templates tests/layout tests/browser tests/crash tests/hosts)

# Tools of the environment, and no settings of the person who runs them.
export PATH := $(BIN):$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export PYTHONDONTWRITEBYTECODE := 1
# Rollouts of tests are nobody's record.
unit molecule test faults chaos bench fleet: export EVENKEEL_RECORD_DIR := $(CURDIR)/build/record
# Molecule keeps what it believes of the hosts by the name of the project's folder; here it lies, and goes, with the hosts themselves.
export MOLECULE_EPHEMERAL_DIRECTORY := $(CURDIR)/build/molecule/$(or $(EVENKEEL_BED),main)

.PHONY: help setup debian browser image demo lint sanity unit molecule test bench clean distclean

help: ## say what can be typed here
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: debian $(VENV)/.stamp ## install Debian packages and Python environment, where they are missing

debian browser: PACKAGES = $(if $(filter browser,$@),$(BROWSER_PACKAGES),$(DEBIAN_PACKAGES))
debian browser:
	@missing=$$(for p in $(PACKAGES); do \
		dpkg-query -Wf '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || missing="$$missing python3-venv"; \
	[ -z "$${missing// /}" ] || { echo "setup | Install Debian packages:" $$missing; \
		$(SUDO) apt-get update -qq && \
		$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null; }

$(VENV)/.stamp: pyproject.toml | debian
	@[ -n "$(or $(PYTHON),$(wildcard /usr/bin/python3))" ] || { echo "setup | Needs Python 3.11 or newer: apt-get install python3"; exit 1; }
	@echo "setup | Make the Python environment in $(VENV) (1 to 2 minutes, once)"
	@[ -x $(BIN)/python ] && $(BIN)/python -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear $(VENV)
	@mkdir -p build && $(BIN)/python -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
		print(*p["dependencies"], *(d for name, group in p["optional-dependencies"].items() if name != "bench" for d in group), \
		sep="\n")' > build/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r build/requirements.txt
	@touch $@

image: setup ## build the image test hosts start from, once per machine
	@./testbed/testbed image bookworm trixie >/dev/null

demo: setup ## watch a bad change be refused on real hosts while visitors notice nothing
	@$(BIN)/python -m demo

.PHONY: fleet
fleet: image ## change, reload and extend a fleet under load, and kill its controller: ONLY=rollouts,kills ROUNDS=5 RATE=200 AGAIN=1
	@$(BIN)/python -m fleet $(if $(ONLY),--only "$(ONLY)") $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(RATE),--rate $(RATE)) \
		$(if $(AGAIN),--again)

lint: setup ## style of YAML, roles, Python, and types
	@failed=; step() { echo "lint | $$*"; "$$@" || failed="$$failed $$1"; }; \
	step yamllint --strict .; step ansible-lint -q; step ruff check --quiet --output-format concise .; step mypy --no-error-summary; \
	[ -z "$$failed" ] || { echo "lint | Failed:$$failed"; exit 1; }

sanity: setup ## Ansible's own checks of modules and plugins, in a scratch tree
	@./tests/sanity/run

unit: setup browser ## everything that needs no host
	@pytest $(filter-out tests/hosts tests/crash,$(COUNTED))

molecule: setup ## every scenario, on real hosts
	@rm -rf "$(MOLECULE_EPHEMERAL_DIRECTORY)"
	@molecule test --all

.PHONY: faults
faults: image ## try changes that broke real sites: FAULTS=path CLASS=cd ID=a,b HOSTS=2 PROBES=own|none|learned
	@python -m tests.faults $(if $(FAULTS),--faults "$(FAULTS)") $(if $(CLASS),--class "$(CLASS)") $(if $(ID),--id "$(ID)") $(if $(PROBES),--probes "$(PROBES)") \
		--hosts $(or $(HOSTS),2)

.PHONY: chaos
chaos: image ## disasters at random moments of random pushes: SEED=7 ROUNDS=200 FIRST=0
	@python -m chaos $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(FIRST),--first $(FIRST))

test: lint sanity image browser ## all of it, as CI runs it; pytest has the last word
	@pytest $(COUNTED)

bench: setup image ## measure pushes side by side with others: SITES=10,1000 HOSTS=1,4 ROUNDS=3 CASES=one PEER=path/of/a/role ONLY= BATCHES= SOAK=20 CPUS=0.1
	@$(BIN)/python -c 'import matplotlib' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		"$$($(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["bench"])')"
	@$(BIN)/python -m bench $(if $(SITES),--sites $(SITES)) $(if $(HOSTS),--hosts $(HOSTS)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(CASES),--cases $(CASES)) $(if $(PEER),--peer $(PEER)) $(if $(ONLY),--only $(ONLY)) $(if $(BATCHES),--batches $(BATCHES)) \
		$(if $(SOAK),--soak $(SOAK)) $(if $(CPUS),--cpus $(CPUS))

clean: ## stop this checkout's hosts and remove what was built (the image stays)
	@if command -v podman >/dev/null; then ./testbed/testbed down --checkout; fi
	@rm -rf build 2>/dev/null || $(SUDO) rm -rf build
	@rm -rf .ansible .mypy_cache .ruff_cache .pytest_cache .hypothesis $(VENV)/.stamp
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## remove the shared image and the Python environment, too
	@if command -v podman >/dev/null; then ./testbed/testbed image --remove; fi
	@rm -rf $(VENV)
