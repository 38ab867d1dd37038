from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from paths import ROOT

from scones.errors import UserError
from scones.images import cache, sample, sources
from scones.images.manifest import Origin

SHA256 = hashlib.sha256(b"content").hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.tar.gz"
    path.write_bytes(b"content")
    return path


@pytest.mark.parametrize("sha256", ["", SHA256, SHA256.upper()])
def test_a_path_stands_for_its_file(file: Path, sha256: str) -> None:
    source = sources.resolve(str(file), sha256, file.parent / "cache")
    assert source == sources.Source(file, Origin(str(file), SHA256, drawn=False))


def test_a_file_with_another_sha256_is_refused(file: Path) -> None:
    with pytest.raises(
        UserError, match=rf"The SHA-256 of .*own.tar.gz is {SHA256}, not {'0' * 64}"
    ):
        sources.resolve(str(file), "0" * 64, file.parent)
    assert file.read_bytes() == b"content"


@pytest.mark.parametrize(
    ("name", "sha256", "sentence"),
    [
        (
            "nowhere.tar.gz",
            "",
            "SOURCE=nowhere.tar.gz does not exist. Use sample, cifar100, or the path or URL",
        ),
        (".", "", "SOURCE=. is a folder"),
        ("s3://bucket/key", "", "SOURCE=s3://bucket/key is not an http or https URL"),
        ("http:///x", "", "is not an http or https URL"),
        ("http://[/x", "", "is not a URL: Invalid IPv6 URL"),
        ("sample", SHA256, "SOURCE=sample has its own SHA-256. Leave SHA256 out"),
        ("cifar100", SHA256, "SOURCE=cifar100 has its own SHA-256"),
        ("own.tar.gz", "abc", 'SHA256 must be 64 hexadecimal digits, not "abc"'),
    ],
)
def test_anything_else_is_one_sentence(
    tmp_path: Path, name: str, sha256: str, sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        sources.resolve(name, sha256, tmp_path)


def test_the_origin_of_the_sample_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "SIZES", {"train": 2, "test": 1})
    source = sources.resolve("sample", "", tmp_path)
    assert source.origin == Origin("sample", cache.sha256(source.archive), drawn=True)


def test_the_environment_decides_where_the_cache_is() -> None:
    assert cache.folder({"SCONES_CACHE": "/a", "XDG_CACHE_HOME": "/b"}) == Path("/a")
    assert cache.folder({"XDG_CACHE_HOME": "/b"}) == Path("/b/scones-workflow")
    assert cache.folder({"HOME": "/home/me"}) == Path("/home/me/.cache/scones-workflow")


@pytest.mark.parametrize("variables", [{}, {"HOME": ""}, {"HOME": "/"}])
def test_without_a_home_folder_the_cache_is_in_the_checkout(variables: dict[str, str]) -> None:
    assert cache.folder(variables) == ROOT / "build" / "cache"
