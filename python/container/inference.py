"""The serving handlers of SageMaker's PyTorch image: one picture in, a JSON list of class probabilities out.

An input that cannot be answered raises BadPicture, a ValueError whose `status` is the HTTP status for a server to send.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor

from container.classifier import Classifier
from container.pictures import BadPicture, pixels

CONTENT_TYPES = ("image/png", "image/jpeg", "application/x-image")


class WrongContentType(BadPicture):
    """The body is declared to be something else than a picture."""

    status = 415


def model_fn(model_dir: str) -> Classifier:
    """The classifier of an unpacked model.tar.gz."""
    # For a picture of 32 pixels, waking a second thread takes longer than it saves.
    torch.set_num_threads(1)
    return Classifier.load(Path(model_dir) / "model.pt")


def input_fn(body: bytes, content_type: str | None) -> bytes:
    """The body, if it is declared to be a picture. It is decoded later, at the size that the model wants."""
    declared = (content_type or "").partition(";")[0].strip().lower()
    if declared not in CONTENT_TYPES:
        raise WrongContentType(f"The content type is {content_type!r}; it must be one of {', '.join(CONTENT_TYPES)}.")
    return bytes(body)


def predict_fn(data: bytes, model: Classifier) -> Tensor:
    """Probabilities [classes] for the picture whose bytes are `data`. Raises BadPicture."""
    return model.probabilities(pixels(data, model.image_size)[None])[0]


def output_fn(prediction: Tensor, accept: str) -> tuple[str, str]:
    """The body of the answer and its content type, which is JSON whatever the client would accept."""
    del accept
    return json.dumps(prediction.tolist()), "application/json"
