"""The local AWS from the command line: start, find, stop, and the start after a kill."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from accounts import Account, environment, localaws, news
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
        assert news(refused) == [
            f"Error: Port {port} of 127.0.0.1 cannot be used: Address already in use. "
            "Leave --port out to take a free one."
        ]
    assert start(state, "--port", str(port))["port"] == port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=2)


def test_a_start_says_whether_the_former_server_was_killed_and_what_is_restored(
    state: Path,
) -> None:
    former = start(state)
    Account(former["url"]).client("s3").create_bucket(Bucket="kept")
    (folder,) = state.glob("account-*")
    os.kill(former["pid"], signal.SIGKILL)
    processes.wait_for_end([former["pid"]], seconds=60)

    again = localaws("start", "--state", str(state), check=True)
    restored = "Its account is restored: 0 objects in 1 bucket and 0 messages."
    assert news(again) == ["The former local AWS was killed; a new one has started.", restored]
    assert buckets(json.loads(again.stdout)) == ["kept"]
    assert not folder.exists()
    assert news(localaws("start", "--state", str(state), check=True)) == []

    localaws("stop", "--state", str(state), check=True)
    assert news(localaws("start", "--state", str(state), check=True)) == [restored]


def test_without_its_folder_an_account_is_new(state: Path) -> None:
    server = start(state)
    Account(server["url"]).client("s3").create_bucket(Bucket="lost")
    localaws("stop", "--state", str(state), check=True)
    shutil.rmtree(state)
    new = localaws("start", "--state", str(state), check=True)
    assert news(new) == []
    assert buckets(json.loads(new.stdout)) == []


def test_where_the_former_port_is_taken_the_account_moves(state: Path) -> None:
    server = start(state)
    sqs = Account(server["url"]).client("sqs")
    former_url = sqs.create_queue(QueueName="kept")["QueueUrl"]
    sqs.send_message(QueueUrl=former_url, MessageBody="hello")
    localaws("stop", "--state", str(state), check=True)
    with socket.create_server(("127.0.0.1", server["port"])):
        moved = start(state)
    assert moved["port"] != server["port"]
    received = Account(moved["url"]).client("sqs").receive_message(QueueUrl=former_url)
    assert [message["Body"] for message in received["Messages"]] == ["hello"]


def test_what_another_version_of_moto_saved_is_provisioned_again_around_the_messages(
    state: Path,
) -> None:
    sqs = Account(start(state)["url"]).client("sqs")
    sqs.send_message(QueueUrl=sqs.create_queue(QueueName="kept")["QueueUrl"], MessageBody="hello")
    localaws("stop", "--state", str(state), check=True)
    with closing(sqlite3.connect(state / "account.sqlite")) as file:
        file.execute("update setting set value = '1.0' where name = 'moto'")
        file.commit()
    started = localaws("start", "--state", str(state), check=True)
    assert "Another version of moto had saved its services, which are dropped" in started.stderr
    assert "QueueUrls" not in sqs.list_queues()
    queue = sqs.create_queue(QueueName="kept")["QueueUrl"]
    (received,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert received["Body"] == "hello"


def test_an_account_of_another_format_is_refused_with_its_remedy(state: Path) -> None:
    start(state)
    localaws("stop", "--state", str(state), check=True)
    with closing(sqlite3.connect(state / "account.sqlite")) as file:
        file.execute("pragma user_version = 99")
    refused = localaws("start", "--state", str(state))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "was written by another version of the local AWS (format 99;" in refused.stderr
    assert "delete the file to begin with an empty account" in refused.stderr
    assert localaws("stop", "--state", str(state), check=True).stdout == "No local AWS runs.\n"


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
    Account(server["url"]).client("s3").create_bucket(Bucket="kept")
    children = processes.descendants(server["pid"])
    assert children

    stopped = localaws("stop", "--state", str(state), check=True)
    assert stopped.stdout.startswith(
        f"Stopped the local AWS: process {server['pid']} and {len(children)} that it started. "
        "Its account stays in "
    )
    named = re.search(
        r"stays in (\S+) \(0 objects in 1 bucket and 0 messages; 0\.\d MB\): "
        r"the next verb restores it, make destroy removes it\.$",
        stopped.stdout,
    )
    assert named
    assert Path(named[1]).resolve() == state / "account.sqlite"
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
    assert ", at the pace fast.\n" in found.stderr
    assert '--endpoint-url "$AWS_ENDPOINT_URL" to every `aws sqs` command' in found.stderr
    lines = found.stdout.splitlines()
    assert f"export AWS_ENDPOINT_URL={server['url']}" in lines
    assert {line.split()[0] for line in lines} == {"unset", "export"}


@pytest.mark.usefixtures("account")
def test_a_running_server_keeps_its_pace_and_refuses_another_one(shared_state: Path) -> None:
    for setting in ("", "fast"):
        localaws("start", "--state", str(shared_state), check=True, LOCALAWS_PACE=setting)
    other = localaws("start", "--state", str(shared_state), LOCALAWS_PACE="aws")
    assert (other.returncode, other.stdout) == (1, "")
    assert other.stderr == (
        'Error: The local AWS runs at the pace fast, not aws. Run "make local-stop" first: '
        "the next verb starts it at the other pace.\n"
    )


def test_a_pace_that_does_not_exist_starts_nothing(tmp_path: Path) -> None:
    refused = localaws("start", "--state", str(tmp_path / "aws"), LOCALAWS_PACE="slow")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: LOCALAWS_PACE=slow: the pace is fast or aws.\n"
    assert not (tmp_path / "aws").exists()


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
    assert 'export YES="${YES:-local}"' in started.stdout.splitlines()
    assert "YES" not in status.stdout
