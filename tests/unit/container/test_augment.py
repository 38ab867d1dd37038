"""Augmentation of a batch before the network sees it."""

from __future__ import annotations

import torch

from container.augment import augment, blend, mirror, paste, recolour, warp


def noise(count: int = 40, size: int = 16) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(count, 3, size, size)


def test_a_mirrored_image_is_itself_or_its_mirror_image_and_both_occur() -> None:
    images = noise()
    same = (mirror(images) == images).flatten(1).all(1)
    flipped = (mirror(images.flip(3)).flip(3) == images).flatten(1).all(1)
    assert 0 < same.sum() < len(images)
    assert flipped.any()


def test_a_warped_image_shows_the_same_thing_slightly_elsewhere_and_of_another_size() -> None:
    torch.manual_seed(3)
    size, count = 32, 200
    disc = (torch.arange(size)[:, None] - 15.5) ** 2 + (torch.arange(size) - 15.5) ** 2 < 36
    warped = warp(disc.float().expand(count, 3, size, size))
    places = torch.arange(size) - 15.5
    area = warped[:, 0].sum((1, 2))
    across, down = ((warped[:, 0].sum(axis) * places).sum(1) / area for axis in (1, 2))
    for offset in (across, down):
        assert 2 < offset.abs().max() < 4.2, (
            "up to three pixels, and a little more where the image is enlarged"
        )
    whole = ((across - across.round()).abs() < 1e-4) & ((down - down.round()).abs() < 1e-4)
    assert 70 < whole.sum() < 130, "half of the images are moved only, by whole pixels"
    ratio = area / disc.sum()
    assert 0.7 < ratio.min() < 0.9
    assert 1.15 < ratio.max() < 1.45


def test_the_border_of_a_warped_image_is_the_reflection_at_its_edge() -> None:
    torch.manual_seed(3)
    assert torch.allclose(warp(torch.ones(40, 3, 16, 16)), torch.ones(1), atol=1e-5)


def test_colours_change_by_whole_images() -> None:
    images = noise()
    changed = recolour(images)
    assert not torch.allclose(changed, images, atol=0.01)
    # A brighter image is brighter everywhere: which of two pixels is the lighter does not change.
    grey, before = changed.mean(1).flatten(1), images.mean(1).flatten(1)
    assert torch.equal(grey.argmax(1), before.argmax(1))


def test_the_smallest_images_can_be_augmented() -> None:
    assert augment(noise(size=8)).shape == (40, 3, 8, 8)


def test_a_pasted_square_comes_from_the_other_image_and_its_area_is_counted() -> None:
    torch.manual_seed(0)
    zeros, ones = torch.zeros(2, 3, 32, 32), torch.ones(2, 3, 32, 32)
    for _ in range(50):
        pasted, kept = paste(zeros, ones)
        assert abs(1 - pasted.mean().item() - kept) < 1e-6
    assert zeros.sum() == 0


def test_half_of_the_batches_are_blended_and_their_targets_add_up_to_one() -> None:
    torch.manual_seed(0)
    images, targets = noise(8), torch.eye(2).repeat(4, 1)
    untouched = 0
    for _ in range(200):
        blended, mixed = blend(images, targets)
        torch.testing.assert_close(mixed.sum(1), torch.ones(8))
        untouched += torch.equal(blended, images)
    assert 80 < untouched < 130


def test_one_seed_gives_one_batch() -> None:
    batches = []
    for _ in range(2):
        torch.manual_seed(7)
        batches.append(blend(augment(torch.ones(8, 3, 32, 32)), torch.eye(2).repeat(4, 1))[0])
    assert torch.equal(*batches)
