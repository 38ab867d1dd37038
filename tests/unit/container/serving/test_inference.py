"""The serving handlers, as a server calls them."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path

import pytest
import torch
from PIL import Image

from container.serving.classifier import Classifier
from container.serving.images import ImageError
from container.serving.inference import (
    MAX_INSTANCES,
    WrongContentType,
    input_fn,
    model_fn,
    output_fn,
    predict_fn,
)
from container.serving.network import Network, widths_for


def classifier(size: int = 32, temperature: float = 1.0) -> Classifier:
    torch.manual_seed(0)
    network = Network(3, widths_for(size)).eval()
    return Classifier(
        network,
        ["bicycle", "bus", "motorcycle"],
        size,
        [0.5] * 3,
        [0.25] * 3,
        temperature,
        drawn=True,
    )


def png(width: int = 40, height: int = 30) -> bytes:
    body = BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(body, "PNG")
    return body.getvalue()


@pytest.mark.parametrize(
    "content_type", ["image/png", "image/jpeg", "application/x-image", "Image/PNG; q=1"]
)
def test_an_image_is_answered_with_a_json_list_of_probabilities(content_type: str) -> None:
    body, answer_type = output_fn(
        predict_fn(input_fn(png(), content_type), classifier()), "application/json"
    )
    answer = json.loads(body)
    assert answer_type == "application/json"
    assert len(answer) == 3
    assert sum(answer) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "image/tiff"])
def test_another_content_type_is_refused(content_type: str | None) -> None:
    with pytest.raises(WrongContentType, match="it must be one of image/png") as caught:
        input_fn(png(), content_type)
    assert caught.value.status == 415


def batch(*images: bytes) -> bytes:
    return json.dumps(
        {"instances": [base64.b64encode(image).decode() for image in images]}
    ).encode()


@pytest.mark.parametrize("as_text", [False, True])
def test_several_images_in_a_request_are_answered_as_each_alone(as_text: bool) -> None:
    model, images = classifier(), [png(), png(64, 64), png(10, 90)]
    body = batch(*images)
    data = input_fn(body.decode() if as_text else body, "application/json")
    answer, answer_type = output_fn(predict_fn(data, model), "*/*")
    assert answer_type == "application/json"
    for together, image in zip(json.loads(answer)["predictions"], images, strict=True):
        assert together == pytest.approx(predict_fn(image, model).tolist(), abs=1e-6)


def test_one_image_in_a_list_is_answered_with_a_list() -> None:
    answer, _ = output_fn(
        predict_fn(input_fn(batch(png()), "application/json"), classifier()), "*/*"
    )
    assert len(json.loads(answer)["predictions"]) == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (b"[" * 200_000, "not a JSON object"),
        (b'{"instances": "\xff"}', "not a JSON object"),
        (b'{"images": []}', "not a JSON object"),
        (b'{"instances": []}', "one image or more"),
        (b'{"instances": "aGk="}', "one image or more"),
        (b'{"instances": ["aGk=", "no base64!"]}', r"instances\[1\] is not base64"),
        (b'{"instances": [7]}', r"instances\[0\] is not base64"),
        (b'{"instances": [{"b64": "aGk="}]}', r"instances\[0\] is not base64"),
    ],
)
def test_a_body_without_images_is_refused_with_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence) as caught:
        input_fn(body, "application/json")
    assert caught.value.status == 400


def test_too_many_images_are_refused() -> None:
    with pytest.raises(ImageError, match="send 64 at most") as caught:
        input_fn(batch(*[b"x"] * (MAX_INSTANCES + 1)), "application/json")
    assert caught.value.status == 413


def test_an_unreadable_image_among_others_is_named() -> None:
    with pytest.raises(ImageError, match=r"instances\[1\]: The body is not an image"):
        predict_fn(input_fn(batch(png(), b"not an image"), "application/json"), classifier())


def test_a_higher_temperature_is_less_sure() -> None:
    body = png()
    cold, warm = (predict_fn(body, classifier(temperature=t)).max() for t in (0.5, 2.0))
    assert cold > warm


def test_many_images_are_answered_as_each_alone() -> None:
    images = torch.randint(0, 256, (300, 3, 8, 8), dtype=torch.uint8)
    model = classifier(size=8)
    together = model.probabilities(images)
    torch.testing.assert_close(
        together[270:271], model.probabilities(images[270:271]), atol=1e-5, rtol=0
    )


def test_a_saved_classifier_is_the_same_when_loaded(tmp_path: Path) -> None:
    model, body = classifier(temperature=0.7), png()
    model.save(tmp_path / "model.pt")
    loaded = model_fn(str(tmp_path))
    assert (loaded.classes, loaded.temperature, loaded.drawn) == (model.classes, 0.7, True)
    torch.testing.assert_close(predict_fn(body, loaded), predict_fn(body, model), atol=1e-6, rtol=0)


def test_a_file_that_runs_code_is_not_loaded(tmp_path: Path) -> None:
    torch.save(
        {"state_dict": {}, "classes": Path("anything but plain values")}, tmp_path / "model.pt"
    )
    with pytest.raises(Exception, match="Weights only load failed"):
        model_fn(str(tmp_path))
