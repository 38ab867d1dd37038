"""`make bench-report`: the time and the peak memory of a report on 100,000 captured records.

The records are made up, in files as SageMaker writes them: several records each, with small PNG
images of noise.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image

from scones import cli
from scones.errors import UserError
from scones.progress import Progress

RECORDS = 100_000
PER_FILE = 20
IMAGES = 500  # different ones
SPAN = timedelta(days=1)
MEBIBYTE = 1 << 20
# Runs the verb and prints its peak memory in bytes. Linux's getrusage includes the process that
# started it.
MEASURE = """
import pathlib, re, resource, sys
from scones.commands import report
report.main(sys.argv[1:])
status = pathlib.Path("/proc/self/status")
if status.exists():
    print(1024 * int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]))
else:
    unit = 1 if sys.platform == "darwin" else 1024
    print(unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bench.report", description="Time a report on many captured records."
    )
    parser.add_argument("--records", type=int, default=RECORDS)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        write_records(Path(folder), options.records)
        seconds, peak = measure(Path(folder))
    microseconds = seconds / options.records * 1e6
    cli.result(
        f"{options.records:,} records in {seconds:.1f} s: {microseconds:.0f} µs each, "
        f"{peak / MEBIBYTE:.0f} MiB of memory at most."
    )
    return 0


def write_records(folder: Path, records: int) -> None:
    """Write so many records of one day into files by the hour."""
    rng = random.Random(0)
    images = [noise_image(number) for number in range(IMAGES)]
    start = datetime(2026, 11, 20, tzinfo=UTC)
    with Progress("Making records", records, "records") as bar:
        for first in range(0, records, PER_FILE):
            numbers = range(first, min(first + PER_FILE, records))
            times = [start + SPAN * (number / records) for number in numbers]
            milliseconds = times[0].microsecond // 1000
            name = f"{times[0]:%Y/%m/%d/%H/%M-%S}-{milliseconds:03d}-{random_id(rng)}.jsonl"
            path = folder / "scones-local-classifier" / "AllTraffic" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(record(at, rng.choice(images), rng) for at in times))
            bar.add(len(numbers))


def record(at: datetime, image: str, rng: random.Random) -> str:
    """A captured record as a line: mostly a confident answer."""
    confidence = 1 - 0.5 * rng.betavariate(0.6, 6)
    answer = [confidence, 1 - confidence]
    if rng.random() >= 0.6:
        answer.reverse()
    request = {
        "observedContentType": "image/png",
        "mode": "INPUT",
        "data": image,
        "encoding": "BASE64",
    }
    response = {
        "observedContentType": "application/json",
        "mode": "OUTPUT",
        "data": json.dumps(answer),
        "encoding": "JSON",
    }
    content = {
        "captureData": {"endpointInput": request, "endpointOutput": response},
        "eventMetadata": {
            "eventId": random_id(rng),
            "inferenceId": random_id(rng),
            "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        },
        "eventVersion": "0",
    }
    return json.dumps(content) + "\n"


def random_id(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def noise_image(seed: int) -> str:
    """A PNG of noise of 32 pixels, in base64."""
    pixels = np.random.default_rng(seed).integers(0, 256, (32, 32, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def measure(folder: Path) -> tuple[float, int]:
    """Seconds and bytes of memory of a report on a folder's captures, with the start of Python.

    Raises:
        UserError: it fails.
    """
    flags = ["--capture", str(folder), "--out", str(folder / "report")]
    start = time.monotonic()
    report = subprocess.run(
        [sys.executable, "-c", MEASURE, *flags],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - start
    if report.returncode:
        raise UserError(
            f"The report failed with exit status {report.returncode}. "
            "Fix it, and run the same command again."
        )
    return seconds, int(report.stdout.split()[-1])


if __name__ == "__main__":
    cli.run(main)
