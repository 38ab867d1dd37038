"""A container's /opt/ml in a folder: prepared before the entry point, uploaded after it."""

from __future__ import annotations

import json
import re
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from localaws.iam.sessions import Session
from localaws.json_object import JsonObject
from localaws.server import objects

OPT_ML = re.compile(r"(?:^|(?<=[:=]))/opt/ml(?=$|[/:])")
FAILURE_CHARACTERS = 1024
HOST = "algo-1"
INSTANCE_TYPE = "local"  # whatever was requested: this machine need not have a GPU


class DownloadError(Exception):
    """Input data that cannot be downloaded, in the words of the real service."""


def relocate(text: str, base: Path) -> str:
    """Replace /opt/ml by `base` in an argument, a --flag=value or a list such as PYTHONPATH."""
    return OPT_ML.sub(str(base), text)


def entry_point(request: JsonObject, base: Path) -> Sequence[str]:
    """The command of a CreateTrainingJob request; empty where the container image has its own."""
    algorithm = request["AlgorithmSpecification"]
    entry = algorithm.get("ContainerEntrypoint")
    if not entry:
        return []
    arguments = algorithm.get("ContainerArguments") or []
    return [relocate(part, base) for part in [*entry, *arguments]]


def create_folders(base: Path, request: JsonObject) -> None:
    """Create the folders and configuration files of a job; its channels are still empty."""
    config = base / "input" / "config"
    for folder in ("input/config", "input/data", "model", "output/data", "checkpoints"):
        (base / folder).mkdir(parents=True, exist_ok=True)
    group = "homogeneousCluster"
    resources = {
        "current_host": HOST,
        "current_instance_type": INSTANCE_TYPE,
        "current_group_name": group,
        "hosts": [HOST],
        "instance_groups": [
            {
                "instance_group_name": group,
                "instance_type": INSTANCE_TYPE,
                "hosts": [HOST],
            }
        ],
        "network_interface_name": "lo",
    }
    channels = {
        channel["ChannelName"]: _channel_config(channel)
        for channel in request.get("InputDataConfig") or []
    }
    files = {
        "hyperparameters": request.get("HyperParameters") or {},
        "resourceconfig": resources,
        "inputdataconfig": channels,
    }
    for name, content in files.items():
        (config / f"{name}.json").write_text(json.dumps(content))


def _channel_config(channel: JsonObject) -> dict[str, str]:
    source = channel["DataSource"]["S3DataSource"]
    config = {
        "TrainingInputMode": channel.get("InputMode", "File"),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    if channel.get("ContentType"):
        config["ContentType"] = channel["ContentType"]
    return config


def download(
    session: Session,
    region: str,
    channel: JsonObject,
    base: Path,
) -> None:
    """Download a channel's objects, with their paths below the prefix.

    Raises DownloadError or objects.MissingError.
    """
    url = channel["DataSource"]["S3DataSource"]["S3Uri"]
    bucket, prefix = objects.split(url)
    keys = [key for key in objects.keys(session, url) if not key.endswith("/")]
    if not keys:
        raise DownloadError(
            f'No S3 objects found under S3 URL "{url}" given in input data source. Please ensure '
            f"that the bucket exists in the selected region ({region}) "
            "and that objects exist under that S3 prefix."
        )
    folder = base / "input" / "data" / channel["ChannelName"]
    for key in keys:
        path = (folder / path_in_channel(prefix, key)).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise DownloadError(f'The S3 key "{key}" leads outside its channel.')
        _download_object(session, f"s3://{bucket}/{key}", path)


def path_in_channel(prefix: str, key: str) -> str:
    """A key's path in its channel; a prefix is a folder, one object, or the beginning of keys."""
    folder = prefix if prefix.endswith("/") else f"{prefix}/"
    if key.startswith(folder):
        return key.removeprefix(folder)
    return key[prefix.rfind("/") + 1 :]


def _download_object(session: Session, url: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(objects.read(session, url))


def read_failure(base: Path) -> str:
    """The text of output/failure, which the entry point may write; empty without the file."""
    file = base / "output" / "failure"
    if not file.is_file():
        return ""
    return file.read_text(errors="replace").strip()[:FAILURE_CHARACTERS]


def upload_archive(session: Session, folder: Path, url: str) -> None:
    """Upload the content of `folder` as tar.gz. Raises objects.MissingError without the bucket."""
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, arcname=path.name)
        file.seek(0)
        objects.write(session, url, file.read())


class Checkpoints:
    """A folder in step with an S3 prefix: downloaded at the start, then uploaded file by file.

    A file that is deleted in the folder is deleted in S3, too ("Checkpoints in Amazon SageMaker AI"
    in SageMaker's developer guide).
    """

    def __init__(
        self,
        session: Session,
        url: str,
        folder: Path,
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._folder = folder
        self._uploaded: dict[Path, tuple[int, int]] = {}

    def download(self) -> None:
        bucket, prefix = objects.split(f"{self._url}/")
        for key in objects.keys(self._session, f"{self._url}/"):
            path = self._folder / key.removeprefix(prefix)
            _download_object(self._session, f"s3://{bucket}/{key}", path)
        self._uploaded = self._stamps()

    def upload(self) -> None:
        """Upload every file that has changed since the last time, and delete what is gone.

        Raises objects.MissingError.
        """
        stamps = self._stamps()
        for path, stamp in stamps.items():
            if self._uploaded.get(path) == stamp:
                continue
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # replaced or removed after it was listed
                continue
            objects.write(self._session, self._object_url(path), content)
        for path in self._uploaded.keys() - stamps.keys():
            objects.delete(self._session, self._object_url(path))
        self._uploaded = stamps

    def _object_url(self, path: Path) -> str:
        return f"{self._url}/{path.relative_to(self._folder).as_posix()}"

    def _stamps(self) -> dict[Path, tuple[int, int]]:
        """Modification time and size of every file."""
        stamps = {}
        for path in self._folder.rglob("*"):
            try:
                stat = path.stat()
            except FileNotFoundError:  # replaced or removed after it was listed
                continue
            if path.is_file():
                stamps[path] = (stat.st_mtime_ns, stat.st_size)
        return stamps
