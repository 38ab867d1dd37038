"""S3: whether a bucket sends its events to EventBridge, which moto keeps but leaves out of its answer."""

from __future__ import annotations

from typing import Any

from moto.s3.responses import S3Response

from localaws.patching import change


@change(S3Response)
def serialized(moto: Any, self: Any, result: Any) -> Any:
    if self.data.get("Action") == "GetBucketNotificationConfiguration":
        configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if configuration.event_bridge is not None:
            result.result["EventBridgeConfiguration"] = {}
    return moto(self, result)
