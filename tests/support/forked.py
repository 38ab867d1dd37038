"""A Python command in a fork of the test's process, which has imported torch already.

A new interpreter takes three seconds of processor time for torch alone, as often as a test starts a
training. What the command does is the same: it has its own process, environment, output, signal
handlers and exit status.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import IO, NoReturn

import torch
from eventually import eventually

TIMEOUT = 300  # seconds; only a command that hangs takes so long


def import_optimizer() -> None:
    """Import what torch imports only when a training begins, which takes a second."""
    torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))])


class ForkedProcess:
    """As much of `subprocess.Popen` as the tests use, with stderr in stdout, as text."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        import_optimizer()
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            _run(arguments, environment, writing)
        os.close(writing)
        self.stdout: IO[str] = open(reading)  # noqa: PTH123, SIM115 - a descriptor, not a path
        self.returncode: int | None = None

    def __enter__(self) -> ForkedProcess:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stdout.close()
        eventually(lambda: self.poll() is not None)

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def communicate(self) -> str:
        """Read the rest of the output and wait for the end."""
        with self:
            return self.stdout.read()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _run(arguments: Sequence[str], environment: Mapping[str, str], output: int) -> NoReturn:
    """Be the command: `-m MODULE` or `-c CODE`. The test's process ends here."""
    status = 1
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - a descriptor
        sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.alarm(TIMEOUT)
        os.environ.clear()
        os.environ.update(environment)
        torch.set_num_threads(int(environment["OMP_NUM_THREADS"]))
        sys.path[:0] = environment["PYTHONPATH"].split(os.pathsep)
        sys.argv = [sys.executable, *arguments[2:]]
        status = _status(arguments)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _status(arguments: Sequence[str]) -> int:
    flag, program = arguments[:2]
    try:
        if flag == "-c":
            exec(program, {"__name__": "__main__"})  # noqa: S102 - the test's own
        else:
            sys.modules.pop(program, None)  # the test may have imported it
            runpy.run_module(program, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
