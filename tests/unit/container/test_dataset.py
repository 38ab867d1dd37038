"""Images that a job reads are the staged ones, or an error names the wrong one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from container import dataset
from container.dataset import Manifest
from container.errors import TrainingError


def staged(folder: Path, sizes: tuple[tuple[int, int], ...] = ((8, 8), (8, 8))) -> Manifest:
    """One red bicycle, one blue motorcycle."""
    images = []
    for label, (size, name, colour) in enumerate(
        zip(sizes, ("bike", "moto"), ("red", "blue"), strict=True)
    ):
        file = folder / f"{name}.png"
        Image.new("RGB", size, colour).save(file)
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        images.append({"key": f"train/{name}.png", "label": label, "sha256": sha256})
    return Manifest(["bicycle", "motorcycle"], drawn=True, fingerprint="f", images=images)


def test_a_split_is_one_tensor_in_the_order_of_the_manifest(tmp_path: Path) -> None:
    split = dataset.read("train", tmp_path, staged(tmp_path))
    assert split.images.shape == (2, 3, 8, 8)
    assert split.images[:, :, 0, 0].tolist() == [[255, 0, 0], [0, 0, 255]]
    assert split.labels.tolist() == [0, 1]
    assert [file.name for file in split.files] == ["bike.png", "moto.png"]


def test_an_image_that_is_not_the_staged_one_is_named(tmp_path: Path) -> None:
    manifest = staged(tmp_path)
    Image.new("RGB", (8, 8), "green").save(tmp_path / "moto.png")
    with pytest.raises(TrainingError, match=r"moto\.png is not the file that was staged"):
        dataset.read("train", tmp_path, manifest)


def test_a_corrupt_image_is_named_even_if_it_was_staged_so(tmp_path: Path) -> None:
    manifest = staged(tmp_path)
    damaged = (tmp_path / "moto.png").read_bytes()[:48]
    (tmp_path / "moto.png").write_bytes(damaged)
    manifest.images[1]["sha256"] = hashlib.sha256(damaged).hexdigest()
    with pytest.raises(TrainingError, match=r"moto\.png is damaged"):
        dataset.read("train", tmp_path, manifest)


def test_a_missing_image_is_named(tmp_path: Path) -> None:
    manifest = staged(tmp_path)
    (tmp_path / "bike.png").unlink()
    with pytest.raises(
        TrainingError, match=r"bike\.png is in the manifest, but not in its channel"
    ):
        dataset.read("train", tmp_path, manifest)


@pytest.mark.parametrize("sizes", [((8, 8), (9, 9)), ((8, 8), (8, 12)), ((4, 4), (4, 4))])
def test_images_of_odd_sizes_are_named(tmp_path: Path, sizes: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(
        TrainingError, match=r"train/(bike|moto)\.png is \d+ by \d+ pixels; images must be square"
    ):
        dataset.read("train", tmp_path, staged(tmp_path, sizes))


def test_a_class_without_images_in_a_split_is_named(tmp_path: Path) -> None:
    manifest = staged(tmp_path)
    del manifest.images[1]
    with pytest.raises(TrainingError, match="The train split has no image of motorcycle"):
        dataset.read("train", tmp_path, manifest)


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({"classes": ["bicycle"]})])
def test_a_file_that_is_not_a_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(TrainingError, match="The manifest is not one that staging writes"):
        Manifest.read(tmp_path)


def test_one_class_alone_is_refused(tmp_path: Path) -> None:
    content = {"classes": ["bicycle"], "drawn": False, "fingerprint": "f", "images": []}
    (tmp_path / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(TrainingError, match="at least two are needed"):
        Manifest.read(tmp_path)


def test_a_missing_manifest_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="The manifest cannot be read"):
        Manifest.read(tmp_path)
