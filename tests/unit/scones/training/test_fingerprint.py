"""Which changes call for another training job, and which do not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from paths import EXAMPLE_OUTPUTS

from scones.images.manifest import Entry, Manifest, Origin
from scones.outputs import Outputs
from scones.training.job_spec import JobSpec, SourceCode
from scones.training.request import BUILTIN, DRAWN_EPOCHS, SCRIPT

OUTPUTS = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
IMAGES = (Entry("train/bike_s_000001.png", 0, "aa"), Entry("train/moped_s_000002.png", 1, "bb"))
COUNTS = {"train": {"bicycle": 1, "motorcycle": 1}, "validation": {}, "test": {}}
MANIFEST = Manifest(OUTPUTS.classes, Origin("sample", "cc", True), "1.0", 7, COUNTS, IMAGES)


def with_hyperparameters(**changes: str) -> Outputs:
    training = replace(
        OUTPUTS.training, hyperparameters={**OUTPUTS.training.hyperparameters, **changes}
    )
    return replace(OUTPUTS, training=training)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "container"
    folder.mkdir()
    (folder / "train.py").write_text("print('training')\n")
    return folder


def identity(
    package: Path,
    algorithm: str = SCRIPT,
    outputs: Outputs = OUTPUTS,
    manifest: Manifest = MANIFEST,
) -> str:
    return JobSpec.of(algorithm, manifest, outputs, package, "1.0").inputs.fingerprint


def test_the_same_inputs_have_the_same_fingerprint(package: Path) -> None:
    assert identity(package) == identity(package)
    assert len(identity(package)) == 64


def test_a_changed_script_changes_it(package: Path) -> None:
    before = identity(package)
    (package / "train.py").write_text("print('trains')\n")
    assert identity(package) != before


def test_a_changed_script_leaves_the_built_in_algorithm_alone(package: Path) -> None:
    before = identity(package, BUILTIN)
    (package / "train.py").write_text("print('trains')\n")
    assert identity(package, BUILTIN) == before != identity(package)


def test_other_images_change_it(package: Path) -> None:
    relabelled = replace(MANIFEST, images=(replace(IMAGES[0], label=1), IMAGES[1]))
    assert identity(package, manifest=relabelled) != identity(package)


@pytest.mark.parametrize(
    "outputs",
    [
        with_hyperparameters(threshold="0.9"),
        with_hyperparameters(target_precision="0.95"),
        with_hyperparameters(epochs="2"),
        replace(OUTPUTS, training=replace(OUTPUTS.training, image_uri="another")),
        replace(OUTPUTS, training=replace(OUTPUTS.training, seed=8)),
    ],
    ids=["threshold", "target precision", "hyperparameters", "image", "seed"],
)
def test_other_settings_of_learning_change_it(package: Path, outputs: Outputs) -> None:
    assert identity(package, outputs=outputs) != identity(package)


def test_epochs_count_wherever_they_come_from(package: Path) -> None:
    hyperparameters = dict(OUTPUTS.training.hyperparameters)
    del hyperparameters["epochs"]
    unset = replace(OUTPUTS, training=replace(OUTPUTS.training, hyperparameters=hyperparameters))
    same = identity(package, outputs=with_hyperparameters(epochs=str(DRAWN_EPOCHS)))
    assert identity(package, outputs=unset) == same != identity(package)


def test_thresholds_of_the_live_model_and_the_gate_do_not_change_it(package: Path) -> None:
    judged = replace(OUTPUTS, confidence_threshold=0.71, quality_gate={"minimum_accuracy": 1.0})
    assert identity(package, outputs=judged) == identity(package)


def test_where_a_job_runs_does_not_change_it(package: Path) -> None:
    elsewhere = replace(
        OUTPUTS.training, instance_type="ml.g5.xlarge", spot=False, volume_gb=50, max_run_seconds=60
    )
    assert identity(package, outputs=replace(OUTPUTS, training=elsewhere)) == identity(package)


def test_a_file_counts_by_name_and_content() -> None:
    plain = SourceCode({"a.py": b"x", "b.py": b"y"}).sha256
    swapped = SourceCode({"a.py": b"y", "b.py": b"x"}).sha256
    joined = SourceCode({"a.py": b"xb.pyy"}).sha256
    assert plain == SourceCode({"b.py": b"y", "a.py": b"x"}).sha256
    assert len({plain, swapped, joined}) == 3


def test_the_sources_prefix_follows_its_content(package: Path) -> None:
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "train.cpython-311.pyc").write_bytes(b"compiled")
    source = SourceCode.read(package)
    assert dict(source.files) == {"container/train.py": b"print('training')\n"}
    assert source.prefix == f"code/{source.sha256[:8]}/"
