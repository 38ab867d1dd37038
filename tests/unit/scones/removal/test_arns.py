import pytest

from scones.removal import arns

HERE = "eu-west-1:123456789012"


@pytest.mark.parametrize(
    ("arn", "kind_and_name"),
    [
        ("arn:aws:s3:::scones-dev-data-123456789012", ("buckets", "scones-dev-data-123456789012")),
        (
            "arn:aws-us-gov:iam::123456789012:role/scones-dev-training",
            ("roles", "scones-dev-training"),
        ),
        (f"arn:aws:lambda:{HERE}:function:scones-dev-a", ("functions", "scones-dev-a")),
        (f"arn:aws:lambda:{HERE}:function:scones-dev-a:7", ("functions", "scones-dev-a")),
        (
            f"arn:aws:logs:{HERE}:log-group:/aws/lambda/scones-dev-a:*",
            ("log groups", "/aws/lambda/scones-dev-a"),
        ),
        (
            f"arn:aws-cn:states:{HERE}:stateMachine:scones-dev-classify",
            ("state machines", "scones-dev-classify"),
        ),
        (
            f"arn:aws:sagemaker:{HERE}:endpoint/scones-dev-classifier",
            ("endpoints", "scones-dev-classifier"),
        ),
        (
            f"arn:aws:sagemaker:{HERE}:endpoint-config/scones-dev-m",
            ("endpoint configurations", "scones-dev-m"),
        ),
        (
            f"arn:aws:events:{HERE}:rule/scones-dev-drivers/scones-dev-near",
            ("rules", "scones-dev-near"),
        ),
        (f"arn:aws:events:{HERE}:rule/scones-dev-near", ("rules", "scones-dev-near")),
        (f"arn:aws:sqs:{HERE}:scones-dev-review", ("queues", "scones-dev-review")),
        (f"arn:aws:sns:{HERE}:scones-dev-alerts", ("topics", "scones-dev-alerts")),
        (f"arn:aws:sns:{HERE}:scones-dev-alerts:0a1b2c3d", ("topics", "scones-dev-alerts")),
        (
            f"arn:aws:sagemaker:{HERE}:processing-job/scones-dev-drift",
            ("processing jobs", "scones-dev-drift"),
        ),
        (
            f"arn:aws:scheduler:{HERE}:schedule/default/scones-dev-drift",
            ("schedules", "scones-dev-drift"),
        ),
        (f"arn:aws:kinesis:{HERE}:stream/scones-dev-drift", None),
    ],
)
def test_an_arn_gives_kind_and_name(arn: str, kind_and_name: tuple[str, str] | None) -> None:
    assert arns.kind_and_name(arn) == kind_and_name
