"""S3: bucket policies whose conditions are not met, and notifications through EventBridge.

moto treats an operator that it does not know (such as Bool) as met and an unmet condition as a
denial, so the usual "TLS only" policy refuses every request. Here a statement whose condition is
not met does not apply, and the loopback connection counts as TLS.
"""

from __future__ import annotations

from typing import Any

from moto.iam import policy_conditions
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.s3.responses import S3Response

from localaws.server.patching import change


@change(IAMPolicyStatement)
def is_action_permitted(
    moto: Any,
    self: Any,
    action: str,
    resource: str = "*",
    principal: str | None = None,
    incoming_condition_values: dict[str, str] | None = None,
) -> Any:
    context = {"aws:SecureTransport": "true", **(incoming_condition_values or {})}
    if not self._check_conditions(context):
        return PermissionResult.NEUTRAL
    return moto(self, action, resource, principal, context)


def _bool(expected: str | bool | list[str | bool], actual: str) -> bool:
    values = expected if isinstance(expected, list) else [expected]
    return actual.lower() in [str(value).lower() for value in values]


policy_conditions.CONDITION_OPERATIONS["Bool"] = _bool


@change(S3Response)
def serialized(moto: Any, self: Any, result: Any) -> Any:
    """moto stores whether a bucket sends its events to EventBridge, but does not return it."""
    if self.data.get("Action") == "GetBucketNotificationConfiguration":
        configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if configuration.event_bridge is not None:
            result.result["EventBridgeConfiguration"] = {}
    return moto(self, result)
