"""What every service of AWS refuses by its model, and moto accepts."""

from __future__ import annotations

from typing import Any

from accounts import Account

from departures.registry import departure


@departure("BaseResponse.call_action", answer="ValidationException")
def a_value_that_its_pattern_refuses_is_refused(account: Account) -> Any:
    sagemaker = account.client("sagemaker")
    tags = [{"Key": "source", "Value": "50%"}]
    return sagemaker.create_model_package_group(ModelPackageGroupName="refused", Tags=tags)
