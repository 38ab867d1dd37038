"""Two accounts to compare: the local AWS, and stock moto's server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from paths import PYTHON

STOCK = """
import logging, os
logging.disable()
from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication, MotoRequestHandler, create_backend_app
)
from werkzeug.serving import make_server
default_user_config["stepfunctions"] = {"execute_state_machine": True}
application = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
os.environ["MOTO_PORT"] = str(server.server_port)
print(server.server_port, flush=True)
server.serve_forever()
"""


@dataclass(frozen=True)
class Account:
    url: str

    def client(self, service: str, **settings: Any) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(
                retries={"total_max_attempts": 1}, parameter_validation=False, **settings
            ),
        )


@contextmanager
def local(state: Path) -> Iterator[Account]:
    started = localaws("start", "--state", str(state), check=True)
    try:
        yield Account(json.loads(started.stdout)["url"])
    finally:
        localaws("stop", "--state", str(state), check=True)


@contextmanager
def stock() -> Iterator[Account]:
    server = subprocess.Popen(
        [sys.executable, "-c", STOCK],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
    )
    try:
        assert server.stdout is not None
        yield Account(f"http://127.0.0.1:{server.stdout.readline().strip()}")
    finally:
        server.kill()
        server.communicate()


def localaws(
    *arguments: str, check: bool = False, **changes: str
) -> subprocess.CompletedProcess[str]:
    """`python -m localaws …` as a user runs it; `changes` go into its environment."""
    command = [sys.executable, "-m", "localaws", *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        check=check,
        env={**environment(), **changes},
    )


def news(started: subprocess.CompletedProcess[str]) -> list[str]:
    """What a start says about the account; a slow one also says that it is starting."""
    return [line for line in started.stderr.splitlines() if not line.endswith("…")]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PYTHON)}
