"""Where the training report goes: to the build folder, and beside the artifact in S3 with all that it is made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scones.files import write_atomically
from scones.training.report import Report, report_page

NAME = "training-report.html"
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
}


def publish(report: Report, folder: Path, s3: Any) -> Path:
    """Write the page into `folder`, and put it and the artifact's own files beside the artifact; returns its path."""
    page = report_page(report)
    write_atomically(folder / NAME, page)
    bucket, _, key = report.model.data_url.removeprefix("s3://").partition("/")
    beside = key.rpartition("/")[0]
    for name, content in {**report.files, NAME: page.encode()}.items():
        kind = CONTENT_TYPES[Path(name).suffix]
        s3.put_object(Bucket=bucket, Key=f"{beside}/{name}", Body=content, ContentType=kind)
    return folder / NAME
