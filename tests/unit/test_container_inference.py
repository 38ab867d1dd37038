"""The serving handlers, as a server calls them."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
import torch
from PIL import Image

from container.classifier import Classifier
from container.inference import WrongContentType, input_fn, model_fn, output_fn, predict_fn
from container.network import Network, widths_for


def classifier(size: int = 32, temperature: float = 1.0) -> Classifier:
    torch.manual_seed(0)
    network = Network(3, widths_for(size)).eval()
    return Classifier(network, ["bicycle", "bus", "motorcycle"], size, [0.5] * 3, [0.25] * 3, temperature, drawn=True)


def png(width: int = 40, height: int = 30) -> bytes:
    body = BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(body, "PNG")
    return body.getvalue()


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg", "application/x-image", "Image/PNG; q=1"])
def test_a_picture_is_answered_with_a_json_list_of_probabilities(content_type: str) -> None:
    body, answer_type = output_fn(predict_fn(input_fn(png(), content_type), classifier()), "application/json")
    answer = json.loads(body)
    assert answer_type == "application/json"
    assert len(answer) == 3
    assert sum(answer) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("content_type", [None, "", "application/json", "text/plain", "image/tiff"])
def test_another_content_type_is_refused(content_type: str | None) -> None:
    with pytest.raises(WrongContentType, match="it must be one of image/png") as caught:
        input_fn(png(), content_type)
    assert caught.value.status == 415


def test_a_higher_temperature_is_less_sure() -> None:
    body = png()
    cold, warm = (predict_fn(body, classifier(temperature=t)).max() for t in (0.5, 2.0))
    assert cold > warm


def test_many_pictures_are_answered_as_each_alone() -> None:
    images = torch.randint(0, 256, (300, 3, 8, 8), dtype=torch.uint8)
    model = classifier(size=8)
    together = model.probabilities(images)
    torch.testing.assert_close(together[270:271], model.probabilities(images[270:271]), atol=1e-5, rtol=0)


def test_a_saved_classifier_is_the_same_when_loaded(tmp_path: Path) -> None:
    model, body = classifier(temperature=0.7), png()
    model.save(tmp_path / "model.pt")
    loaded = model_fn(str(tmp_path))
    assert (loaded.classes, loaded.temperature, loaded.drawn) == (model.classes, 0.7, True)
    torch.testing.assert_close(predict_fn(body, loaded), predict_fn(body, model), atol=1e-6, rtol=0)


def test_a_file_that_runs_code_is_not_loaded(tmp_path: Path) -> None:
    torch.save({"state_dict": {}, "classes": Path("anything but plain values")}, tmp_path / "model.pt")
    with pytest.raises(Exception, match="Weights only load failed"):
        model_fn(str(tmp_path))
