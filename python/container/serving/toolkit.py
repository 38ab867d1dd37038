"""The handlers as SageMaker's inference toolkit expects them, which serves the PyTorch image.

Its server sends the status of its own errors only, and 500 for any other: an unreadable image would
look like a broken server, and be sent again. To a handler with one argument more than usual it
gives the context of the request, which sets headers of the answer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from torch import Tensor

from container.serving import inference
from container.serving.attribution import answer_headers
from container.serving.classifier import Classifier
from container.serving.images import ImageError
from container.serving.inference import model_fn, output_fn

try:
    from sagemaker_inference.errors import BaseInferenceToolkitError as ToolkitError
except ImportError:  # any other server
    ToolkitError = None

__all__ = ["input_fn", "model_fn", "output_fn", "predict_fn"]

Handler = Callable[..., Any]


def raise_toolkit_errors(handler: Handler) -> Handler:
    """Return a handler that raises the toolkit's own error instead of an ImageError.

    Without the toolkit, it is the handler itself.
    """
    if ToolkitError is None:
        return handler

    # Its class is known only where the toolkit is installed.
    class Refusal(ImageError, ToolkitError):  # type: ignore[misc]
        def __init__(self, error: ImageError) -> None:
            # The sentence is the body; the status line has the standard phrase.
            ToolkitError.__init__(self, error.status, str(error), HTTPStatus(error.status).phrase)
            self.status = error.status

        def __str__(self) -> str:
            return str(self.message)

    @functools.wraps(handler)
    def handle(*arguments: Any) -> Any:
        try:
            return handler(*arguments)
        except ImageError as error:
            raise Refusal(error) from error

    return handle


def predict_and_attribute(
    data: bytes | Sequence[bytes],
    model: Classifier,
    context: Any = None,
) -> Tensor:
    """The prediction, whose attribution is set in the context's headers."""
    prediction = inference.predict_fn(data, model)
    if context is not None:
        for name, value in answer_headers(model.classes, prediction).items():
            context.set_response_header(0, name, value)
    return prediction


input_fn = raise_toolkit_errors(inference.input_fn)
predict_fn = raise_toolkit_errors(predict_and_attribute)
