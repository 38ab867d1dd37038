"""Members of a tar.gz archive, read one after the other: nothing is extracted to disk."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from scones.errors import UserError

# CIFAR-100 unpacks to 190 MB; a few kilobytes of gzip may unpack to anything.
MAX_UNPACKED = 512_000_000
CHUNK = 1 << 20
AGAIN = "Download or copy it again."


def members(archive: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """The content of the `wanted` members, by name. The whole archive is read, and its checksum with it.

    Raises:
        UserError: the archive is cut short, damaged or too large, a wanted member is missing or there twice, or any
            member is a link, a device, or lies outside the archive's own folder.
    """
    with archive.open("rb") as file:
        try:
            found = _read(_Bounded(gzip.GzipFile(fileobj=file), archive), archive, wanted)
        except EOFError as error:
            raise UserError(f"{archive} ends too early: {error}. {AGAIN}") from error
        # tarfile lets malformed numbers and headers nested without end through as these two
        except (tarfile.TarError, zlib.error, OSError, ValueError, RecursionError) as error:
            raise UserError(f"{archive} is not a sound tar.gz archive: {error}. {AGAIN}") from error
    if missing := sorted(set(wanted) - set(found)):
        raise UserError(
            f"{archive} lacks {', '.join(missing)}. Use an archive with the layout of cifar-100-python.tar.gz."
        )
    return found


def _read(stream: _Bounded, archive: Path, wanted: Collection[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in _harmless(tar, archive):
            name = str(PurePosixPath(member.name))
            if name not in wanted:
                continue
            if name in found:
                raise UserError(f"{archive} holds {name} twice. Use another archive.")
            content = tar.extractfile(member)
            found[name] = content.read() if content else b""
    while stream.read(CHUNK):  # to the end, where gzip's checksum is
        pass
    return found


def _harmless(tar: tarfile.TarFile, archive: Path) -> Iterator[tarfile.TarInfo]:
    for member in tar:
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts:
            raise UserError(
                f'{archive} holds a member with an odd path, "{member.name}". Use another archive.'
            )
        if not (member.isdir() or member.isreg()) or member.issparse():
            raise UserError(
                f'{archive} holds "{member.name}", neither a file nor a folder. Use another archive.'
            )
        if member.size > MAX_UNPACKED:
            raise _too_large(archive)
        yield member


class _Bounded(io.RawIOBase):
    """A stream that refuses to unpack more than MAX_UNPACKED bytes."""

    def __init__(self, stream: gzip.GzipFile, archive: Path) -> None:
        self._stream, self._archive = stream, archive
        self._left = MAX_UNPACKED

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _too_large(self._archive)
        return data


def _too_large(archive: Path) -> UserError:
    return UserError(
        f"{archive} unpacks to more than {MAX_UNPACKED // 1_000_000} MB. Use another archive."
    )
