"""A training job's folder with a few drawn images: dark discs and light squares on noise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ["disc", "square"]
SIZE = 16


def drawn(label: int, seed: int) -> Image.Image:
    random = np.random.default_rng(seed)
    image = Image.fromarray(random.integers(60, 200, (SIZE, SIZE, 3), dtype=np.uint8))
    draw = ImageDraw.Draw(image)
    box = (3, 3, 12, 12)
    if label == 0:
        draw.ellipse(box, fill=(20, 20, 40))
    else:
        draw.rectangle(box, fill=(230, 220, 200))
    return image


def lay_out(base: Path, counts: dict[str, int], **hyperparameters: object) -> Path:
    """Write a job's channels, manifest and hyperparameters into `base`; `counts` images a split."""
    images: list[dict[str, object]] = []
    for split, count in counts.items():
        folder = base / "input" / "data" / split
        folder.mkdir(parents=True)
        for index in range(count):
            label, file = index % 2, folder / f"{CLASSES[index % 2]}_{index:03}.png"
            drawn(label, seed=len(images)).save(file)
            sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
            images.append({"key": f"{split}/{file.name}", "label": label, "sha256": sha256})
    manifest: dict[str, object] = {
        "version": 1,
        "classes": CLASSES,
        "drawn": True,
        "fingerprint": "0f" * 32,
        "images": images,
    }
    strings = {name: str(value) for name, value in hyperparameters.items()}
    write(base / "input" / "data" / "manifest" / "manifest.json", manifest)
    write(base / "input" / "config" / "hyperparameters.json", strings)
    return base


def write(path: Path, content: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
