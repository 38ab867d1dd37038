"""What a training job writes beside the model: metrics.json, predictions.json, contact-sheet.png and baseline.npz."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from container.dataset import Split
from container.errors import TrainingError
from container.evaluation import baseline, contact_sheet, features, metrics
from container.evaluation.baseline import Baseline
from container.evaluation.contact_sheet import Tile
from container.evaluation.thresholds import own_threshold
from container.serving import inference
from container.serving.classifier import VIEWS, Classifier
from container.settings import Settings

PROBES = 8
SHOWN = 12  # images of either kind on the contact sheet
WARM_UP_CALLS, CALLS = 10, 60


def write(
    folder: Path, validation: Split, test: Split, settings: Settings, facts: Mapping[str, Any]
) -> None:
    """Measure the model in `folder` as it will be served; `facts` are what the training knows about itself.

    The thresholds are chosen on the held-out images, `validation`; the test images only judge.

    Raises:
        TrainingError: the network's answers are no numbers.
    """
    served = inference.model_fn(str(folder))
    held_out, answers = (served.probabilities(split.images) for split in (validation, test))
    if not (held_out.isfinite().all() and answers.isfinite().all()):
        raise TrainingError(
            "The trained network answers with no numbers: lower the hyperparameter learning_rate."
        )
    own = own_threshold(held_out, validation.labels, settings.target_precision)
    threshold = own if settings.threshold is None else settings.threshold
    reports = {
        split.name: metrics.report(
            found.numpy(),
            split.labels.numpy(),
            served.classes,
            threshold,
            settings.target_precision,
        )
        for split, found in ((validation, held_out), (test, answers))
    }
    for name, figures in reports.items():
        print(metrics.log_line(name, figures), flush=True)
    wrong, unsure = doubtful(answers, test.labels)
    content = {
        **reports,
        "temperature": served.temperature,
        "threshold": threshold,
        "own_threshold": own,
        "target_precision": settings.target_precision,
        "classes": served.classes,
        "drawn": served.drawn,
        "probes": probes(served, test),
        "serving": serving(folder, test),
        "worst": [test.key(index) for index in wrong],
        "unsure": [test.key(index) for index in unsure],
        **facts,
    }
    put(folder / "metrics.json", content, indent=2)
    put(folder / "predictions.json", predictions(test, answers, served.classes))
    held_out_features = features.of(
        served, validation.images[:: baseline.stride(len(validation.images))]
    )
    baseline.write(folder, Baseline(tuple(served.classes), held_out_features))
    titles = {"Wrong, the most confident first": wrong, "Unsure, the least confident first": unsure}
    rows = [
        (title, tiles(test, answers, chosen, served.classes)) for title, chosen in titles.items()
    ]
    contact_sheet.draw(folder / "contact-sheet.png", rows)


def doubtful(probabilities: Tensor, labels: Tensor) -> tuple[list[int], list[int]]:
    """Which answers were wrong, the most confident first, and which were least confident; at most twelve of each."""
    confidence, predicted = probabilities.max(1)
    unsure = confidence.argsort().tolist()
    wrong = [index for index in reversed(unsure) if predicted[index] != labels[index]]
    return wrong[:SHOWN], unsure[:SHOWN]


def probes(classifier: Classifier, split: Split) -> dict[str, list[float]]:
    """Answers to a few images, the classes taking turns, the way an endpoint gets them: every endpoint's must agree."""
    turns = [int((split.labels[:index] == label).sum()) for index, label in enumerate(split.labels)]
    chosen = sorted(range(len(turns)), key=lambda index: (turns[index], split.labels[index]))[
        :PROBES
    ]
    return {
        split.key(index): inference.predict_fn(split.files[index].read_bytes(), classifier).tolist()
        for index in chosen
    }


def serving(folder: Path, split: Split) -> dict[str, float]:
    """How long the model takes to start, and then for one picture, on one thread: the median of many calls."""
    threads, picture = torch.get_num_threads(), split.files[0].read_bytes()
    began = time.perf_counter()
    model = inference.model_fn(str(folder))
    started = time.perf_counter() - began
    torch.set_num_threads(1)
    took = []
    for _ in range(WARM_UP_CALLS + CALLS):
        began = time.perf_counter()
        inference.predict_fn(picture, model)
        took.append(time.perf_counter() - began)
    torch.set_num_threads(threads)
    return {
        "milliseconds": round(1000 * statistics.median(took[WARM_UP_CALLS:]), 3),
        "startup_seconds": round(started, 3),
        "megabytes": round((folder / "model.pt").stat().st_size / 1e6, 3),
        "views": VIEWS,
    }


def predictions(split: Split, probabilities: Tensor, classes: list[str]) -> dict[str, Any]:
    """Every image's answer, by which two models are compared later on."""
    images = [
        {
            "key": split.key(index),
            "sha256": sha256,
            "label": int(split.labels[index]),
            "probabilities": answer,
        }
        for index, (sha256, answer) in enumerate(
            zip(split.sha256, probabilities.tolist(), strict=True)
        )
    ]
    return {"classes": classes, "images": images}


def tiles(split: Split, probabilities: Tensor, chosen: list[int], classes: list[str]) -> list[Tile]:
    confidence, predicted = probabilities.max(1)
    return [
        Tile(split.images[i], classes[split.labels[i]], classes[predicted[i]], float(confidence[i]))
        for i in chosen
    ]


def put(path: Path, content: Mapping[str, Any], indent: int | None = None) -> None:
    path.write_text(json.dumps(content, indent=indent, allow_nan=False) + "\n")
