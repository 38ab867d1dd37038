from __future__ import annotations

import numpy as np
import pytest

from scones.errors import UserError
from scones.images.dataset import Dataset, Image
from scones.images.split import hold_out

PIXELS = np.zeros((32, 32, 3), np.uint8)


def dataset(*sizes: int) -> Dataset:
    """A dataset with sizes[label] training images of each class, and one test image of each."""
    train = [
        Image(f"{label}_{n}.png", label, PIXELS)
        for label, size in enumerate(sizes)
        for n in range(size)
    ]
    test = [Image(f"test_{label}.png", label, PIXELS) for label in range(len(sizes))]
    return Dataset(tuple("abc"[: len(sizes)]), {"train": tuple(train), "test": tuple(test)})


def names(data: Dataset, split: str) -> set[str]:
    return {image.name for image in data.splits[split]}


def test_each_class_gives_the_same_share() -> None:
    counts = hold_out(dataset(50, 20), share=0.1, seed=0).counts()
    assert counts["validation"] == {"a": 5, "b": 2}
    assert counts["train"] == {"a": 45, "b": 18}


def test_every_training_image_ends_up_in_one_split_and_no_test_image_in_either() -> None:
    before = dataset(50, 20)
    after = hold_out(before, share=0.3, seed=1)
    assert names(after, "train") | names(after, "validation") == names(before, "train")
    assert not names(after, "train") & names(after, "validation")
    assert after.splits["test"] == before.splits["test"]


def test_the_seed_decides_which_images_go() -> None:
    first, again, other = (
        names(hold_out(dataset(50, 50), 0.2, seed), "validation") for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_neither_the_archives_order_nor_another_class_changes_what_is_held_out() -> None:
    two, three = dataset(30, 30), dataset(30, 30, 30)
    turned = Dataset(three.classes, {**three.splits, "train": three.splits["train"][::-1]})
    assert names(hold_out(two, 0.2, 0), "validation") < names(
        hold_out(turned, 0.2, 0), "validation"
    )


@pytest.mark.parametrize(("share", "held"), [(0.001, 1), (0.999, 2)])
def test_both_splits_get_at_least_one_image_of_each_class(share: float, held: int) -> None:
    assert hold_out(dataset(3, 3), share, 0).counts()["validation"] == {"a": held, "b": held}


def test_a_class_with_a_single_training_image_cannot_be_split() -> None:
    with pytest.raises(UserError, match=r'Class "b" has 1 training image'):
        hold_out(dataset(5, 1), 0.1, 0)
