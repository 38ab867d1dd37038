"""What a training job would be started with now: its recipe, its source, and their fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scones.clients import S3Client
from scones.handover import Data, Inputs
from scones.images.manifest import Manifest
from scones.outputs import Outputs
from scones.training.request import SCRIPT, Recipe, builtin_recipe, script_recipe


@dataclass(frozen=True)
class JobSpec:
    """What one job runs. A job with the same `inputs.fingerprint` need not run again."""

    inputs: Inputs
    recipe: Recipe
    source: SourceCode

    @classmethod
    def of(
        cls,
        algorithm: str,
        manifest: Manifest,
        outputs: Outputs,
        package: Path,
        code_version: str,
    ) -> JobSpec:
        """`package` is the folder of the training script, which the built-in algorithm ignores.

        Raises:
            UserError: the built-in algorithm lacks a threshold or a GPU in the settings.
        """
        origin = manifest.origin
        if algorithm == SCRIPT:
            source = SourceCode.read(package)
            recipe = script_recipe(
                outputs,
                source.prefix,
                drawn=origin.drawn,
                pretraining=manifest.pretraining is not None,
            )
        else:
            source = SourceCode({})
            recipe = builtin_recipe(outputs, sum(manifest.counts["train"].values()))
        threshold = outputs.training.threshold
        # Everything that decides what a job learns; where and how long it runs is left out.
        identity = {
            "algorithm": algorithm,
            "data": manifest.fingerprint,
            "hyperparameters": dict(recipe.hyperparameters),
            "image_uri": recipe.image_uri,
            "source": source.sha256,
            "threshold": threshold,
        }
        inputs = Inputs(
            algorithm=algorithm,
            classes=manifest.classes,
            threshold=threshold,
            drawn=origin.drawn,
            data=Data(origin.name, origin.sha256, manifest.fingerprint),
            code_version=code_version,
            fingerprint=hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest(),
        )
        return cls(inputs, recipe, source)


@dataclass(frozen=True)
class SourceCode:
    """The Python files of one package by path, such as container/train.py.

    They are a channel of the job, so that the container image needs nothing of this project.
    """

    files: Mapping[str, bytes]

    @classmethod
    def read(cls, package: Path) -> SourceCode:
        """Every Python file of the package in the folder `package`."""
        paths = sorted(package.rglob("*.py"))
        return cls({str(path.relative_to(package.parent)): path.read_bytes() for path in paths})

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) over names and contents, in the order of the names."""
        digest = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()

    @property
    def prefix(self) -> str:
        """The files' prefix in the data bucket: by content, so nothing is overwritten."""
        return f"code/{self.sha256[:8]}/"

    def upload(self, s3: S3Client, bucket: str) -> int:
        """Put the files that are missing from the bucket; returns how many those were."""
        listing = s3.list_objects_v2(Bucket=bucket, Prefix=self.prefix)
        present = {entry["Key"] for entry in listing.get("Contents", [])}
        uploaded = 0
        for name, content in self.files.items():
            key = self.prefix + name
            if key not in present:
                s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType="text/x-python")
                uploaded += 1
        return uploaded
