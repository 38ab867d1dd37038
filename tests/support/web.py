"""A web server that serves one file, with configurable faults."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """What is served, and how; `requested` holds the Range header of every request."""

    content: bytes
    breaks: list[int] = field(
        default_factory=list
    )  # after so many bytes of each answer; whole ones after that
    etag: str | None = '"one"'
    ranges: bool = True
    lengths: bool = True
    status: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    gate: threading.Event | None = None  # the second half waits for it
    requested: list[str | None] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/data.tar.gz"


@contextmanager
def serve(web: Web) -> Iterator[Web]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(web))
    server.daemon_threads = True
    web.port = server.server_port
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    try:
        yield web
    finally:
        if web.gate:
            web.gate.set()
        server.shutdown()
        server.server_close()


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            requested = self.headers["Range"]
            web.requested.append(requested)
            if web.status:
                self.close_connection = True
                self.send_error(web.status.pop(0))
                return
            start = (
                int(requested.removeprefix("bytes=").rstrip("-")) if requested and web.ranges else 0
            )
            if self.headers["If-Range"] not in (None, web.etag):
                start = 0
            if start >= len(web.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(web.content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._answer(web.content[start:], start)

        def _answer(self, body: bytes, start: int) -> None:
            self.close_connection = True
            self.send_response(206 if start else 200)
            if start:
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(web.content) - 1}/{len(web.content)}"
                )
            if web.etag:
                self.send_header("ETag", web.etag)
            for name, value in web.headers.items():
                self.send_header(name, value)
            if web.lengths:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            cut = web.breaks.pop(0) if web.breaks else len(body)
            half = min(cut, len(body) // 2)
            with suppress(OSError):  # the client may be gone
                self.wfile.write(body[:half])
                if web.gate:
                    web.gate.wait(20)
                if web.silent:
                    threading.Event().wait(1)
                self.wfile.write(body[half:cut])
                self.connection.shutdown(socket.SHUT_WR)

        def log_message(self, *_arguments: object) -> None:
            pass

    return Handler
