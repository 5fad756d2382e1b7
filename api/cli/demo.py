"""`sampark demo`: an installation of its own, a messaging double, and the newcomer's tour on them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import click

from api.cli.installation import ROOT, python, running
from api.cli.supervisor import Failure, Stopped, stop_on_signal
from config.settings import load_settings
from services.gateways.children import Output, start_child, stop_child

_LISTENING = re.compile(r"listening on (http://\S+)")
_DOUBLE_SECONDS = 20
_DOUBLE_GRACE = 2
# 10:15 in Jaipur: volunteers may call from 10:00 to 19:00.
_MORNING = time(4, 45, tzinfo=UTC)
_INTERRUPTED = 128 + signal.SIGINT


@click.command()
@click.option("--once", is_flag=True, help="End after the tour; status 1 if a check fails.")
@click.option("--contacts", type=click.IntRange(500, 997_633), default=20_000, show_default=True)
@click.option("--volunteers", type=click.IntRange(12, 2000), default=200, show_default=True)
def demo(*, once: bool, contacts: int, volunteers: int) -> None:
    """Play a campaign from import to report on a fresh installation, then stay up to look around until Ctrl-C.

    Everybody in it is made up. The port, the data directory and the clock are those of the environment, where it
    says something about them.
    """
    if os.environ.get("SAMPARK_ENV") == "production":
        raise Failure("the demo plays with made-up people and a bent clock: not where SAMPARK_ENV is production")
    status = _INTERRUPTED
    with (
        contextlib.suppress(Stopped),
        stop_on_signal(),
        tempfile.TemporaryDirectory(prefix="sampark-demo-") as directory,
        _messaging_double(Path(directory)) as double,
    ):
        _set_environment(Path(directory), double)
        with running(load_settings(), also_watch=double.failure) as installation:
            size = ("--contacts", str(contacts), "--volunteers", str(volunteers))
            tour = python("-m", "bench.tour", "--api", installation.url, "--double", double.url, *size)
            status = installation.children.complete(tour)
            if not once:
                click.echo("Ctrl-C ends it.")
                installation.children.watch()
    sys.exit(status)


@dataclass(frozen=True)
class _Double:
    """The messaging double that plays Firebase."""

    url: str
    process: subprocess.Popen[bytes]

    def failure(self) -> str | None:
        """Say that it has ended, None while it runs."""
        status = self.process.poll()
        return None if status is None else f"the messaging double ended with status {status}"

    def write_credentials(self, directory: Path) -> Path:
        """Write its service-account file and return the path."""
        path = directory / "service-account.json"
        with urllib.request.urlopen(f"{self.url}/_credentials", timeout=_DOUBLE_SECONDS) as answer:  # noqa: S310
            path.write_bytes(answer.read())
        return path


@contextlib.contextmanager
def _messaging_double(directory: Path) -> Iterator[_Double]:
    if not (ROOT / "tests" / "fcm").is_dir():
        raise Failure("the demo needs the source tree: its messaging double and its tour are not part of the package")
    # The double and the tour stand beside the product: they are found from the source tree, wherever we are called.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    process = start_child(python("-m", "tests.fcm"), environment=os.environ, piped=True)
    try:
        if process.stdout is None:
            raise Failure("the messaging double has no output")
        found = Output(process.stdout, directory / "double.log", ready=_LISTENING).wait_ready(_DOUBLE_SECONDS)
        if found is None:
            raise Failure("the messaging double did not start")
        yield _Double(found[1], process)
    finally:
        stop_child(process, grace=_DOUBLE_GRACE)


def _set_environment(directory: Path, double: _Double) -> None:
    """Point the settings at the double and at a morning; what the environment says beyond that stays."""
    now = datetime.now(UTC)
    morning = datetime.combine(now + timedelta(days=1), _MORNING)
    defaults = {
        "SAMPARK_PORT": "0",
        "SAMPARK_DATA_DIR": str(directory / "var"),
        "SAMPARK_MONGODB_DATABASE": f"sampark_demo_{now:%Y%m%d_%H%M%S}",
        "SAMPARK_CLOCK": morning.isoformat(),
        "SAMPARK_LOG_LEVEL": "WARNING",
        # Every phone of the tour says where it is, so that the limits count each by itself.
        "SAMPARK_TRUSTED_PROXIES": "1",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    os.environ["SAMPARK_FIREBASE_CREDENTIALS"] = str(double.write_credentials(directory))
    os.environ["SAMPARK_FCM_URL"] = double.url
    os.environ["SAMPARK_FIREBASE_CERTS_URL"] = f"{double.url}/certs"
