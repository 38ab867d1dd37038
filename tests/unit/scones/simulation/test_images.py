"""Which images a simulation sends, and when."""

from __future__ import annotations

import io
from collections import Counter
from itertools import pairwise
from random import Random

import numpy as np
import PIL.Image
import pytest

from scones.errors import UserError
from scones.images.dataset import Image
from scones.images.drawn.image import VEHICLES, draw_image
from scones.simulation import images, unknown_objects
from scones.simulation.drift import STRENGTHS, TRANSFORMATIONS
from scones.simulation.images import SimulatedImage
from scones.simulation.settings import Settings

STAGED = {
    name: [f"test/{name}_{n:02}.png" for n in range(20)] for name in ("bicycle", "motorcycle")
}
EVEN = {"bicycle": 0.5, "motorcycle": 0.5}
PIXELS = draw_image(VEHICLES["bicycle"], Random(0))


def settings(
    drift: str = "none", strength: float = 0.5, seed: int = 0, rate: float = 10, mix=EVEN
) -> Settings:
    return Settings(rate, 30, mix, drift, strength, seed)


def sequence(*args: object, **changes: object) -> list[SimulatedImage]:
    return images.plan_images(settings(*args, **changes), STAGED)


def read(_key: str) -> bytes:
    return Image("any.png", 0, PIXELS).png()


def opened(png: bytes | None) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(png or b"")))


def test_the_requested_number_of_images_arrives_in_order_and_in_time() -> None:
    sent = sequence()
    assert [image.number for image in sent] == list(range(1, 301))
    assert all(first.due <= second.due for first, second in pairwise(sent))
    assert sent[0].due >= 0
    assert sent[-1].due <= 30


def test_arrivals_are_a_poisson_process() -> None:
    due = images.arrival_times(settings(rate=100))
    gaps = np.diff(due)
    # Exponential gaps have a standard deviation as large as their mean.
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.1)
    counts = np.histogram(due, 300, (0, 30))[0]
    assert counts.var() == pytest.approx(counts.mean(), rel=0.3)


@pytest.mark.parametrize("drift", sorted(STRENGTHS))
def test_a_seed_decides_everything(drift: str) -> None:
    assert sequence(drift, seed=4) == sequence(drift, seed=4)
    assert sequence(drift, seed=4) != sequence(drift, seed=5)
    first = sequence(drift, seed=4)[0]
    assert images.render_png(first, settings(drift, seed=4), read) == images.render_png(
        first, settings(drift, seed=4), read
    )


def test_undrifted_traffic_sends_the_staged_images_unchanged() -> None:
    for image in sequence():
        assert image.staged_key in STAGED[image.truth]
        assert image.drift == "none"
        assert images.render_png(image, settings(), read) is None


def test_every_image_of_a_class_comes_before_any_is_repeated() -> None:
    keys = [image.staged_key for image in sequence() if image.truth == "bicycle"]
    assert sorted(keys[:20]) == sorted(keys[20:40]) == sorted(STAGED["bicycle"])
    assert keys[:20] != keys[20:40]


def test_the_mix_is_kept_within_chance() -> None:
    counts = Counter(image.truth for image in sequence(mix={"bicycle": 0.8, "motorcycle": 0.2}))
    assert counts["bicycle"] == pytest.approx(240, abs=30)


def test_shifted_classes_are_staged_images_in_another_mix() -> None:
    sent = sequence("shift-classes", strength=0.8, mix={"bicycle": 0.4, "motorcycle": 0.6})
    assert Counter(image.truth for image in sent)["bicycle"] == pytest.approx(264, abs=25)
    assert {images.render_png(image, settings("shift-classes"), read) for image in sent[:20]} == {
        None
    }


@pytest.mark.parametrize("drift", sorted(TRANSFORMATIONS))
def test_drifted_images_keep_their_truth_and_their_size(drift: str) -> None:
    for image in sequence(drift)[:5]:
        assert image.truth in STAGED
        assert image.drift == drift
        changed = opened(images.render_png(image, settings(drift), read))
        assert changed.shape == PIXELS.shape
        assert not np.array_equal(changed, PIXELS)


def test_new_objects_are_a_share_of_the_images_with_their_own_names() -> None:
    sent = sequence("new-objects", strength=0.3)
    new = [image for image in sent if image.staged_key is None]
    assert len(new) == pytest.approx(90, abs=30)
    assert {image.truth for image in new} == {"bus", "pickup_truck", "streetcar"}
    assert {image.drift for image in new} == {"new-objects"}
    assert {image.drift for image in sent if image.staged_key} == {"none"}
    drawn = [images.render_png(image, settings("new-objects"), read) for image in new]
    assert len(set(drawn)) == len(new)
    assert opened(drawn[0]).shape == PIXELS.shape


def test_a_class_of_the_model_is_not_a_new_object() -> None:
    assert unknown_objects.names_except(["bus", "bicycle"]) == ("pickup_truck", "streetcar")
    with pytest.raises(UserError, match="The model knows every object that can be drawn"):
        unknown_objects.names_except(["bus", "pickup_truck", "streetcar"])


@pytest.mark.parametrize("name", sorted(unknown_objects.UNKNOWN_OBJECTS))
def test_an_unknown_object_fills_a_fair_part_of_its_image(name: str) -> None:
    image = draw_image(unknown_objects.UNKNOWN_OBJECTS[name], Random(1))
    assert image.shape == (32, 32, 3)
    assert image.std() > 5
