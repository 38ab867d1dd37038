"""The files that a training job writes beside the model.

metrics.json, predictions.json, contact-sheet.png and baseline.npz.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

import torch
from torch import Tensor

from container.dataset import Split
from container.errors import TrainingError
from container.evaluation import baseline, contact_sheet, features, metrics
from container.evaluation.baseline import Baseline
from container.evaluation.thresholds import own_threshold
from container.json_object import JsonObject
from container.serving import inference
from container.serving.classifier import VIEWS, Classifier
from container.settings import Settings

PROBES = 8
SHOWN = 12  # images in either part of the contact sheet
WARM_UP_CALLS, CALLS = 10, 60


def write(
    folder: Path,
    validation: Split,
    test: Split,
    settings: Settings,
    facts: JsonObject,
) -> None:
    """Measure the model in `folder` as it will be served; `facts` about the training are added.

    The thresholds are chosen on the held-out images, `validation`; the test images only judge.

    Raises:
        TrainingError: the network's answers are NaN or infinite.
    """
    served = inference.model_fn(str(folder))
    held_out_answers = served.probabilities(validation.images)
    test_answers = served.probabilities(test.images)
    if not torch.cat((held_out_answers, test_answers)).isfinite().all():
        raise TrainingError(
            "The trained network gives NaN or infinite answers: "
            "lower the hyperparameter learning_rate."
        )
    own = own_threshold(held_out_answers, validation.labels, settings.target_precision)
    threshold = own if settings.threshold is None else settings.threshold

    content: JsonObject = {}
    for split, answers in ((validation, held_out_answers), (test, test_answers)):
        figures = metrics.report(
            answers.numpy(),
            split.labels.numpy(),
            served.classes,
            threshold,
            own,
        )
        print(metrics.log_line(split.name, figures), flush=True)
        content[split.name] = figures
    wrong, unsure = answers_to_review(test_answers, test.labels)
    content |= {
        "temperature": served.temperature,
        "threshold": threshold,
        "own_threshold": own,
        "target_precision": settings.target_precision,
        "classes": served.classes,
        "drawn": served.drawn,
        "probes": probes(served, test),
        "serving": serving_costs(folder, test),
        "worst": [test.key(index) for index in wrong],
        "unsure": [test.key(index) for index in unsure],
        **facts,
    }
    write_json(folder / "metrics.json", content, indent=2)
    write_json(folder / "predictions.json", predictions(test, test_answers, served.classes))

    baseline_images = validation.images[:: baseline.stride(len(validation.images))]
    baseline_features = features.extract(served, baseline_images)
    baseline.write(folder, Baseline(tuple(served.classes), baseline_features))
    parts = {"Wrong, most confident first": wrong, "Unsure, least confident first": unsure}
    contact_sheet.draw(
        folder / "contact-sheet.png",
        test,
        test_answers,
        served.classes,
        parts,
    )


def answers_to_review(probabilities: Tensor, labels: Tensor) -> tuple[list[int], list[int]]:
    """Indices of wrong answers, most confident first, and of the least confident: 12 at most."""
    confidence, predicted = probabilities.max(1)
    unsure = confidence.argsort().tolist()
    wrong = [index for index in reversed(unsure) if predicted[index] != labels[index]]
    return wrong[:SHOWN], unsure[:SHOWN]


def probes(classifier: Classifier, split: Split) -> dict[str, list[float]]:
    """Answers to a few images, from each class in turn, which every endpoint must reproduce."""
    turns = [int((split.labels[:index] == label).sum()) for index, label in enumerate(split.labels)]
    order = sorted(range(len(turns)), key=lambda index: (turns[index], split.labels[index]))
    answers = {}
    for index in order[:PROBES]:
        body = split.files[index].read_bytes()
        answers[split.key(index)] = inference.predict_fn(body, classifier).tolist()
    return answers


def serving_costs(folder: Path, split: Split) -> dict[str, float]:
    """Time to load the model and (median) to classify one image on one thread; its size."""
    threads = torch.get_num_threads()
    body = split.files[0].read_bytes()
    start = time.perf_counter()
    model = inference.model_fn(str(folder))
    startup_seconds = time.perf_counter() - start
    torch.set_num_threads(1)
    seconds = []
    for _ in range(WARM_UP_CALLS + CALLS):
        start = time.perf_counter()
        inference.predict_fn(body, model)
        seconds.append(time.perf_counter() - start)
    torch.set_num_threads(threads)
    return {
        "milliseconds": round(1000 * statistics.median(seconds[WARM_UP_CALLS:]), 3),
        "startup_seconds": round(startup_seconds, 3),
        "megabytes": round((folder / "model.pt").stat().st_size / 1e6, 3),
        "views": VIEWS,
    }


def predictions(split: Split, probabilities: Tensor, classes: list[str]) -> JsonObject:
    """Every image's answer: two models are compared by these files."""
    images = []
    for index, answer in enumerate(probabilities.tolist()):
        image = {
            "key": split.key(index),
            "sha256": split.sha256[index],
            "label": int(split.labels[index]),
            "probabilities": answer,
        }
        images.append(image)
    return {"classes": classes, "images": images}


def write_json(path: Path, content: JsonObject, indent: int | None = None) -> None:
    path.write_text(json.dumps(content, indent=indent, allow_nan=False) + "\n")
