"""The handlers as SageMaker's inference toolkit wants them, which serves the PyTorch image.

Its server answers an error with a status only when it is one of its own, and with 500 otherwise: a broken picture would
look like a broken server, and be tried again.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from container.pictures import BadPicture

try:
    from sagemaker_inference.errors import BaseInferenceToolkitError as ToolkitError
except ImportError:  # any other server
    ToolkitError = None

Handler = TypeVar("Handler", bound=Callable[..., Any])


def understood(handler: Handler) -> Handler:
    """The handler, whose BadPicture the toolkit's server understands where there is one."""
    if ToolkitError is None:
        return handler

    class Refusal(BadPicture, ToolkitError):  # type: ignore[misc]
        def __init__(self, error: BadPicture) -> None:
            # The sentence is the body; the status line has the phrase that everybody knows.
            ToolkitError.__init__(self, error.status, str(error), HTTPStatus(error.status).phrase)
            self.status = error.status

        def __str__(self) -> str:
            return str(self.message)

    @functools.wraps(handler)
    def handle(*arguments: Any) -> Any:
        try:
            return handler(*arguments)
        except BadPicture as error:
            raise Refusal(error) from error

    return handle  # type: ignore[return-value]
