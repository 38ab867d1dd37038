"""S3 on disk: a row for each bucket and for each version of an object.

The attributes of both are pickled, without moto's classes around them: moto's constructors make the
objects again, so that an attribute of a newer version of moto has its default.
"""

from __future__ import annotations

import json
import pickle
import sqlite3
from collections.abc import Collection
from typing import Any

from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend, s3_backends
from moto.s3.responses import S3Response

from localaws.persistence import changes
from localaws.persistence.account_file import AccountFile, unpickle
from localaws.server.patching import change

READING = {"GET", "HEAD", "OPTIONS"}
SAVED = "_body_is_saved"  # set on a version whose body is in the file: bodies never change
# What a row holds elsewhere, or what the constructor makes.
KEY_ELSEWHERE = {"_value_buffer", "lock", "multipart", SAVED}
BUCKET_ELSEWHERE = {"keys", "multiparts"}  # an unfinished multipart upload is lost


def install(file: AccountFile) -> None:
    @change(S3Response)
    def _bucket_response(moto: Any, self: Any, request: Any, full_url: str) -> Any:
        if request.method not in READING:
            changes.note("buckets", self.parse_bucket_name_from_url(request, full_url))
        return moto(self, request, full_url)

    @change(S3Response)
    def _key_response(moto: Any, self: Any, request: Any, full_url: str) -> Any:
        if request.method not in READING:
            bucket = self.parse_bucket_name_from_url(request, full_url)
            changes.note("objects", (bucket, self.parse_key_name()))
        return moto(self, request, full_url)

    @change(S3Backend)
    def put_object(
        moto: Any, self: Any, bucket_name: str, key_name: str, *args: Any, **kw: Any
    ) -> Any:
        changes.note("objects", (bucket_name, key_name))
        return moto(self, bucket_name, key_name, *args, **kw)

    @change(S3Backend)
    def delete_object(
        moto: Any, self: Any, bucket_name: str, key_name: str, *args: Any, **kw: Any
    ) -> Any:
        changes.note("objects", (bucket_name, key_name))
        return moto(self, bucket_name, key_name, *args, **kw)

    @change(S3Backend)
    def put_bucket_tagging(moto: Any, self: Any, bucket_name: str, tags: dict[str, str]) -> None:
        changes.note("buckets", bucket_name)  # S3 Control and the tagging service come here, too
        moto(self, bucket_name, tags)

    @change(S3Backend)
    def untag_resource(moto: Any, self: Any, arn: str, tag_keys: list[str]) -> None:
        changes.note("buckets", arn.rsplit(":", 1)[-1])
        moto(self, arn, tag_keys)

    restore(file)
    changes.register("buckets", lambda names: _save_buckets(file, names))
    changes.register("objects", lambda keys: _save_objects(file, keys))


def restore(file: AccountFile) -> None:
    for row in file.read("select name, account, partition, state, tags from bucket"):
        name, account_id, partition, state, tags = row
        backend = s3_backends[account_id][partition]
        attributes = unpickle(state)
        bucket = FakeBucket(name, account_id, attributes["region_name"])
        vars(bucket).update(attributes)
        backend.buckets[name] = bucket
        _set_tags(backend, bucket.arn, tags)
    for row in file.read(
        "select bucket, key, state, tags, body, parts from object order by bucket, key, place"
    ):
        _restore_version(*row)


def _restore_version(
    bucket_name: str,
    key_name: str,
    state: bytes,
    tags: str,
    body: bytes | None,
    parts: bytes | None,
) -> None:
    partition, account_id = s3_backends.bucket_accounts[bucket_name]
    backend = s3_backends[account_id][partition]
    versions = backend.buckets[bucket_name].keys
    attributes = unpickle(state)
    version: Any
    if body is None:
        version = FakeDeleteMarker.__new__(FakeDeleteMarker)
        version.key = versions.get(key_name)
    else:
        version = FakeKey(key_name, body, account_id, attributes["region_name"])
        version.multipart = unpickle(parts) if parts else None
        setattr(version, SAVED, True)
    vars(version).update(attributes)
    versions[key_name] = version  # appends a version
    if body is not None:
        _set_tags(backend, version.arn, tags)


def _save_buckets(file: AccountFile, names: Collection[str]) -> None:
    deleted = False
    with file.writing() as connection:
        for name in names:
            backend = _backend_of(name)
            bucket = backend and backend.buckets.get(name)
            if not backend or not bucket:
                connection.execute("delete from bucket where name = ?", [name])
                connection.execute("delete from object where bucket = ?", [name])
                deleted = True
                continue
            state = _attributes(bucket, BUCKET_ELSEWHERE)
            connection.execute(
                "insert or replace into bucket values (?, ?, ?, ?, ?)",
                [name, backend.account_id, backend.partition, state, _tags(backend, bucket.arn)],
            )
    if deleted:
        file.shrink()


def _save_objects(file: AccountFile, keys: Collection[tuple[str, str]]) -> None:
    with file.writing() as connection:
        for bucket, key in keys:
            _save_object(connection, bucket, key)


def _save_object(connection: sqlite3.Connection, bucket_name: str, key_name: str) -> None:
    backend = _backend_of(bucket_name)
    bucket = backend and backend.buckets.get(bucket_name)
    versions = list(bucket.keys.getlist(key_name, [])) if bucket else []
    kept = {str(version.version_id) for version in versions}
    identity = [bucket_name, key_name]
    known = connection.execute(
        "select version from object where bucket = ? and key = ?", identity
    ).fetchall()
    for (version_id,) in known:
        if version_id not in kept:
            connection.execute(
                "delete from object where bucket = ? and key = ? and version = ?",
                [*identity, version_id],
            )
    for place, version in enumerate(versions):
        _save_version(connection, backend, [*identity, str(version.version_id)], place, version)


def _save_version(
    connection: sqlite3.Connection,
    backend: Any,
    identity: list[str],
    place: int,
    version: Any,
) -> None:
    tags = "{}" if isinstance(version, FakeDeleteMarker) else _tags(backend, version.arn)
    if isinstance(version, FakeDeleteMarker):
        row = [_attributes(version, {"key"}), tags, None, None]
    elif getattr(version, SAVED, False):
        connection.execute(
            "update object set place = ?, state = ?, tags = ? "
            "where bucket = ? and key = ? and version = ?",
            [place, _attributes(version, KEY_ELSEWHERE), tags, *identity],
        )
        return
    else:
        parts = pickle.dumps(version.multipart) if version.multipart else None
        row = [_attributes(version, KEY_ELSEWHERE), tags, version.value, parts]
        setattr(version, SAVED, True)
    connection.execute(
        "insert or replace into object values (?, ?, ?, ?, ?, ?, ?, ?)", [*identity, place, *row]
    )


def _attributes(item: Any, elsewhere: Collection[str]) -> bytes:
    return pickle.dumps(
        {name: value for name, value in vars(item).items() if name not in elsewhere}
    )


def _backend_of(bucket: str) -> Any:
    """The backend that holds the bucket; None where there is no such bucket."""
    partition, account_id = s3_backends.bucket_accounts.get(bucket, (None, None))
    return s3_backends[account_id][partition] if account_id else None


def _tags(backend: Any, arn: str) -> str:
    return json.dumps(backend.tagger.get_tag_dict_for_resource(arn))


def _set_tags(backend: Any, arn: str, tags: str) -> None:
    tag_list = [{"Key": name, "Value": value} for name, value in json.loads(tags).items()]
    if tag_list:
        backend.tagger.tag_resource(arn, tag_list)
