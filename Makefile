# Everything is done by make; `make help` lists it.
.DEFAULT_GOAL := help
.ONESHELL:
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

BIN := .venv/bin
ACTIVATE := export PATH="$(CURDIR)/$(BIN):$$PATH"
INSTALLED := .venv/.installed
# Where jobs run: on this machine, or as a profile says: make report PROFILE=slurm (docs/cluster.md).
WHERE = $(if $(PROFILE),--profile profiles/$(PROFILE),--cores all)

# A module is tested by one process, and the longest modules first (tests/conftest.py).
ON_EVERY_CORE := --numprocesses logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder

.PHONY: help version report test test-fast coverage mutation chaos data data-check bench grade check lint types docs lock reproduce doctor setup jail clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1|\2/' | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

setup: $(INSTALLED) ## create .venv from requirements.lock, and install the Debian packages where allowed
	@bash workflow/install-debian-packages.sh

$(INSTALLED): requirements.lock
	@bash workflow/create-environment.sh .venv requirements.lock

# What grading needs, without LaTeX and the browser, which students may not have to wait for.
jail: $(INSTALLED)
	@bash workflow/install-debian-packages.sh <(grep '^bubblewrap ' workflow/debian-packages.txt)

report: setup ## run everything and render results/report/report.html and report.pdf
	@$(ACTIVATE)
	rm -f logs/failed
	snakemake $(WHERE) && exit
	[ -e logs/failed ] || exit 1
	echo "Jobs failed: now the report of what there is, which says what is missing and why" >&2
	snakemake $(WHERE) report --config missing=show
	exit 1

test: setup ## run the tests, a file of them on each core
	@$(ACTIVATE)
	python -m pytest $(ON_EVERY_CORE)

test-fast: setup ## run the tests that take no time, of every room: after each edit
	@$(ACTIVATE)
	python -m pytest $(ON_EVERY_CORE) -m "not slow"

coverage: setup ## run the tests and say what they ran of each room; build/coverage/index.html has every line
	@$(ACTIVATE)
	rm -rf build/coverage
	mkdir -p build/coverage
	failed=0
	coverage run -m pytest $(ON_EVERY_CORE) || failed=$$?
	coverage combine --quiet
	coverage html --quiet
	coverage json --quiet
	python -m workflow.coverage_table
	exit $$failed

mutation: jail ## plant mistakes in the rules and the judge, and see whether tests notice (ONLY="adam judge": those files)
	@$(ACTIVATE)
	[ -d build/mutation-tools ] || python -m pip install --quiet --disable-pip-version-check --no-deps --target build/mutation-tools cosmic-ray==8.7.0 parso==0.8.7
	export PYTHONPATH="build/mutation-tools$${PYTHONPATH:+:$$PYTHONPATH}"
	python -m workflow.mutation $${ONLY:-}

chaos: setup ## kill and damage small runs fifty times at random: make chaos SEED=20
	@$(ACTIVATE)
	export REGRAD_CHAOS_FAULTS=50 REGRAD_CHAOS_SEED="$${SEED:-20}"
	python -m pytest tests/workflow/test_faults.py -k any_faults --timeout 3600

data: setup ## fetch every dataset into the cache
	@$(ACTIVATE)
	python -m data fetch

data-check: setup ## verify every copy of a dataset that is here
	@$(ACTIVATE)
	python -m data check

bench: setup ## measure time and memory, write results/benchmarks/ (QUICK=1: a short run)
	@$(ACTIVATE)
	[ -d build/rivals ] || python -m pip install --quiet --disable-pip-version-check --no-deps --target build/rivals vowpalwabbit==9.11.9 \
	  || echo "Vowpal Wabbit does not install here: the bench leaves it out" >&2
	export PYTHONPATH="build/rivals$${PYTHONPATH:+:$$PYTHONPATH}"
	python -m benchmarks.data_scaling $${QUICK:+--quick}
	python -m benchmarks.linear_engine $${QUICK:+--quick}
	python -m benchmarks.grading $${QUICK:+--quick}
	python -m benchmarks.growth $${QUICK:+--quick}

grade: jail ## grade a folder of submissions: make grade SUBMISSIONS=folder (NOT_ISOLATED=1: see docs/grading.md)
	@$(ACTIVATE)
	: "$${SUBMISSIONS:?say which folder: make grade SUBMISSIONS=folder}"
	grading=$$(python -c 'import json, sys; print(json.dumps(dict(zip(["assignment", "submissions"], sys.argv[1:]), **({"not_isolated": True} if sys.argv[3:] else {}))))' "$${ASSIGNMENT:-adagrad}" "$$SUBMISSIONS" $${NOT_ISOLATED:+yes})
	snakemake $(if $(PROFILE),,--profile profiles/class) $(WHERE) graded_class --config grading="$$grading"
	echo "Marks: results/grading/gradebook.csv; the class, for you alone: results/grading/class.html; a student's page: results/grading/<id>/feedback.html"

check: jail ## check your own submission: make check SUBMISSION=path
	@$(ACTIVATE)
	: "$${SUBMISSION:?say which submission: make check SUBMISSION=path}"
	python -m grading check --assignment "$${ASSIGNMENT:-adagrad}" $${NOT_ISOLATED:+--not-isolated} --language "$${FEEDBACK_LANGUAGE:-en}" -- "$$SUBMISSION"

lint: setup types ## check the style of Python and Snakemake files, and the types
	@$(ACTIVATE)
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile workflow/rules
	snakemake --lint

types: setup ## check the types, strictly or not by room (pyproject.toml)
	@$(ACTIVATE)
	mypy

docs: setup ## build the documentation's site, build/site/index.html
	@$(ACTIVATE)
	[ build/docs-env/.installed -nt docs/requirements.lock ] || bash workflow/create-environment.sh build/docs-env docs/requirements.lock
	rm -rf build/docs
	cp -r docs build/docs
	python -m workflow.configuration_page >build/docs/reference/configuration.md
	python -m workflow.interface_pages build/docs/reference/rooms
	python -m workflow.dependencies_page >build/docs/reference/dependencies.md
	NO_MKDOCS_2_WARNING=1 build/docs-env/bin/mkdocs build --strict

reproduce: setup ## make one result again and compare: make reproduce RESULT=results/runs/...
	@$(ACTIVATE)
	: "$${RESULT:?say which result: make reproduce RESULT=results/runs/rcv1/sgd.parquet}"
	python -m workflow.reproduce "$$RESULT"

doctor: ## say what this machine has and lacks, and what each lack costs
	@python=$$(command -v $(BIN)/python || command -v python3)
	"$$python" workflow/doctor.py

lock: ## make requirements.lock and environment.yml anew from pyproject.toml
	@python3 workflow/lock.py

version: ## print the version
	@sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml

clean: ## remove the results (not the environment, nor the downloads)
	@rm -rf results logs
