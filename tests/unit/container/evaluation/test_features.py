"""The features of images, and the file that holds them."""

from __future__ import annotations

import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from monitored_images import CLASSES, SIZE, expected, pngs, tensor, untrained

from container import artifact
from container.evaluation import baseline, features
from container.evaluation.baseline import Baseline, BaselineError, Features
from container.serving.network import fold_batch_norm

CLASSIFIER = untrained()
SEEN = tensor(pngs(range(20)))


def plain(*colours: tuple[int, int, int]) -> torch.Tensor:
    """One plain image for each colour."""
    return (
        torch.tensor(colours, dtype=torch.uint8)[:, :, None, None]
        .expand(-1, -1, SIZE, SIZE)
        .contiguous()
    )


def test_the_confidence_is_that_of_the_answer() -> None:
    confidence, predicted = CLASSIFIER.probabilities(SEEN).max(1)
    found = features.extract(CLASSIFIER, SEEN)
    assert found.confidence == pytest.approx(confidence.numpy(), abs=1e-5)
    assert found.predicted.tolist() == predicted.tolist()


def test_the_network_that_is_served_gives_the_same_features() -> None:
    served = features.extract(
        replace(CLASSIFIER, network=fold_batch_norm(CLASSIFIER.network)), SEEN
    )
    trained = features.extract(CLASSIFIER, SEEN)
    for field in fields(Features):
        np.testing.assert_allclose(
            getattr(served, field.name), getattr(trained, field.name), atol=1e-4
        )


def test_an_image_has_the_features_of_its_mirror_image_in_any_batch() -> None:
    found = features.extract(CLASSIFIER, SEEN)
    mirrored, alone = (
        features.extract(CLASSIFIER, SEEN.flip(-1)),
        features.extract(CLASSIFIER, SEEN[7:8]),
    )
    for field in fields(Features):
        np.testing.assert_allclose(
            getattr(mirrored, field.name), getattr(found, field.name), atol=1e-4
        )
        np.testing.assert_allclose(
            getattr(alone, field.name), getattr(found, field.name)[7:8], atol=1e-4
        )


def test_plain_colours_have_known_features() -> None:
    found = features.image_statistics(plain((0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255)))
    assert found["brightness"].tolist() == pytest.approx([0, 1, 0.299, 0.114], abs=1e-5)
    assert found["contrast"].tolist() == pytest.approx([0] * 4, abs=1e-5)
    assert found["sharpness"].tolist() == pytest.approx([0] * 4, abs=1e-5)
    assert found["saturation"].tolist() == pytest.approx([0, 0, 1, 1])
    assert found["warmth"].tolist() == pytest.approx([0, 0, 1, -1])


def test_a_change_of_an_image_changes_the_feature_named_for_it() -> None:
    before = features.image_statistics(SEEN)
    smooth = torch.nn.functional.avg_pool2d(SEEN.float(), 3, 1, 1).to(torch.uint8)
    assert (features.image_statistics(smooth)["sharpness"] < before["sharpness"]).all()
    assert (features.image_statistics(SEEN // 2)["brightness"] < before["brightness"]).all()
    assert (features.image_statistics(SEEN // 2)["contrast"] < before["contrast"]).all()


def test_a_darker_image_is_as_sharp_as_before() -> None:
    before = features.image_statistics(SEEN)
    dark = (SEEN.float() * 0.3).round().to(torch.uint8)
    after = features.image_statistics(dark)
    assert (after["contrast"] < 0.4 * before["contrast"]).all()
    assert after["sharpness"].tolist() == pytest.approx(before["sharpness"].tolist(), rel=0.03)


def test_outlines_distinguish_upright_and_level_edges() -> None:
    stripes = torch.zeros(1, 3, SIZE, SIZE, dtype=torch.uint8)
    stripes[..., ::4], stripes[..., 1::4] = 255, 255
    upright, level = (
        features.extract(CLASSIFIER, image).outlines[0]
        for image in (stripes, stripes.transpose(-1, -2))
    )
    directions = (
        upright.reshape(features.DIRECTIONS, -1).sum(1),
        level.reshape(features.DIRECTIONS, -1).sum(1),
    )
    assert directions[0].argmax() == 0
    assert directions[1].argmax() in {4, 5}


def test_two_hundred_images_take_well_below_two_seconds_on_a_thread() -> None:
    torch.set_num_threads(1)
    images = torch.randint(0, 256, (200, 3, 32, 32), dtype=torch.uint8)
    began = time.process_time()
    features.extract(replace(untrained(), image_size=32), images)
    assert time.process_time() - began < 2


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = expected(CLASSIFIER, images=30)
    baseline.write(tmp_path, written)
    read = baseline.read(tmp_path / baseline.FILE)
    assert read.classes == tuple(CLASSES)
    assert len(read.features) == 30
    for field in fields(Features):
        np.testing.assert_array_equal(
            getattr(read.features, field.name), getattr(written.features, field.name)
        )
    assert (tmp_path / baseline.FILE).stat().st_size < 100_000


def test_images_can_be_chosen_and_put_together() -> None:
    found = features.extract(CLASSIFIER, SEEN)
    again = found[:5] + found[np.arange(5, 20)]
    assert again.embedding.tolist() == found.embedding.tolist()
    assert len(again) == 20


@pytest.mark.parametrize(("images", "kept"), [(12, 12), (500, 500), (501, 251), (5_000, 500)])
def test_a_baseline_stays_small_for_any_number_of_held_out_images(images: int, kept: int) -> None:
    assert len(range(0, images, baseline.stride(images))) == kept


def test_features_of_another_version_are_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline, "VERSION", 0)
    baseline.write(tmp_path, expected(CLASSIFIER, images=5))
    monkeypatch.undo()
    with pytest.raises(
        BaselineError, match=r'has features of version 0; .* Train again: "make train RETRAIN=1"'
    ):
        baseline.read(tmp_path / baseline.FILE)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 half"])
def test_a_file_that_is_not_a_baseline_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / baseline.FILE
    file.write_bytes(content)
    with pytest.raises(
        BaselineError, match=r"is not a baseline that training writes: .* Train again"
    ):
        baseline.read(file)


def test_a_baseline_runs_no_code(tmp_path: Path) -> None:
    np.savez(
        tmp_path / baseline.FILE, version=baseline.VERSION, classes=np.array([print], dtype=object)
    )
    with pytest.raises(BaselineError, match="is not a baseline that training writes"):
        baseline.read(tmp_path / baseline.FILE)


def test_features_of_different_numbers_of_images_are_refused(tmp_path: Path) -> None:
    whole = expected(CLASSIFIER, images=5)
    baseline.write(
        tmp_path, Baseline(whole.classes, replace(whole.features, warmth=whole.features.warmth[:3]))
    )
    with pytest.raises(BaselineError, match="different numbers of images"):
        baseline.read(tmp_path / baseline.FILE)


def test_the_serving_code_does_not_include_the_monitors() -> None:
    names = {path.name for path in artifact.SERVING.iterdir()}
    assert not {"baseline.py", "features.py"} & names
