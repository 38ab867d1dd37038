"""The account's side of a function's sandbox: a warm process that runs one invocation at a time."""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("worker.py")
INIT_SECONDS = 10.0
LOOK_SECONDS = 0.25  # how often a running invocation's memory is looked at


class SandboxError(Exception):
    """The sandbox has ended or had to be ended. `kind` is the error type that the caller of the function gets."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Sandbox:
    """`folder` is the unpacked zip, `variables` the whole environment of the worker."""

    def __init__(self, folder: Path, variables: Mapping[str, str], memory_mb: int) -> None:
        self._memory_mb = memory_mb
        self._printed: list[str] = []
        self._line = b""
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-u", str(WORKER), str(theirs.fileno())],
                cwd=folder,
                env=dict(variables),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
            )
        assert self._process.stdout is not None  # noqa: S101  for the type checker: it is a pipe
        self._output = self._process.stdout
        os.set_blocking(self._output.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._channel, selectors.EVENT_READ)
        self._selector.register(self._output, selectors.EVENT_READ)

    def start(self, timeout: float) -> dict[str, Any] | None:
        """Wait until the handler is loaded; returns the error object where it could not be. Raises SandboxError."""
        error: dict[str, Any] | None = self._answer(INIT_SECONDS + timeout)["error"]
        return error

    def invoke(self, event: Any, arn: str, request_id: str, timeout: float) -> dict[str, Any]:
        """The worker's answer: {"result": JSON text, "error": null or an error object}. Raises SandboxError."""
        request = {
            "event": event,
            "request_id": request_id,
            "deadline": time.time() + timeout,
            "arn": arn,
        }
        try:
            self._channel.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise self._exited() from error
        return self._answer(timeout)

    def printed(self) -> list[str]:
        """The lines printed since the last call."""
        self._read_output()
        if self._line:
            self._printed.append(self._line.decode(errors="replace"))
            self._line = b""
        lines, self._printed = self._printed, []
        return lines

    def peak_mb(self) -> int:
        """The most memory it ever held, in MB; 0 where the system (other than Linux) does not tell."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0
        return next(
            (
                int(line.split()[1]) // 1024
                for line in status.splitlines()
                if line.startswith("VmHWM")
            ),
            0,
        )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._selector.close()
        self._channel.close()
        self._output.close()

    def _answer(self, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        received = bytearray()
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in self._selector.select(min(left, LOOK_SECONDS)):
                if key.fileobj is self._output:
                    self._read_output()
                    continue
                data = self._channel.recv(1 << 20)
                if not data:
                    raise self._exited()
                received += data
            self._look_at_memory()
            if received.endswith(b"\n"):
                answer: dict[str, Any] = json.loads(received)
                return answer
        raise SandboxError("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")

    def _read_output(self) -> None:
        while data := self._output.read(1 << 16):  # None: nothing more for now
            *lines, self._line = (self._line + data).split(b"\n")
            self._printed += [line.decode(errors="replace").rstrip("\r") for line in lines]
        if (
            data == b"" and self._output in self._selector.get_map()
        ):  # closed: it would be readable for ever
            self._selector.unregister(self._output)

    def _look_at_memory(self) -> None:
        if self.peak_mb() > self._memory_mb:
            raise SandboxError("Runtime.OutOfMemory", "Runtime exited with error: signal: killed")

    def _exited(self) -> SandboxError:
        status = self._process.wait()
        how = f"exit status {status}" if status >= 0 else f"signal: {-status}"
        return SandboxError("Runtime.ExitError", f"Runtime exited with error: {how}")
