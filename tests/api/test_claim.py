"""Claiming: one batch a tap, nobody's number twice, the rules asked, and what cannot be had goes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.domain.contacts.suppressions import Suppression
from tests.api.conftest import Api
from tests.batch_factories import HQ, SEAT, enrol, make_campaign, make_contact, make_people, wanted
from tests.factories import make_person


@pytest.fixture
def campaign(services):
    return make_campaign(services)


def pool(api, headquarters, campaign, **facts):
    answer = api.post("/batches", wanted(campaign, **facts), headquarters)
    assert answer.status_code == 201, answer.json
    return [batch["id"] for batch in answer.json["items"]]


def claim(api, actor, campaign, channel="call"):
    return api.post("/me/batches/claim", {"campaign_id": campaign, "channel": channel}, actor)


def test_a_claimed_batch_is_the_volunteers_and_masked(api, services, headquarters, volunteer_of_churu, campaign):
    make_people(services, campaign, 3)
    batch_id = pool(api, headquarters, campaign)[0]
    answer = claim(api, volunteer_of_churu, campaign)
    assert answer.status_code == 201
    body = answer.json
    assert (body["id"], body["state"], body["assignee"]) == (batch_id, "assigned", volunteer_of_churu.id)
    assert body["counts"] == {"total": 3, "ready": 3, "callback": 0, "done": 0, "blocked": 0}
    item = body["items"][0]
    assert item["phone_masked"].startswith("+91 98••")
    assert "phone" not in item
    assert "link" not in item
    assert item["people"][0]["name"] == "S••• D•••"
    assert set(item["people"][0]) == {"contact_id", "name", "age_band", "gender", "part", "tags"}
    assert answer.headers["ETag"]


def test_an_unopened_batch_is_answered_again(api, services, headquarters, volunteer_of_churu, campaign):
    make_people(services, campaign, 50)
    pool(api, headquarters, campaign)
    first, second = (claim(api, volunteer_of_churu, campaign) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json


def test_what_a_coordinator_assigned_is_answered_before_the_pool(api, services, headquarters, volunteer_of_churu):
    campaign = make_campaign(services)
    make_people(services, campaign, 4)
    given = pool(
        api, headquarters, campaign, limit=2, assign={"mode": "volunteers", "user_ids": [volunteer_of_churu.id]}
    )
    pool(api, headquarters, campaign)
    answer = claim(api, volunteer_of_churu, campaign)
    assert (answer.status_code, answer.json["id"]) == (200, given[0])


def test_a_seat_that_the_campaign_gained_since_the_last_claim_is_looked_at(
    api, app, services, headquarters, volunteer_of_churu, campaign
):
    make_people(services, campaign, 1)
    pool(api, headquarters, campaign)
    assert claim(api, volunteer_of_churu, campaign).status_code == 201
    services.campaigns.edit(HQ, campaign, {"constituencies": [SEAT, "ac-155"]}, version=None)
    make_people(services, campaign, 1, seat="ac-155")
    (there,) = pool(api, headquarters, campaign, area="ac-155")
    assert claim(api, make_person(app), campaign).json["id"] == there


def test_an_empty_pool_says_why(api, services, headquarters, volunteer_of_churu, campaign):
    make_people(services, campaign, 2, phone=None)
    pool(api, headquarters, campaign)
    answer = claim(api, volunteer_of_churu, campaign)
    assert (answer.status_code, answer.json["code"]) == (404, "no_batch")
    assert answer.json["reasons"] == {"no_address": 2}


@pytest.mark.parametrize(
    ("hours", "reason"), [(8.6, "contact_window"), (14, "contact_window"), (0, "silence"), (0, "kill_switch")]
)
def test_what_is_forbidden_as_a_whole_is_423(
    api, services, headquarters, volunteer_of_churu, campaign, clock, hours, reason
):
    make_people(services, campaign, 2)
    pool(api, headquarters, campaign)
    clock.advance(timedelta(hours=hours))
    if reason == "silence":
        closes = clock.now() + timedelta(hours=10)
        poll = {"opens_at": closes - timedelta(hours=9), "closes_at": closes}
        api.put("/areas/ac-24/poll", {name: at.isoformat() for name, at in poll.items()}, headquarters)
    if reason == "kill_switch":
        api.post(f"/campaigns/{campaign}/kill-switch", {"on": True, "reason": "stop it"}, headquarters)
    answer = claim(api, volunteer_of_churu, campaign)
    assert (answer.status_code, answer.json["code"]) == (423, "blocked_by_rule")
    assert answer.json["reasons"] == [reason]
    assert (answer.json["allowed_from"] is None) == (reason == "kill_switch")
    assert list(services.stores.leases.walk()) == []


def test_a_part_in_silence_is_passed_over(api, services, headquarters, volunteer_of_churu, campaign, clock):
    make_people(services, campaign, 2, parts=1)
    pool(api, headquarters, campaign)
    closes = clock.now() + timedelta(hours=10)
    poll = {"opens_at": closes - timedelta(hours=9), "closes_at": closes}
    api.put("/areas/ac-24-1/poll", {name: at.isoformat() for name, at in poll.items()}, headquarters)
    assert claim(api, volunteer_of_churu, campaign).json["reasons"] == ["silence"]


def test_an_exhausted_cap_is_423_until_tomorrow(api, services, headquarters, app, campaign):
    tired = make_person(app, daily_capacity=0)
    make_people(services, campaign, 2)
    pool(api, headquarters, campaign)
    answer = claim(api, tired, campaign)
    assert (answer.status_code, answer.json["reasons"]) == (423, ["volunteer_cap"])


def test_areas_limit_a_claim_even_where_the_district_helps(api, services, headquarters, app):
    campaign = make_campaign(services, constituencies=["ac-24", "ac-155"])
    make_people(services, campaign, 2, seat="ac-24")
    there = make_people(services, campaign, 2, seat="ac-155", parts=1)
    pool(api, headquarters, campaign)
    elsewhere = make_person(app, areas=("ac-155",))
    body = claim(api, elsewhere, campaign).json
    assert {one["contact_id"] for item in body["items"] for one in item["people"]} == {one.id for one in there}
    nowhere = make_person(app, areas=("ac-175",))
    assert claim(api, nowhere, campaign).json["reasons"] == {}


def test_a_part_of_ones_own_is_all_one_gets(api, services, headquarters, app, campaign):
    make_people(services, campaign, 60, parts=2)
    pool(api, headquarters, campaign, size=25)
    mine = make_person(app, areas=("ac-24-2",))
    assert claim(api, mine, campaign).json["part_ids"] == ["ac-24-2"]


def test_the_seat_of_the_home_district_comes_first(api, services, headquarters, volunteer_of_churu):
    campaign = make_campaign(services, constituencies=["ac-155", "ac-24"])
    make_people(services, campaign, 2, seat="ac-155")
    make_people(services, campaign, 2, seat="ac-24")
    pool(api, headquarters, campaign)
    assert claim(api, volunteer_of_churu, campaign).json["constituency_ids"] == ["ac-24"]


def test_a_district_that_does_not_help_finds_nothing(api, services, headquarters, volunteer_of_bhilwara):
    campaign = make_campaign(services, helpers=[{"constituency": "ac-24", "districts": ["rj-churu"]}])
    make_people(services, campaign, 2)
    pool(api, headquarters, campaign)
    assert claim(api, volunteer_of_bhilwara, campaign).status_code == 404


def test_a_pool_of_one_district_is_for_its_volunteers(
    api, services, headquarters, volunteer_of_churu, volunteer_of_bhilwara, campaign
):
    make_people(services, campaign, 2)
    pool(api, headquarters, campaign, assign={"area": "rj-bhilwara"})
    assert claim(api, volunteer_of_churu, campaign).status_code == 404
    assert claim(api, volunteer_of_bhilwara, campaign).status_code == 201


def test_a_channel_of_neither_campaign_nor_volunteer_is_named(api, services, app, volunteer_of_churu, campaign):
    assert claim(api, volunteer_of_churu, campaign, "sms").json["errors"] == {"channel": ["channel_not_in_campaign"]}
    assert claim(api, volunteer_of_churu, campaign, "facebook").json["errors"] == {"channel": ["channel_not_yours"]}


def test_numbers_that_another_campaign_holds_go_back_till_later(
    api, services, headquarters, volunteer_of_churu, volunteer_of_bhilwara, campaign, clock
):
    people = make_people(services, campaign, 3)
    pool(api, headquarters, campaign)
    other = make_campaign(services)
    enrol(services, other, people[:1])
    pool(api, headquarters, other)
    assert claim(api, volunteer_of_bhilwara, other).status_code == 201
    body = claim(api, volunteer_of_churu, campaign).json
    assert body["counts"]["total"] == 2
    assert claim(api, volunteer_of_bhilwara, campaign).json["code"] == "no_batch"
    waiting = api.get("/batches?state=pooled", headquarters).json["items"]
    assert [batch["counts"]["ready"] for batch in waiting] == [1]
    assert waiting[0]["parent_id"] == body["id"]
    # After 48 hours both batches are taken back, and every number can be had again.
    clock.advance(timedelta(hours=48))
    while sum(step.run() for step in services.worker_steps if step.name in {"batches", "batch events"}):
        pass
    again = [claim(api, actor, campaign).json for actor in (volunteer_of_churu, volunteer_of_bhilwara)]
    assert sorted(batch["counts"]["total"] for batch in again) == [1, 2]


def test_a_suppressed_number_is_never_handed_out(api, services, headquarters, volunteer_of_churu, campaign):
    people = make_people(services, campaign, 2)
    pool(api, headquarters, campaign)
    for person in people:
        services.stores.suppressions.insert_once(
            Suppression(
                id=person.addresses[0].key, kind="mobile", reason="opted_out", origin="t", at=services.clock.now()
            )
        )
    answer = claim(api, volunteer_of_churu, campaign)
    assert (answer.status_code, answer.json["reasons"]) == (404, {"suppressed": 2})
    assert list(services.stores.leases.walk()) == []
    targets = services.stores.targets.in_part(campaign, "ac-24-1")
    assert [target["batch_id"] for target in targets] == [None]


def test_a_double_tap_gets_one_batch(api, app, services, headquarters, volunteer_of_churu, campaign):
    make_people(services, campaign, 60)
    pool(api, headquarters, campaign, size=5)
    with ThreadPoolExecutor(8) as hands:
        answers = list(hands.map(lambda _: claim(Api(app), volunteer_of_churu, campaign), range(8)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sum(answer.status_code == 201 for answer in answers) == 1
    mine = services.stores.batches.of_assignee(volunteer_of_churu.id, ["assigned"])
    assert len(mine) == 1


def test_64_claimers_drain_a_pool_without_sharing_a_number(api, app, services, headquarters, campaign):
    contacts = make_people(services, campaign, 200, parts=4)
    batches = pool(api, headquarters, campaign, size=10)
    people = [make_person(app) for _ in range(64)]
    with ThreadPoolExecutor(64) as hands:
        answers = list(hands.map(lambda one: claim(Api(app), one, campaign), people))
    got = [answer.json for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 404}
    assert sorted(batch["id"] for batch in got) == sorted(batches)
    held = {lease["_id"]: lease["user_id"] for lease in services.stores.leases.walk()}
    assert len(held) == len(contacts)
    for batch in got:
        stored = services.stores.batches.get(batch["id"])
        assert {held[item["address"]] for item in stored["items"]} == {stored["assignee"]}


def test_a_household_across_two_parts_is_held_once(api, app, services, headquarters, campaign):
    shared = "+919812345678"
    people = [make_contact(services, phone=shared, part=part) for part in (1, 2)]
    enrol(services, campaign, people[:1])
    pool(api, headquarters, campaign)
    enrol(services, campaign, people)
    pool(api, headquarters, campaign)
    first, second = (claim(api, make_person(app), campaign) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 404)
    assert second.json["reasons"] == {"held": 1}


def test_people_with_a_tag_that_the_volunteer_excludes_stay_for_others(
    api, app, services, headquarters, volunteer_of_churu, campaign
):
    other = make_person(app, role="volunteer", home_area="rj-churu")
    young = make_people(services, campaign, 2, parts=1, tags=("young",))
    plain = make_people(services, campaign, 3, parts=1)
    pool(api, headquarters, campaign)
    api.patch(f"/users/{volunteer_of_churu.id}", {"excluded_tags": ["young"]}, headquarters)

    mine = claim(api, volunteer_of_churu, campaign)
    theirs = claim(api, other, campaign)

    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert _people(mine) == {one.id for one in plain}
    assert _people(theirs) == {one.id for one in young}


def test_pool_of_none_but_excluded_people_is_left_alone(api, app, services, headquarters, volunteer_of_churu, campaign):
    other = make_person(app, role="volunteer", home_area="rj-churu")
    make_people(services, campaign, 2, parts=1, tags=("young",))
    pool(api, headquarters, campaign)
    api.patch(f"/users/{volunteer_of_churu.id}", {"excluded_tags": ["young"]}, headquarters)

    none = claim(api, volunteer_of_churu, campaign)

    assert (none.status_code, none.json["code"]) == (404, "no_batch")
    assert none.json["reasons"]["tags_excluded"] >= 2
    assert claim(api, other, campaign).status_code == 201


def _people(answer):
    return {one["contact_id"] for item in answer.json["items"] for one in item["people"]}
