"""One training job on two hosts, a process on each, which meet through torchrun as on SageMaker."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from eventually import eventually
from forked import ForkedProcess
from job_folder import SIZE, drawn, lay_out
from training_hosts import (
    COUNTS,
    HOSTS,
    epochs,
    failure,
    finished,
    on_two_hosts,
    start,
    start_all,
    start_workers,
    train,
)

RECIPE = {"epochs": 6, "batch_size": 8}

# Trains two epochs on 37 images in steps of 9, and writes which of them this process looked at.
WATCH = """
import json
import torch
from container import distributed, launch
from container.dataset import Manifest, Split
from container.job import Job
from container.settings import parse
from container.train import adamw, shares, train_one_epoch, untrained

class Watched(torch.Tensor):
    def __getitem__(self, index):
        seen.extend(index.tolist())
        return self.as_subclass(torch.Tensor)[index]

def story(job):
    world = distributed.join(job.hosts().current)
    settings, labels = parse({"epochs": "2", "batch_size": "9"}), torch.arange(37) % 2
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 255, (37, 3, 8, 8), generator=generator).to(torch.uint8)
    torch.manual_seed(0)
    classifier = untrained(Split("train", images, labels, []), Manifest(["a", "b"], True, "f", []))
    data = Split("train", images.as_subclass(Watched), labels, [])
    network, optimizer = shares(classifier.network, world), adamw(classifier.network, 0.05)
    epochs = []
    for epoch in range(2):
        seen.clear()
        loss = train_one_epoch(classifier, network, optimizer, data, settings, epoch, world)
        weights = classifier.network.state_dict().values()
        total = sum(float(weight.sum()) for weight in weights)
        epochs.append({"seen": list(seen), "loss": loss, "sum": total})
    (job.base / "epochs.json").write_text(json.dumps(epochs))

seen = []
if __name__ == "__main__":
    raise SystemExit(Job.here().run(launch.everywhere(story, "watch")))
"""

# What the launcher does on a host with two GPUs.
TWO_PROCESSES = """
import os
from container import launch
from container.job import Hosts, Job
hosts = Hosts(["127.0.0.1"], "127.0.0.1")
flags = launch.torchrun_flags(hosts, processes=2, port=os.environ["MASTER_PORT"])
flags += ["--module", "container.train"]
raise SystemExit(Job.here().run(lambda _: launch.torchrun(flags)))
"""


def watched(bases: list[Path]) -> list[list[dict[str, Any]]]:
    """The epochs of each process of a job."""
    for base in bases:
        (base / "watch.py").write_text(WATCH)
    if len(bases) == 1:
        processes = start_all(bases, program=("-m", "watch"))
    else:
        processes = start_workers(bases, "watch")
    for status, printed in finished(*processes):
        assert status == 0, printed
    return [json.loads((base / "epochs.json").read_text()) for base in bases]


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, str]]:
    """The folder of each host of a finished job, and what that host printed."""
    bases = on_two_hosts(tmp_path_factory.mktemp("job"), **RECIPE)
    done = finished(*start_all(bases))
    assert [status for status, _ in done] == [0, 0], done
    return [(base, printed) for base, (_, printed) in zip(bases, done, strict=True)]


def test_one_host_alone_prints_the_epochs_and_writes_the_model(job: list[tuple[Path, str]]) -> None:
    (first, printed), (second, silent) = job
    assert "processes: 2" in printed
    assert epochs(printed) == [1, 2, 3, 4, 5, 6]
    assert epochs(silent) == []
    assert (first / "model" / "model.pt").is_file()
    assert not any((second / "model").glob("*"))


def test_two_hosts_learn_as_well_as_one(job: list[tuple[Path, str]], tmp_path: Path) -> None:
    alone = lay_out(tmp_path, COUNTS, **RECIPE)
    status, printed = train(alone)
    assert status == 0, printed
    one, two = (
        json.loads((base / "model" / "metrics.json").read_text()) for base in (alone, job[0][0])
    )
    assert one["parameters"] == two["parameters"]
    assert one["test"]["accuracy"] == pytest.approx(two["test"]["accuracy"], abs=0.1)
    assert two["test"]["accuracy"] >= 0.9


def test_every_image_is_seen_once_an_epoch_by_one_of_the_processes(tmp_path: Path) -> None:
    first, second = watched(list(on_two_hosts(tmp_path)))
    (alone,) = watched([lay_out(tmp_path / "alone", {})])
    for one, other, whole in zip(first, second, alone, strict=True):
        together = [*one["seen"], *other["seen"]]
        assert len(together) == len(set(together)) == 36
        assert set(together) == set(whole["seen"])
        assert (one["loss"], one["sum"]) == (other["loss"], other["sum"])
    assert first[0]["seen"] != first[1]["seen"]


def test_hosts_with_other_images_are_named(tmp_path: Path) -> None:
    first, second = on_two_hosts(tmp_path, **RECIPE)
    manifest = second / "input" / "data" / "manifest" / "manifest.json"
    content = json.loads(manifest.read_text())
    del content["images"][0]
    manifest.write_text(json.dumps({**content, "fingerprint": "1e" * 32}))
    for status, printed in finished(*start_all((first, second))):
        assert status == 1
        assert len(re.findall("^Error: ", printed, re.MULTILINE)) == 1
        assert "Traceback" not in printed
    odd = "manifest and training images and training labels"
    assert failure(first) == failure(second)
    assert failure(first).startswith(
        f"The hosts differ from {HOSTS[0]}: {HOSTS[1]} has other {odd}. Train again: "
    )


def test_an_error_on_one_host_is_reported_on_both(tmp_path: Path) -> None:
    first, second = on_two_hosts(tmp_path, **RECIPE)
    drawn(1, seed=99).resize((SIZE, SIZE)).save(
        second / "input" / "data" / "train" / "square_001.png"
    )
    done = finished(*start_all((first, second)))
    assert [status for status, _ in done] == [1, 1], done
    assert failure(first) == failure(second)
    assert failure(first).startswith(
        f"On {HOSTS[1]}: square_001.png is not the file that was staged"
    )


def test_two_processes_of_one_host_write_one_model(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, **RECIPE)
    ((status, printed),) = finished(*start_all([base], program=("-c", TWO_PROCESSES)))
    assert status == 0, printed
    assert "processes: 2" in printed
    assert epochs(printed) == [1, 2, 3, 4, 5, 6]
    assert (base / "model" / "metrics.json").is_file()


def test_two_processes_of_one_host_report_a_failure_once(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, **RECIPE)
    (base / "input" / "data" / "train" / "disc_000.png").unlink()
    ((status, printed),) = finished(*start_all([base], program=("-c", TWO_PROCESSES)))
    assert status == 1
    assert failure(base) == "disc_000.png is in the manifest, but not in its channel."
    assert printed.count(failure(base)) == 1


def test_the_killed_one_of_two_processes_is_reported(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, epochs=2000, batch_size=8)
    (launcher,) = start_all([base], program=("-c", TWO_PROCESSES))
    await_epoch(launcher)
    os.kill(children(launcher)[-1], signal.SIGKILL)
    ((status, _),) = finished(launcher)
    assert status == 1
    assert re.fullmatch(r"Training process \d was killed, .*", failure(base))


def test_hosts_that_do_not_meet_fail_with_a_sentence(tmp_path: Path) -> None:
    first, _ = on_two_hosts(tmp_path, **RECIPE)
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        ((status, printed),) = finished(start(first, taken.getsockname()[1]))
    assert status == 1
    assert failure(first).startswith("The hosts did not meet: ")
    assert "Traceback" not in printed


def test_a_process_that_is_killed_fails_the_job_with_a_sentence(tmp_path: Path) -> None:
    bases = on_two_hosts(tmp_path, epochs=2000, batch_size=8)
    first, second = start_all(bases)
    await_epoch(first)
    (worker,) = children(second)
    os.kill(worker, signal.SIGKILL)
    assert [status for status, _ in finished(first, second)] == [1, 1]
    assert failure(bases[1]).startswith(
        "Training process 1 was killed, as happens when it is out of memory"
    )
    assert (
        failure(bases[0])
        == "Training has ended on another host: see that host's log for the reason."
    )


def test_a_signal_to_one_host_stops_both_with_a_checkpoint_from_which_both_resume(
    tmp_path: Path,
) -> None:
    bases = on_two_hosts(tmp_path, epochs=40, batch_size=8)
    first, second = start_all(bases)
    await_epoch(first)
    second.send_signal(signal.SIGTERM)
    done = finished(first, second)
    assert [status for status, _ in done] == [128 + signal.SIGTERM] * 2, done
    assert not any((base / "output" / "failure").exists() for base in bases)
    (checkpoint,) = (bases[0] / "checkpoints").iterdir()
    assert not any((bases[1] / "checkpoints").glob("*"))

    (status, printed), _ = finished(*start_all(bases))
    assert status == 0, printed
    assert f"Resumed from {checkpoint.name}." in printed
    assert epochs(printed) == list(range(int(checkpoint.stem.removeprefix("epoch-")) + 1, 41))


def await_epoch(process: ForkedProcess) -> None:
    """Read until the first epoch is over."""
    assert any(line.startswith("epoch=") for line in iter(process.stdout.readline, ""))


def children(process: ForkedProcess) -> list[int]:
    """The processes that it started and that have not ended."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in eventually(lambda: listed.read_text().split())]
