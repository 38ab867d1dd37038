"""The end of the account: destroy leaves nothing."""

from __future__ import annotations

from typing import Any

from callers import run_as
from checkouts import Checkout


def test_destroy_leaves_nothing_also_after_it_was_killed(checkout: Checkout, main_job: str) -> None:
    checkout.interrupt("destroy", at=checkout.logged(r"Destroying\.\.\."))
    # With no more permissions than verify asks for.
    destroyed = run_as(checkout, "apply", "destroy")
    assert "nothing left" in destroyed.stdout.lower(), destroyed.stderr
    assert remains(checkout) == {}
    assert on_disk(checkout, b"data-capture/scones-local-classifier/") == []
    assert on_disk(checkout, b"\x89PNG") == []
    assert (checkout.folder / "build" / "local" / "training-report.html").exists()
    assert not checkout.is_handed_over()
    assert "nothing left" in checkout.make("destroy").stdout.lower()


def on_disk(checkout: Checkout, content: bytes) -> list[str]:
    """The files of the account that hold `content`."""
    files = (checkout.folder / "build" / "local" / "aws").glob("account.sqlite*")
    return [file.name for file in files if content in file.read_bytes()]


def remains(checkout: Checkout) -> dict[str, list[Any]]:
    """What an account lists, by kind; kinds without any are left out."""
    listings = {
        "s3": [("list_buckets", "Buckets")],
        "iam": [("list_roles", "Roles"), ("list_policies", "Policies")],
        "lambda": [("list_functions", "Functions")],
        "logs": [("describe_log_groups", "logGroups")],
        "stepfunctions": [("list_state_machines", "stateMachines")],
        "sqs": [("list_queues", "QueueUrls")],
        "cloudwatch": [
            ("describe_alarms", "MetricAlarms"),
            ("list_dashboards", "DashboardEntries"),
        ],
        "sns": [("list_topics", "Topics"), ("list_subscriptions", "Subscriptions")],
        "events": [("list_rules", "Rules")],
        "sagemaker": [
            ("list_model_package_groups", "ModelPackageGroupSummaryList"),
            ("list_models", "Models"),
            ("list_endpoint_configs", "EndpointConfigs"),
            ("list_endpoints", "Endpoints"),
        ],
    }
    found: dict[str, list[Any]] = {}
    for service, calls in listings.items():
        client = checkout.client(service)
        for call, kind in calls:
            scope = {"Scope": "Local"} if call == "list_policies" else {}
            found[kind] = getattr(client, call)(**scope).get(kind, [])
    buses = checkout.client("events").list_event_buses()["EventBuses"]
    found["EventBuses"] = [bus["Name"] for bus in buses if bus["Name"] != "default"]
    return {kind: items for kind, items in found.items() if items}


def test_verify_asks_an_empty_account_and_creates_nothing(
    checkout: Checkout, main_job: str
) -> None:
    checkout.make("destroy")
    lines = checkout.make("verify").stdout.splitlines()
    assert any(line.startswith("ok ") and "Terraform: terraform 1." in line for line in lines)
    assert any("the definition is accepted" in line for line in lines)
    assert any("not known here" in line and "container image" in line for line in lines)
    assert not any(line.startswith("problem") for line in lines)
    assert len(checkout.built("verify.json")["findings"]) == len(lines)
    assert remains(checkout) == {}
