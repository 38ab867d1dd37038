"""What the traffic report says in tables, lists and small pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scones.pages.page import Cell, GalleryImage, Grid, Table
from scones.pages.wording import MINUS, count, number, percent, percent_interval
from scones.reporting import times
from scones.reporting.captured_pictures import Shown
from scones.reporting.figures import moment
from scones.reporting.joined import DOUBTED, OUTCOMES, Images
from scones.reporting.traffic import NONE, Traffic

Figures = Mapping[str, Any]

TONES = ("good", "warn", "bad", "plain", "plain")  # of OUTCOMES
LOST_SHOWN = 12
NOTHING = "\u2013"


def sources(figures: Figures) -> Table:
    """The pictures by endpoint, variant and model."""
    rows = tuple(
        (
            source_name(one),
            f"{one['images']:,}",
            f"{one['accepted']:,}",
            f"{one['unsure']:,}",
            f"{one['failed']:,}",
            NOTHING if one["confidence"] is None else percent(one["confidence"]),
            f"{one['classes'] or NOTHING}",
            times.span(one["first"], one["last"]),
        )
        for one in figures["endpoints"]
    )
    head = (
        "Who",
        "Images",
        "Accepted",
        "Unsure",
        "Failed",
        "Mean confidence",
        "Classes",
        "When (UTC)",
    )
    return Table("By endpoint, variant and model", head, rows)


def source_name(one: Figures) -> str:
    if not one["captured"]:
        return "not captured"
    place = " / ".join(filter(None, (one["endpoint"] or "unnamed endpoint", one["variant"])))
    return f"{place}, {one['model']}" if one["model"] else place


def endings(figures: Figures) -> Table:
    """How the pictures ended, and by what errors."""
    total = max(1, figures["images"])
    counts = [
        (name, figures[name])
        for name in OUTCOMES
        if figures[name] or name in ("accepted", "unsure", "failed")
    ]
    errors = [(f"failed: {name}", amount) for name, amount in figures["errors"].items()]
    rows = tuple(
        (name, f"{amount:,}", percent(amount / total)) for name, amount in (*counts, *errors)
    )
    return Table("How they ended", ("Ending", "Images", "Share"), rows)


def truth(figures: Figures) -> Table | None:
    """How good the answers are, as far as their truth is known."""
    known = figures["truth"]
    if not known:
        return None
    rows = (
        ("Pictures whose truth is known", f"{known['images']:,}"),
        ("Right", percent(known["accuracy"])),
        ("95\u202f% interval", percent_interval(known["accuracy_interval"])),
        ("Right among the accepted", percent(known["accepted_accuracy"])),
        ("Right among the others", percent(known["unsure_accuracy"])),
        ("Calibration error", number(known["ece"], ".3f")),
    )
    return Table("Where the truth is known", ("", "Value"), rows)


def confusion(figures: Figures) -> Grid | None:
    """How often each class was answered for each that was shown."""
    known = figures["truth"]
    if not known or len(known["classes"]) > 10:
        return None
    classes, counts = known["classes"], known["confusion"]
    rows = tuple(
        (
            f"shows {classes[shown]}",
            tuple(_cell(amount, row, shown == given) for given, amount in enumerate(row)),
        )
        for shown, row in enumerate(counts)
        if sum(row)
    )
    return Grid(
        "What was shown, and what was answered", tuple(f"answered {name}" for name in classes), rows
    )


def _cell(amount: int, row: Sequence[int], right: bool) -> Cell:
    return Cell(
        f"{amount:,}", percent(amount / sum(row)), "good" if right else "bad", amount / sum(row)
    )


def unsure(images: Images, traffic: Traffic) -> list[GalleryImage]:
    """The least sure of the pictures that went to people."""
    chosen = (
        one
        for one in (*traffic.below.shown, *traffic.above.shown)
        if images.outcome[one.row] == DOUBTED
    )
    return [_picture(one, images) for one in chosen]


def hardly_sure(images: Images, traffic: Traffic) -> list[GalleryImage]:
    """The least sure of the others."""
    chosen = (
        one
        for one in (*traffic.below.shown, *traffic.above.shown)
        if images.outcome[one.row] != DOUBTED
    )
    return [_picture(one, images) for one in chosen]


def lost(images: Images, traffic: Traffic) -> list[GalleryImage]:
    """Placeholders for the first of those that cannot be decoded."""
    return [
        GalleryImage(
            source="",
            description=f"{one.name} cannot be shown: {one.reason}",
            title=one.name,
            lines=(one.reason, _when(images, one.row)),
            tone=TONES[images.outcome[one.row]],
        )
        for one in traffic.lost[:LOST_SHOWN]
    ]


def _picture(one: Shown, images: Images) -> GalleryImage:
    name, truth = images.names[images.label[one.row]], images.truth[one.row]
    sure, outcome = percent(one.confidence), OUTCOMES[images.outcome[one.row]]
    shown = None if truth == NONE else images.names[truth]
    verdict = "" if shown is None else ", right" if shown == name else f"; shows {shown}"
    lines = [f"{outcome}{verdict}", _when(images, one.row)]
    if one.times > 1:
        lines.append(f"sent {one.times:,} times" if one.times > 2 else "sent twice")
    return GalleryImage(
        source=one.thumbnail.source,
        description=f"Answered {name} at {sure}: {', '.join(lines)}.",
        title=f"{name} {sure}",
        lines=tuple(lines),
        tone=TONES[images.outcome[one.row]],
        side=one.thumbnail.side,
    )


def _when(images: Images, row: int) -> str:
    return times.short(moment(float(images.at[row])))


def drift(found: Figures | None) -> Table | None:
    """The tests of a comparison with the baseline."""
    if not found or not found["tests"]:
        return None
    rows = tuple(
        (
            f"{test['name']}{' (drifted)' if test['drifted'] else ''}",
            _value(test["baseline"]),
            _value(test["window"]),
            f"{test['measure']} {test['statistic']:.3f}",
            _probability(test["p_value"]),
            _probability(test["adjusted"]),
        )
        for test in found["tests"]
    )
    return Table(
        "Feature by feature",
        ("Feature", "Baseline", "Window", "Statistic", "p", "p, adjusted"),
        rows,
    )


def _probability(value: float) -> str:
    return f"{value:.5f}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {percent(share, 0)}" for name, share in value.items())
    return NOTHING if value is None else f"{value:.3f}".replace("-", MINUS)


def skipped(figures: Figures) -> list[str]:
    """What was skipped, and why."""
    named = [f"{one['place']}: {one['reason']}" for one in figures["skipped_named"]]
    more = figures["skipped"] - len(named)
    return [*named, *([f"and {more:,} more"] if more else [])]


def origin(figures: Figures) -> list[tuple[str, str]]:
    """Where the figures come from."""
    window = figures["window"]
    facts = (
        ("Captures", figures["source"]),
        ("From", _end(window["since"], "the first record on")),
        ("Until", _end(window["until"], "it was written")),
        ("Written", times.moment(figures["written"])),
        ("Files", f"{figures['files']:,}"),
        ("Records", _records(figures)),
        ("Executions", _executions(figures)),
        (
            "Records without an answer",
            ", ".join(f"{n:,}: {why}" for why, n in figures["remarks"].items()) or "0",
        ),
        ("Pictures that cannot be decoded", f"{figures['undecodable']:,}"),
        ("Classes", ", ".join(figures["classes"])),
        (
            "Threshold",
            number(figures["threshold"], ".3g") if figures["threshold"] is not None else "none set",
        ),
        ("Target", figures["target"]),
    )
    return list(facts)


def _executions(figures: Figures) -> str:
    if not figures["executions"]:
        return "none that started in this time" if figures["account"] else "not asked for"
    ran = sum(figures["executions"].values())
    direct, uncaptured = figures["images"] - ran, figures["uncaptured"]
    asides = [f"{uncaptured:,} without a captured record"] if uncaptured else []
    asides += (
        [f"{count(direct, 'picture was', 'pictures were')} sent to the endpoint without one"]
        if direct
        else []
    )
    return "; ".join([f"{ran:,}", *asides])


def _records(figures: Figures) -> str:
    again = figures["repeated"]
    aside = f", of which {count(again, 'tells', 'tell')} of a picture again" if again else ""
    return f"{figures['records']:,}{aside}"


def _end(text: str | None, otherwise: str) -> str:
    return otherwise if text is None else times.moment(text)
