"""Whether the policy of a queue lets a rule of EventBridge send to it. On AWS an event that it keeps out is lost."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any


def lets_in(policy: str | None, rule_arn: str) -> bool:
    """`policy` is the queue's policy as JSON text, or None where the queue has none."""
    statements = _list(json.loads(policy or "{}").get("Statement"))
    effects = {statement["Effect"] for statement in statements if _applies(statement, rule_arn)}
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: dict[str, Any], rule_arn: str) -> bool:
    return (
        _names_events(statement.get("Principal"))
        and _matches("sqs:sendmessage", [action.lower() for action in _list(statement.get("Action"))])
        and all(_is_met(operator, wanted, rule_arn) for operator, wanted in statement.get("Condition", {}).items())
    )


def _names_events(principal: Any) -> bool:
    named = principal if isinstance(principal, dict) else {"Service": principal}
    return _matches("events.amazonaws.com", _list(named.get("Service"))) or "*" in _list(named.get("AWS"))


def _is_met(operator: str, wanted: dict[str, Any], rule_arn: str) -> bool:
    """Conditions on who sends: Arn…, String… and Bool; what is not known about the sender is not met."""
    facts = {"aws:sourcearn": rule_arn, "aws:sourceaccount": rule_arn.split(":")[4], "aws:securetransport": "true"}
    opposite = "Not" in operator
    return all(_matches(facts.get(key.lower(), ""), _list(values)) != opposite for key, values in wanted.items())


def _matches(text: str, patterns: list[Any]) -> bool:
    return any(fnmatchcase(text, str(pattern)) for pattern in patterns)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
