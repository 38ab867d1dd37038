"""One HTTP request for a file, or for the part of it that is still missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
from requests import Response
from urllib3 import exceptions as urllib3_errors

from scones.progress import Progress

CHUNK = 1 << 16
TEMPORARY = {408, 425, 429, 500, 502, 503, 504}


class BrokenError(Exception):
    """The transfer broke off; another attempt may succeed."""


class RefusedError(Exception):
    """This URL will not deliver the file."""


@dataclass(frozen=True)
class PartialFile:
    """An incomplete download; a note beside it holds its URL and the version served there."""

    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def version(self, url: str) -> str | None:
        """The validator that `url` sent with the first bytes, if they came from there."""
        try:
            version: str | None = json.loads(self._note.read_text())[url]
            return version
        # The note is missing, about another URL, or truncated by an interruption.
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def start(self, url: str, version: str | None) -> None:
        """Empty the file; what follows comes from `url`."""
        self.discard()
        self._note.write_text(json.dumps({url: version}))

    @property
    def _note(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")


def fetch(url: str, part: PartialFile, has_sha256: bool, timeout: tuple[float, float]) -> None:
    """Append to `part` what it lacks of the file at `url`.

    Resumes only if the server confirms that the file is unchanged, or if the caller has a SHA-256
    to check the result against.

    Raises:
        BrokenError, RefusedError: as described there.
        OSError: the disk is full.
    """
    version = part.version(url)
    if not (version or has_sha256):
        part.discard()
    headers = {"Accept-Encoding": "identity"}
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
        if version:
            headers["If-Range"] = version
    with _open(url, headers, timeout) as response:
        content_range = response.headers.get("Content-Range", "")
        match response.status_code:
            case requests.codes.range_not_satisfiable:
                if content_range == f"bytes */{part.size}":
                    return  # the part is the whole file
                part.discard()
                raise BrokenError("the part on disk does not belong to the file")
            case requests.codes.partial_content:
                if not content_range.startswith(f"bytes {part.size}-"):
                    part.discard()
                    raise BrokenError("it sent another part than the one requested")
            case _:
                part.start(url, _version(response))
        total = _total_size(response, part.size)
        with part.path.open("ab") as file, Progress("Downloading", total, "B") as bar:
            bar.add(part.size)
            for chunk in _chunks(response):
                file.write(chunk)
                bar.add(len(chunk))
    if total not in (None, part.size):
        raise BrokenError("connection lost")


def _open(url: str, headers: dict[str, str], timeout: tuple[float, float]) -> Response:
    try:
        response = requests.get(url, headers=headers, stream=True, timeout=timeout)
    except requests.exceptions.SSLError as error:
        raise RefusedError("its certificate is not trusted") from error
    except (requests.ConnectionError, requests.Timeout) as error:
        raise BrokenError(_connection_failure(error)) from error
    except requests.RequestException as error:
        raise RefusedError(str(error)) from error
    status = response.status_code
    if response.ok or status == requests.codes.range_not_satisfiable:
        return response
    response.close()
    answer = f"it answers {status} {response.reason}"
    raise BrokenError(answer) if status in TEMPORARY else RefusedError(answer)


def _connection_failure(error: requests.RequestException) -> str:
    cause = getattr(error.args[0], "reason", None) if error.args else None
    match error, cause:
        case _, urllib3_errors.NameResolutionError():
            return "host not found"
        case requests.Timeout(), _:
            return "no answer in time"
        case _, urllib3_errors.NewConnectionError():
            return "connection refused"
    return "connection lost"


def _version(response: Response) -> str | None:
    """What If-Range accepts: a strong ETag, or else a date."""
    etag = response.headers.get("ETag", "W/")
    if etag.startswith("W/"):
        return response.headers.get("Last-Modified")
    return etag


def _total_size(response: Response, offset: int) -> int | None:
    """The size of the whole file, if the server sends it."""
    length = response.headers.get("Content-Length", "")
    if not length.isdecimal():
        return None
    return offset + int(length)


def _chunks(response: Response) -> Iterator[bytes]:
    """The body as sent, not decoded: some servers call a .gz file an encoding."""
    try:
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            yield chunk
    except urllib3_errors.ReadTimeoutError as error:
        raise BrokenError("it stopped sending") from error
    except (urllib3_errors.HTTPError, OSError) as error:
        raise BrokenError("connection lost") from error
