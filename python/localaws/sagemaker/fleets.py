"""What serves an endpoint: a model server process for each production variant of its configuration."""

from __future__ import annotations

import http.client
import io
import random
import shutil
import socket
import sys
import tarfile
import threading
import time
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.sagemaker import opt_ml
from localaws.server import containers, objects
from localaws.server.containers import Child
from localaws.server.log_stream import LogStream
from localaws.server.patching import Account

SERVER = Path(__file__).with_name("model_server.py")
BACKLOG = 128
HEALTH_SECONDS = 240.0  # unless the variant has a ContainerStartupHealthCheckTimeoutInSeconds
INVOCATION_SECONDS = 60.0
INVOCATIONS = 256  # of one endpoint at a time; the service refuses more
DRAIN_SECONDS = INVOCATION_SECONDS


class NotServingError(Exception):
    """A variant does not start; the text is the endpoint's FailureReason."""


class OverloadedError(Exception):
    """More invocations at a time than the endpoint takes."""


@dataclass(frozen=True)
class Plan:
    """What a fleet is started for. `variants` are ProductionVariants, `models` their models by name as requested."""

    account_id: str
    region: str
    endpoint: str
    config_name: str
    variants: list[dict[str, Any]]
    models: Mapping[str, Any]
    capture: Mapping[str, Any]

    @property
    def log_group(self) -> str:
        return f"/aws/sagemaker/Endpoints/{self.endpoint}"


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes


class Fleet:
    def __init__(self, account: Account, plan: Plan) -> None:
        self.plan = plan
        self._servers = {
            variant["VariantName"]: ModelServer(account, plan, variant) for variant in plan.variants
        }
        self._changed = threading.Condition()
        self._running = 0
        self._retired = False

    def start(self) -> None:
        """Returns when every variant is healthy. Raises NotServingError; then nothing of the fleet is left."""
        try:
            for server in self._servers.values():
                server.start()
            for server in self._servers.values():
                server.wait_until_healthy()
        except BaseException:
            self.kill()
            raise

    def choose(self, target: str | None) -> ModelServer | None:
        """The variant named `target`, or one by weight; None where there is no such variant."""
        if target:
            return self._servers.get(target)
        servers = list(self._servers.values())
        weights = [server.weight for server in servers]
        return random.choices(servers, weights if any(weights) else None)[0]

    @contextmanager
    def invocation(self) -> Iterator[bool]:
        """Keeps the fleet alive meanwhile; False where it has been retired. Raises OverloadedError."""
        with self._changed:
            if self._running >= INVOCATIONS:
                raise OverloadedError
            alive = not self._retired
            self._running += alive
        try:
            yield alive
        finally:
            with self._changed:
                self._running -= alive
                self._changed.notify_all()

    def retire(self) -> None:
        """Take no more invocations, let those under way end, then stop."""
        with self._changed:
            self._retired = True
            self._changed.wait_for(lambda: not self._running, DRAIN_SECONDS)
        self.kill()

    def kill(self) -> None:
        for server in self._servers.values():
            server.kill()


class ModelServer:
    """One variant: an unpacked model archive and the process that serves it."""

    def __init__(self, account: Account, plan: Plan, variant: Mapping[str, Any]) -> None:
        self.name: str = variant["VariantName"]
        self.weight = float(variant.get("InitialVariantWeight", 1))
        self._account = account
        self._plan = plan
        self._model_name: str = variant["ModelName"]
        self._patience = float(
            variant.get("ContainerStartupHealthCheckTimeoutInSeconds") or HEALTH_SECONDS
        )
        self._base = account.state / "endpoints" / uuid.uuid4().hex
        self._child: Child | None = None
        self._port = 0
        self._last_line = ""
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        container = self._container()
        folder = self._base / "model"
        self._unpack(container.get("ModelDataUrl") or "", folder)
        with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
            self._port = listener.getsockname()[1]
            own = {
                name: opt_ml.moved(text, self._base)
                for name, text in (container.get("Environment") or {}).items()
            }
            variables = {"OMP_NUM_THREADS": "1", **own, "SAGEMAKER_BASE_DIR": str(self._base)}
            self._child = Child(
                [sys.executable, "-P", str(SERVER), str(listener.fileno()), str(folder)],
                self._base,
                containers.variables(self._account, self._plan.region, variables),
                pass_fds=[listener.fileno()],
            )
        stream = f"{self.name}/i-{uuid.uuid4().hex[:17]}"
        log = LogStream(self._plan.account_id, self._plan.region, self._plan.log_group, stream)
        self.log = log
        self._reader = threading.Thread(target=self._follow, args=(self._child, log), daemon=True)
        self._reader.start()

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + self._patience
        while (left := deadline - time.monotonic()) > 0:
            try:
                if self._request("GET", "/ping", timeout=left).status == 200:
                    return
            except (OSError, http.client.HTTPException):
                if self._child is None or self._child.wait(0.1) is not None:
                    break
            time.sleep(0.1)
        self.kill()  # and with that, its last line has been read
        raise NotServingError(
            f"The primary container for production variant {self.name} did not pass the ping health check. Please "
            f"check CloudWatch logs for this endpoint. Its last line: {self._last_line[:500] or '(nothing printed)'}"
        )

    def invoke(self, body: bytes, content_type: str, accept: str) -> Answer:
        """Raises OSError or HTTPException where the container does not answer."""
        headers = {"Content-Type": content_type, "Accept": accept}
        return self._request("POST", "/invocations", INVOCATION_SECONDS, body, headers)

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()
        if self._reader is not None:
            self._reader.join()
        shutil.rmtree(self._base, ignore_errors=True)

    def _container(self) -> Mapping[str, Any]:
        model = self._plan.models.get(self._model_name)
        if model is None:
            raise NotServingError(f'Could not find model "{self._model_name}".')
        container: Mapping[str, Any] = model.primary_container or model.containers[0]
        return container

    def _unpack(self, url: str, folder: Path) -> None:
        folder.mkdir(parents=True)
        try:
            archive = objects.read(self._plan.account_id, url)
        except objects.MissingError as error:
            raise NotServingError(
                f'Failed to download model data for container "container_1" from URL: "{url}". Please ensure that '
                "there is an object located at the URL."
            ) from error
        try:
            with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as members:
                members.extractall(folder, filter="data")
        except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
            raise NotServingError(
                f'Failed to extract model data archive for container "container_1" from URL "{url}". Please ensure '
                f"that the object located at the URL is a valid tar.gz archive. ({error})"
            ) from error

    def _follow(self, child: Child, log: LogStream) -> None:
        for line in child.lines():
            log.write(line)
            self._last_line = line.strip() or self._last_line

    def _request(
        self,
        method: str,
        path: str,
        timeout: float,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.getheader("Content-Type", ""), response.read())
        finally:
            connection.close()
