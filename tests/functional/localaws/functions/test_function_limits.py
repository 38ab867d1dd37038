"""Functions on the local AWS: time, memory, concurrency, retries, and the end of sandboxes."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from accounts import Account, local
from botocore.exceptions import ClientError
from deployed_functions import Functions, zipped
from eventually import eventually
from roles import make_role

from localaws.functions import pool
from localaws.server import patching, processes


@pytest.fixture
def functions(account: Account) -> Functions:
    return Functions(account)


def test_a_function_that_takes_too_long_is_ended(functions: Functions) -> None:
    name = functions.deploy(
        "import time\ndef handler(event, context): time.sleep(event)", Timeout=1
    )
    assert functions.call(name, 0) is None
    began = time.monotonic()
    error = functions.error(name, 60)
    assert time.monotonic() - began < 5
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert functions.call(name, 0) is None  # in a new sandbox


def test_a_function_that_takes_too_much_memory_is_ended(functions: Functions) -> None:
    name = functions.deploy(
        "def handler(event, context): return len(b'x' * event)", MemorySize=128, Timeout=20
    )
    assert functions.call(name, 1000) == 1000
    assert functions.error(name, 300_000_000)["errorType"] == "Runtime.OutOfMemory"


def test_a_warm_sandbox_is_used_again_until_code_or_settings_change(functions: Functions) -> None:
    pid_of = "import os\ndef handler(event, context): return [os.getpid(), os.environ.get('MODE')]"
    name = functions.deploy(pid_of)
    first, _ = functions.call(name)
    assert functions.call(name) == [first, None]
    functions.client.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"MODE": "new"}}
    )
    functions.wait_until_ready(name)
    second, mode = functions.call(name)
    assert (mode, second != first) == ("new", True)
    functions.client.update_function_code(
        FunctionName=name, ZipFile=zipped("def handler(e, c): return 'new code'")
    )
    assert functions.call(name) == "new code"


def test_more_than_the_reserved_concurrency_is_throttled(
    functions: Functions, tmp_path: Path
) -> None:
    started, released = tmp_path / "started", tmp_path / "released"
    name = functions.deploy(
        f"""
        import pathlib, time
        def handler(event, context):
            pathlib.Path({str(started)!r}).touch()
            while not pathlib.Path({str(released)!r}).exists():
                time.sleep(0.05)
        """,
        Timeout=100,
    )
    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    first = threading.Thread(target=functions.call, args=(name,))
    first.start()
    eventually(started.exists)
    with pytest.raises(ClientError) as refused:
        functions.client.invoke(FunctionName=name)
    released.touch()
    first.join()
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    functions.call(name)


def test_sandboxes_of_a_function_are_never_more_than_twice_the_cores(functions: Functions) -> None:
    name = functions.deploy(
        """
        import os, time
        def handler(event, context):
            time.sleep(0.1)
            return os.getpid()
        """,
        Timeout=20,
    )
    cap = 2 * (os.cpu_count() or 2)
    with ThreadPoolExecutor(cap + 8) as callers:
        pids = list(callers.map(lambda _: functions.call(name), range(cap + 8)))
    assert 1 < len(set(pids)) <= cap


def failing(tries: Path) -> str:
    """Code that writes an x to a file at every try, and fails."""
    return f"""
        def handler(event, context):
            open({str(tries)!r}, "a").write("x")
            raise OSError
    """


def test_a_failing_asynchronous_invocation_is_tried_three_times(
    functions: Functions, tmp_path: Path
) -> None:
    tries = tmp_path / "tries"
    name = functions.deploy(failing(tries))
    assert functions.client.invoke(FunctionName=name, InvocationType="Event")["StatusCode"] == 202
    eventually(lambda: tries.exists() and tries.read_text() == "xxx")


def test_the_number_of_retries_can_be_set(functions: Functions, tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    name = functions.deploy(failing(tries))
    functions.client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    functions.client.invoke(FunctionName=name, InvocationType="Event")
    eventually(tries.exists)
    time.sleep(1)
    assert tries.read_text() == "x"


def test_an_idle_sandbox_ends(
    aws: boto3.session.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.3)
    sandboxes = pool.Pool(patching.Account(tmp_path, "http://127.0.0.1:1"))
    function = SimpleNamespace(
        account_id="123456789012",
        region="us-east-1",
        function_name="idle",
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:idle",
        role=make_role(aws.client("iam"), "idle"),
        version="$LATEST",
        run_time="python3.12",
        handler="app.handler",
        memory_size=128,
        timeout=5,
        environment_vars={},
        code_bytes=zipped("import os\ndef handler(event, context): return os.getpid()"),
        reserved_concurrency=None,
    )
    pid = int(sandboxes.invoke(function, None).payload)
    assert processes.wait_for_end([pid], seconds=60) == set()
    sandboxes.close()


def test_sandboxes_end_when_the_account_is_killed_even_in_the_middle_of_a_call(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    pids = tmp_path / "pids"
    code = f"""
        import os, time
        def handler(event, context):
            with open({str(pids)!r}, "a") as file:
                file.write(f"{{os.getpid()}}\\n")
            time.sleep(event)
    """
    with local(state) as account:
        functions = Functions(account)
        idle, busy = functions.deploy(code, Timeout=60), functions.deploy(code, Timeout=60)
        functions.call(idle, 0)
        functions.client.invoke(FunctionName=busy, InvocationType="Event", Payload=b"50")
        eventually(lambda: len(pids.read_text().splitlines()) == 2)
        sandboxes = [int(line) for line in pids.read_text().splitlines()]
        assert processes.wait_for_end(sandboxes, seconds=0) == set(sandboxes)
        os.kill(json.loads((state / "server.json").read_text())["pid"], signal.SIGKILL)
        assert processes.wait_for_end(sandboxes, seconds=60) == set()
