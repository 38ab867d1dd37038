"""The training report: the quality of a trained model, on one page that needs no network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scones import handover
from scones.clients import S3Client
from scones.files import write_atomically
from scones.handover import Model
from scones.json_object import JsonObject
from scones.pages import page as pages
from scones.pages import reliability
from scones.pages.wording import count
from scones.training import report_charts, report_headline, report_images, report_sections
from scones.training.artifact import (
    CONTACT_SHEET_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    beside,
)
from scones.training.quality_gate import Check
from scones.training.report_charts import Mark

TEMPLATE = "training/report.html"
PAGE = "training-report.html"
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
}


@dataclass(frozen=True)
class Report:
    """What the page is made from.

    Attributes:
        model: the hand-over with gate and comparison, even if it is not handed over.
        files: those of metrics.json, predictions.json and contact-sheet.png in its artifact.
        standing: a sentence that compares it with the live model.
        checks: the limits of the quality gate beside the model's figures.
        hyperparameters: the training job's.
    """

    model: Model
    files: Mapping[str, bytes] = field(default_factory=dict)
    standing: str = ""
    checks: tuple[Check, ...] = ()
    hyperparameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def metrics(self) -> JsonObject:
        """All of metrics.json; empty without one."""
        return dict(json.loads(self.files.get(METRICS_FILE, b"{}")))

    @property
    def test(self) -> JsonObject:
        """The figures on the test images; empty if there are none."""
        return self.metrics.get("test") or {}

    @property
    def digest(self) -> str:
        """A SHA-256 of the report, except its standing, and of the code that makes the page."""
        facts = [handover.as_json(self.model), self.checks, sorted(self.hyperparameters.items())]
        digest = hashlib.sha256(repr(facts).encode())
        for content in (*self.files.values(), *(path.read_bytes() for path in _page_sources())):
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()


def publish(report: Report, folder: Path, s3: S3Client) -> Path:
    """Write the page into `folder`, and put it and the report's files beside the artifact in S3.

    A page of the same report is kept, since the charts take longest. It then keeps its sentence
    about the model that was live when it was written.

    Returns the page's path.
    """
    file = folder / PAGE
    if file.exists() and report.digest in file.read_text():
        return file
    page = report_page(report)
    for name, content in {**report.files, PAGE: page.encode()}.items():
        bucket, key = beside(report.model.data_url, name)
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=content,
            ContentType=CONTENT_TYPES[Path(name).suffix],
        )
    write_atomically(file, page)  # last: it says that the others have been put
    return file


def report_page(report: Report) -> str:
    """The page as HTML; the same report gives the same page."""
    model, metrics, test = report.model, report.metrics, report.test
    predictions = report.files.get(PREDICTIONS_FILE)
    sheet = report.files.get(CONTACT_SHEET_FILE)
    curve = test.get("coverage") or ()
    target = metrics.get("target_precision")
    classes = metrics.get("classes") or model.classes
    worst = report_images.find_answers(predictions, metrics.get("worst") or ())
    unsure = report_images.find_answers(predictions, metrics.get("unsure") or ())
    worst_images, unsure_images = report_images.cut_out(sheet, [worst, unsure])
    parts = {
        "per_class": report_sections.per_class(test),
        "confusion": report_sections.confusion(test, classes),
        "coverage": report_charts.coverage(curve, target, _marks(report)),
        "reliability": reliability.diagram(test.get("reliability") or ()),
        "worst_images": worst_images,
        "unsure_images": unsure_images,
        "worst": report_sections.image_list(worst, "Most wrong"),
        "unsure": report_sections.image_list(unsure, "Least sure"),
        "history": report_charts.history(metrics.get("history") or ()),
        "splits": report_sections.splits(metrics, model.threshold),
    }
    comparison = model.comparison
    standing = report.standing
    if comparison:
        standing = report_sections.comparison_sentence(comparison)
    return pages.render(
        TEMPLATE,
        **parts,
        digest=report.digest,
        model=model,
        test=test,
        has_metrics=METRICS_FILE in report.files,
        headline=report_headline.headline(model),
        lead=report_headline.lead(model),
        notices=list(report_headline.notices(model, report.checks)),
        tiles=list(report_headline.tiles(model, metrics)),
        standing=standing,
        mcnemar=report_sections.mcnemar(comparison) if comparison else None,
        changed=count(len(comparison.changed), "image") if comparison else "",
        provenance=report_sections.provenance(model, metrics),
        hyperparameters=sorted(report.hyperparameters.items()),
    )


def _page_sources() -> list[Path]:
    folders = (Path(__file__).parent, Path(pages.__file__).parent)
    return sorted(path for folder in folders for path in folder.iterdir() if path.is_file())


def _marks(report: Report) -> list[Mark]:
    """The workflow's threshold and the model's own on the coverage curve; one mark if equal."""
    test = report.test
    workflow = report.model.threshold
    own = report.metrics.get("own_threshold")
    equal = own is not None and abs(own - workflow) < 5e-4
    accepted = test.get("accepted")
    right = test.get("accepted_accuracy")
    marks = []
    if accepted is not None and right is not None:
        name = "the workflow's, the model's own" if equal else "the workflow's"
        marks.append(Mark(name, workflow, accepted, right))
    own_accepted, own_right = report_sections.own_shares(test, own)
    if not equal and own is not None and own_accepted is not None and own_right is not None:
        marks.append(Mark("the model's own", own, own_accepted, own_right))
    return marks
