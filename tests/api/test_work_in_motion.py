"""Work in motion: callbacks before new work, many moved at once, who has too much, and the campaign that refills."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.batch_factories import make_campaign, make_people, wanted
from tests.factories import make_person


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.fixture
def opened(api, services, headquarters, volunteer_of_churu, campaign):
    """Return a batch of four that the volunteer of Churu has opened; four more numbers lie in the pool."""
    make_people(services, campaign, 8, parts=2)
    api.post("/batches", wanted(campaign, size=4), headquarters)
    body = {"campaign_id": campaign, "channel": "call"}
    batch = api.post("/me/batches/claim", body, volunteer_of_churu).json
    return api.post(f"/me/batches/{batch['id']}/open", None, volunteer_of_churu).json


def claim(api, actor, campaign):
    return api.post("/me/batches/claim", {"campaign_id": campaign, "channel": "call"}, actor)


def tell(api, services, actor, batch, item, disposition, **facts):
    outcome = {
        "id": f"00000000-0000-4000-8000-{item['id'].encode().hex()[:12]}",
        "batch_id": batch["id"],
        "item_id": item["id"],
        "channel": "call",
        "disposition": disposition,
        "occurred_at": services.clock.now().isoformat(),
        **facts,
    }
    answer = api.post("/me/outcomes", {"outcomes": [outcome]}, actor)
    assert answer.json["receipts"][0]["status"] == "stored", answer.json


def test_callbacks_that_are_due_come_before_new_work(api, services, volunteer_of_churu, campaign, opened, clock):
    at = services.clock.now() + timedelta(hours=1)
    tell(api, services, volunteer_of_churu, opened, opened["items"][0], "call_back", callback_at=at.isoformat())
    clock.advance(timedelta(hours=1))
    answer = claim(api, volunteer_of_churu, campaign)
    assert (answer.status_code, answer.json["id"], answer.json["state"]) == (200, opened["id"], "active")


def test_a_callback_for_later_keeps_nobody_from_new_work(api, services, volunteer_of_churu, campaign, opened):
    at = services.clock.now() + timedelta(hours=1)
    tell(api, services, volunteer_of_churu, opened, opened["items"][0], "call_back", callback_at=at.isoformat())
    answer = claim(api, volunteer_of_churu, campaign)
    assert answer.status_code == 201
    assert answer.json["id"] != opened["id"]


def test_what_was_worked_since_the_page_was_loaded_stays(
    api, app, services, coordinator_of_churu, volunteer_of_churu, campaign, opened, clock
):
    loaded = services.clock.now()
    clock.advance(timedelta(minutes=5))
    tell(api, services, volunteer_of_churu, opened, opened["items"][0], "busy")
    other = make_person(app)
    body = {"campaign_id": campaign, "as_of": loaded.isoformat(), "user_ids": [other.id]}
    answer = api.post("/batches/reassign", body, coordinator_of_churu)
    assert [(one["assignee"], one["counts"]["ready"]) for one in answer.json["items"]] == [(other.id, 3)]
    mine = api.get(f"/me/batches/{opened['id']}", volunteer_of_churu).json
    assert (mine["state"], [item["id"] for item in mine["items"]]) == ("active", [opened["items"][0]["id"]])


def test_without_a_time_of_loading_everything_unworked_moves(
    api, services, coordinator_of_churu, volunteer_of_churu, campaign, opened, clock
):
    clock.advance(timedelta(minutes=5))
    tell(api, services, volunteer_of_churu, opened, opened["items"][0], "busy")
    answer = api.post("/batches/reassign", {"campaign_id": campaign, "state": "active"}, coordinator_of_churu)
    assert [(one["id"], one["state"]) for one in answer.json["items"]] == [(opened["id"], "recalled")]


def test_a_batch_that_changed_hands_since_is_skipped(
    api, services, headquarters, coordinator_of_churu, volunteer_of_churu, campaign, clock
):
    loaded = services.clock.now()
    clock.advance(timedelta(minutes=1))
    make_people(services, campaign, 2)
    assign = {"mode": "volunteers", "user_ids": [volunteer_of_churu.id]}
    made = api.post("/batches", wanted(campaign, assign=assign), headquarters).json["items"][0]
    body = {"campaign_id": campaign, "as_of": loaded.isoformat(), "channel": "call"}
    answer = api.post("/batches/reassign", body, coordinator_of_churu).json
    assert answer == {"items": [], "skipped": [{"id": made["id"], "code": "changed_since"}]}


def test_a_page_cannot_have_been_loaded_in_the_future(api, services, coordinator_of_churu, campaign):
    later = services.clock.now() + timedelta(minutes=1)
    answer = api.post("/batches/reassign", {"campaign_id": campaign, "as_of": later.isoformat()}, coordinator_of_churu)
    assert (answer.status_code, answer.json["errors"]) == (422, {"as_of": ["in_future"]})


def balance(api, actor, campaign, **query):
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    return api.get(f"/batches/balance?campaign_id={campaign}{asked}", actor)


def test_the_balance_tells_who_has_too_much_and_who_idles(
    api, app, services, headquarters, coordinator_of_churu, volunteer_of_churu, campaign
):
    make_people(services, campaign, 6)
    slow = make_person(app, daily_capacity=1)
    assign = {"mode": "volunteers", "user_ids": [slow.id]}
    api.post("/batches", wanted(campaign, size=3, assign=assign), headquarters)
    rows = {row["user_id"]: row for row in balance(api, coordinator_of_churu, campaign).json["items"]}
    assert rows[slow.id]["burden"] == "too_much"
    told = ("batches", "unopened", "open_items", "capacity")
    assert tuple(rows[slow.id][name] for name in told) == (2, 2, 6, 1)
    assert (rows[volunteer_of_churu.id]["burden"], rows[volunteer_of_churu.id]["open_items"]) == ("idle", 0)
    idle = balance(api, coordinator_of_churu, campaign, burden="idle").json
    assert [row["user_id"] for row in idle["items"]] == [volunteer_of_churu.id]


def test_the_balance_pages_through_all_volunteers(api, app, headquarters, campaign):
    people = {make_person(app).id for _ in range(5)}
    seen, cursor = [], ""
    for _ in range(9):
        query = {"limit": 2, "burden": "idle"} | ({"cursor": cursor} if cursor else {})
        page = balance(api, headquarters, campaign, **query).json
        seen += [row["user_id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert (sorted(seen), len(seen)) == (sorted(people), 5)


def test_a_coordinator_sees_the_balance_of_the_own_district(
    api, coordinator_of_bhilwara, volunteer_of_churu, volunteer_of_bhilwara, campaign
):
    rows = balance(api, coordinator_of_bhilwara, campaign).json["items"]
    assert [row["user_id"] for row in rows] == [volunteer_of_bhilwara.id]
    assert balance(api, coordinator_of_bhilwara, campaign, area="rj-churu").status_code == 422


def refill(services):
    step = next(step for step in services.worker_steps if step.name == "refill")
    return step.run.__self__.all()


@pytest.fixture
def refilling(api, services, headquarters):
    made = make_campaign(services, auto_refill=True)
    make_people(services, made, 6)
    api.post("/batches", wanted(made, size=2), headquarters)
    return made


def test_every_active_volunteer_is_kept_at_one_open_batch(
    services, refilling, volunteer_of_churu, volunteer_of_bhilwara
):
    assert (refill(services), refill(services)) == (2, 0)
    for actor in (volunteer_of_churu, volunteer_of_bhilwara):
        assert len(services.stores.batches.of_assignee(actor.id, ["assigned"])) == 1


def test_refilling_keeps_to_caps_pauses_and_the_wish_of_the_campaign(
    api, app, services, headquarters, refilling, campaign, volunteer_of_churu
):
    make_person(app, daily_capacity=0)
    api.post(f"/campaigns/{refilling}/pause", None, headquarters)
    assert refill(services) == 0
    api.post(f"/campaigns/{refilling}/activate", None, headquarters)
    assert refill(services) == 1
    assert len(services.stores.batches.of_assignee(volunteer_of_churu.id, ["assigned"])) == 1
    patched = api.patch(f"/campaigns/{refilling}", {"auto_refill": False}, headquarters)
    assert patched.json["auto_refill"] is False
    make_person(app)
    assert refill(services) == 0


def test_who_let_a_refill_expire_unopened_gets_no_more_until_they_ask(
    api, services, refilling, volunteer_of_churu, clock
):
    assert refill(services) == 1
    clock.advance(timedelta(hours=48))
    while sum(step.run() for step in services.worker_steps if step.name in {"batches", "batch events"}):
        pass
    assert refill(services) == 0
    assert claim(api, volunteer_of_churu, refilling).status_code == 201


def test_urgent_work_is_claimed_first(api, services, headquarters, volunteer_of_churu, campaign):
    make_people(services, campaign, 20, parts=10)
    api.post("/batches", wanted(campaign, size=2, limit=18), headquarters)
    urgent = api.post("/batches", wanted(campaign, priority="high"), headquarters).json["items"]
    answer = claim(api, volunteer_of_churu, campaign).json
    assert (answer["id"], answer["priority"]) == (urgent[0]["id"], "high")
