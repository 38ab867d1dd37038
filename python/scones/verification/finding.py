"""What a check found, and how a request that the account refuses becomes a finding, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from scones import aws_errors
from scones.aws import error_code


class Status(StrEnum):
    OK = "ok"
    PROBLEM = "problem"
    DENIED = "not allowed to ask"
    UNKNOWN = "not known here"


@dataclass(frozen=True)
class Finding:
    """A line of the table; only a problem and a refusal have a remedy."""

    check: str
    status: Status
    text: str
    remedy: str = ""


# How the local AWS, or a region without the service, says that it does not know a request.
NOT_OFFERED = {
    "InvalidAction",
    "NotImplemented",
    "NotImplementedError",
    "UnknownOperationException",
    "UnsupportedOperation",
}


def ok(check: str, text: str) -> Finding:
    return Finding(check, Status.OK, text)


def problem(check: str, text: str, remedy: str) -> Finding:
    return Finding(check, Status.PROBLEM, text, remedy)


def unknown(check: str, text: str) -> Finding:
    return Finding(check, Status.UNKNOWN, text)


def ask(check: str, action: str, request: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what `request` finds; one finding where AWS does not answer it.

    `action` is the permission that the request needs, such as "ecr:BatchGetImage".
    """
    try:
        return list(request())
    except ClientError as error:
        code = error_code(error)
        if code in aws_errors.FORBIDDEN:
            remedy = f"Ask for the permission {action}, or let a person who has it run this."
            return [Finding(check, Status.DENIED, f"{action} is denied", remedy)]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in NOT_OFFERED or status == 404 or status >= 500:
            return [unknown(check, f"{action} is not answered here")]
        return [problem(check, str(error), "Correct what AWS names, and run verify again.")]
    except BotoCoreError:  # such as no endpoint in this region
        return [unknown(check, f"{action} is not answered here")]
