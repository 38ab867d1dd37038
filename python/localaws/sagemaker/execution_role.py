"""What SageMaker itself does under the execution role of a job or model.

Source: "How to use SageMaker AI execution roles" in SageMaker's developer guide, which lists the
actions for CreateTrainingJob, CreateProcessingJob and CreateModel.
"""

from __future__ import annotations

import re

from moto.sagemaker.exceptions import ValidationError

from localaws.iam.sessions import NotAssumableError, Session, assume
from localaws.server.log_stream import LogStream

SERVICE = "sagemaker.amazonaws.com"
SESSION = "SageMaker"  # AWS's name of these sessions
LOG_ACTIONS = ("logs:CreateLogGroup", "logs:DescribeLogStreams")
PULL_ACTIONS = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)
IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+/([^:@]+)")


def assume_role(account_id: str, role_arn: str) -> Session:
    """The role's session. Raises ValidationError, which is SageMaker's answer."""
    try:
        return assume(account_id, role_arn, SERVICE, SESSION)
    except NotAssumableError as error:
        raise ValidationError(
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
            f"principal '{SERVICE}' to assume the role."
        ) from error


def pull(session: Session, image: str) -> None:
    """What a pull of `image` needs, if ECR holds it. Raises AccessDeniedError."""
    location = IMAGE.match(image)
    if location is None:
        return
    owner, region, repository = location.groups()
    session.require("ecr:GetAuthorizationToken")
    for action in PULL_ACTIONS:
        session.require(action, f"arn:aws:ecr:{region}:{owner}:repository/{repository}")


def open_log(
    session: Session,
    region: str,
    group: str,
    stream: str,
) -> LogStream:
    """The stream; one that drops every line where the role may not do all that SageMaker does."""
    return LogStream(session.account_id, region, group, stream, session, LOG_ACTIONS)


def publishes_metrics(session: Session, namespace: str) -> bool:
    """Whether the role may publish the metrics of a job, such as its algorithm's."""
    return session.may("cloudwatch:PutMetricData", cloudwatch__namespace=namespace)
