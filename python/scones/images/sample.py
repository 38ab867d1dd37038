"""The sample source: drawn vehicles, in an archive with CIFAR-100's layout."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import tarfile
from collections.abc import Mapping
from pathlib import Path
from random import Random

import numpy as np
import PIL

from scones.cli import say
from scones.images import cache, cifar100, drawn
from scones.images.drawn.class_names import COARSE, FINE, VEHICLES_1
from scones.images.drawn.image import VEHICLES, draw_image

# Images of each vehicle, by split.
SIZES = {"train": 180, "test": 50}
SEED = 0


def draw_archive(folder: Path) -> tuple[Path, str]:
    """The path and SHA-256 of the sample in `folder`; drawn once per version of code and libraries.

    Raises:
        UserError: the folder cannot be written.
    """
    path = folder / f"sample-{_version()}.tar.gz"
    with cache.lock(path):
        digest = cache.stored_sha256(path)
        if digest is None:
            say(
                f"Drawing {sum(SIZES.values())} images each of {', '.join(VEHICLES)}. "
                "The settings name the classes that are staged."
            )
            content = draw(SIZES)
            digest = hashlib.sha256(content).hexdigest()
            draft = path.with_name(f"{path.name}.part")
            draft.write_bytes(content)
            cache.store(draft, path, digest)
    return path, digest


def draw(sizes: Mapping[str, int]) -> bytes:
    """A tar.gz archive with `sizes[split]` images of each vehicle; the bytes are reproducible."""
    names = {"fine_label_names": list(FINE), "coarse_label_names": list(COARSE)}
    members = {cifar100.META: _pickle(names)}
    for split, size in sizes.items():
        members[f"{cifar100.FOLDER}/{split}"] = _pickle(_draw_split(split, size))
    file = io.BytesIO()
    # Neither the gzip header nor the tar members hold a time or a user.
    with (
        gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as tar,
    ):
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file.getvalue()


def _draw_split(split: str, size: int) -> dict[str, object]:
    names: list[bytes] = []
    labels: list[int] = []
    rows = []
    for number in range(size):
        for vehicle, draw_vehicle in VEHICLES.items():
            name = f"{vehicle}_drawn_{split}_{number:04d}.png"
            pixels = draw_image(draw_vehicle, Random(f"{SEED}/{name}"))
            planes = pixels.transpose(2, 0, 1)
            names.append(name.encode())
            labels.append(FINE.index(vehicle))
            rows.append(planes.reshape(-1))
    return {
        "filenames": names,
        "fine_labels": labels,
        "coarse_labels": [COARSE.index(VEHICLES_1)] * len(names),
        "batch_label": f"drawn {split} images".encode(),
        "data": np.stack(rows),
    }


def _pickle(content: Mapping[str, object]) -> bytes:
    encoded = {key.encode(): value for key, value in content.items()}
    return pickle.dumps(encoded, protocol=2)


def _version() -> str:
    """A digest of what decides the images: the code that draws them, and the library versions."""
    digest = hashlib.sha256(f"{np.__version__} {PIL.__version__}".encode())
    for file in (Path(__file__), *sorted(Path(drawn.__path__[0]).glob("*.py"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
