from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import review_desk
from review_desk import BUCKET, MACHINE, Desk, image_bytes, shown_card

from scones.reviewing.session import NotShown


@pytest.fixture
def desk() -> Iterator[Desk]:
    with review_desk.in_memory() as desk:
        yield desk


def requests(desk: Desk) -> list[str]:
    """Names and keys of the writes from here on."""
    made: list[str] = []

    def note(model: object, params: dict[str, str], **_: object) -> None:
        name, path = str(getattr(model, "name", "")), str(params.get("url_path", ""))
        if name in ("PutObject", "DeleteMessage"):
            made.append(f"{name} {path.rpartition('/')[2].rpartition('.')[2]}".strip())

    for client, service in ((desk.s3, "s3"), (desk.sqs, "sqs")):
        client.meta.events.register(f"before-call.{service}", note)
    return made


def test_a_label_is_stored_whole_before_its_message_is_deleted(desk: Desk) -> None:
    body = image_bytes(1, "JPEG")
    digest = desk.add("run-1", body, key="uploads/bike.jpg")
    with desk.session() as session:
        card = shown_card(session)
        made = requests(desk)
        session.label(card.id, "motorcycle")
        assert made == ["PutObject png", "PutObject json", "PutObject jsonl", "DeleteMessage"]
        assert session.show() is None
    assert desk.content(f"reviewed/{digest}.png") == body
    record = desk.record(digest)
    assert record.pop("reviewed_at").endswith("+00:00")
    assert record == {
        "label": "motorcycle",
        "sha256": digest,
        "s3_bucket": BUCKET,
        "s3_key": "uploads/bike.jpg",
        "execution_arn": f"{MACHINE}:run-1",
        "inference_id": "run-1",
        "inferences": [0.61, 0.39],
        "predicted": "bicycle",
        "confidence": 0.61,
        "reviewer": "arn:aws:iam::123456789012:user/ada",
        "also": [],
    }
    assert desk.truth() == {"run-1": "motorcycle"}
    assert desk.in_queue() == (0, 0)


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_session_that_ends_between_label_and_delete_loses_and_duplicates_nothing(
    desk: Desk, kept: int
) -> None:
    """After `kept` of the three writes; the message comes again when its time ends."""
    digest = desk.add("run-1", image_bytes(1))
    cut_off = desk.session(hidden_seconds=1)
    card = shown_card(cut_off)
    left = [kept]

    def cut(model: object, **_: object) -> None:
        name = str(getattr(model, "name", ""))
        left[0] -= name == "PutObject"
        if left[0] < 0 or name == "DeleteMessage":
            raise KeyboardInterrupt

    for client, service in ((desk.s3, "s3"), (desk.sqs, "sqs")):
        client.meta.events.register(f"before-call.{service}", cut, unique_id="cut")
    with pytest.raises(KeyboardInterrupt):
        cut_off.label(card.id, "motorcycle")
    for client, service in ((desk.s3, "s3"), (desk.sqs, "sqs")):
        client.meta.events.unregister(f"before-call.{service}", unique_id="cut")
    time.sleep(1.2)

    with desk.session() as session:
        if kept == 1:  # the record had not been written yet
            session.label(shown_card(session).id, "motorcycle")
        assert session.show() is None
        assert (session.tally.labelled, session.tally.known) == ((1, 0) if kept == 1 else (0, 1))
    assert desk.in_queue() == (0, 0)
    assert desk.keys("reviewed/") == [f"reviewed/{digest}.json", f"reviewed/{digest}.png"]
    assert desk.record(digest)["label"] == "motorcycle"
    assert desk.truth_lines() == ["run-1"]
    assert desk.truth() == {"run-1": "motorcycle"}


def test_another_request_for_the_same_image_gets_its_ground_truth_without_a_review(
    desk: Desk,
) -> None:
    digest = desk.add("run-1", image_bytes(1))
    desk.add(
        "run-2", image_bytes(1), key="simulated/1/0001.png"
    )  # fetched while the first is shown
    with desk.session() as session:
        session.label(shown_card(session).id, "bicycle")
        assert session.show() is None
        assert (session.tally.labelled, session.tally.known) == (1, 1)
    desk.add("run-3", image_bytes(1))
    with desk.session() as session:
        assert session.show() is None
        assert session.tally.known == 1
    assert desk.in_queue() == (0, 0)
    assert desk.truth() == {"run-1": "bicycle", "run-2": "bicycle", "run-3": "bicycle"}
    record = desk.record(digest)
    runs = {record["inference_id"]: record["s3_key"]} | {
        further["inference_id"]: further["s3_key"] for further in record["also"]
    }
    assert runs == {
        "run-1": "uploads/run-1.png",
        "run-2": "simulated/1/0001.png",
        "run-3": "uploads/run-3.png",
    }


def test_undo_shows_the_image_again_and_another_label_replaces_the_first(desk: Desk) -> None:
    digests = {
        desk.add("run-1", image_bytes(1)): "run-1",
        desk.add("run-2", image_bytes(2)): "run-2",
    }
    with desk.session() as session:
        first = shown_card(session)
        assert first.image is not None
        session.label(first.id, "bicycle")
        second = shown_card(session)
        assert session.undo()
        assert shown_card(session).id == first.id
        assert first.stored is not None
        assert first.stored.label == "bicycle"
        session.label(first.id, "motorcycle")
        assert shown_card(session).id == second.id
        assert session.tally.labelled == 1
        assert session.undo()
        session.skip(first.id)  # keeps the label
        assert shown_card(session).id == second.id
        assert (session.tally.skipped, session.can_undo()) == (0, True)
    run = digests[first.image.sha256]
    assert desk.record(first.image.sha256)["label"] == "motorcycle"
    assert desk.truth() == {run: "motorcycle"}
    assert desk.truth_lines() == [run]
    assert desk.in_queue() == (1, 0)


def test_a_replaced_label_counts_for_every_request_about_the_image(desk: Desk) -> None:
    desk.add("run-1", image_bytes(1))
    desk.add("run-2", image_bytes(1))
    with desk.session() as session:
        first = shown_card(session)
        session.label(first.id, "bicycle")
        assert session.undo()
        session.label(first.id, "none")
    assert desk.truth() == {"run-1": "none", "run-2": "none"}


def test_there_is_nothing_to_undo_at_first(desk: Desk) -> None:
    desk.add("run-1", image_bytes(1))
    with desk.session() as session:
        assert not session.undo()
        assert shown_card(session).stored is None


def test_a_skipped_image_is_visible_to_others_at_once_and_here_only_on_demand(desk: Desk) -> None:
    desk.add("run-1", image_bytes(1))
    with desk.session() as session:
        card = shown_card(session)
        assert desk.in_queue() == (0, 1)
        session._fetcher.submit(lambda: None).result()  # what is fetched ahead has been
        released = [0]
        desk.sqs.meta.events.register(
            "before-call.sqs.ReceiveMessage", lambda **_: released.append(desk.in_queue()[0])
        )
        session.skip(card.id)
        assert released[1] == 1
        assert session.show() is None
        assert session.tally.skipped == 1
        session.show_skipped()
        assert shown_card(session).id == card.id
    assert desk.in_queue() == (1, 0)


def test_closing_half_way_returns_all_images_to_the_queue(desk: Desk) -> None:
    for number in range(4):
        desk.add(f"run-{number}", image_bytes(number))
    desk.send("hello")
    with desk.session() as session:
        session.label(shown_card(session).id, "bicycle")
        session.skip(shown_card(session).id)
        shown_card(session)
    assert desk.in_queue() == (4, 0)
    with pytest.raises(NotShown):
        session.label("any", "bicycle")


def test_messages_stay_hidden_during_the_review(desk: Desk) -> None:
    desk.add("run-1", image_bytes(1))
    with desk.session(hidden_seconds=3) as session:
        card = shown_card(session)
        time.sleep(6.5)
        assert desk.in_queue() == (0, 1)
        session.label(card.id, "bicycle")
    assert desk.in_queue() == (0, 0)


def test_a_message_that_is_delivered_twice_is_one_image(desk: Desk) -> None:
    desk.add("run-1", image_bytes(1))
    session = desk.session(hidden_seconds=1)  # nothing keeps it hidden, as on a machine that sleeps
    card = shown_card(session)
    time.sleep(1.2)
    assert session._fetcher.submit(session._fetch).result() is None
    session.label(card.id, "bicycle")
    assert desk.in_queue() == (0, 0)
    assert session.tally.known == 0
