"""The sample source: drawn vehicles, archived just as CIFAR-100 is."""

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


def archive(folder: Path) -> Path:
    """The sample's archive in `folder`, drawn unless the same code and libraries have drawn it there before."""
    path = folder / f"sample-{_version()}.tar.gz"
    with cache.locked(path), cache.explained(path):
        if not cache.is_whole(path):
            say(f"Drawing {sum(SIZES.values()) * len(VEHICLES)} pictures of {', '.join(VEHICLES)}.")
            draft = path.with_name(f"{path.name}.part")
            draft.write_bytes(draw(SIZES))
            cache.keep(draft, path)
    return path


def draw(sizes: Mapping[str, int]) -> bytes:
    """A tar.gz archive with `sizes[split]` images of each vehicle; the same bytes whenever the same code draws it."""
    members = {
        cifar100.META: _pickled(
            {"fine_label_names": list(FINE), "coarse_label_names": list(COARSE)}
        )
    }
    members |= {
        f"{cifar100.FOLDER}/{split}": _pickled(_split(split, size)) for split, size in sizes.items()
    }
    file = io.BytesIO()
    # Neither the gzip header nor the tar members hold a time or a user.
    with (
        gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file.getvalue()


def _split(split: str, size: int) -> dict[str, object]:
    names = [
        (vehicle, f"{vehicle}_drawn_{split}_{number:04d}.png")
        for number in range(size)
        for vehicle in VEHICLES
    ]
    rows = [
        draw_image(VEHICLES[vehicle], Random(f"{SEED}/{name}")).transpose(2, 0, 1).reshape(-1)
        for vehicle, name in names
    ]
    return {
        "filenames": [name.encode() for _, name in names],
        "fine_labels": [FINE.index(vehicle) for vehicle, _ in names],
        "coarse_labels": [COARSE.index(VEHICLES_1)] * len(names),
        "batch_label": f"drawn {split} images".encode(),
        "data": np.stack(rows),
    }


def _pickled(content: Mapping[str, object]) -> bytes:
    return pickle.dumps({key.encode(): value for key, value in content.items()}, protocol=2)


def _version() -> str:
    """A name for what decides the pictures: the code that draws them, and the libraries' versions."""
    total = hashlib.sha256(f"{np.__version__} {PIL.__version__}".encode())
    for file in (Path(__file__), *sorted(Path(drawn.__path__[0]).glob("*.py"))):
        total.update(file.read_bytes())
    return total.hexdigest()[:12]
