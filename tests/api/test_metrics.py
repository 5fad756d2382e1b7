"""What those who watch an installation are told of its queues."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from services.domain.errors import Unavailable
from services.facade import Services
from services.gateways.clock import FrozenClock
from services.operations.queues import Queues
from services.store.queues import QueueStore
from tests.api.conftest import Api, Commands
from tests.factories import Person
from tests.fieldwork import make_work

Figures = Callable[[], dict[str, float]]


@pytest.fixture
def figures(app: Flask, services: Services, monkeypatch: pytest.MonkeyPatch) -> Figures:
    """Ask for the figures anew, whatever was answered before."""

    def ask() -> dict[str, float]:
        monkeypatch.setattr(services.queues, "_fresh_until", 0.0)
        return read(app)

    return ask


def read(app: Flask) -> dict[str, float]:
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    found = re.findall(r"^(\w+(?:\{[^}]*\})?) ([0-9.e+-]+)$", answer.text, flags=re.MULTILINE)
    return {name: float(number) for name, number in found}


def test_nothing_waits_in_a_new_installation(figures: Figures) -> None:
    found = figures()
    assert {name: found[name] for name in found if "pending" in name or "waiting" in name or "jobs_open" in name} == {
        "sampark_outcomes_pending": 0,
        "sampark_outcomes_pending_seconds": 0,
        "sampark_batches_pending": 0,
        "sampark_suppressions_pending": 0,
        'sampark_pushes_waiting{due="now"}': 0,
        'sampark_pushes_waiting{due="later"}': 0,
        'sampark_jobs_open{state="queued"}': 0,
        'sampark_jobs_open{state="running"}': 0,
    }


def test_outcomes_wait_until_the_worker_has_followed_them(
    api: Api, services: Services, figures: Figures, headquarters: Person, volunteer_of_churu: Person, clock: FrozenClock
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    api.post("/me/outcomes", {"outcomes": [work.told(0), work.told(1)]}, volunteer_of_churu)
    clock.advance(timedelta(seconds=90))
    found = figures()
    assert (found["sampark_outcomes_pending"], found["sampark_outcomes_pending_seconds"]) == (2, 90)
    services.projecting.run()
    found = figures()
    assert (found["sampark_outcomes_pending"], found["sampark_outcomes_pending_seconds"]) == (0, 0)


def test_opt_out_waits_until_every_batch_knows(services: Services, figures: Figures, headquarters: Person) -> None:
    stopped = {"_id": "key", "pending": True}
    services.stores.suppressions._suppressions.insert(stopped)
    assert figures()["sampark_suppressions_pending"] == 1


def test_queued_job_is_open(services: Services, figures: Figures) -> None:
    services.stores.jobs._jobs.insert({"_id": "j", "state": "queued", "open": True})
    services.stores.jobs._jobs.insert({"_id": "k", "state": "succeeded", "open": False})
    assert figures()['sampark_jobs_open{state="queued"}'] == 1


def test_push_of_tomorrow_does_not_count_as_due(services: Services, figures: Figures, clock: FrozenClock) -> None:
    tomorrow = clock.now() + timedelta(days=1)
    rows: list[dict[str, Any]] = [
        {"_id": "a", "lane": "0.n1", "state": "waiting"},
        {"_id": "b", "lane": "9.n1", "state": "waiting", "due_at": tomorrow},
        {"_id": "c", "state": "accepted"},
    ]
    services.stores.outbox._rows.insert_new(rows)
    found = figures()
    assert (found['sampark_pushes_waiting{due="now"}'], found['sampark_pushes_waiting{due="later"}']) == (1, 1)


def test_figures_asked_for_again_at_once_do_not_ask_the_database(
    app: Flask, figures: Figures, commands: Commands
) -> None:
    figures()
    with commands.noted() as names:
        read(app)
    assert names == []


def test_other_figures_are_told_while_the_database_is_away(
    app: Flask, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise Unavailable("database_unavailable")

    monkeypatch.setattr(QueueStore, "outcomes", away)
    assert "sampark_outcomes_pending" not in figures()


def test_queues_are_counted_in_five_reads(services: Services, commands: Commands, clock: FrozenClock) -> None:
    with commands.noted() as names:
        Queues(services.stores.queues, clock).waiting()
    assert names == ["aggregate"] * 5
