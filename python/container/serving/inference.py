"""The handlers of SageMaker's PyTorch image: one image in, a JSON list of class probabilities out.

Several images travel as JSON, {"instances": ["<base64 of an image's bytes>", …]}, and are answered
together: {"predictions": [[probability, …], …]}.

An input that cannot be answered raises ImageError, whose `status` is the HTTP status to send.
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
from container.serving.network import fold_batch_norm

IMAGE_TYPES = ("image/png", "image/jpeg", "application/x-image")
BATCH_TYPE = "application/json"
MAX_INSTANCES = 64  # images in a request


class WrongContentType(ImageError):
    """The content type is neither an image's nor JSON."""

    status = 415


class TooManyImages(ImageError):
    """The request has more than MAX_INSTANCES images."""

    status = 413


def model_fn(model_dir: str) -> Classifier:
    """Load the classifier of an unpacked model.tar.gz."""
    # For an image of 32 pixels, waking a second thread takes longer than it saves.
    torch.set_num_threads(1)
    classifier = Classifier.load(Path(model_dir) / "model.pt")
    return replace(classifier, network=fold_batch_norm(classifier.network))


def input_fn(body: bytes | str, content_type: str | None) -> bytes | list[bytes]:
    """Return the bytes of one image or of several, for `predict_fn` to decode."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type == BATCH_TYPE:
        return decode_instances(body)
    if media_type not in IMAGE_TYPES:
        known = ", ".join((*IMAGE_TYPES, BATCH_TYPE))
        raise WrongContentType(f"The content type is {content_type!r}; it must be one of {known}.")
    return body.encode() if isinstance(body, str) else bytes(body)


def decode_instances(body: bytes | str) -> list[bytes]:
    """Return the images in a JSON body. Raises ImageError that names the wrong one."""
    try:
        instances = json.loads(body)["instances"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ImageError(
            'The body is not a JSON object like {"instances": ["<base64 of an image>", …]}.'
        ) from error
    if not isinstance(instances, list) or not instances:
        raise ImageError("instances must be a list of one image or more.")
    if len(instances) > MAX_INSTANCES:
        raise TooManyImages(
            f"{len(instances)} images are too many for one request: send {MAX_INSTANCES} at most."
        )
    images = []
    for index, text in enumerate(instances):
        try:
            images.append(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError, TypeError) as error:
            raise ImageError(f"instances[{index}] is not base64.") from error
    return images


def predict_fn(data: bytes | Sequence[bytes], model: Classifier) -> Tensor:
    """Probabilities [classes] for one image, [N, classes] for several. Raises ImageError."""
    if isinstance(data, bytes):
        return model.probabilities(pixels(data, model.image_size)[None])[0]
    images = []
    for index, body in enumerate(data):
        try:
            images.append(pixels(body, model.image_size))
        except ImageError as error:
            raise type(error)(f"instances[{index}]: {error}") from error
    return model.probabilities(torch.stack(images))


def output_fn(prediction: Tensor, accept: str) -> tuple[str, str]:
    """The body of the answer and its content type: JSON, whatever the client accepts."""
    del accept
    probabilities = prediction.tolist()
    answer = probabilities if prediction.ndim == 1 else {"predictions": probabilities}
    return json.dumps(answer), "application/json"
