"""The Lambda runtime on the local AWS: answers, errors and logs as AWS's own runtime has them."""

from __future__ import annotations

import pytest
from accounts import Account
from deployed_functions import Functions


@pytest.fixture
def functions(account: Account) -> Functions:
    return Functions(account)


def test_bytes_and_decimals_of_an_answer_arrive_as_text_and_numbers(functions: Functions) -> None:
    name = functions.deploy(
        """
        import base64, decimal
        def handler(event, context):
            image = base64.b64encode(b"image")
            return {"body": {"image_data": image, "inferences": [decimal.Decimal("0.93")]}}
        """
    )
    assert functions.call(name) == {"body": {"image_data": "aW1hZ2U=", "inferences": [0.93]}}


def test_an_answer_of_bytes_is_the_payload_itself(functions: Functions) -> None:
    name = functions.deploy("def handler(event, context): return b'\\x89PNG \\xff'")
    answer = functions.client.invoke(FunctionName=name)
    assert answer["Payload"].read() == b"\x89PNG \xff"
    assert "FunctionError" not in answer


def test_an_answer_without_json_is_an_error_with_an_empty_stack_trace(functions: Functions) -> None:
    error = functions.error(functions.deploy("def handler(event, context): return {'ids': {1, 2}}"))
    assert error.pop("requestId")
    assert error == {
        "errorType": "Runtime.MarshalError",
        "errorMessage": "Unable to marshal response: Object of type set is not JSON serializable",
        "stackTrace": [],
    }


def test_a_stack_trace_names_the_paths_of_the_real_runtime(functions: Functions) -> None:
    name = functions.deploy(
        """
        import boto3, json
        def handler(event, context):
            if event == "boto3":
                boto3.client("no-such-service")
            json.loads("{")
        """,
        Timeout=30,
        MemorySize=512,
    )
    own, library = functions.error(name)["stackTrace"][:2]
    assert own == '  File "/var/task/app.py", line 6, in handler\n    json.loads("{")\n'
    assert library.startswith('  File "/var/lang/lib/python3.12/json/__init__.py", line ')
    boto3_frame = functions.error(name, "boto3")["stackTrace"][1]
    assert boto3_frame.startswith('  File "/var/runtime/boto3/__init__.py", line ')


@pytest.mark.parametrize(
    ("code", "handler", "error"),
    [
        (
            "x = 1\nif x\n    y = 2",
            "app.handler",
            [
                "Runtime.UserCodeSyntaxError",
                "Syntax error in module 'app': expected ':' (app.py, line 2)",
                ['  File "/var/task/app.py" Line 2\n    if x\n'],
            ],
        ),
        (
            "from app import missing",
            "app.handler",
            [
                "Runtime.ImportModuleError",
                "Unable to import module 'app': cannot import name 'missing' from partially "
                "initialized module 'app' (most likely due to a circular import) "
                "(/var/task/app.py)",
                [],
            ],
        ),
        (
            "",
            "app",
            [
                "Runtime.MalformedHandlerName",
                "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
                [],
            ],
        ),
        (
            "",
            "sys.handler",
            [
                "Runtime.BuiltInModuleConflict",
                "Cannot use built-in module sys as a handler module",
                [],
            ],
        ),
    ],
)
def test_a_handler_that_cannot_be_loaded_has_the_real_runtimes_error(
    functions: Functions, code: str, handler: str, error: list[object]
) -> None:
    answer = functions.error(functions.deploy(code, Handler=handler))
    assert [answer["errorType"], answer["errorMessage"], answer["stackTrace"]] == error


def test_the_log_of_an_error_is_the_real_runtimes(functions: Functions) -> None:
    name = functions.deploy(
        """
        import os
        def handler(event, context):
            print(os.getcwd())
            raise KeyError("label")
        """
    )
    functions.error(name)
    assert functions.log(name)[1:3] == [
        "/var/task",
        "[ERROR] KeyError: 'label'\n"
        "Traceback (most recent call last):\n"
        '\u00a0\u00a0File "/var/task/app.py", line 5, in handler\n'
        '\u00a0\u00a0\u00a0\u00a0raise KeyError("label")',
    ]


def test_the_context_has_an_identity_without_values(functions: Functions) -> None:
    name = functions.deploy(
        """
        def handler(event, context):
            context.log("logged")
            return [context.identity.cognito_identity_id, context.client_context]
        """
    )
    assert functions.call(name) == [None, None]
    assert functions.log(name)[1] == "logged"
