"""The local AWS's model server of a folder, started as for an endpoint, without an account."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from eventually import eventually
from paths import PYTHON

MODEL_SERVER = PYTHON / "localaws" / "sagemaker" / "model_server.py"
SECONDS = 60

# A path here leads health checks to the application, as Terraform's setting does.
OWN_HEALTH = {"RAYSERVE_BACKEND_URL": "http://127.0.0.1:8000/model"}

# It answers with the text of the request and with what it finds out about the request.
DEPLOYMENT = """
import json
from pathlib import Path
from ray import serve
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

class Echo:
    def __init__(self, name):
        self.name = name

    async def __call__(self, request: Request) -> Response:
        if request.method == "GET":
            return Response()
        if request.headers["content-type"] == "text/break":
            raise ValueError("broken inside")
        answer = {
            "model": self.name,
            "text": (await request.body()).decode(),
            "path": request.url.path,
            "attributes": request.headers.get("X-Amzn-SageMaker-Custom-Attributes"),
        }
        headers = {"X-Amzn-SageMaker-Custom-Attributes": "answered", "X-Own": "kept back"}
        return JSONResponse(answer, 201, headers=headers)

name = (Path(__file__).parent / "name.txt").read_text()
app = serve.deployment(Echo, num_replicas=1).bind(name)
"""
CONFIG = """
applications:
  - name: echo
    route_prefix: /
    import_path: deployment:app
"""


@dataclass(frozen=True)
class ModelServer:
    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def settled(self) -> int:
        """Status of the health check when the model is loaded, or cannot be."""
        status: int = eventually(self._status_unless_starting)
        return status

    def invoke(self, body: bytes, content_type: str, **headers: str) -> requests.Response:
        return requests.post(
            f"{self.url}/invocations",
            data=body,
            headers={"Content-Type": content_type, **headers},
            timeout=SECONDS,
        )

    def _status_unless_starting(self) -> int | None:
        answer = requests.get(f"{self.url}/ping", timeout=SECONDS)
        return None if answer.content == b"starting" else answer.status_code


@contextmanager
def serving(
    folder: Path,
    contract: str = "ray",
    environment: Mapping[str, str] | None = None,
) -> Iterator[ModelServer]:
    """The server of an unpacked model archive, which may still be loading."""
    log = folder.with_suffix(".log")
    own = ("AWS_", "PYTHONPATH", "RAYSERVE_")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    variables |= {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", **(environment or {})}
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("w") as output:
        host, port = listener.getsockname()
        process = subprocess.Popen(
            [sys.executable, "-P", MODEL_SERVER, str(listener.fileno()), str(folder), contract],
            env=variables,
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield ModelServer(f"http://{host}:{port}", log, process)
    finally:
        process.kill()
        process.wait()


def lay_out(folder: Path, files: Mapping[str, str]) -> Path:
    """A model folder with these files; each text may be indented."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return folder


def ray_files(deployment: str = DEPLOYMENT) -> dict[str, str]:
    """The files of an archive that the Ray image serves."""
    return {"config.yaml": CONFIG, "deployment.py": deployment, "name.txt": "first"}
