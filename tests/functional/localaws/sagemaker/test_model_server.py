"""The local model server over its own socket: no request stops its workers."""

from __future__ import annotations

import socket
import threading

import pytest

from localaws.sagemaker.model_contract import Headers, Reply
from localaws.sagemaker.model_server import serve

REQUEST = b"POST /invocations HTTP/1.1\r\nHost: x\r\n%s\r\n%s"


class Counter:
    """A model that answers with the number of bytes that it was sent."""

    def load(self) -> None:
        pass

    def is_healthy(self) -> bool:
        return True

    def invoke(self, body: bytes, headers: Headers) -> Reply:  # noqa: ARG002  part of the contract
        return Reply(200, str(len(body)).encode())


@pytest.fixture(scope="module")
def address() -> tuple[str, int]:
    """Of one worker."""
    listener = socket.create_server(("127.0.0.1", 0))
    failed = threading.Event()
    threading.Thread(target=serve, args=(listener, Counter(), failed), daemon=True).start()
    host, port = listener.getsockname()
    return host, port


def ask(address: tuple[str, int], *headers: bytes, body: bytes = b"") -> tuple[int, bytes]:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(REQUEST % (b"".join(header + b"\r\n" for header in headers), body))
        answer = connection.makefile("rb").read()
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), content


@pytest.mark.parametrize("length", [b"many", b"-1", b"", b"1e3", b"9" * 12, "²".encode()])
def test_an_invalid_length_is_refused_and_the_next_request_answered(
    address: tuple[str, int], length: bytes
) -> None:
    status, sentence = ask(address, b"Content-Length: " + length)
    assert (status, sentence.startswith(b"The Content-Length is")) == (400, True)
    assert ask(address, b"Content-Length: 5", body=b"hello") == (200, b"5")


def test_a_request_without_a_length_has_no_body(address: tuple[str, int]) -> None:
    assert ask(address) == (200, b"0")


def test_a_client_that_disconnects_early_does_not_stop_the_server(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(REQUEST % (b"Content-Length: 100\r\n", b"hel"))
    assert ask(address, b"Content-Length: 5", body=b"hello") == (200, b"5")


def test_bytes_that_are_not_http_are_refused(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\r\n\r\n")
        connection.makefile("rb").read()
    assert ask(address) == (200, b"0")
