"""A stream of CloudWatch Logs, written from inside the server: what is written arrives late."""

from __future__ import annotations

import functools
import threading

from moto.core.utils import unix_time_millis
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import logs_backends

from localaws.json_object import JsonObject
from localaws.pace import Duration
from localaws.server.later import later

_creation = threading.Lock()  # moto would replace a group that two threads create at once


class LogStream:
    """Created with its first events; its group exists from the start.

    What arrives after the deletion of stream or group is dropped.
    """

    def __init__(
        self,
        account_id: str,
        region: str,
        group: str,
        name: str,
    ) -> None:
        self.group = group
        self.name = name
        self._backend = logs_backends[account_id][region]
        with _creation:
            self._backend.ensure_log_group(group)
        self._exists = False

    def write(self, *messages: str) -> None:
        now = int(unix_time_millis())
        events = [{"timestamp": now, "message": message} for message in messages if message.strip()]
        if events:
            later(Duration.LOGS.seconds, functools.partial(self._arrive, events))

    def _arrive(self, events: list[JsonObject]) -> None:
        try:
            if not self._exists:
                self._backend.ensure_log_stream(self.group, self.name)
                self._exists = True
            self._backend.put_log_events(self.group, self.name, events)
        except ResourceNotFoundException:
            return  # deleted with what it belonged to: it must not come back
