"""The training report: the quality of a trained model, on one page that needs no network."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, UnidentifiedImageError

from scones.aws import split_s3_url
from scones.files import write_atomically
from scones.handover import Model
from scones.pages import page as pages
from scones.pages import reliability, wording
from scones.pages.page import Notice, Tile
from scones.pages.wording import count, number, percent, percent_interval
from scones.training import report_charts, report_sections
from scones.training.artifact import CONTACT_SHEET_FILE, METRICS_FILE, PREDICTIONS_FILE
from scones.training.report_charts import Mark

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TEMPLATE = "training/report.html"
PAGE = "training-report.html"
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
}
NOT_COMPARED = "It was not compared with a live model."
BUILTIN_MEASURES_LITTLE = (
    "The built-in algorithm measures its accuracy on the validation images and nothing else, "
    "so this page lacks:"
)
OLDER_SCRIPT_MEASURED_LESS = (
    "The training script that made this model did not measure all that this page can show:"
)


@dataclass(frozen=True)
class Report:
    """What the page is made from.

    Attributes:
        model: the hand-over with gate and comparison, even if it is not handed over.
        files: those of metrics.json, predictions.json and contact-sheet.png in its artifact.
        standing: a sentence that compares it with the live model.
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
        """The figures on the test images; empty if there are none."""
        return self.metrics.get("test") or {}


def publish(report: Report, folder: Path, s3: S3Client) -> Path:
    """Write the page into `folder`, and put it and the report's files beside the artifact in S3.

    Returns the page's path.
    """
    page = report_page(report)
    write_atomically(folder / PAGE, page)
    bucket, key = split_s3_url(report.model.data_url)
    prefix = key.rpartition("/")[0]
    for name, content in {**report.files, PAGE: page.encode()}.items():
        s3.put_object(
            Bucket=bucket,
            Key=f"{prefix}/{name}",
            Body=content,
            ContentType=CONTENT_TYPES[Path(name).suffix],
        )
    return folder / PAGE


def report_page(report: Report) -> str:
    """The page as HTML; the same report gives the same page."""
    model, metrics, test = report.model, report.metrics, report.test
    predictions = report.files.get(PREDICTIONS_FILE)
    worst, unsure = metrics.get("worst") or (), metrics.get("unsure") or ()
    target = metrics.get("target_precision")
    classes = metrics.get("classes") or model.classes
    parts = {
        "per_class": report_sections.per_class(test),
        "confusion": report_sections.confusion(test, classes),
        "coverage": report_charts.coverage(test.get("coverage") or (), target, _marks(report)),
        "reliability": reliability.diagram(test.get("reliability") or ()),
        "sheet": _contact_sheet(report.files.get(CONTACT_SHEET_FILE)),
        "worst": report_sections.image_list(predictions, worst, "Most wrong"),
        "unsure": report_sections.image_list(predictions, unsure, "Least sure"),
        "history": report_charts.history(metrics.get("history") or ()),
        "splits": report_sections.splits(metrics, model.threshold),
    }
    sections = {
        "precision and recall by class": parts["per_class"],
        "coverage and precision": parts["coverage"],
        "reliability": parts["reliability"],
        "images most wrong and least sure": parts["sheet"] or parts["worst"],
        "training curves": parts["history"],
    }
    missing = report_sections.unmeasured(model.metrics, test, sections)
    measured_some = METRICS_FILE in report.files
    comparison = model.comparison
    changed = comparison.changed if comparison else ()
    standing = report.standing or NOT_COMPARED
    if comparison:
        standing = report_sections.comparison_sentence(comparison)
    return pages.render(
        TEMPLATE,
        **parts,
        name=model.name,
        lead=_lead(report),
        notices=list(_notices(report)),
        tiles=list(_tiles(report)),
        contents=list(_contents(parts, missing)),
        standing=standing,
        mcnemar=report_sections.mcnemar(comparison) if comparison else None,
        changed=changed,
        changed_title=f"{count(len(changed), 'image')} answered differently",
        missing=missing,
        missing_because=OLDER_SCRIPT_MEASURED_LESS if measured_some else BUILTIN_MEASURES_LITTLE,
        provenance=report_sections.provenance(model, metrics),
        hyperparameters=sorted(report.hyperparameters.items()),
    )


def _lead(report: Report) -> str:
    """The model's quality in a sentence or two."""
    metrics, threshold = report.model.metrics, report.model.threshold
    images = metrics.test_images
    if metrics.test_accuracy is None or not images:
        if metrics.validation_accuracy is None:
            return "No accuracy was measured."
        return f"Of the validation images it answers {percent(metrics.validation_accuracy)} right."
    sentence = (
        f"Of {count(images, 'test image')}, which it had never seen, "
        f"it answers {round(metrics.test_accuracy * images):,} right."
    )
    if metrics.test_accepted is None:
        return sentence
    accepted = round(metrics.test_accepted * images)
    sentence += f" At the workflow's threshold of {threshold:.3g} it accepts "
    if not accepted:
        return f"{sentence}none of them."
    sentence += f"{accepted:,} of them"
    if metrics.test_accepted_accuracy is None:
        return f"{sentence}."
    return f"{sentence}, {round(metrics.test_accepted_accuracy * accepted):,} of these correctly."


def _notices(report: Report) -> Iterator[Notice]:
    gate = report.model.gate
    if gate is None:
        yield Notice("plain", "No quality gate was applied to this model")
    elif gate.forced:
        title = "Misses the quality gate, handed over by force"
        reason = "It was handed over anyway, because FORCE=1 was set."
        yield Notice("warn", title, (reason,), gate.missed)
    elif not gate.passed:
        reason = "It was not handed over."
        yield Notice("bad", "Misses the quality gate", (reason,), gate.missed)
    elif report.limits:
        limits = [f"{name} {limit:g}" for name, limit in sorted(report.limits.items())]
        sentence = f"The settings require {wording.join_names(limits)}."
        yield Notice("good", "Passes the quality gate", (sentence,))
    else:
        sentence = "Any model is handed over; quality_gate in the settings sets limits."
        yield Notice("plain", "No quality gate is set", (sentence,))
    if report.model.drawn:
        title = "The images are a drawn sample, not photographs"
        sentence = "The figures show that training works, and nothing about photographs."
        yield Notice("warn", title, (sentence,))


def _tiles(report: Report) -> Iterator[Tile]:
    """The headline figures, as far as they were measured."""
    metrics, raw, test = report.model.metrics, report.metrics, report.test
    if metrics.test_accuracy is not None:
        interval = test.get("accuracy_interval")
        remark = f"95\u202f% interval {percent_interval(interval)}" if interval else ""
        yield Tile("Accuracy", percent(metrics.test_accuracy), remark)
    elif metrics.validation_accuracy is not None:
        accuracy = percent(metrics.validation_accuracy)
        yield Tile("Validation accuracy", accuracy, "no test images were answered")
    if metrics.test_accepted is not None:
        right = metrics.test_accepted_accuracy
        remark = "none accepted" if right is None else f"{percent(right)} of them right"
        name = f"Accepted at ≥ {report.model.threshold:.3g}"
        yield Tile(name, percent(metrics.test_accepted), remark)
    share = test.get("accepted_at_precision")
    if share is not None:
        name = f"Accepted at {percent(raw.get('target_precision'), 0)} right"
        own_threshold = number(raw.get("own_threshold"), ".3g")
        yield Tile(name, percent(share), f"own threshold {own_threshold}")
    if metrics.test_ece is not None:
        remark = "how far confidence is from being right; 0 is best"
        yield Tile("Calibration error", f"{metrics.test_ece:.3f}", remark)
    serving = raw.get("serving")
    if serving:
        size = number(serving.get("megabytes"), ".2g", "MB")
        startup = number(serving.get("startup_seconds"), ".2g", "s")
        yield Tile(
            "One image",
            number(serving.get("milliseconds"), ".2g", "ms"),
            f"on one thread; {size}, loaded in {startup}",
        )


def _marks(report: Report) -> tuple[Mark, ...]:
    """The workflow's threshold and the model's own on the coverage curve; one mark if equal."""
    test, workflow, own = report.test, report.model.threshold, report.metrics.get("own_threshold")
    accepted, right = test.get("accepted"), test.get("accepted_accuracy")
    equal = own is not None and abs(own - workflow) < 5e-4
    marks = []
    if accepted is not None and right is not None:
        name = "the workflow's, the model's own" if equal else "the workflow's"
        marks.append(Mark(name, workflow, accepted, right))
    if own is not None and not equal:
        reached = [point for point in test.get("coverage") or () if point["threshold"] >= own]
        if reached:
            last = reached[-1]
            marks.append(Mark("the model's own", own, last["accepted"], last["precision"]))
    return tuple(marks)


def _contents(parts: Mapping[str, object], missing: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Id and title of every section that the page has."""
    yield "live", "Comparison with the live model"
    if parts["per_class"] or parts["confusion"]:
        yield "classes", "Class by class"
    if parts["reliability"] or parts["coverage"]:
        yield "confidence", "Confidence"
    if parts["sheet"] or parts["worst"] or parts["unsure"]:
        yield "images", "Images to look at"
    if parts["history"] or parts["splits"]:
        yield "training", "How it was trained"
    if missing:
        yield "missing", "What was not measured"
    yield "origin", "Provenance"


def _contact_sheet(content: bytes | None) -> Mapping[str, object] | None:
    """The contact sheet, embedded in the page; None without a valid one."""
    if not content:
        return None
    try:
        width, height = Image.open(io.BytesIO(content)).size
    except UnidentifiedImageError:
        return None
    return {
        "data": base64.b64encode(content).decode(),
        "description": "The test images that the model got most wrong, and those that it was "
        "least sure of; the lists below name them.",
        "width": width,
        "height": height,
    }
