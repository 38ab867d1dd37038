"""Reading model.tar.gz, and source and inputs in the data bucket, against moto."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

import pytest
from paths import EXAMPLE_OUTPUTS

from scones.errors import UserError
from scones.handover import Data, Inputs, Metrics
from scones.images.manifest import Entry, Manifest, Origin
from scones.outputs import Outputs
from scones.settings import Target
from scones.training import artifact
from scones.training.artifact import Prediction
from scones.training.inputs import read_inputs, record_inputs
from scones.training.job_spec import SourceCode
from scones.workflow.preconditions import require_staged_images

OUTPUTS = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
BUCKET = OUTPUTS.data_bucket
TARGET = Target("local", "us-east-1")
URL = f"s3://{BUCKET}/models/job/output/model.tar.gz"
SPLIT = {
    "images": 100,
    "accuracy": 0.94,
    "accuracy_interval": [0.88, 0.97],
    "ece": 0.02,
    "accepted": 0.77,
    "accepted_accuracy": None,
}
METRICS = {
    "validation": {"accuracy": 0.92},
    "test": SPLIT,
    "threshold": 0.93,
    "own_threshold": 0.71,
    "probes": {"test/a.png": [0.9, 0.1]},
    "serving": {"milliseconds": 1.5, "startup_seconds": 0.3, "megabytes": 2.1, "views": 1},
}
IMAGES = [
    {"key": "test/a.png", "sha256": "aa", "label": 0, "probabilities": [0.9, 0.1]},
    {"key": "test/b.png", "sha256": "bb", "label": 0, "probabilities": [0.2, 0.8]},
]
PREDICTIONS = {"classes": ["bicycle", "motorcycle"], "images": IMAGES}
FILES = {
    "metrics.json": json.dumps(METRICS).encode(),
    "predictions.json": json.dumps(PREDICTIONS).encode(),
}
INPUTS = Inputs(
    "scones", ("bicycle", "motorcycle"), 0.93, True, Data("sample", "aa", "bb"), "1.0", "cc"
)


def put_tarball(s3: Any, files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tarball:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            tarball.addfile(member, io.BytesIO(content))
    s3.put_object(Bucket=BUCKET, Key="models/job/output/model.tar.gz", Body=file.getvalue())
    return file.getvalue()


def test_an_artifact_holds_its_hash_metrics_threshold_probes_and_answers(s3: Any) -> None:
    files = {**FILES, "contact-sheet.png": b"a png"}
    content = put_tarball(s3, {"model.pt": b"weights", **files, "code/metrics.json": b"another"})
    received: list[int] = []
    read = artifact.read(s3, URL, has_metrics=True, on_bytes=received.append)
    assert read.sha256 == hashlib.sha256(content).hexdigest()
    assert read.metrics == Metrics(0.92, 0.94, 0.02, 0.77, None, 100, 0.88, 0.97, 0.71, 1.5, 2.1)
    assert read.threshold == 0.93
    assert read.probes == {"test/a.png": [0.9, 0.1]}
    assert read.predictions == (
        Prediction("test/a.png", "aa", "bicycle", "bicycle"),
        Prediction("test/b.png", "bb", "bicycle", "motorcycle"),
    )
    assert read.files == files
    assert json.loads(read.files["metrics.json"]) == METRICS
    assert sum(received) == len(content)


def test_the_built_in_algorithms_artifact_needs_no_metrics(s3: Any) -> None:
    content = put_tarball(s3, {"model.params": b"weights"})
    read = artifact.read(s3, URL, has_metrics=False)
    assert read == artifact.Artifact(hashlib.sha256(content).hexdigest())
    assert (read.metrics, read.predictions, read.files) == (None, None, {})


@pytest.mark.parametrize("missing", FILES)
def test_an_artifact_without_metrics_or_answers_is_one_sentence(s3: Any, missing: str) -> None:
    put_tarball(s3, {name: content for name, content in FILES.items() if name != missing})
    with pytest.raises(
        UserError,
        match=rf'has no {missing}\. If an older script wrote it, run "make train RETRAIN=1"',
    ):
        artifact.read(s3, URL, has_metrics=True)


@pytest.mark.parametrize(
    "metrics", [b"", b"{", b"[]", b'{"test": {}}', json.dumps({**METRICS, "probes": None}).encode()]
)
def test_metrics_of_another_kind_are_one_sentence(s3: Any, metrics: bytes) -> None:
    put_tarball(s3, {**FILES, "metrics.json": metrics})
    with pytest.raises(UserError, match=r"The metrics\.json in .* is not what training writes"):
        artifact.read(s3, URL, has_metrics=True)


@pytest.mark.parametrize("missing", ["own_threshold", "serving"])
def test_metrics_of_an_older_script_are_one_sentence(s3: Any, missing: str) -> None:
    older = {name: value for name, value in METRICS.items() if name != missing}
    put_tarball(s3, {**FILES, "metrics.json": json.dumps(older).encode()})
    with pytest.raises(UserError, match=f"KeyError '{missing}'.*run \"make train RETRAIN=1\""):
        artifact.read(s3, URL, has_metrics=True)


@pytest.mark.parametrize(
    "images",
    [
        None,
        [{"key": "test/a.png"}],
        [{**IMAGES[0], "label": 2}],
        [{**IMAGES[0], "probabilities": [1.0]}],
    ],
)
def test_answers_of_another_kind_are_one_sentence(s3: Any, images: object) -> None:
    put_tarball(
        s3, {**FILES, "predictions.json": json.dumps({**PREDICTIONS, "images": images}).encode()}
    )
    with pytest.raises(UserError, match=r"The predictions\.json in .* is not what training writes"):
        artifact.read(s3, URL, has_metrics=True)
    assert artifact.read_predictions(s3, URL) is None


def test_the_answers_alone_can_be_read_and_are_missing_where_there_are_none(s3: Any) -> None:
    assert artifact.read_predictions(s3, URL) is None, "no artifact"
    put_tarball(s3, {"model.params": b"weights"})
    assert artifact.read_predictions(s3, URL) is None, "the built-in algorithm's"
    put_tarball(s3, {"predictions.json": FILES["predictions.json"]})
    answers = artifact.read_predictions(s3, URL)
    assert answers is not None
    assert [(answer.key, answer.correct) for answer in answers] == [
        ("test/a.png", True),
        ("test/b.png", False),
    ]


@pytest.mark.parametrize("kept", [0, 20, 100], ids=["empty", "header only", "truncated"])
def test_a_broken_tarball_is_one_sentence(s3: Any, kept: int) -> None:
    whole = put_tarball(s3, FILES)
    s3.put_object(Bucket=BUCKET, Key="models/job/output/model.tar.gz", Body=whole[:kept])
    with pytest.raises(UserError, match=r"is not a model\.tar\.gz"):
        artifact.read(s3, URL, has_metrics=True)


def test_a_missing_artifact_is_one_sentence(s3: Any) -> None:
    assert not artifact.exists(s3, URL)
    assert not artifact.exists(
        s3, "s3://scones-local-data-of-a-former-account/models/job/output/model.tar.gz"
    )
    with pytest.raises(UserError, match=f"There is no model at {URL}"):
        artifact.read(s3, URL, has_metrics=True)
    put_tarball(s3, FILES)
    assert artifact.exists(s3, URL)


def test_source_is_uploaded_once_and_never_overwritten(s3: Any) -> None:
    source = SourceCode(
        {"container/__init__.py": b"", "container/train.py": b"print('training')\n"}
    )
    assert [source.upload(s3, BUCKET), source.upload(s3, BUCKET)] == [2, 0]
    s3.delete_object(Bucket=BUCKET, Key=f"{source.prefix}container/train.py")
    assert source.upload(s3, BUCKET) == 1, "what an interrupted upload left out"
    changed = SourceCode({**source.files, "container/train.py": b"print('trains')\n"})
    assert changed.upload(s3, BUCKET) == 2
    stored = s3.get_object(Bucket=BUCKET, Key=f"{source.prefix}container/train.py")["Body"].read()
    assert stored == b"print('training')\n"


def test_what_a_job_was_started_with_is_recorded_beside_its_artifact(s3: Any) -> None:
    record_inputs(s3, BUCKET, "job", INPUTS)
    assert read_inputs(s3, BUCKET, "job") == INPUTS


@pytest.mark.parametrize("content", [None, b"{", b"[]", b'{"classes": [], "data": {}}'])
def test_a_job_that_make_train_did_not_start_is_one_sentence(
    s3: Any, content: bytes | None
) -> None:
    if content is not None:
        s3.put_object(Bucket=BUCKET, Key="models/job/inputs.json", Body=content)
    with pytest.raises(UserError, match="does not say what the training job job was started with"):
        read_inputs(s3, BUCKET, "job")


def put_manifest(s3: Any, classes: tuple[str, ...]) -> Manifest:
    manifest = Manifest(
        classes, Origin("sample", "aa", True), "1.0", 0, {}, (Entry("train/a.png", 0, "bb"),)
    )
    s3.put_object(Bucket=BUCKET, Key="manifest.json", Body=manifest.as_json())
    return manifest


def test_training_reads_what_is_staged(s3: Any) -> None:
    manifest = put_manifest(s3, ("bicycle", "motorcycle"))
    assert require_staged_images(s3, OUTPUTS, TARGET, "stage") == manifest


def test_training_before_staging_is_one_sentence(s3: Any) -> None:
    with pytest.raises(UserError) as error:
        require_staged_images(s3, OUTPUTS, TARGET, "stage")
    assert str(error.value) == f'Nothing is staged in s3://{BUCKET}. Run "make stage" first.'


def test_other_classes_than_those_of_the_settings_are_one_sentence(s3: Any) -> None:
    put_manifest(s3, ("bus", "train"))
    with pytest.raises(
        UserError,
        match=r'show bus, train, but .* bicycle, motorcycle\. Run "make stage" again',
    ):
        require_staged_images(s3, OUTPUTS, TARGET, "stage")
