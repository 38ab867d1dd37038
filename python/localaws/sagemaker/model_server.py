"""The model server of an unpacked model archive: SageMaker's GET /ping and POST /invocations.

    python -P model_server.py LISTENING_SOCKET MODEL_FOLDER CONTRACT

The contract is that of the container image: `ray` runs the application of config.yaml
(ray_application.py), `handlers` calls the functions of code/inference.py (handlers.py). Like the
images' servers, this one does not end when the model cannot be loaded: the reason is in the log,
and no health check passes.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # It is started by its path: the model must find no package of this project.
    sys.path.insert(0, str(Path(__file__).parents[2]))

from localaws.sagemaker.handlers import Handlers
from localaws.sagemaker.model_contract import FAILED, STARTING, Contract, Headers, Reply
from localaws.sagemaker.ray_application import RayApplication

WORKERS = min(4, os.cpu_count() or 1)  # requests at a time; more wait in the socket's backlog
LENGTH = "[0-9]{1,8}"  # of a body, in bytes: more than SageMaker accepts

CONTRACTS: Mapping[str, Callable[[Path], Contract]] = {"handlers": Handlers, "ray": RayApplication}


def main(listener: socket.socket, contract: Contract) -> None:
    hide_project()
    failed = threading.Event()
    workers = [
        threading.Thread(target=serve, args=(listener, contract, failed)) for _ in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    try:
        contract.load()
    except BaseException as error:  # the model's code may even call sys.exit
        if isinstance(error, SystemExit):
            print(error, flush=True)
        else:
            traceback.print_exc()
        failed.set()
    # Where the main thread ends, the interpreter lets models start no more threads.
    for worker in workers:
        worker.join()


def hide_project() -> None:
    """Keep the packages of this project from the model: on AWS, its archive holds all it needs."""
    sys.path[:] = [path for path in sys.path if not Path(path, "localaws").is_dir()]


def serve(listener: socket.socket, contract: Contract, failed: threading.Event) -> None:
    """Answer one connection after the other, with one request on each."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/ping":
                return self.reply(Reply(404))
            if contract.is_healthy():
                return self.reply(Reply(200))
            return self.reply(Reply(503, FAILED if failed.is_set() else STARTING))

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "0")
            if not re.fullmatch(LENGTH, length):
                return self.reply(Reply(400, f"The Content-Length is {length!r}.".encode()))
            body = self.rfile.read(int(length))
            return self.reply(contract.invoke(body, Headers(self.headers.items())))

        def reply(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

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


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), CONTRACTS[sys.argv[3]](Path(sys.argv[2])))
