"""The training report: what a trained model is worth, on one page that needs no network."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, UnidentifiedImageError

from scones.handover import Model
from scones.pages import page as pages
from scones.pages import reliability, wording
from scones.pages.page import Notice, Tile
from scones.pages.wording import count, number, percent, percent_interval
from scones.training import report_charts, report_sections
from scones.training.artifact import CONTACT_SHEET_FILE, METRICS_FILE, PREDICTIONS_FILE
from scones.training.report_charts import Mark

TEMPLATE = "training/report.html"


@dataclass(frozen=True)
class Report:
    """What the page is made from.

    Attributes:
        model: the hand-over as it would be, with gate and comparison.
        files: metrics.json, predictions.json and contact-sheet.png of its artifact, as far as it holds them.
        standing: how it stands to the live model, in a sentence.
        limits: the quality gate of the settings.
        hyperparameters: the training job's.
    """

    model: Model
    files: Mapping[str, bytes] = field(default_factory=dict)
    standing: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    hyperparameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def metrics(self) -> Mapping[str, Any]:
        """All of metrics.json; empty without one."""
        return dict(json.loads(self.files.get(METRICS_FILE, b"{}")))

    @property
    def test(self) -> Mapping[str, Any]:
        """The figures on the test images; empty where there are none."""
        return self.metrics.get("test") or {}


def report_page(report: Report) -> str:
    """The page as HTML; the same report gives the same page."""
    model, metrics, test = report.model, report.metrics, report.test
    predictions = report.files.get(PREDICTIONS_FILE)
    parts = {
        "per_class": report_sections.per_class(test),
        "confusion": report_sections.confusion(test, metrics.get("classes") or model.classes),
        "coverage": report_charts.coverage(
            test.get("coverage") or (), metrics.get("target_precision"), _marks(report)
        ),
        "reliability": reliability.diagram(test.get("reliability") or ()),
        "sheet": _sheet(report.files.get(CONTACT_SHEET_FILE)),
        "worst": report_sections.pictures(predictions, metrics.get("worst") or (), "Most wrong"),
        "unsure": report_sections.pictures(predictions, metrics.get("unsure") or (), "Least sure"),
        "history": report_charts.history(metrics.get("history") or ()),
        "splits": report_sections.splits(metrics, model.threshold),
    }
    named = {
        "precision and recall by class": parts["per_class"],
        "coverage and precision": parts["coverage"],
        "reliability": parts["reliability"],
        "images most wrong and least sure": parts["sheet"] or parts["worst"],
        "training curves": parts["history"],
    }
    missing = report_sections.unmeasured(model.metrics, test, named)
    comparison = model.comparison
    changed = comparison.changed if comparison else ()
    return pages.render(
        TEMPLATE,
        **parts,
        name=model.name,
        lead=_lead(report),
        notices=list(_notices(report)),
        tiles=list(_tiles(report)),
        contents=list(_contents(parts, missing)),
        standing=report_sections.compared(comparison)
        if comparison
        else (report.standing or NOT_COMPARED,),
        mcnemar=report_sections.mcnemar(comparison) if comparison else None,
        changed=changed,
        changed_title=f"{count(len(changed), 'image')} answered differently",
        missing=missing,
        missing_because=OLDER if METRICS_FILE in report.files else BUILTIN,
        provenance=report_sections.provenance(model, metrics),
        hyperparameters=sorted(report.hyperparameters.items()),
    )


NOT_COMPARED = "It was not compared with a live model."
BUILTIN = "The built-in algorithm measures its accuracy on the validation images and nothing else, so this page cannot say:"
OLDER = "The training script that made this model did not measure all that this page can show:"


def _lead(report: Report) -> str:
    """The model's worth in a sentence or two."""
    metrics, threshold = report.model.metrics, report.model.threshold
    if metrics.test_accuracy is None or not metrics.test_images:
        if metrics.validation_accuracy is None:
            return "No accuracy was measured."
        return f"Of the validation images it answers {percent(metrics.validation_accuracy)} right."
    images = metrics.test_images
    sentence = (
        f"Of {count(images, 'test image')}, which it had never seen, "
        f"it answers {round(metrics.test_accuracy * images):,} right."
    )
    if metrics.test_accepted is None:
        return sentence
    accepted = round(metrics.test_accepted * images)
    if not accepted:
        return f"{sentence} At the workflow's threshold of {threshold:.3g} it accepts none of them."
    accepting = f"At the workflow's threshold of {threshold:.3g} it accepts {accepted:,} of them"
    if metrics.test_accepted_accuracy is None:
        return f"{sentence} {accepting}."
    return f"{sentence} {accepting}, {round(metrics.test_accepted_accuracy * accepted):,} of these rightly."


def _notices(report: Report) -> Iterator[Notice]:
    gate = report.model.gate
    if gate is None:
        yield Notice("plain", "No quality gate judged this model")
    elif gate.forced:
        because = "It was handed over all the same, because somebody asked for it (FORCE=1)."
        yield Notice(
            "warn", "Missed its quality gate, handed over by force", (because,), gate.missed
        )
    elif not gate.passed:
        yield Notice("bad", "Missed its quality gate", ("It was not handed over.",), gate.missed)
    elif report.limits:
        limits = wording.join_names(
            [f"{name} {limit:g}" for name, limit in sorted(report.limits.items())]
        )
        yield Notice("good", "Passed its quality gate", (f"The settings ask for {limits}.",))
    else:
        yield Notice(
            "plain",
            "No quality gate is set",
            ("Any model is handed over; quality_gate in the settings sets limits.",),
        )
    if report.model.drawn:
        sentence = "The figures say that training works, and nothing about pictures from a camera."
        yield Notice("warn", "The images are a drawn sample, not photographs", (sentence,))


def _tiles(report: Report) -> Iterator[Tile]:
    """The headline figures, as far as they were measured."""
    metrics, raw, test = report.model.metrics, report.metrics, report.test
    if metrics.test_accuracy is not None:
        interval = test.get("accuracy_interval")
        yield Tile(
            "Accuracy",
            percent(metrics.test_accuracy),
            f"95\u202f% interval {percent_interval(interval)}" if interval else "",
        )
    elif metrics.validation_accuracy is not None:
        yield Tile(
            "Validation accuracy",
            percent(metrics.validation_accuracy),
            "no test images were answered",
        )
    if metrics.test_accepted is not None:
        right = metrics.test_accepted_accuracy
        remark = "none accepted" if right is None else f"{percent(right)} of them right"
        yield Tile(
            f"Accepted at ≥ {report.model.threshold:.3g}", percent(metrics.test_accepted), remark
        )
    if (share := test.get("accepted_at_precision")) is not None:
        yield Tile(
            f"Accepted at {percent(raw.get('target_precision'), 0)} right",
            percent(share),
            f"own threshold {number(raw.get('own_threshold'), '.3g')}",
        )
    if metrics.test_ece is not None:
        yield Tile(
            "Calibration error",
            f"{metrics.test_ece:.3f}",
            "how far confidence is from being right; 0 is best",
        )
    if serving := raw.get("serving"):
        yield Tile(
            "One picture",
            number(serving.get("milliseconds"), ".2g", "ms"),
            f"on one thread; {number(serving.get('megabytes'), '.2g', 'MB')}, "
            f"loaded in {number(serving.get('startup_seconds'), '.2g', 's')}",
        )


def _marks(report: Report) -> tuple[Mark, ...]:
    """The workflow's threshold and the model's own on the curve of coverage, as one where they are the same."""
    test, workflow, own = report.test, report.model.threshold, report.metrics.get("own_threshold")
    accepted, right = test.get("accepted"), test.get("accepted_accuracy")
    same = own is not None and abs(own - workflow) < 5e-4
    marks = []
    if accepted is not None and right is not None:
        name = "the workflow's, the model's own" if same else "the workflow's"
        marks.append(Mark(name, workflow, accepted, right))
    if own is not None and not same:
        reached = [point for point in test.get("coverage") or () if point["threshold"] >= own]
        if reached:
            marks.append(
                Mark("the model's own", own, reached[-1]["accepted"], reached[-1]["precision"])
            )
    return tuple(marks)


def _contents(parts: Mapping[str, object], missing: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Id and title of every section that the page has."""
    yield "live", "Beside the live model"
    if parts["per_class"] or parts["confusion"]:
        yield "classes", "Class by class"
    if parts["reliability"] or parts["coverage"]:
        yield "confidence", "What its confidence is worth"
    if parts["sheet"] or parts["worst"] or parts["unsure"]:
        yield "images", "Images to look at"
    if parts["history"] or parts["splits"]:
        yield "training", "How it was trained"
    if missing:
        yield "missing", "What was not measured"
    yield "origin", "Where it comes from"


def _sheet(content: bytes | None) -> Mapping[str, object] | None:
    """The contact sheet, to be held by the page itself; None without one."""
    if not content:
        return None
    try:
        width, height = Image.open(io.BytesIO(content)).size
    except UnidentifiedImageError:
        return None
    return {
        "data": base64.b64encode(content).decode(),
        "description": "The test images that the model got most wrong, and those that it was least sure of; "
        "the lists below name them.",
        "width": width,
        "height": height,
    }
