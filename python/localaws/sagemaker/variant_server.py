"""The model server of one production variant: an unpacked model archive and its process."""

from __future__ import annotations

import http.client
import io
import re
import shutil
import socket
import sys
import tarfile
import threading
import time
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

from moto.sagemaker.exceptions import ValidationError

from localaws.iam.decisions import AccessDeniedError
from localaws.iam.sessions import Session
from localaws.json_object import JsonObject
from localaws.pace import Duration
from localaws.sagemaker import execution_role, opt_ml
from localaws.sagemaker.model_contract import FAILED
from localaws.server import containers, objects
from localaws.server.containers import Container
from localaws.server.log_stream import LogStream
from localaws.server.patching import Account

MODEL_SERVER = Path(__file__).with_name("model_server.py")
RAY_IMAGE = re.compile(r"(?:^|/)ray:.*sagemaker")  # repository and tag
BACKLOG = 128
HEALTH_SECONDS = 240.0  # unless the variant has a ContainerStartupHealthCheckTimeoutInSeconds
PING_SECONDS = 2.0  # for one answer
INVOCATION_SECONDS = 60.0
CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"  # handed on in both directions


class NotServingError(Exception):
    """A variant does not start; the text is the endpoint's FailureReason."""


class Health(Enum):
    """FAILED: the container cannot pass the health check any more."""

    PASSED = auto()
    STARTING = auto()
    FAILED = auto()


@dataclass(frozen=True)
class Plan:
    """What a fleet is started for: the requests' ProductionVariants, and their models by name."""

    account_id: str
    region: str
    endpoint: str
    config_name: str
    variants: list[JsonObject]
    models: JsonObject
    capture: JsonObject

    @property
    def log_group(self) -> str:
        return f"/aws/sagemaker/Endpoints/{self.endpoint}"

    def container_definition(self, variant: JsonObject) -> Any:
        """The primary container of a variant's model. Raises NotServingError without the model."""
        model = self.model(variant)
        return model.primary_container or model.containers[0]

    def model(self, variant: JsonObject) -> Any:
        """moto's model. Raises NotServingError without it."""
        name = variant["ModelName"]
        if name not in self.models:
            raise NotServingError(f'Could not find model "{name}".')
        return self.models[name]


@dataclass(frozen=True)
class Answer:
    """`status` 0 means that the container did not answer; `body` then says why.

    `custom_attributes` is what the model set for the caller, if anything.
    """

    status: int
    content_type: str
    body: bytes
    custom_attributes: str | None = None


class VariantServer:
    """One variant: an unpacked model archive and the process that serves it."""

    log: LogStream
    session: Session

    def __init__(
        self,
        account: Account,
        plan: Plan,
        variant: JsonObject,
    ) -> None:
        self.name: str = variant["VariantName"]
        self.weight = float(variant.get("InitialVariantWeight", 1))
        self._account = account
        self._plan = plan
        self._variant = variant
        self._folder = account.state / "endpoints" / uuid.uuid4().hex
        self._container: Container | None = None
        self._port = 0
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        plan = self._plan
        definition = plan.container_definition(self._variant)
        image = definition.get("Image") or ""
        self.session = self._open_session(image)
        model = self._folder / "model"
        self._unpack(definition.get("ModelDataUrl") or "", model)
        stream = f"{self.name}/i-{uuid.uuid4().hex[:17]}"
        self.log = execution_role.open_log(self.session, plan.region, plan.log_group, stream)
        contract = self._choose_contract(image, model)
        environment = {"OMP_NUM_THREADS": "1"}
        for name, value in (definition.get("Environment") or {}).items():
            environment[name] = opt_ml.relocate(value, self._folder)
        environment["SAGEMAKER_BASE_DIR"] = str(self._folder)
        with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
            self._port = listener.getsockname()[1]
            number = listener.fileno()
            self._container = Container(
                [sys.executable, "-P", str(MODEL_SERVER), str(number), str(model), contract],
                self._folder,
                {
                    **containers.variables(self._account, plan.region, environment),
                    **self.session.variables(),
                },
                pass_fds=[number],
            )
        self._reader = threading.Thread(target=self._follow, args=(self._container,), daemon=True)
        self._reader.start()

    def wait_until_healthy(self) -> None:
        """Raises NotServingError where the health check has not passed in time."""
        timeout = self._variant.get("ContainerStartupHealthCheckTimeoutInSeconds")
        deadline = time.monotonic() + float(timeout or HEALTH_SECONDS)
        while (remaining := deadline - time.monotonic()) > 0:
            health = self._check_health(remaining)
            if health is Health.PASSED:
                return
            if health is Health.FAILED:
                deadline = min(deadline, time.monotonic() + Duration.FAILED_HEALTH_CHECKS.seconds)
            time.sleep(0.05)
        self.kill()  # and with that, all that it printed is in the log
        raise NotServingError(
            f"The primary container for production variant {self.name} did not pass the ping "
            "health check. Please check CloudWatch logs for this endpoint."
        )

    def _check_health(self, remaining: float) -> Health:
        try:
            answer = self._request("GET", "/ping", min(remaining, PING_SECONDS))
        except (OSError, http.client.HTTPException):
            has_ended = self._container is None or self._container.wait(0) is not None
            return Health.FAILED if has_ended else Health.STARTING
        if answer.status == 200:
            return Health.PASSED
        return Health.FAILED if answer.body == FAILED else Health.STARTING

    def invoke(
        self,
        body: bytes,
        content_type: str,
        accept: str,
        custom_attributes: str | None = None,
    ) -> Answer:
        headers = {"Content-Type": content_type, "Accept": accept}
        if custom_attributes:
            headers[CUSTOM_ATTRIBUTES] = custom_attributes
        try:
            return self._request("POST", "/invocations", INVOCATION_SECONDS, body, headers)
        except TimeoutError:
            reason = (
                "Your invocation timed out while waiting for a response from container primary. "
                "Review the latency metrics for each container in Amazon CloudWatch, resolve the "
                "issue, and try again."
            )
        except (OSError, http.client.HTTPException) as error:
            kind = type(error).__name__
            reason = f"The container primary closed the connection without an answer ({kind})."
        return Answer(0, "", reason.encode())

    def kill(self) -> None:
        if self._container is not None:
            self._container.kill()
        if self._reader is not None:
            self._reader.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _open_session(self, image: str) -> Session:
        try:
            role_arn = self._plan.model(self._variant).execution_role_arn
            session = execution_role.assume_role(self._plan.account_id, role_arn)
            execution_role.pull(session, image)
        except (ValidationError, AccessDeniedError) as error:
            raise NotServingError(str(error)) from error
        return session

    def _choose_contract(self, image: str, model: Path) -> str:
        """What the container image does with the archive; model_server.py names the contracts."""
        if not RAY_IMAGE.search(image):
            return "handlers"
        if (model / "config.yaml").is_file():
            return "ray"
        self.log.write(
            "On AWS, the Ray image does not start without a config.yaml. "
            "Here, code/inference.py serves."
        )
        return "handlers"

    def _unpack(self, url: str, folder: Path) -> None:
        folder.mkdir(parents=True)
        try:
            archive = objects.read(self.session, url)
        except (objects.MissingError, AccessDeniedError) as error:
            raise NotServingError(
                'Failed to download model data for container "container_1" from URL: '
                f'"{url}". Please ensure that there is an object located at the URL and that the '
                "role passed to CreateModel has permissions to download the model."
            ) from error
        try:
            with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as members:
                members.extractall(folder, filter="data")
        except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
            raise NotServingError(
                'Failed to extract model data archive for container "container_1" from URL '
                f'"{url}". Please ensure that the object located at the URL is a valid tar.gz '
                f"archive. ({error})"
            ) from error

    def _follow(self, container: Container) -> None:
        for line in container.lines():
            self.log.write(line)

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
            return Answer(
                response.status,
                response.getheader("Content-Type", ""),
                response.read(),
                response.getheader(CUSTOM_ATTRIBUTES),
            )
        finally:
            connection.close()
