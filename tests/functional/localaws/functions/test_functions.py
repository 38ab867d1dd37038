"""Functions on the local AWS: the deployed zip runs, with the real service's errors and logs."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from accounts import Account
from botocore.exceptions import ClientError
from deployed_functions import Functions


@pytest.fixture
def functions(account: Account) -> Functions:
    return Functions(account)


def test_a_function_gets_the_event_and_answers(functions: Functions) -> None:
    name = functions.deploy("def handler(event, context): return {'doubled': event['number'] * 2}")
    assert functions.call(name, {"number": 21}) == {"doubled": 42}


def test_stock_moto_would_not_run_it(stock_account: Account) -> None:
    functions = Functions(stock_account)
    name = functions.deploy("def handler(event, context): return 'ran'")
    answer = functions.client.invoke(FunctionName=name)
    assert b"error running docker" in answer["Payload"].read()


def test_the_context_has_name_memory_arn_and_remaining_time(functions: Functions) -> None:
    name = functions.deploy(
        """
        def handler(event, context):
            return [context.function_name, context.memory_limit_in_mb, context.invoked_function_arn,
                    context.get_remaining_time_in_millis(), len(context.aws_request_id)]
        """,
        Timeout=7,
        MemorySize=192,
    )
    function_name, memory, arn, left, id_length = functions.call(name)
    assert (function_name, memory, id_length) == (name, "192", 36)
    assert arn.endswith(f":function:{name}")
    assert 5000 < left <= 7000


def test_only_the_zip_the_standard_library_and_boto3_can_be_imported(functions: Functions) -> None:
    name = functions.deploy(
        """
        import importlib
        def handler(event, context):
            imported = []
            for module in event:
                try:
                    importlib.import_module(module)
                    imported.append(module)
                except ImportError:
                    pass
            return imported
        """,
        Timeout=30,
        MemorySize=512,
    )
    modules = ["json", "app", "boto3", "botocore", "numpy", "moto", "localaws", "yaml", "pytest"]
    assert functions.call(name, modules) == ["json", "app", "boto3", "botocore"]


def test_a_function_sees_its_own_environment_only(functions: Functions, account: Account) -> None:
    name = functions.deploy(
        "import os\ndef handler(event, context): return dict(os.environ)",
        Environment={"Variables": {"MODE": "test"}},
    )
    seen = functions.call(name)
    assert seen["MODE"] == "test"
    assert seen["AWS_ENDPOINT_URL"] == account.url
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert not {"HOME", "PYTHONPATH", "YES", "PYTEST_CURRENT_TEST"} & seen.keys()


def test_boto3_in_a_function_reaches_the_account(functions: Functions, account: Account) -> None:
    account.client("s3").create_bucket(Bucket="for-a-function")
    name = functions.deploy(
        """
        import boto3
        def handler(event, context):
            return [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]
        """,
        Timeout=30,
        MemorySize=512,
    )
    assert "for-a-function" in functions.call(name)


def test_an_exception_becomes_its_class_name_message_and_stack_trace(functions: Functions) -> None:
    name = functions.deploy(
        """
        class EmptyImage(Exception):
            pass

        def look(key):
            raise EmptyImage(f"{key} is empty")

        def handler(event, context):
            look(event["key"])
        """
    )
    error = functions.error(name, {"key": "x.png"})
    assert (error["errorType"], error["errorMessage"]) == ("EmptyImage", "x.png is empty")
    assert [frame.split("in ")[1].split("\n")[0] for frame in error["stackTrace"]] == [
        "handler",
        "look",
    ]
    assert any(
        line.startswith("[ERROR] EmptyImage: x.png is empty\nTraceback")
        for line in functions.log(name)
    )


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        (
            "import not_there",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'not_there'",
        ),
        (
            "def other(): pass",
            "Runtime.HandlerNotFound",
            "Handler 'handler' missing on module 'app'",
        ),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("x = 1 / 0", "ZeroDivisionError", "division by zero"),
        ("def handler(e, c): return {1, 2}", "Runtime.MarshalError", "Unable to marshal response"),
        (
            "import os\ndef handler(e, c): os._exit(3)",
            "Runtime.ExitError",
            "exited with error: exit status 3",
        ),
        (
            "import sys\ndef handler(e, c): sys.exit(4)",
            "Runtime.ExitError",
            "exited with error: exit status 4",
        ),
    ],
)
def test_errors_of_the_runtime_itself_have_the_real_names(
    functions: Functions, code: str, kind: str, message: str
) -> None:
    error = functions.error(functions.deploy(code))
    assert error["errorType"] == kind
    assert message in error["errorMessage"]


def test_the_log_has_start_end_report_and_what_was_printed(functions: Functions) -> None:
    name = functions.deploy(
        """
        import logging
        logging.getLogger().setLevel(logging.INFO)
        def handler(event, context):
            print("printed")
            logging.getLogger(__name__).info("logged")
        """
    )
    answer = functions.client.invoke(FunctionName=name, LogType="Tail")
    request_id = functions.log(name)[0].split()[2]
    start, printed, logged, end, report = functions.log(name)
    assert start == f"START RequestId: {request_id} Version: $LATEST"
    assert printed == "printed"
    assert logged.startswith("[INFO]\t")
    assert logged.endswith(f"Z\t{request_id}\tlogged")
    assert end == f"END RequestId: {request_id}"
    assert report.startswith(f"REPORT RequestId: {request_id}\tDuration: ")
    assert "\tMax Memory Used: " in report
    assert "printed\n" in base64.b64decode(answer["LogResult"]).decode()


def test_the_log_tail_is_at_most_four_kilobytes(functions: Functions) -> None:
    name = functions.deploy("def handler(event, context): print('x' * 200_000)")
    answer = functions.client.invoke(FunctionName=name, LogType="Tail")
    tail = base64.b64decode(answer["LogResult"])
    assert len(tail) == 4096
    assert b"REPORT RequestId" in tail


def test_a_deleted_log_group_does_not_come_back(functions: Functions) -> None:
    name = functions.deploy("def handler(event, context): pass")
    functions.call(name)
    functions.logs.delete_log_group(logGroupName=f"/aws/lambda/{name}")
    functions.call(name)
    assert not functions.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")[
        "logGroups"
    ]


def test_a_payload_that_is_not_json_is_refused(functions: Functions) -> None:
    name = functions.deploy("def handler(event, context): pass")
    with pytest.raises(ClientError) as refused:
        functions.client.invoke(FunctionName=name, Payload=b"{not json")
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"


def test_a_dry_run_runs_nothing(functions: Functions, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    name = functions.deploy(f"def handler(event, context): open({str(mark)!r}, 'w')")
    assert functions.client.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    assert not mark.exists()
