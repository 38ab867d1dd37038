from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest
from archives import archive

from scones.errors import UserError
from scones.images import archive as subject

WANTED = ("cifar-100-python/meta", "cifar-100-python/train", "cifar-100-python/test")


def test_wanted_members_are_read_and_nothing_is_extracted(tmp_path: Path) -> None:
    found = subject.read_members(archive(tmp_path / "a.tar.gz"), WANTED)
    assert set(found) == set(WANTED)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


@pytest.mark.parametrize("left", [0.3, 0.9, 0.999])
def test_a_truncated_archive_has_its_own_error(tmp_path: Path, left: float) -> None:
    path = archive(tmp_path / "a.tar.gz", test={"noise": os.urandom(5000)})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * left)])
    with pytest.raises(UserError, match=r"a.tar.gz ends too early: .* Download or copy it again"):
        subject.read_members(path, WANTED)


def test_a_flipped_bit_is_found(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar.gz", test={"noise": os.urandom(5000)})
    data = bytearray(path.read_bytes())
    data[-3000] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"is not a valid tar.gz archive"):
        subject.read_members(path, WANTED)


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", gzip.compress(b"", mtime=0), gzip.compress(b"no tar" * 500, mtime=0)],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    with pytest.raises(
        UserError, match=r"is not a valid tar.gz archive|lacks cifar-100-python/meta"
    ):
        subject.read_members(path, WANTED)


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"lacks cifar-100-python/test"):
        subject.read_members(archive(tmp_path / "a.tar.gz", test=None), WANTED)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "cifar-100-python/../../x"])
def test_a_member_with_an_unsafe_path_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "a.tar.gz", extra=[tarfile.TarInfo(name)])
    with pytest.raises(UserError, match=f'holds a member with an unsafe path, "{name}"'):
        subject.read_members(path, WANTED)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_a_link_or_a_device_is_refused_by_name(tmp_path: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("cifar-100-python/odd")
    member.type, member.linkname = kind, "meta"
    path = archive(tmp_path / "a.tar.gz", extra=[member])
    with pytest.raises(
        UserError, match=r'holds "cifar-100-python/odd", neither a file nor a folder'
    ):
        subject.read_members(path, WANTED)


def test_a_duplicate_member_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar.gz", extra=[tarfile.TarInfo("cifar-100-python/meta")])
    with pytest.raises(UserError, match=r"holds cifar-100-python/meta twice"):
        subject.read_members(path, WANTED)


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "MAX_UNPACKED", 1_000_000)
    path = tmp_path / "a.tar.gz"
    with path.open("wb") as file, gzip.GzipFile(fileobj=file, mode="wb") as packed:
        packed.write(archive_bytes())
        packed.write(bytes(2_000_000))
    with pytest.raises(UserError, match=r"unpacks to more than 1 MB"):
        subject.read_members(path, WANTED)


def test_a_member_larger_than_any_archive_is_refused_unread(tmp_path: Path) -> None:
    member = tarfile.TarInfo("cifar-100-python/meta")
    member.size = 10**12
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(member.tobuf()))
    with pytest.raises(UserError, match=r"unpacks to more than 512 MB"):
        subject.read_members(path, WANTED)


def archive_bytes() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name in WANTED:
            tar.addfile(tarfile.TarInfo(name))
    return file.getvalue()
