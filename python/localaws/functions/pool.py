"""Sandboxes of all functions: started when needed, kept warm, never more than the machine can bear."""

from __future__ import annotations

import importlib.util
import io
import os
import threading
import time
import uuid
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.functions.deployment import Deployment
from localaws.functions.invocation import Invocation, run_handler
from localaws.functions.sandbox import Sandbox
from localaws.server import containers
from localaws.server.log_stream import LogStream
from localaws.server.patching import Account

SANDBOXES = 2 * (os.cpu_count() or 2)  # of one function; more callers wait
IDLE_SECONDS = 300.0
IN_THE_RUNTIME = ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"]


class ThrottledError(Exception):
    """The function's reserved concurrency is used up."""


@dataclass
class Warm:
    """A sandbox that waits for its next invocation."""

    sandbox: Sandbox
    log: LogStream
    since: float


class Pool:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._folder = account.state / "functions"
        self._runtime = self._folder / "runtime"
        self._lock = threading.Lock()
        self._warm: dict[Deployment, list[Warm]] = defaultdict(list)
        self._slots: dict[str, threading.Semaphore] = {}
        self._running: Counter[str] = Counter()
        self._closed = threading.Event()
        _link_the_runtime(self._runtime)
        threading.Thread(target=self._end_idle, daemon=True).start()

    def invoke(self, function: Any, event: Any) -> Invocation:
        """Run the function once. Raises ThrottledError."""
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
        """End the warm sandboxes; one at work ends with the server's side of its socket."""
        self._closed.set()
        self._end(before=float("inf"))

    def _run(self, deployment: Deployment, code: bytes, event: Any) -> Invocation:
        with self._lock:
            warm = self._warm[deployment].pop() if self._warm[deployment] else None
        sandbox, log = (warm.sandbox, warm.log) if warm else self._start(deployment, code)
        kept = False
        try:
            invocation = run_handler(deployment, sandbox, event, fresh=warm is None)
            log.write(*invocation.log)
            kept = invocation.reusable and self._keep(
                deployment, Warm(sandbox, log, time.monotonic())
            )
        finally:
            if not kept:
                sandbox.kill()
        return invocation

    def _start(self, deployment: Deployment, code: bytes) -> tuple[Sandbox, LogStream]:
        stream = (
            f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{deployment.version}]{uuid.uuid4().hex}"
        )
        log = LogStream(deployment.account_id, deployment.region, deployment.log_group, stream)
        folder = self._unpacked(deployment.code_sha256, code)
        variables = {
            **containers.variables(self._account, deployment.region, dict(deployment.environment)),
            **deployment.variables(folder, self._runtime, stream),
        }
        return Sandbox(folder, variables, deployment.memory_mb), log

    def _unpacked(self, digest: str, code: bytes) -> Path:
        folder = self._folder / digest
        with self._lock:
            if not folder.exists():
                unfinished = folder.with_suffix(".new")
                with zipfile.ZipFile(io.BytesIO(code)) as archive:
                    archive.extractall(unfinished)  # zipfile cuts paths that lead outside
                unfinished.rename(folder)
        return folder

    def _keep(self, deployment: Deployment, warm: Warm) -> bool:
        with self._lock:
            if self._closed.is_set():
                return False
            self._warm[deployment].append(warm)
            return True

    def _end_idle(self) -> None:
        while not self._closed.wait(IDLE_SECONDS / 10):
            self._end(before=time.monotonic() - IDLE_SECONDS)

    def _end(self, before: float) -> None:
        with self._lock:
            everything, self._warm = self._warm, defaultdict(list)
            idle = []
            for deployment, sandboxes in everything.items():
                idle += [warm for warm in sandboxes if warm.since < before]
                if busy := [warm for warm in sandboxes if warm.since >= before]:
                    self._warm[deployment] = busy
        for warm in idle:
            warm.sandbox.kill()


def _link_the_runtime(folder: Path) -> None:
    """boto3 and what it needs is all that a sandbox finds beside the standard library."""
    folder.mkdir(parents=True)
    for module in IN_THE_RUNTIME:
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(module)
        source = Path(spec.origin)
        source = source.parent if source.name == "__init__.py" else source
        (folder / source.name).symlink_to(source)
