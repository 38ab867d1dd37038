"""Who asks, where, and for how long the credentials last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from scones.aws import Account
from scones.verification.finding import Finding, ask, ok, problem

LEAST_LEFT = timedelta(hours=1)  # an apply takes minutes, a first training job about one hour
OLDEST_KEY = timedelta(days=90)


def check(account: Account) -> list[Finding]:
    return [
        *ask("identity", "sts:GetCallerIdentity", lambda: _identity(account)),
        *ask("credentials", "iam:ListAccessKeys", lambda: _credentials(account, datetime.now(UTC))),
    ]


def _identity(account: Account) -> Iterator[Finding]:
    arn = account.client("sts").get_caller_identity()["Arn"]
    text = f"{arn}, {account.region}"
    if arn.endswith(":root"):
        yield problem(
            "identity",
            f"{text} is the root user of the account",
            "Sign in as a role or a user; AWS advises against the root user.",
        )
    else:
        yield ok("identity", text)


def _credentials(account: Account, now: datetime) -> Iterator[Finding]:
    credentials: Any = account.session.get_credentials()
    ends = getattr(credentials, "_expiry_time", None)  # botocore has no public name for it
    if ends is not None:
        yield _temporary(ends - now)
    elif credentials.token:
        yield ok("credentials", "temporary, their end is not known to boto3")
    else:
        yield _long_lived(account, credentials.access_key, now)


def _temporary(left: timedelta) -> Finding:
    minutes = max(0, int(left.total_seconds() // 60))
    text = f"temporary, {minutes} minutes left"
    if left < LEAST_LEFT:
        return problem("credentials", text, "Sign in again before apply or train.")
    return ok("credentials", text)


def _long_lived(account: Account, access_key: str, now: datetime) -> Finding:
    keys = account.client("iam").list_access_keys()["AccessKeyMetadata"]
    created = [key["CreateDate"] for key in keys if key["AccessKeyId"] == access_key]
    if not created:
        return ok("credentials", "an access key whose age the account does not name")
    age = now - created[0]
    text = f"an access key, {age.days} days old"
    if age > OLDEST_KEY:
        return problem("credentials", text, "Create a new key and delete this one, or use a role.")
    return ok("credentials", text)
