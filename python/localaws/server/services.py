"""The modules that turn moto's server into the local AWS."""

from __future__ import annotations

import importlib
from contextlib import ExitStack

from localaws.persistence.account_file import AccountFile
from localaws.server.patching import Account

# Importing one of these patches moto.
PATCHES = [
    "gaps.application_auto_scaling",
    "gaps.eventbridge",
    "gaps.iam",
    "gaps.lambda_functions",
    "gaps.s3",
    "gaps.sagemaker",
    "gaps.sqs",
    "functions.execution_role",
    "sagemaker.models",
    "sagemaker.records",
    "server.repetition",
    "server.validation",
    "cloudwatch.alarms",
    "cloudwatch.filters",
    "cloudwatch.metrics",
    "events.rules",
    "stepfunctions.aborts",
    "stepfunctions.activities",
    "stepfunctions.api_errors",
    "stepfunctions.callbacks",
    "stepfunctions.cancellations",
    "stepfunctions.choices",
    "stepfunctions.descriptions",
    "stepfunctions.distributed_map.map_run",
    "stepfunctions.distributed_map.settings",
    "stepfunctions.definitions",  # after the settings: it remembers what is parsed
    "stepfunctions.endings",
    "stepfunctions.error_names",
    "stepfunctions.event_entries",
    "stepfunctions.execution_logs",
    "stepfunctions.execution_names",
    "stepfunctions.execution_role",  # after map_run, whose maps run under the role, too
    "stepfunctions.express",
    "stepfunctions.executions",  # after "express": it gives executions their names
    "stepfunctions.failures",
    "stepfunctions.intrinsic_arguments",
    "stepfunctions.intrinsics",
    "stepfunctions.json_path_results",
    "stepfunctions.json_paths",
    "stepfunctions.json_text",
    "stepfunctions.lambda_failures",
    "stepfunctions.lambda_tasks",
    "stepfunctions.logging_settings",
    "stepfunctions.redrives",
    "stepfunctions.revisions",
    "stepfunctions.sagemaker_jobs",
    "stepfunctions.service_shapes",
    "stepfunctions.state_evaluation",
    "stepfunctions.sqs_tasks",
    "stepfunctions.status_changes",
    "stepfunctions.task_limits",
    "stepfunctions.timestamps",
    "stepfunctions.versions",
]
# `install(file)` of these restores the account and keeps the file up to date.
PERSISTENCE = [
    "persistence.services",  # the first: the others restore what these hold
    "persistence.s3",
    "persistence.sqs",
    "persistence.executions",
]
# `install(account)` of these starts what runs beside the requests; it may return what ends it.
SERVICES = [
    "events.service_events",
    "server.later",
    "cloudwatch.watch",
    "stepfunctions.integrations",
    "stepfunctions.lambda_tasks",
    "functions.service",
    "functions.states",
    "gaps.bucket_names",
    "sagemaker.records",
    "sagemaker.training",
    "sagemaker.endpoints",
]


def install(account: Account, file: AccountFile, closers: ExitStack) -> None:
    """Patch moto, restore the account and start every service; `closers` end them in reverse."""
    for name in PATCHES:
        importlib.import_module(f"localaws.{name}")
    for name in PERSISTENCE:
        close = importlib.import_module(f"localaws.{name}").install(file)
        if close:
            closers.callback(close)
    for name in SERVICES:
        close = importlib.import_module(f"localaws.{name}").install(account)
        if close:
            closers.callback(close)
