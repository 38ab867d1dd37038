"""The page's own web server: on this machine alone, for whoever knows its address, and for no other site's scripts.

GET  /<secret>/               the page; theme and script come from here too
GET  /<secret>/state          what to show, as JSON
GET  /<secret>/picture/<id>   the picture shown, as PNG
POST /<secret>/label          {"id", "label"}; skip and dismiss {"id"}; undo, again and done {}; each answers state
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from scones.reviewing.review_page import Page
from scones.reviewing.session import NoSuchLabel, NotShown, Session

ADDRESS = "127.0.0.1"
OURSELVES = {"127.0.0.1", "localhost"}
MOST_BYTES = 4096  # of a request's body
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Refused(Exception):
    """A request that is not answered as it was meant: an HTTP status, and a sentence that says why."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Server(ThreadingHTTPServer):
    """Serves one session's page until `shutdown`, or until the page says that it is done."""

    daemon_threads = True

    def __init__(self, session: Session, page: Page, port: int) -> None:
        """
        Raises:
            OSError: the port is taken, or not ours to take.
        """
        super().__init__((ADDRESS, port), Handler)
        self.session, self.page, self.secret = session, page, secrets.token_urlsafe(16)

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.server_port}/{self.secret}/"

    def state(self) -> dict[str, Any]:
        return self.page.state(self.session)

    def act(self, action: str, given: Mapping[str, Any]) -> None:
        """Do what a button says.

        Raises:
            Refused: there is no such button, or it makes no sense now.
        """
        card = str(given.get("id"))
        match action:
            case "label":
                self.session.label(card, str(given.get("label")))
            case "skip":
                self.session.skip(card)
            case "dismiss":
                self.session.dismiss(card)
            case "undo":
                if not self.session.undo():
                    raise Refused(HTTPStatus.CONFLICT, "There is no label to change.")
            case "again":
                self.session.look_again()
            case "done":
                threading.Thread(target=self.shutdown).start()
            case _:
                raise Refused(HTTPStatus.NOT_FOUND, "There is nothing here.")


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds that a connection may be silent

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """The terminal is for people."""

    def _get(self) -> tuple[str, bytes]:
        match self._place():
            case [""]:
                return "text/html; charset=utf-8", self.server.page.html()
            case ["review.js"]:
                return "text/javascript; charset=utf-8", self.server.page.script()
            case ["state"]:
                return _json(self.server.state())
            case ["picture", card]:
                shown = self.server.session.show()
                if shown is None or shown.id != card or shown.photo is None:
                    raise NotShown(card)
                return "image/png", shown.photo.shown
        raise Refused(HTTPStatus.NOT_FOUND, "There is nothing here.")

    def _post(self) -> tuple[str, bytes]:
        given, place = self._body(), self._place()
        if self.headers.get("Origin") != f"http://{self.headers.get('Host')}":
            raise Refused(HTTPStatus.FORBIDDEN, "Only this page's own buttons work here.")
        self.server.act("/".join(place), given)
        return _json({} if place == ["done"] else self.server.state())

    def _place(self) -> list[str]:
        """The parts of the address behind the secret. A rebound DNS name or a missing secret leads nowhere."""
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in OURSELVES:
            raise Refused(HTTPStatus.FORBIDDEN, f"This page is at {ADDRESS} only.")
        _, secret, *rest = [*self.path.partition("?")[0].split("/"), ""]
        if not hmac.compare_digest(secret.encode(), self.server.secret.encode()):
            raise Refused(HTTPStatus.FORBIDDEN, "This is not the address that the terminal shows.")
        return rest[:-1]

    def _body(self) -> Mapping[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True  # the body stays unread
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"A body of at most {MOST_BYTES} bytes is expected.",
            )
        try:
            given = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            raise Refused(HTTPStatus.BAD_REQUEST, "The body is no JSON object.")
        return given

    def _answer(self, work: Any) -> None:
        status = HTTPStatus.OK
        try:
            kind, body = work()
        except Refused as refused:
            status, (kind, body) = refused.status, _error(str(refused))
        except NotShown:
            status = HTTPStatus.NOT_FOUND
            kind, body = _error("This picture is not the one to look at now; nothing was stored.")
        except NoSuchLabel as error:
            status, (kind, body) = (
                HTTPStatus.BAD_REQUEST,
                _error(f'There is no class "{error}"; nothing was stored.'),
            )
        except (ClientError, BotoCoreError) as error:
            status, (kind, body) = HTTPStatus.BAD_GATEWAY, _error(f"AWS did not do it: {error}")
        self.send_response(status)
        for name, value in {
            **HEADERS,
            "Content-Type": kind,
            "Content-Length": str(len(body)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _json(content: Mapping[str, Any]) -> tuple[str, bytes]:
    return "application/json", json.dumps(content).encode()


def _error(sentence: str) -> tuple[str, bytes]:
    return _json({"error": sentence})
