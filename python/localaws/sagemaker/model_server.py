"""SageMaker's serving contract for an unpacked model.

    python -P model_server.py LISTENING_SOCKET MODEL_FOLDER

Answers GET /ping and POST /invocations with the functions of code/inference.py: model_fn, input_fn,
predict_fn and output_fn, as the PyTorch container image calls them: one that takes a further
argument is given a context, with which it sets headers of the answer. An exception with an
attribute `status` (400 to 499) is the client's fault.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import ModuleType
from typing import Any

WORKERS = min(4, os.cpu_count() or 1)  # requests at a time; more wait in the socket's backlog
DEFAULT_ACCEPT = "application/json"
NO_HEADERS: Mapping[str, str] = {}
LENGTH = "[0-9]{1,8}"  # of a body, in bytes: more than SageMaker accepts


def main(listener: socket.socket, folder: Path) -> None:
    inference = load(folder)
    model = inference.model_fn(str(folder))
    for _ in range(WORKERS):
        threading.Thread(target=serve, args=(listener, inference, model)).start()


def load(folder: Path) -> ModuleType:
    if not (folder / "code" / "inference.py").is_file():
        sys.exit(
            "This model archive has no code/inference.py; "
            "only such models run locally, any other container image on AWS."
        )
    sys.path[:0] = [str(folder / "code"), str(folder)]
    return importlib.import_module("inference")


class Context:
    """What a handler is given with a request; of the headers, SageMaker returns its own."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def set_response_header(self, _index: int, name: str, value: str) -> None:
        self.headers[name] = value


def serve(listener: socket.socket, inference: ModuleType, model: Any) -> None:
    """Answer one connection after the other, with one request on each."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(200 if self.path == "/ping" else 404, b"", "text/plain")

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "0")
            if not re.fullmatch(LENGTH, length):
                return self.reply(400, f"The Content-Length is {length!r}.".encode(), "text/plain")
            body = self.rfile.read(int(length))
            content_type = self.headers.get("Content-Type")
            accept = self.headers.get("Accept")
            context = Context()
            reply = answer(inference, model, body, content_type, accept, context)
            return self.reply(*reply, context.headers)

        def reply(
            self,
            status: int,
            body: bytes,
            content_type: str,
            headers: Mapping[str, str] = NO_HEADERS,
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """The log is for what the model prints."""

    no_server: Any = None
    while True:
        connection, address = listener.accept()
        with connection:
            try:
                Handler(connection, address, no_server)
            except OSError:
                continue  # the client has gone


def answer(
    inference: ModuleType,
    model: Any,
    body: bytes,
    content_type: str | None,
    accept: str | None,
    context: Context,
) -> tuple[int, bytes, str]:
    """Status, body and content type of an invocation's answer."""
    if accept in (None, "", "*/*"):
        accept = DEFAULT_ACCEPT
    try:
        data = call(inference.input_fn, body, content_type, context=context)
        prediction = call(inference.predict_fn, data, model, context=context)
        output = call(inference.output_fn, prediction, accept, context=context)
    except Exception as error:
        status = getattr(error, "status", None)
        if isinstance(status, int) and 400 <= status < 500:
            print(f"{status}: {error}", flush=True)
            return status, str(error).encode(), "text/plain"
        traceback.print_exc()
        return 500, f"{type(error).__name__}: {error}".encode(), "text/plain"
    text, answer_type = output if isinstance(output, tuple) else (output, accept)
    return 200, text if isinstance(text, bytes) else str(text).encode(), answer_type


def call(handler: Callable[..., Any], *arguments: Any, context: Context) -> Any:
    if len(inspect.signature(handler).parameters) > len(arguments):
        return handler(*arguments, context)
    return handler(*arguments)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]))
