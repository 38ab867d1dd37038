"""The statuses of an endpoint: each is seen, refuses what AWS refuses, and outlasts a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from accounts import Account, localaws
from botocore.exceptions import ClientError
from event_listener import Listener
from eventually import eventually
from restarts import Restarted
from serving_endpoints import INFERENCE, Endpoints, archive

# What ends by time alone lasts as long as the tests; the rest waits for a file.
HELD = "fast,endpoint_rollback=600,endpoint_deletion=600"
BROKEN = INFERENCE.replace("return json.loads", "raise RuntimeError('no weights'); json.loads")
EXPECTED = {
    "creating": "Creating",
    "deleting": "Deleting",
    "failed": "Failed",
    "rolling": "RollingBack",
    "updating": "Updating",
}


@dataclass
class Held:
    """An endpoint in each status that ends by itself, by what it is doing."""

    server: Restarted
    names: dict[str, str]
    release: Path

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(self.server.account)

    def statuses(self) -> dict[str, str]:
        listed = self.server.account.client("sagemaker").list_endpoints(MaxResults=100)
        by_name = {entry["EndpointName"]: entry["EndpointStatus"] for entry in listed["Endpoints"]}
        return {doing: by_name.get(name, "gone") for doing, name in self.names.items()}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    folder = tmp_path_factory.mktemp("held")
    server = Restarted.start(folder / "aws", LOCALAWS_PACE=HELD)
    endpoints = Endpoints(server.account)
    waiting = INFERENCE.replace(
        "return json.loads",
        f"while not os.path.exists('{folder}/release'): time.sleep(0.05)\n    return json.loads",
    )
    names = {doing: endpoints.serving("first") for doing in ("deleting", "rolling", "updating")}
    names["creating"] = endpoints.create(endpoints.config("slow", archive("slow", waiting)))
    names["failed"] = endpoints.create(endpoints.config("absent", b"no archive"))
    for doing, name, inference in (
        ("updating", "second", waiting),
        ("rolling", "broken", BROKEN),
    ):
        config = endpoints.config(name, archive(name, inference))
        endpoints.sagemaker.update_endpoint(EndpointName=names[doing], EndpointConfigName=config)
    endpoints.sagemaker.delete_endpoint(EndpointName=names["deleting"])
    held = Held(server, names, folder / "release")
    eventually(lambda: held.statuses() == EXPECTED)
    yield held
    localaws("stop", "--state", str(folder / "aws"), check=True)


def refusal(request: Any, **parameters: str) -> str:
    with pytest.raises(ClientError) as refused:
        request(**parameters)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    return str(refused.value.response["Error"]["Message"])


@pytest.mark.parametrize("doing", EXPECTED)
def test_every_status_is_described(held: Held, doing: str) -> None:
    assert held.endpoints.describe(held.names[doing])["EndpointStatus"] == EXPECTED[doing]


@pytest.mark.parametrize("doing", EXPECTED)
def test_a_name_is_taken_in_every_status(held: Held, doing: str) -> None:
    config = held.endpoints.describe(held.names[doing])["EndpointConfigName"]
    message = refusal(
        held.endpoints.sagemaker.create_endpoint,
        EndpointName=held.names[doing],
        EndpointConfigName=config,
    )
    assert message.startswith("Cannot create already existing endpoint")


@pytest.mark.parametrize("doing", [doing for doing in EXPECTED if doing != "failed"])
def test_an_endpoint_in_progress_is_neither_updated_nor_deleted(held: Held, doing: str) -> None:
    name = held.names[doing]
    sagemaker = held.endpoints.sagemaker
    config = held.endpoints.describe(name)["EndpointConfigName"]
    messages = {
        refusal(sagemaker.delete_endpoint, EndpointName=name),
        refusal(sagemaker.update_endpoint, EndpointName=name, EndpointConfigName=config),
    }
    arn = f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{name}"
    assert messages == {f'Cannot update in-progress endpoint "{arn}".'}


@pytest.mark.parametrize("doing", ["rolling", "updating"])
def test_the_former_fleet_serves_during_an_update_and_its_rollback(held: Held, doing: str) -> None:
    assert held.endpoints.ask(held.names[doing])["model"] == "first"


@pytest.mark.parametrize("doing", ["creating", "deleting", "failed"])
def test_nothing_serves_in_the_other_statuses(held: Held, doing: str) -> None:
    with pytest.raises(ClientError, match="not found"):
        held.endpoints.ask(held.names[doing])


def test_a_deployment_under_way_names_its_configuration(held: Held) -> None:
    creating = held.endpoints.describe(held.names["creating"])
    updating = held.endpoints.describe(held.names["updating"])
    pending = updating["PendingDeploymentSummary"]["EndpointConfigName"]
    assert pending.startswith("second-")
    assert updating["EndpointConfigName"].startswith("first-")
    assert (
        creating["PendingDeploymentSummary"]["EndpointConfigName"] == creating["EndpointConfigName"]
    )
    for doing in ("rolling", "deleting", "failed"):
        assert "PendingDeploymentSummary" not in held.endpoints.describe(held.names[doing])


def test_a_restart_goes_on_with_what_was_under_way(held: Held) -> None:
    held.server.kill()
    held.server = Restarted.start(held.server.state, LOCALAWS_PACE=HELD)
    rolled_back = {**EXPECTED, "rolling": "InService"}
    eventually(lambda: held.statuses() == rolled_back)
    assert held.endpoints.ask(held.names["updating"])["model"] == "first"
    assert "no weights" in held.endpoints.describe(held.names["rolling"])["FailureReason"]

    localaws("stop", "--state", str(held.server.state), check=True)
    held.release.touch()
    held.server = Restarted.start(held.server.state)
    settled = {**rolled_back, "creating": "InService", "deleting": "gone", "updating": "InService"}
    eventually(lambda: held.statuses() == settled)
    models = {
        doing: held.endpoints.ask(held.names[doing])["model"]
        for doing in ("creating", "rolling", "updating")
    }
    assert models == {"creating": "slow", "rolling": "first", "updating": "second"}


def test_every_change_of_the_status_sends_an_event(account: Account) -> None:
    endpoints = Endpoints(account)
    config = endpoints.config("first", archive("first"))
    listener = Listener(account, "aws.sagemaker", EndpointConfigName=[config])
    listener.to_queue()
    name = endpoints.create(config)
    endpoints.settled(name)
    broken = endpoints.config("broken", archive("broken", BROKEN))
    endpoints.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=broken)
    endpoints.settled(name)
    endpoints.delete(name)
    events = [eventually(listener.receive) for _ in range(6)]
    assert [event["detail"]["EndpointStatus"] for event in events] == [
        "CREATING",
        "IN_SERVICE",
        "UPDATING",
        "ROLLING_BACK",
        "IN_SERVICE",
        "DELETING",
    ]
    assert {event["detail-type"] for event in events} == {"SageMaker Endpoint State Change"}
    assert events[0]["detail"]["EndpointName"] == name
    assert "no weights" in events[3]["detail"]["FailureReason"]
