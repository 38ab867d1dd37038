"""`make verify`: ask an account whether an apply can succeed in it, without creating anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from scones import cli
from scones.aws import Account
from scones.files import write_atomically
from scones.progress import Step
from scones.provisioning.state_bucket import StateBucket
from scones.settings import Target
from scones.verification import (
    buckets,
    container_images,
    definition,
    identity,
    permissions,
    plan,
    policies,
    prices,
    quotas,
)
from scones.verification.finding import Finding, Status

FILE = "verify.json"
WIDEST = max(len(status) for status in Status)


def main(argv: Sequence[str]) -> int:
    target = Target.load(cli.parser("verify").parse_args(argv).target)
    account = Account.of(target)
    findings = verify(target, account)
    for finding in findings:
        cli.result(f"{finding.status:<{WIDEST}}  {finding.check}: {finding.text}")
    file = target.build / FILE
    write_atomically(file, as_json(findings, target, account))
    problems = [finding for finding in findings if finding.status is Status.PROBLEM]
    for finding in findings:
        if finding.remedy:
            cli.say(f"{finding.check}: {finding.text}. {finding.remedy}")
    path = file.relative_to(target.root)
    cli.say(f"Nothing was created. All findings, as a file to send: {path}.")
    if problems:
        return cli.fail(f"An apply would meet {len(problems)} problems, named above.")
    return 0


def verify(target: Target, account: Account) -> list[Finding]:
    """Ask all that can be asked; what needs Terraform's plan is left out where there is none."""
    settings = str(target.settings_file.relative_to(target.root))
    findings = identity.check(account)
    with Step("Asking about permissions"):
        findings += permissions.check(target, account)
    findings += definition.check(target.workflow, account)
    terraform, desired = plan.check(target)
    findings += terraform
    if desired is None:
        return findings
    with Step("Asking AWS about the plan"):
        names = [StateBucket(target, account).name, *desired.buckets]
        findings += buckets.check(names, account, settings)
        findings += policies.check(desired.policies, account)
        findings += container_images.check(desired.container_images, account, settings)
        findings += quotas.check(desired.quotas, account, settings)
        findings += prices.check(desired.quotas, account.region, prices.client(account))
    return findings


def as_json(findings: Sequence[Finding], target: Target, account: Account) -> str:
    report = {
        "target": target.name,
        "account": account.id,
        "region": account.region,
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(report, indent=2) + "\n"
