"""The containers of the account: processes with its address and their own environment.

They never outlive the account.
"""

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


class Container:
    """A command under a supervisor; `pass_fds` stay open in it."""

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
            start_new_session=True,  # Ctrl-C in the terminal does not reach it
        )
        # For the type checker: both are pipes.
        assert self._process.stdin and self._process.stdout  # noqa: PT018, S101
        self._signals = self._process.stdin
        self._output = self._process.stdout

    def lines(self) -> Iterator[str]:
        """The lines that it prints, until it has ended."""
        with os.fdopen(
            os.dup(self._output.fileno()),
            encoding="utf-8",
            errors="replace",
            newline="\n",
        ) as output:
            self._output.close()
            for line in output:
                yield line.rstrip("\r\n")

    def wait(self, seconds: float) -> int | None:
        """Its exit status, 128 + n where signal n ended it, or None if it still runs."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def send(self, number: signal.Signals) -> None:
        """Pass a signal on to the command and everything that it started."""
        with self._lock, suppress(OSError, ValueError):  # it may have ended in between
            self._signals.write(bytes([number]))

    def kill(self) -> None:
        """End the command and everything that it started, and wait until they have ended."""
        with self._lock:
            self._signals.close()
        self._process.wait()


def variables(account: Account, region: str, own: Mapping[str, str]) -> dict[str, str]:
    """A container's environment: the account's address, `own`, and nothing else of the server's."""
    # `python3` is the Python that runs the account, with its packages.
    python = Path(sys.executable).parent
    return {
        "PATH": f"{python}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        **environment.variables(account.url, {}),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        **own,
    }
