"""Plans over many read standing surveys: the same answer as a walk, whatever happened since they were counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.batches import planning
from tests.batch_factories import enrol, make_campaign, make_contact, make_people, wanted
from tests.factories import make_person, next_phone


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.fixture
def people(services, campaign):
    """Return a crowd: families, some without a number, some quarantined, in three parts."""
    family = next_phone()
    make_people(services, campaign, 12, parts=3)
    enrol(services, campaign, [make_contact(services, phone=family, part=1) for _ in range(3)])
    enrol(services, campaign, [make_contact(services, phone=None, part=part) for part in (1, 2, 2)])


@pytest.fixture
def large(monkeypatch):
    """Let every plan be one over many."""

    def become(value=0):
        monkeypatch.setattr(planning, "WALKED", value)
        monkeypatch.setattr("services.batches.dispatching.WALKED", 30_000)

    return become


def planned(api, actor, campaign, **facts):
    answer = api.post("/batches/plan", wanted(campaign, **facts), actor)
    assert answer.status_code == 200, answer.json
    return {name: value for name, value in answer.json.items() if name not in {"plan_id", "valid_until"}}


@pytest.mark.parametrize("strategy", ["even", "capacity", "nearest"])
def test_surveys_and_a_walk_plan_the_same(api, app, headquarters, campaign, people, large, strategy):
    ids = [make_person(app, daily_capacity=capacity).id for capacity in (4, 9)]
    asked = {"size": 4, "assign": {"mode": "volunteers", "user_ids": ids, "strategy": strategy}}
    walked = planned(api, headquarters, campaign, **asked)
    large()
    assert planned(api, headquarters, campaign, **asked) == walked
    assert walked["funnel"] == {"matched": 18, "ready": 15, "blocked": {"no_address": 3}}


def test_what_is_true_of_a_place_is_asked_when_the_plan_is_made(api, headquarters, campaign, people, large, clock):
    large()
    planned(api, headquarters, campaign)
    clock.advance(timedelta(hours=9))
    told = planned(api, headquarters, campaign)
    assert told["funnel"] == {"matched": 18, "ready": 0, "blocked": {"contact_window": 18, "no_address": 3}}
    assert told["batches"] == 0


def test_what_was_planned_or_freed_since_is_counted_again(api, headquarters, campaign, people, large):
    large()
    planned(api, headquarters, campaign)
    made = api.post("/batches", wanted(campaign, size=100, limit=5), headquarters).json["items"]
    held = sum(batch["counts"]["total"] for batch in made)
    assert planned(api, headquarters, campaign)["funnel"]["blocked"]["held"] >= held
    for batch in made:
        api.post(f"/batches/{batch['id']}/recall", {"reason": "no"}, headquarters)
    assert planned(api, headquarters, campaign)["funnel"]["ready"] == 15


def test_new_targets_and_new_rules_are_counted_again(api, headquarters, services, campaign, people, large):
    large()
    planned(api, headquarters, campaign)
    make_people(services, campaign, 3, parts=3)
    assert planned(api, headquarters, campaign)["funnel"]["ready"] == 18
    narrower = {"caps": {"per_channel": 2}}
    assert api.put(f"/campaigns/{campaign}/rules", narrower, headquarters).status_code == 200
    assert planned(api, headquarters, campaign)["funnel"]["ready"] == 18


def test_a_plan_is_a_job_only_while_much_is_not_counted(api, headquarters, services, campaign, people, monkeypatch):
    for place in ("services.batches.planning", "services.batches.dispatching"):
        monkeypatch.setattr(f"{place}.WALKED", 10)
    keeping = next(step for step in services.worker_steps if step.name == "surveys").run.__self__
    monkeypatch.setattr(keeping, "_large", 10)
    assert api.post("/batches/plan", wanted(campaign), headquarters).status_code == 202
    assert keeping.run() == 3
    assert planned(api, headquarters, campaign)["funnel"]["ready"] == 15


def test_old_surveys_are_counted_again_by_the_worker(headquarters, services, campaign, people, monkeypatch, clock):
    keeping = next(step for step in services.worker_steps if step.name == "surveys").run.__self__
    monkeypatch.setattr(keeping, "_large", 10)
    monkeypatch.setattr("services.contacts.survey_keeping._PAUSE_SECONDS", 0)
    keeping._rests_until = 0
    assert (keeping.run(), keeping.run()) == (3, 0)
    clock.advance(timedelta(minutes=15))
    assert keeping.run() == 3
