"""A container's /opt/ml in a folder of its own: what is there before the entry point starts, and what it leaves."""

from __future__ import annotations

import json
import re
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from localaws.server import objects

IN_OPT_ML = re.compile(r"(?:^|(?<=[:=]))/opt/ml(?=$|[/:])")
FAILURE_CHARACTERS = 1024
HOST = "algo-1"


class DownloadError(Exception):
    """Input data that cannot be brought in, as the real service words it."""


def moved(text: str, base: Path) -> str:
    """`text` with /opt/ml as `base`, in an argument, a --flag=value or a list such as PYTHONPATH."""
    return IN_OPT_ML.sub(str(base), text)


def entry_point(request: Mapping[str, Any], base: Path) -> Sequence[str]:
    """The command of a CreateTrainingJob request; empty where the image brings its own."""
    algorithm = request["AlgorithmSpecification"]
    command = [
        *(algorithm.get("ContainerEntrypoint") or []),
        *(algorithm.get("ContainerArguments") or []),
    ]
    return [moved(part, base) for part in command] if algorithm.get("ContainerEntrypoint") else []


def lay_out(base: Path, request: Mapping[str, Any]) -> None:
    """The folders and configuration files of a CreateTrainingJob request; the channels are still empty."""
    config = base / "input" / "config"
    for folder in (
        config,
        base / "input" / "data",
        base / "model",
        base / "output" / "data",
        base / "checkpoints",
    ):
        folder.mkdir(parents=True, exist_ok=True)
    group = {
        "instance_group_name": "homogeneousCluster",
        "instance_type": request["ResourceConfig"].get("InstanceType", ""),
        "hosts": [HOST],
    }
    resources = {
        "current_host": HOST,
        "current_instance_type": group["instance_type"],
        "current_group_name": group["instance_group_name"],
        "hosts": [HOST],
        "instance_groups": [group],
        "network_interface_name": "lo",
    }
    channels = {
        channel["ChannelName"]: _channel_config(channel)
        for channel in request.get("InputDataConfig") or []
    }
    (config / "hyperparameters.json").write_text(json.dumps(request.get("HyperParameters") or {}))
    (config / "resourceconfig.json").write_text(json.dumps(resources))
    (config / "inputdataconfig.json").write_text(json.dumps(channels))


def download(account_id: str, region: str, channel: Mapping[str, Any], base: Path) -> None:
    """Bring a channel's objects in: those under the prefix keep their paths below it. Raises DownloadError."""
    url = channel["DataSource"]["S3DataSource"]["S3Uri"]
    bucket, prefix = objects.split(url)
    keys = [key for key in objects.keys(account_id, url) if not key.endswith("/")]
    if not keys:
        raise DownloadError(
            f'No S3 objects found under S3 URL "{url}" given in input data source. Please ensure that the bucket '
            f"exists in the selected region ({region}) and that objects exist under that S3 prefix."
        )
    folder = base / "input" / "data" / channel["ChannelName"]
    for key in keys:
        path = (folder / below(prefix, key)).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise DownloadError(f'The S3 key "{key}" leads outside its channel.')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(objects.read(account_id, f"s3://{bucket}/{key}"))


def below(prefix: str, key: str) -> str:
    """A key's path in its channel: a prefix names a folder, one object, or the beginning of keys."""
    folder = prefix if prefix.endswith("/") else f"{prefix}/"
    return key.removeprefix(folder) if key.startswith(folder) else key[prefix.rfind("/") + 1 :]


def failure(base: Path) -> str:
    """What the entry point wrote into output/failure; empty where it wrote nothing."""
    file = base / "output" / "failure"
    return file.read_text(errors="replace").strip()[:FAILURE_CHARACTERS] if file.is_file() else ""


def upload_archive(account_id: str, folder: Path, url: str) -> None:
    """Pack the content of `folder` as tar.gz. Raises objects.MissingError where there is no such bucket."""
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, arcname=path.name)
        file.seek(0)
        objects.write(account_id, url, file.read())


class Checkpoints:
    """A folder that follows an S3 prefix: filled before the entry point starts, then uploaded file by file."""

    def __init__(self, account_id: str, url: str, folder: Path) -> None:
        self._account_id = account_id
        self._url = url.rstrip("/")
        self._folder = folder
        self._uploaded: dict[Path, tuple[int, int]] = {}

    def download(self) -> None:
        bucket, prefix = objects.split(self._url)
        for key in objects.keys(self._account_id, f"{self._url}/"):
            path = self._folder / key[len(prefix) + 1 :]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(objects.read(self._account_id, f"s3://{bucket}/{key}"))
        self._uploaded = self._files()

    def upload(self) -> None:
        """Every file that has changed since the last time. Raises objects.MissingError."""
        files = self._files()
        for path in [path for path, stamp in files.items() if self._uploaded.get(path) != stamp]:
            content = _content(path)
            if content is not None:
                objects.write(
                    self._account_id,
                    f"{self._url}/{path.relative_to(self._folder).as_posix()}",
                    content,
                )
        self._uploaded = files

    def _files(self) -> dict[Path, tuple[int, int]]:
        stamps = {}
        for path in self._folder.rglob("*"):
            try:
                stat = path.stat()
            except FileNotFoundError:  # replaced or removed since we listed it
                continue
            if path.is_file():
                stamps[path] = (stat.st_mtime_ns, stat.st_size)
        return stamps


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _channel_config(channel: Mapping[str, Any]) -> dict[str, str]:
    content_type = {"ContentType": channel["ContentType"]} if channel.get("ContentType") else {}
    source = channel["DataSource"]["S3DataSource"]
    return {
        **content_type,
        "TrainingInputMode": channel.get("InputMode", "File"),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
