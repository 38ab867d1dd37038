"""The containers of the account: processes that see its address and their own environment, and never outlive it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from localaws.server import environment
from localaws.server.patching import Account

SUPERVISOR = Path(__file__).with_name("supervisor.py")


class Child:
    """A command under a supervisor. What it prints is read through `lines`; `pass_fds` stay open in it."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        variables: Mapping[str, str],
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(SUPERVISOR), *command],
            cwd=folder,
            env=variables,
            pass_fds=pass_fds,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,  # a Ctrl-C in the terminal is not for it
        )

    def lines(self) -> Iterator[str]:
        """What it prints, until it has ended."""
        assert self._process.stdout is not None  # noqa: S101  for the type checker: it is a pipe
        with os.fdopen(
            os.dup(self._process.stdout.fileno()), encoding="utf-8", errors="replace", newline="\n"
        ) as out:
            self._process.stdout.close()
            for line in out:
                yield line.rstrip("\r\n")

    def wait(self, seconds: float) -> int | None:
        """Its exit status, 128 + n where signal n ended it, or None if it still runs after `seconds`."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def send(self, number: signal.Signals) -> None:
        """Pass a signal on to the command and everything that it started."""
        with self._lock, suppress(OSError, ValueError):  # ended or killed in between
            if self._process.stdin is not None:
                self._process.stdin.write(bytes([number]))

    def kill(self) -> None:
        """End the command and everything that it started, and wait until they are gone."""
        with self._lock:
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._process.wait()


def variables(account: Account, region: str, own: Mapping[str, str]) -> dict[str, str]:
    """A container's environment: the way to the account, `own`, and nothing of the server's."""
    python = Path(
        sys.executable
    ).parent  # `python3` is the Python that runs the account, with what is installed there
    return {
        "PATH": f"{python}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        **environment.variables(account.url, {}),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        **own,
    }
