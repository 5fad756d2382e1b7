"""One installation in the foreground: database, migrations, then the API and the worker as watched children."""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from api.cli.supervisor import Children, Failure
from config.settings import Settings
from services.gateways.embedded import Database
from services.operations.database import open_database

ROOT = Path(__file__).parents[2]
_READY_SECONDS = 60
# Together with the database's three seconds everything has stopped within ten.
_API_DRAINS_SECONDS = 3
_API_GRACE = _API_DRAINS_SECONDS + 1.5
_WORKER_GRACE = 2.5
_BACKLOG = 2048
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to knock, not where to listen


@dataclass(frozen=True)
class Installation:
    """A running one: its processes, where its API is, and its database."""

    children: Children
    url: str
    database: Database


@contextlib.contextmanager
def running(settings: Settings, *, also_watch: Callable[[], str | None] = lambda: None) -> Iterator[Installation]:
    """Run one for the time of the block; raise Failure when something that it needs fails.

    `also_watch` says what has happened to anything else that must go on, None while all is well.
    """
    with (
        _listen(settings.host, settings.port) as listener,
        tempfile.TemporaryDirectory(prefix="sampark-metrics-") as metrics,
        open_database(settings, guest_allowed=False) as database,
    ):
        click.echo(database.line)
        environment = os.environ | {"SAMPARK_MONGODB_URI": database.uri, "PROMETHEUS_MULTIPROC_DIR": metrics}
        with Children(environment, also_watch=lambda: database.failure() or also_watch()) as children:
            yield Installation(children, _start(children, settings, listener), database)


def python(*arguments: str) -> list[str]:
    """Return the command that runs our own interpreter."""
    return [sys.executable, *arguments]


def _start(children: Children, settings: Settings, listener: socket.socket) -> str:
    """Start everything and return the API's URL once it is ready."""
    port = listener.getsockname()[1]
    children.run("the migration", python("-m", "api.cli", "migrate"))
    children.start("the API", _gunicorn(settings, listener), grace=_API_GRACE, keep_open=[listener.fileno()])
    # Only the API holds the socket now, so that nobody can connect any more when it has stopped.
    listener.close()
    children.start("the worker", python("-m", "api.cli", "worker"), grace=_WORKER_GRACE)
    children.wait_for(
        lambda: _is_ready(_EVERY_ADDRESS.get(settings.host, settings.host), port),
        seconds=_READY_SECONDS,
        otherwise=f"/health/ready was not 200 within {_READY_SECONDS} s",
    )
    return f"http://{_in_url(settings.host)}:{port}"


@contextlib.contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = "it is taken" if error.errno == errno.EADDRINUSE else error.strerror
        raise Failure(f"cannot listen on {host} port {port}: {reason}") from error
    with listener:
        yield listener


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _gunicorn(settings: Settings, listener: socket.socket) -> list[str]:
    return python(
        *("-m", "gunicorn", "wsgi:app", "--pythonpath", str(ROOT), "--bind", f"fd://{listener.fileno()}"),
        *("--worker-class", "api.server.ProblemWorker", "--workers", str(settings.api_processes)),
        *("--threads", str(settings.api_threads), "--keep-alive", "65"),
        *("--graceful-timeout", str(_API_DRAINS_SECONDS), "--log-level", "warning", "--no-control-socket"),
    )


def _is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
