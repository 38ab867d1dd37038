"""The zips to deploy, for the functions and the drift monitor: the same bytes on every machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from scones.settings import ROOT

# A fixed time, fixed permissions and no compression: zlib's output differs between its versions,
# and with it the hash by which Terraform sees a change.
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
    monitor = build / MONITOR
    _update(monitor, monitor_files(packages))
    functions = []
    for source in sorted(sources.glob("*.py")):
        package = build / "functions" / f"{source.stem}.zip"
        _update(package, {source.name: source.read_bytes()})
        functions.append(package)
    return [*functions, monitor]


def monitor_files(packages: Path) -> dict[str, bytes]:
    """Return the content of the drift monitor's zip by name: whole packages and the entry point."""
    files = {"__main__.py": MONITOR_MAIN}
    for name in MONITOR_PACKAGES:
        for file in sorted((packages / name).rglob("*.py")):
            files[str(file.relative_to(packages))] = file.read_bytes()
    return files


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of the files, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = READABLE
            entry.create_system = UNIX
            archive.writestr(entry, content)
    return buffer.getvalue()


def _update(package: Path, files: Mapping[str, bytes]) -> None:
    package.parent.mkdir(parents=True, exist_ok=True)
    content = zip_files(files)
    if not package.exists() or package.read_bytes() != content:
        package.write_bytes(content)
