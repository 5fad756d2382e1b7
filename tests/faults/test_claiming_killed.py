"""Processes killed in the middle of claims: no number has two holders, nothing is orphaned, nobody is lost."""

from __future__ import annotations

import random
import signal
import time
from datetime import timedelta

from tests.api.conftest import (  # noqa: F401 - pytest finds fixtures by the module they stand in
    MORNING,
    Api,
    _standing_app,
    _standing_clock,
    api,
    app,
    clock,
    commands,
    headquarters,
    services,
    settings,
)
from tests.batch_checks import audit_of, lease_audit_of, orphans
from tests.batch_factories import make_campaign, make_people, wanted
from tests.factories import make_user

from .processes import running

_ROUNDS = 6


def test_claimers_killed_at_any_moment_leave_nothing_behind(services, settings, api, headquarters, clock, tmp_path):  # noqa: F811
    campaign = make_campaign(services, rules={"caps": {"cooldown_hours": 24}})
    contacts = make_people(services, campaign, 300, parts=5)
    assert api.post("/batches", wanted(campaign, size=15), headquarters).status_code == 201
    users = [make_user(services, daily_capacity=1000).id for _ in range(12)]
    environment = {
        "SAMPARK_MONGODB_URI": settings.mongodb_uri,
        "SAMPARK_MONGODB_DATABASE": settings.mongodb_database,
        "SAMPARK_CLOCK": MORNING.isoformat(),
        "SAMPARK_LOG_LEVEL": "ERROR",
    }
    dice = random.Random(7)
    for round_number in range(_ROUNDS):
        arguments = ["-m", "tests.faults.claimer", campaign, str(round_number), *users]
        with running(*arguments, place=tmp_path / str(round_number), **environment) as claimers:
            claimers.wait_for_line("claiming")
            time.sleep(dice.uniform(0.2, 0.9))
            claimers.end(signal.SIGKILL)
    ids = [contact.id for contact in contacts]
    assert orphans(services, campaign, ids), "nothing was under way when it was killed: the test tests nothing"
    clock.set(MORNING + timedelta(minutes=30))
    mend(services)
    assert orphans(services, campaign, ids) == []
    assert services.stores.batches.of_run("nothing") == []
    everywhere = services.stores.targets.of_contacts([campaign], ids)
    assert all(target["batch_id"] for target in everywhere.values())


def mend(services):  # noqa: F811
    """Let the worker heal what was left, and do what is due."""
    while sum(step.run() for step in services.worker_steps if step.name in {"batches", "batch events"}):
        pass
    # What a server still wrote for a killed claimer after the rest was mended is found by the walk over all.
    audit_of(services).all()
    lease_audit_of(services).all()
