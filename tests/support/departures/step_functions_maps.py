"""What moto's Distributed Map lacks: tolerated failures, batches, kinds of items, result files."""

from __future__ import annotations

import json
import uuid
from typing import Any

from accounts import Account
from machines import Machines, distributed, machine

from departures.registry import departure

ECHO = machine(Echo={"Type": "Pass"})
FAILING = machine(Fail={"Type": "Fail", "Error": "Any"})


@departure("StateMap._eval_execution", answer="States.ExceedToleratedFailureThreshold")
def a_failed_item_fails_the_map_run(account: Account) -> Any:
    return Machines(account).run(distributed(FAILING), [1]).get("error")


@departure("AmazonStateLanguageParser.parse", answer=[{"Items": [1, 2]}, {"Items": [3]}])
def items_are_processed_in_batches(account: Account) -> Any:
    definition = distributed(ECHO, ItemBatcher={"MaxItemsPerBatch": 2})
    return json.loads(Machines(account).run(definition, [1, 2, 3])["output"])


@departure(answer=[{"x": 1}, {"x": 2}])
def items_may_be_json_lines(account: Account) -> Any:
    place = {"Bucket": new_bucket(account), "Key": "lines"}
    account.client("s3").put_object(**place, Body=b'{"x": 1}\n{"x": 2}\n')
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "Parameters": place,
        "ReaderConfig": {"InputType": "JSONL"},
    }
    return json.loads(Machines(account).run(distributed(ECHO, ItemReader=reader))["output"])


@departure(answer={"FAILED": 0, "PENDING": 0, "SUCCEEDED": 1})
def results_are_written_to_files(account: Account) -> Any:
    parameters = {"Bucket": new_bucket(account), "Prefix": "out"}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": parameters}
    execution = Machines(account).run(distributed(ECHO, ResultWriter=writer), [1])
    place = json.loads(execution["output"])["ResultWriterDetails"]
    manifest = json.load(account.client("s3").get_object(**place)["Body"])
    return {name: len(files) for name, files in manifest["ResultFiles"].items()}


def new_bucket(account: Account) -> str:
    name = f"maps-{uuid.uuid4().hex[:8]}"
    account.client("s3").create_bucket(Bucket=name)
    return name
