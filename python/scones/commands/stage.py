"""`make stage`: from an archive of labelled images to training, validation and test images in the data bucket."""

from __future__ import annotations

from collections.abc import Sequence

from scones import cli
from scones.aws import Account
from scones.images import cache, cifar100, pretraining, reviewed, sources, staging
from scones.images.reviewed import Taken
from scones.images.split import hold_out
from scones.images.staging import Staged
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.version import code_version


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("stage")
    arguments.add_argument(
        "--source", required=True, help="sample, cifar100, or a path or URL of an archive like it"
    )
    arguments.add_argument(
        "--sha256", default="", help="the SHA-256 that the archive at a path or URL must have"
    )
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    account = Account.of(target)
    source = sources.resolve(options.source, options.sha256, cache.folder())
    archive = cifar100.read(source.archive)
    outputs = Stack(target, account).ensure_provisioned()
    seed, bucket = outputs.training.seed, outputs.data_bucket
    dataset = hold_out(archive.only(outputs.classes), outputs.training.validation_share, seed)
    others = None
    if pretraining.wanted(
        outputs.training.pretraining, source.origin.name, outputs.training.instance_type
    ):
        others = pretraining.pack(archive, outputs.classes)
    s3 = account.client("s3")
    taken = Taken()
    if outputs.training.use_reviewed:
        taken = reviewed.read(s3, bucket, dataset.classes, staging.digests(dataset))
    staged = staging.stage(
        taken.added_to(dataset), source.origin, code_version(target.root), seed, s3, bucket, others
    )
    if taken.sentence:
        cli.say(taken.sentence)
    if source.origin.drawn:
        cli.say(
            "The sample's images are drawn, not photographs: what is learnt from them says nothing about real ones."
        )
    cli.result(_result_line(staged, bucket))
    cli.say(f"Next: {target.command('train')}")
    return 0


def _result_line(staged: Staged, bucket: str) -> str:
    totals = {split: sum(counts.values()) for split, counts in staged.manifest.counts.items()}
    kind = "drawn images" if staged.manifest.origin.drawn else "images"
    splits = ", ".join(f"{totals[split]:,} {split}" for split in staging.SPLITS)
    if staged.manifest.reviewed:
        splits += f"; {staged.manifest.reviewed:,} of them reviewed by people"
    if others := staged.manifest.pretraining:
        splits += f"; {others.images:,} of {len(others.classes)} other classes to pretrain on"
    return (
        f"Staged {sum(totals.values()):,} {kind} ({len(staged.manifest.classes)} classes; {splits}) in s3://{bucket}: "
        f"{staged.uploaded:,} uploaded, {staged.present:,} already there, {staged.removed:,} removed."
    )
