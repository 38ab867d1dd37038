"""A request that an SDK sends again, because its answer was lost, gets that answer again.

A connection can break after the account has carried out its request. SDKs then send the same
invocation again. A second creation would be refused; Terraform takes that for a conflict that
passes, repeats the creation of a function for five minutes, and fails.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from werkzeug.test import run_wsgi_app

from localaws.json_object import JsonObject

Wsgi = Callable[[JsonObject, Callable[..., Any]], Iterable[bytes]]

INVOCATION_ID = "HTTP_AMZ_SDK_INVOCATION_ID"  # the same for every attempt
READING = {"GET", "HEAD"}  # these can be carried out twice
KEPT = 256  # answers: an SDK sends again within seconds
KEPT_BYTES = 100_000  # of one answer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def is_final(self) -> bool:
        """Whether it is for good: SDKs repeat a refused request to be accepted after all."""
        return self.status.startswith("2") and len(self.body) <= KEPT_BYTES


class Resends:
    """A WSGI application that carries out each invocation of `application` once."""

    def __init__(self, application: Wsgi) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._answers: dict[str, Future[Answer | None]] = {}  # the oldest first

    def __call__(self, environ: JsonObject, start_response: Callable[..., Any]) -> Iterable[bytes]:
        invocation = environ.get(INVOCATION_ID)
        if invocation is None or environ["REQUEST_METHOD"] in READING:
            return self._application(environ, start_response)
        former, current = self._enter(invocation)
        final = None
        try:
            # The former attempt may still run.
            answer = former.result() if former else None
            if answer:
                log.warning("%s was sent again: it gets its answer again", _name(environ))
            else:
                chunks, status, headers = run_wsgi_app(self._application, environ, buffered=True)
                answer = Answer(status, list(headers), b"".join(chunks))
            final = answer if answer.is_final else None
        finally:
            current.set_result(final)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _enter(self, invocation: str) -> tuple[Future[Answer | None] | None, Future[Answer | None]]:
        """The answer of the former attempt, if there was one, and the place for this one's."""
        current: Future[Answer | None] = Future()
        with self._lock:
            former = self._answers.pop(invocation, None)
            self._answers[invocation] = current
            if len(self._answers) > KEPT:
                del self._answers[next(iter(self._answers))]
        return former, current


def _name(environ: JsonObject) -> str:
    target = environ.get("HTTP_X_AMZ_TARGET") or environ["PATH_INFO"]
    return f"{environ['REQUEST_METHOD']} {target}"
