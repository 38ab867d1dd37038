"""Which pictures a simulation sends, and when."""

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
from scones.simulation import pictures, unknown_objects
from scones.simulation.drift import STRENGTHS, TRANSFORMATIONS
from scones.simulation.pictures import Picture
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


def sequence(*args: object, **changes: object) -> list[Picture]:
    return pictures.sequence(settings(*args, **changes), STAGED)


def read(_key: str) -> bytes:
    return Image("any.png", 0, PIXELS).png()


def opened(png: bytes | None) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(png or b"")))


def test_as_many_pictures_arrive_as_were_asked_for_in_order_and_in_time() -> None:
    sent = sequence()
    assert [picture.number for picture in sent] == list(range(1, 301))
    assert all(first.due <= second.due for first, second in pairwise(sent))
    assert sent[0].due >= 0
    assert sent[-1].due <= 30


def test_arrivals_are_a_poisson_process() -> None:
    due = pictures.arrivals(settings(rate=100))
    gaps = np.diff(due)
    # Exponential gaps have a standard deviation as large as their mean.
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.1)
    counts = np.histogram(due, 300, (0, 30))[0]
    assert counts.var() == pytest.approx(counts.mean(), rel=0.3)


@pytest.mark.parametrize("drift", sorted(STRENGTHS))
def test_a_seed_decides_everything(drift: str) -> None:
    assert sequence(drift, seed=4) == sequence(drift, seed=4)
    assert sequence(drift, seed=4) != sequence(drift, seed=5)
    one = sequence(drift, seed=4)[0]
    assert pictures.made(one, settings(drift, seed=4), read) == pictures.made(
        one, settings(drift, seed=4), read
    )


def test_undrifted_traffic_sends_the_staged_images_as_they_lie_there() -> None:
    for picture in sequence():
        assert picture.staged in STAGED[picture.truth]
        assert picture.drift == "none"
        assert pictures.made(picture, settings(), read) is None


def test_every_image_of_a_class_comes_before_one_comes_again() -> None:
    keys = [picture.staged for picture in sequence() if picture.truth == "bicycle"]
    assert sorted(keys[:20]) == sorted(keys[20:40]) == sorted(STAGED["bicycle"])
    assert keys[:20] != keys[20:40]


def test_the_mix_is_kept_within_chance() -> None:
    counts = Counter(picture.truth for picture in sequence(mix={"bicycle": 0.8, "motorcycle": 0.2}))
    assert counts["bicycle"] == pytest.approx(240, abs=30)


def test_shifted_classes_are_staged_images_in_another_mix() -> None:
    sent = sequence("shift-classes", strength=0.8, mix={"bicycle": 0.4, "motorcycle": 0.6})
    assert Counter(picture.truth for picture in sent)["bicycle"] == pytest.approx(264, abs=25)
    assert {pictures.made(picture, settings("shift-classes"), read) for picture in sent[:20]} == {
        None
    }


@pytest.mark.parametrize("drift", sorted(TRANSFORMATIONS))
def test_changed_pictures_keep_their_truth_and_their_size(drift: str) -> None:
    for picture in sequence(drift)[:5]:
        assert picture.truth in STAGED
        assert picture.drift == drift
        changed = opened(pictures.made(picture, settings(drift), read))
        assert changed.shape == PIXELS.shape
        assert not np.array_equal(changed, PIXELS)


def test_new_objects_are_a_share_of_the_pictures_and_named_as_what_they_are() -> None:
    sent = sequence("new-objects", strength=0.3)
    new = [picture for picture in sent if picture.staged is None]
    assert len(new) == pytest.approx(90, abs=30)
    assert {picture.truth for picture in new} == {"bus", "pickup_truck", "streetcar"}
    assert {picture.drift for picture in new} == {"new-objects"}
    assert {picture.drift for picture in sent if picture.staged} == {"none"}
    drawn = [pictures.made(picture, settings("new-objects"), read) for picture in new]
    assert len(set(drawn)) == len(new)
    assert opened(drawn[0]).shape == PIXELS.shape


def test_a_class_of_the_model_is_not_a_new_object() -> None:
    assert unknown_objects.names_except(["bus", "bicycle"]) == ("pickup_truck", "streetcar")
    with pytest.raises(UserError, match="The model knows every object that can be drawn"):
        unknown_objects.names_except(["bus", "pickup_truck", "streetcar"])


@pytest.mark.parametrize("name", sorted(unknown_objects.UNKNOWN_OBJECTS))
def test_an_unknown_object_fills_a_fair_part_of_its_image(name: str) -> None:
    picture = draw_image(unknown_objects.UNKNOWN_OBJECTS[name], Random(1))
    assert picture.shape == (32, 32, 3)
    assert picture.std() > 5
