"""The grants of the project's roles, what they are needed for, and the page that lists them.

A grant is one action of one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

PREFIX = "scones-local-"
ACCOUNT = "123456789012"


class Grant(NamedTuple):
    role: str
    statement: str
    action: str


SAGEMAKER_ROLES = "SageMaker developer guide, How to use SageMaker AI execution roles"
CHECKPOINTS = "SageMaker developer guide, Checkpoints in Amazon SageMaker AI"
MULTIPART = "S3 user guide, Multipart upload API and permissions"
UPLOADS_IN_PARTS = f"Ends an upload in parts that fails. {MULTIPART}"

# The only place for grants that the calls of that run may not need: why they are, and the source.
RARELY_NEEDED = {
    Grant("training", "WriteModels", "s3:AbortMultipartUpload"): UPLOADS_IN_PARTS,
    Grant("training", "WriteCheckpoints", "s3:AbortMultipartUpload"): UPLOADS_IN_PARTS,
    Grant("training", "WriteCheckpoints", "s3:DeleteObject"): (
        f"A job with several checkpoints keeps the newest; S3 follows its folder. {CHECKPOINTS}"
    ),
    Grant("training", "WriteCheckpoints", "s3:GetObject"): (
        f"A spot job that was interrupted reads its checkpoints. {CHECKPOINTS}"
    ),
    Grant("serving", "WriteLogs", "logs:PutLogEvents"): (
        f"Writes what the container prints, if anything. {SAGEMAKER_ROLES}, CreateModel"
    ),
    Grant("serving", "AccountWide", "cloudwatch:PutMetricData"): (
        f"Publishes the metrics of the endpoint's instances. {SAGEMAKER_ROLES}, CreateModel"
    ),
}

HEADER = """\
# Permissions

Every grant of `terraform/iam.tf`, one action of one statement a line, and what is denied without
it. The local AWS enforces them ([localaws.md](localaws.md)) and remembers which statement allowed
each call. `tests/e2e/main_job/test_grants.py` takes away one grant after the other from the
calls of the main job, of the functions' rare branches and of one drift measurement: each must then
deny a call, or be listed with the reason for which it is rarely needed, or on AWS only. No call of
theirs is denied with all grants in place. So none is missing and none is idle.

The page is compared with what that test finds.
"""


def granted(iam: Any) -> dict[Grant, list[str]]:
    """Every grant of the account's roles, with the resources of its statement."""
    found = {}
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        if not name.startswith(PREFIX):
            continue
        document = iam.get_role_policy(RoleName=name, PolicyName="grants")["PolicyDocument"]
        for statement in document["Statement"]:
            for action in statement["Action"]:
                grant = Grant(name.removeprefix(PREFIX), statement["Sid"], action)
                found[grant] = list(statement["Resource"])
    return found


def denied_without(grant: Grant, uses: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls that no statement allows any more once the grant is taken away."""
    return [
        use
        for use in uses
        if (use["role"].removeprefix(PREFIX), use["action"]) == (grant.role, grant.action)
        and [statement["sid"] for statement in use["statements"]] == [grant.statement]
    ]


def page(grants: Mapping[Grant, list[str]]) -> str:
    """docs/permissions.md."""
    lines = [HEADER]
    for role in sorted({grant.role for grant in grants}):
        lines += [f"## {role}", "", "| statement | action | on | without it |", "|---|---|---|---|"]
        for grant in sorted(grant for grant in grants if grant.role == role):
            reason = RARELY_NEEDED.get(grant)
            effect = reason or "denied"
            resources = "<br>".join(f"`{shorten(arn)}`" for arn in grants[grant])
            lines.append(f"| {grant.statement} | `{grant.action}` | {resources} | {effect} |")
        lines.append("")
    return "\n".join(lines)


def shorten(arn: str) -> str:
    """Without partition, service, region and account, and without the prefix of all names."""
    name = arn.split(":", 5)[-1]
    return name.replace(PREFIX, "").replace(f"-{ACCOUNT}", "")
