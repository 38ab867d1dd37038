"""The contract of SageMaker's Ray image, without Ray: the application that config.yaml names.

The image starts Ray Serve with the archive's config.yaml, and an adapter in front of it, whose
source AWS publishes (deep-learning-containers, scripts/ray/sagemaker_serve.py): it hands POST
/invocations on as POST / and GET /ping as GET /-/healthz, both below RAYSERVE_BACKEND_URL.

As there, /-/healthz without a path before it is answered by Ray's proxy, not by the application:
it is healthy as soon as deployment.py could be imported, even if no replica ever starts. Below a
path of its own, the application answers, and a replica that does not start is never healthy.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from localaws.sagemaker import ray_modules
from localaws.sagemaker.model_contract import Headers, Reply
from localaws.sagemaker.ray_modules import Request, Response

BACKEND_URL, DEFAULT_URL = "RAYSERVE_BACKEND_URL", "http://127.0.0.1:8000"
HEALTH_PATH = "/-/healthz"
HEALTH_SECONDS, REQUEST_SECONDS = 5.0, 300.0  # the adapter's limits for an answer
JSON = "application/json"
HANDED_ON = "x-amzn-sagemaker-"  # headers that the adapter passes, in both directions


class RayApplication:
    """One replica of the first application, in an event loop of its own as in Ray."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prefix = urlsplit(os.environ.get(BACKEND_URL, DEFAULT_URL)).path.rstrip("/")
        self._has_route = False
        self._started = threading.Event()
        self._replica: Any = None
        self._loop = asyncio.new_event_loop()

    def load(self) -> None:
        sys.path[:0] = [str(self._folder), str(self._folder / "code")]
        ray_modules.install()
        config = yaml.safe_load((self._folder / "config.yaml").read_text())
        import_path: str = config["applications"][0]["import_path"]
        module, _, name = import_path.replace(":", ".").rpartition(".")
        application = getattr(importlib.import_module(module), name)
        self._has_route = True
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        start = asyncio.run_coroutine_threadsafe(ray_modules.start(application), self._loop)
        self._replica = start.result()
        self._started.set()

    def is_healthy(self) -> bool:
        if not self._prefix:
            return self._has_route
        if not self._started.is_set():
            return False
        return self._ask("GET", HEALTH_PATH, {}, seconds=HEALTH_SECONDS).status == 200

    def invoke(self, body: bytes, headers: Headers) -> Reply:
        self._started.wait()  # Ray's proxy, too, waits for a replica
        handed_on = {"Content-Type": headers.get("Content-Type", JSON)}
        handed_on["Accept"] = headers.get("Accept", JSON)
        for name, value in headers.items():
            if name.lower().startswith(HANDED_ON):
                handed_on[name] = value
        return self._ask("POST", "/", handed_on, body)

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        seconds: float = REQUEST_SECONDS,
    ) -> Reply:
        """Send a request to the replica, and hand its answer on as the adapter does."""
        request = Request(method, self._prefix + path, headers, body)
        answer = asyncio.run_coroutine_threadsafe(self._answer(request), self._loop)
        try:
            response = answer.result(seconds)
        except TimeoutError:
            return Reply(504, b'{"error": "Request timeout"}', JSON)
        except Exception:
            traceback.print_exc()
            return Reply(500, b"Internal Server Error")
        handed_on = {
            name: value
            for name, value in response.headers.items()
            if name.lower().startswith(HANDED_ON)
        }
        content_type = response.headers.get("content-type", headers.get("Accept", JSON))
        return Reply(response.status_code, response.body, content_type, handed_on)

    async def _answer(self, request: Request) -> Response:
        return ray_modules.as_response(await ray_modules.call(self._replica, request))
