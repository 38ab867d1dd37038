"""Distributed Map: what the pages ItemReader, ItemBatcher and ResultWriter of AWS's guide say."""

from __future__ import annotations

import gzip
import json
import uuid
from typing import Any

import pytest
from accounts import Account
from machines import FAIL_ABOVE_2, Machines, distributed, machine

STARTED = ["ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted"]
SUCCEEDED = ["MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"]
FAILED = ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
ECHO = machine(Echo={"Type": "Pass"})
OBJECTS = {
    "array.json": b'[{"x": 1}, {"x": 2}]',
    "nested.json": b'{"a": {"b": [7]}}',
    "lines.jsonl": b'{"x": 1}\n{"x": 2}\n',
    "table.csv": b"name|size\na|1\nb|\n",
    "twice.csv": b"name,name\na,1\n",
    "broken.json": b"[1,",
    "inventory.csv.gz": gzip.compress(b'"b","a%20b.png","5"\n'),
}
GET = "arn:aws:states:::s3:getObject"
PUT = "arn:aws:states:::s3:putObject"


@pytest.fixture(scope="module")
def machines(account: Account) -> Machines:
    return Machines(account)


@pytest.fixture(scope="module")
def bucket(account: Account) -> str:
    s3 = account.client("s3")
    name = f"maps-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    inventory = {
        "destinationBucket": f"arn:aws:s3:::{name}",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "inventory.csv.gz"}],
    }
    objects = {**OBJECTS, "manifest.json": json.dumps(inventory).encode()}
    for key, content in objects.items():
        s3.put_object(Bucket=name, Key=key, Body=content)
    return name


def types(machines: Machines, execution: dict[str, Any]) -> list[str]:
    return [event["type"] for event in machines.events(execution["executionArn"])]


@pytest.mark.parametrize(
    ("tolerance", "failing", "error"),
    [
        ({}, 0, None),
        ({}, 1, "States.ExceedToleratedFailureThreshold"),
        ({"ToleratedFailureCount": 1}, 1, None),
        ({"ToleratedFailureCount": 1}, 2, "States.ExceedToleratedFailureThreshold"),
        ({"ToleratedFailurePercentage": 50}, 2, None),
        ({"ToleratedFailurePercentage": 49.9}, 2, "States.ExceedToleratedFailureThreshold"),
        ({"ToleratedFailureCountPath": "$.count"}, 2, None),
        ({"ToleratedFailurePercentagePath": "$.percentage"}, 2, None),
        (
            {"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 100},
            2,
            "States.ExceedToleratedFailureThreshold",
        ),
    ],
)
def test_more_failures_than_tolerated_fail_the_map_run(
    machines: Machines, tolerance: dict[str, Any], failing: int, error: str | None
) -> None:
    definition = distributed(FAIL_ABOVE_2, ItemsPath="$.items", **tolerance)
    items = [1] * (4 - failing) + [3] * failing
    execution = machines.run(definition, {"items": items, "count": 2, "percentage": 50})
    assert execution.get("error") == error
    assert types(machines, execution) == STARTED + (FAILED if error else SUCCEEDED)


def test_an_exceeded_tolerance_can_be_caught(machines: Machines) -> None:
    catch = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "Caught"}]
    definition = distributed(FAIL_ABOVE_2, Catch=catch)
    definition["States"]["Caught"] = {"Type": "Pass", "End": True}
    caught = machines.run(definition, [3])
    assert json.loads(caught["output"]) == {
        "Error": "States.ExceedToleratedFailureThreshold",
        "Cause": "The specified tolerated failure threshold was exceeded",
    }


@pytest.mark.parametrize(
    ("batcher", "inputs"),
    [
        ({"MaxItemsPerBatch": 2}, [{"Items": ["a", "b"]}, {"Items": ["c"]}]),
        ({"MaxItemsPerBatchPath": "$.most"}, [{"Items": ["a", "b"]}, {"Items": ["c"]}]),
        ({"MaxInputBytesPerBatch": 20}, [{"Items": ["a", "b"]}, {"Items": ["c"]}]),
        (
            {"MaxItemsPerBatch": 3, "BatchInput": {"fixed": 1, "most.$": "$.most"}},
            [{"BatchInput": {"fixed": 1, "most": 2}, "Items": ["a", "b", "c"]}],
        ),
    ],
)
def test_items_are_processed_in_batches(
    machines: Machines, batcher: dict[str, Any], inputs: list[Any]
) -> None:
    definition = distributed(ECHO, ItemsPath="$.items", ItemBatcher=batcher)
    execution = machines.run(definition, {"items": ["a", "b", "c"], "most": 2})
    assert json.loads(execution["output"]) == inputs


@pytest.mark.parametrize(
    ("limits", "event_types"),
    [
        ({"ItemsPath": "$.most"}, ["ExecutionFailed"]),
        ({"ItemsPath": "$.none"}, ["ExecutionFailed"]),
        (
            {"ItemsPath": "$.items", "ToleratedFailureCountPath": "$.items"},
            ["MapStateStarted", "ExecutionFailed"],
        ),
    ],
)
def test_wrong_paths_end_the_execution_before_there_is_a_map_run(
    machines: Machines, limits: dict[str, Any], event_types: list[str]
) -> None:
    execution = machines.run(distributed(ECHO, **limits), {"items": [1], "most": 2})
    assert execution["error"] == "States.Runtime"
    assert types(machines, execution)[2:] == event_types


def test_items_are_selected_before_they_are_batched(machines: Machines) -> None:
    definition = distributed(
        ECHO,
        ItemsPath="$.items",
        ItemSelector={"item.$": "$$.Map.Item.Value", "place.$": "$$.Map.Item.Index"},
        ItemBatcher={"MaxItemsPerBatch": 2},
    )
    execution = machines.run(definition, {"items": ["a", "b"]})
    items = [{"item": "a", "place": 0}, {"item": "b", "place": 1}]
    assert json.loads(execution["output"]) == [{"Items": items}]


@pytest.mark.parametrize(
    ("key", "config", "items"),
    [
        ("array.json", {"InputType": "JSON"}, [{"x": 1}, {"x": 2}]),
        ("array.json", {"InputType": "JSON", "MaxItems": 1}, [{"x": 1}]),
        ("nested.json", {"InputType": "JSON", "ItemsPointer": "/a/b"}, [7]),
        ("lines.jsonl", {"InputType": "JSONL"}, [{"x": 1}, {"x": 2}]),
        (
            "table.csv",
            {"InputType": "CSV", "CSVDelimiter": "PIPE", "CSVHeaderLocation": "FIRST_ROW"},
            [{"name": "a", "size": "1"}, {"name": "b", "size": ""}],
        ),
        (
            "table.csv",
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["row"]},
            [{"row": "name|size"}, {"row": "a|1"}, {"row": "b|"}],
        ),
        (
            "manifest.json",
            {"InputType": "MANIFEST"},
            [{"Bucket": "b", "Key": "a b.png", "Size": "5"}],
        ),
    ],
)
def test_items_come_from_an_object(
    machines: Machines, bucket: str, key: str, config: dict[str, Any], items: list[Any]
) -> None:
    place = {"Bucket": bucket, "Key": key}
    reader = {"Resource": GET, "Parameters": place, "ReaderConfig": config}
    execution = machines.run(distributed(ECHO, ItemReader=reader))
    assert json.loads(execution["output"]) == items


@pytest.mark.parametrize(
    ("key", "cause"),
    [
        ("none.json", "The specified key does not exist. (Service: S3, Status Code: 404,"),
        ("nested.json", "Attempting to map over non-iterable node."),
        ("broken.json", "The object cannot be read as JSON"),
        ("twice.csv", "CSV headers cannot contain duplicates."),
    ],
)
def test_what_cannot_be_read_fails_with_an_error_of_its_own(
    machines: Machines, bucket: str, key: str, cause: str
) -> None:
    place = {"Bucket": bucket, "Key": key}
    config = {"InputType": "CSV" if key.endswith("csv") else "JSON"}
    config |= {"CSVHeaderLocation": "FIRST_ROW"}
    reader = {"Resource": GET, "Parameters": place, "ReaderConfig": config}
    execution = machines.run(distributed(ECHO, ItemReader=reader))
    assert execution["error"] == "States.ItemReaderFailed"
    assert execution["cause"].startswith(cause)
    assert types(machines, execution) == STARTED + FAILED


def test_every_page_of_a_listing_is_read(account: Account, machines: Machines) -> None:
    s3 = account.client("s3")
    bucket = f"listed-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"in/{number}.png", Body=b"any")
    parameters = {"Bucket": bucket, "Prefix": "in/", "MaxKeys": 2}
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": parameters}
    items = json.loads(machines.run(distributed(ECHO, ItemReader=reader))["output"])
    assert [item["Key"] for item in items] == [f"in/{number}.png" for number in range(5)]
    assert items[0].keys() == {"Etag", "Key", "LastModified", "Size", "StorageClass"}
    reader = {**reader, "Parameters": {"Bucket": bucket, "Prefix": "none/"}}
    assert machines.run(distributed(ECHO, ItemReader=reader))["output"] == "[]"


def test_results_are_written_by_status_with_a_manifest(
    account: Account, machines: Machines, bucket: str
) -> None:
    writer = {"Resource": PUT, "Parameters": {"Bucket": bucket, "Prefix": "out"}}
    definition = distributed(
        FAIL_ABOVE_2, Label="Images", ToleratedFailurePercentage=50, ResultWriter=writer
    )
    output = json.loads(machines.run(definition, [1, 3])["output"])
    s3 = account.client("s3")

    def read(key: str) -> Any:
        return json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])

    key = output["ResultWriterDetails"]["Key"]
    folder = f"out/{output['MapRunArn'].rpartition(':')[2]}"
    assert key == f"{folder}/manifest.json"
    files = read(key)["ResultFiles"]
    assert files["PENDING"] == []
    (succeeded,) = read(files["SUCCEEDED"][0]["Key"])
    (failed,) = read(files["FAILED"][0]["Key"])
    assert (succeeded["Input"], succeeded["Output"], succeeded["Status"]) == ("1", "1", "SUCCEEDED")
    assert (failed["Error"], failed["Cause"], failed["Status"]) == ("TooBig", "above 2", "FAILED")
    assert failed["StateMachineArn"].endswith("/Images")


@pytest.mark.parametrize(
    ("transformation", "output"), [("COMPACT", [[1], [2, 3]]), ("FLATTEN", [1, 2, 3])]
)
def test_results_in_the_output_are_transformed(
    machines: Machines, transformation: str, output: list[Any]
) -> None:
    config = {"Transformation": transformation, "OutputType": "JSON"}
    definition = distributed(ECHO, ResultWriter={"WriterConfig": config})
    assert json.loads(machines.run(definition, [[1], [2, 3]])["output"]) == output


def test_a_missing_bucket_for_the_results_fails_the_map_run(machines: Machines) -> None:
    writer = {"Resource": PUT, "Parameters": {"Bucket": "none", "Prefix": "out"}}
    execution = machines.run(distributed(ECHO, ResultWriter=writer), [1])
    assert execution["error"] == "States.ResultWriterFailed"
