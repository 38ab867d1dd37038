import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import boto3
import odd_images
import pytest

from scones.errors import UserError
from scones.workflow import images
from scones.workflow.images import StoredImage

BUCKET = "scones-test-data-123456789012"
BIKE, OTHER_BIKE = (odd_images.plain_image("RGB", kind) for kind in ("PNG", "JPEG"))


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


def versions(s3: Any) -> list[str]:
    return [
        version["Key"] for version in s3.list_object_versions(Bucket=BUCKET).get("Versions", [])
    ]


def test_a_local_file_is_uploaded_under_its_content(s3: Any, tmp_path: Path) -> None:
    (tmp_path / "bike.png").write_bytes(BIKE)
    stored = images.resolve(str(tmp_path / "bike.png"), s3, BUCKET)
    assert stored == StoredImage(
        BUCKET, f"uploads/{hashlib.sha256(BIKE).hexdigest()[:16]}-bike.png"
    )
    assert s3.get_object(Bucket=BUCKET, Key=stored.key)["Body"].read() == BIKE


def test_the_same_image_is_uploaded_once(s3: Any, tmp_path: Path) -> None:
    (tmp_path / "bike.png").write_bytes(BIKE)
    first, second = (images.resolve(str(tmp_path / "bike.png"), s3, BUCKET) for _ in range(2))
    assert first == second
    assert len(versions(s3)) == 1


def test_another_content_under_the_same_name_is_another_image(s3: Any, tmp_path: Path) -> None:
    for content in (BIKE, OTHER_BIKE):
        (tmp_path / "bike.png").write_bytes(content)
        images.resolve(str(tmp_path / "bike.png"), s3, BUCKET)
    assert len(set(versions(s3))) == 2


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty. Name an image"),
        (b"not an image at all", "is not an image. The known formats are PNG, JPEG, GIF"),
        (odd_images.plain_image("RGB", "JPEG")[:300], "is damaged"),
        (odd_images.fifty_megapixels(), "at most 25,000,000 are accepted. Name a smaller one."),
    ],
    ids=["empty", "text", "half", "fifty megapixels"],
)
def test_a_file_that_is_not_an_image_is_a_sentence_and_is_not_uploaded(
    s3: Any, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "notes.png").write_bytes(content)
    with pytest.raises(UserError, match=re.escape(sentence)):
        images.resolve(str(tmp_path / "notes.png"), s3, BUCKET)
    assert versions(s3) == []


@pytest.mark.parametrize("name", odd_images.ANSWERED)
def test_an_image_of_any_kind_is_uploaded(s3: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(odd_images.ANSWERED[name]())
    assert versions(s3) == []
    stored = images.resolve(str(tmp_path / name), s3, BUCKET)
    assert versions(s3) == [stored.key]


@pytest.mark.parametrize(
    ("name", "key_end"),
    [
        ("my bike.jpg", "-my-bike.jpg"),
        ("Fahrrad für Zoë.jpg", "-Fahrrad-f-r-Zo-.jpg"),
        ("自転車.jpg", "-.jpg"),
        ("自転車", "-image"),
        ("a'b\"c$(d);e&f#g?h+%20.png", "-a-b-c-d-e-f-g-h-20.png"),
        ("line\nbreak.png", "-line-break.png"),
        ("n" * 200 + ".png", "-" + "n" * 96 + ".png"),
    ],
)
def test_any_file_name_becomes_a_plain_key(
    s3: Any, tmp_path: Path, name: str, key_end: str
) -> None:
    (tmp_path / name).write_bytes(BIKE)
    stored = images.resolve(str(tmp_path / name), s3, BUCKET)
    assert stored.key.removeprefix("uploads/")[16:] == key_end
    assert versions(s3) == [stored.key]


def test_a_name_that_is_not_unicode_becomes_a_plain_key(s3: Any, tmp_path: Path) -> None:
    name = os.fsdecode(b"bike-\xff.png")
    (tmp_path / name).write_bytes(BIKE)
    assert images.resolve(str(tmp_path / name), s3, BUCKET).key.endswith("-bike-.png")


@pytest.mark.parametrize("scheme", ["s3", "S3"])
def test_an_s3_url_is_used_as_it_is_even_if_nothing_is_there(s3: Any, scheme: str) -> None:
    url = f"{scheme}://{BUCKET}/some folder/ünï?c#d.png"
    assert images.resolve(url, s3, BUCKET) == StoredImage(BUCKET, "some folder/ünï?c#d.png")
    assert versions(s3) == []


def test_an_image_of_another_bucket_is_copied_once(s3: Any) -> None:
    s3.create_bucket(Bucket="another-bucket")
    s3.put_object(Bucket="another-bucket", Key="some folder/ünï bike.png", Body=BIKE)
    url = "s3://another-bucket/some folder/ünï bike.png"
    stored = images.resolve(url, s3, BUCKET)
    digest = hashlib.sha256(BIKE).hexdigest()[:16]
    assert stored == StoredImage(BUCKET, f"uploads/{digest}-n-bike.png")
    assert s3.get_object(Bucket=BUCKET, Key=stored.key)["Body"].read() == BIKE
    assert images.resolve(url, s3, BUCKET) == stored
    assert versions(s3) == [stored.key]


def test_what_cannot_be_copied_from_another_bucket_is_a_sentence(s3: Any) -> None:
    s3.create_bucket(Bucket="another-bucket")
    s3.put_object(Bucket="another-bucket", Key="notes.png", Body=b"not an image at all")
    s3.put_object(Bucket="another-bucket", Key="secret.png", Body=BIKE)
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::another-bucket/secret.png",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    s3.put_bucket_policy(Bucket="another-bucket", Policy=policy)
    for url, sentence in [
        ("s3://no-such-bucket/bike.png", "s3://no-such-bucket/bike.png does not exist"),
        ("s3://another-bucket/absent.png", "s3://another-bucket/absent.png does not exist"),
        ("s3://another bucket/bike.png", "another bucket is not a valid bucket name"),
        ("s3://another-bucket/notes.png", "notes.png is not an image"),
        ("s3://another-bucket/secret.png", "Ask for s3:GetObject on it"),
    ]:
        with pytest.raises(UserError, match=re.escape(sentence)):
            images.resolve(url, s3, BUCKET)
    assert versions(s3) == []


@pytest.mark.parametrize("url", ["s3://", "s3://bucket", "s3://bucket/", "s3:///key.png"])
def test_an_s3_url_without_bucket_or_key_is_a_sentence(s3: Any, url: str) -> None:
    with pytest.raises(UserError, match="s3://bucket/key"):
        images.resolve(url, s3, BUCKET)


def test_no_image_a_missing_one_a_folder_and_a_pipe_are_sentences(s3: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for image, sentence in [
        ("", "No image is named"),
        (str(tmp_path / "absent.png"), "No such file or directory"),
        (str(tmp_path), "is a folder"),
        (str(tmp_path / "pipe"), "is not a file"),
        (str(tmp_path / ("n" * 300)), "can't be read"),
    ]:
        with pytest.raises(UserError, match=sentence):
            images.resolve(image, s3, BUCKET)


def test_a_missing_bucket_is_a_sentence(s3: Any, tmp_path: Path) -> None:
    (tmp_path / "bike.png").write_bytes(BIKE)
    with pytest.raises(UserError, match="does not exist"):
        images.resolve(str(tmp_path / "bike.png"), s3, "scones-test-gone")
