"""The result of a map run: the outputs of its children, in the state's output or in S3."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from localaws.json_object import JsonObject
from localaws.stepfunctions.distributed_map.children import Child, describe
from localaws.stepfunctions.distributed_map.failures import map_failure, s3_cause, s3_client

FILES = {
    "FAILED": {"FAILED", "TIMED_OUT", "ABORTED"},
    "PENDING": {"PENDING"},
    "SUCCEEDED": {"SUCCEEDED"},
}


def result(state: Any, env: Any, record: Any, children: list[Child]) -> Any:
    """The output of the state; a ResultWriter writes the results into a bucket instead."""
    config = state.distributed.writer
    if state.result_writer is None:
        return _transformed(children, config.get("Transformation", "COMPACT"))
    state.result_writer.parargs.eval(env=env)
    parameters = env.stack.pop()
    try:
        return _write(env, record, children, parameters, config)
    except ClientError as error:
        failed = StatesErrorNameType.StatesResultWriterFailed
        raise map_failure(env, failed, s3_cause(error)) from error


def _transformed(children: list[Child], transformation: str) -> list[Any]:
    """Failed executions are described, whatever the transformation."""
    results: list[Any] = []
    for child in children:
        if transformation == "NONE" or child.status != "SUCCEEDED":
            results.append(describe(child))
        elif transformation == "FLATTEN" and isinstance(child.output, list):
            results += child.output
        else:
            results.append(child.output)
    return results


def _write(
    env: Any, record: Any, children: list[Child], parameters: JsonObject, config: JsonObject
) -> JsonObject:
    s3: Any = s3_client(env)
    bucket = parameters["Bucket"]
    prefix = parameters.get("Prefix", "").rstrip("/")
    folder = "/".join(filter(None, [prefix, record.map_run_arn.rpartition(":")[2]]))
    output_type = config.get("OutputType", "JSON")
    files: JsonObject = {}
    for name, statuses in FILES.items():
        members = [child for child in children if child.status in statuses]
        files[name] = []
        if members:
            results = _transformed(members, config.get("Transformation", "NONE"))
            key = f"{folder}/{name}_0.{output_type.lower()}"
            content = _encoded(results, output_type)
            s3.put_object(Bucket=bucket, Key=key, Body=content)
            files[name].append({"Key": key, "Size": len(content)})
    manifest = {
        "DestinationBucket": bucket,
        "MapRunArn": record.map_run_arn,
        "ResultFiles": files,
    }
    key = f"{folder}/manifest.json"
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(manifest).encode())
    details = {"Bucket": bucket, "Key": key}
    return {"MapRunArn": record.map_run_arn, "ResultWriterDetails": details}


def _encoded(results: list[Any], output_type: str) -> bytes:
    lines = "".join(f"{to_json_str(one)}\n" for one in results)
    text: str = lines if output_type == "JSONL" else to_json_str(results)
    return text.encode()
