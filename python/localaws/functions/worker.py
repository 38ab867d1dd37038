"""One sandbox of a function: `python -I -S worker.py SOCKET`, configured by its environment.

Only the zip, the standard library and LAMBDA_RUNTIME_DIR (boto3, as in the real runtime) can be
imported. Lines of JSON are sent on the socket: first {"error": null}, or why the handler could not
be loaded; then, for each request {"event", "request_id", "deadline", "arn"}, an answer
{"result": text, "error": null or an error object}, in the words of the real runtime (awslambdaric).
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import runpy
import select
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any

JsonObject = dict[str, Any]
Handler = Callable[[Any, "Context"], Any]

# By its path: a function cannot import what is not in its zip.
marshal = runpy.run_path(str(Path(__file__).with_name("marshaller.py")))["marshal"]


class Context:
    """The second argument of a handler."""

    def __init__(self, request: JsonObject) -> None:
        self.aws_request_id: str = request["request_id"]
        self.invoked_function_arn: str = request["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.client_context = None
        self.tenant_id = None
        self._deadline: float = request["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))


def main() -> None:
    channel = socket.socket(fileno=int(sys.argv[1]))
    threading.Thread(target=end_with_account, args=(channel,), daemon=True).start()
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    sys.path.append(os.environ["LAMBDA_RUNTIME_DIR"])
    sys.path.extend(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
    current = {"request_id": ""}
    configure_logging(current)
    handler, error = load(os.environ["_HANDLER"])
    send(channel, {"error": error})
    for line in channel.makefile("rb"):
        request = json.loads(line)
        current["request_id"] = request["request_id"]
        send(channel, call(handler, request))


def end_with_account(channel: socket.socket) -> None:
    """Exit when the account closes the socket, also during an invocation, which reads nothing."""
    closed = select.poll()
    closed.register(channel, 0)
    closed.poll()
    os._exit(0)


def configure_logging(current: dict[str, str]) -> None:
    """Give the root logger the real runtime's handler, format and level."""

    def add_request_id(record: logging.LogRecord) -> bool:
        record.aws_request_id = current["request_id"]
        return True

    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s",
        "%Y-%m-%dT%H:%M:%S",
    )
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    handler.addFilter(add_request_id)
    logging.getLogger().addHandler(handler)


def load(name: str) -> tuple[Any, JsonObject | None]:
    """The handler with name "file.function", or the error that prevents it from being loaded."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        message = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        return None, failure("Runtime.MalformedHandlerName", message)
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        return None, failure("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        return None, failure("Runtime.ImportModuleError", message)
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        place = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        return None, failure("Runtime.UserCodeSyntaxError", message, stack=[place])
    except Exception as error:
        return None, failure(type(error).__name__, str(error), stack=frames(error.__traceback__))
    if not hasattr(module, function_name):
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        return None, failure("Runtime.HandlerNotFound", message)
    return getattr(module, function_name), None


def call(handler: Handler, request: JsonObject) -> JsonObject:
    try:
        result = handler(request["event"], Context(request))
    except Exception as error:
        stack = frames(error.__traceback__)
        failed = failure(type(error).__name__, str(error), request["request_id"], stack)
        return {"result": None, "error": failed}
    if isinstance(result, bytes):
        # The payload as it is, also where it is no text: lone surrogates stand for its bytes.
        return {"result": result.decode(errors="surrogateescape"), "error": None}
    try:
        return {"result": marshal(result, os.environ["AWS_EXECUTION_ENV"]), "error": None}
    except Exception as error:
        message = f"Unable to marshal response: {error}"
        failed = failure("Runtime.MarshalError", message, request["request_id"])
        return {"result": None, "error": failed}


def frames(trace: TracebackType | None) -> list[str]:
    """The stack from the handler's first frame on; the ones before it are the runtime's own."""
    stack = traceback.extract_tb(trace)
    while stack and stack[0].filename == __file__:
        stack.pop(0)
    # Four fields, as in the real runtime, have no marks below the line.
    return traceback.format_list(
        [(frame.filename, frame.lineno or 0, frame.name, frame.line) for frame in stack]
    )


def failure(
    kind: str,
    message: str,
    request_id: str = "",
    stack: Sequence[str] = (),
) -> JsonObject:
    """The error object. Its paths are those of this machine; whoever reads it translates them."""
    return {
        "errorMessage": message,
        "errorType": kind,
        "requestId": request_id,
        "stackTrace": [*stack],
    }


def send(channel: socket.socket, message: JsonObject) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    channel.sendall(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    main()
