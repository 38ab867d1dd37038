"""What an apply would create, from a plan that needs no state and creates nothing.

`make plan` creates the bucket of Terraform's state. This plan is made in a copy of the module whose
backend is a local file, as if nothing were provisioned.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scones import handover
from scones.errors import UserError
from scones.handover import Data, Metrics, Model
from scones.json_object import JsonObject
from scones.provisioning import packaging, terraform_config
from scones.provisioning.terraform import MINIMUM_VERSION, Terraform
from scones.settings import Target
from scones.verification.finding import Finding, ok, problem

COPY = "verify"
BACKEND = 'terraform {\n  backend "local" {}\n}\n'
# What the module reads beside its own folder.
BESIDE = ("build", "states")
LEFT_OUT = shutil.ignore_patterns(".terraform", "adopted.tf", "errored.tfstate", "tests")

# Plans the endpoint and the drift monitor before there is a model.
PLACEHOLDER = Model(
    name="not-trained-yet",
    data_url="s3://not-trained-yet/model.tar.gz",
    image_uri="not-trained-yet",
    algorithm="scones",
    training_job="not-trained-yet",
    artifact_sha256="0" * 64,
    classes=("bicycle", "motorcycle"),
    threshold=1.0,
    drawn=True,
    data=Data("", "", ""),
    code_version="",
    fingerprint="",
    metrics=Metrics(validation_accuracy=None),
    probes={},
)

# Attributes that hold a policy, by type of resource.
POLICIES = {
    "aws_iam_role": "assume_role_policy",
    "aws_iam_role_policy": "policy",
    "aws_s3_bucket_policy": "policy",
    "aws_sns_topic_policy": "policy",
    "aws_sqs_queue": "policy",
    "aws_sqs_queue_policy": "policy",
}


@dataclass(frozen=True)
class Policy:
    """A policy as it would be created; `address` is Terraform's name of its resource."""

    address: str
    resource_type: str
    document: str


@dataclass(frozen=True)
class DesiredState:
    """What is planned, and with which versions of terraform and its providers.

    An output is None if it is known after the apply only.
    """

    resources: tuple[JsonObject, ...]
    outputs: JsonObject
    versions: dict[str, str]

    @property
    def policies(self) -> list[Policy]:
        """The policies whose text is known before the apply."""
        found = []
        for resource in self.resources:
            document = resource["values"].get(POLICIES.get(resource["type"], ""))
            if document:
                found.append(Policy(resource["address"], resource["type"], document))
        return found

    @property
    def container_images(self) -> list[str]:
        return list(self.outputs["requirements"]["container_images"])

    @property
    def quotas(self) -> dict[str, int]:
        """The instances that the settings need, by the name of SageMaker's quota."""
        return dict(self.outputs["requirements"]["quotas"])

    @property
    def buckets(self) -> list[str]:
        return [
            str(resource["values"]["bucket"])
            for resource in self.resources
            if resource["type"] == "aws_s3_bucket"
        ]


def check(target: Target) -> tuple[list[Finding], DesiredState | None]:
    """Whether Terraform can plan the target's settings here, and what it plans."""
    try:
        desired = plan_from_nothing(target)
    except UserError as error:
        remedy = (
            f"Install Terraform {MINIMUM_VERSION} or newer and the provider of "
            "terraform/.terraform.lock.hcl, or correct the settings."
        )
        return [problem("Terraform", str(error), remedy)], None
    versions = ", ".join(
        f"{name.rpartition('/')[2]} {version}" for name, version in desired.versions.items()
    )
    return [ok("Terraform", f"{versions}: plans {len(desired.resources)} resources")], desired


def plan_from_nothing(target: Target) -> DesiredState:
    """Plan the target's settings as if nothing were provisioned.

    Raises:
        UserError: terraform, its provider or the lock file are missing or do not fit, or the
            settings are refused.
    """
    folder = target.build / COPY
    module = _copy(target, folder)
    data = terraform_config.environment(folder / "data", module / ".terraform.lock.hcl", os.environ)
    terraform = Terraform(module, data, target.build / "terraform.log")
    terraform.init({})
    model_file = folder / "model.tfvars.json"
    handover.write(model_file, handover.read(target.handover) or PLACEHOLDER)
    plan_file = folder / "verify.tfplan"
    terraform.plan(plan_file, [target.settings_file, model_file])
    shown = terraform.show_json(plan_file)
    versions = terraform.versions()
    shutil.rmtree(folder)
    values = shown["planned_values"]
    return DesiredState(
        tuple(_resources(values["root_module"])),
        {name: output.get("value") for name, output in values.get("outputs", {}).items()},
        versions,
    )


def _copy(target: Target, folder: Path) -> Path:
    packaging.package_all()
    shutil.rmtree(folder, ignore_errors=True)
    module = folder / "terraform"
    shutil.copytree(target.root / "terraform", module, ignore=LEFT_OUT)
    (module / "backend_override.tf").write_text(BACKEND)
    for name in BESIDE:
        (folder / name).symlink_to(target.root / name)
    return module


def _resources(module: JsonObject) -> Iterator[JsonObject]:
    for resource in module.get("resources", ()):
        if resource["mode"] == "managed":
            yield resource
    for child in module.get("child_modules", ()):
        yield from _resources(child)
