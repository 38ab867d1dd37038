"""The queue of pictures to look at. A message that is taken is hidden until it is released or its time ends."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

HIDDEN_SECONDS = 300


@dataclass(frozen=True)
class Message:
    """A message as it was taken; a message that is delivered again has the same `id` and another `handle`."""

    id: str
    handle: str
    body: str


@dataclass(frozen=True)
class ReviewQueue:
    """The queue at `url`.

    Attributes:
        hidden_seconds: for how long a message that is taken is nobody else's.
        wait_seconds: to wait for a message; only where it may wait does SQS ask all of its servers.
    """

    sqs: Any
    url: str
    hidden_seconds: int = HIDDEN_SECONDS
    wait_seconds: int = 1

    def take(self) -> Message | None:
        """One message, hidden from now on, or None where there seems to be none."""
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=1,
            VisibilityTimeout=self.hidden_seconds,
            WaitTimeSeconds=self.wait_seconds,
        )
        for raw in answer.get("Messages", ()):
            return Message(raw["MessageId"], raw["ReceiptHandle"], raw["Body"])
        return None

    def keep(self, handle: str) -> None:
        """Hide the message anew."""
        self._hide(handle, self.hidden_seconds)

    def release(self, handle: str) -> None:
        """Have the message be seen again at once."""
        self._hide(handle, 0)

    def delete(self, handle: str) -> None:
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=handle)

    def waiting(self) -> int:
        """About how many messages nobody has taken."""
        name = "ApproximateNumberOfMessages"
        return int(
            self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])["Attributes"][
                name
            ]
        )

    def _hide(self, handle: str, seconds: int) -> None:
        with suppress(
            ClientError
        ):  # its time ended, or it was deleted meanwhile: it is not ours to hide any more
            self.sqs.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=handle, VisibilityTimeout=seconds
            )
