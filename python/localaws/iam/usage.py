"""Which statements the calls of each role used: what shows a missing grant and an idle one.

Kept for each role, action and combination of statements, not for each call. The local AWS answers
with it at /localaws/grants.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from localaws.iam.policies import Call, Statement
from localaws.json_object import JsonObject

EXAMPLES = 3  # resources

Grants = tuple[tuple[str, str], ...]


@dataclass
class Use:
    """Calls of a role that the same statements allow; denied ones have no statement."""

    role: str
    action: str
    grants: Grants
    calls: int = 0
    resources: list[str] = field(default_factory=list)


_uses: dict[tuple[str, str, Grants], Use] = {}
_lock = threading.Lock()


def record(role: str, call: Call, allowed_by: Iterable[Statement]) -> None:
    """Nothing for a user, who has no role."""
    if not role:
        return
    grants = tuple((statement.policy, statement.sid) for statement in allowed_by)
    key = (role, call.action, grants)
    with _lock:
        use = _uses.setdefault(key, Use(role, call.action, grants))
        use.calls += 1
        if len(use.resources) < EXAMPLES and call.resource not in use.resources:
            use.resources.append(call.resource)


def as_json() -> list[JsonObject]:
    with _lock:
        uses = sorted(_uses.values(), key=lambda use: (use.role, use.action, use.grants))
        return [
            {
                "role": use.role,
                "action": use.action,
                "statements": [{"policy": policy, "sid": sid} for policy, sid in use.grants],
                "calls": use.calls,
                "resources": list(use.resources),
            }
            for use in uses
        ]
