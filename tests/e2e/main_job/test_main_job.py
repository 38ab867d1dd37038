"""The main job, and the workflow that classifies images with its model."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import odd_images
import pytest
import transcripts
from checkouts import ENDPOINT, Checkout
from eventually import eventually
from PIL import Image
from terminals import Terminal

KEYS = {
    "status",
    "s3_bucket",
    "s3_key",
    "label",
    "confidence",
    "inferences",
    "error",
    "cause",
    "execution_arn",
    "milliseconds",
    "model",
    "threshold",
    "classes",
}


def classify(checkout: Checkout, image: Path | str, *, expect: int = 0) -> dict[str, Any]:
    """What `make -s classify` prints: one JSON object and nothing else."""
    answer = json.loads(checkout.make("-s", "classify", f"IMAGE={image}", expect=expect).stdout)
    assert set(answer) == KEYS
    return dict(answer)


def execute(checkout: Checkout, key: str) -> dict[str, Any]:
    """One execution for an object of the data bucket, after its end."""
    outputs = checkout.outputs()
    return checkout.execute(outputs["state_machine_arn"], outputs["data_bucket"], key)


def upload(checkout: Checkout, name: str, content: bytes) -> str:
    """Put an object into the data bucket; returns its key."""
    bucket, key = checkout.outputs()["data_bucket"], f"uploads/{name}"
    checkout.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return key


def message_about(key: str, sqs: Any, url: str) -> str:
    """The message in a queue that names an object; the others are deleted on the way."""

    def look() -> str | None:
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        for message in received.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if key in message["Body"]:
                return str(message["Body"])
        return None

    return str(eventually(look))


def test_the_main_job_ends_with_an_endpoint_that_serves_the_model(
    checkout: Checkout, main_job: str
) -> None:
    model, endpoint = checkout.handover(), checkout.endpoint()
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["ProductionVariants"][0]["VariantName"] == "AllTraffic"
    assert endpoint["EndpointConfigName"].startswith(model["name"])
    assert model["metrics"]["test_accuracy"] > 0.6
    assert "drawn" in main_job, "the result says that no photographs were used"


def test_the_main_job_fits_the_terminal_and_ends_with_a_line_to_paste(
    checkout: Checkout, main_job_screen: Terminal
) -> None:
    broken = [line for line in main_job_screen.wrapped if not transcripts.FOREIGN.match(line)]
    assert broken == []
    assert not main_job_screen.cursor_hidden
    command = transcripts.verbs_lines(main_job_screen.text)[-1].strip()
    assert command == "make -s classify IMAGE=build/local/samples/bicycle-1.png"
    shown = checkout.make_on_terminal(*command.split()[1:], columns=200).text
    sentence = next(line for line in shown.splitlines() if re.match("accepted|unsure", line))
    answer = json.loads(shown[shown.index("{") : shown.index("}") + 1])
    assert sentence.startswith(f"{answer['status']}: {answer['label']} 0.")
    documented = transcripts.documented(command)
    assert list(json.loads(documented[documented.index("{") :])) == list(answer)


def test_the_main_job_looks_as_documented(main_job_screen: Terminal) -> None:
    documented = transcripts.documented("make stage train apply")
    assert transcripts.shape(main_job_screen.text) == transcripts.shape(documented)


def test_with_nothing_changed_nothing_is_done(checkout: Checkout, main_job: str) -> None:
    before = checkout.handover()
    assert "No changes" in checkout.make("stage", "train", "apply").stdout
    assert checkout.handover() == before
    assert checkout.training_jobs() == [before["training_job"]]


def test_a_staged_image_is_routed_to_its_queue(checkout: Checkout, main_job: str) -> None:
    outputs, sqs = checkout.outputs(), checkout.client("sqs")
    keys = sorted(checkout.handover()["probes"])
    for key in (keys[0], keys[-1]):  # one of each class
        answer = classify(checkout, f"s3://{outputs['data_bucket']}/{key}")
        queue = queue_of(answer["status"], answer["label"])
        assert "image_data" not in message_about(key, sqs, outputs["queues"][queue])
    for key in keys[1:-1]:
        execution = execute(checkout, key)
        accepted = execution["status"] == "SUCCEEDED"
        label = json.loads(execution["output"])["label"] if accepted else ""
        queue = queue_of("accepted" if accepted else "unsure", label)
        assert "image_data" not in message_about(key, sqs, outputs["queues"][queue])


def queue_of(status: str, label: str) -> str:
    routes = {"bicycle": "nearby-orders", "motorcycle": "distant-orders"}
    return routes[label] if status == "accepted" else "review"


def test_an_unsure_image_goes_to_the_reviewers_and_is_an_answer(
    checkout: Checkout, main_job: str, tmp_path: Path
) -> None:
    outputs, sqs = checkout.outputs(), checkout.client("sqs")
    unsure = tmp_path / "unsure.png"
    between_two_classes(checkout, outputs).save(unsure)
    answer = classify(checkout, unsure)
    assert answer["status"] == "unsure"
    assert answer["error"] == "LowConfidence"
    assert answer["confidence"] == max(answer["inferences"]) < outputs["confidence_threshold"]
    message = message_about(answer["s3_key"], sqs, outputs["queues"]["review"])
    assert json.loads(message)["confidence"] == pytest.approx(answer["confidence"], abs=1e-4)
    states = checkout.client("stepfunctions")
    execution = states.describe_execution(executionArn=answer["execution_arn"])
    assert (execution["status"], execution["error"]) == ("FAILED", "LowConfidence")


def between_two_classes(checkout: Checkout, outputs: dict[str, Any]) -> Image.Image:
    """An image that the model is unsure of, blended from an image of each class."""
    s3, runtime = checkout.client("s3"), checkout.client("sagemaker-runtime")
    probes = checkout.handover()["probes"]
    ends = [max(probes, key=lambda key, label=label: probes[key][label]) for label in (0, 1)]
    images = [
        Image.open(s3.get_object(Bucket=outputs["data_bucket"], Key=key)["Body"]) for key in ends
    ]
    low, high = 0.0, 1.0
    for _ in range(30):
        share = (low + high) / 2
        image = Image.blend(*images, share)
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        answer = runtime.invoke_endpoint(
            EndpointName=ENDPOINT, ContentType="image/png", Body=buffer.getvalue()
        )
        first, _ = json.loads(answer["Body"].read())
        if 0.3 < first < 0.7:
            return image
        low, high = (share, high) if first > 0.5 else (low, share)
    raise AssertionError("the model is sure of every image between the two")


@pytest.mark.parametrize("name", odd_images.ANSWERED)
def test_an_image_of_any_kind_gets_an_answer(checkout: Checkout, main_job: str, name: str) -> None:
    execution = execute(checkout, upload(checkout, name, odd_images.ANSWERED[name]()))
    assert execution["status"] == "SUCCEEDED" or execution["error"] == "LowConfidence"


@pytest.mark.parametrize("name", odd_images.REFUSED)
def test_what_cannot_be_classified_fails_with_its_own_error(
    checkout: Checkout, main_job: str, name: str
) -> None:
    error, content = odd_images.REFUSED[name]
    assert execute(checkout, upload(checkout, name, content()))["error"] == error


def test_a_file_that_is_not_an_image_is_neither_uploaded_nor_executed(
    checkout: Checkout, main_job: str, tmp_path: Path
) -> None:
    text = tmp_path / "not an image.png"
    text.write_text("This is a text.")
    before = count_executions(checkout)
    refused = checkout.make("-s", "classify", f"IMAGE={text}", expect=1)
    assert refused.stdout == ""
    assert "is not an image. The known formats are PNG, JPEG" in refused.stderr
    assert count_executions(checkout) == before


def test_classify_reports_the_error_of_an_unreadable_object(
    checkout: Checkout, main_job: str
) -> None:
    key = upload(checkout, "not an image.png", b"This is a text.")
    url = f"s3://{checkout.outputs()['data_bucket']}/{key}"
    answer = classify(checkout, url, expect=1)
    assert (answer["status"], answer["error"], answer["label"]) == ("failed", "NotAnImage", None)
    assert answer["cause"].endswith(".")


def test_a_killed_classify_can_be_run_again(checkout: Checkout, main_job: str) -> None:
    url = f"s3://{checkout.outputs()['data_bucket']}/{min(checkout.handover()['probes'])}"
    before = count_executions(checkout)
    checkout.interrupt("classify", f"IMAGE={url}", at=lambda: count_executions(checkout) > before)
    classify(checkout, url)


def count_executions(checkout: Checkout) -> int:
    states, machine = checkout.client("stepfunctions"), checkout.outputs()["state_machine_arn"]
    return len(states.list_executions(stateMachineArn=machine)["executions"])


def test_evaluate_measures_the_whole_workflow_also_after_it_was_killed(
    checkout: Checkout, main_job: str
) -> None:
    checkout.interrupt("evaluate", "LIMIT=20", at="Classifying")
    result = checkout.make("evaluate", "LIMIT=20").stdout
    report = checkout.built("evaluation.json")
    assert report["images"] == 20
    assert report["failures"] == 0
    assert sum(map(sum, report["confusion"])) == 20
    assert report["accuracy"] == sum(report["confusion"][i][i] for i in range(2)) / 20
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p95"]
    assert "accuracy" in result


def test_traffic_is_captured_in_the_layout_of_sagemaker(checkout: Checkout, main_job: str) -> None:
    s3, bucket = checkout.client("s3"), checkout.outputs()["data_bucket"]
    prefix = f"data-capture/{ENDPOINT}/AllTraffic/"
    key = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"][0]["Key"]
    assert key.endswith(".jsonl")
    lines = s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()
    record = json.loads(lines[0])
    assert record["captureData"]["endpointInput"]["encoding"] == "BASE64"
    assert record["eventVersion"] == "0"


def test_a_failing_training_script_ends_with_its_reason(checkout: Checkout, main_job: str) -> None:
    before, live = checkout.handover(), checkout.endpoint()
    script = checkout.folder / "python" / "container" / "train.py"
    good = script.read_text()
    entry = 'if __name__ == "__main__":'
    script.write_text(good.replace(entry, f'raise SystemExit("no such luck")\n{entry}'))
    complaint = checkout.make("train", expect=1).stderr
    script.write_text(good)
    assert "no such luck" in complaint
    assert checkout.handover() == before
    assert checkout.endpoint() == live
