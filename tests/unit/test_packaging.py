"""The functions' deployment packages."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

from scones.provisioning.packaging import package_all, zipped

LIMIT = 5 * 1024


def test_a_package_is_the_same_whenever_and_by_whomever_it_is_built(tmp_path: Path) -> None:
    source = tmp_path / "lambdas" / "greet.py"
    source.parent.mkdir()
    source.write_text("def lambda_handler(event, context): return event\n")
    first = package_all(source.parent, tmp_path / "one")[0].read_bytes()
    os.utime(source, (0, 0))
    source.chmod(0o600)
    assert package_all(source.parent, tmp_path / "two")[0].read_bytes() == first


def test_a_package_holds_the_one_file_readable_by_all() -> None:
    archive = zipfile.ZipFile(io.BytesIO(zipped("greet.py", b"x = 1\n")))
    (entry,) = archive.infolist()
    assert entry.filename == "greet.py"
    assert entry.external_attr >> 16 == 0o644
    assert archive.read("greet.py") == b"x = 1\n"


def test_a_package_that_is_up_to_date_is_not_written_again(tmp_path: Path) -> None:
    (tmp_path / "greet.py").write_text("x = 1\n")
    (package,) = package_all(tmp_path, tmp_path / "out")
    os.utime(package, (1, 1))
    package_all(tmp_path, tmp_path / "out")
    assert package.stat().st_mtime == 1
    (tmp_path / "greet.py").write_text("x = 2\n")
    package_all(tmp_path, tmp_path / "out")
    assert b"x = 2" in package.read_bytes()


def test_each_function_is_one_small_package(tmp_path: Path) -> None:
    packages = {package.stem: package.stat().st_size for package in package_all(folder=tmp_path)}
    assert set(packages) == {"classify_image", "filter_confidence", "serialize_image"}
    assert max(packages.values()) <= LIMIT
