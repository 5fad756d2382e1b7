"""The worker's part: expiry, callbacks, parked work and half-made batches; nothing stays orphaned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.batch_checks import lease_audit_of, orphans
from tests.batch_factories import make_campaign, make_people, wanted


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.fixture
def given(api, services, headquarters, volunteer_of_churu, campaign):
    """Return an opened batch of the volunteer of Churu."""

    def give(number=3, **facts):
        make_people(services, campaign, number)
        assign = {"mode": "volunteers", "user_ids": [volunteer_of_churu.id]}
        made = api.post("/batches", wanted(campaign, assign=assign, **facts), headquarters).json
        batch_id = made["items"][0]["id"]
        api.post(f"/me/batches/{batch_id}/open", None, volunteer_of_churu)
        work(services)
        return batch_id

    return give


def work(services):
    """Let the worker do all that is due for batches, and nothing else."""
    while sum(step.run() for step in services.worker_steps if step.name in {"batches", "batch events"}):
        pass


def agree_on_a_call(services, batch_id, at):
    batch = services.stores.batches.get(batch_id)
    items = [{**batch["items"][0], "state": "callback", "callback_at": at}, *batch["items"][1:]]
    services.stores.batches.swap(batch, {"items": items, "next_callback_at": at})


def held(services):
    return [lease["batch_id"] for lease in services.stores.leases.walk() if lease["batch_id"]]


def pooled(api, headquarters):
    return api.get("/batches?state=pooled", headquarters).json["items"]


def test_after_48_hours_unworked_items_go_back_to_the_pool(api, services, headquarters, given, clock):
    batch_id = given()
    clock.advance(timedelta(hours=48) - timedelta(seconds=1))
    work(services)
    assert services.stores.batches.get(batch_id)["state"] == "active"
    clock.advance(timedelta(seconds=1))
    work(services)
    batch = services.stores.batches.get(batch_id)
    assert (batch["state"], batch["close_reason"], batch["events"], batch["pending"]) == (
        *("expired", "expired"),
        *([], False),
    )
    assert held(services) == []
    assert [(one["parent_id"], one["size"]) for one in pooled(api, headquarters)] == [(batch_id, 3)]


def test_an_agreed_call_outlives_its_batch(api, services, headquarters, given, clock):
    batch_id = given()
    call_at = clock.now() + timedelta(hours=50)
    agree_on_a_call(services, batch_id, call_at)
    clock.advance(timedelta(hours=48))
    work(services)
    batch = services.stores.batches.get(batch_id)
    assert (batch["state"], batch["due_at"]) == ("active", call_at + timedelta(hours=2))
    assert held(services) == [batch_id]
    assert {lease["until"] for lease in services.stores.leases.walk() if lease["batch_id"]} == {batch["due_at"]}
    assert [one["size"] for one in pooled(api, headquarters)] == [2]


def test_a_callback_is_reminded_of_once_and_lapses_after_two_hours(api, services, headquarters, given, clock):
    batch_id = given()
    agree_on_a_call(services, batch_id, clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=1))
    tasks = lambda: [one for one in services.stores.tasks._tasks.many({}) if one["kind"] == "callback"]  # noqa: E731
    work(services)
    work(services)
    assert len(tasks()) == 1
    clock.advance(timedelta(hours=2) - timedelta(seconds=1))
    work(services)
    assert services.stores.batches.get(batch_id)["counts"]["callback"] == 1
    clock.advance(timedelta(seconds=1))
    work(services)
    batch = services.stores.batches.get(batch_id)
    assert (batch["state"], batch["counts"]["callback"], batch["counts"]["ready"]) == ("active", 0, 2)
    assert [one["size"] for one in pooled(api, headquarters)] == [1]
    assert len(held(services)) == 2


def test_a_pooled_batch_past_its_time_is_left_to_the_next_plan(api, services, headquarters, campaign, clock):
    make_people(services, campaign, 2)
    due_at = (clock.now() + timedelta(hours=5)).isoformat()
    api.post("/batches", wanted(campaign, due_at=due_at), headquarters)
    clock.advance(timedelta(hours=5))
    work(services)
    assert pooled(api, headquarters) == []
    funnel = api.post("/batches/plan", wanted(campaign), headquarters).json["funnel"]
    assert funnel == {"matched": 2, "ready": 2, "blocked": {}}


def test_a_worked_batch_holds_nothing_after_its_time(services, given, clock):
    batch_id = given()
    batch = services.stores.batches.get(batch_id)
    items = [{**item, "state": "blocked"} for item in batch["items"]]
    services.stores.batches.swap(batch, {"items": items, "state": "done"})
    clock.advance(timedelta(hours=48))
    work(services)
    assert held(services) == []


@pytest.mark.parametrize("mode", ["pool", "volunteers"])
def test_a_batch_whose_maker_died_is_finished(
    api, services, headquarters, volunteer_of_churu, campaign, clock, monkeypatch, mode
):
    make_people(services, campaign, 4)
    with monkeypatch.context() as killed:
        killed.setattr(services.stores.batches, "settle", _die)
        assign = {"mode": mode, "user_ids": [volunteer_of_churu.id] if mode == "volunteers" else None}
        assert api.post("/batches", wanted(campaign, assign=assign), headquarters).status_code == 500
    claim = {"campaign_id": campaign, "channel": "call"}
    if mode == "pool":
        assert api.post("/me/batches/claim", claim, volunteer_of_churu).status_code == 404
    clock.advance(timedelta(minutes=2))
    work(services)
    answer = api.post("/me/batches/claim", claim, volunteer_of_churu)
    assert answer.status_code == (201 if mode == "pool" else 200)
    assert answer.json["counts"]["ready"] == 4
    assert set(held(services)) == {answer.json["id"]}


@pytest.mark.parametrize("step", ["add", "swap"])
def test_a_claim_that_died_is_finished_by_the_next_tap(
    api, services, headquarters, volunteer_of_churu, campaign, monkeypatch, step
):
    make_people(services, campaign, 4)
    api.post("/batches", wanted(campaign), headquarters)
    claim = {"campaign_id": campaign, "channel": "call"}
    store = services.stores.leases if step == "add" else services.stores.batches
    with monkeypatch.context() as killed:
        killed.setattr(store, step, _die)
        assert api.post("/me/batches/claim", claim, volunteer_of_churu).status_code == 500
    answer = api.post("/me/batches/claim", claim, volunteer_of_churu)
    assert answer.status_code == 201
    assert held(services) == [answer.json["id"]] * 4


def test_numbers_of_a_claim_that_died_are_let_go(
    api, services, headquarters, volunteer_of_churu, campaign, monkeypatch, clock
):
    make_people(services, campaign, 4)
    api.post("/batches", wanted(campaign), headquarters)
    with monkeypatch.context() as killed:
        killed.setattr(services.stores.batches, "swap", _die)
        claim = {"campaign_id": campaign, "channel": "call"}
        assert api.post("/me/batches/claim", claim, volunteer_of_churu).status_code == 500
    assert len(held(services)) == 4
    assert lease_audit_of(services).all() == 0, "it may still be under way"
    clock.advance(timedelta(minutes=2))
    assert [one.kind for one in services.orphans.run()] == ["lease"] * 4
    services.orphans.run(repair=True)
    assert (held(services), services.orphans.run()) == ([], [])


def test_a_release_that_died_is_finished_by_the_worker(
    api, services, headquarters, volunteer_of_churu, given, monkeypatch
):
    batch_id = given()
    with monkeypatch.context() as killed:
        killed.setattr(services.stores.leases, "release", _die)
        assert api.post(f"/me/batches/{batch_id}/release", None, volunteer_of_churu).status_code == 500
    assert pooled(api, headquarters) == []
    work(services)
    assert held(services) == []
    assert [one["size"] for one in pooled(api, headquarters)] == [3]


@pytest.mark.parametrize("then", ["lives", "dies"])
def test_a_batch_that_is_recalled_while_it_is_claimed_keeps_no_number(
    api, services, headquarters, volunteer_of_churu, campaign, clock, monkeypatch, then
):
    people = make_people(services, campaign, 4)
    batch_id = api.post("/batches", wanted(campaign), headquarters).json["items"][0]["id"]
    add = services.stores.leases.add

    def recalled_first(wanted):
        assert api.post(f"/batches/{batch_id}/recall", {"reason": "not now"}, headquarters).status_code == 200
        refused = add(wanted)
        if then == "dies":
            _die()
        return refused

    with monkeypatch.context() as overtaken:
        overtaken.setattr(services.stores.leases, "add", recalled_first)
        status = api.post(
            "/me/batches/claim", {"campaign_id": campaign, "channel": "call"}, volunteer_of_churu
        ).status_code
    assert status == (500 if then == "dies" else 404)
    clock.advance(timedelta(minutes=2))
    work(services)
    assert services.stores.batches.get(batch_id)["state"] == "recalled"
    lease_audit_of(services).all()
    assert orphans(services, campaign, [person.id for person in people]) == []


def test_volunteers_hear_once_that_a_batch_is_about_to_expire(
    api, services, headquarters, volunteer_of_churu, given, clock
):
    batch_id = given()
    clock.advance(timedelta(hours=40) - timedelta(seconds=1))
    work(services)
    assert warned(services) == []
    clock.advance(timedelta(seconds=1))
    work(services)
    work(services)
    assert warned(services) == [("batch", batch_id)]


def warned(services):
    tasks = services.stores.tasks._tasks.many({"title.en": "Your batch expires soon"})
    return [(task["kind"], task["batch_id"]) for task in tasks]


def _die(*_, **__):
    raise RuntimeError("killed here")
