"""The registry of models: registered once, listed, promoted again, against moto in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from example_model import MODEL
from paths import EXAMPLE_OUTPUTS

from scones.aws import split_s3_url
from scones.commands import models, promote
from scones.errors import UserError
from scones.handover import Data, Gate, Metrics, Model
from scones.outputs import Outputs
from scones.settings import Target
from scones.training import registry

OUTPUTS = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
BUCKET, GROUP = OUTPUTS.data_bucket, OUTPUTS.model_package_group
TARGET = Target("local", "us-east-1")
MISSED = ("test accuracy 0.87 is below minimum_accuracy 0.9",)


def trained(name: str, gate: Gate | None) -> Model:
    return replace(
        MODEL,
        name=name,
        data_url=f"s3://{BUCKET}/models/{name}-job/output/model.tar.gz",
        image_uri="an-older-image",
        training_job=f"{name}-job",
        data=Data("sample", "aa", "bb"),
        metrics=Metrics(
            0.92,
            0.954,
            test_accuracy_low=0.89,
            test_accuracy_high=0.981,
            test_accepted=0.8,
        ),
        gate=gate,
        comparison=None,
    )


@dataclass(frozen=True)
class Registry:
    sagemaker: Any
    s3: Any

    def register(self, model: Model) -> None:
        bucket, key = split_s3_url(model.data_url)
        self.s3.put_object(Bucket=bucket, Key=key, Body=b"tarball")
        registry.register(model, GROUP, self.sagemaker, self.s3)

    def add_missing(self, model: Model) -> None:
        registry.add_missing(model, GROUP, "make apply", self.sagemaker, self.s3)

    def packages(self) -> list[registry.Package]:
        return registry.list_packages(GROUP, self.sagemaker)

    def promote(self, name: str, force: bool = False) -> Model:
        return promote.choose_model(name, force, TARGET, OUTPUTS, self.sagemaker, self.s3)


@pytest.fixture
def registered(aws: boto3.session.Session, s3: Any) -> Registry:
    """A registry without a model yet."""
    sagemaker = aws.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
    return Registry(sagemaker, s3)


def test_a_model_is_registered_once_with_its_figures_and_its_verdict(registered: Registry) -> None:
    for _ in range(2):
        registered.register(trained("first", Gate(passed=True)))
    (package,) = registered.packages()
    assert (package.model, package.version, package.status) == ("first", 1, "Approved")
    assert package.facts["test_accuracy"] == "0.954"
    assert package.facts["data_fingerprint"] == "bb"
    described = registered.sagemaker.describe_model_package(ModelPackageName=package.arn)
    statistics = described["ModelMetrics"]["ModelQuality"]["Statistics"]
    assert statistics["S3Uri"] == f"s3://{BUCKET}/models/first-job/output/metrics.json"
    assert described["InferenceSpecification"]["SupportedContentTypes"][0] == "image/png"


def test_a_model_that_missed_its_gate_is_registered_as_rejected_and_says_why(
    registered: Registry,
) -> None:
    registered.register(trained("bad", Gate(passed=False, missed=MISSED)))
    (package,) = registered.packages()
    assert (package.status, package.reason) == (
        "Rejected",
        f"Missed the quality gate: {MISSED[0]}.",
    )


def test_a_changed_verdict_changes_the_status_and_keeps_the_figures(registered: Registry) -> None:
    registered.register(trained("bad", Gate(passed=False, missed=MISSED)))
    registered.register(trained("bad", Gate(passed=False, forced=True, missed=MISSED)))
    (package,) = registered.packages()
    assert package.status == "Approved"
    assert "by force" in package.reason
    assert package.facts["training_job"] == "bad-job"


def test_a_missing_model_is_added_and_a_manual_verdict_is_kept(registered: Registry) -> None:
    model = trained("first", Gate(passed=True))
    registered.add_missing(model)
    (package,) = registered.packages()
    assert package.status == "Approved"
    registered.sagemaker.update_model_package(
        ModelPackageArn=package.arn, ModelApprovalStatus="Rejected"
    )
    registered.add_missing(model)
    (package,) = registered.packages()
    assert package.status == "Rejected"


def test_reasons_and_values_are_cut_to_what_sagemaker_stores(registered: Registry) -> None:
    registered.register(
        replace(trained("long", Gate(False, missed=("x" * 2000,))), code_version="v" * 300)
    )
    (package,) = registered.packages()
    assert len(package.reason) == 1024
    assert len(package.facts["code_version"]) == 256


def test_the_built_in_algorithms_model_has_no_metrics_file(registered: Registry) -> None:
    registered.register(
        replace(trained("builtin", None), algorithm="image-classification", metrics=Metrics(0.9))
    )
    (package,) = registered.packages()
    assert "ModelMetrics" not in registered.sagemaker.describe_model_package(
        ModelPackageName=package.arn
    )
    assert " 0.9 " in models.table([package], live=None, handed_over=None)


def test_an_unknown_group_is_one_sentence(registered: Registry) -> None:
    with pytest.raises(
        UserError, match=r'There is no model package group elsewhere\. Run "make apply"'
    ):
        registry.register(trained("first", None), "elsewhere", registered.sagemaker, registered.s3)


def test_the_table_marks_the_live_and_the_handed_over_model(registered: Registry) -> None:
    registered.register(trained("first", Gate(passed=True)))
    registered.register(trained("second", Gate(passed=False, missed=MISSED)))
    header, *lines = models.table(
        registered.packages(), live="first", handed_over="second"
    ).splitlines()
    assert header.split() == [
        "#",
        "model",
        "created",
        "status",
        "accuracy",
        "accepted",
        "data",
        "code",
    ]
    cells = {line.split()[1]: line for line in lines}
    assert "0.954 (0.89 to 0.98)" in cells["first"]
    assert cells["first"].endswith("live")
    assert "Rejected" in cells["second"]
    assert cells["second"].endswith("handed over")


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_narrow_table_still_names_the_live_model_to_paste(
    registered: Registry, width: int
) -> None:
    name = "scones-local-0a1b2c3d-20261121-101500-1234"
    registered.register(trained(name, Gate(passed=True)))
    lines = models.table(registered.packages(), name, None, width).splitlines()
    assert max(map(len, lines)) <= width
    assert name in lines[1].split()
    assert lines[1].endswith("live")


@pytest.mark.parametrize("name", ["first", "1"])
def test_an_earlier_model_is_handed_over_again_by_name_or_number(
    registered: Registry, name: str
) -> None:
    registered.register(trained("first", Gate(passed=True)))
    registered.register(trained("second", Gate(passed=True)))
    model = registered.promote(name)
    assert model == replace(
        trained("first", Gate(passed=True)), image_uri=OUTPUTS.serving.image_uri
    )


def test_a_rejected_model_is_promoted_by_force_only(registered: Registry) -> None:
    registered.register(trained("bad", Gate(passed=False, missed=MISSED)))
    with pytest.raises(
        UserError, match=r'bad is rejected\. Missed .* "make promote MODEL=bad FORCE=1"'
    ):
        registered.promote("bad")
    assert registered.promote("bad", force=True).gate == Gate(
        passed=False, forced=True, missed=MISSED
    )


def test_an_unknown_model_is_one_sentence(registered: Registry) -> None:
    with pytest.raises(UserError, match='There is no model third; "make models" lists'):
        registered.promote("third")


def test_a_model_whose_artifact_is_gone_is_one_sentence(registered: Registry) -> None:
    registered.register(trained("first", Gate(passed=True)))
    registered.s3.delete_object(Bucket=BUCKET, Key="models/first-job/output/model.tar.gz")
    with pytest.raises(UserError, match=r"The artifact of first, s3://.* is gone"):
        registered.promote("first")


def test_a_model_whose_hand_over_is_gone_says_how_to_write_it_again(registered: Registry) -> None:
    registered.register(trained("first", Gate(passed=True)))
    registered.s3.delete_object(Bucket=BUCKET, Key="models/first-job/output/model.tfvars.json")
    with pytest.raises(UserError, match='Run "make train JOB=first-job"'):
        registered.promote("first")
