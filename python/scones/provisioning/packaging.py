"""What is deployed as a zip: the functions, and the drift monitor. The same bytes on every machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from scones.settings import ROOT

# A fixed time, fixed permissions and no compression: zlib's output differs between its versions, and with it the hash
# by which Terraform sees a change.
EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
UNIX = 3

SOURCES = ROOT / "lambdas"
BUILD = ROOT / "build"

# The drift monitor's job runs the zip itself: `python3 monitor.zip --bucket … `.
MONITOR = "monitor.zip"
MONITOR_PACKAGES = ("container", "monitor")
MONITOR_MAIN = b"""import sys

from monitor.job import main

sys.exit(main(sys.argv[1:]))
"""


def package_all(
    sources: Path = SOURCES, packages: Path = ROOT / "python", build: Path = BUILD
) -> list[Path]:
    """Write build/functions/<name>.zip for each <sources>/<name>.py, and build/monitor.zip.

    A zip that is up to date is left alone.
    """
    functions = [
        _written(build / "functions" / f"{source.stem}.zip", {source.name: source.read_bytes()})
        for source in sorted(sources.glob("*.py"))
    ]
    return [*functions, _written(build / MONITOR, monitor_files(packages))]


def monitor_files(packages: Path) -> dict[str, bytes]:
    """What the drift monitor's zip holds, by name: whole packages, and the way in."""
    files = [file for name in MONITOR_PACKAGES for file in sorted((packages / name).rglob("*.py"))]
    return {
        "__main__.py": MONITOR_MAIN,
        **{str(file.relative_to(packages)): file.read_bytes() for file in files},
    }


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of the files, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr, entry.create_system = READABLE, UNIX
            archive.writestr(entry, content)
    return buffer.getvalue()


def _written(package: Path, files: Mapping[str, bytes]) -> Path:
    package.parent.mkdir(parents=True, exist_ok=True)
    content = zipped(files)
    if not package.exists() or package.read_bytes() != content:
        package.write_bytes(content)
    return package
