"""The contract of SageMaker's PyTorch image: the functions of code/inference.py.

These are model_fn, input_fn, predict_fn and output_fn; one that takes a further argument is given
a context, with which it sets headers of the answer. An exception with an attribute `status` (400
to 499) is the client's fault.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from localaws.sagemaker.model_contract import Headers, Reply

DEFAULT_ACCEPT = "application/json"


class Context:
    """What a handler is given with a request; of the headers, SageMaker returns its own."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def set_response_header(self, _index: int, name: str, value: str) -> None:
        self.headers[name] = value


class Handlers:
    """The functions of a model folder; requests wait until the model is loaded."""

    _inference: ModuleType
    _model: Any

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded = threading.Event()

    def load(self) -> None:
        if not (self._folder / "code" / "inference.py").is_file():
            sys.exit(
                "This model archive has neither a config.yaml, as the Ray image needs it, nor a "
                "code/inference.py, as the PyTorch image does; only such models run locally, any "
                "other container image on AWS."
            )
        sys.path[:0] = [str(self._folder / "code"), str(self._folder)]
        self._inference = importlib.import_module("inference")
        self._model = self._inference.model_fn(str(self._folder))
        self._loaded.set()

    def is_healthy(self) -> bool:
        return self._loaded.is_set()

    def invoke(self, body: bytes, headers: Headers) -> Reply:
        self._loaded.wait()
        accept = headers.get("Accept")
        if accept in (None, "", "*/*"):
            accept = DEFAULT_ACCEPT
        context = Context()
        inference, content_type = self._inference, headers.get("Content-Type")
        try:
            data = call(inference.input_fn, body, content_type, context=context)
            prediction = call(inference.predict_fn, data, self._model, context=context)
            output = call(inference.output_fn, prediction, accept, context=context)
        except Exception as error:
            status = getattr(error, "status", None)
            if isinstance(status, int) and 400 <= status < 500:
                print(f"{status}: {error}", flush=True)
                return Reply(status, str(error).encode(), headers=context.headers)
            traceback.print_exc()
            reason = f"{type(error).__name__}: {error}"
            return Reply(500, reason.encode(), headers=context.headers)
        text, answer_type = output if isinstance(output, tuple) else (output, accept)
        answer = text if isinstance(text, bytes) else str(text).encode()
        return Reply(200, answer, answer_type, context.headers)


def call(handler: Callable[..., Any], *arguments: Any, context: Context) -> Any:
    if len(inspect.signature(handler).parameters) > len(arguments):
        return handler(*arguments, context)
    return handler(*arguments)
