"""What to do about a quota that stops Terraform."""

from __future__ import annotations

import pytest

from scones.provisioning.quotas import remedy

# As the provider reports it: https://github.com/aws/amazon-sagemaker-examples/issues/307 has the
# service's own words.
REPORT = (
    "Error: creating SageMaker AI Endpoint (scones-dev-classifier): operation error SageMaker: "
    "CreateEndpoint, https response error StatusCode: 400, RequestID: 1, api error "
    "ResourceLimitExceeded: The account-level service limit '{}' is 0 Instances, with current "
    "utilization of 0 Instances and a request delta of 1 Instances."
)


@pytest.mark.parametrize(
    ("quota", "advice"),
    [
        ("ml.m5.large for endpoint usage", "twice serving.instance_count"),
        ("ml.m5.large for endpoint usage", "or set another serving.instance_type."),
        ("ml.m5.large for processing job usage", "or set another monitoring.drift_instance_type."),
        ("Number of dashboards", "in Service Quotas."),
    ],
)
def test_an_exceeded_quota_is_named_with_its_setting(quota: str, advice: str) -> None:
    sentence = remedy(REPORT.format(quota))
    assert sentence is not None
    assert sentence.startswith(f'Request a higher quota for "{quota}" in Service Quotas')
    assert advice in sentence


def test_another_error_has_no_such_remedy() -> None:
    assert remedy("Error: AccessDenied: the service limit 'x' is not why") is None
