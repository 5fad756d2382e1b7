"""Planning: the funnel adds up, shares are as promised, and what is done is what was shown or says what changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.domain.contacts.suppressions import Suppression
from tests.batch_factories import address_of, enrol, make_campaign, make_contact, make_people, wanted
from tests.factories import make_user, next_phone


@pytest.fixture
def campaign(services):
    return make_campaign(services)


def plan(api, actor, campaign, **facts):
    answer = api.post("/batches/plan", wanted(campaign, **facts), actor)
    assert answer.status_code == 200, answer.json
    return answer.json


def make(api, actor, body, status=201):
    answer = api.post("/batches", body, actor)
    assert answer.status_code == status, answer.json
    return answer.json


def suppress(services, key):
    services.stores.suppressions.insert_once(
        Suppression(id=key, kind="mobile", reason="opted_out", origin="test", at=services.clock.now())
    )


def test_a_contact_counts_under_each_of_its_reasons(api, services, headquarters, campaign):
    make_people(services, campaign, 4)
    silent = [make_contact(services, phone=None), make_contact(services)]
    quarantined = make_contact(services, addresses=[address_of(services, next_phone(), state="quarantined")])
    enrol(services, campaign, [*silent, quarantined])
    suppress(services, silent[1].addresses[0].key)
    suppress(services, quarantined.addresses[0].key)
    funnel = plan(api, headquarters, campaign)["funnel"]
    assert funnel == {"matched": 7, "ready": 4, "blocked": {"no_address": 1, "quarantined": 1, "suppressed": 2}}


def test_a_household_is_one_number_in_size_and_limit(api, services, headquarters, campaign):
    shared = next_phone()
    people = [make_contact(services, phone=shared, part=1) for _ in range(5)] + [make_contact(services, part=1)]
    enrol(services, campaign, people)
    shown = plan(api, headquarters, campaign, size=1, limit=1)
    assert (shown["funnel"]["ready"], shown["batches"]) == (6, 1)
    made = make(api, headquarters, {"plan_id": shown["plan_id"]})
    assert [batch["size"] for batch in made["items"]] == [1]
    stored = services.stores.batches.get(made["items"][0]["id"])
    assert len(stored["items"][0]["contacts"]) == 5


def test_pooled_batches_are_full_but_the_last_of_a_seat(api, services, headquarters, campaign):
    make_people(services, campaign, 60, parts=7)
    made = make(api, headquarters, wanted(campaign, size=25))
    assert sorted(batch["size"] for batch in made["items"]) == [10, 25, 25]
    assert {batch["state"] for batch in made["items"]} == {"pooled"}
    assert made["changed"] == []


@pytest.mark.parametrize("strategy", ["even", "nearest"])
def test_named_volunteers_get_even_shares_as_assigned_batches(api, services, headquarters, campaign, strategy):
    make_people(services, campaign, 30)
    users = [make_user(services).id for _ in range(3)]
    body = wanted(campaign, assign={"mode": "volunteers", "user_ids": users, "strategy": strategy})
    shown = api.post("/batches/plan", body, headquarters).json
    assert shown["shares"] == [{"user_id": user, "contacts": 10, "capacity": 60} for user in users]
    made = make(api, headquarters, {"plan_id": shown["plan_id"]})
    assert {batch["assignee"]: batch["size"] for batch in made["items"]} == dict.fromkeys(users, 10)
    assert {batch["state"] for batch in made["items"]} == {"assigned"}
    due = services.clock.now() + timedelta(hours=48)
    assert {batch["due_at"] for batch in made["items"]} == {due.isoformat().replace("+00:00", "Z")}
    leased = list(services.stores.leases.walk())
    assert len(leased) == 30
    assert {lease["user_id"] for lease in leased} == set(users)


def test_a_coordinator_plans_for_the_volunteers_of_the_own_district(api, services, coordinator_of_churu, campaign):
    make_people(services, campaign, 10)
    mine = make_user(services, home_area="rj-churu")
    make_user(services, home_area="rj-bhilwara")
    body = wanted(campaign, assign={"mode": "district", "area": "rj-churu"})
    assert {batch["assignee"] for batch in make(api, coordinator_of_churu, body)["items"]} == {mine.id}


def test_shares_by_capacity_follow_daily_capacity(api, services, headquarters, campaign):
    make_people(services, campaign, 40)
    users = [make_user(services, daily_capacity=capacity).id for capacity in (10, 30)]
    shown = plan(api, headquarters, campaign, assign={"mode": "volunteers", "user_ids": users, "strategy": "capacity"})
    assert [share["contacts"] for share in shown["shares"]] == [10, 30]


def test_a_column_of_the_sheet_keeps_its_groups_together(api, services, headquarters, campaign):
    contacts = [make_contact(services, tags=("team:red" if at % 2 else "team:blue",)) for at in range(10)]
    enrol(services, campaign, contacts)
    users = [make_user(services).id for _ in range(2)]
    assign = {"mode": "volunteers", "user_ids": users, "strategy": "column", "column": "team"}
    made = make(api, headquarters, wanted(campaign, assign=assign))
    tags = {contact.id: contact.tags[0] for contact in contacts}
    for batch in (services.stores.batches.get(batch["id"]) for batch in made["items"]):
        assert len({tags[one] for item in batch["items"] for one in item["contacts"]}) == 1


def test_warnings_name_outsiders_too_few_hands_and_languages(api, services, headquarters):
    campaign = make_campaign(services, helpers=[{"constituency": "ac-24", "districts": ["rj-churu"]}])
    make_people(services, campaign, 3, language="mwr")
    user = make_user(services, home_area="rj-jaipur", daily_capacity=2).id
    shown = plan(api, headquarters, campaign, assign={"mode": "volunteers", "user_ids": [user]})
    assert [warning["code"] for warning in shown["warnings"]] == ["outsider", "too_few_volunteers", "language_gap"]


def test_planned_contacts_are_held_for_the_next_plan(api, services, headquarters, campaign):
    make_people(services, campaign, 10)
    make(api, headquarters, wanted(campaign, limit=4))
    assert plan(api, headquarters, campaign)["funnel"] == {"matched": 10, "ready": 6, "blocked": {"held": 4}}


def test_doing_a_plan_says_what_changed_meanwhile(api, services, headquarters, campaign):
    people = make_people(services, campaign, 5)
    shown = plan(api, headquarters, campaign)
    suppress(services, people[0].addresses[0].key)
    made = make(api, headquarters, {"plan_id": shown["plan_id"]})
    assert made["changed"] == [
        {"what": "contacts", "planned": 5, "done": 4},
        {"what": "blocked.suppressed", "planned": 0, "done": 1},
    ]


def test_a_plan_done_twice_is_done_once(api, services, headquarters, campaign):
    make_people(services, campaign, 5)
    shown = plan(api, headquarters, campaign)
    first, second = (make(api, headquarters, {"plan_id": shown["plan_id"]}) for _ in range(2))
    assert first == second
    assert len(api.get(f"/batches?campaign_id={campaign}", headquarters).json["items"]) == 1


def test_a_plan_holds_for_fifteen_minutes(api, services, headquarters, campaign, clock):
    make_people(services, campaign, 5)
    shown = plan(api, headquarters, campaign)
    clock.advance(timedelta(minutes=15))
    answer = api.post("/batches", {"plan_id": shown["plan_id"]}, headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "plan_expired")


def test_another_persons_plan_is_unknown(api, services, headquarters, second_headquarters, campaign):
    make_people(services, campaign, 1)
    shown = plan(api, headquarters, campaign)
    answer = api.post("/batches", {"plan_id": shown["plan_id"]}, second_headquarters)
    assert answer.json["errors"] == {"plan_id": ["plan_unknown"]}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"channel": "sms"}, "channel"),
        ({"area": "ac-155"}, "area"),
        ({"audience_id": "nobody"}, "audience_id"),
        ({"due_at": "2026-01-01T00:00:00Z"}, "due_at"),
        ({"assign": {"mode": "volunteers"}}, "assign.user_ids"),
        ({"assign": {"mode": "volunteers", "user_ids": ["nobody"]}}, "assign.user_ids"),
        ({"assign": {"mode": "pool", "user_ids": ["nobody"]}}, "assign.user_ids"),
        ({"assign": {"mode": "district"}}, "assign.area"),
        ({"assign": {"mode": "district", "area": "rj-kota"}}, "assign.area"),
        ({"assign": {"mode": "drones"}}, "assign.mode"),
        ({"size": 101}, "size"),
    ],
)
def test_a_request_that_does_not_fit_names_its_field(api, services, headquarters, campaign, facts, field):
    make_people(services, campaign, 1)
    for path in ("/batches/plan", "/batches"):
        answer = api.post(path, wanted(campaign, **facts), headquarters)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [field]


def test_a_body_beside_a_plan_is_refused(api, headquarters, campaign):
    answer = api.post("/batches", {"plan_id": "some", "campaign_id": campaign}, headquarters)
    assert answer.json["errors"] == {"campaign_id": ["not_with_plan_id"]}


def test_a_coordinator_gives_no_work_to_other_districts(api, services, coordinator_of_churu, campaign):
    make_people(services, campaign, 1)
    stranger = make_user(services, home_area="rj-bhilwara").id
    for assign, field in (
        ({"mode": "district", "area": "rj-bhilwara"}, "assign.area"),
        ({"mode": "volunteers", "user_ids": [stranger]}, "assign.user_ids"),
    ):
        answer = api.post("/batches/plan", wanted(campaign, assign=assign), coordinator_of_churu)
        assert list(answer.json["errors"]) == [field]


def test_a_coordinator_plans_only_where_the_district_helps(api, services, coordinator_of_churu):
    helpers = [{"constituency": "ac-24", "districts": ["rj-jaipur"]}]
    campaign = make_campaign(services, constituencies=["ac-24", "ac-155"], helpers=helpers)
    make_people(services, campaign, 3)
    assert plan(api, coordinator_of_churu, campaign)["funnel"]["matched"] == 0


@pytest.mark.parametrize("reason", ["campaign_inactive", "contact_window"])
def test_what_forbids_everything_leaves_nothing_ready(api, services, headquarters, clock, reason):
    campaign = make_campaign(services, state="draft" if reason == "campaign_inactive" else "active")
    make_people(services, campaign, 3)
    if reason == "contact_window":
        clock.advance(timedelta(hours=10))
    assert plan(api, headquarters, campaign)["funnel"] == {"matched": 3, "ready": 0, "blocked": {reason: 3}}
    assert make(api, headquarters, wanted(campaign)) == {"items": [], "changed": []}


def test_volunteers_and_observers_plan_nothing(api, campaign, volunteer_of_churu, observer):
    for actor in (volunteer_of_churu, observer):
        for path in ("/batches/plan", "/batches"):
            assert api.post(path, wanted(campaign), actor).status_code == 403


def test_a_batch_whose_people_others_got_first_is_not_shown(api, services, headquarters, campaign, monkeypatch):
    make_people(services, campaign, 4)
    faster, slower = (plan(api, headquarters, campaign, size=2)["plan_id"] for _ in range(2))
    marks = services.dispatching._runs._forming._marks
    mark = marks.mark

    def overtaken(batches):
        monkeypatch.setattr(marks, "mark", mark)
        assert len(make(api, headquarters, {"plan_id": faster})["items"]) == 2
        return mark(batches)

    monkeypatch.setattr(marks, "mark", overtaken)
    made = make(api, headquarters, {"plan_id": slower})

    assert made["items"] == []
    assert {"what": "batches", "planned": 2, "done": 0} in made["changed"]
