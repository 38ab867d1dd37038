"""What an account still holds of one target: found by name in each service, and by tag in all."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from scones import waits
from scones.aws import call_or_none
from scones.json_object import JsonObject
from scones.removal.arns import kind_and_name
from scones.waits import Wait

# All jobs of a kind share one log group.
TRAINING_LOGS = "/aws/sagemaker/TrainingJobs"
PROCESSING_LOGS = "/aws/sagemaker/ProcessingJobs"
JOB_LOGS = {"training log streams": TRAINING_LOGS, "processing log streams": PROCESSING_LOGS}
GROUP_FOLDERS = ("/aws/lambda/", "/aws/vendedlogs/states/", "/aws/sagemaker/Endpoints/")
TAGGED = "other tagged resources"
SHOWN = 20

Client = Callable[[str], Any]
LookUp = Callable[[Client, str], Iterable[str]]


@dataclass(frozen=True)
class Inventory:
    """Names by kind ("buckets", "roles", …).

    `unlisted` holds the kinds that could not be listed, with the reasons.
    """

    resources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unlisted: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.resources.values())

    def of(self, kind: str) -> frozenset[str]:
        return self.resources.get(kind, frozenset())

    def without(self, names: Collection[str]) -> Inventory:
        remaining = {kind: found.difference(names) for kind, found in self.resources.items()}
        return Inventory(remaining, self.unlisted)

    def counts(self) -> str:
        """Return a summary such as "2 buckets, 1 role"."""
        counts = []
        for kind, names in self.resources.items():
            if names:
                counts.append(f"{len(names)} {kind if len(names) > 1 else singular(kind)}")
        return ", ".join(counts)

    def lines(self) -> list[str]:
        """Return a line for each kind, with the first names."""
        return [
            f"  {kind}: {_enumerate_names(sorted(names))}"
            for kind, names in self.resources.items()
            if names
        ]


@dataclass(frozen=True)
class Listing:
    """Look up names in a paged listing.

    Attributes:
        path: the JMESPath of the names in a page.
        prefix_parameter: the parameter that narrows the listing to a prefix, where it has one.
        separator: what precedes the name, where the listing holds ARNs or URLs.
    """

    service: str
    operation: str
    path: str
    prefix_parameter: str | None = None
    separator: str | None = None
    arguments: JsonObject = field(default_factory=dict)

    def __call__(self, client: Client, prefix: str) -> Iterator[str]:
        arguments = dict(self.arguments)
        if self.prefix_parameter:
            arguments[self.prefix_parameter] = prefix
        paginator = client(self.service).get_paginator(self.operation)
        for entry in paginator.paginate(**arguments).search(self.path):
            if entry is None:
                continue
            name = entry.rsplit(self.separator, 1)[1] if self.separator else entry
            # A service may ignore the parameter, or match `prefix` anywhere in a name.
            if name.startswith(prefix):
                yield name


def find(client: Client, prefix: str, tags: Mapping[str, str]) -> Inventory:
    """Return what has a name that begins with `prefix` and a hyphen, or carries all of `tags`.

    The tagging service lists deleted resources for a while. So the look-up by name decides for the
    kinds of resource that have one.
    """
    resources: dict[str, frozenset[str]] = {}
    unlisted: dict[str, str] = {}
    look_ups: Mapping[str, LookUp] = {
        **LOOK_UPS,
        TAGGED: partial(_find_tagged_otherwise, tags=tags),
    }
    for kind, look_up in look_ups.items():
        try:
            resources[kind] = frozenset(look_up(client, f"{prefix}-"))
        except ClientError as error:
            unlisted[kind] = str(error)
    return Inventory(resources, unlisted)


def find_tagged(client: Client, tags: Mapping[str, str]) -> Iterator[str]:
    """Return the ARNs of what carries all of `tags`, or did so until a while ago."""
    filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    paginator = client("resourcegroupstaggingapi").get_paginator("get_resources")
    pages = paginator.paginate(TagFilters=filters)
    return iter(pages.search("ResourceTagMappingList[].ResourceARN"))


def wait_until_gone(
    look: Callable[[], Inventory],
    find_deleting: Callable[[Inventory], Inventory],
    lists_catch_up: Wait = waits.LISTS_CATCH_UP,
    deletions_end: Wait = waits.DELETIONS_END,
) -> Inventory:
    """Return what is left after a while, which is longer while some of it is being deleted."""
    inventory = Inventory()
    for _ in lists_catch_up.looks():
        inventory = look()
        if not inventory:
            return inventory
    for _ in deletions_end.looks():
        if not find_deleting(inventory):
            break
        inventory = look()
    return inventory


def singular(kind: str) -> str:
    """Return the singular of a kind: "queues" → "queue", "event buses" → "event bus"."""
    return re.sub(r"(?<=us)es$|s$", "", kind)


def _enumerate_names(names: Sequence[str]) -> str:
    more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ", ".join([*names[:SHOWN], *more])


def _find_log_groups(client: Client, prefix: str) -> Iterator[str]:
    listing = Listing(
        "logs", "describe_log_groups", "logGroups[].logGroupName", "logGroupNamePrefix"
    )
    for folder in GROUP_FOLDERS:
        yield from listing(client, folder + prefix)


def _find_job_logs(client: Client, prefix: str, group: str) -> list[str]:
    listing = Listing(
        "logs",
        "describe_log_streams",
        "logStreams[].logStreamName",
        "logStreamNamePrefix",
        arguments={"logGroupName": group},
    )
    absent = {"ResourceNotFoundException"}
    return call_or_none(lambda: list(listing(client, prefix)), absent) or []


def _find_event_buses(client: Client, prefix: str) -> Iterator[str]:
    request = {"NamePrefix": prefix}
    while True:  # boto3 has no paginator for it
        page = client("events").list_event_buses(**request)
        yield from (bus["Name"] for bus in page["EventBuses"])
        if not page.get("NextToken"):
            return
        request["NextToken"] = page["NextToken"]


def _find_rules(client: Client, prefix: str) -> Iterator[str]:
    for bus in ("default", *_find_event_buses(client, prefix)):
        arguments = {"EventBusName": bus}
        listing = Listing("events", "list_rules", "Rules[].Name", "NamePrefix", arguments=arguments)
        yield from listing(client, prefix)


def _find_tagged_otherwise(client: Client, prefix: str, tags: Mapping[str, str]) -> Iterator[str]:
    """Yield the ARNs of tagged resources that LOOK_UPS would not list if they existed."""
    for arn in find_tagged(client, tags):
        kind, name = kind_and_name(arn) or ("", "")
        folders = GROUP_FOLDERS if kind == "log groups" else ("",)
        if not any(name.startswith(folder + prefix) for folder in folders):
            yield arn


LOOK_UPS: Mapping[str, LookUp] = {
    "buckets": Listing("s3", "list_buckets", "Buckets[].Name", "Prefix"),
    "roles": Listing("iam", "list_roles", "Roles[].RoleName"),
    "functions": Listing("lambda", "list_functions", "Functions[].FunctionName"),
    "log groups": _find_log_groups,
    **{kind: partial(_find_job_logs, group=group) for kind, group in JOB_LOGS.items()},
    "state machines": Listing("stepfunctions", "list_state_machines", "stateMachines[].name"),
    "endpoints": Listing("sagemaker", "list_endpoints", "Endpoints[].EndpointName", "NameContains"),
    "endpoint configurations": Listing(
        "sagemaker", "list_endpoint_configs", "EndpointConfigs[].EndpointConfigName", "NameContains"
    ),
    "models": Listing("sagemaker", "list_models", "Models[].ModelName", "NameContains"),
    "model package groups": Listing(
        "sagemaker",
        "list_model_package_groups",
        "ModelPackageGroupSummaryList[].ModelPackageGroupName",
        "NameContains",
    ),
    "training jobs": Listing(
        "sagemaker", "list_training_jobs", "TrainingJobSummaries[].TrainingJobName", "NameContains"
    ),
    "processing jobs": Listing(
        "sagemaker",
        "list_processing_jobs",
        "ProcessingJobSummaries[].ProcessingJobName",
        "NameContains",
    ),
    "alarms": Listing(
        "cloudwatch",
        "describe_alarms",
        "[MetricAlarms[].AlarmName, CompositeAlarms[].AlarmName][]",
        "AlarmNamePrefix",
        arguments={"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
    ),
    "dashboards": Listing(
        "cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName", "DashboardNamePrefix"
    ),
    "topics": Listing("sns", "list_topics", "Topics[].TopicArn", separator=":"),
    "queues": Listing("sqs", "list_queues", "QueueUrls[]", "QueueNamePrefix", separator="/"),
    "event buses": _find_event_buses,
    "rules": _find_rules,
    "schedules": Listing("scheduler", "list_schedules", "Schedules[].Name", "NamePrefix"),
}
