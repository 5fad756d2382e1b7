"""Large plans as jobs: gone on with after a kill, done once, and nobody taken twice."""

from __future__ import annotations

import pytest

from tests.batch_checks import orphans
from tests.batch_factories import HQ, make_campaign, make_people, wanted
from tests.factories import make_user


@pytest.fixture
def campaign(services):
    return make_campaign(services)


def work(services):
    while sum(step.run() for step in services.worker_steps if step.name in {"jobs", "batches", "batch events"}):
        pass


def begun(api, headquarters, campaign, **facts):
    answer = api.post("/batches", wanted(campaign, size=1, **facts), headquarters)
    assert answer.status_code == 202, answer.json
    return answer.json["id"]


@pytest.mark.parametrize("mode", ["pool", "volunteers"])
@pytest.mark.parametrize("step", ["insert_new", "settle", "save"])
@pytest.mark.parametrize("time", [1, 2])
def test_a_run_that_is_cut_off_is_gone_on_with(api, services, headquarters, campaign, monkeypatch, mode, step, time):
    monkeypatch.setattr("services.batches.runs._SLAB", 6)
    monkeypatch.setattr("services.batches.runs.AT_ONCE", 10)
    monkeypatch.setattr("services.operations.job_runner._BACKOFF_SECONDS", 0)
    people = make_people(services, campaign, 30, parts=6)
    users = [make_user(services).id for _ in range(3)] if mode == "volunteers" else None
    job_id = begun(api, headquarters, campaign, assign={"mode": mode, "user_ids": users})
    store = services.stores.jobs if step == "save" else services.stores.batches
    with monkeypatch.context() as killed:
        killed.setattr(store, step, _dying(getattr(store, step), at=time))
        work(services)
    work(services)
    job = api.get(f"/jobs/{job_id}", headquarters).json
    assert job["state"] == "succeeded", job
    assert {name: job["result"][name] for name in ("batches", "contacts")} == {"batches": 30, "contacts": 30}
    assert orphans(services, campaign, [person.id for person in people]) == []


def test_a_plan_that_is_too_large_for_a_request_is_a_job(api, services, headquarters, campaign, monkeypatch):
    monkeypatch.setattr("services.batches.dispatching.WALKED", 10)
    make_people(services, campaign, 12)
    answer = api.post("/batches/plan", wanted(campaign), headquarters)
    assert answer.status_code == 202
    work(services)
    plan = api.get(f"/jobs/{answer.json['id']}", headquarters).json["result"]
    assert plan["funnel"] == {"matched": 12, "ready": 12, "blocked": {}}
    made = api.post("/batches", {"plan_id": plan["plan_id"]}, headquarters)
    assert (made.status_code, made.json["changed"]) == (201, [])


def test_asked_for_twice_a_job_is_one(api, services, headquarters, campaign):
    make_people(services, campaign, 25)
    plan_id = api.post("/batches/plan", wanted(campaign, size=1), headquarters).json["plan_id"]
    first, second = (api.post("/batches", {"plan_id": plan_id}, headquarters).json["id"] for _ in range(2))
    assert first == second
    work(services)
    assert len(services.stores.batches.of_run(plan_id)) == 25
    assert services.jobs.get(HQ, first).state == "succeeded"


def _dying(call, *, at):
    """Return the call, which raises the first time when it is made for the `at`-th time, after it has done its work."""
    calls = []

    def dying(*arguments, **options):
        calls.append(1)
        answer = call(*arguments, **options)
        if len(calls) == at:
            raise RuntimeError("killed here")
        return answer

    return dying
