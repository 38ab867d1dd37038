"""Pictures, messages and answers of AWS that are not as they should be."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import review_desk
from botocore.exceptions import ClientError
from review_desk import BUCKET, Desk, picture, shown

from scones.reviewing.session import NoSuchLabel, NotShown


@pytest.fixture
def desk() -> Iterator[Desk]:
    with review_desk.in_memory() as desk:
        yield desk


def fail(client: object, operation: str) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "InternalError", "Message": "Not now."}}, operation)

    client.meta.events.register(f"before-call.*.{operation}", refuse, unique_id="refusal")  # type: ignore[attr-defined]


def mend(client: object, operation: str) -> None:
    client.meta.events.unregister(f"before-call.*.{operation}", unique_id="refusal")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body", [None, b"", b"no picture", picture(1)[:99]], ids=["gone", "empty", "text", "cut"]
)
def test_what_cannot_be_looked_at_can_be_dismissed_but_not_labelled(
    desk: Desk, body: bytes | None
) -> None:
    desk.ask("run-1", body)
    with desk.session() as session:
        card = shown(session)
        assert card.remark.startswith(f"s3://{BUCKET}/uploads/run-1.png is ")
        with pytest.raises(NotShown):
            session.label(card.id, "bicycle")
        session.dismiss(card.id)
        assert session.tally.dismissed == 1
    assert desk.in_queue() == (0, 0)
    assert desk.keys("reviewed/") == desk.keys("ground-truth/") == []


def test_a_picture_that_can_be_looked_at_is_not_dismissed(desk: Desk) -> None:
    desk.ask("run-1", picture(1))
    with desk.session() as session, pytest.raises(NotShown):
        session.dismiss(shown(session).id)
    assert desk.in_queue() == (1, 0)


def test_other_peoples_messages_stay_and_are_named_once(desk: Desk) -> None:
    for body in ("hello", "[]", '{"s3_bucket": "b"}'):
        desk.send(body)
    with desk.session(hidden_seconds=1) as session:
        assert session.show() is None
        time.sleep(1.2)
        assert session.show() is None
        assert len(desk.said) == 3
        assert all("none of ours, and stays there" in sentence for sentence in desk.said)
    assert desk.in_queue() == (3, 0)


def test_nonsense_is_refused_and_stores_nothing(desk: Desk) -> None:
    desk.ask("run-1", picture(1))
    with desk.session() as session:
        card = shown(session)
        with pytest.raises(NoSuchLabel):
            session.label(card.id, "zeppelin")
        with pytest.raises(NotShown):
            session.label("another", "bicycle")
        assert shown(session).id == card.id
    assert desk.keys("reviewed/") == []


def test_a_label_that_cannot_be_stored_leaves_the_message_alone(desk: Desk) -> None:
    digest = desk.ask("run-1", picture(1))
    with desk.session() as session:
        card = shown(session)
        fail(desk.s3, "PutObject")
        with pytest.raises(ClientError):
            session.label(card.id, "bicycle")
        mend(desk.s3, "PutObject")
        assert desk.in_queue() == (0, 1)
        assert shown(session).id == card.id
        session.label(card.id, "bicycle")
        assert session.tally.labelled == 1
    assert desk.record(digest)["label"] == "bicycle"
    assert desk.in_queue() == (0, 0)


def test_a_message_that_fails_to_be_read_is_in_the_queue_again(desk: Desk) -> None:
    desk.ask("run-1", picture(1))
    with desk.session() as session:
        fail(desk.s3, "GetObject")
        with pytest.raises(ClientError):
            session.show()
        assert desk.in_queue() == (1, 0)
        mend(desk.s3, "GetObject")
        shown(session)


def test_a_label_of_former_classes_is_asked_again(desk: Desk) -> None:
    digest = desk.ask("run-1", picture(1))
    with desk.session() as session:
        session.classes = ("bus",)
        session.label(shown(session).id, "bus")
    desk.ask("run-2", picture(1))
    with desk.session() as session:
        card = shown(session)
        assert card.stored is not None
        assert card.stored.label == "bus"
        session.label(card.id, "bicycle")
    assert desk.record(digest)["label"] == "bicycle"
    assert desk.truth() == {"run-1": "bicycle", "run-2": "bicycle"}


def test_a_spoilt_record_is_asked_for_again(desk: Desk) -> None:
    digest = desk.ask("run-1", picture(1))
    desk.s3.put_object(Bucket=BUCKET, Key=f"reviewed/{digest}.json", Body=b'{"label": "bicycle"')
    with desk.session() as session:
        session.label(shown(session).id, "motorcycle")
    assert desk.record(digest)["label"] == "motorcycle"
