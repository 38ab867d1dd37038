"""Functions to deploy and call in tests."""

from __future__ import annotations

import io
import json
import textwrap
import uuid
import zipfile
from typing import Any

from accounts import Account
from eventually import eventually
from roles import make_role

ROLE = "arn:aws:iam::123456789012:role/function"


class Functions:
    """Deploys functions, each under a name of its own."""

    def __init__(self, account: Account) -> None:
        self.client = account.client("lambda")
        self.logs = account.client("logs")
        make_role(account.client("iam"), "function")

    def deploy(self, code: str, **settings: Any) -> str:
        name = f"function-{uuid.uuid4().hex[:8]}"
        self.client.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=ROLE,
            Handler=settings.pop("Handler", "app.handler"),
            Code={"ZipFile": zipped(code)},
            **settings,
        )
        self.wait_until_ready(name)
        return name

    def wait_until_ready(self, name: str) -> None:
        """Wait until the function is created or updated."""

        def is_ready() -> Any:
            configuration = self.client.get_function_configuration(FunctionName=name)
            is_active = configuration["State"] == "Active"
            return is_active and configuration["LastUpdateStatus"] == "Successful"

        eventually(is_ready)

    def call(self, name: str, event: Any = None) -> Any:
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event))
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.load(answer["Payload"])

    def error(self, name: str, event: Any = None) -> dict[str, Any]:
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event))
        assert answer["FunctionError"] == "Unhandled"
        return dict(json.load(answer["Payload"]))

    def log(self, name: str) -> list[str]:
        """The lines of all invocations so far; those of one arrive together, but late."""

        def read() -> Any:
            return self.logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]

        events = eventually(read)
        return [event["message"] for event in events]


def zipped(code: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("app.py", textwrap.dedent(code))
    return file.getvalue()
