"""The process that is the account: moto's server on 127.0.0.1, with its gaps filled.

`lifecycle.start` runs it as `python -m localaws.server FOLDER PORT`.
"""

from __future__ import annotations

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
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from localaws import pace
from localaws.errors import LocalAwsError
from localaws.iam import usage
from localaws.json_object import JsonObject
from localaws.persistence import changes
from localaws.persistence.account_file import NAME, AccountFile
from localaws.server import record, services
from localaws.server.patching import Account
from localaws.server.resends import Resends
from localaws.server.wsgi import Application

HOST = "127.0.0.1"
GRANTS_PATH = "/localaws/grants"
PORT = "port"  # the name of a setting in the account file
BACKLOG = 512  # hundreds of executions may connect at once


def serve(state: Path, port: int, ready: Callable[[record.Facts], None]) -> None:
    """Serve until SIGTERM. `port` 0 takes the former one or, where that is in use, a free one.

    `ready` is called when requests are answered. Raises LocalAwsError when the folder or the port
    is in use, or when another version has written the account.
    """
    record.hold(state)
    with ExitStack() as closers:
        file = AccountFile(state / NAME)
        closers.callback(file.close)
        listener = closers.enter_context(_listen_again(file) if port == 0 else _listen(port))
        port = listener.getsockname()[1]
        file.set(PORT, str(port))
        facts = record.Facts(
            pid=os.getpid(),
            port=port,
            url=f"http://{HOST}:{port}",
            identity=uuid.uuid4().hex,
            since=time.time(),
            restored=file.contents(),
            dropped=file.drop_services_of_another(version("moto")),
            pace=pace.chosen(os.environ),
        )
        account = Account(record.fresh_folder(state, facts.identity), facts.url)
        server = _server(listener, facts)
        closers.callback(shutil.rmtree, account.state, ignore_errors=True)
        services.install(account, file, closers)
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        with record.published(state, facts):
            ready(facts)
            server.serve_forever(poll_interval=0.05)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise LocalAwsError(
            f"Port {port} of {HOST} cannot be used: {reason}. Leave --port out to take a free one."
        ) from error


def _listen_again(file: AccountFile) -> socket.socket:
    """On the former port, so that the lines that a user pasted into a shell stay valid."""
    try:
        return _listen(int(file.setting(PORT) or 0))
    except LocalAwsError:
        return _listen(0)


def _server(listener: socket.socket, facts: record.Facts) -> Any:
    # Importing moto takes a second: a port in use is reported before.
    from moto.core.config import default_user_config
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    from localaws.iam.enforcement import enforce
    from localaws.server.connections import Connection

    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    os.environ["MOTO_PORT"] = str(facts.port)  # for moto's requests to itself
    moto = changes.answer_when_saved(DomainDispatcherApplication(create_backend_app))
    application = Resends(enforce(moto))
    return make_server(
        HOST,
        facts.port,
        _identify(application, facts.identity),
        threaded=True,
        request_handler=Connection,
        fd=listener.fileno(),
    )


def _identify(application: Application, identity: str) -> Application:
    """Answer who listens here, so that no other server on the port is mistaken for ours.

    And which grants of roles were used.
    """

    def answer(environ: JsonObject, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == record.IDENTITY_PATH:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [identity.encode()]
        if environ["PATH_INFO"] == GRANTS_PATH:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(usage.as_json(), indent=2).encode()]
        return application(environ, start_response)

    return answer


def main(state: Path, port: int) -> int:
    """Prints one line of JSON, the facts or why the server did not start; stderr is its log."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would log every request

    def answer(message: JsonObject) -> None:
        print(json.dumps(message), flush=True)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    try:
        serve(state, port, lambda facts: answer(asdict(facts)))
    except LocalAwsError as error:
        answer({"refused": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    status = main(Path(sys.argv[1]), int(sys.argv[2]))
    logging.shutdown()
    os._exit(status)  # for thousands of executions, Python would tidy up for many seconds
