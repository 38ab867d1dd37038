"""A stream of CloudWatch Logs, written from inside the server: what is written arrives late."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence

from moto.core.utils import unix_time_millis
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import logs_backends

from localaws.iam.sessions import Session
from localaws.json_object import JsonObject
from localaws.pace import Duration
from localaws.server.later import later

_creation = threading.Lock()  # moto would replace a group that two threads create at once


class LogStream:
    """Created with its first events; its group exists from the start.

    A service writes it under a role. What the role may not write, and what arrives after the
    deletion of stream or group, is dropped. `needs` are further actions that the service takes
    before it writes.
    """

    def __init__(
        self,
        account_id: str,
        region: str,
        group: str,
        name: str,
        session: Session,
        needs: Sequence[str] = (),
    ) -> None:
        self.group = group
        self.name = name
        self._session = session
        self._group_arn = f"arn:aws:logs:{region}:{account_id}:log-group:{group}:log-stream:"
        self._backend = logs_backends[account_id][region]
        with _creation:
            actions = list(needs)
            if group not in self._backend.groups:
                actions.append("logs:CreateLogGroup")
            denied = [action for action in actions if not session.may(action, self._group_arn)]
            self._is_open = self._may("logs:CreateLogStream") and not denied
            if self._is_open:
                self._backend.ensure_log_group(group)
        self._exists = False

    def write(self, *messages: str) -> None:
        now = int(unix_time_millis())
        events = [{"timestamp": now, "message": message} for message in messages if message.strip()]
        if events and self._is_open and self._may("logs:PutLogEvents"):
            later(Duration.LOGS.seconds, functools.partial(self._arrive, events))

    def _arrive(self, events: list[JsonObject]) -> None:
        try:
            if not self._exists:
                self._backend.ensure_log_stream(self.group, self.name)
                self._exists = True
            self._backend.put_log_events(self.group, self.name, events)
        except ResourceNotFoundException:
            return  # deleted with what it belonged to: it must not come back

    def _may(self, action: str) -> bool:
        return self._session.may(action, f"{self._group_arn}{self.name}")
