"""S3: notifications through EventBridge, and bucket policies whose conditions are not met.

moto stores whether a bucket sends its events to EventBridge, but leaves it out of its answer. It treats an operator
that it does not know (such as Bool) as met and an unmet condition as a denial, so the usual "TLS only" policy refuses
every request. Here a statement whose condition is not met does not apply, and the loopback connection counts as TLS.
"""

from __future__ import annotations

from typing import Any

from moto.iam import policy_conditions
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.s3.responses import S3Response

from localaws.server.patching import change

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


@change(S3Response)
def serialized(moto: Any, self: Any, result: Any) -> Any:
    if self.data.get("Action") == "GetBucketNotificationConfiguration":
        configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if configuration.event_bridge is not None:
            result.result["EventBridgeConfiguration"] = {}
    return moto(self, result)
