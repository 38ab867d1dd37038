"""Whether the caller may do what plan and apply do, by IAM's policy simulator.

caller_actions.json has what the verbs ask of AWS, by the part of the work and the resource. A test
compares it with the calls of the main job.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scones.aws import Account, call_with_retries
from scones.settings import Target
from scones.verification.finding import Finding, ask, ok, problem, unknown

ACTIONS = Path(__file__).with_name("caller_actions.json")
LISTED = 5  # denied actions that the table names


@dataclass(frozen=True)
class Need:
    """Actions on the same resource, with placeholders for account, region and environment."""

    resource: str
    actions: Sequence[str]


def check(target: Target, account: Account) -> list[Finding]:
    findings = []
    for part, needs in read().items():
        name = f"permissions to {part}"
        findings += ask(
            name,
            "iam:SimulatePrincipalPolicy",
            partial(_part, name, needs, target, account),
        )
    return findings


def read() -> dict[str, list[Need]]:
    """What each part of the work, such as "plan", needs."""
    parts: Mapping[str, Mapping[str, list[str]]] = json.loads(ACTIONS.read_text())
    return {
        part: [Need(resource, actions) for resource, actions in needs.items()]
        for part, needs in parts.items()
    }


def _part(name: str, needs: Sequence[Need], target: Target, account: Account) -> Iterator[Finding]:
    principal = _principal(account)
    if principal is None:
        yield unknown(name, "IAM simulates the policies of users and roles only")
        return
    denied = [
        f"{action} on {need.resource}"
        for need in needs
        for action in _denied(need, principal, target, account)
    ]
    asked = sum(len(need.actions) for need in needs)
    if not denied:
        yield ok(name, f"all {asked} actions are allowed")
        return
    rest = f", and {len(denied) - LISTED} more" if len(denied) > LISTED else ""
    yield problem(
        name,
        f"{len(denied)} of {asked} actions are denied: {', '.join(denied[:LISTED])}{rest}",
        "Ask for them; verify.json lists all that were asked for.",
    )


def _principal(account: Account) -> str | None:
    """The ARN whose policies count: of a session, the role that it assumed."""
    arn = account.client("sts").get_caller_identity()["Arn"]
    kind = arn.rpartition(":")[2].split("/")
    if kind[0] == "user":
        return str(arn)
    if kind[0] != "assumed-role":
        return None
    role = account.client("iam").get_role(RoleName=kind[1])["Role"]
    return str(role["Arn"])


def _denied(need: Need, principal: str, target: Target, account: Account) -> list[str]:
    resource = need.resource.format(
        partition=account.partition,
        account=account.id,
        region=account.region,
        prefix=target.prefix,
    )
    pages = account.client("iam").get_paginator("simulate_principal_policy")
    results = call_with_retries(
        lambda: [
            result
            for page in pages.paginate(
                PolicySourceArn=principal,
                ActionNames=list(need.actions),
                ResourceArns=[resource],
            )
            for result in page["EvaluationResults"]
        ]
    )
    return [result["EvalActionName"] for result in results if result["EvalDecision"] != "allowed"]
