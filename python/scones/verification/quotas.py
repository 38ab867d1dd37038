"""Whether the account's quotas suffice for an endpoint and its updates, a training and traffic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scones.aws import Account
from scones.verification.finding import Finding, ask, ok, problem, unknown

# `make evaluate` has this many executions in flight, and each runs one function at a time.
CONCURRENT_FUNCTIONS = 16
INCREASE = "Request an increase in the console under Service Quotas"


def check(needed: Mapping[str, int], account: Account, settings: str) -> list[Finding]:
    """`needed` has the instances that the settings need, by the name of SageMaker's quota."""
    return [
        *ask(
            "quota of SageMaker",
            "servicequotas:ListServiceQuotas",
            lambda: _sagemaker(needed, account, settings),
        ),
        *ask("quota of Lambda", "lambda:GetAccountSettings", lambda: _functions(account)),
    ]


def _sagemaker(needed: Mapping[str, int], account: Account, settings: str) -> Iterator[Finding]:
    pages = account.client("service-quotas").get_paginator("list_service_quotas")
    values = {
        quota["QuotaName"]: quota["Value"]
        for page in pages.paginate(ServiceCode="sagemaker")
        for quota in page["Quotas"]
    }
    for name, instances in needed.items():
        if name not in values:
            yield unknown("quota of SageMaker", f"{name}: the account lists no such quota")
            continue
        text = f"{name}: {values[name]:g}, needed {instances}"
        if values[name] < instances:
            yield problem(
                "quota of SageMaker", text, f"{INCREASE}, or name another instance in {settings}."
            )
        else:
            yield ok("quota of SageMaker", text)


def _functions(account: Account) -> Iterator[Finding]:
    limits = account.client("lambda").get_account_settings()["AccountLimit"]
    concurrent = limits["ConcurrentExecutions"]
    text = f"concurrent executions: {concurrent}, needed {CONCURRENT_FUNCTIONS}"
    if concurrent < CONCURRENT_FUNCTIONS:
        yield problem("quota of Lambda", text, f'{INCREASE}: "Concurrent executions" of Lambda.')
    else:
        yield ok("quota of Lambda", text)
