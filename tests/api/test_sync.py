"""A phone's sync: what is new, what goes, what must be wiped, and until when the rules hold."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.api.conftest import MORNING
from tests.api.phone import HQ, KINDS, Phone, give_batches, work
from tests.batch_factories import make_campaign
from tests.contracts.phones import free_task

EMPTY = {kind: [] for kind in KINDS}


@pytest.fixture
def phone(api, volunteer_of_churu):
    return Phone(api, volunteer_of_churu)


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.fixture
def give(services, campaign, volunteer_of_churu):
    """Give the volunteer batches; return them."""

    def run(number=1, *, size=3):
        return give_batches(services, campaign, volunteer_of_churu, number, size=size)

    return run


def test_first_sync_brings_everything_and_the_next_nothing(phone, give, campaign):
    (batch,) = give()

    page = phone.sync()

    assert page["fresh"] is True
    assert page["more"] is False
    assert page["server_time"] == "2026-11-23T05:00:00Z"
    assert [one["id"] for one in page["campaigns"]] == [campaign]
    assert [one["id"] for one in page["batches"]] == [batch["_id"]]
    assert [(one["kind"], one["batch_id"]) for one in page["tasks"]] == [("batch", batch["_id"])]
    assert page["purge"] == {"all": False, "batches": []}
    assert phone.sync() is None


def test_batch_is_masked_before_it_is_opened_and_shows_its_numbers_after(api, phone, give):
    (batch,) = give()
    masked = json.dumps(phone.sync()["batches"], ensure_ascii=False)

    api.post(f"/me/batches/{batch['_id']}/open", actor=phone.person)
    (opened,) = phone.sync()["batches"]

    assert "Sita" not in masked
    assert '"phone":' not in masked
    assert all(item["phone"].startswith("+91") for item in opened["items"])
    assert opened["items"][0]["people"][0]["name"] == "Sita Devi"
    assert opened == {
        key: value for key, value in api.get(f"/me/batches/{batch['_id']}", phone.person).json.items() if key in opened
    }


def test_change_that_shows_nothing_new_is_not_sent_again(services, phone, give):
    (batch,) = give()
    phone.sync()
    stored = services.stores.batches.get(batch["_id"])

    services.stores.batches.swap(stored, {"unmarked": False})

    assert phone.sync() is None
    assert phone.sync() is None


def test_recalled_batch_is_removed_and_wiped(services, phone, give):
    (batch,) = give()
    phone.sync()

    services.assigning.recall(HQ, batch["_id"], reason="not needed", version=None)
    work(services)
    page = phone.sync()

    assert page["removed"]["batches"] == [batch["_id"]]
    assert page["purge"]["batches"] == [batch["_id"]]
    assert len(page["removed"]["tasks"]) == 1
    assert phone.known["batches"] == phone.known["tasks"] == {}


def test_finished_batch_is_removed_but_not_wiped(services, phone, give):
    (batch,) = give()
    phone.sync()
    stored = services.stores.batches.get(batch["_id"])

    services.stores.batches.swap(stored, {"state": "done"})
    page = phone.sync()

    assert page["removed"]["batches"] == [batch["_id"]]
    assert page["purge"]["batches"] == []


def test_many_batches_come_in_pages(phone, give):
    batches = give(9, size=2)

    pages = [phone.sync() for _ in range(3)]

    assert [len(page["batches"]) for page in pages] == [4, 4, 1]
    assert [page["more"] for page in pages] == [True, True, False]
    assert [page["fresh"] for page in pages] == [True, False, False]
    assert set(phone.known["batches"]) == {batch["_id"] for batch in batches}
    assert phone.sync() is None


def test_lost_answer_is_asked_for_again_with_the_old_cursor(phone, give):
    give()
    phone.sync()
    give()
    lost = phone.ask()

    again = phone.ask()

    assert again.status_code == 200
    assert again.json["batches"] == lost.json["batches"]
    phone.take(again.json)
    assert len(phone.known["batches"]) == 2
    assert phone.sync() is None


@pytest.mark.parametrize("cursor", ["", "garbage", "0" * 24, "\x00", "x" * 5000, "{'$gt': ''}"])
def test_unknown_cursor_starts_afresh(phone, give, cursor):
    give()
    phone.sync()
    phone.cursor = cursor

    page = phone.sync()

    assert page["fresh"] is True
    assert len(page["batches"]) == 1


def test_cursor_of_another_person_starts_afresh(api, phone, give, person):
    give()
    phone.sync()
    other = Phone(api, person(home_area="rj-churu"))
    other.cursor = phone.cursor

    page = other.sync()

    assert page["fresh"] is True
    assert page["batches"] == []


def test_two_phones_of_one_person_each_have_their_own_cursor(api, phone, give):
    other = Phone(api, phone.person)
    give()
    phone.sync()
    give()
    other.sync()
    phone.sync()

    assert phone.known == other.known
    assert phone.sync() is other.sync() is None


def test_revoked_session_is_told_to_wipe_everything_and_nothing_else(api, app, services, phone, give, headquarters):
    give()
    phone.sync()

    api.post(f"/users/{phone.person.id}/suspend", {}, actor=headquarters)
    answer = phone.ask()

    assert answer.status_code == 200
    assert answer.json == {
        "cursor": None,
        "server_time": "2026-11-23T05:00:00Z",
        "fresh": False,
        **EMPTY,
        "removed": EMPTY,
        "purge": {"all": True, "batches": []},
        "rules": None,
        "more": False,
    }


def test_tasks_come_change_and_go(api, services, phone):
    task = free_task(services, services.phones, HQ)
    page = phone.sync()
    assert page["tasks"][0] == {
        "id": task["_id"],
        "kind": "read",
        "title": {"hi": "नया लेख पढ़ें", "en": "Read the new note"},
        "body": {"hi": "कृपया आज ही पढ़ें।", "en": "Please read it today."},
        "state": "given",
        "priority": "normal",
        "given_at": "2026-11-23T05:00:00Z",
    }

    api.post(f"/me/tasks/{task['_id']}/seen", actor=phone.person)
    assert phone.sync()["tasks"][0]["state"] == "seen"
    api.post(f"/me/tasks/{task['_id']}/done", actor=phone.person)
    assert phone.sync()["removed"]["tasks"] == [task["_id"]]
    assert phone.sync() is None


def test_cancelled_task_goes(services, phone):
    task = free_task(services, services.phones, HQ)
    phone.sync()

    services.tasks.cancel(HQ, task["_id"], version=None)

    assert phone.sync()["removed"]["tasks"] == [task["_id"]]


def test_campaign_is_known_where_one_may_work(api, services, person):
    campaign = make_campaign(services, helpers=[{"constituency": "ac-24", "districts": ["rj-churu"]}])
    helper, outsider = Phone(api, person(home_area="rj-churu")), Phone(api, person(home_area="rj-kota"))

    assert [one["id"] for one in helper.sync()["campaigns"]] == [campaign]
    assert outsider.sync()["campaigns"] == []
    services.campaigns.move(HQ, campaign, "close", version=None)
    assert helper.sync()["removed"]["campaigns"] == [campaign]


def test_only_volunteers_sync(api, coordinator_of_churu):
    assert api.get("/me/sync", coordinator_of_churu).status_code == 403


@pytest.mark.parametrize(
    "query", [{"pending": "-1"}, {"pending": "many"}, {"sent_at": "yesterday"}, {"app_version": "x" * 41}]
)
def test_wrong_report_is_refused_by_field(api, volunteer_of_churu, query):
    answer = api.get("/me/sync", volunteer_of_churu, query_string=query)

    assert answer.status_code == 422
    assert set(answer.json["errors"]) == set(query)


def test_health_is_kept_when_it_changed_and_else_every_five_minutes(services, phone, clock, commands):
    phone.sync(app_version="1.2", pending=3, oldest_pending_at="2026-11-23T04:00:00Z", sent_at="2026-11-23T05:10:00Z")

    (kept,) = services.stores.sync_health.of_user(phone.person.id)
    assert (kept["pending"], kept["app_version"], kept["skew_s"]) == (3, "1.2", 600)
    assert kept["district_id"] == "rj-churu"
    assert kept["last_seen_at"] == MORNING

    same = {"app_version": "1.2", "pending": 3, "oldest_pending_at": "2026-11-23T04:00:00Z"}
    clock.advance(timedelta(minutes=4))
    phone.sync(**same, sent_at="2026-11-23T05:14:00Z")
    assert services.stores.sync_health.of_user(phone.person.id) == [kept]
    clock.advance(timedelta(minutes=1))
    phone.sync(**same, sent_at="2026-11-23T05:15:00Z")
    assert services.stores.sync_health.of_user(phone.person.id)[0]["last_seen_at"] == clock.now()
    phone.sync(**{**same, "pending": 0})
    assert services.stores.sync_health.of_user(phone.person.id)[0]["pending"] == 0


def test_coordinator_sees_the_phones_of_the_own_district(
    api, phone, person, coordinator_of_churu, coordinator_of_bhilwara, headquarters
):
    phone.sync(app_version="1.2", pending=3, sent_at="2026-11-23T05:10:00Z")
    Phone(api, person(home_area="rj-kota")).sync()

    page = api.get("/reports/phones", coordinator_of_churu).json

    assert page["items"] == [
        {
            "user_id": phone.person.id,
            "last_seen_at": "2026-11-23T05:00:00Z",
            "pending": 3,
            "oldest_pending_at": None,
            "app_version": "1.2",
            "skew_s": 600,
        }
    ]
    assert api.get("/reports/phones", coordinator_of_bhilwara).json["items"] == []
    assert api.get("/reports/phones?area=rj-churu", coordinator_of_bhilwara).status_code == 422
    assert len(api.get("/reports/phones", headquarters).json["items"]) == 2
    assert len(api.get("/reports/phones?area=rj-kota", headquarters).json["items"]) == 1
    assert api.get("/reports/phones", phone.person).status_code == 403
