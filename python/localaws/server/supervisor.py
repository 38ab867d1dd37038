"""Runs one command in a process group that ends with the account.

    python -I -S supervisor.py COMMAND …

Standard input is a pipe that the account holds. Each byte is the number of a signal to pass on to
the group; the end of the pipe, which even a kill -9 of the account causes, kills the group.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

NOT_FOUND = 127  # as in a shell


def main(command: Sequence[str]) -> int:
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, close_fds=False, process_group=0
        )
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr, flush=True)
        return NOT_FOUND
    threading.Thread(target=pass_signals_on, args=(child.pid,), daemon=True).start()
    status = child.wait()
    send(child.pid, signal.SIGKILL)  # for what the command left running
    return status if status >= 0 else 128 - status


def pass_signals_on(group: int) -> None:
    while number := os.read(sys.stdin.fileno(), 1):
        send(group, number[0])
    send(group, signal.SIGKILL)


def send(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return  # it has ended already


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
