"""The pinned image URIs, held against the table of SageMaker's own SDK."""

from __future__ import annotations

import re

import hcl2
import pytest
from paths import ROOT

TERRAFORM = ROOT / "terraform"
LOCALS = hcl2.loads((TERRAFORM / "container_images.tf").read_text())["locals"][0]
CONTAINERS_ACCOUNT = LOCALS["containers_account"].strip('"')
BUILTIN_REGISTRIES = {
    region: account.strip('"') for region, account in LOCALS["builtin_registries"].items()
}


def default(repository: str) -> str:
    """The repository:tag that variables.tf defaults to."""
    return re.search(rf'"({repository}:[^"]+)"', (TERRAFORM / "variables.tf").read_text())[1]


@pytest.mark.parametrize("region", BUILTIN_REGISTRIES)
def test_the_registries_of_each_region_are_those_that_the_sdk_knows(region: str) -> None:
    from sagemaker.core import image_uris  # takes seconds

    builtin = image_uris.retrieve("image-classification", region, version="1")
    training = image_uris.retrieve(
        "pytorch-amzn2023",
        region,
        version="2.13",
        instance_type="ml.g4dn.xlarge",
        image_scope="training",
    )
    monitor = image_uris.retrieve(
        "pytorch-amzn2023",
        region,
        version="2.13",
        instance_type="ml.m5.large",
        image_scope="training",
    )
    serving = image_uris.retrieve("ray-serve", region, version="1.4", instance_type="ml.m5.large")
    assert (
        builtin
        == f"{BUILTIN_REGISTRIES[region]}.dkr.ecr.{region}.amazonaws.com/image-classification:1"
    )
    assert training == f"{CONTAINERS_ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{default('pytorch')}"
    # terraform/container_images.tf derives it in the same way.
    assert monitor == re.sub("-cu[0-9]+-", "-cpu-", training)
    assert serving == f"{CONTAINERS_ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{default('ray')}"
