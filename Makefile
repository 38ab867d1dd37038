# Scones Unlimited: route each driver by an image of the vehicle. `make` alone lists the verbs.
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash

TARGET ?= local
PYTHON ?= python3
SOURCE ?= $(if $(filter local,$(TARGET)),sample,cifar100)

venv := .venv
python := $(venv)/bin/python
ready := $(venv)/ready-local
ready_check := $(venv)/ready-check
state := build/local/aws

# The checkout's own sources, also where a virtual environment is shared between checkouts.
export PYTHONPATH := $(CURDIR)/python

# The local AWS is reached through environment variables alone: `localaws start` finds or starts it and prints them.
ifeq ($(TARGET),local)
account := exports=$$($(python) -m localaws start --state $(state) --exports) && eval "$$exports" &&
endif
run = @$(2) $(python) -m $(1)
scones = $(call run,scones $(1) --target $(TARGET),$(account))

quote = '$(subst ','\'',$(1))'
option = $(if $(2),--$(1) $(call quote,$(2)))

.PHONY: help
help:
	@echo 'make stage train apply   the main job, on a local AWS: no account, no Docker'
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' \
		$(firstword $(MAKEFILE_LIST))
	@echo
	@echo 'TARGET=dev or TARGET=prod means a real AWS account; their settings are in terraform/targets/.'

##@ Build

.PHONY: stage
stage: $(ready)  ## Put the images into S3: SOURCE=sample|cifar100|path|URL [SHA256=…]
	$(call scones,stage) $(call option,source,$(SOURCE)) $(call option,sha256,$(SHA256))

# With a SOURCE, train stages its images first.
.PHONY: train
train: $(ready) $(if $(filter command% environment%,$(origin SOURCE)),stage)  ## Run one training job and hand its model over to Terraform: [RETRAIN=1] [FORCE=1] [JOB=name] [ALGORITHM=image-classification]
	$(call scones,train) $(call option,job,$(JOB)) $(call option,algorithm,$(ALGORITHM)) \
		$(if $(RETRAIN),--retrain) $(if $(FORCE),--force)

.PHONY: models
models: $(ready)  ## List the trained models: metrics, quality gate, which one is live
	$(call scones,models)

.PHONY: promote
promote: $(ready)  ## Hand an earlier model over again: MODEL=name [FORCE=1]
	$(call scones,promote) $(call option,model,$(MODEL)) $(if $(FORCE),--force)

.PHONY: plan
plan: $(ready)  ## Show what apply would change, and save the plan
	$(call scones,plan)

.PHONY: apply
apply: $(ready)  ## Apply the saved plan or a new one, and check that the endpoint serves the model
	$(call scones,apply)

.PHONY: destroy
destroy: $(ready)  ## Remove everything, then search for leftovers
	$(call scones,destroy)

##@ Use

.PHONY: classify
classify: $(ready)  ## Send one image through the workflow: IMAGE=path-or-s3-url
	$(call scones,classify) $(call option,image,$(IMAGE))

.PHONY: evaluate
evaluate: $(ready)  ## Send the staged test images through the workflow and measure the answers: [LIMIT=n]
	$(call scones,evaluate) $(call option,limit,$(LIMIT))

.PHONY: simulate
simulate: $(ready)  ## Send simulated driver traffic: [RATE=5] [FOR=60] [CLASSES="bicycle=0.7,…"] [DRIFT=dark|blur|…] [STRENGTH=] [SEED=]
	$(call scones,simulate) $(call option,rate,$(RATE)) $(call option,for,$(FOR)) $(call option,classes,$(CLASSES)) \
		$(call option,drift,$(DRIFT)) $(call option,strength,$(STRENGTH)) $(call option,seed,$(SEED))

.PHONY: review
review: $(ready)  ## Label the images of the review queue on a local web page: [PORT=0]
	$(call scones,review) $(call option,port,$(PORT))

##@ Operate

# Captures in a folder of this machine need no account.
.PHONY: report
report: $(ready)  ## Report on captured traffic: [SINCE=24h] [UNTIL=…] [CAPTURE=folder|s3://prefix]
	$(call run,scones report --target $(TARGET),$(if $(filter-out s3://%,$(CAPTURE)),,$(account))) \
		$(call option,since,$(SINCE)) $(call option,until,$(UNTIL)) $(call option,capture,$(CAPTURE))

# Without an execution, no account is needed.
.PHONY: graph
graph: $(ready)  ## Draw the state machine as SVG and Mermaid: [EXECUTION=arn] marks the path of an execution
	$(call run,scones graph --target $(TARGET),$(if $(EXECUTION),$(account))) $(call option,execution,$(EXECUTION))

.PHONY: drift
drift: $(ready)  ## Compare captured images with those that the live model was measured on: [SINCE=24h] [UNTIL=…] [IMAGES=n]
	$(call scones,drift) $(call option,since,$(SINCE)) $(call option,until,$(UNTIL)) $(call option,images,$(IMAGES))

.PHONY: alarms
alarms: $(ready)  ## Show the alarms: state, since when, why, and what to do
	$(call scones,alarms)

.PHONY: redrive
redrive: $(ready)  ## Redrive failed executions, each once: EXECUTION=arn, or SINCE=24h [UNTIL=…]
	$(call scones,redrive) $(call option,execution,$(EXECUTION)) $(call option,since,$(SINCE)) \
		$(call option,until,$(UNTIL))

.PHONY: local-status
local-status: $(ready)  ## Show where the local AWS is, with the lines to paste for the aws CLI and boto3
	$(call run,localaws status --state $(state))

.PHONY: local-stop
local-stop: $(ready)  ## Stop the local AWS and everything that runs in it
	$(call run,localaws stop --state $(state))

##@ Develop

.PHONY: setup
setup: $(ready)  ## Create the virtual environment (the other targets do it themselves)

$(venv)/ready-%: pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(11 * (sys.version_info < (3, 11)))' 2>/dev/null; case $$? in \
		0) ;; \
		11) echo "Error: $(PYTHON) is older than 3.11. Name a newer one: make setup PYTHON=python3.12" >&2; exit 1;; \
		*) echo "Error: There is no $(PYTHON). Install Python 3.11 or newer, or name one:" \
			"make setup PYTHON=/path/to/python3.12" >&2; exit 1;; \
	esac
	@"$(PYTHON)" -m installation --venv $(venv) --extra $*

$(ready_check): $(ready)

.PHONY: format
format: $(ready_check)  ## Format Python and Terraform files
	$(venv)/bin/ruff check --quiet --fix --select I,F401 .
	$(venv)/bin/ruff format .
	terraform fmt -recursive terraform

.PHONY: lint
lint: $(ready_check)  ## Check style and types
	$(venv)/bin/ruff check .
	$(venv)/bin/ruff format --check .
	$(venv)/bin/mypy

.PHONY: check
check: lint  ## Run lint, the Terraform checks and the unit tests
	$(call run,scones check-terraform)
	@$(MAKE) test-unit

.PHONY: test-unit
test-unit: $(ready_check)  ## Run the unit tests
	$(python) -m pytest -q tests/unit

.PHONY: test
test: $(ready_check)  ## Run every test: end to end, terraform, functional, unit
	@echo 'Collecting the tests. Running them takes minutes; a dot is a test that has passed.'
	$(python) -m pytest -q -n 4

.PHONY: constraints
constraints: $(ready_check)  ## Pin the newest version of every Python package in constraints.txt
	@mkdir -p build
	@set -o pipefail; { grep '^#' constraints.txt; $(venv)/bin/uv pip compile --quiet --universal --python-version 3.11 \
		--extra check --extra conformance --no-header --no-annotate pyproject.toml | \
		grep -Ev '^(nvidia-|cuda-|(triton|pip|setuptools)==)'; } > build/constraints.txt && mv build/constraints.txt constraints.txt

$(venv)/ready-conformance: $(ready_check)

.PHONY: conformance
conformance: $(venv)/ready-conformance  ## Try script, artifact and requests in AWS's own toolkits (installs them)
	$(python) -m pytest -q tests/conformance tests/unit/scones/training/test_request.py tests/unit/scones/training/test_image_uris.py

.PHONY: bench-train
bench-train: $(ready)  ## Measure trainings beside a baseline: [SOURCE=…] [SEEDS="0 1 2"] [THREADS=2]
	$(call run,bench.training) --source $(call quote,$(SOURCE)) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(THREADS),--threads $(THREADS)) $(if $(ONLY),--only $(ONLY))

.PHONY: bench-report
bench-report: $(ready)  ## Measure a report on 100,000 captured records: [RECORDS=n]
	$(call run,bench.report) $(call option,records,$(RECORDS))

.PHONY: bench-drift
bench-drift: $(ready)  ## Measure the drift monitor's false alarms and what it detects: [SOURCE=…] [EPOCHS=n] [WINDOWS=1000] [OUT=folder]
	$(call run,bench.drift) --source $(call quote,$(SOURCE)) $(if $(EPOCHS),--epochs $(EPOCHS)) \
		$(if $(WINDOWS),--windows $(WINDOWS)) $(call option,out,$(OUT))

.PHONY: crossval
crossval: $(ready)  ## Cross-validate the training without the test images: [SOURCE=…] [SEEDS=0] [WORKERS=1] [EPOCHS=n] [OUT=folder]
	$(call run,bench.crossval) --source $(call quote,$(SOURCE)) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(WORKERS),--workers $(WORKERS)) $(if $(EPOCHS),--epochs $(EPOCHS)) $(call option,out,$(OUT))
