"""A job's processes: their hosts, their shares of a batch, and a process that is alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from container import launch
from container.distributed import ALONE, World, digest
from container.errors import TrainingError
from container.job import Hosts, Job

HOSTS = Hosts(["algo-1", "algo-2"], "algo-2", "eth0")


def resources(base: Path, content: dict[str, object]) -> None:
    config = base / "input" / "config"
    config.mkdir(parents=True)
    (config / "resourceconfig.json").write_text(json.dumps(content))


def test_torchrun_gets_all_hosts_and_the_rank_of_this_one() -> None:
    assert launch.torchrun_flags(HOSTS, processes=4, port="29500") == [
        "--nnodes=2",
        "--nproc_per_node=4",
        "--node_rank=1",
        "--master_addr=algo-1",
        "--master_port=29500",
    ]


def test_torchrun_knows_every_flag() -> None:
    arguments = launch.run.parse_args(
        [*launch.torchrun_flags(HOSTS, 4, "29500"), "--module", "container.train"]
    )
    assert (arguments.nnodes, arguments.nproc_per_node, arguments.node_rank) == ("2", "4", 1)
    assert (arguments.master_addr, arguments.master_port) == ("algo-1", 29500)
    assert (arguments.module, arguments.training_script) == (True, "container.train")


def test_hosts_come_from_the_resource_configuration_in_one_order_for_all(tmp_path: Path) -> None:
    resources(
        tmp_path,
        {"hosts": ["algo-2", "algo-1"], "current_host": "algo-2", "network_interface_name": "eth0"},
    )
    assert Job(tmp_path).hosts() == HOSTS


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.parametrize("instance_type", ["ml.g4dn.xlarge", "ml.p3.2xlarge"])
def test_a_job_that_cannot_use_its_gpu_fails_at_once(tmp_path: Path, instance_type: str) -> None:
    resources(
        tmp_path,
        {"hosts": ["algo-1"], "current_host": "algo-1", "current_instance_type": instance_type},
    )
    job = Job(tmp_path)
    status = job.run(launch.everywhere(lambda _: pytest.fail("it trains"), module="none"))
    assert status == 1
    failure = job.failure.read_text()
    assert failure.startswith(f"Torch cannot use the GPU of this {instance_type}: ")
    assert "training.instance_type" in failure


@pytest.mark.parametrize("instance_type", ["ml.m5.xlarge", "local", ""])
def test_a_job_on_an_instance_without_a_gpu_trains_on_its_cpu(
    tmp_path: Path, instance_type: str
) -> None:
    resources(
        tmp_path,
        {"hosts": ["algo-1"], "current_host": "algo-1", "current_instance_type": instance_type},
    )
    trained = []
    job = Job(tmp_path)
    assert job.run(launch.everywhere(trained.append, module="none")) == 0
    assert trained == [job]


def test_without_a_resource_configuration_there_is_one_host(tmp_path: Path) -> None:
    assert len(Job(tmp_path).hosts().names) == 1


@pytest.mark.parametrize(
    "content", [{"hosts": ["algo-1"]}, {"hosts": ["algo-1"], "current_host": "algo-2"}]
)
def test_a_resource_configuration_without_this_host_is_refused(
    tmp_path: Path, content: dict[str, object]
) -> None:
    resources(tmp_path, content)
    with pytest.raises(
        TrainingError, match=r"resourceconfig\.json must name all hosts, including this one"
    ):
        Job(tmp_path).hosts()


@pytest.mark.parametrize("size", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [8, 9, 64])
def test_every_image_of_a_batch_is_in_one_share_and_shares_are_equal_but_for_one(
    size: int, count: int
) -> None:
    batch = torch.randperm(1000)[:count]
    shares = [World(rank, size).share(batch) for rank in range(size)]
    assert sorted(torch.cat(shares).tolist()) == sorted(batch.tolist())
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_batch_too_small_to_share_is_refused() -> None:
    with pytest.raises(
        TrainingError, match=r"8 processes cannot share a batch of 4 images: set .* to 128"
    ):
        World(rank=0, size=8).share(torch.arange(4))


def test_a_lone_process_keeps_everything_as_it_is() -> None:
    network, value = torch.nn.BatchNorm1d(3), torch.tensor(2.5)
    assert ALONE.first
    assert ALONE.parallel(network) is network
    assert ALONE.mean(value) == 2.5
    assert ALONE.gather("a") == ["a"]
    assert ALONE.broadcast("a") == "a"
    assert (ALONE.any(True), ALONE.any(False)) == (True, False)
    ALONE.compare({"images": value})


def test_an_error_in_a_lone_process_is_raised_unchanged() -> None:
    sentence = TrainingError("a.png is damaged.")
    with pytest.raises(TrainingError, match=r"^a\.png is damaged\.$"), ALONE.share_errors():
        raise sentence
    with pytest.raises(OSError, match="no such disk"), ALONE.share_errors():
        raise OSError("no such disk")


def test_a_digest_distinguishes_pixels() -> None:
    images = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    other = images.clone()
    other[1, 2, 7, 7] = 1
    assert digest(images) == digest(images.clone()) != digest(other)


def test_the_first_failure_of_a_host_is_the_one_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = Job(tmp_path)
    assert [job.fail("The cause."), job.fail("A consequence.")] == [1, 1]
    assert job.failure.read_text() == "The cause."
    assert capsys.readouterr().out == "Error: The cause.\n"


def test_a_new_start_deletes_the_earlier_failure(tmp_path: Path) -> None:
    job = Job(tmp_path)
    job.fail("An earlier failure.")
    assert job.run(launch.everywhere(lambda _: None, module="none")) == 0
    assert not job.failure.exists()
