"""What happens to a batch before the network sees it."""

from __future__ import annotations

import torch

from container.augment import blend, mirror, paste, recolour, shift, vary


def pictures(count: int = 40, size: int = 16) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(count, 3, size, size)


def test_a_mirrored_picture_is_itself_or_its_mirror_image_and_both_occur() -> None:
    images = pictures()
    same = (mirror(images) == images).flatten(1).all(1)
    flipped = (mirror(images.flip(3)).flip(3) == images).flatten(1).all(1)
    assert 0 < same.sum() < len(images)
    assert flipped.any()


def test_a_shifted_picture_keeps_its_middle_somewhere_within_reach() -> None:
    image = pictures(1, 32)
    moved = shift(image.expand(20, -1, -1, -1))
    offsets = set()
    for one in moved:
        for y in range(-3, 4):
            for x in range(-3, 4):
                if torch.equal(one[:, 8 + y : 24 + y, 8 + x : 24 + x], image[0, :, 8:24, 8:24]):
                    offsets.add((y, x))
    assert len(offsets) > 10


def test_colours_change_by_whole_pictures() -> None:
    images = pictures()
    changed = recolour(images)
    assert not torch.allclose(changed, images, atol=0.01)
    # A brighter picture is brighter everywhere: which of two pixels is the lighter does not change.
    grey, before = changed.mean(1).flatten(1), images.mean(1).flatten(1)
    assert torch.equal(grey.argmax(1), before.argmax(1))


def test_the_smallest_pictures_can_be_varied() -> None:
    assert vary(pictures(size=8)).shape == (40, 3, 8, 8)


def test_a_pasted_square_comes_from_the_other_picture_and_its_area_is_counted() -> None:
    torch.manual_seed(0)
    zeros, ones = torch.zeros(2, 3, 32, 32), torch.ones(2, 3, 32, 32)
    for _ in range(50):
        pasted, kept = paste(zeros, ones)
        assert abs(1 - pasted.mean().item() - kept) < 1e-6
    assert zeros.sum() == 0


def test_half_of_the_batches_are_blended_and_their_targets_add_up_to_one() -> None:
    torch.manual_seed(0)
    images, targets = pictures(8), torch.eye(2).repeat(4, 1)
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
        batches.append(blend(vary(torch.ones(8, 3, 32, 32)), torch.eye(2).repeat(4, 1))[0])
    assert torch.equal(*batches)
