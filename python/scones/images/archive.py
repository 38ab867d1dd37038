"""Reads members of a tar.gz archive one after the other; nothing is extracted to disk."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from scones.errors import UserError

# CIFAR-100 unpacks to 190 MB; a few kilobytes of gzip may unpack to anything.
MAX_UNPACKED = 512_000_000
CHUNK = 1 << 20


def read_members(archive: Path, names: Collection[str]) -> dict[str, bytes]:
    """The content of the members with these names. The whole archive is read and verified.

    Raises:
        UserError: the archive is truncated, damaged or too large, a member is missing or
            duplicate, or any member is a link, a device, or has a path outside the archive.
    """
    with archive.open("rb") as file:
        stream = _BoundedStream(gzip.GzipFile(fileobj=file), archive)
        try:
            contents = _read_stream(stream, archive, names)
        except EOFError as error:
            raise UserError(
                f"{archive} ends too early: {error}. Download or copy it again."
            ) from error
        # tarfile raises the last two for malformed numbers and for headers nested without end
        except (tarfile.TarError, zlib.error, OSError, ValueError, RecursionError) as error:
            raise UserError(
                f"{archive} is not a valid tar.gz archive: {error}. Download or copy it again."
            ) from error
    missing = sorted(set(names) - set(contents))
    if missing:
        raise UserError(
            f"{archive} lacks {', '.join(missing)}. "
            "Use an archive with the layout of cifar-100-python.tar.gz."
        )
    return contents


def _read_stream(stream: _BoundedStream, archive: Path, names: Collection[str]) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            _check_member(member, archive)
            name = str(PurePosixPath(member.name))
            if name not in names:
                continue
            if name in contents:
                raise UserError(f"{archive} holds {name} twice. Use another archive.")
            file = tar.extractfile(member)
            contents[name] = file.read() if file else b""
    while stream.read(CHUNK):  # to the end, where gzip's checksum is
        pass
    return contents


def _check_member(member: tarfile.TarInfo, archive: Path) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise UserError(
            f'{archive} holds a member with an unsafe path, "{member.name}". Use another archive.'
        )
    if not (member.isdir() or member.isreg()) or member.issparse():
        raise UserError(
            f'{archive} holds "{member.name}", neither a file nor a folder. Use another archive.'
        )
    if member.size > MAX_UNPACKED:
        raise _too_large(archive)


class _BoundedStream(io.RawIOBase):
    """A stream that refuses to unpack more than MAX_UNPACKED bytes."""

    def __init__(self, stream: gzip.GzipFile, archive: Path) -> None:
        self._stream = stream
        self._archive = archive
        self._left = MAX_UNPACKED

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _too_large(self._archive)
        return data


def _too_large(archive: Path) -> UserError:
    megabytes = MAX_UNPACKED // 1_000_000
    return UserError(f"{archive} unpacks to more than {megabytes} MB. Use another archive.")
