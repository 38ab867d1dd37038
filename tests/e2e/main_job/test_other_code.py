"""Another project's functions and state machine beside ours: the same answers from the endpoint."""

from __future__ import annotations

import json

import template_project
from checkouts import Checkout

from scones.commands.classify import DIGITS

IMAGES = 10


def test_a_project_from_a_template_gets_the_answers_of_the_workflow(
    checkout: Checkout, main_job: str
) -> None:
    outputs = checkout.outputs()
    bucket = outputs["data_bucket"]
    manifest = checkout.client("s3").get_object(Bucket=bucket, Key="manifest.json")
    images = json.load(manifest["Body"])["images"]
    keys = [image["key"] for image in images if image["key"].startswith("test/")][:IMAGES]
    ours = {key: classify(checkout, f"s3://{bucket}/{key}") for key in keys}
    # A threshold between two answers, so that both ends of the workflow are seen.
    highest = sorted(max(inferences) for inferences in ours.values())
    threshold = (highest[4] + highest[5]) / 2
    assert highest[4] < threshold < highest[5]
    with template_project.deployed(checkout, threshold) as project:
        for key, inferences in ours.items():
            execution = project.run(bucket, key)
            if max(inferences) >= threshold:
                assert execution["status"] == "SUCCEEDED"
                answer = json.loads(execution["output"])
                assert answer["statusCode"] == 200
                assert [round(share, DIGITS) for share in answer["body"]] == inferences
            else:
                assert (execution["status"], execution["error"]) == ("FAILED", "Exception")
                cause = json.loads(execution["cause"])
                assert cause["errorMessage"] == "THRESHOLD_CONFIDENCE_NOT_MET"
                assert '"/var/task/lambda_function.py", line 10' in cause["stackTrace"][0]


def classify(checkout: Checkout, image: str) -> list[float]:
    """The probabilities that `make classify` prints, whether the image is accepted or unsure."""
    answer = json.loads(checkout.make("-s", "classify", f"IMAGE={image}").stdout)
    return list(answer["inferences"])
