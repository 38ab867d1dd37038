import json
from datetime import UTC, datetime, timedelta
from typing import Any

from container.serving.attribution import Attribution
from scones.workflow import outcomes

START = datetime(2026, 1, 1, tzinfo=UTC)


def read(status: str, **fields: Any) -> outcomes.Outcome:
    description = {
        "executionArn": "arn",
        "status": status,
        "startDate": START,
        "stopDate": START + timedelta(seconds=1.25),
    }
    return outcomes.read({**description, **fields}, "bucket", "key.png")


def test_a_success_is_an_accepted_answer() -> None:
    output = {"inferences": [0.03, 0.97], "label": "motorcycle", "confidence": 0.97}
    assert read("SUCCEEDED", output=json.dumps(output)) == outcomes.Outcome(
        "accepted", "bucket", "key.png", "motorcycle", 0.97, (0.03, 0.97), None, None, "arn", 1250
    )


def test_low_confidence_is_an_unsure_answer_with_its_reason() -> None:
    cause = {
        "inferences": [0.61, 0.39],
        "label": "bicycle",
        "confidence": 0.61,
        "message": "0.61 is below 0.93.",
    }
    assert read("FAILED", error="LowConfidence", cause=json.dumps(cause)) == outcomes.Outcome(
        "unsure",
        "bucket",
        "key.png",
        "bicycle",
        0.61,
        (0.61, 0.39),
        "LowConfidence",
        "0.61 is below 0.93.",
        "arn",
        1250,
    )


def test_inferences_without_a_label_are_not_read_by_the_classes_of_any_model() -> None:
    unsure = read("FAILED", error="LowConfidence", cause=json.dumps({"inferences": [0.4, 0.6]}))
    assert (unsure.label, unsure.inferences, unsure.probabilities) == (None, None, {})


def test_an_answer_is_read_as_the_model_that_gave_it_means_it() -> None:
    answer = {"inferences": [0.03, 0.97], "label": "motorcycle", "confidence": 0.97}
    attribution = {"model": "scones-2", "threshold": 0.9, "classes": ["bus", "motorcycle"]}
    accepted = read("SUCCEEDED", output=json.dumps({**answer, "attribution": attribution}))
    assert accepted.attribution == Attribution("scones-2", 0.9, ("bus", "motorcycle"))
    assert accepted.probabilities == {"bus": 0.03, "motorcycle": 0.97}
    assert read("SUCCEEDED", output=json.dumps(answer)).probabilities == {"motorcycle": 0.97}


def test_low_confidence_without_inferences_has_no_label() -> None:
    unsure = read("FAILED", error="LowConfidence", cause="none given")
    assert (unsure.status, unsure.label, unsure.inferences, unsure.cause) == (
        "unsure",
        None,
        None,
        "none given",
    )


def test_a_functions_error_is_named_and_its_message_is_the_cause() -> None:
    cause = {"errorMessage": "s3://b/k is empty.", "errorType": "EmptyImage", "stackTrace": ["..."]}
    failed = read("FAILED", error="EmptyImage", cause=json.dumps(cause))
    assert (failed.status, failed.error, failed.cause, failed.label) == (
        "failed",
        "EmptyImage",
        "s3://b/k is empty.",
        None,
    )


def test_a_cause_that_is_plain_text_stays_as_it_is() -> None:
    assert (
        read("FAILED", error="States.Runtime", cause="An error occurred.").cause
        == "An error occurred."
    )


def test_a_message_that_is_json_itself_is_parsed_too() -> None:
    assert (
        outcomes.sentence(json.dumps({"errorMessage": json.dumps({"message": "Not sure."})}))
        == "Not sure."
    )


def test_an_execution_that_timed_out_or_was_stopped_has_that_as_its_error() -> None:
    assert (read("TIMED_OUT").error, read("TIMED_OUT").cause) == (
        "States.Timeout",
        "The execution ended as TIMED_OUT.",
    )
    assert read("ABORTED").error == "Aborted"
