"""What moto leaves out of Application Auto Scaling."""

from __future__ import annotations

from typing import Any

from accounts import Account

from departures.registry import departure


@departure(
    "ApplicationAutoScalingResponse.register_scalable_target",
    "ApplicationAutoScalingResponse.list_tags_for_resource",
    "ApplicationAutoScalingResponse.tag_resource",
    "ApplicationAutoScalingResponse.untag_resource",
    answer={"kept": "1", "added": "2"},
)
def a_scalable_target_has_tags(account: Account) -> Any:
    scaling = account.client("application-autoscaling")
    arn = scaling.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId="table/t",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"kept": "1", "gone": "1"},
    )["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"added": "2"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["gone"])
    return scaling.list_tags_for_resource(ResourceARN=arn)["Tags"]
