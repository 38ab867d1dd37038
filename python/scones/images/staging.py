"""Brings the data bucket to hold exactly one dataset: images, their lists, and the manifest that vouches for them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from scones.errors import UserError
from scones.images import manifest
from scones.images.dataset import Dataset, Image
from scones.images.manifest import Manifest, Origin, Others
from scones.progress import Progress

SPLITS = ("train", "validation", "test")
PRETRAINING = "pretraining/"
FOLDERS = (*(f"{split}/" for split in SPLITS), PRETRAINING)
LIST_TYPE = "text/tab-separated-values"
DELETE_BATCH = 1000  # S3 takes no more in one request
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Staged:
    """What staging did: the manifest, and how many images went up, were there already, and went away."""

    manifest: Manifest
    uploaded: int
    present: int
    removed: int


def stage(
    dataset: Dataset,
    origin: Origin,
    code_version: str,
    seed: int,
    s3: Any,
    bucket: str,
    others: tuple[Others, bytes] | None = None,
) -> Staged:
    """Upload the images that `bucket` lacks, remove those that no longer belong, then write the lists and the manifest.

    Whenever something else changes, the old manifest goes first and the new one comes last: there is a manifest only
    where all that it lists is there, and staging that was interrupted is finished by staging again. `others` is the
    file of other classes' images to pretrain on, with its content.

    Raises:
        UserError: the bucket is missing or closed to us.
    """
    pngs = {
        f"{split}/{image.name}": image.png() for split in SPLITS for image in dataset.splits[split]
    }
    described = replace(
        Manifest.of(dataset, pngs, origin, code_version, seed),
        pretraining=others[0] if others else None,
    )
    lists = {f"{split}.lst": described.lst(split) for split in SPLITS}
    with explained(bucket):
        held = _held(s3, bucket)
        missing = {key: png for key, png in pngs.items() if held.get(key) != _etag(png)}
        kept = {*pngs, others[0].key} if others else pngs
        stale = sorted(key for key in held if key.startswith(FOLDERS) and key not in kept)
        outdated = {key: text for key, text in lists.items() if held.get(key) != _etag(text)}
        pretraining = others if others and not _holds(s3, bucket, others[0], held) else None
        changes = bool(missing or stale or outdated or pretraining)
        if changes:
            s3.delete_object(Bucket=bucket, Key=manifest.KEY)
            _upload(s3, bucket, missing)
            _remove(s3, bucket, stale)
            if pretraining:
                _upload_file(s3, bucket, *pretraining)
            for key, text in outdated.items():
                s3.put_object(Bucket=bucket, Key=key, Body=text, ContentType=LIST_TYPE)
        if changes or held.get(manifest.KEY) != _etag(described.as_json()):
            s3.put_object(
                Bucket=bucket,
                Key=manifest.KEY,
                Body=described.as_json(),
                ContentType="application/json",
            )
    return Staged(
        described, uploaded=len(missing), present=len(pngs) - len(missing), removed=len(stale)
    )


def digests(dataset: Dataset) -> frozenset[str]:
    """SHA-256 of every image's PNG."""
    return frozenset(
        hashlib.sha256(image.png()).hexdigest()
        for split in dataset.splits.values()
        for image in split
    )


def exchange_reviewed(there: Manifest, images: Sequence[Image], s3: Any, bucket: str) -> Manifest:
    """Have exactly `images` stand among the training images as the reviewed ones, where `there` was staged.

    The new manifest comes after all that it lists, and what only the old one lists goes last: whenever it is
    interrupted, all that the manifest lists is there, and doing it again, or staging, finishes it.
    """
    pngs = {f"train/{image.name}": image.png() for image in images}
    described = there.with_reviewed({f"train/{image.name}": image.label for image in images}, pngs)
    if described != there:
        with explained(bucket):
            former, now = (
                {image.key: image.sha256 for image in one.images} for one in (there, described)
            )
            _upload(
                s3, bucket, {key: png for key, png in pngs.items() if former.get(key) != now[key]}
            )
            s3.put_object(
                Bucket=bucket, Key="train.lst", Body=described.lst("train"), ContentType=LIST_TYPE
            )
            s3.put_object(
                Bucket=bucket,
                Key=manifest.KEY,
                Body=described.as_json(),
                ContentType="application/json",
            )
            _remove(s3, bucket, sorted(former.keys() - now.keys()))
    return described


def _held(s3: Any, bucket: str) -> dict[str, str]:
    """ETags of what lies in the splits' folders, of their lists beside them, and of the manifest."""
    pages = s3.get_paginator("list_objects_v2")
    prefixes = (*SPLITS, PRETRAINING, manifest.KEY)
    listings = (
        page for prefix in prefixes for page in pages.paginate(Bucket=bucket, Prefix=prefix)
    )
    return {
        entry["Key"]: entry["ETag"].strip('"')
        for page in listings
        for entry in page.get("Contents", ())
    }


def _etag(content: bytes) -> str:
    """The ETag of an object put in one piece and encrypted with S3's own keys; any other object goes up again."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _holds(s3: Any, bucket: str, others: Others, held: Mapping[str, str]) -> bool:
    """Whether the file is there; its ETag says nothing, as it may have gone up in parts."""
    if others.key not in held:
        return False
    return bool(
        s3.head_object(Bucket=bucket, Key=others.key)["Metadata"].get("sha256") == others.sha256
    )


def _upload_file(s3: Any, bucket: str, others: Others, content: bytes) -> None:
    with Progress("Uploading images to pretrain on", len(content), "B") as bar:
        s3.upload_fileobj(
            io.BytesIO(content),
            bucket,
            others.key,
            {"Metadata": {"sha256": others.sha256}},
            Callback=bar.add,
        )


def _upload(s3: Any, bucket: str, pngs: Mapping[str, bytes]) -> None:
    def put(key: str) -> None:
        s3.put_object(Bucket=bucket, Key=key, Body=pngs[key], ContentType="image/png")

    with Progress("Uploading", len(pngs), "images") as bar:
        for _ in bar.each(in_parallel(put, pngs, s3.meta.config.max_pool_connections)):
            pass


def in_parallel(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[Result]:
    """Results as they come; at the first error, or an interruption, those not yet begun are dropped."""
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _remove(s3: Any, bucket: str, keys: list[str]) -> None:
    with Progress("Removing", len(keys), "images") as bar:
        for start in range(0, len(keys), DELETE_BATCH):
            batch = keys[start : start + DELETE_BATCH]
            answer = s3.delete_objects(
                Bucket=bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
            )
            if errors := answer.get("Errors"):
                raise UserError(
                    f"S3 did not remove {errors[0]['Key']}: {errors[0]['Message']}. Stage the data again."
                )
            bar.add(len(batch))


@contextmanager
def explained(bucket: str) -> Iterator[None]:
    """Turns what S3 says of a bucket that is missing or closed into a UserError."""
    try:
        yield
    except ClientError as error:
        match error.response["Error"]["Code"]:
            case "NoSuchBucket":
                raise UserError(
                    f'There is no bucket {bucket}. Run "make apply" to provision it.'
                ) from error
            case "AccessDenied":
                raise UserError(
                    f"AWS denies access to the bucket {bucket}: {error}. Ask for access to it."
                ) from error
        raise
