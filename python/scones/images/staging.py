"""Makes the data bucket hold exactly one dataset: images, their lists, and their manifest."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import ClientError

from scones.aws import CONNECTIONS, error_code
from scones.clients import S3Client
from scones.errors import UserError
from scones.images import manifest
from scones.images.dataset import Dataset, Image
from scones.images.manifest import Manifest, Origin, PretrainingFile
from scones.progress import Progress, in_parallel

SPLITS = ("train", "validation", "test")
FOLDERS = ("train/", "validation/", "test/", "pretraining/")
LIST_TYPE = "text/tab-separated-values"
DELETE_BATCH = 1000  # S3 accepts no more in one request


@dataclass(frozen=True)
class StagingResult:
    """The manifest, and the numbers of images uploaded, already present, and removed."""

    manifest: Manifest
    uploaded: int
    present: int
    removed: int


def stage(
    dataset: Dataset,
    origin: Origin,
    code_version: str,
    seed: int,
    s3: S3Client,
    bucket: str,
    pretraining: tuple[PretrainingFile, bytes] | None = None,
) -> StagingResult:
    """Upload what `bucket` lacks, remove what is stale, then write the lists and the manifest.

    Before anything else changes, the old manifest is deleted; the new one is written last. So
    there is a manifest only if all that it lists is present, and staging again completes an
    interrupted staging. `pretraining` is the file of other classes' images, with its content.

    Raises:
        UserError: the bucket does not exist, or AWS denies access to it.
    """
    pngs = {}
    for split in SPLITS:
        for image in dataset.splits[split]:
            pngs[f"{split}/{image.name}"] = image.png()
    file, content = pretraining or (None, b"")
    staged = Manifest.of(dataset, pngs, origin, code_version, seed, file)
    lists = {f"{split}.lst": staged.lst(split) for split in SPLITS}
    text = staged.as_json()

    with explain_errors(bucket):
        etags = _list_etags(s3, bucket)
        new_images = _select_changed(pngs, etags)
        new_lists = _select_changed(lists, etags)
        new_file = file if file and not _is_uploaded(s3, bucket, file, etags) else None
        keys = {*pngs, file.key} if file else {*pngs}
        stale = sorted(key for key in etags.keys() - keys if key.startswith(FOLDERS))
        if new_images or new_lists or new_file or stale:
            s3.delete_object(Bucket=bucket, Key=manifest.KEY)
            etags.pop(manifest.KEY, None)
            _upload_images(s3, bucket, new_images)
            _remove(s3, bucket, stale)
            if new_file:
                _upload_pretraining(s3, bucket, new_file, content)
            for key, lines in new_lists.items():
                s3.put_object(
                    Bucket=bucket,
                    Key=key,
                    Body=lines,
                    ContentType=LIST_TYPE,
                )
        if _select_changed({manifest.KEY: text}, etags):
            _put_manifest(s3, bucket, text)
    return StagingResult(
        staged,
        uploaded=len(new_images),
        present=len(pngs) - len(new_images),
        removed=len(stale),
    )


def digests(dataset: Dataset) -> frozenset[str]:
    """SHA-256 of every image's PNG."""
    return frozenset(
        hashlib.sha256(image.png()).hexdigest()
        for images in dataset.splits.values()
        for image in images
    )


def replace_reviewed(
    staged: Manifest, images: Sequence[Image], s3: S3Client, bucket: str
) -> Manifest:
    """Make `images` the reviewed ones among the training images; `staged` is the manifest so far.

    The new manifest is written after all that it lists, and what only the old one lists is removed
    last: at every interruption all that the manifest lists is present, and a repetition, or
    staging, completes it.
    """
    pngs = {f"train/{image.name}": image.png() for image in images}
    labels = {f"train/{image.name}": image.label for image in images}
    new = staged.with_reviewed(labels, pngs)
    if new == staged:
        return new
    old_digests = {image.key: image.sha256 for image in staged.images}
    new_digests = {image.key: image.sha256 for image in new.images}
    changed = {key: png for key, png in pngs.items() if old_digests.get(key) != new_digests[key]}
    with explain_errors(bucket):
        _upload_images(s3, bucket, changed)
        s3.put_object(
            Bucket=bucket,
            Key="train.lst",
            Body=new.lst("train"),
            ContentType=LIST_TYPE,
        )
        _put_manifest(s3, bucket, new.as_json())
        _remove(
            s3,
            bucket,
            sorted(old_digests.keys() - new_digests.keys()),
        )
    return new


@contextmanager
def explain_errors(bucket: str) -> Iterator[None]:
    """Turn the errors of a bucket that is missing or closed into a UserError."""
    try:
        yield
    except ClientError as error:
        match error_code(error):
            case "NoSuchBucket":
                raise UserError(
                    f'There is no bucket {bucket}. Run "make apply" to provision it.'
                ) from error
            case "AccessDenied":
                raise UserError(
                    f"AWS denies access to the bucket {bucket}: {error}. Ask for access to it."
                ) from error
        raise


def _list_etags(s3: S3Client, bucket: str) -> dict[str, str]:
    """ETags of all objects in the staged folders, of their lists, and of the manifest."""
    pages = s3.get_paginator("list_objects_v2")
    etags: dict[str, str] = {}
    for prefix in (*SPLITS, "pretraining/", manifest.KEY):
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                etags[entry["Key"]] = entry["ETag"].strip('"')
    return etags


def _select_changed(contents: Mapping[str, bytes], etags: Mapping[str, str]) -> dict[str, bytes]:
    """The contents that are missing or different.

    The ETag is the MD5 of an object that was put in one piece and encrypted with S3's own keys;
    any other object counts as different.
    """
    return {
        key: content
        for key, content in contents.items()
        if etags.get(key) != hashlib.md5(content, usedforsecurity=False).hexdigest()
    }


def _is_uploaded(
    s3: S3Client, bucket: str, file: PretrainingFile, etags: Mapping[str, str]
) -> bool:
    """Whether the file is present. It may have been uploaded in parts, so its ETag is no MD5."""
    if file.key not in etags:
        return False
    head = s3.head_object(Bucket=bucket, Key=file.key)
    return head["Metadata"].get("sha256") == file.sha256


def _upload_pretraining(s3: S3Client, bucket: str, file: PretrainingFile, content: bytes) -> None:
    with Progress("Uploading images to pretrain on", len(content), "B") as bar:
        s3.upload_fileobj(
            io.BytesIO(content),
            bucket,
            file.key,
            {"Metadata": {"sha256": file.sha256}},
            Callback=bar.add,
        )


def _upload_images(s3: S3Client, bucket: str, pngs: Mapping[str, bytes]) -> None:
    def put(key: str) -> None:
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=pngs[key],
            ContentType="image/png",
        )

    with Progress("Uploading", len(pngs), "images") as bar:
        for _ in bar.each(in_parallel(put, pngs, CONNECTIONS)):
            pass


def _put_manifest(s3: S3Client, bucket: str, text: bytes) -> None:
    s3.put_object(
        Bucket=bucket,
        Key=manifest.KEY,
        Body=text,
        ContentType="application/json",
    )


def _remove(s3: S3Client, bucket: str, keys: list[str]) -> None:
    with Progress("Removing", len(keys), "images") as bar:
        for start in range(0, len(keys), DELETE_BATCH):
            batch = keys[start : start + DELETE_BATCH]
            response = s3.delete_objects(
                Bucket=bucket,
                Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True},
            )
            for failure in response.get("Errors", ()):
                raise UserError(
                    f"S3 did not remove {failure['Key']}: {failure['Message']}. "
                    "Stage the data again."
                )
            bar.add(len(batch))
