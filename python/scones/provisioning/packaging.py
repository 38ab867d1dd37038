"""The functions' deployment packages: one file, one zip, the same bytes on every machine."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from scones.settings import ROOT

# A fixed time, fixed permissions and no compression: zlib's output differs between its versions, and with it the hash
# by which Terraform sees a change.
EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
UNIX = 3

SOURCES = ROOT / "lambdas"
PACKAGES = ROOT / "build" / "functions"


def package_all(sources: Path = SOURCES, folder: Path = PACKAGES) -> list[Path]:
    """Write <folder>/<name>.zip for each <sources>/<name>.py; a zip that is up to date is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    packages = []
    for source in sorted(sources.glob("*.py")):
        package = folder / f"{source.stem}.zip"
        content = zipped(source.name, source.read_bytes())
        if not package.exists() or package.read_bytes() != content:
            package.write_bytes(content)
        packages.append(package)
    return packages


def zipped(name: str, content: bytes) -> bytes:
    """A zip archive that holds one file."""
    buffer = io.BytesIO()
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr, entry.create_system = READABLE, UNIX
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(entry, content)
    return buffer.getvalue()
