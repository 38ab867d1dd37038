"""A caller that has no more permissions than `make verify` asks for."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from checkouts import ACCOUNT, Checkout

from scones.verification import permissions

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
}


def run_as(checkout: Checkout, part: str, verb: str) -> subprocess.CompletedProcess[str]:
    """Run a verb as a role with the permissions of a part of the work, such as "plan"."""
    with session(checkout, f"caller-{part}", statements(part)) as credentials:
        python = str(checkout.folder / ".venv" / "bin" / "python")
        return subprocess.run(
            [python, "-m", "scones", verb, "--target=local"],
            cwd=checkout.folder,
            env={
                **checkout.environment(),
                **checkout.exports,
                **credentials,
                "PYTHONPATH": str(checkout.folder / "python"),
                "YES": "1",
            },
            text=True,
            capture_output=True,
            check=False,
        )


def statements(part: str) -> list[dict[str, object]]:
    """The listed permissions as a policy's statements for the target local."""
    return [
        {
            "Effect": "Allow",
            "Action": list(need.actions),
            "Resource": need.resource.format(
                partition="aws",
                account=ACCOUNT,
                region="us-east-1",
                prefix="scones-local",
            ),
        }
        for need in permissions.read()[part]
    ]


@contextmanager
def session(
    checkout: Checkout, role: str, allowed: Sequence[dict[str, object]]
) -> Iterator[dict[str, str]]:
    """The environment variables of a session of a role, which exists meanwhile."""
    iam, sts = checkout.client("iam"), checkout.client("sts")
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(allowed)})
    iam.put_role_policy(RoleName=role, PolicyName="listed", PolicyDocument=policy)
    issued = sts.assume_role(RoleArn=arn, RoleSessionName="verb")["Credentials"]
    try:
        yield {
            "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
            "AWS_SESSION_TOKEN": issued["SessionToken"],
        }
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="listed")
        iam.delete_role(RoleName=role)
