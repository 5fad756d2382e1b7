"""Tasks over HTTP: who is reached, what needs a second person, and what receivers tell."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import MORNING
from tests.library import make_live

TASK = {
    "kind": "read",
    "title": {"hi": "नया लेख पढ़ें", "en": "Read the new note"},
    "body": {"hi": "कृपया आज ही पढ़ें।", "en": "Please read it today."},
    "audience": {"areas": ["rj-churu"]},
}


def task(**changes):
    return {**TASK, **changes}


@pytest.fixture
def made(api, headquarters):
    """Make a task as headquarters and return it."""

    def make(actor=headquarters, **changes):
        answer = api.post("/tasks", task(**changes), actor)
        assert answer.status_code == 201, answer.json
        return answer.json

    return make


@pytest.fixture
def shared(api, expert, headquarters):
    """What makes a task one to forward: its kind, and a live template."""
    return {"kind": "share", "template_id": make_live(api, "template", expert, headquarters)["id"], "version": 1}


@pytest.fixture
def tell(services):
    """Let the worker tell everybody who is still to be told, and count."""

    def run():
        while services.phones.spread.spread_next() or services.phones.counting.count_due():
            pass

    return run


def titles(api, person):
    return [item["title"]["en"] for item in api.get("/me/tasks", person).json["items"]]


def test_task_answers_with_the_number_of_receivers(made, volunteer_of_churu, coordinator_of_churu, person):
    person(home_area="rj-churu", role="volunteer")

    assert made(audience={"areas": ["rj-churu"]})["receivers"] == 3
    assert made(audience={"areas": ["rj-churu"], "roles": ["volunteer"]})["receivers"] == 2
    assert made(audience={"areas": ["rj-churu", "rj-bhilwara"], "roles": ["coordinator"]})["receivers"] == 1


def test_task_for_a_seat_reaches_those_who_work_there(api, made, tell, person):
    there = person(home_area="rj-kota", areas=("ac-24",))
    person(home_area="rj-kota")

    assert made(audience={"areas": ["ac-24"]})["receivers"] == 1
    tell()
    assert titles(api, there) == ["Read the new note"]


def test_person_who_is_at_home_and_at_work_there_is_asked_once(api, made, tell, person):
    both = person(home_area="rj-churu", areas=("ac-24",))
    other = person(home_area="rj-kota", areas=("ac-24",))

    asked = made(audience={"areas": ["rj-churu", "ac-24"]})
    tell()

    assert asked["receivers"] == 2
    assert titles(api, both) == titles(api, other) == ["Read the new note"]


def test_receivers_find_the_task_and_others_do_not(api, made, tell, volunteer_of_churu, volunteer_of_bhilwara):
    made()
    tell()

    assert titles(api, volunteer_of_churu) == ["Read the new note"]
    assert titles(api, volunteer_of_bhilwara) == []


def test_suspended_people_are_not_asked(made, person):
    person(home_area="rj-churu", state="suspended")

    assert made()["receivers"] == 0


def test_large_audience_is_told_in_chunks_that_may_be_repeated(services, api, headquarters, person, made):
    people = [person(home_area="rj-churu") for _ in range(7)]
    asked = made()
    spread = services.phones.spread
    spread._chunk = 3
    try:
        stored = services.stores.tasks.get(asked["id"])
        spread.spread_next()
        # The first worker died before it could note how far it had come.
        services.stores.tasks._tasks.update({"_id": asked["id"]}, {"$set": {"spread": stored["spread"]}})
        while spread.spread_next():
            pass
    finally:
        spread._chunk = 500

    assert api.get(f"/tasks/{asked['id']}/delivery", headquarters).json["receivers"] == 7
    assert all(titles(api, one) == ["Read the new note"] for one in people)


def test_coordinator_reaches_own_people_only(api, made, tell, coordinator_of_churu, volunteer_of_bhilwara):
    asked = made(coordinator_of_churu, audience={})
    tell()

    assert asked["receivers"] == 1
    assert asked["state"] == "open"
    assert titles(api, volunteer_of_bhilwara) == []


@pytest.mark.parametrize("areas", [["rj-bhilwara"], ["rj"], ["rj-churu", "rj-bhilwara"]])
def test_coordinator_cannot_name_other_districts(api, coordinator_of_churu, areas):
    answer = api.post("/tasks", task(audience={"areas": areas}), coordinator_of_churu)

    assert answer.status_code == 422
    assert answer.json["errors"] == {"audience.areas": ["area_not_yours"]}


def test_coordinator_cannot_name_other_districts_people(api, coordinator_of_churu, volunteer_of_bhilwara):
    answer = api.post("/tasks", task(audience={"user_ids": [volunteer_of_bhilwara.id]}), coordinator_of_churu)

    assert answer.status_code == 422
    assert answer.json["errors"] == {"audience.user_ids": ["user_unknown"]}


def test_people_by_name_are_asked_at_once(api, made, tell, volunteer_of_churu, volunteer_of_bhilwara):
    asked = made(audience={"user_ids": [volunteer_of_churu.id]})
    tell()

    assert (asked["state"], asked["receivers"]) == ("open", 1)
    assert titles(api, volunteer_of_churu) == ["Read the new note"]


def test_share_needs_a_live_template(api, expert, headquarters):
    live = make_live(api, "template", expert, headquarters)
    wanted = task(kind="share", template_id=live["id"], version=2)
    assert api.post("/tasks", task(kind="share"), headquarters).json["errors"] == {"template_id": ["required"]}
    assert api.post("/tasks", wanted, headquarters).json["errors"] == {"template_id": ["template_not_live"]}

    shared = api.post("/tasks", {**wanted, "version": 1}, headquarters)
    assert (shared.status_code, shared.json["template_version"]) == (201, 1)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"kind": "batch"}, {"kind"}),
        ({"title": {"hi": "केवल हिंदी"}}, {"title.en"}),
        ({"audience": {"roles": ["voter"]}}, {"audience.roles.0"}),
        ({"audience": {"areas": ["rj-nowhere"]}}, {"audience.areas"}),
        ({"due_at": "2020-01-01T00:00:00Z"}, {"due_at"}),
        ({"unknown": 1}, {"unknown"}),
    ],
)
def test_wrong_task_is_refused_by_field(api, headquarters, changes, errors):
    answer = api.post("/tasks", task(**changes), headquarters)

    assert answer.status_code == 422
    assert set(answer.json["errors"]) == errors


def test_volunteer_may_not_make_tasks(api, volunteer_of_churu):
    assert api.post("/tasks", TASK, volunteer_of_churu).status_code == 403


def test_same_key_makes_one_task(api, headquarters):
    answers = [api.post("/tasks", TASK, headquarters, headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert len(api.get("/tasks", headquarters).json["items"]) == 1


def test_list_is_newest_first_and_scoped(api, made, headquarters, coordinator_of_churu, coordinator_of_bhilwara):
    for_all = made()["id"]
    own = made(coordinator_of_churu, audience={}, kind="train")["id"]

    assert [one["id"] for one in api.get("/tasks", headquarters).json["items"]] == [own, for_all]
    assert [one["id"] for one in api.get("/tasks", coordinator_of_churu).json["items"]] == [own, for_all]
    assert api.get("/tasks", coordinator_of_bhilwara).json["items"] == []
    assert api.get(f"/tasks/{own}", coordinator_of_bhilwara).status_code == 404
    page = api.get("/tasks?limit=1", headquarters).json
    rest = api.get(f"/tasks?limit=1&cursor={page['next_cursor']}", headquarters).json
    assert [one["id"] for one in page["items"] + rest["items"]] == [own, for_all]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("audience", ["areas", "user_ids", "state"])
def test_coordinator_follows_what_headquarters_gives_in_the_district(
    api, made, person, coordinator_of_churu, coordinator_of_bhilwara, volunteer_of_churu, audience
):
    asked = {"areas": ["rj-churu"]} if audience == "areas" else {"user_ids": [volunteer_of_churu.id]}
    path = f"/tasks/{made(audience={} if audience == 'state' else asked)['id']}"
    if audience == "state":
        assert api.get(path, coordinator_of_churu).status_code == 404  # it waits, and is given nowhere yet
        assert api.post(f"{path}/approve", actor=person(role="hq_admin")).status_code == 200

    seen = api.get(path, coordinator_of_churu)
    assert (seen.status_code, seen.json["audience"].get("user_ids")) == (200, None)
    assert api.get(f"{path}/delivery", coordinator_of_churu).status_code == 200
    assert api.post(f"{path}/cancel", actor=coordinator_of_churu).status_code == 403
    elsewhere = api.get(path, coordinator_of_bhilwara).status_code, api.get("/tasks", coordinator_of_bhilwara).json
    assert (elsewhere[0], len(elsewhere[1]["items"])) == ((200, 1) if audience == "state" else (404, 0))


def test_answers_are_kept_once_and_the_furthest_holds(api, made, tell, headquarters, volunteer_of_churu):
    task_id = made()["id"]
    tell()

    seen = api.post(f"/me/tasks/{task_id}/seen", actor=volunteer_of_churu)
    assert (seen.status_code, seen.json["state"], seen.json["seen_at"]) == (200, "seen", "2026-11-23T05:00:00Z")
    assert api.post(f"/me/tasks/{task_id}/seen", actor=volunteer_of_churu).json == seen.json
    done = api.post(f"/me/tasks/{task_id}/done", actor=volunteer_of_churu)
    # The phone was offline, so what was told first arrives last.
    late = api.post(f"/me/tasks/{task_id}/seen", actor=volunteer_of_churu)

    assert done.json["state"] == late.json["state"] == "done"
    assert titles(api, volunteer_of_churu) == []
    assert api.get(f"/tasks/{task_id}/delivery", headquarters).json == {
        **dict.fromkeys(("devices", "queued", "accepted", "failed", "declined"), 0),
        **dict.fromkeys(("receivers", "seen", "done"), 1),
    }


def test_declined_is_counted(api, made, tell, headquarters, volunteer_of_churu):
    task_id = made()["id"]
    tell()

    assert api.post(f"/me/tasks/{task_id}/decline", actor=volunteer_of_churu).json["state"] == "declined"
    counts = api.get(f"/tasks/{task_id}/delivery", headquarters).json
    assert (counts["seen"], counts["declined"], counts["done"]) == (1, 1, 0)


def test_task_of_others_is_not_found(api, made, tell, volunteer_of_bhilwara):
    task_id = made()["id"]
    tell()

    for path in (f"/me/tasks/{task_id}/seen", "/me/tasks/unknown/done"):
        assert api.post(path, actor=volunteer_of_bhilwara).status_code == 404


def test_cancelled_task_leaves_all_lists(api, made, tell, headquarters, volunteer_of_churu):
    task_id = made()["id"]
    tell()

    cancelled = api.post(f"/tasks/{task_id}/cancel", actor=headquarters)

    assert (cancelled.status_code, cancelled.json["state"]) == (200, "cancelled")
    assert titles(api, volunteer_of_churu) == []
    assert api.post(f"/me/tasks/{task_id}/done", actor=volunteer_of_churu).status_code == 200


def test_stale_version_is_refused(api, made, headquarters):
    asked = made()

    answer = api.post(f"/tasks/{asked['id']}/cancel", actor=headquarters, headers={"If-Match": '"7"'})

    assert (answer.status_code, answer.json["code"]) == (412, "stale_version")


def test_task_is_over_when_it_was_due(api, made, tell, clock, volunteer_of_churu):
    made(due_at="2026-11-23T08:00:00Z")
    tell()
    assert titles(api, volunteer_of_churu) == ["Read the new note"]

    clock.set(MORNING + timedelta(hours=3))

    # The token follows the machine's time, not the product's clock.
    assert titles(api, volunteer_of_churu) == []


def test_a_task_is_shown_as_it_was_made(api, made, headquarters):
    task_id = made()["id"]

    answer = api.get(f"/tasks/{task_id}", headquarters)

    assert (answer.status_code, answer.json["id"], answer.json["title"]) == (200, task_id, TASK["title"])
