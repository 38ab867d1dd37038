"""The images that the traffic report shows: those of lowest confidence, and undecodable ones."""

from __future__ import annotations

from collections.abc import Sequence

from scones.pages.page import GalleryImage
from scones.pages.wording import count, percent
from scones.reporting import times
from scones.reporting.figures import Figures, iso_time
from scones.reporting.image_table import OUTCOMES, ImageTable
from scones.reporting.sample_images import SampleImage
from scones.reporting.traffic import Traffic

OUTCOME_TONES = {
    "accepted": "good",
    "unsure": "warn",
    "failed": "bad",
    "running": "plain",
    "unanswered": "plain",
}
UNDECODABLE_SHOWN = 12
UNSURE_NOTE = "Below the threshold, for human review; those of lowest confidence come first."
OTHERS_NOTE = (
    "Accepted images, and images that failed for another reason; "
    "those of lowest confidence come first."
)

Gallery = tuple[str, str, Sequence[GalleryImage]]


def galleries(
    table: ImageTable,
    traffic: Traffic,
    sample_figures: Sequence[Figures],
) -> list[Gallery]:
    """Title, note and images of every gallery that has images."""
    unsure: list[GalleryImage] = []
    others: list[GalleryImage] = []
    samples = (*traffic.below.samples, *traffic.above.samples)
    for sample, figures in zip(samples, sample_figures, strict=True):
        images = unsure if figures["outcome"] == "unsure" else others
        images.append(_gallery_image(sample, figures))
    undecodable = [
        GalleryImage(
            source="",
            description=f"{image.name} cannot be shown: {image.reason}",
            title=image.name,
            lines=(image.reason, times.format_short(iso_time(float(table.at[image.row])))),
            tone=OUTCOME_TONES[OUTCOMES[table.outcome[image.row]]],
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


def _gallery_image(sample: SampleImage, figures: Figures) -> GalleryImage:
    result = figures["outcome"]
    if figures["truth"] == figures["label"]:
        result += ", correct"
    elif figures["truth"]:
        result += f"; shows {figures['truth']}"
    lines = [result, times.format_short(figures["at"])]
    if sample.times > 1:
        lines.append("sent twice" if sample.times == 2 else f"sent {sample.times:,} times")
    label = figures["label"]
    confidence = percent(sample.confidence)
    return GalleryImage(
        source=sample.thumbnail.source,
        description=f"Answered {label} at {confidence}: {', '.join(lines)}.",
        title=f"{label} {confidence}",
        lines=tuple(lines),
        tone=OUTCOME_TONES[figures["outcome"]],
        side=sample.thumbnail.side,
    )
