"""The types of boto3's clients, for annotations.

They come from boto3-stubs, which only `make lint` needs: at run time each name stands for Any.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.literals import ModelApprovalStatusType, TrainingJobStatusType
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.literals import ExecutionStatusType
else:

    def __getattr__(_name: str) -> Any:
        return Any


__all__ = [
    "CloudWatchClient",
    "CloudWatchLogsClient",
    "ExecutionStatusType",
    "IAMClient",
    "ModelApprovalStatusType",
    "S3Client",
    "SFNClient",
    "SQSClient",
    "SageMakerClient",
    "SageMakerRuntimeClient",
    "TrainingJobStatusType",
]
