"""The sandboxes of all functions: started when needed, kept warm, and limited in number."""

from __future__ import annotations

import importlib.util
import io
import os
import threading
import time
import uuid
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.functions import execution_role
from localaws.functions.deployment import Deployment
from localaws.functions.invocation import Invocation, run_handler
from localaws.functions.sandbox import Sandbox
from localaws.server import containers
from localaws.server.log_stream import LogStream
from localaws.server.patching import Account

SANDBOXES = 2 * (os.cpu_count() or 2)  # of one function; more callers wait
IDLE_SECONDS = 300.0
RUNTIME_MODULES = ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"]


class ThrottledError(Exception):
    """The function's reserved concurrency is used up."""


@dataclass(eq=False)
class WarmSandbox:
    """`idle_since` is in seconds of the monotonic clock."""

    deployment: Deployment
    sandbox: Sandbox
    log: LogStream
    idle_since: float = 0.0


class Pool:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._folder = account.state / "functions"
        self._runtime = self._folder / "runtime"
        self._lock = threading.Lock()
        self._idle: list[WarmSandbox] = []
        self._slots: dict[str, threading.Semaphore] = {}
        self._running: Counter[str] = Counter()
        self._closed = threading.Event()
        _link_runtime_modules(self._runtime)
        threading.Thread(target=self._end_idle, daemon=True).start()

    def invoke(self, function: Any, event: Any) -> Invocation:
        """Run the function once. Raises ThrottledError or NotAssumableError."""
        deployment = Deployment.of(function)
        name = f"{deployment.account_id}/{deployment.region}/{deployment.name}"
        reserved = function.reserved_concurrency
        with self._lock:
            if reserved is not None and self._running[name] >= int(reserved):
                raise ThrottledError
            self._running[name] += 1
            slots = self._slots.setdefault(name, threading.Semaphore(SANDBOXES))
        try:
            with slots:
                return self._run(deployment, function.code_bytes, event)
        finally:
            with self._lock:
                self._running[name] -= 1

    def close(self) -> None:
        """End the idle sandboxes; a busy one ends with the server's side of its socket."""
        self._closed.set()
        self._end(idle_before=float("inf"))

    def _run(
        self,
        deployment: Deployment,
        code: bytes,
        event: Any,
    ) -> Invocation:
        idle = self._take_idle(deployment)
        warm = idle or self._start(deployment, code)
        reusable = False
        try:
            invocation = run_handler(deployment, warm.sandbox, event, fresh=idle is None)
            warm.log.write(*invocation.log)
            reusable = invocation.reusable
        finally:
            self._put_back(warm, reusable)
        return invocation

    def _take_idle(self, deployment: Deployment) -> WarmSandbox | None:
        with self._lock:
            for warm in self._idle:
                if warm.deployment == deployment:
                    self._idle.remove(warm)
                    return warm
        return None

    def _start(self, deployment: Deployment, code: bytes) -> WarmSandbox:
        day = time.strftime("%Y/%m/%d", time.gmtime())
        stream = f"{day}/[{deployment.version}]{uuid.uuid4().hex}"
        session = execution_role.assume_role(
            deployment.account_id, deployment.role, deployment.name, deployment.arn
        )
        log = LogStream(
            deployment.account_id, deployment.region, deployment.log_group, stream, session
        )
        folder = self._unpack(deployment.code_sha256, code)
        variables = {
            **containers.variables(self._account, deployment.region, dict(deployment.environment)),
            **deployment.variables(folder, self._runtime, stream),
            **session.variables(),
        }
        paths = deployment.public_paths(folder, self._runtime)
        sandbox = Sandbox(folder, variables, deployment.memory_mb, paths)
        return WarmSandbox(deployment, sandbox, log)

    def _unpack(self, digest: str, code: bytes) -> Path:
        folder = self._folder / digest
        with self._lock:
            if not folder.exists():
                unfinished = folder.with_suffix(".new")
                with zipfile.ZipFile(io.BytesIO(code)) as archive:
                    archive.extractall(unfinished)  # zipfile cuts paths that lead outside
                unfinished.rename(folder)
        return folder

    def _put_back(self, warm: WarmSandbox, reusable: bool) -> None:
        with self._lock:
            if reusable and not self._closed.is_set():
                warm.idle_since = time.monotonic()
                self._idle.append(warm)
                return
        warm.sandbox.kill()

    def _end_idle(self) -> None:
        while not self._closed.wait(IDLE_SECONDS / 10):
            self._end(idle_before=time.monotonic() - IDLE_SECONDS)

    def _end(self, idle_before: float) -> None:
        with self._lock:
            ended = [warm for warm in self._idle if warm.idle_since < idle_before]
            for warm in ended:
                self._idle.remove(warm)
        for warm in ended:
            warm.sandbox.kill()


def _link_runtime_modules(folder: Path) -> None:
    """A sandbox finds boto3 and its dependencies, besides the standard library and its own zip."""
    folder.mkdir(parents=True)
    for module in RUNTIME_MODULES:
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(module)
        source = Path(spec.origin)
        if source.name == "__init__.py":
            source = source.parent
        (folder / source.name).symlink_to(source)
