"""One HTTP request for a file or for what is still missing of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
import urllib3.exceptions
from requests import Response

from scones.progress import Progress

CHUNK = 1 << 16
PASSING = {408, 425, 429, 500, 502, 503, 504}


class BrokenError(Exception):
    """The transfer broke off; going on may work."""


class RefusedError(Exception):
    """This URL will not deliver."""


@dataclass(frozen=True)
class Part:
    """A file on its way, with a note beside it of the URL it comes from and the version that was found there."""

    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def version(self, url: str) -> str | None:
        """The validator that `url` gave with the first bytes, if they came from there."""
        try:
            note = json.loads(self._note.read_text())
            return str(note["version"]) if note["url"] == url and note["version"] else None
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
        ):  # absent, or cut short by an interruption
            return None

    def begin(self, url: str, version: str | None) -> None:
        """Empty the file; what follows comes from `url`."""
        self.discard()
        self._note.write_text(json.dumps({"url": url, "version": version}))

    @property
    def _note(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")


def fetch(url: str, part: Part, sum_known: bool, timeout: tuple[float, float]) -> None:
    """Append to `part` what it lacks of the file at `url`.

    A part is only gone on with if the server vouches that the file is still the same one, or if a known sum will tell.

    Raises:
        BrokenError, RefusedError: as their names say.
        OSError: the disk does not take it.
    """
    version = part.version(url)
    if not (version or sum_known):
        part.discard()
    headers = {"Accept-Encoding": "identity"}
    if part.size:
        headers |= {"Range": f"bytes={part.size}-"} | ({"If-Range": version} if version else {})
    with _open(url, headers, timeout) as response:
        if _is_complete(response, part):
            return
        if not _continues(response, part):
            part.begin(url, _version(response))
        total = _length(response, part.size)
        with part.path.open("ab") as file, Progress("Downloading", total, "B") as bar:
            bar.add(part.size)
            for chunk in _chunks(response):
                file.write(chunk)
                bar.add(len(chunk))
    if total is not None and part.size != total:
        raise BrokenError("connection lost")


def _open(url: str, headers: dict[str, str], timeout: tuple[float, float]) -> Response:
    try:
        response = requests.get(url, headers=headers, stream=True, timeout=timeout)
    except requests.exceptions.SSLError as error:
        raise RefusedError("its certificate is not trusted") from error
    except (requests.ConnectionError, requests.Timeout) as error:
        raise BrokenError(_reason(error)) from error
    except requests.RequestException as error:
        raise RefusedError(str(error)) from error
    if response.ok or response.status_code == requests.codes.range_not_satisfiable:
        return response
    response.close()
    answer = f"it answers {response.status_code} {response.reason}"
    raise BrokenError(answer) if response.status_code in PASSING else RefusedError(answer)


def _reason(error: requests.ConnectionError | requests.Timeout) -> str:
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(cause, urllib3.exceptions.NameResolutionError):
        return "host not found"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return (
        "connection refused"
        if isinstance(cause, urllib3.exceptions.NewConnectionError)
        else "connection lost"
    )


def _is_complete(response: Response, part: Part) -> bool:
    """Whether there is nothing after the part's end; a part that is too long is dropped."""
    if response.ok:
        return False
    if response.headers.get("Content-Range") == f"bytes */{part.size}":
        return True
    part.discard()
    raise BrokenError("the part on disk is no part of the file")


def _continues(response: Response, part: Part) -> bool:
    if response.status_code != requests.codes.partial_content:
        return False
    if re.match(rf"bytes {part.size}-", response.headers.get("Content-Range", "")):
        return True
    part.discard()
    raise BrokenError("it sent another part than the one asked for")


def _version(response: Response) -> str | None:
    """What If-Range takes: a strong ETag, or else a date."""
    etag = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")


def _length(response: Response, offset: int) -> int | None:
    """The size of the whole file, where the server tells it."""
    length = response.headers.get("Content-Length", "")
    return offset + int(length) if length.isdecimal() else None


def _chunks(response: Response) -> Iterator[bytes]:
    """The body as it was sent: a server that calls a .gz file an encoding must not have it decoded."""
    try:
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            yield chunk
    except urllib3.exceptions.ReadTimeoutError as error:
        raise BrokenError("it fell silent") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise BrokenError("connection lost") from error
