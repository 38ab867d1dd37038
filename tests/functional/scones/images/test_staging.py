from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import boto3
import numpy as np
import PIL.Image
import pytest
from botocore.exceptions import ClientError

from scones.errors import UserError
from scones.images.dataset import Dataset, Image
from scones.images.manifest import Manifest, Origin
from scones.images.staging import StagingResult, stage

BUCKET = "scones-local-data-123456789012"
ORIGIN = Origin("cifar100", "ab" * 32, drawn=False)


def image(name: str, label: int, level: int = 0) -> Image:
    return Image(f"{name}.png", label, np.full((32, 32, 3), level, np.uint8))


DATA = Dataset(
    ("bicycle", "motorcycle"),
    {
        "train": (image("b1", 0, 1), image("b2", 0, 2), image("m1", 1, 3), image("m2", 1, 4)),
        "validation": (image("b3", 0, 5), image("m3", 1, 6)),
        "test": (image("b4", 0, 7), image("m4", 1, 8)),
    },
)
KEYS = {f"{split}/{image.name}" for split, images in DATA.splits.items() for image in images}
ALL = KEYS | {"train.lst", "validation.lst", "test.lst", "manifest.json"}


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


def run(s3: Any, data: Dataset = DATA, version: str = "c0ffee") -> StagingResult:
    return stage(data, ORIGIN, version, 0, s3, BUCKET)


def numbers(staged: StagingResult) -> tuple[int, int, int]:
    return staged.uploaded, staged.present, staged.removed


def keys(s3: Any) -> set[str]:
    return {entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])}


def body(s3: Any, key: str) -> bytes:
    content: bytes = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return content


def requests(s3: Any) -> list[str]:
    """Names of the requests that the client makes from here on."""
    made: list[str] = []
    s3.meta.events.register("before-call.s3", lambda model, **_: made.append(model.name))
    return made


def test_the_bucket_holds_the_images_the_lists_and_the_manifest(s3: Any) -> None:
    staged = run(s3)
    assert numbers(staged) == (8, 0, 0)
    assert keys(s3) == ALL
    opened = PIL.Image.open(io.BytesIO(body(s3, "validation/m3.png")))
    assert (opened.format, opened.mode, opened.size) == ("PNG", "RGB", (32, 32))
    assert set(opened.tobytes()) == {6}
    assert body(s3, "test.lst") == b"0\t0\tb4.png\n1\t1\tm4.png\n"
    assert Manifest.parse(body(s3, "manifest.json")) == staged.manifest
    assert {entry["key"] for entry in json.loads(body(s3, "manifest.json"))["images"]} == KEYS
    assert s3.head_object(Bucket=BUCKET, Key="train/b1.png")["ContentType"] == "image/png"


def test_staging_again_writes_nothing(s3: Any) -> None:
    run(s3)
    made = requests(s3)
    assert numbers(run(s3)) == (0, 8, 0)
    assert set(made) == {"ListObjectsV2"}


def test_only_what_differs_goes_up_and_only_what_is_stale_goes_away(s3: Any) -> None:
    run(s3)
    train = (image("b1", 0, 99), image("new", 1), *DATA.splits["train"][2:])
    assert numbers(run(s3, replace(DATA, splits={**DATA.splits, "train": train}))) == (2, 6, 1)
    assert keys(s3) == ALL - {"train/b2.png"} | {"train/new.png"}
    assert set(PIL.Image.open(io.BytesIO(body(s3, "train/b1.png"))).tobytes()) == {99}


def test_nothing_outside_the_splits_is_touched(s3: Any) -> None:
    others = {
        "uploads/x.png",
        "training/x.png",
        "models/j/output/model.tar.gz",
        "tests/x.png",
        "train-old.txt",
    }
    for key in others:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"other")
    run(s3)
    assert keys(s3) == ALL | others


def test_a_new_label_changes_lists_and_manifest_alone(s3: Any) -> None:
    before = run(s3).manifest
    test = (image("b4", 1, 7), image("m4", 1, 8))
    staged = run(s3, replace(DATA, splits={**DATA.splits, "test": test}))
    assert numbers(staged) == (0, 8, 0)
    assert body(s3, "test.lst") == b"0\t1\tb4.png\n1\t1\tm4.png\n"
    assert staged.manifest.fingerprint != before.fingerprint


def test_new_code_renews_the_manifest_alone(s3: Any) -> None:
    before = run(s3).manifest
    made = requests(s3)
    after = run(s3, version="decaf").manifest
    assert made.count("PutObject") == 1
    assert Manifest.parse(body(s3, "manifest.json")).code_version == "decaf"
    assert after.fingerprint == before.fingerprint


@pytest.mark.parametrize("allowed", range(14))
def test_interrupted_anywhere_there_is_no_false_manifest_and_staging_again_completes_it(
    s3: Any, allowed: int
) -> None:
    """14 writes: the old manifest is deleted, 8 images, 1 removal, 3 lists, the new manifest."""
    run(s3)
    other = replace(
        DATA,
        splits={
            split: tuple(image(f"x{i.name[:-4]}", i.label, 50) for i in held)
            for split, held in DATA.splits.items()
        },
    )
    left = [allowed]

    def interrupt(model: Any, **_: Any) -> None:
        if model.name in ("PutObject", "DeleteObject", "DeleteObjects"):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt

    s3.meta.events.register("before-call.s3", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(s3, other)
    s3.meta.events.unregister("before-call.s3", interrupt)

    assert ("manifest.json" in keys(s3)) == (allowed == 0)
    staged = run(s3, other)
    assert keys(s3) == {f"{key.split('/')[0]}/x{key.split('/')[1]}" for key in KEYS} | (ALL - KEYS)
    assert Manifest.parse(body(s3, "manifest.json")) == staged.manifest


def test_more_images_than_one_listing_or_removal_holds(s3: Any) -> None:
    many = tuple(image(f"{number:04d}", 0, number % 251) for number in range(1100))
    assert numbers(run(s3, replace(DATA, splits={**DATA.splits, "train": many}))) == (1104, 0, 0)
    assert numbers(run(s3)) == (4, 4, 1100)


def test_without_a_bucket_the_remedy_is_named(s3: Any) -> None:
    with pytest.raises(UserError, match=r'There is no bucket nowhere. Run "make apply"'):
        stage(DATA, ORIGIN, "c0ffee", 0, s3, "nowhere")


def test_a_closed_bucket_is_a_sentence_and_other_faults_are_not(s3: Any) -> None:
    def refuse(code: str) -> None:
        def answer(**_: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "No."}}, "ListObjectsV2")

        s3.meta.events.register_first("before-call.s3.ListObjectsV2", answer, unique_id="refusal")
        try:
            run(s3)
        finally:
            s3.meta.events.unregister("before-call.s3.ListObjectsV2", unique_id="refusal")

    with pytest.raises(UserError, match="AWS denies access to the bucket"):
        refuse("AccessDenied")
    with pytest.raises(ClientError):
        refuse("InternalError")
