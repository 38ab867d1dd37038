"""Single files of a model.tar.gz, whose other content is never unpacked."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Collection
from typing import IO


class TarballError(ValueError):
    """The file is not a model.tar.gz."""


def read_members(file: IO[bytes], names: Collection[str]) -> dict[str, bytes]:
    """Contents of those files of `names` that lie at the tarball's root, with or without "./".

    Raises:
        TarballError: `file` is not a complete gzipped tarball.
    """
    contents = {}
    try:
        with tarfile.open(fileobj=file, mode="r:gz") as tarball:
            for member in tarball:
                name = member.name.removeprefix("./")
                if name not in names or not member.isfile():
                    continue
                content = tarball.extractfile(member)
                if content:
                    contents[name] = content.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise TarballError(f"is not a model.tar.gz: {error}") from error
    return contents
