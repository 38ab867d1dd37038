"""`python -m container.train`, in a folder laid out like /opt/ml, and the model that it writes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from job_folder import CLASSES, lay_out
from paths import PYTHON
from PIL import Image
from training_hosts import start, train

from container.evaluation import baseline, features
from container.serving import inference
from container.serving.images import pixels

COUNTS = {"train": 32, "validation": 12, "test": 12}

ASK = """
import json, pathlib, sys
import inference
model = inference.model_fn(sys.argv[1])
answers = {}
for file in sorted(pathlib.Path(sys.argv[2]).glob("*.png")):
    data = inference.input_fn(file.read_bytes(), "image/png")
    body, content_type = inference.output_fn(inference.predict_fn(data, model), "application/json")
    answers[f"test/{file.name}"] = json.loads(body)
import container
print(json.dumps({"answers": answers, "container": container.__file__}))
"""

# Stand-ins for packages of the Ray image: just enough to import the application and call it.
RAY = {
    "ray/__init__.py": "",
    "ray/serve.py": (
        "def deployment(kind, **options):\n"
        "    kind.bind = classmethod(lambda cls: cls())\n"
        "    return kind\n"
    ),
    "starlette/__init__.py": "",
    "starlette/requests.py": "class Request: ...\n",
    "starlette/responses.py": (
        "class Response:\n"
        "    def __init__(self, content=b'', status_code=200, headers=None, media_type=None):\n"
        "        self.content, self.status_code = content, status_code\n"
    ),
}
ASK_RAY = """
import asyncio, json, pathlib, sys
from deployment import app
class Url:
    path = "/invocations"
class Request:
    url = Url
    def __init__(self, content, kind):
        self.content, self.headers = content, {"content-type": kind}
    async def body(self):
        return self.content
def ask(content, kind):
    answer = asyncio.run(app(Request(content, kind)))
    return [answer.status_code, answer.content]
good = pathlib.Path(sys.argv[1]).read_bytes()
requests = [(good, "image/png"), (b"not an image", "image/png"), (good, "text/plain")]
print(json.dumps([ask(*request) for request in requests]))
"""


def python(script: str, *arguments: str, path: str) -> Any:
    """What a script prints as JSON, in a Python that finds our modules only at `path`."""
    command = [sys.executable, "-P", "-c", script, *arguments]
    environment = {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A finished job's folder and what it printed, in an interpreter of its own as SageMaker's."""
    base = lay_out(tmp_path_factory.mktemp("job"), COUNTS, epochs=2, batch_size=8, threshold=0.93)
    command = [sys.executable, "-m", "container.train"]
    done = subprocess.run(
        command,
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base), "PYTHONPATH": str(PYTHON)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return base, done.stdout


def test_every_epoch_and_every_evaluation_is_a_line_that_metrics_match(
    job: tuple[Path, str],
) -> None:
    lines = job[1].splitlines()
    epoch = r"epoch=(\d)/2 train_loss=\d\.\d{4} validation_accuracy=\d\.\d{4} seconds=\d+\.\d"
    assert [match[1] for line in lines if (match := re.fullmatch(epoch, line))] == ["1", "2"]
    for name in ("validation", "test"):
        figures = (
            rf"{name}_accuracy=\d\.\d{{4}} {name}_ece=\d\.\d{{4}} {name}_accepted=\d\.\d{{4}}.*"
        )
        assert sum(bool(re.fullmatch(figures, line)) for line in lines) == 1


def test_the_metrics_hold_what_the_hand_over_needs(job: tuple[Path, str]) -> None:
    metrics = json.loads((job[0] / "model" / "metrics.json").read_text())
    assert metrics["classes"] == CLASSES
    assert metrics["drawn"] is True
    assert (metrics["epochs"], metrics["threshold"]) == (2, 0.93)
    for split in ("validation", "test"):
        assert metrics[split]["images"] == 12
        assert sum(sum(row) for row in metrics[split]["confusion"]) == 12
    assert len(metrics["probes"]) == 8
    assert sum(name.startswith("test/disc") for name in metrics["probes"]) == 4


def test_the_metrics_have_intervals_history_and_serving_costs(job: tuple[Path, str]) -> None:
    metrics = json.loads((job[0] / "model" / "metrics.json").read_text())
    low, high = metrics["test"]["accuracy_interval"]
    assert low < metrics["test"]["accuracy"] <= high
    assert 0 < metrics["own_threshold"] < 1
    assert metrics["target_precision"] == 0.99
    assert [epoch["epoch"] for epoch in metrics["history"]] == [1, 2]
    assert metrics["seconds"] == pytest.approx(
        sum(epoch["seconds"] for epoch in metrics["history"]), abs=0.06
    )
    assert metrics["serving"]["milliseconds"] > 0
    assert metrics["serving"]["megabytes"] == pytest.approx(
        (job[0] / "model" / "model.pt").stat().st_size / 1e6, 0.01
    )


def test_every_test_image_has_its_answer_by_content(job: tuple[Path, str]) -> None:
    predictions = json.loads((job[0] / "model" / "predictions.json").read_text())
    manifest = json.loads((job[0] / "input" / "data" / "manifest" / "manifest.json").read_text())
    staged = {(image["key"], image["sha256"], image["label"]) for image in manifest["images"]}
    answered = [(image["key"], image["sha256"], image["label"]) for image in predictions["images"]]
    assert len(answered) == 12
    assert set(answered) <= staged
    metrics = json.loads((job[0] / "model" / "metrics.json").read_text())
    right = sum(
        max(range(2), key=image["probabilities"].__getitem__) == image["label"]
        for image in predictions["images"]
    )
    assert metrics["test"]["accuracy"] == pytest.approx(right / 12)
    least = min(predictions["images"], key=lambda image: max(image["probabilities"]))
    assert metrics["unsure"][0] == least["key"]
    assert len(metrics["worst"]) == 12 - right


def test_the_baseline_is_made_of_the_held_out_images_as_the_model_is_served(
    job: tuple[Path, str],
) -> None:
    model, held_out = job[0] / "model", job[0] / "input" / "data" / "validation"
    kept = baseline.read(model / baseline.FILE)
    images = torch.stack([pixels(file.read_bytes()) for file in sorted(held_out.glob("*.png"))])
    expected = features.extract(inference.model_fn(str(model)), images)
    assert kept.classes == tuple(CLASSES)
    assert len(kept.features) == COUNTS["validation"]
    for name in ("embedding", "brightness", "confidence"):
        got = getattr(kept.features, name)
        assert sorted(got.ravel().tolist()) == pytest.approx(
            sorted(getattr(expected, name).ravel().tolist()), abs=1e-5
        )


def test_the_contact_sheet_is_an_image(job: tuple[Path, str]) -> None:
    with Image.open(job[0] / "model" / "contact-sheet.png") as sheet:
        sheet.load()
        assert sheet.width > 1000


def test_without_a_threshold_in_the_settings_the_models_own_is_used(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, epochs=1, target_precision=0.6)
    status, printed = train(base)
    assert status == 0, printed
    metrics = json.loads((base / "model" / "metrics.json").read_text())
    assert metrics["threshold"] == metrics["own_threshold"]
    assert metrics["target_precision"] == 0.6


def test_the_artifact_answers_by_itself_as_training_recorded(job: tuple[Path, str]) -> None:
    model = job[0] / "model"
    got = python(ASK, str(model), str(job[0] / "input" / "data" / "test"), path=str(model / "code"))
    assert Path(got["container"]).is_relative_to(model / "code")
    for name, expected in json.loads((model / "metrics.json").read_text())["probes"].items():
        assert got["answers"][name] == pytest.approx(expected, abs=1e-6)


def test_the_ray_application_gives_the_same_answers(job: tuple[Path, str], tmp_path: Path) -> None:
    model = job[0] / "model"
    for name, content in RAY.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert "import_path: deployment:app" in (model / "config.yaml").read_text()
    name, expected = next(iter(json.loads((model / "metrics.json").read_text())["probes"].items()))
    path = f"{model}:{model / 'code'}:{tmp_path}"
    good, broken, wrong_type = python(ASK_RAY, str(job[0] / "input" / "data" / name), path=path)
    assert good[0] == 200
    assert json.loads(good[1]) == pytest.approx(expected, abs=1e-6)
    assert broken[0] == 400
    assert "The body is not an image" in broken[1]
    assert wrong_type[0] == 415


def test_a_stopped_job_leaves_a_checkpoint_and_the_next_one_resumes(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, epochs=60, batch_size=8)
    with start(base) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
    assert process.returncode == 128 + signal.SIGTERM
    assert re.search(r"Stopped after \d+ of 60 epochs", rest)
    assert not (base / "output" / "failure").exists()

    checkpoint = next((base / "checkpoints").iterdir())
    status, printed = train(base)
    assert status == 0
    assert f"Resumed from {checkpoint.name}." in printed
    done = int(checkpoint.stem.removeprefix("epoch-"))
    assert len(re.findall(r"^epoch=", printed, re.MULTILINE)) == 60 - done
    assert json.loads((base / "model" / "metrics.json").read_text())["test"]["accuracy"] == 1


def test_a_wrong_image_fails_the_job_with_a_sentence(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, epochs=2)
    (base / "input" / "data" / "train" / "disc_000.png").write_bytes(b"not what was staged")
    status, printed = train(base)
    assert status == 1
    failure = (base / "output" / "failure").read_text()
    assert failure.startswith("disc_000.png is not the file that was staged")
    assert failure in printed
    assert "Traceback" not in printed


def test_an_unforeseen_error_is_reported_too(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, epochs=1)
    (base / "model").write_text("a file where the model's folder should be")
    status, printed = train(base)
    assert status == 1
    assert (base / "output" / "failure").read_text().startswith("FileExistsError: ")
    assert "Traceback" in printed
