"""`make stage`: put the images of an archive into the data bucket, by split."""

from __future__ import annotations

from collections.abc import Sequence

from scones import cli
from scones.aws import Account
from scones.background import Background
from scones.images import cache, cifar100, pretraining, reviewed, sources, staging
from scones.images.cifar100 import Cifar100
from scones.images.manifest import Manifest
from scones.images.reviewed import ReviewedImages
from scones.images.sources import Source
from scones.images.split import hold_out
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.version import code_version


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("stage")
    arguments.add_argument(
        "--source",
        required=True,
        help="sample, cifar100, or a path or URL of an archive like it",
    )
    arguments.add_argument(
        "--sha256",
        default="",
        help="the SHA-256 that the archive at a path or URL must have",
    )
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    account = Account.of(target)
    sources.check(options.source, options.sha256)
    reading = Background(lambda: _read(options.source, options.sha256))
    if sources.is_file(options.source):
        reading.result()  # so that nothing is provisioned for a file that is no archive
    outputs = Stack(target, account).ensure_provisioned(meanwhile=reading.start)
    source, archive = reading.result()
    training = outputs.training
    bucket = outputs.data_bucket
    dataset = hold_out(
        archive.only(outputs.classes),
        training.validation_share,
        training.seed,
    )
    pretraining_file = None
    if pretraining.is_enabled(
        training.pretraining,
        source.origin.name,
        training.instance_type,
    ):
        pretraining_file = pretraining.pack(archive, outputs.classes)
    s3 = account.client("s3")
    reviewed_images = ReviewedImages()
    if training.use_reviewed:
        digests = staging.digests(dataset)
        reviewed_images = reviewed.read(s3, bucket, dataset.classes, digests)
    result = staging.stage(
        reviewed_images.added_to(dataset),
        source.origin,
        code_version(target.root),
        training.seed,
        s3,
        bucket,
        pretraining_file,
    )
    if reviewed_images.summary:
        cli.say(reviewed_images.summary)
    if source.origin.drawn:
        cli.say(
            "The sample's images are drawn, not photographs: what is learnt from them says nothing "
            "about real ones."
        )
    images = _describe(result.manifest)
    cli.result(
        f"Staged {images} in s3://{bucket}: {result.uploaded:,} uploaded, "
        f"{result.present:,} already there, {result.removed:,} removed."
    )
    cli.say(f"Next: {target.command('train')}")
    return 0


def _read(name: str, sha256: str) -> tuple[Source, Cifar100]:
    """Draw, download or find the archive, and read it."""
    source = sources.resolve(name, sha256, cache.folder())
    return source, cifar100.read(source.archive)


def _describe(manifest: Manifest) -> str:
    totals = {split: sum(counts.values()) for split, counts in manifest.counts.items()}
    kind = "drawn images" if manifest.origin.drawn else "images"
    splits = ", ".join(f"{totals[split]:,} {split}" for split in staging.SPLITS)
    if manifest.reviewed:
        splits += f"; {manifest.reviewed:,} of them labelled by reviewers"
    others = manifest.pretraining
    if others:
        splits += f"; {others.images:,} of {len(others.classes)} other classes to pretrain on"
    return f"{sum(totals.values()):,} {kind} ({len(manifest.classes)} classes; {splits})"
