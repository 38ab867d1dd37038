"""The training script's source: a channel of the job, so that the image needs nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scones.training import fingerprint


@dataclass(frozen=True)
class SourceCode:
    """The Python files of one package, by their path below the package's parent folder, such as container/train.py."""

    files: Mapping[str, bytes]

    @classmethod
    def read(cls, package: Path) -> SourceCode:
        """Every Python file of the package in the folder `package`."""
        return cls(
            {
                str(file.relative_to(package.parent)): file.read_bytes()
                for file in sorted(package.rglob("*.py"))
            }
        )

    @property
    def sha256(self) -> str:
        return fingerprint.of_files(self.files)

    @property
    def prefix(self) -> str:
        """Where the files lie in the data bucket; other content lies elsewhere, so nothing is ever overwritten."""
        return f"code/{self.sha256[:8]}/"

    def upload(self, s3: Any, bucket: str) -> int:
        """Put the files that are not there yet; returns how many those were."""
        listing = s3.list_objects_v2(Bucket=bucket, Prefix=self.prefix)
        there = {entry["Key"] for entry in listing.get("Contents", [])}
        missing = {self.prefix + name: content for name, content in self.files.items()}
        for key in there & missing.keys():
            del missing[key]
        for key, content in missing.items():
            s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType="text/x-python")
        return len(missing)
