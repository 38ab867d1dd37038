"""What SageMaker still lists although it is being deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from botocore.exceptions import ClientError

from scones.clients import SageMakerClient
from scones.removal.leftovers import Inventory

DELETING = "Deleting"
STATUSES: Mapping[str, Callable[[SageMakerClient, str], str]] = {
    "endpoints": lambda sagemaker, name: sagemaker.describe_endpoint(EndpointName=name)[
        "EndpointStatus"
    ],
    "model package groups": lambda sagemaker, name: sagemaker.describe_model_package_group(
        ModelPackageGroupName=name
    )["ModelPackageGroupStatus"],
    "training jobs": lambda sagemaker, name: sagemaker.describe_training_job(TrainingJobName=name)[
        "TrainingJobStatus"
    ],
}


def find_deleting(sagemaker: SageMakerClient, inventory: Inventory) -> Inventory:
    """Return what of the inventory is being deleted."""
    resources = {}
    for kind, read_status in STATUSES.items():
        names = inventory.of(kind)
        resources[kind] = frozenset(
            name for name in names if _is_deleting(read_status, sagemaker, name)
        )
    return Inventory(resources)


def _is_deleting(
    read_status: Callable[[SageMakerClient, str], str], sagemaker: SageMakerClient, name: str
) -> bool:
    try:
        return read_status(sagemaker, name) == DELETING
    except ClientError:
        return True  # gone by now: the next look does not find it
