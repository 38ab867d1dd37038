from __future__ import annotations

import hashlib
from pathlib import Path
from random import Random

import numpy as np
import pytest

from scones.errors import UserError
from scones.images import cifar100, sample
from scones.images.drawn.image import VEHICLES, draw_image

SMALL = {"train": 3, "test": 2}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.tar.gz"
    path.write_bytes(sample.draw(SMALL))
    return path


def test_it_reads_as_cifar_100_does(drawn: Path) -> None:
    read = cifar100.read(drawn)
    assert len(read.classes) == 100
    assert read.classes.index("motorcycle") == 48
    assert read.only(["bicycle", "motorcycle"]).counts() == {
        "train": {"bicycle": 3, "motorcycle": 3},
        "test": {"bicycle": 2, "motorcycle": 2},
    }


def test_it_is_drawn_identically_every_time(drawn: Path) -> None:
    assert sample.draw(SMALL) == drawn.read_bytes()


def test_no_two_images_are_alike(drawn: Path) -> None:
    read = cifar100.read(drawn)
    rows = np.concatenate([read.train.rows, read.test.rows])
    assert len(np.unique(rows, axis=0)) == len(rows) == 15


def test_the_error_for_a_vehicle_that_is_not_drawn_names_those_that_are(drawn: Path) -> None:
    with pytest.raises(
        UserError, match=r'no image of class "tank". It has bicycle, bus, motorcycle'
    ):
        cifar100.read(drawn).only(["bicycle", "tank"])


def test_it_is_kept_and_drawn_again_only_when_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "SIZES", SMALL)
    path, digest = sample.draw_archive(tmp_path)
    content = path.read_bytes()
    assert digest == hashlib.sha256(content).hexdigest()
    assert "Drawing" in capsys.readouterr().err
    assert sample.draw_archive(tmp_path) == (path, digest)
    assert "Drawing" not in capsys.readouterr().err
    path.write_bytes(content[:100])
    assert sample.draw_archive(tmp_path) == (path, digest)
    assert path.read_bytes() == content
    assert "Drawing" in capsys.readouterr().err


def test_pixels_alone_do_not_distinguish_the_vehicles() -> None:
    def images(split: str) -> tuple[np.ndarray, np.ndarray]:
        names = [
            (vehicle, number) for vehicle in ("bicycle", "motorcycle") for number in range(100)
        ]
        rows = [
            draw_image(VEHICLES[vehicle], Random(f"{split}/{vehicle}/{number}")).reshape(-1)
            for vehicle, number in names
        ]
        return np.stack(rows) / 255 - 0.5, np.array(
            [vehicle == "motorcycle" for vehicle, _ in names]
        )

    (seen, truth), (unseen, expected) = images("train"), images("test")
    weights = np.linalg.solve(seen @ seen.T + 100 * np.eye(len(seen)), truth * 2.0 - 1)
    linear = ((unseen @ seen.T @ weights > 0) == expected).mean()
    distances = (seen**2).sum(1) - 2 * unseen @ seen.T
    nearest = (truth[distances.argmin(1)] == expected).mean()
    assert linear < 0.85
    assert nearest < 0.85


@pytest.mark.parametrize("vehicle", sorted(VEHICLES))
def test_a_vehicle_fills_a_fair_part_of_its_image(vehicle: str) -> None:
    image = draw_image(VEHICLES[vehicle], Random(1))
    assert image.shape == (32, 32, 3)
    assert image.dtype == np.uint8
    assert image.std() > 5
