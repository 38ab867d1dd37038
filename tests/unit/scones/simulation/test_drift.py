"""Drifts of images."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from scones.images.drawn.image import VEHICLES, draw_image
from scones.simulation import drift
from scones.simulation.drift import STRENGTHS, TRANSFORMATIONS

IMAGE = draw_image(VEHICLES["motorcycle"], Random(3))


def changed(name: str, strength: float, seed: int = 0, image: np.ndarray = IMAGE) -> np.ndarray:
    return TRANSFORMATIONS[name](image, strength, np.random.default_rng(seed))


def sharpness(image: np.ndarray) -> float:
    return float(np.abs(np.diff(image.astype(float), axis=1)).mean())


@pytest.mark.parametrize("name", sorted(TRANSFORMATIONS))
def test_strength_0_changes_nothing_and_the_image_itself_is_left_alone(name: str) -> None:
    before = IMAGE.copy()
    assert np.array_equal(changed(name, 0), IMAGE)
    changed(name, 1)
    assert np.array_equal(IMAGE, before)


@pytest.mark.parametrize("name", sorted(TRANSFORMATIONS))
@pytest.mark.parametrize("shape", [(32, 32, 3), (20, 50, 3), (1, 1, 3)])
def test_an_image_of_any_size_keeps_shape_and_type(name: str, shape: tuple[int, ...]) -> None:
    image = changed(name, 0.5, image=np.full(shape, 200, np.uint8))
    assert (image.shape, image.dtype) == (shape, np.uint8)


@pytest.mark.parametrize("name", sorted(TRANSFORMATIONS))
def test_more_strength_changes_more_and_the_default_is_easy_to_see(name: str) -> None:
    def distance(strength: float) -> float:
        return float(np.abs(changed(name, strength).astype(float) - IMAGE).mean())

    assert distance(0.1) < distance(0.5) < distance(1)
    assert distance(STRENGTHS[name]) > 3


def test_dark_is_darker_up_to_black() -> None:
    assert changed("dark", 0.7).mean() == pytest.approx(0.3 * IMAGE.mean(), abs=0.5)
    assert not changed("dark", 1).any()


def test_blur_takes_the_edges_and_leaves_the_brightness() -> None:
    blurred = changed("blur", 0.5)
    assert sharpness(blurred) < 0.5 * sharpness(IMAGE)
    assert blurred.mean() == pytest.approx(IMAGE.mean(), rel=0.05)


def test_noise_differs_on_every_image() -> None:
    assert sharpness(changed("noise", 0.3)) > 2 * sharpness(IMAGE)
    assert not np.array_equal(changed("noise", 0.3, seed=1), changed("noise", 0.3, seed=2))


def test_every_drift_has_a_default_strength_and_none_has_zero() -> None:
    assert set(TRANSFORMATIONS) < set(STRENGTHS)
    assert drift.STRENGTHS["none"] == 0
