"""Whether a principal may make a call, and AWS's sentence where it may not.

Source: "Policy evaluation logic" and "Troubleshoot access denied error messages" in AWS's IAM user
guide, within one account: an explicit denial counts first; then the policy of the resource or one
of the identity allows the call, and boundary and session policy limit the identity's.
"""

from __future__ import annotations

from collections.abc import Iterable

from localaws.iam import policies, resource_policies, usage
from localaws.iam.patterns import Context
from localaws.iam.policies import Call, Statement
from localaws.iam.principals import Principal

IDENTITY = "identity-based"
RESOURCE = "resource-based"
BOUNDARY = "permissions boundary"
SESSION = "session"
ASSUME_ROLE = "sts:AssumeRole"  # the role's trust policy must allow it in any case


class AccessDeniedError(Exception):
    """The text is AWS's."""

    def __init__(self, principal: Principal, call: Call, reason: str) -> None:
        quote = '"' if call.action.startswith("s3:") else ""  # S3 alone quotes the resource
        super().__init__(
            f"User: {principal.arn} is not authorized to perform: {call.action} "
            f"on resource: {quote}{call.resource}{quote} {reason}"
        )


def authorize(principal: Principal, call: Call) -> None:
    """Return if the principal may make the call.

    Raises AccessDeniedError, or UnknownPrincipalError where the role or user was deleted.
    """
    context = {**principal.context(), **call.context}
    caller = principal.caller
    on_resource = [
        statement
        for statement in resource_policies.find(principal.account_id, call.resource)
        if statement.means(caller) and statement.applies(call, context)
    ]
    on_identity = _applying(principal.identity_policies(), call, context)
    for kind, statements in ((IDENTITY, on_identity), (RESOURCE, on_resource)):
        if any(not statement.allows for statement in statements):
            usage.record(principal.role, call, ())
            raise AccessDeniedError(principal, call, f"with an explicit deny in {_a(kind)} policy")
    if call.action == ASSUME_ROLE and not on_resource:
        reason = f"because no {RESOURCE} policy allows the {ASSUME_ROLE} action"
        raise AccessDeniedError(principal, call, reason)
    missing = _missing(principal, call, context, on_identity)
    if missing and not any(_names_directly(one, principal) for one in on_resource):
        usage.record(principal.role, call, ())
        reason = f"because no {missing} allows the {call.action} action"
        raise AccessDeniedError(principal, call, reason)
    usage.record(principal.role, call, on_identity)


def _missing(
    principal: Principal,
    call: Call,
    context: Context,
    on_identity: list[Statement],
) -> str:
    """The kind of policy that does not allow the call; "" where every one does."""
    boundary = principal.boundary()
    if boundary is not None and not _allowed(boundary, call, context):
        return BOUNDARY
    if principal.session_policy:
        session = policies.parse(principal.session_policy)
        if not _allowed(session, call, context):
            return f"{SESSION} policy"
    return "" if on_identity else f"{IDENTITY} policy"


def _allowed(statements: Iterable[Statement], call: Call, context: Context) -> bool:
    applying = _applying(statements, call, context)
    return bool(applying) and all(statement.allows for statement in applying)


def _applying(statements: Iterable[Statement], call: Call, context: Context) -> list[Statement]:
    return [statement for statement in statements if statement.applies(call, context)]


def _names_directly(statement: Statement, principal: Principal) -> bool:
    """Naming the account only leaves the decision to the policies of its identities."""
    account = {principal.account_id, f"arn:aws:iam::{principal.account_id}:root"}
    names = set((statement.principals or {}).get("AWS", ()))
    return statement.except_principals or not names <= account


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
