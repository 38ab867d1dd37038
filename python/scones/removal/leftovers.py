"""What an account still holds of one environment: found by name in each service, and by tag in all of them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from scones.removal import arns

# All jobs of a kind share one log group.
TRAINING_LOGS, PROCESSING_LOGS = "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs"
JOB_LOGS = {"training log streams": TRAINING_LOGS, "processing log streams": PROCESSING_LOGS}
GROUP_FOLDERS = ("/aws/lambda/", "/aws/vendedlogs/states/", "/aws/sagemaker/Endpoints/")
TAGGED = "other tagged resources"
SHOWN = 20
PATIENCE = 15.0
PAUSE = 3.0

Client = Callable[[str], Any]
LookUp = Callable[[Client, str], Iterator[str]]


@dataclass(frozen=True)
class Inventory:
    """Names by kind ("buckets", "roles", …); `unseen` are the kinds that could not be looked for, with the reasons."""

    things: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unseen: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.things.values())

    def of(self, kind: str) -> frozenset[str]:
        return self.things.get(kind, frozenset())

    def without(self, kind: str, names: Collection[str]) -> Inventory:
        return Inventory({**self.things, kind: self.of(kind).difference(names)}, self.unseen)

    def counts(self) -> str:
        """Such as "2 buckets, 1 role"."""
        return ", ".join(
            f"{len(names)} {kind if len(names) > 1 else singular(kind)}"
            for kind, names in self._filled()
        )

    def lines(self) -> list[str]:
        """A line for each kind, with the first names."""
        return [f"  {kind}: {_enumerated(sorted(names))}" for kind, names in self._filled()]

    def _filled(self) -> list[tuple[str, frozenset[str]]]:
        return [(kind, names) for kind, names in self.things.items() if names]


@dataclass(frozen=True)
class Listing:
    """Names from a paged listing: `names` is their JMESPath in a page, `narrowed` the field that asks for fewer."""

    service: str
    operation: str
    names: str
    narrowed: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, client: Client, prefix: str) -> Iterator[str]:
        narrowing = {self.narrowed: prefix} if self.narrowed else {}
        pages = (
            client(self.service)
            .get_paginator(self.operation)
            .paginate(**self.arguments, **narrowing)
        )
        # A server may know of no narrowing, or take `prefix` anywhere in a name.
        return (name for name in pages.search(self.names) if name and name.startswith(prefix))


def find(client: Client, prefix: str, tags: Mapping[str, str]) -> Inventory:
    """Everything whose name begins with `prefix` and a hyphen, and everything else that carries all of `tags`.

    The tagging service lists what is gone for a while. So where a resource is of a kind that is looked for by name, the
    look-up by name decides.
    """
    things: dict[str, frozenset[str]] = {}
    unseen: dict[str, str] = {}
    look_ups: Mapping[str, LookUp] = {**LOOKUPS, TAGGED: partial(_otherwise_tagged, tags=tags)}
    for kind, look_up in look_ups.items():
        try:
            things[kind] = frozenset(look_up(client, f"{prefix}-"))
        except ClientError as error:
            unseen[kind] = (
                f"{error.response['Error']['Code']}: {error.response['Error'].get('Message', '')}"
            )
    return Inventory(things, unseen)


def tagged(client: Client, tags: Mapping[str, str]) -> Iterator[str]:
    """ARNs of what carries all of `tags`, or did so until a while ago."""
    filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    pages = (
        client("resourcegroupstaggingapi")
        .get_paginator("get_resources")
        .paginate(TagFilters=filters)
    )
    return iter(pages.search("ResourceTagMappingList[].ResourceARN"))


def settled(
    look: Callable[[], Inventory], patience: float = PATIENCE, pause: float = PAUSE
) -> Inventory:
    """What is left once it has had time to go: some services go on listing a thing for seconds after its deletion."""
    deadline = time.monotonic() + patience
    while (found := look()) and time.monotonic() + pause < deadline:
        time.sleep(pause)
    return found


def singular(kind: str) -> str:
    """Of a kind's name: "queues" → "queue", "event buses" → "event bus"."""
    return re.sub(r"(?<=us)es$|s$", "", kind)


def _enumerated(names: Sequence[str]) -> str:
    more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ", ".join([*names[:SHOWN], *more])


def _log_groups(client: Client, prefix: str) -> Iterator[str]:
    for folder in GROUP_FOLDERS:
        yield from Listing(
            "logs", "describe_log_groups", "logGroups[].logGroupName", "logGroupNamePrefix"
        )(client, folder + prefix)


def _job_logs(client: Client, prefix: str, group: str) -> Iterator[str]:
    arguments = {"logGroupName": group}
    look_up = Listing(
        "logs",
        "describe_log_streams",
        "logStreams[].logStreamName",
        "logStreamNamePrefix",
        arguments,
    )
    try:
        yield from look_up(client, prefix)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


def _event_buses(client: Client, prefix: str) -> Iterator[str]:
    following: dict[str, str] = {}
    while True:  # boto3 has no paginator for it
        page = client("events").list_event_buses(NamePrefix=prefix, **following)
        yield from (bus["Name"] for bus in page["EventBuses"])
        if not page.get("NextToken"):
            return
        following = {"NextToken": page["NextToken"]}


def _rules(client: Client, prefix: str) -> Iterator[str]:
    for bus in ("default", *_event_buses(client, prefix)):
        yield from Listing(
            "events", "list_rules", "Rules[].Name", "NamePrefix", {"EventBusName": bus}
        )(client, prefix)


def _topics(client: Client, prefix: str) -> Iterator[str]:
    arns = client("sns").get_paginator("list_topics").paginate().search("Topics[].TopicArn")
    names = (arn.rsplit(":", 1)[1] for arn in arns if arn)
    return (name for name in names if name.startswith(prefix))


def _queues(client: Client, prefix: str) -> Iterator[str]:
    for page in client("sqs").get_paginator("list_queues").paginate(QueueNamePrefix=prefix):
        yield from (url.rsplit("/", 1)[1] for url in page.get("QueueUrls", []))


def _otherwise_tagged(client: Client, prefix: str, tags: Mapping[str, str]) -> Iterator[str]:
    return (arn for arn in tagged(client, tags) if not _looked_for_by_name(arn, prefix))


def _looked_for_by_name(arn: str, prefix: str) -> bool:
    """Whether LOOKUPS would list the resource if it existed."""
    kind, name = arns.named(arn) or ("", "")
    starts = [folder + prefix for folder in GROUP_FOLDERS] if kind == "log groups" else [prefix]
    return name.startswith(tuple(starts))


LOOKUPS: Mapping[str, LookUp] = {
    "buckets": Listing("s3", "list_buckets", "Buckets[].Name", "Prefix"),
    "roles": Listing("iam", "list_roles", "Roles[].RoleName"),
    "functions": Listing("lambda", "list_functions", "Functions[].FunctionName"),
    "log groups": _log_groups,
    **{kind: partial(_job_logs, group=group) for kind, group in JOB_LOGS.items()},
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
        {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
    ),
    "dashboards": Listing(
        "cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName", "DashboardNamePrefix"
    ),
    "topics": _topics,
    "queues": _queues,
    "event buses": _event_buses,
    "rules": _rules,
    "schedules": Listing("scheduler", "list_schedules", "Schedules[].Name", "NamePrefix"),
}
