"""The account's side of a function's sandbox: a warm process that runs one invocation at a time."""

from __future__ import annotations

import json
import os
import re
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localaws.json_object import JsonObject

WORKER = Path(__file__).with_name("worker.py")
INIT_SECONDS = 10.0
MEMORY_SECONDS = 0.25  # between two looks at a running invocation's memory
PEAK_KB = re.compile(r"^VmHWM:\s*(\d+)", re.MULTILINE)


class SandboxError(Exception):
    """The sandbox has ended or had to be ended. `kind` is the error type for the caller."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Sandbox:
    """`folder` is the unpacked zip, `variables` the whole environment of the worker.

    `public_paths` translates this machine's paths in errors and logs.
    """

    def __init__(
        self,
        folder: Path,
        variables: Mapping[str, str],
        memory_mb: int,
        public_paths: Mapping[str, str],
    ) -> None:
        self._memory_mb = memory_mb
        self._public_paths = public_paths
        self._printed = b""
        self._channel, worker_channel = socket.socketpair()
        with worker_channel:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-u", str(WORKER), str(worker_channel.fileno())],
                cwd=folder,
                env=dict(variables),
                pass_fds=[worker_channel.fileno()],
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

    def start(self, timeout: float) -> JsonObject | None:
        """Wait until the handler is loaded; returns the error object where it could not be.

        Raises SandboxError.
        """
        error: JsonObject | None = self._receive(INIT_SECONDS + timeout)["error"]
        return error

    def invoke(
        self,
        event: Any,
        arn: str,
        request_id: str,
        timeout: float,
    ) -> JsonObject:
        """The worker's answer: {"result": text, "error": null or an error object}.

        Raises SandboxError.
        """
        request = {
            "event": event,
            "request_id": request_id,
            "deadline": time.time() + timeout,
            "arn": arn,
        }
        try:
            self._channel.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise self._exit_error() from error
        return self._receive(timeout)

    def printed(self) -> list[str]:
        """The lines printed since the last call."""
        self._read_output()
        text = self._translate_paths(self._printed.decode(errors="replace"))
        *lines, last = text.split("\n")
        self._printed = b""
        if last:
            lines.append(last)
        return [line.rstrip("\r") for line in lines]

    def peak_mb(self) -> int:
        """The most memory it ever held, in MB; 0 on systems other than Linux."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0
        peak = PEAK_KB.search(status)
        return int(peak[1]) // 1024 if peak else 0

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._selector.close()
        self._channel.close()
        self._output.close()

    def _receive(self, seconds: float) -> JsonObject:
        deadline = time.monotonic() + seconds
        received = bytearray()
        while (remaining := deadline - time.monotonic()) > 0:
            for key, _ in self._selector.select(min(remaining, MEMORY_SECONDS)):
                if key.fileobj is self._output:
                    self._read_output()
                    continue
                data = self._channel.recv(1 << 20)
                if not data:
                    raise self._exit_error()
                received += data
            if self.peak_mb() > self._memory_mb:
                raise SandboxError(
                    "Runtime.OutOfMemory", "Runtime exited with error: signal: killed"
                )
            if received.endswith(b"\n"):
                return self._parse(received)
        raise SandboxError("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")

    def _parse(self, line: bytearray) -> JsonObject:
        answer: JsonObject = json.loads(line)
        error = answer["error"]
        if error:
            error["errorMessage"] = self._translate_paths(error["errorMessage"])
            error["stackTrace"] = [self._translate_paths(frame) for frame in error["stackTrace"]]
        return answer

    def _translate_paths(self, text: str) -> str:
        for path, public_path in self._public_paths.items():
            text = text.replace(path, public_path)
        return text

    def _read_output(self) -> None:
        while data := self._output.read(1 << 16):
            self._printed += data
        # None means that there is no output now; b"" that it is closed and would stay readable.
        if data == b"" and self._output in self._selector.get_map():
            self._selector.unregister(self._output)

    def _exit_error(self) -> SandboxError:
        status = self._process.wait()
        how = f"exit status {status}" if status >= 0 else f"signal: {-status}"
        return SandboxError("Runtime.ExitError", f"Runtime exited with error: {how}")
