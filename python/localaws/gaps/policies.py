"""S3 bucket policies: a statement whose condition is not met does not apply, instead of denying.

moto takes an operator that it does not know (Bool among them) as met and an unmet condition as a denial, so that
the usual "TLS only" policy refuses every request. Here the loopback wire stands for TLS.
"""

from __future__ import annotations

from typing import Any

from moto.iam import policy_conditions
from moto.iam.access_control import IAMPolicyStatement, PermissionResult

from localaws.patching import change

CONTEXT = {"aws:SecureTransport": "true"}


@change(IAMPolicyStatement)
def is_action_permitted(
    moto: Any,
    self: Any,
    action: str,
    resource: str = "*",
    principal: str | None = None,
    incoming_condition_values: dict[str, str] | None = None,
) -> Any:
    context = {**CONTEXT, **(incoming_condition_values or {})}
    if not self._check_conditions(context):
        return PermissionResult.NEUTRAL
    return moto(self, action, resource, principal, context)


def _bool(wanted: str | bool | list[str | bool], got: str) -> bool:
    options = wanted if isinstance(wanted, list) else [wanted]
    return got.lower() in [str(option).lower() for option in options]


policy_conditions.CONDITION_OPERATIONS["Bool"] = _bool
