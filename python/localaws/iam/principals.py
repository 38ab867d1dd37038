"""Who calls, and by which policies: a role in a session, or a user with an access key.

Any other credentials, such as those of the verbs, are the administrator's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.iam.models import iam_backends

from localaws.iam import policies
from localaws.iam.patterns import Context
from localaws.iam.policies import Caller, Statement

PARTITION = "aws"


class UnknownPrincipalError(Exception):
    """The role or user was deleted."""


@dataclass(frozen=True)
class Principal:
    """`role` and `session` name a session; `user` names a user. The other ones are empty."""

    account_id: str
    role: str = ""
    session: str = ""
    user: str = ""
    session_policy: str = ""

    @property
    def arn(self) -> str:
        """As errors name it."""
        if self.user:
            return f"arn:{PARTITION}:iam::{self.account_id}:user{self._entity().path}{self.user}"
        return f"arn:{PARTITION}:sts::{self.account_id}:assumed-role/{self.role}/{self.session}"

    @property
    def user_id(self) -> str:
        entity = self._entity()
        return str(entity.id) if self.user else f"{entity.id}:{self.session}"

    @property
    def caller(self) -> Caller:
        root = f"arn:{PARTITION}:iam::{self.account_id}:root"
        own = {self.arn, str(self._entity().arn)}
        return Caller(frozenset({*own, "*", root, self.account_id}))

    def identity_policies(self) -> list[Statement]:
        """Raises UnknownPrincipalError."""
        return [
            statement
            for name, document in self._documents(self._entity())
            for statement in policies.parse(document, name)
        ]

    def boundary(self) -> tuple[Statement, ...] | None:
        """Statements of the permissions boundary; None without one."""
        arn = getattr(self._entity(), "permissions_boundary_arn", None)
        if not arn:
            return None
        return policies.parse(_default_version(self._backend.get_policy(arn)), arn)

    def context(self) -> Context:
        """The condition keys that follow from the caller."""
        entity = self._entity()
        values = {
            "aws:principalarn": str(entity.arn),
            "aws:principalaccount": self.account_id,
            "aws:principaltype": "User" if self.user else "AssumedRole",
            "aws:userid": self.user_id,
            "aws:securetransport": "true",
        }
        if self.user:
            values["aws:username"] = self.user
        for tag in _tags(entity):
            values[f"aws:principaltag/{tag['Key'].lower()}"] = tag["Value"]
        return {key: (value,) for key, value in values.items()}

    @property
    def _backend(self) -> Any:
        return iam_backends[self.account_id][PARTITION]

    def _entity(self) -> Any:
        """moto's role or user."""
        if self.user:
            found = self._backend.users.get(self.user)
        else:
            roles = list(self._backend.roles.values())
            found = next((role for role in roles if role.name == self.role), None)
        if found is None:
            raise UnknownPrincipalError(self.user or self.role)
        return found

    def _documents(self, entity: Any) -> Iterator[tuple[str, str]]:
        """Name and text of each identity-based policy."""
        yield from _inline(entity)
        for policy in list(entity.managed_policies.values()):
            yield policy.name, _default_version(policy)
        if not self.user:
            return
        for group in self._backend.get_groups_for_user(self.user):
            yield from _inline(group)
            for policy in list(group.managed_policies.values()):
                yield policy.name, _default_version(policy)


def _inline(entity: Any) -> Iterator[tuple[str, str]]:
    yield from list(entity.policies.items())


def _default_version(policy: Any) -> str:
    for version in policy.versions:
        if version.is_default:
            return str(version.document)
    return ""


def _tags(entity: Any) -> list[dict[str, str]]:
    tags = getattr(entity, "tags", None) or []
    return list(tags.values()) if isinstance(tags, dict) else list(tags)
