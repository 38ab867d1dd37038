"""What AWS recorded of a target by itself and keeps when everything else is removed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from botocore.exceptions import ClientError

from scones.clients import CloudWatchLogsClient, SageMakerClient

# Step Functions' log delivery writes it; AWS names it by the date of the policy's version.
LOG_POLICY = "AWSLogDeliveryWrite"


def find(
    sagemaker: SageMakerClient, logs: CloudWatchLogsClient, job_arns: Collection[str]
) -> Iterator[str]:
    """Yield what stays, each as a part of a sentence; what may not be asked is left out.

    Args:
        job_arns: the training and processing jobs that were removed.
    """
    if any(_has_lineage(sagemaker, arn) for arn in sorted(job_arns)[-1:]):
        yield "SageMaker's lineage of jobs, models and endpoint (it has no charge)"
    for name in _log_policies(logs):
        yield f"the CloudWatch Logs resource policy {name}, which the whole account shares"


def _has_lineage(sagemaker: SageMakerClient, job_arn: str) -> bool:
    """Whether SageMaker has a trial component of the job; every job gets one."""
    try:
        found = sagemaker.list_trial_components(SourceArn=job_arn, MaxResults=1)
    except ClientError:
        return False
    return bool(found["TrialComponentSummaries"])


def _log_policies(logs: CloudWatchLogsClient) -> list[str]:
    try:
        policies = logs.describe_resource_policies()["resourcePolicies"]
    except ClientError:
        return []
    names = [policy.get("policyName", "") for policy in policies]
    return [name for name in names if name.startswith(LOG_POLICY)]
