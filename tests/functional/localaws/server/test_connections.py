"""HTTP connections to the local AWS: open between requests, whatever a request was."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest
from accounts import Account

SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
}


@pytest.fixture
def connection(account: Account) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(urlsplit(account.url).netloc, timeout=30)
    connection.connect()
    yield connection
    connection.close()


def request(
    connection: HTTPConnection, method: str, path: str, body: object = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    """Send a request over the one open connection."""
    socket = connection.sock
    assert socket is not None, "the former answer has closed the connection"
    connection.request(method, path, body, {**SIGNED, **headers})  # type: ignore[arg-type]
    response = connection.getresponse()
    content = response.read()
    assert connection.sock is socket
    return response, content


def test_one_connection_carries_requests_of_every_kind(
    connection: HTTPConnection, account: Account
) -> None:
    account.client("s3").create_bucket(Bucket="one-connection")
    image = b"\x89PNG" * 50_000
    response, _ = request(connection, "PUT", "/one-connection/image.png", image)
    assert response.status == 200
    response, content = request(connection, "HEAD", "/one-connection/image.png")
    assert (response.getheader("Content-Length"), content) == ("200000", b"")
    response, content = request(connection, "GET", "/one-connection/none.png")
    assert (response.status, b"NoSuchKey" in content) == (404, True)
    response, content = request(connection, "DELETE", "/one-connection/image.png")
    assert (response.status, response.getheader("Content-Length"), content) == (204, None, b"")
    assert request(connection, "GET", "/one-connection/image.png")[0].status == 404


def test_a_body_in_chunks_is_read_to_its_end(connection: HTTPConnection, account: Account) -> None:
    account.client("s3").create_bucket(Bucket="in-chunks")
    parts = iter([b"first ", b"second"])
    assert request(connection, "PUT", "/in-chunks/object", parts)[0].status == 200
    assert request(connection, "GET", "/in-chunks/object")[1] == b"first second"


def test_a_client_that_expects_to_be_asked_is_asked_for_the_body(
    connection: HTTPConnection, account: Account
) -> None:
    account.client("s3").create_bucket(Bucket="asked")
    connection.putrequest("PUT", "/asked/object")
    for name, value in {**SIGNED, "Content-Length": "4", "Expect": "100-continue"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.send(b"body")
    response = connection.getresponse()
    response.read()
    assert response.status == 200
    assert request(connection, "GET", "/asked/object")[1] == b"body"


def test_after_an_action_that_the_server_lacks_the_connection_goes_on(
    connection: HTTPConnection,
) -> None:
    lacking = {"X-Amz-Target": "AWSStepFunctions.NoSuchAction"}
    scope = {"Authorization": SIGNED["Authorization"].replace("/s3/", "/states/")}
    assert request(connection, "POST", "/", b"{}", **lacking, **scope)[0].status == 500
    assert request(connection, "GET", "/")[0].status == 200
