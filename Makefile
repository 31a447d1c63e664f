# One command builds everything: make. Each of these sets up .venv first, if that is not done yet.
#
#   make            build results/: weights, metrics, figures, claims     make CORES=4 limits the cores
#   make results/figures/intro.svg   build this file, and what it needs
#   make explanations  build, with what explains deviations, even if settings in ARGS leave it out
#   make follow-ups   build what goes beyond the paper, and the experiments of the paper that it measures
#   make confirm    train everything again with two other seeds, and check whether verdicts change
#   make test       run the tests                                         make test ARGS='-k philox'
#   make lint       check style, types and the workflow's rules
#   make verify     compare results/ with the committed checksums, the README and docs/
#   make archive    put sources and results into one file, results/superposition-….zip
#   make convergence  compare recipes by loss, for hours; FAMILY=neurons: only that family  (docs/reproducing.md)
#   make bench      measure the speed of training, and write docs/benchmarks.md
#   make setup      only set up .venv                                     make setup PYTHON=python3.12
#                   (with PYTHON=…, again if .venv has another version)
#   make dev        add to .venv the tools for tests and checks; make test and make lint do this
#   make slurm      add to .venv the plugin for a SLURM cluster: see docs/cluster.md
#   make cuda       add to .venv what an NVIDIA GPU needs: see docs/gpu.md
#   make aarch64    set up an emulated arm64 Debian, whose bytes tests compare with ours: see docs/exactness.md
#   make clean      remove everything in results/
#   make help       show this

# As an argument, or in the environment: CORES=4 make.
CORES ?= all
ARGS ?=
FAMILY ?=
PYTHON ?=

# A container's user may have no home folder, where Snakemake and others keep things, and no name.
ifneq ($(shell [ -w "$$HOME" ] && echo yes),yes)
export HOME := $(CURDIR)/.snakemake/home
endif
export LOGNAME ?= $(shell id -un 2>/dev/null || id -u)

# In .venv, whatever other environment is active.
IN_VENV = env -u PYTHONPATH -u PYTHONHOME PYTHONNOUSERSITE=1 VIRTUAL_ENV="$(CURDIR)/.venv" \
	PATH="$(CURDIR)/.venv/bin:$$PATH"

.PHONY: all explanations follow-ups confirm convergence setup dev slurm cuda aarch64 test lint verify archive bench clean help

all: setup
	@$(IN_VENV) snakemake --cores $(CORES) $(ARGS)

# Whether a result is up to date is Snakemake's to say, whatever dates make sees; setup has none.
results/%: setup
	@$(IN_VENV) snakemake --cores $(CORES) $(ARGS) -- $@

explanations: setup
	$(if $(filter --config,$(ARGS)),$(error This sets --config itself, and Snakemake uses only the last one: \
	put your settings into a file, and give it with ARGS='--configfile FILE'))
	@$(IN_VENV) snakemake --cores $(CORES) --config explanations=true $(ARGS)

follow-ups: setup
	$(if $(filter --configfile,$(ARGS)),$(error This sets --configfile itself, and Snakemake uses only the last one: \
	make ARGS='--configfile workflow/presets/follow-ups.yaml FILE' uses both))
	@$(IN_VENV) snakemake --cores $(CORES) --configfile workflow/presets/follow-ups.yaml $(ARGS)

confirm: setup
	@$(IN_VENV) python -m superposition confirm --cores $(CORES) $(ARGS)

setup:
	@PYTHON="$(PYTHON)" sh workflow/scripts/setup.sh

dev slurm cuda:
	@PYTHON="$(PYTHON)" sh workflow/scripts/setup.sh $@

aarch64: setup
	@$(IN_VENV) python tests/aarch64.py

test: dev
	@began=$$(date +%s); $(IN_VENV) python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS); code=$$?; \
	echo "Testing took $$(($$(date +%s) - began)) s." >&2; exit $$code

lint: dev
	$(IN_VENV) ruff check
	$(IN_VENV) ruff format --check
	$(IN_VENV) lint-imports --no-cache
	$(IN_VENV) snakefmt --check Snakefile workflow
	$(IN_VENV) snakemake --lint
	$(IN_VENV) mypy
	$(IN_VENV) python workflow/scripts/environment.py --check
	$(IN_VENV) python -m superposition schema --check
	$(IN_VENV) python -m superposition convergence --check

verify: setup
	@$(IN_VENV) python -m superposition verify

archive: setup
	@$(IN_VENV) snakemake --cores $(CORES) archive $(ARGS)

convergence: setup
	@$(IN_VENV) FAMILY="$(FAMILY)" snakemake --cores $(CORES) convergence $(ARGS)

bench: setup
	@$(IN_VENV) python -m benchmarks $(ARGS)

clean:
	@printf 'Remove all that is in results/, trained weights as well? [y/N] '; read answer; \
	if [ "$$answer" = y ]; then find -H results -mindepth 1 -delete && echo "Removed."; else echo "Kept."; fi

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile
