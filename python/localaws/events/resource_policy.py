"""Whether the policy of a queue or topic admits a service. AWS silently drops all else."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

from localaws.json_object import JsonObject


def allows(policy: str | None, sender: str, action: str) -> bool:
    """Whether `policy`, JSON text or None, allows `action` to a rule or alarm, by its ARN."""
    statements = _list(json.loads(policy or "{}").get("Statement"))
    effects = {
        statement["Effect"] for statement in statements if _applies(statement, sender, action)
    }
    return effects == {"Allow"}


def _applies(statement: JsonObject, sender: str, action: str) -> bool:
    actions = [pattern.lower() for pattern in _list(statement.get("Action"))]
    conditions = statement.get("Condition", {})
    return (
        _names_service(statement.get("Principal"), _service(sender))
        and _matches(action.lower(), actions)
        and all(_is_met(operator, conditions[operator], sender) for operator in conditions)
    )


def _service(arn: str) -> str:
    return arn.split(":")[2]


def _names_service(principal: Any, service: str) -> bool:
    if not isinstance(principal, dict):
        principal = {"Service": principal}
    services = _list(principal.get("Service"))
    return _matches(f"{service}.amazonaws.com", services) or "*" in _list(principal.get("AWS"))


def _is_met(operator: str, expected: JsonObject, sender: str) -> bool:
    """Whether a condition about the sender is met: Arn…, String… and Bool are supported.

    A condition on any other property is not met.
    """
    account = sender.split(":")[4]
    properties = {
        "aws:sourcearn": sender,
        "aws:sourceaccount": account,
        "aws:securetransport": "true",
    }
    if _service(sender) == "cloudwatch":
        # A topic's default policy admits alarms of its account by this property, but no rules.
        properties["aws:sourceowner"] = account
    negated = "Not" in operator
    return all(
        _matches(properties.get(key.lower(), ""), _list(patterns)) != negated
        for key, patterns in expected.items()
    )


def _matches(text: str, patterns: list[Any]) -> bool:
    return any(fnmatchcase(text, str(pattern)) for pattern in patterns)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
