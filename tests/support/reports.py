"""Training reports with figures as training writes them, of consistent made-up answers."""

from __future__ import annotations

import io
import json
import random
from dataclasses import replace
from typing import Any

from PIL import Image

from container.evaluation import sheet_layout
from container.evaluation.metrics import wilson
from scones.handover import Comparison, Data, Gate, Metrics, Model
from scones.training.quality_gate import Check
from scones.training.report import Report

JOB = "scones-local-0a1b2c3d-20261121-101500"
CLASSES = ["bicycle", "motorcycle"]
THRESHOLD, OWN_THRESHOLD = 0.93, 0.88
BINS = 15


def report(images: int = 200, seed: int = 0, **changes: Any) -> Report:
    """A report on a model with that many test images; `changes` are keys of its metrics.json."""
    answers = predictions(images, seed)
    metrics = {
        "validation": split(predictions(max(1, images // 2), seed + 1)),
        "test": split(answers),
        "temperature": 1.13,
        "threshold": THRESHOLD,
        "target_precision": 0.99,
        "own_threshold": OWN_THRESHOLD,
        "epochs": 100,
        "seconds": 136.2,
        "parameters": 512_345,
        "device": "cpu",
        "drawn": False,
        "classes": CLASSES,
        "probes": {},
        "history": history(100),
        "serving": {"milliseconds": 1.42, "startup_seconds": 0.31, "megabytes": 2.1, "views": 1},
        "worst": [image["key"] for image in sorted(answers, key=label_probability)[:12]],
        "unsure": [
            image["key"]
            for image in sorted(answers, key=lambda image: max(image["probabilities"]))[:12]
        ],
        **changes,
    }
    shown = [len(metrics["worst"]), len(metrics["unsure"])]
    files = {
        "metrics.json": json.dumps(metrics).encode(),
        "predictions.json": json.dumps({"classes": CLASSES, "images": answers}).encode(),
        "contact-sheet.png": png(*sheet_layout.size(shown)),
    }
    checks = (
        Check("test accuracy", "≥", 0.93, 0.955),
        Check("the calibration error", "≤", 0.1, 0.0317),
    )
    return Report(model(metrics), files, checks=checks, hyperparameters={"epochs": "100"})


def builtin() -> Report:
    """A report on a model of the built-in algorithm, which has only a validation accuracy."""
    plain = model({"validation": {"accuracy": 0.91}, "test": {}, "threshold": 0.93})
    return Report(replace(plain, algorithm="image-classification"))


def predictions(images: int, seed: int) -> list[dict[str, Any]]:
    dice, answers = random.Random(seed), []
    for index in range(images):
        label = index % 2
        right = 1 - min(0.5, dice.expovariate(18))
        if dice.random() > 0.5 + right / 2 - 0.005:
            right = 1 - right
        probabilities = [right, 1 - right] if label == 0 else [1 - right, right]
        key = f"test/{CLASSES[label]}_s_{index:06}.png"
        answers.append(
            {"key": key, "sha256": f"{index:064x}", "label": label, "probabilities": probabilities}
        )
    return answers


def split(answers: list[dict[str, Any]]) -> dict[str, Any]:
    ranked = sorted(
        ((max(answer["probabilities"]), is_right(answer)) for answer in answers), reverse=True
    )
    counts = [[0, 0], [0, 0]]
    for answer in answers:
        probabilities = answer["probabilities"]
        counts[answer["label"]][probabilities.index(max(probabilities))] += 1
    right = [flag for _, flag in ranked]
    accepted = [flag for confidence, flag in ranked if confidence >= THRESHOLD]
    own_accepted = [flag for confidence, flag in ranked if confidence >= OWN_THRESHOLD]
    sums = [sum(right[: index + 1]) for index in range(len(right))]
    return {
        "images": len(answers),
        "accuracy": mean(right),
        "accuracy_interval": list(wilson(sum(right), len(right))),
        "per_class": {name: of_class(counts, label) for label, name in enumerate(CLASSES)},
        "confusion": counts,
        "ece": 0.0317,
        "accepted": len(accepted) / len(answers),
        "accepted_accuracy": mean(accepted) if accepted else None,
        "own_accepted": len(own_accepted) / len(answers),
        "own_accepted_accuracy": mean(own_accepted) if own_accepted else None,
        "reliability": reliability(ranked),
        "coverage": [
            {
                "threshold": confidence,
                "accepted": (index + 1) / len(ranked),
                "precision": sums[index] / (index + 1),
            }
            for index, (confidence, _) in enumerate(ranked)
        ],
    }


def reliability(ranked: list[tuple[float, bool]]) -> list[dict[str, Any]]:
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, flag in ranked:
        bins.setdefault(min(BINS - 1, int(confidence * BINS)), []).append((confidence, flag))
    return [
        {
            "confidence": sum(confidence for confidence, _ in answers) / len(answers),
            "accuracy": mean([flag for _, flag in answers]),
            "images": len(answers),
        }
        for _, answers in sorted(bins.items())
    ]


def history(epochs: int) -> list[dict[str, Any]]:
    dice = random.Random(1)
    return [
        {
            "epoch": epoch,
            "train_loss": 0.3 + 0.5 * 0.96**epoch + dice.gauss(0, 0.01),
            "validation_accuracy": round(0.95 - 0.35 * 0.94**epoch + dice.gauss(0, 0.012), 2),
            "seconds": 1.36,
        }
        for epoch in range(1, epochs + 1)
    ]


def model(metrics: dict[str, Any]) -> Model:
    test, serving = metrics["test"], metrics.get("serving", {})
    low, high = test.get("accuracy_interval", (None, None))
    return Model(
        name=f"{JOB}-deadbeef",
        data_url=f"s3://scones-local-data-123456789012/models/{JOB}/output/model.tar.gz",
        image_uri="123456789012.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312",
        algorithm="scones",
        training_job=JOB,
        artifact_sha256="deadbeef" + "0" * 56,
        classes=tuple(CLASSES),
        threshold=metrics["threshold"],
        drawn=bool(metrics.get("drawn")),
        data=Data("https://example.com/cifar-100-python.tar.gz", "aa" * 32, "bb" * 32),
        code_version="fda0bde",
        fingerprint="0a1b2c3d" + "0" * 56,
        metrics=Metrics(
            validation_accuracy=metrics["validation"]["accuracy"],
            test_accuracy=test.get("accuracy"),
            test_ece=test.get("ece"),
            test_accepted=test.get("accepted"),
            test_accepted_accuracy=test.get("accepted_accuracy"),
            test_images=test.get("images"),
            test_accuracy_low=low,
            test_accuracy_high=high,
            own_threshold=metrics.get("own_threshold"),
            milliseconds=serving.get("milliseconds"),
            megabytes=serving.get("megabytes"),
        ),
        probes={},
        gate=Gate(passed=True),
        comparison=COMPARISON if test else None,
    )


COMPARISON = Comparison(
    live="scones-local-11112222-20261101-090000-cafecafe",
    images=200,
    both_right=180,
    only_new_right=9,
    only_live_right=4,
    both_wrong=7,
    p_value=0.267,
    difference=0.025,
    interval=(-0.0118, 0.0638),
    changed=tuple(f"test/bicycle_s_{index:06}.png" for index in range(0, 26, 2)),
)


def label_probability(image: dict[str, Any]) -> float:
    return float(image["probabilities"][image["label"]])


def is_right(image: dict[str, Any]) -> bool:
    return bool(label_probability(image) == max(image["probabilities"]))


def of_class(counts: list[list[int]], label: int) -> dict[str, Any]:
    answered, shown = sum(row[label] for row in counts), sum(counts[label])
    hits = counts[label][label]
    return {
        "precision": hits / answered if answered else None,
        "recall": hits / shown if shown else None,
        "images": shown,
    }


def mean(flags: list[bool]) -> float:
    return sum(flags) / len(flags)


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "gray").save(file, "PNG")
    return file.getvalue()
