"""Requests of people about their own data: a stop holds at once, nobody learns whether a number is known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.domain.contacts.suppressions import person_key
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import MORNING, Api
from tests.api.sheets import bring_in, do_jobs, elector, sheet
from tests.factories import Person
from tests.fieldwork import make_work

PHONE = "+919876543210"


@pytest.fixture(autouse=True)
def unthrottled(api: Api) -> None:
    """Forget the requests of other tests."""
    from api.limits import limiter

    limiter.reset()


@pytest.fixture
def known(api: Api, services: Services, headquarters: Person) -> str:
    """Somebody in Churu with the number."""
    bring_in(api, services, headquarters, sheet([elector(1, phone=PHONE)]))
    return services.stores.contacts.in_part("ac-24-17")[0].id


def test_a_stop_holds_at_once(api: Api, services: Services) -> None:
    answer = api.post("/rights/requests", {"kind": "stop", "phone": "98765 43210"})
    assert answer.status_code == 202
    assert services.suppressions.suppressed([services.cipher.index("phone", PHONE)])


@pytest.mark.parametrize("kind", ["stop", "access", "correct", "erase", "complain"])
def test_a_known_and_an_unknown_number_get_the_same_answer(api: Api, known: str, kind: str) -> None:
    answers = [api.post("/rights/requests", {"kind": kind, "phone": phone}) for phone in (PHONE, "9811111111")]
    first, second = ({**answer.json, "id": ""} for answer in answers)
    assert [answer.status_code for answer in answers] == [202, 202]
    assert first == second


def test_a_request_is_due_in_ninety_days(api: Api, headquarters: Person) -> None:
    api.post("/rights/requests", {"kind": "access", "phone": PHONE, "note": "my data, please"})
    (request,) = api.get("/rights/requests", headquarters).json["items"]
    assert request["due_on"] == (MORNING + timedelta(days=90)).date().isoformat()
    assert (request["state"], request["phone_masked"], request["note"]) == ("open", "+91 98••••••10", "my data, please")


def test_the_same_request_of_a_day_is_kept_once(api: Api, headquarters: Person, clock: FrozenClock) -> None:
    ids = {api.post("/rights/requests", {"kind": "access", "phone": PHONE}).json["id"] for _ in range(2)}
    clock.advance(timedelta(days=1))
    ids.add(api.post("/rights/requests", {"kind": "access", "phone": PHONE}).json["id"])
    assert len(ids) == 2


def test_a_coordinator_sees_requests_about_people_of_the_district(
    api: Api, known: str, coordinator_of_churu: Person, coordinator_of_bhilwara: Person, headquarters: Person
) -> None:
    api.post("/rights/requests", {"kind": "access", "phone": PHONE})
    api.post("/rights/requests", {"kind": "access", "phone": "9811111111"})
    assert [one["contacts"] for one in api.get("/rights/requests", coordinator_of_churu).json["items"]] == [[known]]
    assert api.get("/rights/requests", coordinator_of_bhilwara).json["items"] == []
    assert len(api.get("/rights/requests", headquarters).json["items"]) == 2


def test_an_erasure_that_is_done_erases(api: Api, services: Services, known: str, coordinator_of_churu: Person) -> None:
    request = api.post("/rights/requests", {"kind": "erase", "phone": PHONE}).json
    assert services.stores.contacts.get(known).state == "active"
    path = f"/rights/requests/{request['id']}/resolve"
    answer = api.post(path, {"result": "done", "note": "called back"}, coordinator_of_churu)
    assert (answer.status_code, answer.json["state"], answer.json["result"]) == (200, "resolved", "done")
    assert services.stores.contacts.get(known).state == "erased"
    assert services.suppressions.suppressed([person_key(known)])
    again = api.post(path, {"result": "refused"}, coordinator_of_churu)
    assert (again.status_code, again.json["code"]) == (409, "state_conflict")


def test_a_refused_erasure_erases_nobody(api: Api, services: Services, known: str, headquarters: Person) -> None:
    request = api.post("/rights/requests", {"kind": "erase", "phone": PHONE}).json
    api.post(f"/rights/requests/{request['id']}/resolve", {"result": "not_proven"}, headquarters)
    assert services.stores.contacts.get(known).state == "active"


def test_anothers_request_cannot_be_resolved(api: Api, known: str, coordinator_of_bhilwara: Person) -> None:
    request = api.post("/rights/requests", {"kind": "access", "phone": PHONE}).json
    answer = api.post(f"/rights/requests/{request['id']}/resolve", {"result": "done"}, coordinator_of_bhilwara)
    assert answer.status_code == 404


@pytest.mark.parametrize("phone", ["123", "nobody", "9876543210 / 9876500000", "+1 202 555 0100"])
def test_what_is_no_number_is_refused(api: Api, phone: str) -> None:
    answer = api.post("/rights/requests", {"kind": "stop", "phone": phone})
    assert (answer.status_code, answer.json["errors"]) == (422, {"phone": ["phone_invalid"]})


def test_the_public_is_throttled(api: Api) -> None:
    answers = [api.post("/rights/requests", {"kind": "stop", "phone": f"98765432{number:02}"}) for number in range(12)]
    assert [answer.status_code for answer in answers[:10]] == [202] * 10
    assert (answers[-1].status_code, answers[-1].json["code"]) == (429, "too_many_requests")
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_volunteers_and_observers_see_no_request(api: Api, volunteer_of_churu: Person, observer: Person) -> None:
    for person in (volunteer_of_churu, observer):
        assert api.get("/rights/requests", person).status_code == 403


def test_one_request_is_shown_with_its_version(api: Api, known: str, coordinator_of_churu: Person) -> None:
    request = api.post("/rights/requests", {"kind": "access", "phone": PHONE}).json
    answer = api.get(f"/rights/requests/{request['id']}", coordinator_of_churu)
    assert (answer.json["state"], answer.json["proof"], "ETag" in answer.headers) == ("open", None, True)


def test_requests_due_soon_are_listed_apart(api: Api, headquarters: Person, clock: FrozenClock) -> None:
    first = api.post("/rights/requests", {"kind": "access", "phone": PHONE}).json
    clock.advance(timedelta(days=3))
    api.post("/rights/requests", {"kind": "access", "phone": "9811111111"})
    due = (MORNING + timedelta(days=92)).date().isoformat()
    found = api.get("/rights/requests", headquarters, query_string={"due_before": due, "state": "open"}).json["items"]
    assert [one["id"] for one in found] == [first["id"]]


def proven(api: Api, actor: Person, kind: str = "access") -> str:
    request = api.post("/rights/requests", {"kind": kind, "phone": PHONE}).json
    answer = api.post(f"/rights/requests/{request['id']}/prove", {"how": "callback"}, actor)
    assert (answer.status_code, answer.json["proof"], answer.json["proven_by"]) == (200, "callback", actor.id)
    return f"/rights/requests/{request['id']}"


def test_a_report_tells_all_that_is_kept_in_both_languages(
    api: Api, services: Services, known: str, coordinator_of_churu: Person, headquarters: Person
) -> None:
    path = proven(api, coordinator_of_churu)
    english = api.get(f"{path}/report?locale=en", coordinator_of_churu).json
    hindi = api.get(f"{path}/report", coordinator_of_churu).json
    (person,) = english["people"]
    assert (person["contact_id"], person["facts"]["name"], person["stopped"]) == (known, "Sita bbbi", False)
    assert [(one["value"], one["basis"], one["source"]) for one in person["addresses"]] == [
        (PHONE, "consent", "Roll of 2026")
    ]
    assert "What is kept about you" in english["text"]
    assert "आपके बारे में" in hindi["text"]
    assert PHONE in hindi["text"]
    logged = api.get("/audit?action=rights.report", headquarters).json["items"]
    assert [one["facts"]["contacts"] for one in logged] == [[known]] * 2


def test_a_report_tells_of_attempts_and_of_what_was_said(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    contact = work.items[0]["contacts"][0]
    told = work.told(0, disposition="refused", contact_id=contact, note="Not before the harvest")
    api.post("/me/outcomes", {"outcomes": [told]}, volunteer_of_churu)
    do_jobs(services)
    request = api.post("/rights/requests", {"kind": "access", "phone": work.phones[work.items[0]["id"]]}).json
    path = f"/rights/requests/{request['id']}"
    api.post(f"{path}/prove", {"how": "document"}, headquarters)
    (person,) = api.get(f"{path}/report?locale=en", headquarters).json["people"]
    assert [(one["result"], one["said"]) for one in person["attempts"]] == [
        ("Refused to talk", {"note": "Not before the harvest"})
    ]


def test_no_report_without_proof(api: Api, known: str, coordinator_of_churu: Person) -> None:
    request = api.post("/rights/requests", {"kind": "access", "phone": PHONE}).json
    answer = api.get(f"/rights/requests/{request['id']}/report", coordinator_of_churu)
    assert (answer.status_code, answer.json["code"]) == (409, "not_proven")


def test_a_report_of_another_district_is_not_found(
    api: Api, known: str, coordinator_of_churu: Person, coordinator_of_bhilwara: Person
) -> None:
    path = proven(api, coordinator_of_churu)
    assert api.get(f"{path}/report", coordinator_of_bhilwara).status_code == 404
    assert api.post(f"{path}/prove", {"how": "callback"}, coordinator_of_bhilwara).status_code == 404


def test_a_resolved_request_is_not_proven_any_more(api: Api, known: str, headquarters: Person) -> None:
    request = api.post("/rights/requests", {"kind": "access", "phone": PHONE}).json
    path = f"/rights/requests/{request['id']}"
    api.post(f"{path}/resolve", {"result": "refused"}, headquarters)
    answer = api.post(f"{path}/prove", {"how": "callback"}, headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "state_conflict")


def test_an_erasure_takes_what_was_said_and_the_figures_follow(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    contact = work.items[0]["contacts"][0]
    told = work.told(0, disposition="contacted", contact_id=contact, support=1, note="Has a dog")
    api.post("/me/outcomes", {"outcomes": [told]}, volunteer_of_churu)
    do_jobs(services)
    assert api.delete(f"/contacts/{contact}", headquarters).status_code == 204
    do_jobs(services)
    stored = services.stores.outcomes.find_many([told["id"]])[told["id"]]
    assert services.stores.outcomes.said(stored) == {}
    assert services.reconciling.run() == []
    (row,) = api.get(f"/reports/progress?campaign_id={work.campaign_id}&by=channel", headquarters).json["rows"]
    assert (row["contacted"], row["support"].get("1", 0)) == (1, 0)


def test_an_erasure_takes_corrections_and_given_numbers_too(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    contact = work.items[0]["contacts"][0]
    given = [{"kind": "phone", "value": "9811122233", "consent": True, "notice_version": "1"}]
    told = work.told(0, disposition="contacted", contact_id=contact, note="Has a dog", given=given)
    mended = work.told(0, disposition="partial", contact_id=contact, note="Has a cat", corrects=told["id"])
    for outcome in (told, mended):
        api.post("/me/outcomes", {"outcomes": [outcome]}, volunteer_of_churu)
        do_jobs(services)
    (review,) = api.get("/reviews?state=open", headquarters).json["items"]
    assert api.delete(f"/contacts/{contact}", headquarters).status_code == 204
    do_jobs(services)
    stored = services.stores.outcomes.find_many([told["id"], mended["id"]])
    assert [services.stores.outcomes.said(one) for one in stored.values()] == [{}, {}]
    shown = api.get(f"/reviews/{review['id']}", headquarters).json
    assert (shown["state"], shown["masked"]) == ("withdrawn", None)
    assert api.post(f"/reviews/{review['id']}/accept", {"basis": "consent"}, headquarters).status_code == 409


def test_a_report_tells_what_differs_what_campaigns_keep_and_the_last_word(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    contact, campaign = work.items[0]["contacts"][0], work.campaign_id
    field = {"name": "remark", "label": {"hi": "टिप्पणी", "en": "Remark"}, "kind": "text"}
    api.post(f"/campaigns/{campaign}/fields", field, headquarters)
    body = {"campaign_id": campaign, "values": {"remark": "Grows millet"}}
    assert api.put(f"/contacts/{contact}/fields", body, headquarters).status_code == 200
    told = work.told(0, disposition="contacted", contact_id=contact, note="Has a dog")
    mended = work.told(0, disposition="partial", contact_id=contact, note="Has a cat", corrects=told["id"])
    for outcome in (told, mended):
        api.post("/me/outcomes", {"outcomes": [outcome]}, volunteer_of_churu)
        do_jobs(services)
    request = api.post("/rights/requests", {"kind": "access", "phone": work.phones[work.items[0]["id"]]}).json
    api.post(f"/rights/requests/{request['id']}/prove", {"how": "document"}, headquarters)
    for locale, label in (("en", "Remark"), ("hi", "टिप्पणी")):
        report = api.get(f"/rights/requests/{request['id']}/report?locale={locale}", headquarters).json
        assert report["people"][0]["fields"] == {label: "Grows millet"}
        assert "Grows millet" in report["text"]
        assert [one["said"] for one in report["people"][0]["attempts"]] == [{"note": "Has a cat"}]


def test_people_whom_a_sheet_brought_after_the_request_are_erased_too(
    api: Api, services: Services, headquarters: Person
) -> None:
    path = proven(api, headquarters, "erase")
    bring_in(api, services, headquarters, sheet([elector(1, phone=PHONE)]))
    assert api.post(f"{path}/resolve", {"result": "done"}, headquarters).status_code == 200
    assert [one.state for one in services.stores.contacts.in_part("ac-24-17")] == ["erased"]


def test_of_a_household_one_person_is_told_and_erased_alone(api: Api, services: Services, headquarters: Person) -> None:
    bring_in(api, services, headquarters, sheet([elector(1, phone=PHONE), elector(2, phone=PHONE)]))
    one, other = sorted(services.stores.contacts.in_part("ac-24-17"), key=lambda contact: contact.serial_no or 0)
    path = proven(api, headquarters, "erase")
    told = api.get(f"{path}/report?contact_id={one.id}", headquarters).json
    assert [person["contact_id"] for person in told["people"]] == [one.id]
    assert api.get(f"{path}/report?contact_id=nobody", headquarters).status_code == 422
    refused = api.post(f"{path}/resolve", {"result": "done", "contact_ids": ["nobody"]}, headquarters)
    assert refused.json["errors"] == {"contact_ids": ["contact_unknown"]}
    assert api.post(f"{path}/resolve", {"result": "done", "contact_ids": [one.id]}, headquarters).status_code == 200
    assert services.stores.contacts.get(one.id).state == "erased"
    assert services.stores.contacts.get(other.id).state == "active"
    assert services.stores.contacts.get(other.id).facts == other.facts


def test_of_an_answered_request_only_the_proof_stays(
    api: Api, services: Services, known: str, headquarters: Person, clock: FrozenClock
) -> None:
    path = proven(api, headquarters, "erase")
    api.post(f"{path}/resolve", {"result": "done", "note": "told by phone"}, headquarters)
    clock.advance(timedelta(days=31))
    do_jobs(services)
    kept = api.get(path, headquarters).json
    assert (kept["phone_masked"], kept["note"], kept["resolution"]) == (None, None, None)
    assert (kept["result"], kept["proof"], kept["contacts"]) == ("done", "callback", [known])
