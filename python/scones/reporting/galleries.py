"""The images that the traffic report shows: those of lowest confidence, and undecodable ones."""

from __future__ import annotations

from collections.abc import Sequence

from scones.pages.page import GalleryImage
from scones.pages.wording import count, percent
from scones.reporting import times
from scones.reporting.figures import iso_time
from scones.reporting.image_table import OUTCOMES, UNSURE, ImageTable
from scones.reporting.sample_images import SampleImage
from scones.reporting.traffic import NONE, Traffic

OUTCOME_TONES = ("good", "warn", "bad", "plain", "plain")
UNDECODABLE_SHOWN = 12
UNSURE_NOTE = "Below the threshold, for human review; those of lowest confidence come first."
OTHERS_NOTE = (
    "Accepted images, and images that failed for another reason; "
    "those of lowest confidence come first."
)

Gallery = tuple[str, str, Sequence[GalleryImage]]


def galleries(table: ImageTable, traffic: Traffic) -> list[Gallery]:
    """Title, note and images of every gallery that has images."""
    unsure = []
    others = []
    for sample in (*traffic.below.samples, *traffic.above.samples):
        images = unsure if table.outcome[sample.row] == UNSURE else others
        images.append(_sample_image(sample, table))
    undecodable = [
        GalleryImage(
            source="",
            description=f"{image.name} cannot be shown: {image.reason}",
            title=image.name,
            lines=(image.reason, _time(table, image.row)),
            tone=OUTCOME_TONES[table.outcome[image.row]],
        )
        for image in traffic.undecodable[:UNDECODABLE_SHOWN]
    ]
    undecodable_note = f"{count(traffic.undecodable_count, 'record')} whose input is not an image."
    candidates: list[Gallery] = [
        ("Unsure", UNSURE_NOTE, unsure),
        ("Lowest confidence of the others", OTHERS_NOTE, others),
        ("Not decoded", undecodable_note, undecodable),
    ]
    return [gallery for gallery in candidates if gallery[2]]


def _sample_image(sample: SampleImage, table: ImageTable) -> GalleryImage:
    label = table.class_names[table.label[sample.row]]
    outcome = table.outcome[sample.row]
    result = OUTCOMES[outcome]
    ground_truth = table.ground_truth[sample.row]
    if ground_truth == table.label[sample.row]:
        result += ", correct"
    elif ground_truth != NONE:
        result += f"; shows {table.class_names[ground_truth]}"
    lines = [result, _time(table, sample.row)]
    if sample.times > 1:
        lines.append("sent twice" if sample.times == 2 else f"sent {sample.times:,} times")
    confidence = percent(sample.confidence)
    return GalleryImage(
        source=sample.thumbnail.source,
        description=f"Answered {label} at {confidence}: {', '.join(lines)}.",
        title=f"{label} {confidence}",
        lines=tuple(lines),
        tone=OUTCOME_TONES[outcome],
        side=sample.thumbnail.side,
    )


def _time(table: ImageTable, row: int) -> str:
    return times.format_short(iso_time(float(table.at[row])))
