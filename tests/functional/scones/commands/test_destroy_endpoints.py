"""Destroy, on a local AWS whose endpoints are each in another status."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from accounts import Account, localaws
from botocore.exceptions import ClientError
from eventually import eventually
from restarts import Restarted
from serving_endpoints import INFERENCE, Endpoints, archive

from scones.commands import destroy
from scones.settings import Target

TARGET = Target("local", "us-east-1")
ROLE = f"{TARGET.prefix}-serving"
PACE = "fast,endpoint_rollback=5,endpoint_deletion=2"
SETTINGS = 'environment = "local"\nregion = "us-east-1"\n'
STATUSES = ("InService", "Failed", "Creating", "Updating", "RollingBack", "Deleting")
LOAD = "return json.loads"


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account of its own, to which the verb's environment leads."""
    account = Restarted.start(tmp_path / "aws", LOCALAWS_PACE=PACE).account
    monkeypatch.setattr("scones.settings.ROOT", tmp_path)
    file = tmp_path / "terraform" / "targets" / "local.tfvars"
    file.parent.mkdir(parents=True)
    file.write_text(SETTINGS)
    environment = {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_ENDPOINT_URL": account.url,
        "AWS_SECRET_ACCESS_KEY": "local",
        "YES": "1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield account
    localaws("stop", "--state", str(tmp_path / "aws"), check=True)


def fill(account: Account, release: Path) -> dict[str, str]:
    """An endpoint of the target in every status, and their role; returns the names by status.

    What is Creating or Updating is so until the file `release` exists.
    """
    endpoints = Endpoints(account)
    pairs = [{"Key": key, "Value": value} for key, value in TARGET.tags.items()]
    account.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}", Tags=pairs)
    waiting = f"while not os.path.exists('{release}'): time.sleep(0.05)\n    {LOAD}"
    first = endpoints.config("first", archive("first"))
    slow = endpoints.config("slow", archive("slow", INFERENCE.replace(LOAD, waiting)))
    absent = endpoints.config("absent", b"no archive")
    names = {status: f"{TARGET.prefix}-{status.lower()}" for status in STATUSES}
    configs = dict.fromkeys(STATUSES, first) | {"Creating": slow, "Failed": absent}
    for status, name in names.items():
        endpoints.create(configs[status], name, **TARGET.tags)
    for status in ("Updating", "RollingBack", "Deleting"):
        endpoints.settled(names[status])
    update, delete = endpoints.sagemaker.update_endpoint, endpoints.sagemaker.delete_endpoint
    update(EndpointName=names["Updating"], EndpointConfigName=slow)
    update(EndpointName=names["RollingBack"], EndpointConfigName=absent)
    delete(EndpointName=names["Deleting"])
    return names


def statuses(account: Account) -> dict[str, str]:
    listed = account.client("sagemaker").list_endpoints(NameContains=TARGET.prefix)["Endpoints"]
    return {endpoint["EndpointName"]: endpoint["EndpointStatus"] for endpoint in listed}


def watch(account: Account, ended: threading.Event) -> list[str]:
    """Which endpoints were there while their role was not, until the verb has ended."""
    iam = account.client("iam")
    bereft: list[str] = []
    while not ended.wait(0.05):
        names = list(statuses(account))
        try:
            iam.get_role(RoleName=ROLE)
        except ClientError:
            bereft += set(names) & set(statuses(account))
    return bereft


def test_in_each_of_six_statuses_nothing_is_left_and_the_role_goes_last(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = tmp_path / "release"
    names = fill(account, release)
    eventually(lambda: statuses(account) == {name: status for status, name in names.items()})
    threading.Timer(1.0, release.touch).start()
    ended, bereft = threading.Event(), list[str]()
    watcher = threading.Thread(target=lambda: bereft.extend(watch(account, ended)))
    watcher.start()
    status = destroy.main(["--target", "local"])
    ended.set()
    watcher.join()
    printed = capsys.readouterr()
    assert (status, statuses(account), bereft) == (0, {}, [])
    assert printed.out.endswith("Nothing left.\n")
    with pytest.raises(ClientError, match="not found"):
        account.client("iam").get_role(RoleName=ROLE)
