"""The functions' deployment packages."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from scones.provisioning.packaging import MONITOR, package_all, zip_files

LIMIT = 8 * 1024


def test_a_package_is_the_same_on_every_machine_at_any_time(tmp_path: Path) -> None:
    source = tmp_path / "lambdas" / "greet.py"
    source.parent.mkdir()
    source.write_text("def lambda_handler(event, context): return event\n")
    first = [package.read_bytes() for package in package_all(source.parent, build=tmp_path / "one")]
    os.utime(source, (0, 0))
    source.chmod(0o600)
    assert [
        package.read_bytes() for package in package_all(source.parent, build=tmp_path / "two")
    ] == first


def test_a_package_holds_the_one_file_readable_by_all() -> None:
    archive = zipfile.ZipFile(io.BytesIO(zip_files({"greet.py": b"x = 1\n"})))
    (entry,) = archive.infolist()
    assert entry.filename == "greet.py"
    assert entry.external_attr >> 16 == 0o644
    assert archive.read("greet.py") == b"x = 1\n"


def test_a_package_that_is_up_to_date_is_not_written_again(tmp_path: Path) -> None:
    (tmp_path / "greet.py").write_text("x = 1\n")
    package, _ = package_all(tmp_path, build=tmp_path / "out")
    os.utime(package, (1, 1))
    package_all(tmp_path, build=tmp_path / "out")
    assert package.stat().st_mtime == 1
    (tmp_path / "greet.py").write_text("x = 2\n")
    package_all(tmp_path, build=tmp_path / "out")
    assert b"x = 2" in package.read_bytes()


def test_each_function_is_one_small_package(tmp_path: Path) -> None:
    package_all(build=tmp_path)
    packages = {
        package.stem: package.stat().st_size for package in (tmp_path / "functions").iterdir()
    }
    assert set(packages) == {
        "classify_image",
        "filter_confidence",
        "notify_failure",
        "serialize_image",
    }
    assert max(packages.values()) <= LIMIT


def test_the_drift_monitors_package_holds_both_packages_and_the_entry_point(tmp_path: Path) -> None:
    package_all(build=tmp_path)
    names = zipfile.ZipFile(tmp_path / MONITOR).namelist()
    assert names[0] == "__main__.py"
    assert {name.split("/")[0] for name in names[1:]} == {"container", "monitor"}
    assert {
        "container/serving/network.py",
        "container/__init__.py",
        "monitor/__init__.py",
        "monitor/job.py",
    } <= set(names)
    assert not [name for name in names if not name.endswith(".py")]


def test_the_drift_monitors_package_runs_by_itself(tmp_path: Path) -> None:
    package_all(build=tmp_path)
    command = [sys.executable, "-I", str(tmp_path / MONITOR), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for option in ("--bucket", "--endpoint", "--namespace", "--images", "--alpha", "--model"):
        assert option in done.stdout
