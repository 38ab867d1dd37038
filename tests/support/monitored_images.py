"""Images and a small untrained model, whose features still depend on the images."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from container.evaluation import baseline, features
from container.evaluation.baseline import Baseline
from container.serving.classifier import Classifier
from container.serving.images import pixels
from container.serving.network import Network, widths_for

CLASSES = ["bicycle", "motorcycle"]
SIZE = 16
Pixels = npt.NDArray[np.uint8]


def draw(seed: int, light: float = 1.0) -> Pixels:
    """A bright or a dark square somewhere on grey noise."""
    random = np.random.default_rng(seed)
    image = random.integers(60, 200, (SIZE, SIZE, 3))
    top, left = random.integers(1, 8, 2)
    image[top : top + 7, left : left + 7] = 20 if seed % 2 else 240
    return (image * light).astype(np.uint8)


def png(image: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def pngs(seeds: Sequence[int], light: float = 1.0) -> list[bytes]:
    return [png(draw(seed, light)) for seed in seeds]


def tensor(contents: Sequence[bytes]) -> torch.Tensor:
    return torch.stack([pixels(content, SIZE) for content in contents])


def untrained() -> Classifier:
    torch.manual_seed(0)
    network = Network(len(CLASSES), widths_for(SIZE)).eval()
    return Classifier(network, CLASSES, SIZE, mean=[0.5] * 3, std=[0.25] * 3, temperature=2.0)


def expected(classifier: Classifier, images: int = 60) -> Baseline:
    """The baseline of images 10000, 10001, …, which no window has."""
    contents = pngs(range(10_000, 10_000 + images))
    return Baseline(tuple(CLASSES), features.extract(classifier, tensor(contents)))


def artifact(folder: Path) -> dict[str, bytes]:
    """The files of such a model's artifact that a monitor reads."""
    classifier = untrained()
    classifier.save(folder / "model.pt")
    baseline.write(folder, expected(classifier))
    return {name: (folder / name).read_bytes() for name in ("model.pt", baseline.FILE)}


def packed(files: Mapping[str, bytes], path: Path) -> Path:
    """A model.tar.gz at `path` that holds `files`, named as SageMaker names them."""
    with tarfile.open(path, "w:gz") as tarball:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            tarball.addfile(member, io.BytesIO(content))
    return path
