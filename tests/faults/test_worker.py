"""The worker as a program: once until nothing is due, or until it is told to stop."""

from __future__ import annotations

import signal
from pathlib import Path

from services.facade import Services
from tests.api.conftest import (  # noqa: F401 - pytest finds fixtures by the module they stand in
    _standing_app,
    _standing_clock,
    app,
    clock,
    commands,
    services,
    settings,
)

from .processes import eventually, running
from .test_import_killed import _HEADQUARTERS, begin, campaign  # noqa: F401 - a fixture


def environment(services: Services) -> dict[str, str]:  # noqa: F811
    return {
        "SAMPARK_MONGODB_URI": str(services.settings.mongodb_uri),
        "SAMPARK_MONGODB_DATABASE": services.settings.mongodb_database,
    }


def test_once_does_what_is_due_and_ends(services: Services, campaign: str, tmp_path: Path) -> None:  # noqa: F811
    job = begin(services, b"ac_no,part_no,serial_no,name\n24,17,1,Sita Devi\n", campaign)
    with running("-m", "api.cli", "worker", "--once", place=tmp_path, **environment(services)) as worker:
        assert worker.process.wait(30) == 0, worker.complained()
    assert services.jobs.get(_HEADQUARTERS, job.id).state == "succeeded"


def test_a_term_signal_ends_it(services: Services, tmp_path: Path) -> None:  # noqa: F811
    with running("-m", "api.cli", "worker", place=tmp_path, **environment(services)) as worker:
        eventually(lambda: "worker started" in (tmp_path / "err").read_text(), seconds=30)
        assert worker.end(signal.SIGTERM, seconds=10) == 0
    assert worker.complained() == []
