"""The actions that S3's operations need.

Source: "Required permissions for Amazon S3 API operations" in AWS's S3 user guide. Where an
operation is not named here, its action has the operation's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from localaws.iam.patterns import Context
from localaws.iam.policies import Call
from localaws.json_object import JsonObject

RENAMED = {
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectAttributes": "GetObject",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "UploadPart": "PutObject",
}
# Of one version of an object: another action.
OF_VERSIONS = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectTagging": "PutObjectVersionTagging",
}
COPIES = {"CopyObject": "PutObject", "UploadPartCopy": "PutObject"}
LISTED = {"Prefix": "s3:prefix", "Delimiter": "s3:delimiter", "MaxKeys": "s3:max-keys"}
KEY = re.compile(rb"<Key>(.*?)</Key>", re.DOTALL)


def bucket_arn(bucket: str) -> str:
    return f"arn:aws:s3:::{bucket}"


def object_arn(bucket: str, key: str) -> str:
    return f"arn:aws:s3:::{bucket}/{key}"


def calls(name: str, parameters: JsonObject) -> Iterator[Call]:
    bucket, key = parameters.get("Bucket", ""), parameters.get("Key", "")
    if name in COPIES:
        yield Call(f"s3:{COPIES[name]}", object_arn(bucket, key))
        source, _, version = unquote(parameters.get("CopySource", "")).partition("?versionId=")
        action = "GetObjectVersion" if version else "GetObject"
        yield Call(f"s3:{action}", f"arn:aws:s3:::{source.lstrip('/')}")
    elif name == "DeleteObjects":
        for listed in KEY.findall(parameters["Body"]):
            yield Call("s3:DeleteObject", object_arn(bucket, unescape(listed.decode())))
    elif name == "ListBuckets":
        yield Call("s3:ListAllMyBuckets")
    else:
        action = RENAMED.get(name, name)
        if parameters.get("VersionId"):
            action = OF_VERSIONS.get(action, action)
        resource = object_arn(bucket, key) if key else bucket_arn(bucket)
        yield Call(f"s3:{action}", resource, _context(parameters))
        if parameters.get("Tagging") and action == "PutObject":
            yield Call("s3:PutObjectTagging", resource)


def _context(parameters: JsonObject) -> Context:
    return {key: (str(parameters[name]),) for name, key in LISTED.items() if name in parameters}
