"""What IAM Access Analyzer finds in each policy that an apply would create."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scones.aws import Account
from scones.verification.finding import Finding, ask, ok, problem
from scones.verification.plan import Policy

IDENTITY = {"policyType": "IDENTITY_POLICY"}
RESOURCE = {"policyType": "RESOURCE_POLICY"}
# The kind of each policy, by type of the resource that holds it.
KINDS = {
    "aws_iam_role": {
        **RESOURCE,
        "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument",
    },
    "aws_iam_role_policy": IDENTITY,
    "aws_s3_bucket_policy": {**RESOURCE, "validatePolicyResourceType": "AWS::S3::Bucket"},
}
# Suggestions, such as to merge two actions, are matters of style.
FAULTS = ("ERROR", "SECURITY_WARNING", "WARNING")


def check(policies: Iterable[Policy], account: Account) -> list[Finding]:
    action = "access-analyzer:ValidatePolicy"
    return ask("policies", action, lambda: _all(list(policies), account))


def _all(policies: list[Policy], account: Account) -> Iterator[Finding]:
    faults = [fault for policy in policies for fault in _faults(policy, account)]
    yield from faults
    yield ok("policies", f"{len(policies)} checked, {len(faults)} findings")


def _faults(policy: Policy, account: Account) -> Iterator[Finding]:
    kind = KINDS.get(policy.resource_type, RESOURCE)
    pages = account.client("accessanalyzer").get_paginator("validate_policy")
    for page in pages.paginate(policyDocument=policy.document, **kind):
        for fault in page["findings"]:
            if fault["findingType"] in FAULTS:
                text = f"{policy.address}: {fault['issueCode']}: {fault['findingDetails']}"
                remedy = f"See {fault['learnMoreLink']}, and correct terraform/."
                yield problem("policies", text, remedy)
