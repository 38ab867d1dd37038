"""`make destroy`: remove everything that a target has in its account, then search for leftovers.

Every step may be repeated, and the bucket of Terraform's state goes last, so the same command
finishes what an interrupted one began.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from botocore.exceptions import ClientError

from scones import aws_errors, cli
from scones.aws import Account, error_code
from scones.clients import S3Client
from scones.errors import UserError
from scones.progress import Step
from scones.provisioning import settling
from scones.provisioning.stack import Stack
from scones.provisioning.state_bucket import StateBucket
from scones.removal import (
    buckets,
    generated_files,
    irreplaceable,
    kept_by_aws,
    leftovers,
    orphans,
    sweeping,
)
from scones.removal.deleting import find_deleting
from scones.removal.leftovers import JOB_LOGS, Inventory
from scones.settings import Target

Value = TypeVar("Value")

ATTEMPTS = 3


def main(argv: Sequence[str]) -> int:
    target = Target.load(cli.parser("destroy").parse_args(argv).target)
    account = Account.of(target)
    s3 = account.client("s3")
    sagemaker = account.client("sagemaker")
    state_bucket = StateBucket(target, account).name
    data_bucket = f"{target.prefix}-data-{account.id}"

    before = take_inventory(target, account)
    lost = irreplaceable.count(s3, data_bucket)
    if before and not confirm_removal(before, lost, target, account):
        cli.result("Nothing was destroyed.")
        return 1
    try_to("stop the jobs", lambda: sweeping.stop_jobs(sagemaker, f"{target.prefix}-"))
    try_to(
        "delete the registered models",
        lambda: sweeping.delete_model_packages(sagemaker, f"{target.prefix}-models"),
    )
    settling.delete_all(target, sagemaker)
    versions = destroy_stack(Stack(target, account).destroy, s3, data_bucket)
    # The schedule of the drift monitor may have started a job until it was destroyed itself.
    try_to("stop the jobs", lambda: sweeping.stop_jobs(sagemaker, f"{target.prefix}-"))
    after_terraform = take_inventory(target, account).without({state_bucket})
    undeleted = sweep(after_terraform, account)
    remove_orphans(after_terraform, target, account)

    expected = {state_bucket, *undeleted}
    remaining = leftovers.wait_until_gone(
        lambda: take_inventory(target, account).without(expected),
        partial(find_deleting, sagemaker),
    )
    if remaining or remaining.unlisted:
        return report(remaining)
    versions += buckets.delete(s3, state_bucket)
    deleted = generated_files.delete(target.build)
    say_files(target, deleted, generated_files.kept(target.build))
    say_what_stays(before, account)
    cli.result(summary(before.without(undeleted), lost, versions, undeleted))
    return 0


def take_inventory(target: Target, account: Account) -> Inventory:
    with Step("Looking through the account"):
        return leftovers.find(account.client, target.prefix, target.tags)


def confirm_removal(
    inventory: Inventory, lost: Mapping[str, int], target: Target, account: Account
) -> bool:
    """List what will be removed; only the target's full name confirms it, or YES=1."""
    heading = (
        f"All of {target.name} in the AWS account {account.id} ({account.region}) "
        "will be removed, data and models included:"
    )
    content = [heading, *inventory.lines()]
    if lost:
        content.append(f"Nothing brings back {irreplaceable.describe(lost)}.")
    return cli.confirm(
        lambda: "\n".join(content),
        f"Destroy {target.name}?",
        target.name,
        irreplaceable=bool(lost),
    )


def destroy_stack(destroy: Callable[[], None], s3: S3Client, bucket: str) -> int:
    """Empty the data bucket and destroy the stack; return how many object versions were deleted.

    The endpoint and the workflow write to the bucket until they are deleted themselves, so that it
    may have to be emptied again.

    Raises:
        UserError: Terraform fails for another reason.
    """
    versions = 0
    for attempt in range(1, ATTEMPTS + 1):
        versions += buckets.empty(s3, bucket)
        try:
            destroy()
            break
        except UserError:
            if attempt == ATTEMPTS or buckets.is_empty(s3, bucket):
                raise
            cli.say("Something was written to the bucket meanwhile; emptying it again.")
    return versions


def sweep(inventory: Inventory, account: Account) -> Mapping[str, str]:
    """Delete what Terraform does not manage; return the job records that AWS does not delete."""
    logs, sagemaker = account.client("logs"), account.client("sagemaker")
    undeleted: dict[str, str] = {}
    for kind, group in JOB_LOGS.items():
        streams = inventory.of(kind)
        delete_streams = partial(sweeping.delete_log_streams, logs, group, streams)
        try_to(f"delete {kind}", delete_streams)
    groups = inventory.of("log groups")
    try_to("delete log groups", lambda: sweeping.delete_log_groups(logs, groups))
    for kind_of_job in sweeping.JOB_KINDS:
        title = f"{kind_of_job.title}s"
        request = partial(sweeping.delete_job_records, sagemaker, kind_of_job, inventory.of(title))
        undeleted.update(try_to(f"delete the records of {title}", request) or {})
    return undeleted


def remove_orphans(inventory: Inventory, target: Target, account: Account) -> None:
    """Delete what exists although Terraform has destroyed everything in its state."""
    if not inventory:
        return
    found = try_to(
        "read the tags", lambda: list(orphans.find(account.client, inventory, target.tags))
    )
    for orphan in found or []:
        cli.say(f"Terraform does not know {orphan.name} ({orphan.kind}); deleting it.")
        request = partial(orphans.delete, account.client, orphan)
        try_to(f"delete {orphan.name}", request)


def try_to(description: str, action: Callable[[], Value]) -> Value | None:
    """Do one thing; report it if AWS refuses. What remains is listed at the end."""
    try:
        return action()
    except ClientError as error:
        if error_code(error) in aws_errors.REFUSED_CREDENTIALS:
            raise
        cli.say(f"Could not {description}: {error}")
        return None


def report(remaining: Inventory) -> int:
    """Report what remains, and what could not be listed."""
    lines = [f"Left: {remaining.counts()}."] if remaining else []
    lines += remaining.lines()
    for kind, reason in remaining.unlisted.items():
        lines.append(f"Could not look for {kind}: {reason}")
    cli.result("\n".join(lines))
    return cli.fail(
        "Something is left, or could not be looked for. "
        "Remove what is listed, then run the same command again."
    )


def say_files(target: Target, deleted: Sequence[str], kept: Sequence[str]) -> None:
    """Report what became of the files on this machine."""
    folder = target.build.relative_to(target.root)
    if deleted:
        cli.say(f"Deleted from {folder}: {', '.join(deleted)}.")
    if kept:
        cli.say(f"Kept in {folder}: {', '.join(kept)}.")


def say_what_stays(removed: Inventory, account: Account) -> None:
    """Report what AWS has recorded by itself, and does not delete."""
    jobs = [
        f"arn:{account.partition}:sagemaker:{account.region}:{account.id}:{kind}-job/{name}"
        for kind in ("training", "processing")
        for name in removed.of(f"{kind} jobs")
    ]
    sagemaker, logs = account.client("sagemaker"), account.client("logs")
    kept = list(kept_by_aws.find(sagemaker, logs, jobs))
    if kept:
        cli.say(f"AWS keeps what it recorded by itself: {'; '.join(kept)}.")


def summary(
    removed: Inventory,
    lost: Mapping[str, int],
    versions: int,
    undeleted: Mapping[str, str],
) -> str:
    """Return the result line."""
    parts = ["There was nothing to remove."]
    if removed:
        among = f", {irreplaceable.describe(lost)} among them" if lost else ""
        parts = [
            f"Removed {removed.counts()}; {versions:,} object versions were in the buckets{among}."
        ]
    if undeleted:
        parts.append(f"AWS keeps the records of these jobs: {', '.join(sorted(undeleted))}.")
    return " ".join([*parts, "Nothing left."])
