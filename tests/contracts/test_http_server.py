"""What gunicorn answers by itself is a problem too, and a broken body never an error of ours."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any


class Server:
    """A gunicorn of our own kind over an application without a database."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(self, request: bytes) -> Answer:
        """Send bytes as they are and read until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(request)
            received = b""
            while chunk := line.recv(65536):
                received += chunk
        head, body = received.split(b"\r\n\r\n", 1)
        status_line, _, rest = head.partition(b"\r\n")
        headers = {name.lower(): value for name, value in BytesParser().parsebytes(rest).items()}
        return Answer(int(status_line.split()[1]), headers, json.loads(body))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        command = [sys.executable, "-m", "gunicorn", "tests.contracts.bare_wsgi:app", "--no-control-socket"]
        command += ["--bind", f"fd://{listener.fileno()}", "--pythonpath", str(ROOT), "--log-level", "critical"]
        command += ["--worker-class", "api.server.ProblemWorker", "--threads", "4", "--graceful-timeout", "1"]
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[listener.fileno()])
        try:
            # The socket listens already: what comes before gunicorn is up waits in its queue.
            yield Server(listener.getsockname()[1])
        finally:
            process.terminate()
            process.wait(timeout=20)


def test_a_client_that_goes_silent_in_the_middle_of_its_body_is_let_go(server: Server) -> None:
    head = (
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    )
    answer = server.send(head + b'{"phone": ')
    assert (answer.status, answer.body["code"]) == (400, "bad_request")


def test_a_client_that_goes_silent_in_the_middle_of_its_headers_is_let_go(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(b"GET /api/v1/areas HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert line.recv(100) == b""


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"GET /api/v1/areas HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 9000 + b"\r\n\r\n", 431, "headers_too_large"),
        (b"GET /?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"),
        (b"GET / HTTP/7.3\r\nHost: x\r\n\r\n", 400, "bad_request"),
        (b"nonsense\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n", 400, "bad_request"),
        (b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400, "bad_request"),
        (b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "bad_request"),
    ],
    ids=["headers", "address", "version", "request line", "header name", "coding", "length"],
)
def test_a_request_that_gunicorn_refuses(server: Server, request_bytes: bytes, status: int, code: str) -> None:
    answer = server.send(request_bytes)
    assert (answer.status, answer.body["status"], answer.body["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.body["request_id"]


CHUNKED = (
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


def test_a_chunk_that_cannot_be_read(server: Server) -> None:
    answer = server.send(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n")
    assert (answer.status, answer.body["code"]) == (400, "bad_request")


def test_a_chunked_body_that_is_too_large(server: Server) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    answer = server.send(CHUNKED + chunk * 17 + b"0\r\n\r\n")
    assert (answer.status, answer.body["code"], answer.headers["connection"]) == (413, "too_large", "close")


def test_a_chunked_body_is_read_as_any_other(server: Server) -> None:
    answer = server.send(CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
    assert (answer.status, answer.body["errors"]) == (422, {"phone": ["required"], "password": ["required"]})
