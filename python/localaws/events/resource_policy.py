"""Whether the policy of a queue or topic lets a service in. What it keeps out is lost on AWS, without a word."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any


def lets_in(policy: str | None, sender: str, action: str) -> bool:
    """`policy` is JSON text, or None where there is none; `sender` the ARN of the rule or alarm that knocks."""
    statements = _list(json.loads(policy or "{}").get("Statement"))
    effects = {
        statement["Effect"]
        for statement in statements
        if _applies(statement, sender, action.lower())
    }
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: dict[str, Any], sender: str, action: str) -> bool:
    return (
        _names(statement.get("Principal"), _service(sender))
        and _matches(action, [allowed.lower() for allowed in _list(statement.get("Action"))])
        and all(
            _is_met(operator, wanted, sender)
            for operator, wanted in statement.get("Condition", {}).items()
        )
    )


def _service(sender: str) -> str:
    return sender.split(":")[2]


def _names(principal: Any, service: str) -> bool:
    named = principal if isinstance(principal, dict) else {"Service": principal}
    return _matches(f"{service}.amazonaws.com", _list(named.get("Service"))) or "*" in _list(
        named.get("AWS")
    )


def _is_met(operator: str, wanted: dict[str, Any], sender: str) -> bool:
    """Conditions on who sends: Arn…, String… and Bool; what is not known about the sender is not met."""
    account = sender.split(":")[4]
    facts = {"aws:sourcearn": sender, "aws:sourceaccount": account, "aws:securetransport": "true"}
    if (
        _service(sender) == "cloudwatch"
    ):  # a topic's default policy lets alarms of its account in, but no rules
        facts["aws:sourceowner"] = account
    opposite = "Not" in operator
    return all(
        _matches(facts.get(key.lower(), ""), _list(values)) != opposite
        for key, values in wanted.items()
    )


def _matches(text: str, patterns: list[Any]) -> bool:
    return any(fnmatchcase(text, str(pattern)) for pattern in patterns)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
