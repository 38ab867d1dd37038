"""Credentials: those that services get for a role, and whose they are when a request brings them.

A session of a service does not expire; on AWS the service would renew it. It ends with the process.
"""

from __future__ import annotations

import re
import secrets
import string
import threading
from dataclasses import dataclass
from typing import Any

from moto.core.utils import utcnow
from moto.iam.models import iam_backends
from moto.sts.models import STSBackend, sts_backends

from localaws.iam import decisions, policies
from localaws.iam.decisions import AccessDeniedError
from localaws.iam.policies import Call, Caller
from localaws.iam.principals import PARTITION, Principal, UnknownPrincipalError
from localaws.pace import Duration
from localaws.server.patching import change

ISSUED = re.compile(r"A[KS]IA[A-Z0-9]{16}")  # keys of users and of sessions, as AWS writes them
ALPHABET = string.ascii_uppercase + "234567"


class NotAssumableError(Exception):
    """There is no such role, or it does not trust the service."""


class UnknownKeyError(Exception):
    """The access key was deleted, is inactive, or belongs to another session token."""


class ExpiredError(Exception):
    """The session of a user has ended."""


@dataclass(frozen=True)
class Session:
    """Credentials of a role that a service has assumed."""

    principal: Principal
    access_key_id: str
    secret_access_key: str
    token: str

    @property
    def account_id(self) -> str:
        return self.principal.account_id

    def require(self, action: str, resource: str = "*", **context: str) -> None:
        """For what a service does under the role. Raises AccessDeniedError.

        `context` holds condition keys with "__" for the colon, such as cloudwatch__namespace.
        """
        keys = {name.replace("__", ":"): (value,) for name, value in context.items()}
        decisions.authorize(self.principal, Call(action, resource, keys))

    def may(self, action: str, resource: str = "*", **context: str) -> bool:
        try:
            self.require(action, resource, **context)
        except (AccessDeniedError, UnknownPrincipalError):
            return False
        return True

    def credentials(self) -> dict[str, str]:
        """The arguments of a boto3 client."""
        return {
            "aws_access_key_id": self.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
            "aws_session_token": self.token,
        }

    def variables(self) -> dict[str, str]:
        """The environment variables that SDKs read."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.token,
        }


_sessions: dict[Principal, Session] = {}
_by_key: dict[str, Session] = {}
_creation = threading.Lock()


def assume(
    account_id: str,
    role_arn: str,
    service: str,
    name: str,
    source_arn: str = "",
) -> Session:
    """The session `name` of a role for a service such as lambda.amazonaws.com.

    `source_arn` is the resource for which the service acts. Raises NotAssumableError.
    """
    role = trusting_role(account_id, role_arn, service, source_arn)
    principal = Principal(account_id, role=role.name, session=name)
    with _creation:
        if principal not in _sessions:
            session = Session(principal, _key_id(), secrets.token_hex(20), secrets.token_hex(64))
            _sessions[principal] = _by_key[session.access_key_id] = session
        return _sessions[principal]


def trusting_role(
    account_id: str,
    role_arn: str,
    service: str,
    source_arn: str = "",
) -> Any:
    """moto's role, if its trust policy lets the service assume it. Raises NotAssumableError."""
    roles = list(iam_backends[account_id][PARTITION].roles.values())
    role = next((role for role in roles if role.arn == role_arn), None)
    if role is None:
        raise NotAssumableError(role_arn)
    context = {"aws:sourceaccount": (account_id,)}
    if source_arn:
        context["aws:sourcearn"] = (source_arn,)
    call = Call("sts:AssumeRole", role_arn, context)
    caller = Caller(service=service)
    effects = {
        statement.allows
        for statement in policies.parse(role.assume_role_policy_document or "")
        if statement.means(caller) and statement.applies(call, context)
    }
    age = (utcnow() - role.create_date).total_seconds()
    if effects != {True} or age < Duration.ROLE.seconds:
        raise NotAssumableError(role_arn)
    return role


def find_principal(account_id: str, access_key_id: str, token: str) -> Principal | None:
    """Whose key it is; None for the administrator's.

    Raises UnknownKeyError or ExpiredError.
    """
    session = _by_key.get(access_key_id)
    if session:
        if token != session.token:
            raise UnknownKeyError(access_key_id)
        return session.principal
    if not ISSUED.fullmatch(access_key_id):
        return None
    key = iam_backends[account_id][PARTITION].access_keys.get(access_key_id)
    if key is None or key.status != "Active":
        raise UnknownKeyError(access_key_id)
    if key.user_name:
        return Principal(account_id, user=key.user_name)
    return _assumed(account_id, access_key_id, token)


def _assumed(account_id: str, access_key_id: str, token: str) -> Principal:
    """A role that a user has assumed through STS."""
    backend = sts_backends[account_id][PARTITION]
    assumed: Any = backend.get_assumed_role_from_access_key(access_key_id)
    if assumed is None or assumed.session_token != token:
        raise UnknownKeyError(access_key_id)
    if assumed.expiration < utcnow():
        raise ExpiredError(access_key_id)
    role = assumed.role_arn.rpartition("/")[2]
    return Principal(
        account_id, role=role, session=assumed.session_name, session_policy=assumed.policy or ""
    )


@change(STSBackend)
def get_caller_identity(moto: Any, self: Any, access_key_id: str, region: str) -> Any:
    session = _by_key.get(access_key_id)
    if session:
        principal = session.principal
        return principal.user_id, principal.arn, principal.account_id
    return moto(self, access_key_id, region)


def _key_id() -> str:
    return "ASIA" + "".join(secrets.choice(ALPHABET) for _ in range(16))
