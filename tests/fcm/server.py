"""The double over HTTP/1.1 with keep-alive, as a program's server or inside a test (`running()`)."""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .attestation import AppFault
from .keys import Fault
from .project import Project
from .steps import Answer, Way, google_error


@dataclass(frozen=True)
class Double:
    """A running double: `credentials` is a service-account file's content whose token endpoint is this double."""

    url: str
    credentials: dict[str, str]
    project: Project

    @property
    def certs_url(self) -> str:
        """Where ID-token certificates come from."""
        return f"{self.url}/certs"

    @property
    def jwks_url(self) -> str:
        """Where App Check's keys come from."""
        return f"{self.url}/jwks"

    @property
    def tokens_issued(self) -> int:
        """How many access tokens were given out."""
        return self.project.tokens_issued

    def write_credentials(self, directory: Path) -> Path:
        """Write the service-account file into the directory and return its path."""
        path = directory / "service-account.json"
        path.write_text(json.dumps(self.credentials))
        return path

    def script(self, script: Mapping[str, Sequence[object]]) -> None:
        """Say what the targets' next answers are; `/token` and `/certs` are targets too, `*` is any."""
        self.project.scripts.load(script)

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the messages accepted and refused, in order."""
        return self.project.log(since)

    def clear(self) -> None:
        """Forget messages and scripts."""
        self.project.clear_log()
        self.project.scripts.clear()

    def id_token(
        self, phone: str, *, uid: str | None = None, fault: Fault | None = None, signed_in_s_ago: int = 0
    ) -> str:
        """Mint the Firebase ID token of a phone sign-in, spoiled by the fault if one is named."""
        return self.project.sign_in.mint(phone, uid=uid, fault=fault, signed_in_s_ago=signed_in_s_ago)[0]

    def app_check_token(self, fault: AppFault | None = None) -> str:
        """Mint an App Check token of our app, spoiled by the fault if one is named."""
        return self.project.attestation.mint(fault)


@contextmanager
def running(*, host: str = "127.0.0.1", port: int = 0, latency_s: float = 0) -> Iterator[Double]:
    """Serve until the block ends; port 0 takes a free one. Each send is answered after `latency_s`."""
    with _Server((host, port), latency_s) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="fcm-double")
        thread.start()
        try:
            project = server.project
            yield Double(project.url, project.account.credentials(project.token_uri), project)
        finally:
            server.stop()
            thread.join()


class _Server(ThreadingHTTPServer):
    """One thread a connection; closing it ends hanging answers and idle connections and waits for all threads."""

    daemon_threads = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], latency_s: float) -> None:
        super().__init__(address, _Handler)
        self.project = Project(f"http://{address[0]}:{self.server_address[1]}")
        self.latency_s = latency_s
        self._connections: set[socket.socket] = set()
        self._to_reset: set[socket.socket] = set()
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Accept nothing more and wake every thread that waits for a client or in a hang."""
        self.shutdown()
        with self._lock:
            for connection in self._connections:
                _shut(connection)

    def reset(self, connection: socket.socket) -> None:
        """Have the connection end in a TCP reset instead of an orderly close."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._to_reset.add(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then serve it in its own thread."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it, without a farewell if it is to be reset."""
        with self._lock:
            self._connections.discard(request)
        if request in self._to_reset:
            self._to_reset.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Carries requests to the project and its answers back."""

    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "fcm-double"
    # Head and body leave in one packet, at once: otherwise Nagle's algorithm and delayed ACKs cost 40 ms a send.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            self._reply(google_error(400, "INVALID_ARGUMENT", message="bad Content-Length"))
            self.close_connection = True
            return
        body = self.rfile.read(int(length))
        answer = self.server.project.answer(
            method=self.command, path=self.path, authorization=self.headers.get("Authorization", ""), body=body
        )
        if self.server.latency_s and self.path.endswith("messages:send"):
            time.sleep(self.server.latency_s)
        self._deliver(answer)

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815 (names that the standard library looks for)

    def _deliver(self, answer: Answer) -> None:
        if answer.way is Way.ANSWER:
            self._reply(answer)
            return
        if answer.way is Way.HANG:
            self.rfile.read(1)  # until the client gives up, or the server stops
        else:
            self.server.reset(self.connection)
        self.close_connection = True

    def _reply(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: the log is at /_log."""


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was quicker
