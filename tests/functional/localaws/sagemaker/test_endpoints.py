"""Endpoints on the local AWS: they load the model archive, are updated, and roll back."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from accounts import Account, local
from botocore.exceptions import ClientError
from event_listener import Listener
from eventually import eventually
from metric_reading import Metrics
from model_servers import ray_files
from serving_endpoints import IMAGE, INFERENCE, RAY_IMAGE, Endpoints, archive, packed

from localaws.server import processes

# As on AWS; the cause is in the log group of the endpoint.
NOT_HEALTHY = (
    "The primary container for production variant AllTraffic did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint."
)


@pytest.fixture
def endpoints(account: Account) -> Iterator[Endpoints]:
    made = Endpoints(account)
    yield made
    made.delete_all()


def test_an_endpoint_loads_its_model_and_answers(endpoints: Endpoints) -> None:
    name = endpoints.serving()
    answer = endpoints.runtime.invoke_endpoint(
        EndpointName=name, Body=b"hello", ContentType="text/plain"
    )
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == (
        "application/json",
        "AllTraffic",
    )
    answered = json.load(answer["Body"])
    assert (answered["model"], answered["text"], answered["threads"]) == ("first", "hello", "1")
    [variant] = endpoints.describe(name)["ProductionVariants"]
    assert (variant["VariantName"], variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (
        "AllTraffic",
        1,
        1.0,
    )
    assert variant["DeployedImages"][0]["SpecifiedImage"] == IMAGE


def test_an_endpoint_in_service_reports_the_load_of_its_instances(
    account: Account, endpoints: Endpoints
) -> None:
    dimensions = {"EndpointName": endpoints.serving(), "VariantName": "AllTraffic"}
    metrics = Metrics(account)
    namespace, name = "/aws/sagemaker/Endpoints", "CPUUtilization"
    eventually(lambda: (metrics.value(namespace, name, "Maximum", **dimensions) or -1) >= 0)


def test_stock_moto_serves_nothing_and_lacks_update_endpoint(stock_account: Account) -> None:
    endpoints = Endpoints(stock_account)
    config = endpoints.config("absent", None)
    endpoint = endpoints.create(config)
    assert (
        endpoints.describe(endpoint)["EndpointStatus"] == "InService"
    )  # with no model data at all
    answer = endpoints.runtime.invoke_endpoint(EndpointName="not-there", Body=b"hello")
    assert answer["Body"].read() == b"body"
    for lacking in (
        lambda: endpoints.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"\x89PNG\xff"),
        lambda: endpoints.sagemaker.update_endpoint(
            EndpointName=endpoint, EndpointConfigName=config
        ),
    ):
        with pytest.raises(ClientError) as error:
            lacking()
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] >= 500


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "Failed to download model data for container"),
        (b"this is no archive", "Failed to extract model data archive for container"),
    ],
)
def test_an_endpoint_without_model_data_fails_with_the_reason(
    endpoints: Endpoints, content: bytes | None, reason: str
) -> None:
    name = endpoints.create(endpoints.config("bad", content))
    failed = endpoints.settled(name)
    assert failed["EndpointStatus"] == "Failed"
    assert reason in failed["FailureReason"]
    with pytest.raises(ClientError, match="not found"):
        endpoints.ask(name)
    with pytest.raises(ClientError, match="Failed"):
        endpoints.sagemaker.update_endpoint(
            EndpointName=name, EndpointConfigName=endpoints.config("x", archive("x"))
        )


@pytest.mark.parametrize(
    ("inference", "line"),
    [
        (None, "This model archive has neither a config.yaml"),
        (INFERENCE.replace("model.json", "weights.pt"), "FileNotFoundError: [Errno 2]"),
        ("import os; print('out of memory', flush=True); os._exit(137)", "out of memory"),
    ],
    ids=["no code", "an exception", "the process ends"],
)
def test_a_model_that_does_not_load_fails_with_awss_own_words_and_the_cause_in_the_log(
    endpoints: Endpoints, inference: str | None, line: str
) -> None:
    name = endpoints.create(endpoints.config("bad", archive("bad", inference)))
    failed = endpoints.settled(name)
    assert (failed["EndpointStatus"], failed["FailureReason"]) == ("Failed", NOT_HEALTHY)
    eventually(lambda: endpoints.last_line(name).startswith(line))


def test_the_ray_image_serves_the_application_of_config_yaml(endpoints: Endpoints) -> None:
    name = endpoints.create(endpoints.config("ray", packed(ray_files()), image=RAY_IMAGE))
    assert endpoints.settled(name)["EndpointStatus"] == "InService"
    answer = endpoints.runtime.invoke_endpoint(
        EndpointName=name, Body=b"hello", ContentType="text/plain", CustomAttributes="asked"
    )
    answered = json.load(answer["Body"])
    assert (answered["model"], answered["attributes"]) == ("first", "asked")
    assert answer["CustomAttributes"] == "answered"


def test_the_ray_image_serves_the_functions_of_inference_py_without_config_yaml(
    endpoints: Endpoints,
) -> None:
    """On AWS it would not start; the log says so."""
    name = endpoints.create(endpoints.config("plain", archive("plain"), image=RAY_IMAGE))
    assert endpoints.settled(name)["EndpointStatus"] == "InService"
    assert endpoints.ask(name)["model"] == "plain"
    eventually(lambda: endpoints.last_line(name).startswith("On AWS, the Ray image does not"))


def test_a_container_that_is_not_healthy_in_time_fails(endpoints: Endpoints) -> None:
    slow = INFERENCE.replace("return json.loads", "time.sleep(120); return json.loads")
    config = endpoints.config(
        "slow", archive("slow", slow), ContainerStartupHealthCheckTimeoutInSeconds=1
    )
    assert endpoints.settled(endpoints.create(config))["FailureReason"] == NOT_HEALTHY


def test_the_old_fleet_serves_until_the_new_one_is_healthy(endpoints: Endpoints) -> None:
    name = endpoints.serving("first")
    slow = INFERENCE.replace("return json.loads", "time.sleep(3); return json.loads")
    second = endpoints.config("second", archive("second", slow))
    endpoints.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=second)
    assert endpoints.describe(name)["EndpointStatus"] == "Updating"
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        endpoints.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=second)
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        endpoints.sagemaker.delete_endpoint(EndpointName=name)
    answered = []
    while endpoints.describe(name)["EndpointStatus"] == "Updating":
        answered.append(endpoints.ask(name)["model"])
    assert "first" in answered
    assert endpoints.ask(name)["model"] == "second"
    after = endpoints.describe(name)
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", second)


def test_an_invocation_under_way_survives_an_update(endpoints: Endpoints, tmp_path: Path) -> None:
    name = endpoints.serving("first")
    second = endpoints.config("second", archive("second"))
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(endpoints.ask, name, f"wait {tmp_path}")
        eventually((tmp_path / "started").exists)
        endpoints.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=second)
        eventually(lambda: endpoints.ask(name)["model"] == "second")
        assert not under_way.done()
        (tmp_path / "released").touch()
        old = under_way.result()
    assert old["model"] == "first"
    assert processes.wait_for_end([old["pid"]], seconds=60) == set()


def test_an_update_that_cannot_start_rolls_back_with_the_reason(endpoints: Endpoints) -> None:
    name = endpoints.serving("first")
    before = endpoints.describe(name)
    broken = INFERENCE.replace(
        "return json.loads", "raise RuntimeError('size mismatch for head.weight'); json.loads"
    )
    endpoints.sagemaker.update_endpoint(
        EndpointName=name, EndpointConfigName=endpoints.config("broken", archive("broken", broken))
    )
    after = endpoints.settled(name)
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == (
        "InService",
        before["EndpointConfigName"],
    )
    assert after["FailureReason"] == NOT_HEALTHY
    broken_line = "RuntimeError: size mismatch for head.weight"
    eventually(lambda: endpoints.last_line(name) == broken_line)
    assert endpoints.ask(name)["model"] == "first"
    second = endpoints.config("second", archive("second"))
    endpoints.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=second)
    assert "FailureReason" not in endpoints.settled(name)


def test_an_endpoint_keeps_its_deployment_configuration(endpoints: Endpoints) -> None:
    policy = {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}
    name = endpoints.serving()
    endpoints.sagemaker.update_endpoint(
        EndpointName=name,
        EndpointConfigName=endpoints.config("second", archive("second")),
        DeploymentConfig={"BlueGreenUpdatePolicy": policy},
    )
    assert endpoints.settled(name)["LastDeploymentConfig"] == {"BlueGreenUpdatePolicy": policy}


def test_a_name_is_used_once_and_is_free_after_deletion(endpoints: Endpoints) -> None:
    name = endpoints.serving()
    pid = endpoints.ask(name)["pid"]
    config = endpoints.describe(name)["EndpointConfigName"]
    with pytest.raises(ClientError, match="Cannot create already existing endpoint"):
        endpoints.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    endpoints.delete(name)
    assert processes.wait_for_end([pid], seconds=60) == set()
    endpoints.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    endpoints.settled(name)
    assert endpoints.ask(name)["model"] == "first"


def test_every_change_of_the_status_sends_an_event(account: Account, endpoints: Endpoints) -> None:
    config = endpoints.config("first", archive("first"))
    listener = Listener(account, "aws.sagemaker", EndpointConfigName=[config])
    listener.to_queue()
    name = endpoints.create(config)
    endpoints.settled(name)
    unloadable = INFERENCE.replace(
        "return json.loads", "raise RuntimeError('no weights'); json.loads"
    )
    broken = endpoints.config("broken", archive("broken", unloadable))
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
    assert "did not pass the ping health check" in events[3]["detail"]["FailureReason"]


def test_model_servers_end_when_the_account_is_killed(tmp_path: Path) -> None:
    with local(tmp_path / "state") as account:
        endpoints = Endpoints(account)
        name = endpoints.serving()
        pid = endpoints.ask(name)["pid"]
        assert processes.wait_for_end([pid], seconds=0) == {pid}
        os.kill(json.loads((tmp_path / "state" / "server.json").read_text())["pid"], signal.SIGKILL)
        assert processes.wait_for_end([pid], seconds=60) == set()
