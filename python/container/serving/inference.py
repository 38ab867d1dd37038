"""The serving handlers of SageMaker's PyTorch image: one picture in, a JSON list of class probabilities out.

Several pictures travel as JSON, {"instances": ["<base64 of a picture's bytes>", …]}, and are answered together:
{"predictions": [[probability, …], …]}.

An input that cannot be answered raises ImageError, a ValueError whose `status` is the HTTP status for a server to send.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from container.serving.classifier import Classifier
from container.serving.images import ImageError, pixels
from container.serving.network import folded

IMAGE_TYPES = ("image/png", "image/jpeg", "application/x-image")
BATCH_TYPE = "application/json"
MAX_INSTANCES = 64  # pictures in a request


class WrongContentType(ImageError):
    """The body is declared to be something else than a picture."""

    status = 415


class TooManyImages(ImageError):
    """More pictures than we are ready to answer at once."""

    status = 413


def model_fn(model_dir: str) -> Classifier:
    """The classifier of an unpacked model.tar.gz."""
    # For a picture of 32 pixels, waking a second thread takes longer than it saves.
    torch.set_num_threads(1)
    classifier = Classifier.load(Path(model_dir) / "model.pt")
    return replace(classifier, network=folded(classifier.network))


def input_fn(body: bytes | str, content_type: str | None) -> bytes | list[bytes]:
    """One picture's bytes, or those of several. They are decoded later, at the size that the model wants."""
    declared = (content_type or "").partition(";")[0].strip().lower()
    if declared == BATCH_TYPE:
        return instances(body)
    if declared not in IMAGE_TYPES:
        known = ", ".join((*IMAGE_TYPES, BATCH_TYPE))
        raise WrongContentType(f"The content type is {content_type!r}; it must be one of {known}.")
    return body.encode() if isinstance(body, str) else bytes(body)


def instances(body: bytes | str) -> list[bytes]:
    """The pictures in a JSON body. Raises ImageError that says which is none."""
    try:
        given = json.loads(body)["instances"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ImageError(
            'The body is no JSON object like {"instances": ["<base64 of a picture>", …]}.'
        ) from error
    if not isinstance(given, list) or not given:
        raise ImageError("instances must be a list of one picture or more.")
    if len(given) > MAX_INSTANCES:
        raise TooManyImages(
            f"{len(given)} pictures are too many for one request: send {MAX_INSTANCES} at most."
        )
    return [decoded(index, text) for index, text in enumerate(given)]


def decoded(index: int, text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True)  # type: ignore[arg-type]
    except (binascii.Error, ValueError, TypeError) as error:
        raise ImageError(f"instances[{index}] is not base64.") from error


def predict_fn(data: bytes | Sequence[bytes], model: Classifier) -> Tensor:
    """Probabilities [classes] for one picture, [N, classes] for several. Raises ImageError."""
    if isinstance(data, bytes):
        return model.probabilities(pixels(data, model.image_size)[None])[0]
    return model.probabilities(
        torch.stack([one_of_many(index, one, model) for index, one in enumerate(data)])
    )


def one_of_many(index: int, data: bytes, model: Classifier) -> Tensor:
    try:
        return pixels(data, model.image_size)
    except ImageError as error:
        raise type(error)(f"instances[{index}]: {error}") from error


def output_fn(prediction: Tensor, accept: str) -> tuple[str, str]:
    """The body of the answer and its content type, which is JSON whatever the client would accept."""
    del accept
    answer = prediction.tolist()
    return json.dumps(
        answer if prediction.ndim == 1 else {"predictions": answer}
    ), "application/json"
