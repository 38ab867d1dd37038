"""`make bench-report`: how long a report on 100,000 captured records takes, and how much memory at most.

The records are made up, in files as SageMaker writes them: several records each, with small PNG pictures of noise.
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
PICTURES = 500  # different ones
SPAN = timedelta(days=1)
MEBIBYTE = 1 << 20
# Runs the verb and says at its end how many bytes of memory it took at most. What Linux has for getrusage includes the
# process that started it.
MEASURED = """
import pathlib, re, resource, sys
from scones.commands import report
report.main(sys.argv[1:])
status = pathlib.Path("/proc/self/status")
if status.exists():
    print(1024 * int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]))
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def main(argv: Sequence[str]) -> int:
    arguments = argparse.ArgumentParser(
        prog="bench.report", description="Time a report on many captured records."
    )
    arguments.add_argument("--records", type=int, default=RECORDS)
    options = arguments.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), options.records)
        seconds, peak = measure(Path(folder))
    cli.result(
        f"{options.records:,} records in {seconds:.1f} s: {seconds / options.records * 1e6:.0f} µs each, "
        f"{peak / MEBIBYTE:.0f} MiB of memory at most."
    )
    return 0


def write(folder: Path, records: int, seed: int = 0) -> None:
    """Write so many records of one day into files by the hour."""
    chance = random.Random(seed)
    pictures = [picture(number) for number in range(PICTURES)]
    start = datetime(2026, 11, 20, tzinfo=UTC)
    with Progress("Making records", records, "records") as bar:
        for first in range(0, records, PER_FILE):
            numbers = range(first, min(first + PER_FILE, records))
            times = [start + SPAN * (number / records) for number in numbers]
            place = f"{times[0]:%Y/%m/%d/%H/%M-%S}-{times[0].microsecond // 1000:03d}-{name(chance)}.jsonl"
            path = folder / "scones-local-classifier" / "AllTraffic" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(record(at, chance.choice(pictures), chance) for at in times))
            bar.add(len(numbers))


def record(at: datetime, image: str, chance: random.Random) -> str:
    """A captured record as a line: mostly a confident answer."""
    sure = 1 - 0.5 * chance.betavariate(0.6, 6)
    answer = [sure, 1 - sure] if chance.random() < 0.6 else [1 - sure, sure]
    shown = {
        "observedContentType": "image/png",
        "mode": "INPUT",
        "data": image,
        "encoding": "BASE64",
    }
    said = {
        "observedContentType": "application/json",
        "mode": "OUTPUT",
        "data": json.dumps(answer),
        "encoding": "JSON",
    }
    metadata = {
        "eventId": name(chance),
        "inferenceId": name(chance),
        "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }
    captured = {"endpointInput": shown, "endpointOutput": said}
    return (
        json.dumps({"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"}) + "\n"
    )


def name(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def picture(number: int) -> str:
    """A PNG of noise of 32 pixels, in base64."""
    pixels = np.random.default_rng(number).integers(0, 256, (32, 32, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def measure(folder: Path) -> tuple[float, int]:
    """Seconds and bytes that a report on the captures of a folder takes, the start of Python included.

    Raises:
        UserError: it fails.
    """
    command = [
        sys.executable,
        "-c",
        MEASURED,
        "--capture",
        str(folder),
        "--out",
        str(folder / "report"),
    ]
    started = time.monotonic()
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.monotonic() - started
    if ran.returncode:
        raise UserError(
            f"The report failed with exit status {ran.returncode}. Mend it, and run the same command again."
        )
    return seconds, int(ran.stdout.split()[-1])


if __name__ == "__main__":
    cli.run(main)
