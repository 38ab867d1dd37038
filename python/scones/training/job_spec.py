"""What a training job would be started with now: its recipe, its source, and what identifies them together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scones.handover import Data, Inputs
from scones.images.manifest import Manifest
from scones.outputs import Outputs
from scones.training import fingerprint
from scones.training.request import SCRIPT, Recipe, builtin_recipe, script_recipe
from scones.training.source_code import SourceCode


@dataclass(frozen=True)
class JobSpec:
    """What one job would run; equal fingerprints of `inputs` mean that the job there is will do."""

    inputs: Inputs
    recipe: Recipe
    source: SourceCode

    @classmethod
    def of(
        cls, algorithm: str, manifest: Manifest, outputs: Outputs, package: Path, code_version: str
    ) -> JobSpec:
        """`package` is the folder of the training script's package, which the built-in algorithm has no use for.

        Raises:
            UserError: the built-in algorithm is asked for, and the settings name no threshold.
        """
        if algorithm == SCRIPT:
            source = SourceCode.read(package)
            recipe = script_recipe(
                outputs, source.prefix, pretraining=manifest.pretraining is not None
            )
        else:
            source = SourceCode({})
            recipe = builtin_recipe(outputs, sum(manifest.counts["train"].values()))
        identity = fingerprint.of_inputs(
            data=manifest.fingerprint,
            hyperparameters=recipe.hyperparameters,
            threshold=outputs.training.threshold,
            algorithm=algorithm,
            image_uri=recipe.image_uri,
            source=source.sha256,
        )
        origin = manifest.origin
        inputs = Inputs(
            algorithm=algorithm,
            classes=manifest.classes,
            threshold=outputs.training.threshold,
            drawn=origin.drawn,
            data=Data(origin.name, origin.sha256, manifest.fingerprint),
            code_version=code_version,
            fingerprint=identity,
        )
        return cls(inputs, recipe, source)
