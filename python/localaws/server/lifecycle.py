"""Start, find and stop the local AWS of a folder: the first start starts it, the others find it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from http.client import HTTPException
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from localaws import pace
from localaws.errors import LocalAwsError
from localaws.persistence import account_file
from localaws.persistence.account_file import AccountFile
from localaws.server import environment, processes, record
from localaws.server.record import Facts

START_SECONDS = 300  # 100,000 objects take a quarter of a minute to restore, on a busy machine more
SILENT_SECONDS = 3  # until a start says what it waits for
STOP_SECONDS = 15
CHILDREN_SECONDS = 5
NOT_RUNNING = "No local AWS runs."
FOUND, STARTED, RESTARTED = "found", "started", "restarted"


def start(state: Path, port: int) -> tuple[Facts, str]:
    """The running server, and FOUND, STARTED, or RESTARTED after its predecessor was killed.

    Raises LocalAwsError, also where the running one has another pace than the environment names.
    """
    asked = pace.chosen(os.environ)
    pace.durations(asked)  # raises where the setting is not valid
    state.mkdir(parents=True, exist_ok=True)
    with record.turn(state):
        facts = _running(state)
        if facts:
            if os.environ.get(pace.VARIABLE) and facts.pace != asked:
                raise LocalAwsError(
                    f'The local AWS runs at the pace {facts.pace}, not {asked}. Run "make '
                    'local-stop" first: the next verb starts it at the other pace.'
                )
            return facts, FOUND
        how = STARTED if record.read(state) is None else RESTARTED
        record.forget(state)
        return _launch(state, port), how


def find(state: Path) -> Facts | None:
    """The running server, or None. Raises LocalAwsError when there is one that does not answer."""
    if not state.is_dir():
        return None
    with record.turn(state):
        return _running(state)


def stop(state: Path) -> str:
    """End the server and its children. Returns a sentence that reports what was done."""
    if not state.is_dir():
        return NOT_RUNNING
    with record.turn(state):
        if not record.is_held(state):
            return NOT_RUNNING
        pid = record.holder(state)
        children = processes.descendants(pid)
        how = _end(state, pid)
        running = processes.wait_for_end(children, CHILDREN_SECONDS)
        processes.send(running, signal.SIGKILL)
        return (
            f"{how} the local AWS: process {pid} and {len(children)} that it started. "
            f"{_what_stays(state)}"
        )


def _what_stays(state: Path) -> str:
    path = state / account_file.NAME
    if not path.exists():  # someone has deleted the folder
        return "Its account is gone."
    file = AccountFile(path)
    contents = file.contents()
    file.close()
    if not contents:
        return "Its account holds no objects and no messages."
    megabytes = path.stat().st_size / 1e6
    return (
        f"Its account stays in {os.path.relpath(path)} ({contents}; {megabytes:,.1f} MB): "
        "the next verb restores it, make destroy removes it."
    )


def _running(state: Path) -> Facts | None:
    deadline = time.monotonic() + START_SECONDS
    while record.is_held(state):
        facts = record.read(state)
        if facts and facts.pid == record.holder(state):
            if _identity(facts.url) != facts.identity:
                raise LocalAwsError(
                    f"The local AWS (process {facts.pid}) does not answer. "
                    "Stop it, then start it again."
                )
            return facts
        if time.monotonic() > deadline:
            raise LocalAwsError(
                f"The local AWS (process {record.holder(state)}) is stuck. "
                "Stop it, then start it again."
            )
        time.sleep(0.05)  # it is about to answer, or about to end
    return None


def _identity(url: str) -> str | None:
    direct = build_opener(ProxyHandler({}))
    try:
        with direct.open(url + record.IDENTITY_PATH, timeout=10) as answer:
            return str(answer.read(64).decode())
    except (HTTPException, OSError):
        return None


def _launch(state: Path, port: int) -> Facts:
    log_path = state / "server.log"
    with log_path.open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "localaws.server", str(state), str(port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # neither Ctrl-C in the shell nor its end stops the server
            env=environment.of_the_server(os.environ),
        )
    assert child.stdout is not None  # noqa: S101  for the type checker: it is a pipe
    with child.stdout:
        ready, _, _ = select.select([child.stdout], [], [], SILENT_SECONDS)
        if not ready:
            print("Starting the local AWS …", file=sys.stderr, flush=True)
            ready, _, _ = select.select([child.stdout], [], [], START_SECONDS)
        line = child.stdout.readline() if ready else b""
    if not line:
        child.kill()
        raise LocalAwsError(f"The local AWS did not start. {log_path} says why.")
    message = json.loads(line)
    if "refused" in message:
        raise LocalAwsError(message["refused"])
    return Facts(**message)


def _end(state: Path, pid: int) -> str:
    os.kill(pid, signal.SIGTERM)
    if record.wait_until_free(state, STOP_SECONDS):
        return "Stopped"
    os.kill(pid, signal.SIGKILL)
    record.wait_until_free(state, STOP_SECONDS)
    record.forget(state)
    return "Killed"
