"""One sitting: a picture at a time out of the queue, and what is said of it into the bucket.

A message is deleted when its label is stored, never before. Whatever ends the sitting, what was not labelled is in the
queue again: at once where it ends by `close`, otherwise when the messages' time ends.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from scones.images.reviewed import NONE
from scones.reviewing import photos
from scones.reviewing.doubts import Doubt, NotOurs
from scones.reviewing.labels import Labels, Review
from scones.reviewing.photos import NoPhoto, Photo
from scones.reviewing.review_queue import Message, ReviewQueue

REMEMBERED = 20  # labels that can be taken back


class NotShown(LookupError):
    """Something is said of a picture that nobody is shown."""


class NoSuchLabel(ValueError):
    """A picture is said to show what there is no class for."""


@dataclass
class Card:
    """A picture in hand: `photo`, or `remark` on why there is none.

    `handle` is None once the message is deleted; `stored` is the label that the picture has, if any.
    """

    id: str
    handle: str | None
    doubt: Doubt
    photo: Photo | None
    remark: str
    stored: Review | None = None


@dataclass
class Tally:
    """How many pictures were labelled here, put back and dismissed, and how many had their label already."""

    labelled: int = 0
    skipped: int = 0
    dismissed: int = 0
    known: int = 0


class Session:
    """Safe to use from several threads.

    >>> with Session(queue, labels, s3, classes, say) as session:
    ...     card = session.show()
    """

    def __init__(
        self,
        queue: ReviewQueue,
        labels: Labels,
        s3: Any,
        classes: Sequence[str],
        say: Callable[[str], None],
    ) -> None:
        self.classes, self.tally = tuple(classes), Tally()
        self.waiting = (
            0  # about how many pictures are still to be looked at here, the shown one included
        )
        self._queue, self._labels, self._s3, self._say = queue, labels, s3, say
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._taker = ThreadPoolExecutor(1, "take")
        self._coming: Future[Card | None] | None = None
        self._shown: Card | None = None
        self._set_aside: list[Card] = []  # by undoing
        self._labelled: deque[Card] = deque(maxlen=REMEMBERED)
        self._given: dict[str, Review] = {}  # by content, in this sitting
        self._hand: dict[str, Card] = {}  # by message
        self._skipped: set[str] = set()
        self._foreign: set[str] = set()
        self._hidden: dict[
            str, str
        ] = {}  # handles of messages that shall not come up again in this sitting
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Session:
        self._keeper.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def show(self) -> Card | None:
        """The picture to look at: the same until something is said of it. None while nothing waits."""
        with self._lock:
            if self._shown is None and not self._ended.is_set():
                self._advance()
            return self._shown

    def label(self, card_id: str, label: str) -> Review:
        """Store what the shown picture shows, then delete its message.

        Raises:
            NotShown, NoSuchLabel: see there.
        """
        if label not in (*self.classes, NONE):
            raise NoSuchLabel(label)
        with self._lock:
            card = self._expect(card_id)
            if card.photo is None:
                raise NotShown(card_id)
            again = card.handle is None
            if not (again and card.stored and card.stored.label == label):
                card.stored = self._given[card.photo.sha256] = self._labels.give(
                    card.doubt, card.photo, label
                )
            self._delete(card)
            self.tally.labelled += not again
            self._labelled.append(card)
            self._advance()
            return card.stored

    def skip(self, card_id: str) -> None:
        """Put the shown picture back for others; one that is labelled keeps its label."""
        with self._lock:
            card = self._expect(card_id)
            if card.handle is None:
                self._labelled.append(card)
            else:
                self._skipped.add(card.id)
                self._hand.pop(card.id, None)
                self._queue.release(card.handle)
                self.tally.skipped += 1
            self._advance()

    def dismiss(self, card_id: str) -> None:
        """Delete the message of what cannot be looked at."""
        with self._lock:
            card = self._expect(card_id)
            if card.photo is not None:
                raise NotShown(card_id)
            self._delete(card)
            self.tally.dismissed += 1
            self._advance()

    def undo(self) -> bool:
        """Show the picture labelled last again, for another label to replace its own; False where there is none."""
        with self._lock:
            if not self._labelled:
                return False
            if self._shown is not None:
                self._set_aside.append(self._shown)
            self._shown = self._labelled.pop()
            return True

    def look_again(self) -> None:
        """Have the pictures that were skipped here come up once more."""
        with self._lock:
            for message in self._skipped & self._hidden.keys():
                self._queue.release(self._hidden.pop(message))
            self._skipped.clear()
            self.tally.skipped = 0

    def can_undo(self) -> bool:
        return bool(self._labelled)

    def close(self) -> None:
        """Put back everything that is in hand. What is being said of a picture at the moment comes first."""
        self._ended.set()
        with self._lock:
            self._taker.shutdown()
            for handle in self._handles():
                self._queue.release(handle)
            self._hand.clear()
            self._hidden.clear()
            self._shown = None

    def _expect(self, card_id: str) -> Card:
        if self._shown is None or self._shown.id != card_id or self._ended.is_set():
            raise NotShown(card_id)
        return self._shown

    def _advance(self) -> None:
        """Show the next picture: one set aside, or the one that was fetched meanwhile; then fetch another."""
        if self._set_aside:
            self._shown = self._set_aside.pop()
            return
        self._shown = None
        early = self._coming is not None
        card = self._come()
        if card is None and early:
            card = self._come()  # what was fetched early was fetched too early
        while card and card.photo and (review := self._given.get(card.photo.sha256)):
            self._settle(card.id, card.handle, card.doubt, review)
            card = self._come()
        self._shown = card
        skipped_in_queue = len(self._skipped - self._hidden.keys())
        self.waiting = max(0, self._queue.waiting() - skipped_in_queue) + len(self._hand)
        if card is not None:
            self._coming = self._taker.submit(self._take)

    def _come(self) -> Card | None:
        coming, self._coming = self._coming or self._taker.submit(self._take), None
        return coming.result()

    def _take(self) -> Card | None:
        """The next message that somebody must look at, with its picture."""
        while not self._ended.is_set() and (message := self._queue.take()):
            if card := self._hand.get(message.id):
                card.handle = message.handle  # its time had ended
            elif message.id in self._skipped or message.id in self._foreign:
                self._hidden[message.id] = message.handle
            elif taken := self._looked_at(message):
                return taken
        return None

    def _looked_at(self, message: Message) -> Card | None:
        """The message as a card in hand; None where nobody needs to look at it."""
        try:
            card = self._judged(message)
        except BaseException:
            self._queue.release(message.handle)
            raise
        if card:
            self._hand[card.id] = card
        return card

    def _judged(self, message: Message) -> Card | None:
        try:
            doubt = Doubt.parse(message.body)
        except NotOurs as error:
            self._say(
                f"Message {message.id} in the review queue is none of ours, and stays there. {error}"
            )
            self._foreign.add(message.id)
            self._hidden[message.id] = message.handle
            return None
        try:
            photo = photos.load(self._s3, doubt.s3_bucket, doubt.s3_key)
        except NoPhoto as error:
            return Card(message.id, message.handle, doubt, None, str(error))
        review = self._labels.known(photo.sha256)
        if review and review.label in (*self.classes, NONE):
            self._settle(message.id, message.handle, doubt, review)
            return None
        return Card(message.id, message.handle, doubt, photo, "", review)

    def _settle(self, message: str, handle: str | None, doubt: Doubt, review: Review) -> None:
        """The same content was labelled before: here, by others, or before a sitting was cut off."""
        self._labels.extend(review, doubt)
        if handle is not None:
            self._queue.delete(handle)
        self._hand.pop(message, None)
        self.tally.known += 1

    def _delete(self, card: Card) -> None:
        if card.handle is not None:
            self._queue.delete(card.handle)
            card.handle = None
        self._hand.pop(card.id, None)

    def _keep(self) -> None:
        """Hide what is in hand anew, well before its time ends."""
        while not self._ended.wait(self._queue.hidden_seconds / 3):
            with self._lock:
                for handle in self._handles():
                    self._queue.keep(handle)

    def _handles(self) -> list[str]:
        """Of every message that is hidden because of us."""
        in_hand = [card.handle for card in list(self._hand.values())]
        return [handle for handle in in_hand if handle is not None] + list(self._hidden.values())
