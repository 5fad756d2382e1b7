"""Phones that are lost: what they may still hand in waits for a coordinator, but its opt-outs hold at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.factories import Person, audited, next_phone, sign_in
from tests.fieldwork import Work, make_work


@pytest.fixture
def work(services: Services, headquarters: Person, volunteer_of_churu: Person) -> Work:
    return make_work(services, headquarters=headquarters, holder=volunteer_of_churu)


@pytest.fixture
def lost(api: Api, app: Flask, volunteer_of_churu: Person, coordinator_of_churu: Person) -> Person:
    """The volunteer's second phone, which the coordinator was told is lost."""
    phone = sign_in(app, volunteer_of_churu.user, installation_id="lost-phone")
    path = f"/users/{volunteer_of_churu.id}/phone-lost"
    answer = api.post(path, {"session_id": phone.session_id}, coordinator_of_churu)
    assert (answer.status_code, answer.json) == (200, {"sessions": [phone.session_id]})
    return phone


def _upload(api: Api, who: Person, *told: dict[str, Any]) -> list[dict[str, Any]]:
    answer = api.post("/me/outcomes", {"outcomes": list(told)}, who)
    assert answer.status_code == 200, answer.json
    receipts: list[dict[str, Any]] = answer.json["receipts"]
    return receipts


def _settle(api: Api, who: Person, held: dict[str, Any], decision: str) -> TestResponse:
    return api.post(f"/outcomes/held/{held['id']}/settle", {"decision": decision}, who)


def _held(api: Api, who: Person, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get("/outcomes/held", who, query_string=query).json["items"]
    return items


def test_a_lost_phone_opens_its_two_routes_and_no_other(api: Api, lost: Person, volunteer_of_churu: Person) -> None:
    refused = api.get("/me", lost)
    assert (refused.status_code, refused.json["code"]) == (401, "session_revoked")
    ordered = api.get("/me/sync", lost).json
    assert (ordered["purge"], ordered["batches"], ordered["rules"]) == ({"all": True, "batches": []}, [], None)
    assert api.get("/me", volunteer_of_churu).status_code == 200


def test_a_lost_phones_refresh_is_limited_for_seven_days(api: Api, lost: Person, clock: FrozenClock) -> None:
    refreshed = api.post("/auth/refresh", token=lost.tokens["refresh_token"])
    assert refreshed.status_code == 200
    assert api.get("/me/sync", token=refreshed.json["access_token"]).json["purge"]["all"]
    clock.advance(timedelta(days=7))
    gone = api.post("/auth/refresh", token=refreshed.json["refresh_token"])
    assert (gone.status_code, gone.json["code"]) == (401, "session_revoked")


def test_a_lost_phones_refresh_tells_nothing_of_its_owner(
    api: Api, lost: Person, volunteer_of_churu: Person, headquarters: Person
) -> None:
    phone = next_phone()
    api.patch(f"/users/{lost.id}", {"phone": phone, "name": "Another Name"}, headquarters)
    refreshed = api.post("/auth/refresh", token=lost.tokens["refresh_token"])
    user = refreshed.json["user"]
    told = {name: value for name, value in user.items() if value not in (None, [])}
    assert told == {"id": lost.id, "role": "volunteer", "state": "active", "locale": lost.user.locale}
    again = api.post("/auth/refresh", token=refreshed.json["refresh_token"])
    assert again.json["user"] == user
    assert phone[3:] not in again.text
    mine = api.post("/auth/refresh", token=volunteer_of_churu.tokens["refresh_token"])
    assert mine.json["user"]["phone"] == phone


def test_what_a_lost_phone_tells_waits(
    api: Api, services: Services, work: Work, lost: Person, coordinator_of_churu: Person
) -> None:
    told = work.told(disposition="contacted")
    assert _upload(api, lost, told) == [{"id": told["id"], "status": "stored", "flags": ["held"]}]
    services.projecting.run()
    assert work.item()["state"] == "ready"
    [held] = _held(api, coordinator_of_churu)
    assert (held["outcome_id"], held["disposition"], held["session_id"]) == (told["id"], "contacted", lost.session_id)


def test_the_same_again_is_a_duplicate_and_other_words_wait_too(
    api: Api, work: Work, lost: Person, coordinator_of_churu: Person
) -> None:
    told = work.told()
    other = {**told, "disposition": "busy"}
    statuses = [receipt["status"] for receipt in _upload(api, lost, told, told, other)]
    assert statuses == ["stored", "duplicate", "stored"]
    assert _upload(api, lost, told)[0]["status"] == "duplicate"
    assert {held["disposition"] for held in _held(api, coordinator_of_churu)} == {"no_answer", "busy"}


def test_what_came_before_the_loss_is_not_held(
    api: Api, work: Work, volunteer_of_churu: Person, app: Flask, coordinator_of_churu: Person
) -> None:
    phone = sign_in(app, volunteer_of_churu.user)
    told = work.told()
    assert _upload(api, phone, told)[0]["status"] == "stored"
    api.post(f"/me/sessions/{phone.session_id}/lost", None, volunteer_of_churu)
    assert _upload(api, phone, told)[0]["status"] == "duplicate"
    assert _held(api, coordinator_of_churu) == []


def test_a_bad_outcome_of_a_lost_phone_is_rejected_and_spoils_none(api: Api, work: Work, lost: Person) -> None:
    receipts = _upload(api, lost, work.told(item_id="another"), work.told())
    assert [receipt["status"] for receipt in receipts] == ["rejected", "stored"]


def test_its_opt_outs_hold_at_once(api: Api, work: Work, lost: Person, headquarters: Person) -> None:
    _upload(api, lost, work.told(disposition="do_not_contact"))
    phone = work.phones[work.items[0]["id"]]
    assert len(api.get("/suppressions", headquarters, query_string={"phone": phone}).json["items"]) == 1


def test_its_opt_outs_are_in_the_audit_once(
    api: Api, services: Services, work: Work, lost: Person, headquarters: Person
) -> None:
    told = work.told(disposition="do_not_contact")
    for _ in range(2):
        _upload(api, lost, told)
    entries = audited(services, "suppression.create")
    assert {entry["facts"]["outcome_id"] for entry in entries} == {told["id"]}
    assert [(entry["actor"], entry["session_id"]) for entry in entries] == [(lost.id, lost.session_id)] * 2


def test_an_accepted_outcome_counts(
    api: Api, services: Services, work: Work, lost: Person, coordinator_of_churu: Person
) -> None:
    _upload(api, lost, work.told(disposition="contacted"))
    [held] = _held(api, coordinator_of_churu)
    assert _settle(api, coordinator_of_churu, held, "accept").json["state"] == "accepted"
    services.projecting.run()
    assert work.item()["state"] == "done"
    assert _held(api, coordinator_of_churu) == []
    again = _settle(api, coordinator_of_churu, held, "drop")
    assert (again.status_code, again.json["code"]) == (409, "state_conflict")
    assert len(audited(services, "outcome.held_accept")) == 1


def test_a_dropped_outcome_never_counts_and_its_words_are_gone(
    api: Api, services: Services, work: Work, lost: Person, coordinator_of_churu: Person
) -> None:
    told = work.told(note="not what was said")
    _upload(api, lost, told)
    [held] = _held(api, coordinator_of_churu)
    assert _settle(api, coordinator_of_churu, held, "drop").json["state"] == "dropped"
    services.projecting.run()
    assert work.item()["state"] == "ready"
    assert "sealed" not in (services.stores.held_outcomes.find(held["id"]) or {})
    assert _upload(api, lost, told)[0]["status"] == "duplicate"


def test_accepting_again_after_a_kill_lands_it_once(
    api: Api, services: Services, work: Work, lost: Person, coordinator_of_churu: Person
) -> None:
    _upload(api, lost, work.told(disposition="contacted"))
    [held] = _held(api, coordinator_of_churu)
    services.stores.held_outcomes.begin(held["id"])
    assert [one["state"] for one in _held(api, coordinator_of_churu)] == ["accepting"]
    assert _settle(api, coordinator_of_churu, held, "drop").status_code == 409
    assert _settle(api, coordinator_of_churu, held, "accept").status_code == 200
    assert len(services.stores.outcomes.of_items([held["item_id"]])) == 1


def test_an_accepted_outcome_of_work_that_went_on_is_late(
    api: Api, services: Services, work: Work, lost: Person, coordinator_of_churu: Person
) -> None:
    _upload(api, lost, work.told(disposition="contacted"))
    api.post(f"/users/{lost.id}/suspend", None, coordinator_of_churu)
    [held] = _held(api, coordinator_of_churu)
    _settle(api, coordinator_of_churu, held, "accept")
    assert [one["status"] for one in services.stores.outcomes.of_items([held["item_id"]])] == ["late"]


def test_all_of_one_phone_is_settled_at_once(
    api: Api, services: Services, work: Work, lost: Person, coordinator_of_churu: Person
) -> None:
    _upload(api, lost, *(work.told(number) for number in range(3)))
    decision = {"session_id": lost.session_id, "decision": "accept"}
    assert api.post("/outcomes/held/settle", decision, coordinator_of_churu).json == {"settled": 3, "more": False}
    assert _held(api, coordinator_of_churu, session_id=lost.session_id) == []


def test_another_districts_held_outcomes_are_not_there(
    api: Api, work: Work, lost: Person, coordinator_of_bhilwara: Person, headquarters: Person
) -> None:
    _upload(api, lost, work.told())
    assert _held(api, coordinator_of_bhilwara) == []
    [held] = _held(api, headquarters)
    assert _settle(api, coordinator_of_bhilwara, held, "drop").status_code == 404
    decision = {"session_id": lost.session_id, "decision": "drop"}
    assert api.post("/outcomes/held/settle", decision, coordinator_of_bhilwara).json["settled"] == 0


def test_a_coordinator_sees_a_volunteers_sign_ins_and_reports_all_of_them(
    api: Api, services: Services, app: Flask, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    tablet = sign_in(app, volunteer_of_churu.user, installation_id="tablet")
    path = f"/users/{volunteer_of_churu.id}"
    listed = api.get(f"{path}/sessions", coordinator_of_churu).json["items"]
    assert [session["id"] for session in listed] == [volunteer_of_churu.session_id, tablet.session_id]
    reported = api.post(f"{path}/phone-lost", None, coordinator_of_churu).json["sessions"]
    assert set(reported) == {volunteer_of_churu.session_id, tablet.session_id}
    assert api.get(f"{path}/sessions", coordinator_of_churu).json["items"] == []
    assert api.get("/me", tablet).status_code == 401
    assert {entry["facts"]["user_id"] for entry in audited(services, "session.lost")} == {volunteer_of_churu.id}


def test_nobody_reports_the_phone_they_hold(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.post(f"/me/sessions/{volunteer_of_churu.session_id}/lost", None, volunteer_of_churu)
    assert (answer.status_code, answer.json["code"]) == (409, "state_conflict")


def test_a_person_reports_their_own_other_phone(api: Api, app: Flask, volunteer_of_churu: Person) -> None:
    phone = sign_in(app, volunteer_of_churu.user)
    assert api.post(f"/me/sessions/{phone.session_id}/lost", None, volunteer_of_churu).status_code == 204
    assert api.get("/me", phone).status_code == 401
    # Signing it out later does not let its uploads through.
    assert api.delete(f"/me/sessions/{phone.session_id}", volunteer_of_churu).status_code == 204
    assert api.get("/me/sync", phone).json["purge"]["all"]


def test_somebody_elses_sign_in_cannot_be_reported(
    api: Api, volunteer_of_churu: Person, volunteer_of_bhilwara: Person, coordinator_of_churu: Person
) -> None:
    theirs = volunteer_of_bhilwara.session_id
    assert api.post(f"/me/sessions/{theirs}/lost", None, volunteer_of_churu).status_code == 404
    path = f"/users/{volunteer_of_churu.id}/phone-lost"
    assert api.post(path, {"session_id": theirs}, coordinator_of_churu).status_code == 404
