import functools
import json
from collections.abc import Iterator, Mapping

import accounts
import pytest
from filled_account import TAGS, Client, create_job_log_groups, fill

from scones.removal import leftovers, orphans
from scones.removal.leftovers import Inventory

# The rest is swept: it is never Terraform's alone.
SWEPT = {
    "log groups",
    "training log streams",
    "processing log streams",
    "training jobs",
    "processing jobs",
}
ANY_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with accounts.local(tmp_path_factory.mktemp("account")) as account:
        clients = functools.cache(account.client)
        create_job_log_groups(clients)
        yield clients


def kinds(found: Inventory) -> set[str]:
    return {kind for kind, names in found.resources.items() if names}


def delete_all(client: Client, prefix: str, tags: Mapping[str, str]) -> None:
    for orphan in orphans.find(client, leftovers.find(client, prefix, tags), tags):
        orphans.delete(client, orphan)


def put_to_use(client: Client, prefix: str) -> None:
    """Policies, targets and content: what must go before the resource itself."""
    iam = client("iam")
    iam.put_role_policy(
        RoleName=f"{prefix}-training", PolicyName="inline", PolicyDocument=ANY_POLICY
    )
    policy = iam.create_policy(PolicyName="attached", PolicyDocument=ANY_POLICY)
    iam.attach_role_policy(RoleName=f"{prefix}-training", PolicyArn=policy["Policy"]["Arn"])
    queue = f"arn:aws:sqs:us-east-1:123456789012:{prefix}-review"
    client("events").put_targets(
        Rule=f"{prefix}-scone",
        EventBusName=f"{prefix}-drivers",
        Targets=[{"Id": "queue", "Arn": queue}],
    )
    client("s3").put_object(Bucket=f"{prefix}-data-123456789012", Key="train/a.png", Body=b"pixels")


def test_resources_with_our_names_and_tags_are_deleted_in_a_working_order(client: Client) -> None:
    fill(client, "scones-used")
    put_to_use(client, "scones-used")
    delete_all(client, "scones-used", TAGS)
    left = kinds(leftovers.find(client, "scones-used", TAGS))
    assert left == SWEPT | {"dashboards", "schedules"}, (
        "these have no tags, so they may be another project's"
    )


def test_what_has_our_names_without_our_tags_stays(client: Client) -> None:
    fill(client, "scones-alike")
    before = leftovers.find(client, "scones-alike", TAGS)
    delete_all(client, "scones-alike", {"project": "scones", "environment": "another"})
    assert leftovers.find(client, "scones-alike", TAGS).resources == before.resources


def test_what_has_our_tags_without_our_names_stays(client: Client) -> None:
    url = client("sqs").create_queue(QueueName="another-projects", tags=TAGS)["QueueUrl"]
    delete_all(client, "scones-nothing", TAGS)
    assert url in client("sqs").list_queues()["QueueUrls"]
