"""SQS on disk: the messages of the queues. The queues themselves are saved with the services.

A restored message is visible at once and counts its receives from zero: who received it before may
receive it again, as SQS delivers at least once.
"""

from __future__ import annotations

import pickle
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from localaws.persistence.account_file import AccountFile, unpickle
from localaws.server.patching import change


def install(file: AccountFile) -> None:
    """After the queues have been restored."""
    for _, _, backend in sqs_backends.iter_backends():
        for queue in backend.queues.values():
            _restore_messages(file, queue)

    @change(SQSBackend)
    def create_queue(moto: Any, self: Any, name: str, *args: Any, **attributes: Any) -> Any:
        is_new = name not in self.queues
        queue = moto(self, name, *args, **attributes)
        if is_new:  # its messages are on disk where the services were dropped
            _restore_messages(file, queue)
        return queue

    @change(Queue)
    def add_message(moto: Any, self: Any, message: Any) -> None:
        # Before it can be received, and with that deleted.
        file.write(
            "insert or replace into message values (?, ?, ?, ?, ?)",
            message.id,
            self.account_id,
            self.region,
            self.name,
            pickle.dumps(vars(message)),
        )
        moto(self, message)
        if self.fifo_queue and message not in self._messages:  # a duplicate
            file.write("delete from message where id = ?", message.id)

    @change(Queue)
    def delete_message(moto: Any, self: Any, receipt_handle: str) -> None:
        deleted = [
            message.id
            for message in list(self._messages)
            if message.had_receipt_handle(receipt_handle)
        ]
        moto(self, receipt_handle)
        for message_id in deleted:
            file.write("delete from message where id = ?", message_id)

    @change(SQSBackend)
    def purge_queue(moto: Any, self: Any, queue_name: str) -> None:
        moto(self, queue_name)
        _delete_messages(file, self, queue_name)

    @change(SQSBackend)
    def delete_queue(moto: Any, self: Any, queue_name: str) -> None:
        moto(self, queue_name)
        _delete_messages(file, self, queue_name)


def _restore_messages(file: AccountFile, queue: Any) -> None:
    rows = file.read(
        "select id, state from message where account = ? and region = ? and queue = ? "
        "order by rowid",
        queue.account_id,
        queue.region,
        queue.name,
    )
    for message_id, state in rows:
        attributes = unpickle(state)
        message = Message(message_id, attributes["body"])
        vars(message).update(attributes)
        queue._messages.append(message)


def _delete_messages(file: AccountFile, backend: Any, queue: str) -> None:
    file.write(
        "delete from message where account = ? and region = ? and queue = ?",
        backend.account_id,
        backend.region_name,
        queue,
    )
