"""A training that is killed resumes from its checkpoint, and ends as if it had not been."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
import torch
from eventually import eventually
from job_folder import lay_out
from training_hosts import COUNTS, epochs, failure, finished, start, train

EPOCHS = 40
RECIPE = {"epochs": EPOCHS, "batch_size": 12}


def killed(base: Path, after: str) -> str:
    """Start training, kill it once the checkpoint `after` is there; returns what was printed."""
    process = start(base)
    eventually((base / "checkpoints" / after).exists)
    process.kill()
    ((status, printed),) = finished(process)
    assert status == -signal.SIGKILL
    assert not (base / "model").exists()
    return printed


def weights(base: Path) -> dict[str, torch.Tensor]:
    return dict(torch.load(base / "model" / "model.pt", weights_only=True)["state_dict"])


def same(one: Path, other: Path) -> bool:
    return all(
        torch.equal(a, b)
        for a, b in zip(weights(one).values(), weights(other).values(), strict=True)
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job that nothing interrupted."""
    base = lay_out(tmp_path_factory.mktemp("whole"), COUNTS, **RECIPE)
    assert train(base)[0] == 0
    return base


def test_a_killed_script_goes_on_to_the_same_network(whole: Path, tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, **RECIPE)
    assert EPOCHS not in epochs(killed(base, after="epoch-00010.pt"))
    (*_, newest) = sorted(file.stem for file in (base / "checkpoints").glob("*.pt"))
    status, printed = train(base)
    assert status == 0, printed
    assert f"Resumed from {newest}.pt." in printed
    assert epochs(printed) == list(range(int(newest.removeprefix("epoch-")) + 1, EPOCHS + 1))
    assert same(whole, base)


def test_a_truncated_checkpoint_gives_way_to_the_one_before(whole: Path, tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, **RECIPE)
    shutil.copytree(whole / "checkpoints", base / "checkpoints")
    torn = base / "checkpoints" / "epoch-00040.pt"
    torn.write_bytes(torn.read_bytes()[:5000])
    status, printed = train(base)
    assert status == 0, printed
    assert "Skipped epoch-00040.pt, which is damaged" in printed
    assert epochs(printed) == list(range(31, EPOCHS + 1))
    assert same(whole, base)


def test_a_second_run_gives_the_same_network(whole: Path, tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, **RECIPE)
    assert train(base)[0] == 0
    assert same(whole, base)


def test_a_loss_that_is_nan_fails_the_job_with_a_sentence(whole: Path, tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, **RECIPE)
    state = torch.load(whole / "checkpoints" / "epoch-00030.pt", weights_only=True)
    state["network"]["head.bias"] += float("nan")
    (base / "checkpoints").mkdir()
    torch.save(state, base / "checkpoints" / "epoch-00030.pt")
    status, printed = train(base)
    assert status == 1
    assert failure(base).startswith(
        "NaN or infinite loss in epoch 31: lower the hyperparameter learning_rate"
    )
    assert "Traceback" not in printed
