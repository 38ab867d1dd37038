"""Invalid images and messages, and errors of AWS."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import review_desk
from botocore.exceptions import ClientError
from review_desk import BUCKET, Desk, image_bytes, shown_card

from scones.reviewing.session import NoSuchLabel, NotShown


@pytest.fixture
def desk() -> Iterator[Desk]:
    with review_desk.in_memory() as desk:
        yield desk


def fail(client: object, operation: str) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "InternalError", "Message": "Not now."}}, operation)

    client.meta.events.register(f"before-call.*.{operation}", refuse, unique_id="refusal")  # type: ignore[attr-defined]


def repair(client: object, operation: str) -> None:
    client.meta.events.unregister(f"before-call.*.{operation}", unique_id="refusal")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body", [None, b"", b"not an image", image_bytes(1)[:99]], ids=["gone", "empty", "text", "cut"]
)
def test_an_unavailable_image_can_be_dismissed_but_not_labelled(
    desk: Desk, body: bytes | None
) -> None:
    desk.add("run-1", body)
    with desk.session() as session:
        card = shown_card(session)
        assert card.remark.startswith(f"s3://{BUCKET}/uploads/run-1.png is ")
        with pytest.raises(NotShown):
            session.label(card.id, "bicycle")
        session.dismiss(card.id)
        assert session.tally.dismissed == 1
    assert desk.in_queue() == (0, 0)
    assert desk.keys("reviewed/") == desk.keys("ground-truth/") == []


def test_an_available_image_is_not_dismissed(desk: Desk) -> None:
    desk.add("run-1", image_bytes(1))
    with desk.session() as session, pytest.raises(NotShown):
        session.dismiss(shown_card(session).id)
    assert desk.in_queue() == (1, 0)


def test_foreign_messages_stay_and_are_reported_once(desk: Desk) -> None:
    for body in ("hello", "[]", '{"s3_bucket": "b"}'):
        desk.send(body)
    with desk.session(hidden_seconds=1) as session:
        assert session.show() is None
        time.sleep(1.2)
        assert session.show() is None
        assert len(desk.messages) == 3
        assert all("not a review request and stays there" in sentence for sentence in desk.messages)
    assert desk.in_queue() == (3, 0)


def test_an_invalid_label_is_refused_and_stores_nothing(desk: Desk) -> None:
    desk.add("run-1", image_bytes(1))
    with desk.session() as session:
        card = shown_card(session)
        with pytest.raises(NoSuchLabel):
            session.label(card.id, "zeppelin")
        with pytest.raises(NotShown):
            session.label("another", "bicycle")
        assert shown_card(session).id == card.id
    assert desk.keys("reviewed/") == []


def test_a_label_that_cannot_be_stored_leaves_the_message_alone(desk: Desk) -> None:
    digest = desk.add("run-1", image_bytes(1))
    with desk.session() as session:
        card = shown_card(session)
        fail(desk.s3, "PutObject")
        with pytest.raises(ClientError):
            session.label(card.id, "bicycle")
        repair(desk.s3, "PutObject")
        assert desk.in_queue() == (0, 1)
        assert shown_card(session).id == card.id
        session.label(card.id, "bicycle")
        assert session.tally.labelled == 1
    assert desk.record(digest)["label"] == "bicycle"
    assert desk.in_queue() == (0, 0)


def test_a_message_that_cannot_be_read_returns_to_the_queue(desk: Desk) -> None:
    desk.add("run-1", image_bytes(1))
    with desk.session() as session:
        fail(desk.s3, "GetObject")
        with pytest.raises(ClientError):
            session.show()
        assert desk.in_queue() == (1, 0)
        repair(desk.s3, "GetObject")
        shown_card(session)


def test_an_image_labelled_with_a_former_class_is_shown_again(desk: Desk) -> None:
    digest = desk.add("run-1", image_bytes(1))
    with desk.session() as session:
        session.classes = ("bus",)
        session.label(shown_card(session).id, "bus")
    desk.add("run-2", image_bytes(1))
    with desk.session() as session:
        card = shown_card(session)
        assert card.stored is not None
        assert card.stored.label == "bus"
        session.label(card.id, "bicycle")
    assert desk.record(digest)["label"] == "bicycle"
    assert desk.truth() == {"run-1": "bicycle", "run-2": "bicycle"}


def test_an_image_with_a_damaged_record_is_shown_again(desk: Desk) -> None:
    digest = desk.add("run-1", image_bytes(1))
    desk.s3.put_object(Bucket=BUCKET, Key=f"reviewed/{digest}.json", Body=b'{"label": "bicycle"')
    with desk.session() as session:
        session.label(shown_card(session).id, "motorcycle")
    assert desk.record(digest)["label"] == "motorcycle"
