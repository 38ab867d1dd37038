"""The ARN on which an operation acts, from its parameters.

Source: "Actions, resources, and condition keys" of each service in AWS's service authorization
reference. Of services that are not named here, and of operations without such a parameter, the
resource is not known: it is "*", which only a policy for every resource allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from localaws.iam.operations import Operation
from localaws.json_object import JsonObject

Derive = Callable[[str, str, str, JsonObject], str]  # prefix, account, operation, parameters

# By service: parameter, and what precedes its value in the ARN.
NAMED = {
    "cloudwatch": {
        "AlarmName": "alarm:",
        "AlarmNames": "alarm:",
        "DashboardName": "dashboard/",
        "DashboardNames": "dashboard/",
    },
    "ecr": {"repositoryName": "repository/"},
    "events": {"EventBusName": "event-bus/"},
    "sns": {"Name": ""},
    "sqs": {"QueueName": ""},
    "states": {"name": "stateMachine:"},
}
# Parameters that hold a whole ARN, in the order in which they count.
ARNS = (
    "TopicArn",
    "TargetArn",
    "executionArn",
    "stateMachineArn",
    "stateMachineVersionArn",
    "stateMachineAliasArn",
    "activityArn",
    "mapRunArn",
    "ResourceArn",
    "resourceArn",
    "ResourceARN",
    "PolicyArn",
)
GLOBAL = {"iam", "sts"}
VERBS = re.compile(r"^(Add|Create|Delete|Describe|Get|Invoke|List|Put|Start|Stop|Update)")


def resource_arn(operation: Operation, prefix: str, account: str) -> str:
    """`prefix` is that of the action, such as states."""
    parameters = operation.parameters
    region = "" if prefix in GLOBAL else operation.region
    start = f"arn:aws:{prefix}:{region}:{account}:"
    derive = DERIVED.get(prefix)
    resource = derive(start, account, operation.name, parameters) if derive else ""
    return resource or _given_arn(parameters) or _named(start, prefix, parameters) or "*"


def _given_arn(parameters: JsonObject) -> str:
    for name in ARNS:
        value = parameters.get(name)
        if isinstance(value, str) and value.startswith("arn:"):
            return value
    return ""


def _named(start: str, prefix: str, parameters: JsonObject) -> str:
    for name, kind in NAMED.get(prefix, {}).items():
        value = _single(name, parameters)
        if isinstance(value, str):
            return value if value.startswith("arn:") else f"{start}{kind}{value}"
    return ""


def _single(name: str, parameters: JsonObject) -> object:
    """The value of a parameter, or the only one of its list; of several, none is the resource."""
    value = parameters.get(name)
    if isinstance(value, list):
        return value[0] if len(value) == 1 else None
    if f"{name}.member.2" in parameters:
        return None
    return value or parameters.get(f"{name}.member.1")  # as forms number them


def _function(start: str, _account: str, _name: str, parameters: JsonObject) -> str:
    name = str(parameters.get("FunctionName", ""))
    if name.startswith("arn:"):
        return name
    qualifier = parameters.get("Qualifier")
    suffix = f":{qualifier}" if qualifier and ":" not in name else ""
    return f"{start}function:{name}{suffix}" if name else ""


def _sagemaker(start: str, _account: str, name: str, parameters: JsonObject) -> str:
    """CreateTrainingJob with TrainingJobName: training-job/…; SageMaker's ARNs are lower-case."""
    thing = VERBS.sub("", name)
    value = parameters.get(f"{thing}Name") or parameters.get(f"{thing}Arn")
    if name == "CreateModelPackage" and not value:  # its number is not known yet
        value = f"{parameters.get('ModelPackageGroupName', '')}/*"
    if not isinstance(value, str):
        return ""
    if value.startswith("arn:"):
        return value
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", thing).lower()
    return f"{start}{kind}/{value.lower()}"


def _queue(start: str, account: str, _name: str, parameters: JsonObject) -> str:
    url = str(parameters.get("QueueUrl", ""))
    *_, owner, name = ["", "", *url.split("/")]
    return start.replace(account, owner) + name if owner.isdigit() else ""


def _log(start: str, _account: str, name: str, parameters: JsonObject) -> str:
    """A log group's ARN ends in ":*" in policies; what follows it is the stream, if any."""
    group = parameters.get("logGroupName") or parameters.get("logGroupIdentifier")
    if not isinstance(group, str) or name.startswith(("DescribeLogGroups", "CreateLogDelivery")):
        return ""
    group = group if group.startswith("arn:") else f"{start}log-group:{group}"
    return f"{group.removesuffix(':*')}:log-stream:{parameters.get('logStreamName', '')}"


def _rule(start: str, _account: str, name: str, parameters: JsonObject) -> str:
    if name.endswith("EventBus") and "Name" in parameters:
        return f"{start}event-bus/{parameters['Name']}"
    if "Rule" not in name and "Target" not in name:
        return ""
    rule = parameters.get("Name") if "Rule" in name else parameters.get("Rule")
    rule = rule or parameters.get("Rule")
    bus = str(parameters.get("EventBusName") or "default").rpartition("/")[2]
    path = rule if bus == "default" else f"{bus}/{rule}"
    return f"{start}rule/{path}" if rule else ""


def _identity(start: str, _account: str, _name: str, parameters: JsonObject) -> str:
    path = parameters.get("Path") or "/"
    for parameter, kind in (("RoleName", "role"), ("UserName", "user"), ("GroupName", "group")):
        if parameter in parameters:
            return f"{start}{kind}{path}{parameters[parameter]}"
    return ""


def _schedule(start: str, _account: str, name: str, parameters: JsonObject) -> str:
    group = parameters.get("GroupName") or "default"
    if "Name" not in parameters or name.endswith("Group"):
        return ""
    return f"{start}schedule/{group}/{parameters['Name']}"


def _assumed(_start: str, _account: str, _name: str, parameters: JsonObject) -> str:
    return str(parameters.get("RoleArn", ""))


DERIVED: dict[str, Derive] = {
    "events": _rule,
    "iam": _identity,
    "lambda": _function,
    "logs": _log,
    "sagemaker": _sagemaker,
    "scheduler": _schedule,
    "sqs": _queue,
    "sts": _assumed,
}
