"""The web server of the review page.

Listens on this machine only, requires the secret in the address, and refuses other sites' scripts.

GET  /<secret>/             the page; theme and script come from here too
GET  /<secret>/state        what to show, as JSON
GET  /<secret>/image/<id>   the image shown, as PNG
POST /<secret>/label        {"id", "label"}; skip and dismiss {"id"}; undo, show-skipped and done {}

Each POST returns the state.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from scones.json_object import JsonObject
from scones.reviewing.review_page import SCRIPT, Page
from scones.reviewing.session import NoSuchLabel, NotShown, Session

ADDRESS = "127.0.0.1"
HOST_NAMES = {"127.0.0.1", "localhost"}
MAX_BODY = 4096  # bytes of a request
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
Content = tuple[str, bytes]  # type and body


class RequestError(Exception):
    """A request that is refused: an HTTP status, and a sentence that says why."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Server(ThreadingHTTPServer):
    """Serves one session's page until `shutdown`, or until the page's Done."""

    daemon_threads = True

    def __init__(self, session: Session, page: Page, port: int) -> None:
        """
        Raises:
            OSError: the port is in use, or not permitted.
        """
        super().__init__((ADDRESS, port), Handler)
        self.session = session
        self.page = page
        self.secret = secrets.token_urlsafe(16)

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.server_port}/{self.secret}/"

    def state(self) -> Content:
        return _json(self.page.state(self.session))

    def act(self, action: str, fields: JsonObject) -> None:
        """Perform a button's action.

        Raises:
            RequestError: there is no such button, or it is not possible now.
        """
        card = str(fields.get("id"))
        match action:
            case "label":
                self.session.label(card, str(fields.get("label")))
            case "skip":
                self.session.skip(card)
            case "dismiss":
                self.session.dismiss(card)
            case "undo":
                if not self.session.undo():
                    raise RequestError(HTTPStatus.CONFLICT, "There is no label to change.")
            case "show-skipped":
                self.session.show_skipped()
            case "done":
                threading.Thread(target=self.shutdown).start()
            case _:
                raise _not_found()


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds that a connection may be silent

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Log nothing: the terminal shows the verb's messages."""

    def _get(self) -> Content:
        match self._path_parts():
            case [""]:
                return "text/html; charset=utf-8", self.server.page.html()
            case ["review.js"]:
                return "text/javascript; charset=utf-8", SCRIPT.read_bytes()
            case ["state"]:
                return self.server.state()
            case ["image", card_id]:
                card = self.server.session.show()
                if card is None or card.id != card_id or card.image is None:
                    raise NotShown(card_id)
                return "image/png", card.image.shown
        raise _not_found()

    def _post(self) -> Content:
        fields = self._body()
        action = "/".join(self._path_parts())
        if self.headers.get("Origin") != f"http://{self.headers.get('Host')}":
            raise RequestError(HTTPStatus.FORBIDDEN, "Only this page's own buttons work here.")
        self.server.act(action, fields)
        return _json({}) if action == "done" else self.server.state()

    def _path_parts(self) -> list[str]:
        """The parts of the path after the secret; refuses a rebound DNS name or a wrong secret."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        if host not in HOST_NAMES:
            raise RequestError(HTTPStatus.FORBIDDEN, f"This page is at {ADDRESS} only.")
        path = self.path.partition("?")[0]
        secret, *parts = path.removeprefix("/").split("/")
        if not hmac.compare_digest(secret.encode(), self.server.secret.encode()):
            raise RequestError(
                HTTPStatus.FORBIDDEN, "This is not the address that the terminal shows."
            )
        return parts

    def _body(self) -> JsonObject:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True  # the body stays unread
            raise RequestError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"A body of at most {MAX_BODY} bytes is expected.",
            )
        try:
            fields = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            raise RequestError(HTTPStatus.BAD_REQUEST, "The body is not a JSON object.")
        return fields

    def _answer(self, work: Callable[[], Content]) -> None:
        status = HTTPStatus.OK
        try:
            kind, body = work()
        except (RequestError, NotShown, NoSuchLabel, ClientError, BotoCoreError) as error:
            status, sentence = _explain(error)
            kind, body = _json({"error": sentence})
        self.send_response(status)
        headers = {**HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _explain(error: Exception) -> tuple[HTTPStatus, str]:
    match error:
        case RequestError():
            return error.status, str(error)
        case NotShown():
            sentence = "This image is not the one shown now; nothing was stored."
            return HTTPStatus.NOT_FOUND, sentence
        case NoSuchLabel():
            sentence = f'There is no class "{error}"; nothing was stored.'
            return HTTPStatus.BAD_REQUEST, sentence
    return HTTPStatus.BAD_GATEWAY, f"AWS returned an error: {error}"


def _not_found() -> RequestError:
    return RequestError(HTTPStatus.NOT_FOUND, "There is nothing here.")


def _json(content: JsonObject) -> Content:
    return "application/json", json.dumps(content).encode()
