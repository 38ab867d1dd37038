"""A trained artifact, the answers that AWS's servers must give, and requests to refuse."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import odd_images
from job_folder import lay_out
from paths import ROOT

COUNTS = {"train": 32, "validation": 12, "test": 12}
ENDPOINT = {"SCONES_MODEL": "scones-1", "SCONES_THRESHOLD": "0.93"}  # as Terraform sets it
SECONDS = 300  # timeout of every program here
ASK = """
import json, pathlib, sys
import inference
model = inference.model_fn(sys.argv[1])
files = sorted(pathlib.Path(sys.argv[2]).iterdir())
answers = {file.name: inference.predict_fn(file.read_bytes(), model).tolist() for file in files}
print(json.dumps(answers))
"""


@dataclass(frozen=True)
class Trained:
    """An unpacked model.tar.gz, the bytes of images by name, and plain Python's answers."""

    model: Path
    images: Mapping[str, bytes]
    answers: Mapping[str, list[float]]

    @property
    def path(self) -> str:
        """PYTHONPATH in SageMaker's images."""
        return f"{self.model}:{self.model / 'code'}"


@dataclass(frozen=True)
class Refused:
    """A wrong request, the status to answer with, and the beginning of the sentence."""

    content_type: str
    body: bytes
    status: int
    sentence: str


def environment(**changes: str) -> dict[str, str]:
    """This process's variables with `changes`, without AWS's and the path of our modules."""
    ours = ("AWS_", "SM_", "SAGEMAKER_", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", **changes}


def run(*command: str, given: str = "", **changes: str) -> str:
    """Return what a command prints for `given` input, with `changes` to the environment."""
    done = subprocess.run(
        command,
        input=given,
        env=environment(**changes),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def train(base: Path) -> Trained:
    """Train for two epochs in the folder `base`; classify images of all kinds in plain Python."""
    lay_out(base, COUNTS, epochs=2, batch_size=8)
    run(
        sys.executable,
        "-m",
        "container.train",
        SAGEMAKER_BASE_DIR=str(base),
        PYTHONPATH=str(ROOT / "python"),
    )
    files = base / "input" / "data" / "test"
    images = {file.name: file.read_bytes() for file in files.iterdir()}
    images |= {name: make() for name, make in odd_images.ANSWERED.items()}
    for name, content in images.items():
        (files / name).write_bytes(content)
    code = str(base / "model" / "code")
    answers = run(sys.executable, "-P", "-c", ASK, str(base / "model"), str(files), PYTHONPATH=code)
    return Trained(base / "model", dict(sorted(images.items())), json.loads(answers))


def together(images: Iterable[bytes]) -> bytes:
    """The body of a request that asks for several images."""
    return json.dumps(
        {"instances": [base64.b64encode(image).decode() for image in images]}
    ).encode()


PNG = odd_images.plain_image("RGB", "PNG")
REFUSED = [
    Refused("image/png", b"", 400, "The body is empty"),
    Refused("image/png", b"This is a text.", 400, "The body is not an image"),
    Refused(
        "image/jpeg",
        odd_images.plain_image("RGB", "JPEG")[:300],
        400,
        "The body cannot be read as an image",
    ),
    Refused("image/png", odd_images.fifty_megapixels(), 413, "The image has 50,000,000 pixels"),
    Refused("text/plain", PNG, 415, "The content type is 'text/plain'"),
    Refused("application/json", b"{", 400, "The body is not a JSON object"),
    Refused("application/json", together([]), 400, "instances must be a list"),
    Refused(
        "application/json",
        together([PNG, b"not an image"]),
        400,
        "instances[1]: The body is not an image",
    ),
    Refused("application/json", together([PNG] * 65), 413, "65 images are too many"),
]
