"""The queue of images to review. A received message is hidden until it is released or times out."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from botocore.exceptions import ClientError

from scones.clients import SQSClient


@dataclass(frozen=True)
class Message:
    """A received message; when delivered again, it has the same `id` and another `handle`."""

    id: str
    handle: str
    body: str


@dataclass(frozen=True)
class ReviewQueue:
    """The queue at `url`.

    Attributes:
        hidden_seconds: how long a received message is hidden.
        wait_seconds: how long to wait for a message; SQS asks all its servers only if it may wait.
    """

    sqs: SQSClient
    url: str
    hidden_seconds: int = 300
    wait_seconds: int = 1

    def receive(self) -> Message | None:
        """Receive and hide one message; None if there seems to be none."""
        response = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=1,
            VisibilityTimeout=self.hidden_seconds,
            WaitTimeSeconds=self.wait_seconds,
        )
        for raw in response.get("Messages", ()):
            return Message(raw["MessageId"], raw["ReceiptHandle"], raw["Body"])
        return None

    def hide(self, handle: str) -> None:
        """Hide the message for another `hidden_seconds`."""
        self._set_timeout(handle, self.hidden_seconds)

    def release(self, handle: str) -> None:
        """Make the message visible at once."""
        self._set_timeout(handle, 0)

    def delete(self, handle: str) -> None:
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=handle)

    def waiting(self) -> int:
        """The approximate number of visible messages."""
        response = self.sqs.get_queue_attributes(
            QueueUrl=self.url,
            AttributeNames=["ApproximateNumberOfMessages"],
        )
        return int(response["Attributes"]["ApproximateNumberOfMessages"])

    def _set_timeout(self, handle: str, seconds: int) -> None:
        # An error means that the message timed out or was deleted: the handle is no longer valid.
        with suppress(ClientError):
            self.sqs.change_message_visibility(
                QueueUrl=self.url,
                ReceiptHandle=handle,
                VisibilityTimeout=seconds,
            )
