"""Batches in coordinators' hands: who sees which, and assigning, recalling, extending, moving."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.batch_factories import enrol, make_campaign, make_people, wanted
from tests.factories import make_person, make_user


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.fixture
def made(api, services, headquarters, campaign):
    """Make batches for somebody, or for the pool, and return their ids."""

    def make(number=3, *, actor=None, **facts):
        make_people(services, campaign, number)
        assign = {"mode": "volunteers", "user_ids": [actor.id]} if actor else {}
        answer = api.post("/batches", wanted(campaign, assign=assign, **facts), headquarters)
        assert answer.status_code == 201, answer.json
        return [batch["id"] for batch in answer.json["items"]]

    return make


def assign(api, batch_id, user, actor, **options):
    return api.post(f"/batches/{batch_id}/assign", {"user_id": user.id}, actor, **options)


def recall(api, batch_id, actor, **options):
    return api.post(f"/batches/{batch_id}/recall", {"reason": "wrong list"}, actor, **options)


def listed(api, actor, **filters):
    return [batch["id"] for batch in api.get("/batches", actor, query_string=filters).json["items"]]


def test_a_batch_shows_no_person_to_a_coordinator(api, coordinator_of_churu, volunteer_of_churu, made):
    batch_id = made(actor=volunteer_of_churu)[0]
    body = api.get(f"/batches/{batch_id}", coordinator_of_churu).json
    assert (body["state"], body["assignee"], body["size"]) == ("assigned", volunteer_of_churu.id, 3)
    assert not {"items", "events"} & set(body)


def test_coordinators_see_their_volunteers_batches_and_the_pool_where_they_help(
    api, headquarters, coordinator_of_churu, coordinator_of_bhilwara, volunteer_of_churu, made, campaign
):
    given, pooled = made(actor=volunteer_of_churu)[0], made()[0]
    assert set(listed(api, headquarters, campaign_id=campaign)) == {given, pooled}
    assert set(listed(api, coordinator_of_churu)) == {given, pooled}
    assert listed(api, coordinator_of_bhilwara, campaign_id=campaign) == [pooled]
    assert listed(api, coordinator_of_churu, state="assigned") == [given]
    assert listed(api, headquarters, assignee=volunteer_of_churu.id) == [given]
    strangers = api.get("/batches", coordinator_of_bhilwara, query_string={"assignee": volunteer_of_churu.id})
    assert (strangers.status_code, strangers.json["errors"]) == (422, {"assignee": ["user_unknown"]})
    assert api.get(f"/batches/{given}", coordinator_of_bhilwara).status_code == 404
    assert api.get(f"/batches/{pooled}", coordinator_of_bhilwara).status_code == 200


@pytest.mark.parametrize(("area", "found"), [("ac-24-1", 1), ("ac-24", 1), ("rj-churu", 1), ("rj", 1), ("ac-155", 0)])
def test_batches_are_listed_by_area(api, headquarters, coordinator_of_churu, made, area, found):
    made()
    for actor in (headquarters, coordinator_of_churu):
        assert len(listed(api, actor, area=area)) == found


def test_a_list_goes_on_where_a_page_ended(api, headquarters, made, campaign):
    batches = made(10, size=1)
    first = api.get(f"/batches?campaign_id={campaign}&limit=7", headquarters).json
    rest = api.get(f"/batches?campaign_id={campaign}&cursor={first['next_cursor']}", headquarters).json
    assert [batch["id"] for batch in first["items"] + rest["items"]] == batches
    assert rest["next_cursor"] is None


def test_a_pooled_batch_is_assigned_with_its_numbers(api, services, coordinator_of_churu, volunteer_of_churu, made):
    batch_id = made()[0]
    answer = assign(api, batch_id, volunteer_of_churu, coordinator_of_churu)
    assert (answer.status_code, answer.json["assignee"], answer.json["id"]) == (200, volunteer_of_churu.id, batch_id)
    assert {lease["batch_id"] for lease in services.stores.leases.walk()} == {batch_id}
    events = services.stores.batches.get(batch_id)["events"]
    assert [(event["kind"], event["user_id"]) for event in events] == [("assigned", volunteer_of_churu.id)]


def test_a_batch_whose_numbers_another_campaign_holds_is_not_assigned_and_stays(
    api, services, headquarters, volunteer_of_churu, volunteer_of_bhilwara, campaign
):
    people = make_people(services, campaign, 2)
    pooled = api.post("/batches", wanted(campaign, assign={}), headquarters).json["items"][0]["id"]
    other = make_campaign(services)
    enrol(services, other, people)
    held = api.post("/batches", wanted(other, assign={}), headquarters).json["items"][0]["id"]
    assert assign(api, held, volunteer_of_bhilwara, headquarters).status_code == 200
    answer = assign(api, pooled, volunteer_of_churu, headquarters)
    assert (answer.status_code, answer.json["reasons"]) == (423, ["held"])
    assert api.get(f"/batches/{pooled}", headquarters).json["state"] == "pooled"


def test_an_unopened_batch_changes_hands_as_it_is(api, app, services, coordinator_of_churu, volunteer_of_churu, made):
    batch_id, other = made(actor=volunteer_of_churu)[0], make_person(app)
    answer = assign(api, batch_id, other, coordinator_of_churu)
    assert (answer.json["id"], answer.json["assignee"]) == (batch_id, other.id)
    assert {lease["user_id"] for lease in services.stores.leases.walk()} == {other.id}
    assert api.get(f"/me/batches/{batch_id}", volunteer_of_churu).status_code == 404
    assert services.stores.batches.get(batch_id)["holders"] == [volunteer_of_churu.id, other.id]


def test_of_an_opened_batch_the_open_rest_goes_on_as_a_new_one(
    api, app, services, coordinator_of_churu, volunteer_of_churu, made
):
    batch_id, other = made(actor=volunteer_of_churu)[0], make_person(app)
    api.post(f"/me/batches/{batch_id}/open", None, volunteer_of_churu)
    answer = assign(api, batch_id, other, coordinator_of_churu)
    assert answer.json["id"] != batch_id
    assert (answer.json["parent_id"], answer.json["assignee"], answer.json["size"]) == (batch_id, other.id, 3)
    old = api.get(f"/batches/{batch_id}", coordinator_of_churu).json
    assert (old["state"], old["close_reason"]) == ("recalled", "reassigned")
    assert {lease["batch_id"] for lease in services.stores.leases.walk()} == {answer.json["id"]}


def test_who_cannot_take_a_batch_is_named(api, app, services, headquarters, coordinator_of_churu, made):
    batch_id = made()[0]
    stranger = make_person(app, home_area="rj-bhilwara")
    answer = assign(api, batch_id, stranger, coordinator_of_churu)
    assert (answer.status_code, answer.json["errors"]) == (422, {"user_id": ["user_unknown"]})
    asleep = make_user(services, state="suspended")
    silent = make_user(services, channels=("whatsapp",))
    assert assign(api, batch_id, asleep, headquarters).json["errors"] == {"user_id": ["user_not_active"]}
    assert assign(api, batch_id, silent, headquarters).json["errors"] == {"user_id": ["channel_not_theirs"]}
    assert assign(api, batch_id, coordinator_of_churu, headquarters).json["errors"] == {"user_id": ["user_unknown"]}


def test_assigning_asks_the_rules(api, services, headquarters, volunteer_of_churu, made, clock):
    batch_id = made()[0]
    clock.advance(timedelta(hours=10))
    answer = assign(api, batch_id, volunteer_of_churu, headquarters)
    assert (answer.status_code, answer.json["reasons"]) == (423, ["contact_window"])
    assert list(services.stores.leases.walk()) == []


def test_a_recalled_batch_goes_on_in_the_pool_without_what_is_done(
    api, services, coordinator_of_churu, volunteer_of_churu, made, campaign
):
    batch_id = made(actor=volunteer_of_churu)[0]
    api.post(f"/me/batches/{batch_id}/open", None, volunteer_of_churu)
    stored = services.stores.batches.get(batch_id)
    items = [{**stored["items"][0], "state": "done"}, *stored["items"][1:]]
    services.stores.batches.swap(stored, {"items": items})
    answer = recall(api, batch_id, coordinator_of_churu)
    assert (answer.status_code, answer.json["state"]) == (200, "recalled")
    assert answer.json["counts"] == {"total": 1, "ready": 0, "callback": 0, "done": 1, "blocked": 0}
    following = api.get("/batches?state=pooled", coordinator_of_churu).json["items"]
    assert [(batch["parent_id"], batch["size"]) for batch in following] == [(batch_id, 2)]
    # Who was reached is free for other plans when the outcome's consequences are drawn, not before.
    targets = [target["batch_id"] for target in _targets(services, campaign)]
    assert sorted(targets) == sorted([batch_id, *[following[0]["id"]] * 2])
    assert recall(api, batch_id, coordinator_of_churu).status_code == 200


def test_a_recalled_pooled_batch_is_left_to_the_next_plan(api, services, headquarters, made, campaign):
    batch_id = made()[0]
    assert recall(api, batch_id, headquarters).json["state"] == "recalled"
    assert {target["batch_id"] for target in _targets(services, campaign)} == {None}
    assert listed(api, headquarters, state="pooled") == []


def _targets(services, campaign):
    return [target for part in (1, 2, 3) for target in services.stores.targets.in_part(campaign, f"ac-24-{part}")]


def test_a_stale_page_changes_nothing(api, coordinator_of_churu, volunteer_of_churu, made):
    batch_id = made(actor=volunteer_of_churu)[0]
    tag = api.get(f"/batches/{batch_id}", coordinator_of_churu).headers["ETag"]
    api.post(f"/me/batches/{batch_id}/open", None, volunteer_of_churu)
    assert recall(api, batch_id, coordinator_of_churu, headers={"If-Match": tag}).status_code == 412
    assert assign(api, batch_id, volunteer_of_churu, coordinator_of_churu, headers={"If-Match": tag}).status_code == 412


def test_an_extended_batch_holds_its_numbers_as_long(api, services, coordinator_of_churu, volunteer_of_churu, made):
    batch_id = made(actor=volunteer_of_churu)[0]
    later = services.clock.now() + timedelta(hours=72)
    path, body = f"/batches/{batch_id}/extend", {"due_at": later.isoformat()}
    assert api.post(path, body, coordinator_of_churu).json["due_at"] == later.isoformat().replace("+00:00", "Z")
    assert {lease["until"] for lease in services.stores.leases.walk()} == {later}


@pytest.mark.parametrize(("hours", "code"), [(-1, "not_in_future"), (24 * 31, "too_far")])
def test_a_batch_is_extended_within_bounds(api, services, headquarters, made, hours, code):
    batch_id = made()[0]
    due_at = (services.clock.now() + timedelta(hours=hours)).isoformat()
    answer = api.post(f"/batches/{batch_id}/extend", {"due_at": due_at}, headquarters)
    assert answer.json["errors"] == {"due_at": [code]}


def test_many_batches_move_at_once_by_filter_and_count(
    api, app, services, coordinator_of_churu, volunteer_of_churu, made, campaign
):
    made(6, actor=volunteer_of_churu, size=2)
    others = [make_person(app) for _ in range(2)]
    body = {
        "campaign_id": campaign,
        "assignee": volunteer_of_churu.id,
        "count": 2,
        "user_ids": [one.id for one in others],
    }
    answer = api.post("/batches/reassign", body, coordinator_of_churu)
    assert answer.status_code == 200
    assert [batch["assignee"] for batch in answer.json["items"]] == [one.id for one in others]
    assert answer.json["skipped"] == []
    assert len(services.stores.batches.of_assignee(volunteer_of_churu.id, ["assigned"])) == 1
    to_pool = api.post("/batches/reassign", {"campaign_id": campaign}, coordinator_of_churu).json
    assert len(to_pool["items"]) == 3
    assert len(listed(api, coordinator_of_churu, state="pooled")) == 3


def test_what_is_over_cannot_be_changed(api, headquarters, volunteer_of_churu, services, made):
    batch_id = made(actor=volunteer_of_churu)[0]
    recall(api, batch_id, headquarters)
    due_at = (services.clock.now() + timedelta(hours=1)).isoformat()
    assert assign(api, batch_id, volunteer_of_churu, headquarters).status_code == 409
    assert api.post(f"/batches/{batch_id}/extend", {"due_at": due_at}, headquarters).status_code == 409


def test_more_than_twenty_batches_are_a_job(api, services, headquarters, campaign):
    make_people(services, campaign, 50)
    answer = api.post("/batches", wanted(campaign, size=2), headquarters)
    assert (answer.status_code, answer.json["state"]) == (202, "queued")
    while any(step.run() for step in services.worker_steps if step.name == "jobs"):
        pass
    job = api.get(f"/jobs/{answer.json['id']}", headquarters).json
    assert job["state"] == "succeeded", job
    # One odd number is left in each of two parts of seventeen, and they are joined.
    assert job["result"] == {"batches": 25, "contacts": 50, "changed": []}
    assert len(listed(api, headquarters, state="pooled", limit=100)) == 25
