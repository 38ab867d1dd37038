"""Whether the policy of a queue, topic or function admits a service; AWS drops all else."""

from __future__ import annotations

from collections.abc import Iterable

from localaws.iam import resource_policies
from localaws.iam.policies import Call, Caller, Statement


def allows(sender: str, action: str, resource: str, service: str = "") -> bool:
    """Whether a rule or alarm, by its ARN, may take `action` on `resource`, by its ARN.

    `service` is the principal, where it is not that of the sender's ARN.
    """
    statements = resource_policies.find(_account(sender), resource)
    return admits(statements, sender, action, resource, service)


def admits(
    statements: Iterable[Statement],
    sender: str,
    action: str,
    resource: str,
    service: str = "",
) -> bool:
    account = _account(sender)
    own_service = f"{sender.split(':')[2]}.amazonaws.com"
    context = {
        "aws:sourcearn": (sender,),
        "aws:sourceaccount": (account,),
        "aws:securetransport": ("true",),
    }
    if own_service == "cloudwatch.amazonaws.com":
        # A topic's default policy admits alarms of its account by this property, but no rules.
        context["aws:sourceowner"] = (account,)
    caller = Caller(frozenset({"*"}), service or own_service)
    call = Call(action, resource, context)
    effects = {
        statement.allows
        for statement in statements
        if statement.means(caller) and statement.applies(call, context)
    }
    return effects == {True}


def _account(arn: str) -> str:
    return arn.split(":")[4]
