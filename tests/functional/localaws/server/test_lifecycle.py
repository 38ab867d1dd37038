"""The local AWS from the command line: start, find, stop, and the start after a kill."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from accounts import Account, environment, localaws
from closed_pipe import run_unread
from deployed_functions import Functions
from machines import Machines, machine

from localaws.server import lifecycle, processes


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "aws"
    localaws("stop", "--state", str(tmp_path / "aws"), check=True)


def start(state: Path, *options: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        localaws("start", "--state", str(state), *options, check=True).stdout
    )
    return answer


def buckets(server: dict[str, Any]) -> list[str]:
    return [
        bucket["Name"] for bucket in Account(server["url"]).client("s3").list_buckets()["Buckets"]
    ]


def runs(pid: int) -> bool:
    return bool(processes.wait_for_end([pid], seconds=0))


def test_a_second_start_finds_the_first(account: Account, shared_state: Path) -> None:
    account.client("s3").create_bucket(Bucket="kept")
    second = start(shared_state)
    assert second["url"] == account.url == f"http://127.0.0.1:{second['port']}"
    assert "kept" in buckets(second)
    assert start(shared_state) == second


def test_starts_at_the_same_time_end_with_one_server(state: Path) -> None:
    with ThreadPoolExecutor() as threads:
        servers = list(threads.map(lambda _: start(state), range(3)))
    assert servers[0] == servers[1] == servers[2]


def test_it_listens_on_the_loopback_address_and_on_the_requested_port(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = localaws("start", "--state", str(state), "--port", str(port))
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr == (
            f"Error: Port {port} of 127.0.0.1 cannot be used: Address already in use. "
            "Leave --port out to take a free one.\n"
        )
    assert start(state, "--port", str(port))["port"] == port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=2)


def test_after_a_kill_the_next_start_says_that_the_account_is_gone(state: Path) -> None:
    former = start(state)
    Account(former["url"]).client("s3").create_bucket(Bucket="lost")
    (folder,) = state.glob("account-*")
    os.kill(former["pid"], signal.SIGKILL)
    processes.wait_for_end([former["pid"]], seconds=60)

    new = localaws("start", "--state", str(state), check=True)
    assert new.stderr == (
        "The former local AWS was killed and its account is gone; a new, empty one has started.\n"
    )
    assert buckets(json.loads(new.stdout)) == []
    assert not folder.exists()
    assert localaws("start", "--state", str(state), check=True).stderr == ""


def test_another_process_with_the_former_number_is_not_touched(state: Path) -> None:
    former = start(state)
    os.kill(former["pid"], signal.SIGKILL)
    processes.wait_for_end([former["pid"]], seconds=60)
    other = subprocess.Popen(
        [sys.executable, "-c", "input()", "localaws.server"], stdin=subprocess.PIPE
    )
    try:
        for record in (state / "server.json", state / "server.lock"):
            record.write_text(record.read_text().replace(str(former["pid"]), str(other.pid)))
        assert localaws("stop", "--state", str(state), check=True).stdout == "No local AWS runs.\n"
        assert start(state)["pid"] != other.pid
        assert other.poll() is None
    finally:
        other.communicate()


def test_stop_ends_the_server_and_its_children(state: Path) -> None:
    server = start(state)
    functions = Functions(Account(server["url"]))
    functions.call(functions.deploy("def handler(event, context): return 1"))
    children = processes.descendants(server["pid"])
    assert children

    stopped = localaws("stop", "--state", str(state), check=True)
    assert (
        stopped.stdout
        == f"Stopped the local AWS: process {server['pid']} and {len(children)} that it started.\n"
    )
    assert not runs(server["pid"])
    assert not processes.wait_for_end(children, seconds=0)
    assert not list(state.glob("account-*"))
    again = localaws("stop", "--state", str(state), check=True)
    assert again.stdout == "No local AWS runs.\n"


def test_a_server_that_hangs_is_killed(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "STOP_SECONDS", 0.5)
    server = start(state)
    os.kill(server["pid"], signal.SIGSTOP)
    assert lifecycle.stop(state).startswith("Killed the local AWS")
    assert not runs(server["pid"])


@pytest.mark.usefixtures("account")
def test_status_prints_the_address_and_the_lines_to_paste(
    tmp_path: Path, shared_state: Path
) -> None:
    none = localaws("status", "--state", str(tmp_path / "aws"))
    assert (none.returncode, none.stdout) == (1, "")
    assert none.stderr == "Error: No local AWS runs. The next verb with TARGET=local starts one.\n"

    server = start(shared_state)
    found = localaws("status", "--state", str(shared_state), check=True)
    assert f"The local AWS at {server['url']}, process {server['pid']}, up " in found.stderr
    assert '--endpoint-url "$AWS_ENDPOINT_URL" to every `aws sqs` command' in found.stderr
    lines = found.stdout.splitlines()
    assert f"export AWS_ENDPOINT_URL={server['url']}" in lines
    assert {line.split()[0] for line in lines} == {"unset", "export"}


@pytest.mark.usefixtures("account")
def test_a_reader_of_the_status_may_close_the_pipe_before_its_end(shared_state: Path) -> None:
    command = [sys.executable, "-m", "localaws", "status", "--state", str(shared_state)]
    done = run_unread(command, environment())
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.usefixtures("account")
def test_the_exported_lines_lead_boto3_to_the_account_despite_former_settings(
    shared_state: Path,
) -> None:
    script = 'eval "$("$0" -m localaws start --state "$1" --exports)"; exec "$0" -c "$2"'
    question = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    strange = {
        "AWS_PROFILE": "nobody",
        "AWS_SESSION_TOKEN": "stale",
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }
    answer = subprocess.run(
        ["sh", "-c", script, sys.executable, str(shared_state), question],
        capture_output=True,
        text=True,
        timeout=60,
        env={**environment(), **strange},
    )
    assert (answer.stdout, answer.stderr) == ("123456789012\n", "")


def test_executions_that_succeed_or_fail_leave_no_line_in_the_servers_log(state: Path) -> None:
    machines = Machines(Account(start(state)["url"]))
    assert machines.run(machine(Fail={"Type": "Fail", "Error": "Unsure"}))["status"] == "FAILED"
    assert (
        machines.run(machine(Pass={"Type": "Pass", "InputPath": "$.none"}))["error"]
        == "States.Runtime"
    )
    assert (state / "server.log").read_text() == ""


@pytest.mark.usefixtures("account")
def test_only_the_exports_for_verbs_confirm_and_not_the_lines_to_paste(shared_state: Path) -> None:
    started = localaws("start", "--state", str(shared_state), "--exports", check=True)
    status = localaws("status", "--state", str(shared_state), check=True)
    assert "export YES=1" in started.stdout.splitlines()
    assert "YES" not in status.stdout
