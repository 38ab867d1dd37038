"""Some staged test images as files for a first look, such as build/local/samples/bicycle-1.png.

They are byte for byte what was staged, 32 pixels wide, so that they get the answers that the
staged images get. An enlarged copy would not: the endpoint shrinks it to other pixels.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from scones.aws import call_or_none
from scones.clients import S3Client
from scones.errors import UserError
from scones.files import write_atomically
from scones.images import manifest
from scones.images.manifest import Manifest

FOLDER = "samples"
OF_EACH_CLASS = 3


def write(s3: S3Client, bucket: str, build: Path) -> list[Path]:
    """Write the first test images of each class into the folder `build`/samples.

    Returns:
        The files, those of each class in turn; none where nothing is staged.
    """
    folder = build / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    stored = call_or_none(lambda: s3.get_object(Bucket=bucket, Key=manifest.KEY))
    if stored is None:
        return []
    try:
        staged = Manifest.parse(stored["Body"].read())
    except UserError:
        return []  # of an earlier version: the next staging replaces it
    files = []
    written: Counter[str] = Counter()
    for image in staged.test_images:
        name = staged.classes[image.label]
        if written[name] == OF_EACH_CLASS:
            continue
        written[name] += 1
        png = s3.get_object(Bucket=bucket, Key=image.key)["Body"].read()
        file = folder / f"{name}-{written[name]}.png"
        write_atomically(file, png)
        files.append(file)
    return sorted(files, key=lambda file: (file.stem.rpartition("-")[2], file.stem))
