"""Endpoints on the way from one status to the next: wait until they have settled, or are gone.

While an endpoint changes, SageMaker refuses to update or delete it. Terraform's provider does not
wait for that, and mistakes two statuses for an end: a Deleting endpoint counts as gone, so that its
name is still in use when it is created again, and RollingBack as an error
(hashicorp/terraform-provider-aws, issue 40080 and pull request 49020).
"""

from __future__ import annotations

from collections.abc import Iterator

from scones import waits
from scones.aws import call_or_none, call_with_retries
from scones.clients import SageMakerClient
from scones.errors import UserError
from scones.json_object import JsonObject
from scones.progress import Step
from scones.settings import Target
from scones.training.live_model import UNKNOWN
from scones.waits import Wait

DELETING = "Deleting"
CHANGING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", DELETING})
# It can only be deleted.
FAILED = "Failed"
# The endpoint in Terraform's configuration.
ADDRESS = "module.endpoint[0].aws_sagemaker_endpoint.this"


def wait_for_all(target: Target, sagemaker: SageMakerClient) -> list[JsonObject]:
    """Wait until none of the target's endpoints changes; return the descriptions of those left.

    Raises:
        UserError: it takes too long.
    """
    endpoints = (wait(name, sagemaker) for name in _find_names(target, sagemaker))
    return [endpoint for endpoint in endpoints if endpoint]


def wait(
    name: str, sagemaker: SageMakerClient, patience: Wait = waits.ENDPOINT_SETTLES
) -> JsonObject | None:
    """Wait until the endpoint does not change; return its description, None if there is none.

    Raises:
        UserError: it takes too long.
    """
    endpoint = describe(name, sagemaker)
    if not _is_changing(endpoint):
        return endpoint
    with Step(_title(endpoint)) as step:
        for _ in patience.looks():
            endpoint = describe(name, sagemaker)
            if not _is_changing(endpoint):
                return endpoint
            step.title = _title(endpoint)
    raise UserError(
        f"The endpoint {name} is still {_status(endpoint)} after {patience}, and SageMaker changes "
        "nothing meanwhile. Run the same command again later."
    )


def addresses_to_replace(target: Target, sagemaker: SageMakerClient) -> list[str]:
    """Return the address of the endpoint if it has failed, and can therefore only be replaced."""
    has_failed = any(
        endpoint["EndpointStatus"] == FAILED for endpoint in wait_for_all(target, sagemaker)
    )
    return [ADDRESS] if has_failed else []


def delete_failed(target: Target, sagemaker: SageMakerClient) -> None:
    """Delete the target's failed endpoints, and wait until their names are free.

    Terraform does so itself, but creates an endpoint of the same name without waiting.
    """
    for endpoint in wait_for_all(target, sagemaker):
        if endpoint["EndpointStatus"] == FAILED:
            _delete(endpoint["EndpointName"], sagemaker)


def delete_all(target: Target, sagemaker: SageMakerClient) -> None:
    """Delete the target's endpoints, and wait until they are gone.

    Until then SageMaker needs the role of their models, so Terraform may delete that only later
    (API reference, DeleteEndpoint).

    Raises:
        UserError: it takes too long.
    """
    for endpoint in wait_for_all(target, sagemaker):
        _delete(endpoint["EndpointName"], sagemaker)


def describe(name: str, sagemaker: SageMakerClient) -> JsonObject | None:
    """Return the endpoint's description; None if there is none."""
    return call_or_none(
        lambda: call_with_retries(lambda: sagemaker.describe_endpoint(EndpointName=name)),
        UNKNOWN,
    )


def _delete(name: str, sagemaker: SageMakerClient, patience: Wait = waits.ENDPOINT_IS_GONE) -> None:
    call_with_retries(lambda: sagemaker.delete_endpoint(EndpointName=name))
    with Step(f"Deleting the endpoint {name}"):
        for _ in patience.looks():
            if describe(name, sagemaker) is None:
                return
    raise UserError(
        f"The endpoint {name} is not deleted after {patience}, and needs its role until it is. "
        "Run the same command again later."
    )


def _find_names(target: Target, sagemaker: SageMakerClient) -> Iterator[str]:
    """Yield the names of the endpoints that begin with the target's prefix and carry its tags."""
    prefix = f"{target.prefix}-"
    pages = sagemaker.get_paginator("list_endpoints").paginate(NameContains=prefix)
    for page in pages:
        for endpoint in page["Endpoints"]:
            name = endpoint["EndpointName"]
            if name.startswith(prefix) and _is_ours(endpoint, target, sagemaker):
                yield name


def _is_ours(endpoint: JsonObject, target: Target, sagemaker: SageMakerClient) -> bool:
    if endpoint["EndpointStatus"] == DELETING:
        return True  # its tags may be gone, and all that is done with it is to wait
    arn = endpoint["EndpointArn"]
    answer = call_or_none(lambda: sagemaker.list_tags(ResourceArn=arn), UNKNOWN)
    pairs = answer["Tags"] if answer else []
    return target.tags.items() <= {pair["Key"]: pair["Value"] for pair in pairs}.items()


def _is_changing(endpoint: JsonObject | None) -> bool:
    return _status(endpoint) in CHANGING


def _status(endpoint: JsonObject | None) -> str:
    return str(endpoint["EndpointStatus"]) if endpoint else "gone"


def _title(endpoint: JsonObject | None) -> str:
    return f"Waiting while the endpoint is {_status(endpoint)}"
