"""Application Auto Scaling: the tags of a scalable target, which Terraform always reads."""

from __future__ import annotations

import json
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from localaws.server.patching import change, fill


@change(ApplicationAutoScalingResponse)
def register_scalable_target(moto: Any, self: Any) -> str:
    answer: str = moto(self)
    arn = json.loads(answer)["ScalableTargetARN"]
    _tags(self, arn).update(self._get_param("Tags") or {})
    return answer


@fill(ApplicationAutoScalingResponse)
def list_tags_for_resource(self: Any) -> str:
    return json.dumps({"Tags": _tags(self, self._get_param("ResourceARN"))})


@fill(ApplicationAutoScalingResponse)
def tag_resource(self: Any) -> str:
    _tags(self, self._get_param("ResourceARN")).update(self._get_param("Tags"))
    return "{}"


@fill(ApplicationAutoScalingResponse)
def untag_resource(self: Any) -> str:
    tags = _tags(self, self._get_param("ResourceARN"))
    for key in self._get_param("TagKeys"):
        tags.pop(key, None)
    return "{}"


def _tags(response: Any, arn: str) -> dict[str, str]:
    attributes = vars(response.applicationautoscaling_backend)
    targets: dict[str, dict[str, str]] = attributes.setdefault("tags", {})
    return targets.setdefault(arn, {})
