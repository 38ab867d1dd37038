"""The main job on the local AWS, told in order: staged, trained, applied, used, retrained, and taken away again."""

from __future__ import annotations

import io
import json
import tarfile
import time
from pathlib import Path
from typing import Any

import odd_pictures
import pytest
from checkouts import Checkout
from PIL import Image

EPOCHS = 16
KEYS = {"status", "s3_bucket", "s3_key", "label", "confidence", "inferences", "error", "cause"}
KEYS |= {"execution_arn", "milliseconds"}


@pytest.fixture(scope="module")
def done(checkout: Checkout) -> str:
    """What the main job says, run from nothing."""
    checkout.train_briefly(EPOCHS)
    return checkout.make("stage", "train", "apply").stdout


def classify(checkout: Checkout, image: Path | str, *, expect: int = 0) -> dict[str, Any]:
    """What `make -s classify` prints: one JSON object and nothing else."""
    answer = json.loads(checkout.make("-s", "classify", f"IMAGE={image}", expect=expect).stdout)
    assert set(answer) == KEYS
    return dict(answer)


def handover(checkout: Checkout) -> dict[str, Any]:
    return dict(
        json.loads((checkout.folder / "build" / "local" / "model.tfvars.json").read_text())["model"]
    )


def endpoint(checkout: Checkout) -> dict[str, Any]:
    described = checkout.client("sagemaker").describe_endpoint(
        EndpointName="scones-local-classifier"
    )
    return {name: value for name, value in described.items() if name != "ResponseMetadata"}


def test_apply_before_train_builds_everything_but_the_endpoint(checkout: Checkout) -> None:
    said = checkout.make("apply").stdout
    assert "no endpoint" in said
    assert checkout.client("sagemaker").list_endpoints()["Endpoints"] == []
    assert checkout.outputs()["state_machine_arn"]


def test_train_before_stage_says_what_is_missing(checkout: Checkout) -> None:
    said = checkout.make("train", expect=1).stderr
    assert "make stage" in said
    assert "Traceback" not in said


def test_classify_without_a_model_says_what_is_missing(checkout: Checkout, tmp_path: Path) -> None:
    picture = tmp_path / "any.png"
    Image.new("RGB", (32, 32)).save(picture)
    assert (
        "make train apply" in checkout.make("-s", "classify", f"IMAGE={picture}", expect=1).stderr
    )


def test_the_main_job_ends_with_an_endpoint_that_serves_the_model(
    checkout: Checkout, done: str
) -> None:
    model = handover(checkout)
    assert endpoint(checkout)["EndpointStatus"] == "InService"
    assert endpoint(checkout)["ProductionVariants"][0]["VariantName"] == "AllTraffic"
    assert endpoint(checkout)["EndpointConfigName"].startswith(model["name"])
    assert model["metrics"]["test_accuracy"] > 0.6
    assert "drawn" in done, "whoever reads the result knows that no photographs were used"


def test_with_nothing_changed_nothing_is_done(checkout: Checkout, done: str) -> None:
    before = handover(checkout)
    said = checkout.make("stage", "train", "apply").stdout
    assert "No changes" in said
    assert handover(checkout) == before
    jobs = checkout.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
    assert [job["TrainingJobName"] for job in jobs] == [before["training_job"]]


def test_a_staged_picture_is_routed_to_its_queue(checkout: Checkout, done: str) -> None:
    outputs = checkout.outputs()
    sqs = checkout.client("sqs")
    routed = {"bicycle": "nearby-orders", "motorcycle": "distant-orders"}
    for key in sorted(handover(checkout)["probes"]):
        answer = classify(checkout, f"s3://{outputs['data_bucket']}/{key}")
        queue = routed[answer["label"]] if answer["status"] == "accepted" else "review"
        assert "image_data" not in message_about(key, sqs, outputs["queues"][queue])


def message_about(key: str, sqs: Any, url: str) -> str:
    """The message in a queue that names an object; the others are taken out on the way."""
    for _ in range(100):
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages", []
        ):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if key in message["Body"]:
                return str(message["Body"])
        time.sleep(0.1)
    raise AssertionError(f"nothing about {key} in {url}")


def test_an_unsure_picture_goes_to_people_and_is_an_answer(
    checkout: Checkout, done: str, tmp_path: Path
) -> None:
    outputs, sqs = checkout.outputs(), checkout.client("sqs")
    unsure = tmp_path / "unsure.png"
    between_two_classes(checkout, outputs).save(unsure)
    answer = classify(checkout, unsure)
    assert answer["status"] == "unsure"
    assert answer["error"] == "LowConfidence"
    assert answer["confidence"] == max(answer["inferences"]) < outputs["confidence_threshold"]
    assert str(answer["confidence"]) in message_about(
        answer["s3_key"], sqs, outputs["queues"]["review"]
    )
    execution = checkout.client("stepfunctions").describe_execution(
        executionArn=answer["execution_arn"]
    )
    assert (execution["status"], execution["error"]) == ("FAILED", "LowConfidence")


def between_two_classes(checkout: Checkout, outputs: dict[str, Any]) -> Image.Image:
    """A picture that the model cannot decide on: on the way from one class to the other, it must hesitate somewhere."""
    s3, runtime = checkout.client("s3"), checkout.client("sagemaker-runtime")
    probes = handover(checkout)["probes"]
    ends = [max(probes, key=lambda key, label=label: probes[key][label]) for label in (0, 1)]
    one, other = (
        Image.open(io.BytesIO(s3.get_object(Bucket=outputs["data_bucket"], Key=key)["Body"].read()))
        for key in ends
    )
    low, high = 0.0, 1.0
    for _ in range(30):
        share = (low + high) / 2
        picture = Image.blend(one, other, share)
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        answer = runtime.invoke_endpoint(
            EndpointName=outputs["endpoint"]["name"],
            ContentType="image/png",
            Body=buffer.getvalue(),
        )
        first, _ = json.loads(answer["Body"].read())
        if 0.3 < first < 0.7:
            return picture
        low, high = (share, high) if first > 0.5 else (low, share)
    raise AssertionError("the model never hesitates")


@pytest.mark.parametrize("name", odd_pictures.ANSWERED)
def test_a_picture_of_any_kind_gets_an_answer(checkout: Checkout, done: str, name: str) -> None:
    execution = execute(checkout, name, odd_pictures.ANSWERED[name]())
    assert execution["status"] == "SUCCEEDED" or execution["error"] == "LowConfidence"


@pytest.mark.parametrize("name", odd_pictures.REFUSED)
def test_what_cannot_be_classified_fails_under_its_own_name(
    checkout: Checkout, done: str, name: str
) -> None:
    error, content = odd_pictures.REFUSED[name]
    assert execute(checkout, name, content())["error"] == error


def execute(checkout: Checkout, name: str, content: bytes) -> dict[str, Any]:
    """One execution for an uploaded object, after its end."""
    outputs, states = checkout.outputs(), checkout.client("stepfunctions")
    checkout.client("s3").put_object(
        Bucket=outputs["data_bucket"], Key=f"uploads/{name}", Body=content
    )
    started = states.start_execution(
        stateMachineArn=outputs["state_machine_arn"],
        input=json.dumps({"s3_bucket": outputs["data_bucket"], "s3_key": f"uploads/{name}"}),
    )
    for _ in range(300):
        execution = states.describe_execution(executionArn=started["executionArn"])
        if execution["status"] != "RUNNING":
            return dict(execution)
        time.sleep(0.1)
    raise AssertionError(f"{name} is still under way")


def test_a_broken_picture_fails_with_its_own_error(
    checkout: Checkout, done: str, tmp_path: Path
) -> None:
    text = tmp_path / "not a picture.png"
    text.write_text("This is a text.")
    answer = classify(checkout, text, expect=1)
    assert (answer["status"], answer["error"], answer["label"]) == ("failed", "NotAnImage", None)
    assert answer["cause"].endswith(".")


def test_evaluate_measures_the_whole_workflow(checkout: Checkout, done: str) -> None:
    said = checkout.make("evaluate", "LIMIT=20").stdout
    report = json.loads((checkout.folder / "build" / "local" / "evaluation.json").read_text())
    assert report["images"] == 20
    assert report["failures"] == 0
    assert sum(map(sum, report["confusion"])) == 20
    assert report["accuracy"] == sum(report["confusion"][i][i] for i in range(2)) / 20
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p95"]
    assert "accuracy" in said


def test_traffic_is_captured_in_the_layout_of_sagemaker(checkout: Checkout, done: str) -> None:
    s3, bucket = checkout.client("s3"), checkout.outputs()["data_bucket"]
    listed = s3.list_objects_v2(
        Bucket=bucket, Prefix="data-capture/scones-local-classifier/AllTraffic/"
    )["Contents"]
    assert listed[0]["Key"].endswith(".jsonl")
    record = json.loads(
        s3.get_object(Bucket=bucket, Key=listed[0]["Key"])["Body"].read().splitlines()[0]
    )
    assert record["captureData"]["endpointInput"]["encoding"] == "BASE64"
    assert record["eventVersion"] == "0"


def test_a_failing_training_script_ends_with_its_reason(checkout: Checkout, done: str) -> None:
    before, live = handover(checkout), endpoint(checkout)
    script = checkout.folder / "python" / "container" / "train.py"
    good = script.read_text()
    script.write_text(
        good.replace(
            'if __name__ == "__main__":',
            'raise SystemExit("no such luck")\nif __name__ == "__main__":',
        )
    )
    said = checkout.make("train", expect=1).stderr
    script.write_text(good)
    assert "no such luck" in said
    assert handover(checkout) == before
    assert endpoint(checkout) == live


def test_a_retrained_model_takes_over_in_place(checkout: Checkout, done: str) -> None:
    before = endpoint(checkout)
    checkout.make("train", "RETRAIN=1")
    plan = checkout.make("plan").stdout
    assert "aws_sagemaker_endpoint.this will be updated in-place" in plan
    assert "Plan: 2 to add, 1 to change, 2 to destroy." in plan, (
        "a new pair of model and configuration for the old"
    )
    said = checkout.make("apply").stderr
    assert "saved plan" in said
    after = endpoint(checkout)
    assert after["CreationTime"] == before["CreationTime"]
    assert after["EndpointConfigName"].startswith(handover(checkout)["name"])
    assert after["EndpointConfigName"] != before["EndpointConfigName"]
    assert "No changes" in checkout.make("plan").stdout
    configurations = checkout.client("sagemaker").list_endpoint_configs()["EndpointConfigs"]
    assert [item["EndpointConfigName"] for item in configurations] == [after["EndpointConfigName"]]


def test_a_model_that_does_not_load_leaves_the_old_one_serving(
    checkout: Checkout, done: str
) -> None:
    before, good = endpoint(checkout), handover(checkout)
    bucket = checkout.outputs()["data_bucket"]
    broken = io.BytesIO()
    with tarfile.open(fileobj=broken, mode="w:gz") as archive:
        entry = tarfile.TarInfo("code/inference.py")
        text = b"raise RuntimeError('these weights fit no network')\n"
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    checkout.client("s3").put_object(
        Bucket=bucket, Key="models/broken/output/model.tar.gz", Body=broken.getvalue()
    )
    url = f"s3://{bucket}/models/broken/output/model.tar.gz"
    write_handover(checkout, {**good, "name": "scones-local-broken", "data_url": url})
    said = checkout.make("apply", expect=1).stderr
    assert "these weights fit no network" in said
    assert endpoint(checkout)["EndpointStatus"] == "InService"
    assert endpoint(checkout)["EndpointConfigName"] == before["EndpointConfigName"]
    checkout.client("sagemaker").describe_endpoint_config(
        EndpointConfigName=before["EndpointConfigName"]
    )
    write_handover(checkout, good)
    checkout.make("apply")
    assert "No changes" in checkout.make("plan").stdout


def write_handover(checkout: Checkout, model: dict[str, Any]) -> None:
    (checkout.folder / "build" / "local" / "model.tfvars.json").write_text(
        json.dumps({"model": model})
    )


def test_destroy_leaves_nothing(checkout: Checkout, done: str) -> None:
    said = checkout.make("destroy").stdout
    assert "nothing left" in said.lower()
    assert remains(checkout) == {}
    assert "nothing left" in checkout.make("destroy").stdout.lower()


def remains(checkout: Checkout) -> dict[str, list[Any]]:
    """What an account lists, by kind; kinds without any are left out."""
    listings = {
        "s3": [("list_buckets", "Buckets")],
        "iam": [("list_roles", "Roles"), ("list_policies", "Policies")],
        "lambda": [("list_functions", "Functions")],
        "logs": [("describe_log_groups", "logGroups")],
        "stepfunctions": [("list_state_machines", "stateMachines")],
        "sqs": [("list_queues", "QueueUrls")],
        "cloudwatch": [
            ("describe_alarms", "MetricAlarms"),
            ("list_dashboards", "DashboardEntries"),
        ],
        "sns": [("list_topics", "Topics"), ("list_subscriptions", "Subscriptions")],
        "events": [("list_rules", "Rules")],
        "sagemaker": [
            ("list_model_package_groups", "ModelPackageGroupSummaryList"),
            ("list_models", "Models"),
            ("list_endpoint_configs", "EndpointConfigs"),
            ("list_endpoints", "Endpoints"),
        ],
    }
    found: dict[str, list[Any]] = {}
    for service, calls in listings.items():
        client = checkout.client(service)
        for call, kind in calls:
            scope = {"Scope": "Local"} if call == "list_policies" else {}
            found[kind] = getattr(client, call)(**scope).get(kind, [])
    buses = checkout.client("events").list_event_buses()["EventBuses"]
    found["EventBuses"] = [bus["Name"] for bus in buses if bus["Name"] != "default"]
    return {kind: items for kind, items in found.items() if items}
