"""Roles that services can assume; unless a test says otherwise, they may do anything."""

from __future__ import annotations

import json
from typing import Any

SERVICES = ("lambda", "sagemaker", "scheduler", "states", "events")
# A policy is never empty, but this needs no permission.
NOTHING = [{"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}]
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": [f"{service}.amazonaws.com" for service in SERVICES]},
    "Action": "sts:AssumeRole",
}
EVERYTHING = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]


def make_role(iam: Any, name: str, statements: list[dict[str, Any]] | None = None) -> str:
    """Create the role, or give an existing one these statements; return its ARN."""
    try:
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document([TRUST]))
    except iam.exceptions.EntityAlreadyExistsException:
        arn = iam.get_role(RoleName=name)
    grant(iam, name, EVERYTHING if statements is None else statements)
    return str(arn["Role"]["Arn"])


def grant(iam: Any, name: str, statements: list[dict[str, Any]]) -> None:
    """Replace what the role may do."""
    iam.put_role_policy(RoleName=name, PolicyName="grants", PolicyDocument=document(statements))


def document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
