"""A review session: shows one image of the queue at a time, and stores its label in the bucket.

A message is deleted after its label is stored, never before. However the session ends, unlabelled
images return to the queue: at once on `close`, otherwise when their messages time out.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from scones.clients import S3Client
from scones.images.reviewed import NONE
from scones.reviewing import loaded_image
from scones.reviewing.labels import LabelStore, Review
from scones.reviewing.loaded_image import ImageUnavailable, LoadedImage
from scones.reviewing.review_queue import Message, ReviewQueue
from scones.reviewing.review_request import InvalidRequest, ReviewRequest

MAX_UNDO = 20


class NotShown(LookupError):
    """The action is about an image that is not the one shown."""


class NoSuchLabel(ValueError):
    """The label is not a class."""


@dataclass
class Card:
    """A received message with its image.

    Attributes:
        handle: None once the message is deleted.
        image: None if it is unavailable.
        remark: why it is unavailable.
        stored: the image's label, if it has one.
    """

    id: str
    handle: str | None
    request: ReviewRequest
    image: LoadedImage | None
    remark: str = ""
    stored: Review | None = None


@dataclass
class Tally:
    """The numbers of images by what happened to them; `known` had a label before."""

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
        labels: LabelStore,
        s3: S3Client,
        classes: Sequence[str],
        say: Callable[[str], None],
    ) -> None:
        self.classes = tuple(classes)
        self.tally = Tally()
        self.waiting = 0  # about how many images are left to review, the shown one included
        self._queue = queue
        self._labels = labels
        self._s3 = s3
        self._say = say
        self._lock = threading.Lock()
        self._ended = threading.Event()
        # The next card is fetched while the reviewer looks at the present one.
        self._fetcher = ThreadPoolExecutor(1, "fetch")
        self._next: Future[Card | None] | None = None
        self._shown: Card | None = None
        self._set_aside: list[Card] = []  # by undo
        self._labelled: deque[Card] = deque(maxlen=MAX_UNDO)
        self._reviews: dict[str, Review] = {}  # of this session, by content
        self._cards: dict[str, Card] = {}  # with a message that is hidden, by its id
        self._skipped: set[str] = set()
        self._foreign: set[str] = set()
        # Handles of skipped and foreign messages that were received again.
        self._withheld: dict[str, str] = {}
        self._keeper = threading.Thread(target=self._keep_hidden, daemon=True)

    def __enter__(self) -> Session:
        self._keeper.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def show(self) -> Card | None:
        """The image to review, the same one until an action; None while the queue is empty."""
        with self._lock:
            if self._shown is None and not self._ended.is_set():
                self._advance()
            return self._shown

    def label(self, card_id: str, label: str) -> Review:
        """Store the shown image's label, then delete its message.

        Raises:
            NotShown, NoSuchLabel: as described there.
        """
        if label not in (*self.classes, NONE):
            raise NoSuchLabel(label)
        with self._lock:
            card = self._require_shown(card_id)
            if card.image is None:
                raise NotShown(card_id)
            is_new = card.handle is not None
            review = card.stored
            if is_new or review is None or review.label != label:
                review = self._labels.store(card.request, card.image, label)
                self._reviews[review.sha256] = card.stored = review
            self._delete(card)
            self.tally.labelled += is_new
            self._labelled.append(card)
            self._advance()
            return review

    def skip(self, card_id: str) -> None:
        """Return the shown image to the queue; one that is labelled keeps its label."""
        with self._lock:
            card = self._require_shown(card_id)
            if card.handle is None:
                self._labelled.append(card)
            else:
                self._skipped.add(card.id)
                self._cards.pop(card.id, None)
                self._queue.release(card.handle)
                self.tally.skipped += 1
            self._advance()

    def dismiss(self, card_id: str) -> None:
        """Delete the message of an unavailable image."""
        with self._lock:
            card = self._require_shown(card_id)
            if card.image is not None:
                raise NotShown(card_id)
            self._delete(card)
            self.tally.dismissed += 1
            self._advance()

    def undo(self) -> bool:
        """Show the last labelled image again, to replace its label; False if there is none."""
        with self._lock:
            if not self._labelled:
                return False
            if self._shown is not None:
                self._set_aside.append(self._shown)
            self._shown = self._labelled.pop()
            return True

    def show_skipped(self) -> None:
        """Show the images that were skipped in this session once more."""
        with self._lock:
            for message_id in self._skipped & self._withheld.keys():
                self._queue.release(self._withheld.pop(message_id))
            self._skipped.clear()
            self.tally.skipped = 0

    def can_undo(self) -> bool:
        return bool(self._labelled)

    def close(self) -> None:
        """Return all unlabelled images to the queue, after the action in progress."""
        self._ended.set()
        with self._lock:
            self._fetcher.shutdown()
            for handle in self._handles():
                self._queue.release(handle)
            self._cards.clear()
            self._withheld.clear()
            self._shown = None

    def _require_shown(self, card_id: str) -> Card:
        if self._shown is None or self._shown.id != card_id or self._ended.is_set():
            raise NotShown(card_id)
        return self._shown

    def _advance(self) -> None:
        """Show the next card, and start to fetch the one after it."""
        if self._set_aside:
            self._shown = self._set_aside.pop()
            return
        self._shown = None
        fetched_ahead = self._next is not None
        card = self._take_next()
        if card is None and fetched_ahead:
            card = self._take_next()  # messages may have arrived since
        # A card that was fetched ahead may have got its label meanwhile.
        while card and card.image and card.image.sha256 in self._reviews:
            self._settle(card, self._reviews[card.image.sha256])
            card = self._take_next()
        self._shown = card
        skipped_in_queue = len(self._skipped - self._withheld.keys())
        in_queue = max(0, self._queue.waiting() - skipped_in_queue)
        self.waiting = in_queue + len(self._cards)
        if card is not None:
            self._next = self._fetcher.submit(self._fetch)

    def _take_next(self) -> Card | None:
        future = self._next or self._fetcher.submit(self._fetch)
        self._next = None
        return future.result()

    def _fetch(self) -> Card | None:
        """Receive messages until one needs a review."""
        while not self._ended.is_set():
            message = self._queue.receive()
            if message is None:
                return None
            card = self._cards.get(message.id)
            if card:  # it had timed out
                card.handle = message.handle
            elif message.id in self._skipped | self._foreign:
                self._withheld[message.id] = message.handle
            else:
                card = self._open_message(message)
                if card:
                    self._cards[card.id] = card
                    return card
        return None

    def _open_message(self, message: Message) -> Card | None:
        """The message's card; None if it needs no review."""
        try:
            request = ReviewRequest.parse(message.body)
        except InvalidRequest as error:
            self._say(
                f"Message {message.id} in the review queue is not a review request and stays "
                f"there. {error}"
            )
            self._foreign.add(message.id)
            self._withheld[message.id] = message.handle
            return None
        card = Card(message.id, message.handle, request, None)
        try:
            card.image = loaded_image.load(self._s3, request.s3_bucket, request.s3_key)
            review = self._labels.find(card.image.sha256)
            if review and review.label in (*self.classes, NONE):
                self._settle(card, review)
                return None
            card.stored = review
        except ImageUnavailable as error:
            card.remark = str(error)
        except BaseException:
            self._queue.release(message.handle)
            raise
        return card

    def _settle(self, card: Card, review: Review) -> None:
        """Use the label that the same content got before, in this session or another."""
        self._labels.extend(review, card.request)
        self._delete(card)
        self.tally.known += 1

    def _delete(self, card: Card) -> None:
        if card.handle is not None:
            self._queue.delete(card.handle)
            card.handle = None
        self._cards.pop(card.id, None)

    def _keep_hidden(self) -> None:
        """Hide all received messages again, well before they time out."""
        while not self._ended.wait(self._queue.hidden_seconds / 3):
            with self._lock:
                for handle in self._handles():
                    self._queue.hide(handle)

    def _handles(self) -> list[str]:
        """The handles of all hidden messages."""
        cards = list(self._cards.values())
        handles = [card.handle for card in cards if card.handle]
        return [*handles, *self._withheld.values()]
