"""The process that is the account: moto's server on 127.0.0.1, with the gaps filled. `lifecycle.start` runs it."""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import signal
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from localaws.errors import LocalAwsError
from localaws.server import record, services
from localaws.server.patching import Account

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def serve(state: Path, port: int, ready: Callable[[record.Facts], None]) -> None:
    """Serve until SIGTERM. `port` 0 takes a free one; `ready` is told once, when requests are answered.

    Raises LocalAwsError when the folder or the port is taken.
    """
    record.hold(state, os.getpid())
    with _listening(port) as listener, ExitStack() as closers:
        facts = _facts(listener)
        account = Account(record.fresh_folder(state, facts.identity), facts.url)
        server = _server(listener, facts)
        closers.callback(shutil.rmtree, account.state, ignore_errors=True)
        services.install(account, closers)
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        with record.written(state, facts):
            ready(facts)
            server.serve_forever(poll_interval=0.05)


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise LocalAwsError(
            f"Port {port} of 127.0.0.1 cannot be used: {error.strerror}. Leave --port out to take a free one."
        ) from error
    listener.listen(512)  # hundreds of executions may knock at once
    return listener


def _facts(listener: socket.socket) -> record.Facts:
    port = listener.getsockname()[1]
    return record.Facts(
        os.getpid(), port, f"http://127.0.0.1:{port}", uuid.uuid4().hex, time.time()
    )


def _server(listener: socket.socket, facts: record.Facts) -> Any:
    from moto.core.config import default_user_config  # takes a second: a taken port is told before
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    os.environ["MOTO_PORT"] = str(facts.port)  # moto's own calls to itself go there
    application = _identified(DomainDispatcherApplication(create_backend_app), facts.identity)
    return make_server(
        "127.0.0.1",
        facts.port,
        application,
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=listener.fileno(),
    )


def _identified(application: Wsgi, identity: str) -> Wsgi:
    """Says who listens here, so that no other server on the port is taken for ours."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != record.IDENTITY_PATH:
            return application(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [identity.encode()]

    return answer


def main(argv: Sequence[str]) -> int:
    """One line on stdout says that the server is ready, or why not; everything else goes to stderr, its log."""
    arguments = argparse.ArgumentParser(prog="localaws.server")
    arguments.add_argument("--state", type=Path, required=True)
    arguments.add_argument("--port", type=int, default=0)
    options = arguments.parse_args(argv)
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each request

    def tell(message: dict[str, Any]) -> None:
        print(json.dumps(message), flush=True)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    try:
        serve(options.state, options.port, lambda facts: tell(asdict(facts)))
    except LocalAwsError as error:
        tell({"refused": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
