"""`make destroy`: take away everything that an environment has in its account, and prove that nothing is left.

Every step may be repeated, and the bucket of Terraform's state goes last: what was broken off is finished by the same
command.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from scones import cli
from scones.aws import Account
from scones.errors import UserError
from scones.provisioning.stack import Stack
from scones.provisioning.state_bucket import StateBucket
from scones.removal import emptying, leftovers, orphans, sweeping
from scones.removal.leftovers import JOB_LOGS, Inventory
from scones.removal.orphans import Orphan
from scones.settings import Target

ROUNDS = 3
# The local AWS runs in this folder of build/local, and goes on running.
KEPT = "aws"


def main(argv: Sequence[str]) -> int:
    target = Target.load(cli.parser("destroy").parse_args(argv).target)
    account = Account.of(target)
    s3 = account.client("s3")
    state = StateBucket.of(target, account)

    before = look(target, account)
    if before and not agreed(before, target, account):
        cli.result("Nothing was destroyed.")
        return 1
    attempt(
        "stop the jobs",
        lambda: sweeping.stop_jobs(account.client("sagemaker"), f"{target.prefix}-"),
    )
    attempt(
        "delete the registered models",
        lambda: sweeping.delete_model_packages(
            account.client("sagemaker"), f"{target.prefix}-models"
        ),
    )
    versions = take_down(Stack(target, account).destroy, s3, f"{target.prefix}-data-{account.id}")
    found = look(target, account)
    kept = sweep(found, account)
    remove_orphans(found.without("buckets", {state.name}), target, account)
    after = leftovers.settled(
        lambda: without_records(look(target, account).without("buckets", {state.name}), kept)
    )
    if after or after.unseen:
        return report(after)
    versions += emptying.delete(s3, state.name)
    clear(target.build)
    cli.result(summary(without_records(before, kept), versions, kept))
    return 0


def look(target: Target, account: Account) -> Inventory:
    return leftovers.find(account.client, target.prefix, target.tags)


def agreed(found: Inventory, target: Target, account: Account) -> bool:
    """Say what will go; whoever types the environment's name in full agrees, and so does YES=1."""
    if os.environ.get("YES") == "1":
        return True
    cli.say(
        f"All of {target.name} in the AWS account {account.id} ({account.region}) will go, data and models included:"
    )
    cli.say("\n".join(found.lines()))
    print(f'Type "{target.name}" to destroy it: ', end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == target.name


def take_down(destroy_stack: Callable[[], None], s3: Any, bucket: str) -> int:
    """Empty the data bucket and destroy what Terraform made; returns how many object versions went.

    The endpoint and the workflow write to the bucket until they are gone themselves, so that it may have to be emptied
    again.

    Raises:
        UserError: Terraform fails for another reason.
    """
    versions = 0
    for left in reversed(range(ROUNDS)):
        versions += emptying.empty(s3, bucket)
        try:
            destroy_stack()
            break
        except UserError:
            if not left or emptying.is_empty(s3, bucket):
                raise
            cli.say("Something was written to the bucket meanwhile; emptying it again.")
    return versions


def sweep(found: Inventory, account: Account) -> Mapping[str, str]:
    """Delete what Terraform knows nothing of; returns the jobs whose records AWS keeps, with its reasons."""
    logs, sagemaker = account.client("logs"), account.client("sagemaker")
    kept: dict[str, str] = {}
    for kind, group in JOB_LOGS.items():
        attempt(f"delete {kind}", partial(sweeping.delete_log_streams, logs, group, found.of(kind)))
    attempt("delete log groups", lambda: sweeping.delete_log_groups(logs, found.of("log groups")))
    for job in sweeping.JOB_KINDS:
        attempt(
            f"delete the records of {job.title}s",
            partial(delete_records, sagemaker, job, found, kept),
        )
    return kept


def delete_records(
    sagemaker: Any, job: sweeping.JobKind, found: Inventory, kept: dict[str, str]
) -> None:
    kept.update(sweeping.delete_job_records(sagemaker, job, found.of(f"{job.title}s")))


def without_records(found: Inventory, kept: Mapping[str, str]) -> Inventory:
    """The inventory without the jobs whose records AWS keeps."""
    return found.without("training jobs", kept.keys()).without("processing jobs", kept.keys())


def remove_orphans(found: Inventory, target: Target, account: Account) -> None:
    """Delete what is there although Terraform has destroyed all that it knows."""
    alone: list[Orphan] = []
    if found:
        attempt(
            "read the tags", lambda: alone.extend(orphans.find(account.client, found, target.tags))
        )
    for orphan in alone:
        cli.say(f"Terraform knows nothing of {orphan.name} ({orphan.kind}); deleting it.")
        attempt(f"delete {orphan.name}", partial(orphans.delete, account.client, orphan))


def attempt(what: str, action: Callable[[], object]) -> None:
    """Do one thing; what AWS refuses is said, and found again among the leftovers."""
    try:
        action()
    except ClientError as error:
        if error.response["Error"]["Code"] in cli.EXPIRED:
            raise
        cli.say(f"Could not {what}: {error}")


def report(after: Inventory) -> int:
    """Say what is left, and what could not be looked for."""
    lines = [f"Left: {after.counts()}."] if after else []
    lines += after.lines()
    lines += [f"Could not look for {kind}: {reason}" for kind, reason in after.unseen.items()]
    cli.result("\n".join(lines))
    return cli.fail(
        "Something is left, or could not be looked for. Remove what is listed, then run the same command again."
    )


def clear(build: Path) -> None:
    """Remove the generated files that describe the account."""
    for entry in build.iterdir():
        if entry.name == KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def summary(removed: Inventory, versions: int, kept: Mapping[str, str]) -> str:
    """The result line."""
    went = (
        f"Removed {removed.counts()}; {versions:,} object versions were in the buckets."
        if removed
        else "There was nothing."
    )
    records = f" AWS keeps these records of jobs: {', '.join(sorted(kept))}." if kept else ""
    return f"{went}{records} Nothing left."
