"""Policy documents as statements, and which of them apply to a call."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.iam import conditions
from localaws.iam.conditions import as_texts
from localaws.iam.patterns import Context, matches_action, matches_resource, matches_text

PARSED = 1024  # documents


@dataclass(frozen=True)
class Call:
    """One action on one resource, with the values of condition keys by name in lower case."""

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Caller:
    """By which names the policy of a resource or role may mean the caller.

    `names` are ARNs, "*" and the account; `service` is such as events.amazonaws.com.
    """

    names: frozenset[str] = frozenset()
    service: str = ""


@dataclass(frozen=True)
class Statement:
    """`policy` and `sid` name it. A trust policy has no resources: it applies to its role."""

    policy: str
    sid: str
    allows: bool
    actions: tuple[str, ...]
    except_actions: bool
    resources: tuple[str, ...]
    except_resources: bool
    conditions: Mapping[str, Mapping[str, Any]]
    principals: Mapping[str, tuple[str, ...]] | None
    except_principals: bool

    def applies(self, call: Call, context: Context) -> bool:
        """Whoever calls. `context` holds the call's condition keys and the caller's."""
        return (
            matches_action(call.action, self.actions) != self.except_actions
            and self._is_about(call.resource, context)
            and conditions.are_met(self.conditions, context)
        )

    def means(self, caller: Caller) -> bool:
        """Whether its Principal names the caller."""
        principals = self.principals or {}
        named = not caller.names.isdisjoint(principals.get("AWS", ()))
        if caller.service:
            services = principals.get("Service", ())
            named = named or any(matches_text(caller.service, service) for service in services)
        return named != self.except_principals

    def _is_about(self, resource: str, context: Context) -> bool:
        if not self.resources:
            return True
        return matches_resource(resource, self.resources, context) != self.except_resources


@functools.lru_cache(PARSED)
def parse(document: str, policy: str = "") -> tuple[Statement, ...]:
    """The statements of a document; none of one that is no policy."""
    try:
        content = json.loads(document)
    except ValueError:
        return ()
    statements = content.get("Statement", []) if isinstance(content, dict) else []
    if isinstance(statements, dict):
        statements = [statements]
    return tuple(_statement(policy, number, item) for number, item in enumerate(statements, 1))


def _statement(policy: str, number: int, item: Mapping[str, Any]) -> Statement:
    principals = item.get("Principal", item.get("NotPrincipal"))
    if isinstance(principals, str):  # "*" is everyone, by whatever name
        principals = {"AWS": principals, "Service": principals}
    return Statement(
        policy=policy,
        sid=item.get("Sid") or str(number),
        allows=item.get("Effect") == "Allow",
        actions=_texts(item, "Action"),
        except_actions="NotAction" in item,
        resources=_texts(item, "Resource"),
        except_resources="NotResource" in item,
        conditions=item.get("Condition") or {},
        principals=principals
        and {kind: tuple(as_texts(names)) for kind, names in principals.items()},
        except_principals="NotPrincipal" in item,
    )


def _texts(item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(as_texts(item.get(name, item.get(f"Not{name}", []))))
