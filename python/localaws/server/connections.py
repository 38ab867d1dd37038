"""HTTP connections to the server: kept open between requests, as a client of AWS expects.

werkzeug's development server closes the connection after each answer, since it does not know
whether the request was read to its end. Here it is read before it is answered: then a client needs
neither a new connection nor the server a new thread for the next one.
"""

from __future__ import annotations

import io

from moto.moto_server.werkzeug_app import MotoRequestHandler

from localaws.json_object import JsonObject
from localaws.server import wsgi
from localaws.server.wsgi import Answer


class Connection(MotoRequestHandler):  # type: ignore[misc]  # moto has no types
    """One connection, on a thread of its own. Every request goes to the server's application."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body of an answer leave in one packet
    disable_nagle_algorithm = True

    def handle_expect_100(self) -> bool:
        """Ask for the body at once; http.server calls this while it reads the head."""
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def run_wsgi(self) -> None:
        self.environ = environ = self.make_environ()
        body = self._read_body(environ)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        self._send(wsgi.call(self.server.app, environ))

    def _read_body(self, environ: JsonObject) -> bytes:
        if environ.get("wsgi.input_terminated"):  # sent in chunks, whose end it finds itself
            return bytes(environ["wsgi.input"].read())
        return bytes(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status, wsgi.reason(answer.status))
        for name, value in answer.headers:
            self.send_header(name, value)
        has_length = any(name.lower() == "content-length" for name, _ in answer.headers)
        if not has_length and answer.status != 204:
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)
        self.wfile.flush()
