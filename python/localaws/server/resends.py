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
from typing import Any

from werkzeug.wrappers import Response

from localaws.json_object import JsonObject
from localaws.server.wsgi import Application

INVOCATION_ID = "HTTP_AMZ_SDK_INVOCATION_ID"  # the same for every attempt
READING = {"GET", "HEAD"}  # these can be carried out twice
KEPT = 256  # answers: an SDK sends again within seconds
KEPT_BYTES = 100_000  # of one answer

log = logging.getLogger(__name__)


class Resends:
    """A WSGI application that carries out each invocation of `application` once.

    A refused request is carried out again: SDKs repeat it to be accepted after all.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._answers: dict[str, Future[Response | None]] = {}  # the oldest first

    def __call__(self, environ: JsonObject, start_response: Callable[..., Any]) -> Iterable[bytes]:
        invocation = environ.get(INVOCATION_ID)
        if invocation is None or environ["REQUEST_METHOD"] in READING:
            return self._application(environ, start_response)
        current: Future[Response | None] = Future()
        with self._lock:
            former = self._answers.pop(invocation, None)
            self._answers[invocation] = current
            if len(self._answers) > KEPT:
                del self._answers[next(iter(self._answers))]
        kept = None
        try:
            # The former attempt may still run.
            answer = former.result() if former else None
            if answer:
                log.warning("%s was sent again: it gets its answer again", environ["PATH_INFO"])
            else:
                answer = Response.from_app(self._application, environ, buffered=True)
            if answer.status_code < 300 and len(answer.data) <= KEPT_BYTES:
                kept = answer
        finally:
            current.set_result(kept)
        chunks: Iterable[bytes] = answer(environ, start_response)
        return chunks
