from __future__ import annotations

import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from web import Web, serve

from scones.errors import UserError
from scones.images import sources
from scones.images.download import RetryPolicy, download

CONTENT = random.Random(0).randbytes(600_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUICK = RetryPolicy(connect=1, read=0.3, pause=0.01, attempts=3)
UNREACHABLE = "http://127.0.0.1:9/data.tar.gz"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def web() -> Iterator[Web]:
    with serve(Web(CONTENT)) as server:
        yield server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "data.tar.gz"


def downloaded(urls: list[str], path: Path, sha256: str | None = SHA256) -> bytes:
    """What a download leaves at `path`; the SHA-256 that it returns must be that content's."""
    digest = download(urls, path, sha256, QUICK)
    content = path.read_bytes()
    assert digest == hashlib.sha256(content).hexdigest()
    return content


def litter(path: Path) -> set[str]:
    return {
        file.name
        for file in path.parent.iterdir()
        if ".part" in file.name and "json" not in file.name
    }


def test_a_file_arrives_whole(web: Web, path: Path) -> None:
    assert downloaded([web.url], path) == CONTENT
    assert web.requested == [None]
    assert litter(path) == set()


def test_a_file_that_is_there_is_checked_and_not_fetched_again(web: Web, path: Path) -> None:
    download([web.url], path, SHA256, QUICK)
    download([web.url], path, SHA256, QUICK)
    assert len(web.requested) == 1
    path.write_bytes(CONTENT[:-1] + b"?")
    assert downloaded([web.url], path) == CONTENT
    assert len(web.requested) == 2


@pytest.mark.parametrize("sha256", [SHA256, None])
def test_a_download_resumes_where_the_connection_broke(
    web: Web, path: Path, sha256: str | None
) -> None:
    web.breaks = [200_000, 100_000, 50_000]
    assert downloaded([web.url], path, sha256) == CONTENT
    assert web.requested == [None, "bytes=200000-", "bytes=300000-", "bytes=350000-"]


def test_progress_resets_the_count_of_attempts(web: Web, path: Path) -> None:
    web.breaks = [20_000] * 20
    assert downloaded([web.url], path) == CONTENT


def test_a_server_without_ranges_is_asked_for_the_whole_file_again(web: Web, path: Path) -> None:
    web.ranges, web.breaks = False, [200_000, 400_000]
    assert downloaded([web.url], path) == CONTENT


def test_a_file_that_changed_on_the_server_is_fetched_from_the_start(web: Web, path: Path) -> None:
    web.breaks = [200_000] + [0] * 3
    with pytest.raises(UserError):
        download([web.url], path, None, QUICK)
    web.content, web.etag = CONTENT[::-1], '"two"'
    assert downloaded([web.url], path, None) == CONTENT[::-1]


def test_without_a_sha256_or_a_version_nothing_is_resumed(web: Web, path: Path) -> None:
    web.etag, web.breaks = None, [200_000]
    assert downloaded([web.url], path, None) == CONTENT
    assert web.requested == [None, None]


@pytest.mark.parametrize("size", [600_000, 600_001])
def test_a_part_with_nothing_after_it_is_the_file_or_is_dropped(
    web: Web, path: Path, size: int
) -> None:
    path.parent.mkdir()
    path.with_name("data.tar.gz.part").write_bytes((CONTENT + b"?")[:size])
    assert downloaded([web.url], path) == CONTENT
    assert web.requested[0] == f"bytes={size}-"


def test_a_part_of_something_else_is_dropped_when_the_sha256_differs(web: Web, path: Path) -> None:
    path.parent.mkdir()
    path.with_name("data.tar.gz.part").write_bytes(b"?" * 1000)
    assert downloaded([web.url], path) == CONTENT
    assert web.requested == ["bytes=1000-", None]


def test_a_wrong_sha256_names_both_and_leaves_nothing(web: Web, path: Path) -> None:
    with pytest.raises(
        UserError,
        match=rf"its SHA-256 is {SHA256}, not the expected {'0' * 64}",
    ):
        download([web.url], path, "0" * 64, QUICK)
    assert not path.exists()
    assert litter(path) == set()


def test_mirrors_are_tried_in_order(
    web: Web, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(Web(b"something else")) as forged, serve(Web(b"", status=[404])) as gone:
        assert downloaded([UNREACHABLE, gone.url, forged.url, web.url], path) == CONTENT
        remarks = capsys.readouterr().err
        assert "Not from 127.0.0.1:9: connection refused" in remarks
        assert f"Not from 127.0.0.1:{gone.port}: it answers 404 Not Found" in remarks
        assert f"Not from 127.0.0.1:{forged.port}: its SHA-256 is" in remarks


def test_a_mirror_resumes_where_another_broke_off(web: Web, path: Path) -> None:
    with serve(Web(CONTENT, breaks=[200_000] + [0] * 9)) as weak:
        assert downloaded([weak.url, web.url], path) == CONTENT
    assert web.requested == ["bytes=200000-"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(404, "it answers 404 Not Found"), (403, "it answers 403"), (503, "it answers 503")],
)
def test_a_refusal_is_one_sentence(web: Web, path: Path, status: int, sentence: str) -> None:
    web.status = [status] * 9
    with pytest.raises(
        UserError,
        match=rf"Cannot download data.tar.gz \(127.*{sentence}.*Run the same command again",
    ):
        download([web.url], path, None, QUICK)
    assert len(web.requested) == (1 if status < 500 else QUICK.attempts)


def test_a_temporary_refusal_is_retried(web: Web, path: Path) -> None:
    web.status = [503, 429]
    assert downloaded([web.url], path) == CONTENT


@pytest.mark.parametrize(
    ("url", "sentence"),
    [(UNREACHABLE, "connection refused"), ("http://nowhere.invalid/x", "host not found")],
)
def test_an_unreachable_address_is_one_sentence(path: Path, url: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        download([url], path, None, QUICK)


def test_a_server_that_stops_sending_is_given_up(web: Web, path: Path) -> None:
    web.silent, web.ranges = True, False
    with pytest.raises(UserError, match="it stopped sending"):
        download([web.url], path, SHA256, QUICK)


def test_an_answer_without_length_ends_with_the_connection(web: Web, path: Path) -> None:
    web.lengths = False
    assert downloaded([web.url], path) == CONTENT


def test_a_file_called_an_encoding_is_not_decoded(web: Web, path: Path) -> None:
    web.headers = {"Content-Encoding": "gzip"}
    assert downloaded([web.url], path) == CONTENT


def test_a_full_disk_is_one_sentence_and_what_was_written_is_kept(web: Web, path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    try:
        with pytest.raises(
            UserError,
            match=r"Cannot write .*: File too large. Free some space there, or set SCONES_CACHE",
        ):
            download([web.url], path, SHA256, QUICK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert downloaded([web.url], path) == CONTENT
    assert web.requested == [None, "bytes=300000-"]


def test_a_folder_that_cannot_be_created_is_one_sentence(web: Web, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"Cannot write .*file"):
        download([web.url], tmp_path / "file" / "data.tar.gz", SHA256, QUICK)


def test_two_at_once_fetch_it_once(web: Web, path: Path) -> None:
    web.gate = threading.Event()
    both = [threading.Thread(target=download, args=([web.url], path, SHA256)) for _ in range(2)]
    for thread in both:
        thread.start()
    time.sleep(0.2)
    web.gate.set()
    for thread in both:
        thread.join(10)
    assert path.read_bytes() == CONTENT
    assert web.requested == [None]


def test_a_killed_download_is_resumed(web: Web, path: Path) -> None:
    web.gate = threading.Event()
    call = f"download([{web.url!r}], Path({str(path)!r}))"
    code = f"from scones.images.download import download; from pathlib import Path; {call}"
    package = str(Path(sources.__file__).parents[2])
    killed = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": package}
    )
    part, deadline = path.with_name("data.tar.gz.part"), time.monotonic() + 20
    while not (part.exists() and part.stat().st_size >= 290_000) and time.monotonic() < deadline:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    arrived = part.stat().st_size
    web.gate.set()
    assert downloaded([web.url], path, None) == CONTENT
    assert web.requested == [None, f"bytes={arrived}-"]


def test_a_url_is_a_source_and_its_secrets_are_not_recorded(web: Web, tmp_path: Path) -> None:
    url = web.url.replace("http://", "http://me:secret@") + "?signature=secret"
    source = sources.resolve(url, SHA256, tmp_path)
    assert source.archive.read_bytes() == CONTENT
    assert (source.origin.name, source.origin.sha256) == (web.url, SHA256)
    assert "secret" not in source.archive.name
