"""ItemReader: the items of a map run from objects in S3, or the listing of objects."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import unquote_plus

from botocore.exceptions import ClientError

from localaws.json_object import JsonObject
from localaws.stepfunctions.distributed_map.failures import reader_failure, s3_cause, s3_client

DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
OBJECT_PARAMETERS = {"Bucket", "ExpectedBucketOwner", "Key", "VersionId"}


class Refused(Exception):
    """Data that cannot be read as items; the text is the cause of the failure."""


def read_items(state: Any, env: Any) -> list[Any]:
    """Read all items that `state.item_reader` names, up to its MaxItems.

    Raises:
        FailureEventException: States.ItemReaderFailed.
    """
    reader, config = state.item_reader, state.distributed.reader
    reader.parargs.eval(env=env)
    parameters = env.stack.pop()
    limit = _max_items(reader, env)
    s3 = s3_client(env)
    action = reader.resource.api_action
    found = _listed if action == "listObjectsV2" else _read
    try:
        return list(islice(found(s3, parameters, config), limit))
    except ClientError as error:
        raise reader_failure(env, s3_cause(error)) from error
    except Refused as error:
        raise reader_failure(env, str(error)) from error


def _max_items(reader: Any, env: Any) -> int | None:
    if reader.reader_config is None:
        return None
    reader.reader_config.max_items_decl.eval(env=env)
    return int(env.stack.pop())


def _listed(s3: Any, parameters: JsonObject, config: JsonObject) -> Iterator[Any]:
    """One item for each object, or the items in the objects where they are to be loaded."""
    for page in s3.get_paginator("list_objects_v2").paginate(**parameters):
        for entry in page.get("Contents", []):
            if config.get("Transformation") == "LOAD_AND_FLATTEN":
                place = {"Bucket": parameters["Bucket"], "Key": entry["Key"]}
                yield from _read(s3, place, config)
            else:
                yield {
                    "Etag": entry["ETag"],
                    "Key": entry["Key"],
                    "LastModified": int(entry["LastModified"].timestamp()),
                    "Size": entry["Size"],
                    "StorageClass": entry.get("StorageClass", "STANDARD"),
                }


def _read(s3: Any, parameters: JsonObject, config: JsonObject) -> Iterable[Any]:
    place = {name: value for name, value in parameters.items() if name in OBJECT_PARAMETERS}
    content = s3.get_object(**place)["Body"].read()
    input_type = config.get("InputType", "JSON")
    if config.get("ManifestType") == "ATHENA_DATA":
        return _athena_items(s3, content, config)
    if input_type == "MANIFEST":
        return _inventory_items(s3, content)
    return _parsed(content, input_type, config)


def _parsed(content: bytes, input_type: str, config: JsonObject) -> Iterable[Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("The object is not UTF-8 text.") from error
    if input_type == "CSV":
        return _rows(text, config)
    if input_type == "JSONL":
        return _lines(text)
    return _array(text, config.get("ItemsPointer", ""))


def _array(text: str, pointer: str) -> list[Any]:
    try:
        value = json.loads(text)
        for part in pointer.split("/")[1:]:
            value = value[int(part) if isinstance(value, list) else part]
    except (ValueError, LookupError, TypeError) as error:
        raise Refused(f"The object cannot be read as JSON: {error}") from error
    if not isinstance(value, list):
        raise Refused("Attempting to map over non-iterable node.")
    return value


def _lines(text: str) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise Refused(f"Line {number} cannot be read as JSON: {error}") from error


def _rows(text: str, config: JsonObject) -> Iterator[JsonObject]:
    rows = csv.reader(io.StringIO(text), delimiter=DELIMITERS[config.get("CSVDelimiter", "COMMA")])
    is_given = config.get("CSVHeaderLocation") == "GIVEN"
    headers = config.get("CSVHeaders", []) if is_given else next(rows, [])
    if len(set(headers)) < len(headers):
        raise Refused("CSV headers cannot contain duplicates.")
    for row in rows:
        if row:
            values = [*row, *[""] * len(headers)]
            yield dict(zip(headers, values, strict=False))


def _inventory_items(s3: Any, content: bytes) -> Iterator[JsonObject]:
    """The objects of an S3 inventory; a manifest.json names its compressed files and columns."""
    try:
        manifest = json.loads(content)
        bucket = manifest["destinationBucket"].rpartition(":")[2]
        columns = [name.strip() for name in manifest["fileSchema"].split(",")]
        keys = [file["key"] for file in manifest["files"]]
    except (ValueError, LookupError, TypeError) as error:
        raise Refused(f"The object is not the manifest of an S3 inventory: {error}") from error
    for key in keys:
        packed = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        text = gzip.decompress(packed).decode()
        for row in csv.reader(io.StringIO(text)):
            entry = dict(zip(columns, row, strict=False))
            yield {**entry, "Key": unquote_plus(entry["Key"])}


def _athena_items(s3: Any, content: bytes, config: JsonObject) -> Iterator[Any]:
    """The items in the files of an UNLOAD query; its manifest has the address of one per line."""
    for address in content.decode().split():
        bucket, _, key = address.removeprefix("s3://").partition("/")
        part = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        if key.endswith(".gz"):
            part = gzip.decompress(part)
        yield from _parsed(part, config.get("InputType", "JSONL"), config)
