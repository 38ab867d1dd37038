# Scones Unlimited: route each driver by an image of the vehicle. `make` alone lists the verbs.
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash

# What a verb may be given. The values are data: make takes each as it is written, without expanding it, and recipes
# read it from the environment.
given := ALGORITHM CAPTURE CLASSES CONTAINERS DRIFT EPOCHS EXECUTION FOR FORCE IMAGE IMAGES JOB LIMIT MODEL \
	ONLY OUT PORT PYTHON RATE RECORDS RETRAIN SEED SEEDS SHA256 SINCE SOURCE STRENGTH TARGET THREADS TORCH_INDEX \
	UNTIL VENV WINDOWS WORKERS
given := $(foreach name,$(given),$(if $(filter command% environment%,$(origin $(name))),$(name)))
$(foreach name,$(given),$(eval override $(name) := $$(value $(name))))

override TARGET := $(or $(TARGET),local)
override VENV := $(or $(VENV),.venv)
# The only value that recipes contain.
odd := $(strip $(foreach character,' " $$ ` \ ; & | < > * ? [ { ~,$(findstring $(character),$(VENV))))
ifneq ($(words $(VENV)) $(odd),1 )
$(error VENV=$(VENV) is not a plain path. Name a folder without spaces and special characters)
endif
default_source := $(if $(filter local,$(TARGET)),sample,cifar100)

python := $(VENV)/bin/python
ready := $(VENV)/ready-local
ready_check := $(VENV)/ready-check
state := build/local/aws

# The checkout's own sources, also where a virtual environment is shared between checkouts.
PYTHONPATH := $(CURDIR)/python
# The folder in which `make -C` was called.
CALLED_FROM := $(or $(value PWD),$(CURDIR))
export PYTHONPATH CALLED_FROM $(given)

# The local AWS is reached through environment variables alone: `localaws start` finds or starts it and prints them.
ifeq ($(TARGET),local)
account := exports=$$($(python) -m localaws start --state $(state) --exports) && eval "$$exports" &&
endif
run = @$(2) $(python) -m $(1)
scones = $(call run,scones $(1) --target="$${TARGET:-local}",$(account))

# A variable as an option of a verb, such as $(call option,image,IMAGE); several words as several values.
option = $${$(2):+--$(1)="$$$(2)"}
options = $${$(2):+--$(1) $$$(2)}
# A switch: any value but 0 sets it.
flag = $${$(2):+$$([[ $$$(2) = 0 ]] || echo --$(1))}
# The same for a file or folder. If the folder in which `make -C` was called has it, it is meant.
path = $${$(2):+--$(1)="$$([[ $$$(2) != /* && $$CALLED_FROM != "$$PWD" && -e $$CALLED_FROM/$$$(2) ]] && \
	printf '%s/' "$$CALLED_FROM")$$$(2)"}
new_path = $${$(2):+--$(1)="$$([[ $$$(2) = /* ]] || printf '%s/' "$$CALLED_FROM")$$$(2)"}
source = $(if $(filter-out sample cifar100,$(SOURCE)),$(call path,source,SOURCE),--source="$${SOURCE:-$(default_source)}")

# A line `## …` before a target holds its variables; `##@ …` begins a group.
.PHONY: help
help:
	@awk 'BEGIN {print "make stage train apply   the main job, on a local AWS: no account, no Docker"} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^## / {variables = variables sprintf("%16s%s\n", "", substr($$0, 4))} \
		/^[a-z-]+:.*## / {name = $$0; sub(/:.*/, "", name); sub(/.*## /, ""); \
			printf "  %-13s %s\n%s", name, $$0, variables; variables = ""} \
		END {print "\nTARGET=dev or TARGET=prod means a real AWS account; see terraform/targets/."; \
			print "An expected error is one sentence with its remedy and status 1 of the verb;"; \
			print "make adds a line \"*** … Error 1\" of its own and ends with status 2."; \
			print "\"$(VENV)/bin/scones VERB --help\" explains a verb."}' $(firstword $(MAKEFILE_LIST)) || :

##@ Start

.PHONY: stage
## SOURCE=sample|cifar100|path|URL [SHA256=…]
stage: $(ready)  ## Put the images into S3
	$(call scones,stage) $(source) $(call option,sha256,SHA256)

.PHONY: train
## [SOURCE=…] stages its images first; [RETRAIN=1] [FORCE=1]
## [JOB=name] [ALGORITHM=image-classification]
train: $(ready) $(if $(SOURCE),stage)  ## Run one training job and hand its model over to Terraform
	$(call scones,train) $(call option,job,JOB) $(call option,algorithm,ALGORITHM) \
		$(call flag,retrain,RETRAIN) $(call flag,force,FORCE)

.PHONY: verify
verify: $(ready)  ## Ask whether an apply can succeed, and create nothing
	$(call scones,verify)

.PHONY: plan
plan: $(ready)  ## Show what apply would change, and save the plan
	$(call scones,plan)

.PHONY: apply
apply: $(ready)  ## Apply the plan and check that the endpoint serves the model
	$(call scones,apply)

##@ Use

.PHONY: classify
## IMAGE=path-or-s3-url
classify: $(ready)  ## Send one image through the workflow
	$(call scones,classify) $(call path,image,IMAGE)

.PHONY: evaluate
## [LIMIT=n]
evaluate: $(ready)  ## Measure the workflow's answers on the staged test images
	$(call scones,evaluate) $(call option,limit,LIMIT)

.PHONY: simulate
## [RATE=5] [FOR=60] [CLASSES=bicycle=0.7,motorcycle=0.3]
## [DRIFT=dark|blur|noise|shift-classes|new-objects]
## [STRENGTH=…] [SEED=…]
simulate: $(ready)  ## Send simulated driver traffic
	$(call scones,simulate) $(call option,rate,RATE) $(call option,for,FOR) $(call option,classes,CLASSES) \
		$(call option,drift,DRIFT) $(call option,strength,STRENGTH) $(call option,seed,SEED)

.PHONY: review
## [PORT=0]
review: $(ready)  ## Label the images of the review queue on a local web page
	$(call scones,review) $(call option,port,PORT)

##@ Watch

# Captures in a folder of this machine need no account.
.PHONY: report
## [SINCE=24h] [UNTIL=…] [CAPTURE=folder|s3://prefix]
report: $(ready)  ## Report on captured traffic
	$(call run,scones report --target="$${TARGET:-local}",$(if $(filter-out s3://%,$(CAPTURE)),,$(account))) \
		$(call option,since,SINCE) $(call option,until,UNTIL) $(call path,capture,CAPTURE)

.PHONY: drift
## [SINCE=24h] [UNTIL=…] [IMAGES=n]
drift: $(ready)  ## Compare captured images with those the model was measured on
	$(call scones,drift) $(call option,since,SINCE) $(call option,until,UNTIL) $(call option,images,IMAGES)

.PHONY: alarms
alarms: $(ready)  ## Show the alarms: state, since when, why, and what to do
	$(call scones,alarms)

.PHONY: redrive
## EXECUTION=arn, or SINCE=24h [UNTIL=…]
redrive: $(ready)  ## Redrive failed executions, each once
	$(call scones,redrive) $(call option,execution,EXECUTION) $(call option,since,SINCE) \
		$(call option,until,UNTIL)

# Without an execution, no account is needed.
.PHONY: graph
## [EXECUTION=arn] marks the path of an execution
graph: $(ready)  ## Draw the state machine as SVG and Mermaid
	$(call run,scones graph --target="$${TARGET:-local}",$(if $(EXECUTION),$(account))) $(call option,execution,EXECUTION)

.PHONY: models
models: $(ready)  ## List the trained models: metrics, gate, which one is live
	$(call scones,models)

.PHONY: promote
## MODEL=name [FORCE=1]
promote: $(ready)  ## Hand an earlier model over again
	$(call scones,promote) $(call option,model,MODEL) $(call flag,force,FORCE)

##@ Account

.PHONY: local-status
local-status: $(ready)  ## Print the lines that lead the aws CLI to the local AWS
	$(call run,localaws status --state $(state))

.PHONY: local-stop
local-stop: $(ready)  ## Stop the local AWS; its account stays on disk
	$(call run,localaws stop --state $(state))

.PHONY: destroy
destroy: $(ready)  ## Remove everything, then search for leftovers
	$(call scones,destroy)

##@ Develop

.PHONY: setup
## [PYTHON=python3.12] [VENV=.venv] [TORCH_INDEX=url]
setup: $(ready)  ## Install the Python packages (the other verbs do it, too)

$(VENV)/ready-%: pyproject.toml constraints.txt
	@"$${PYTHON:-python3}" -c 'import sys; sys.exit(11 * (sys.version_info < (3, 11)))' 2>/dev/null; case $$? in \
		0) ;; \
		11) echo "Error: $${PYTHON:-python3} is older than 3.11. Name a newer one: make setup PYTHON=python3.12" >&2; exit 1;; \
		*) echo "Error: There is no $${PYTHON:-python3}. Install Python 3.11 or newer, or name one:" \
			"make setup PYTHON=/path/to/python3.12" >&2; exit 1;; \
	esac
	@"$${PYTHON:-python3}" -m installation --venv $(VENV) --extra $*

$(ready_check): $(ready)

.PHONY: format
format: $(ready_check)  ## Format Python and Terraform files
	$(VENV)/bin/ruff check --quiet --fix --select I,F401 .
	$(VENV)/bin/ruff format .
	terraform fmt -recursive terraform

.PHONY: lint
lint: $(ready_check)  ## Check style and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

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
constraints: $(ready_check)  ## Pin the newest version of every package in constraints.txt
	@mkdir -p build
	@set -o pipefail; { grep '^#' constraints.txt; $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 \
		--extra check --extra conformance --no-header --no-annotate pyproject.toml | \
		grep -Ev '^(nvidia-|cuda-|(triton|pip|setuptools)==)'; } > build/constraints.txt && mv build/constraints.txt constraints.txt

$(VENV)/ready-conformance: $(ready_check)

.PHONY: conformance
## [CONTAINERS=checkout of aws/deep-learning-containers]
conformance: $(VENV)/ready-conformance  ## Try script, artifact and requests in AWS's own toolkits
	$(python) -m pytest -q tests/conformance tests/unit/scones/training/test_request.py tests/unit/scones/training/test_image_uris.py

.PHONY: bench-clone
## [INSTALLED=1] uses this checkout's packages
bench-clone: $(ready)  ## Measure every step from a fresh clone
	$(call run,bench.fresh_clone) $(if $(INSTALLED),--installed)

.PHONY: bench-train
## [SOURCE=…] [SEEDS="0 1 2"] [THREADS=2] [ONLY=…]
bench-train: $(ready)  ## Measure trainings beside a baseline
	$(call run,bench.training) $(source) $(call options,seeds,SEEDS) $(call option,threads,THREADS) \
		$(call options,only,ONLY)

.PHONY: bench-report
## [RECORDS=n]
bench-report: $(ready)  ## Measure a report on 100,000 captured records
	$(call run,bench.report) $(call option,records,RECORDS)

.PHONY: bench-drift
## [SOURCE=…] [EPOCHS=n] [WINDOWS=1000] [OUT=folder]
bench-drift: $(ready)  ## Measure the drift monitor's false alarms and what it detects
	$(call run,bench.drift) $(source) $(call option,epochs,EPOCHS) $(call option,windows,WINDOWS) \
		$(call new_path,out,OUT)

.PHONY: crossval
## [SOURCE=…] [SEEDS=0] [WORKERS=1] [EPOCHS=n] [OUT=folder]
crossval: $(ready)  ## Cross-validate the training without the test images
	$(call run,bench.crossval) $(source) $(call options,seeds,SEEDS) $(call option,workers,WORKERS) \
		$(call option,epochs,EPOCHS) $(call new_path,out,OUT)
