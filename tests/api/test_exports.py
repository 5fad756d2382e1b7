"""Exports: for a purpose, personal ones by two people, marked, sealed, recorded, gone after a day."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.domain.contacts.contacts import Contact
from services.facade import Services
from services.gateways.clock import FrozenClock
from services.gateways.spreadsheets import open_sheet
from tests.api.conftest import MORNING, Api
from tests.api.test_audiences import campaign_id, people, stop
from tests.batch_factories import enrol, make_contact
from tests.factories import Person
from tests.fieldwork import make_work

__all__ = ["campaign_id", "people"]  # fixtures


def make_files(services: Services) -> None:
    while any(step.run() for step in services.worker_steps if step.name == "exports"):
        pass


@pytest.fixture
def ask(api: Api, headquarters: Person) -> Callable[..., Any]:
    """Ask for an export and return the answer."""

    def post(kind: str, actor: Person | None = None, /, **facts: Any) -> Any:
        return api.post("/exports", {"kind": kind, "purpose": "Letters", **facts}, actor or headquarters)

    return post


@pytest.fixture
def exported(
    api: Api, services: Services, ask: Callable[..., Any], headquarters: Person, second_headquarters: Person
) -> Any:
    """Ask for an export, have it approved and made, and return its rows as mappings."""

    def rows(kind: str, /, **facts: Any) -> list[dict[str, str]]:
        answer = ask(kind, **facts)
        assert answer.status_code == 202, answer.json
        if facts.get("personal"):
            assert api.post(f"/exports/{answer.json['id']}/approve", actor=second_headquarters).status_code == 200
        make_files(services)
        file = api.get(f"/exports/{answer.json['id']}/file", headquarters)
        assert file.status_code == 200, file.json
        text = file.get_data().decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    return rows


def test_contacts_come_without_names_and_numbers_and_are_marked(
    exported: Any, campaign_id: str, people: dict[str, Contact], headquarters: Person
) -> None:
    rows = exported("contacts", filter={"campaign_id": campaign_id, "area": "ac-24-1"})
    assert {row["contact_id"] for row in rows} == {people[name].id for name in ("plain", "tagged", "silent")}
    row = next(row for row in rows if row["contact_id"] == people["tagged"].id)
    assert (row["tags"], row["channels"], row["age_band"]) == ("young", "call; sms; whatsapp; voice_message", "30-44")
    assert headquarters.id in row["exported_for"]
    assert "Meera Joshi" in row["exported_for"]
    assert not {"name", "phone", "age", "serial_no", "support"} & row.keys()


def test_personal_fields_need_a_second_person_and_numbers_must_be_asked_for(
    api: Api,
    services: Services,
    exported: Any,
    ask: Any,
    campaign_id: str,
    people: dict[str, Contact],
    headquarters: Person,
) -> None:
    wanted = {"filter": {"campaign_id": campaign_id}, "personal": True}
    asked = ask("contacts", **wanted).json["id"]
    assert api.get(f"/exports/{asked}", headquarters).json["state"] == "waiting"
    make_files(services)
    assert api.get(f"/jobs/{asked}", headquarters).json["state"] == "queued"
    assert api.get(f"/exports/{asked}/file", headquarters).json["code"] == "state_conflict"
    own = api.post(f"/exports/{asked}/approve", actor=headquarters)
    assert (own.status_code, own.json["code"]) == (409, "own_approval")
    rows = exported("contacts", **wanted)
    assert {row["name"] for row in rows} == {"Sita Devi"}
    assert "phone" not in rows[0]
    numbers = {row["contact_id"]: row["phone"] for row in exported("contacts", **wanted, numbers=True)}
    # Written so that no spreadsheet program takes it for a formula.
    assert numbers[people["plain"].id] == "'" + people["plain"].addresses[0].value
    assert numbers[people["silent"].id] == ""


@pytest.mark.parametrize(
    ("kind", "facts", "wrong"),
    [
        ("contacts", {}, {"filter.campaign_id": ["required"]}),
        ("contacts", {"filter": {"campaign_id": "nosuch"}}, {"filter.campaign_id": ["campaign_unknown"]}),
        ("suppressions", {"filter": {"campaign_id": "x"}}, {"filter.campaign_id": ["invalid"]}),
        ("suppressions", {"numbers": True, "personal": True}, {"numbers": ["invalid"]}),
        ("suppressions", {"filter": {"from": "2026-11-02", "to": "2026-11-01"}}, {"filter.to": ["before_from"]}),
        ("suppressions", {"filter": {"caste": "any"}}, {"filter.caste": ["unknown_field"]}),
        ("suppressions", {"purpose": ""}, {"purpose": ["length_out_of_range"]}),
        ("everything", {}, {"kind": ["unknown_name"]}),
    ],
)
def test_wrong_question_is_named(ask: Any, kind: str, facts: dict[str, Any], wrong: dict[str, Any]) -> None:
    answer = ask(kind, **facts)
    assert answer.status_code == 422
    assert answer.json["errors"] == wrong


def test_numbers_need_personal(ask: Any, campaign_id: str) -> None:
    answer = ask("contacts", filter={"campaign_id": campaign_id}, numbers=True)
    assert answer.json["errors"] == {"numbers": ["needs_personal"]}


def test_suppressed_and_erased_people_are_left_out_and_counted(
    api: Api,
    services: Services,
    ask: Any,
    exported: Any,
    campaign_id: str,
    people: dict[str, Contact],
    headquarters: Person,
) -> None:
    stop(api, headquarters, people["stopped"])
    assert api.delete(f"/contacts/{people['plain'].id}", headquarters).status_code == 204
    rows = exported("contacts", filter={"campaign_id": campaign_id})
    assert {row["contact_id"] for row in rows} == {people[name].id for name in ("tagged", "silent", "handle")}
    export = api.get("/exports", headquarters).json["items"][0]
    assert (export["rows"], export["left_out"]) == (3, {"suppressed": 1, "erased": 1})


def test_numbers_are_withheld_in_the_silence(
    services: Services, exported: Any, campaign_id: str, people: dict[str, Contact]
) -> None:
    closes_at = MORNING + timedelta(hours=5)
    hours = {"opens_at": closes_at - timedelta(hours=11), "closes_at": closes_at}
    services.stores.controls.set_fields({"polls.ac-24": hours}, version=None)
    rows = exported("contacts", filter={"campaign_id": campaign_id}, personal=True, numbers=True)
    assert {row["phone"] for row in rows} == {""}
    assert all("silence" in row["number_withheld"] for row in rows)
    assert len(rows) == len(people)


def test_rules_are_asked_about_every_number_and_the_job_says_why_some_are_withheld(
    api: Api, services: Services, exported: Any, campaign_id: str, people: dict[str, Contact], headquarters: Person
) -> None:
    targets = services.stores.targets._targets
    for name, change in (("plain", {"state": "done"}), ("tagged", {"attempts": {"call": 9}, "total": 9})):
        targets.update({"_id": f"{campaign_id}:{people[name].id}"}, {"$set": change})
    rows = exported("contacts", filter={"campaign_id": campaign_id}, personal=True, numbers=True)
    of = {row["contact_id"]: (row["phone"], row["number_withheld"]) for row in rows}
    assert of[people["plain"].id] == ("", "final")
    assert of[people["tagged"].id] == ("", "attempts")
    export = api.get("/exports", headquarters).json["items"][0]
    assert export["withheld"].items() >= {"final": 1, "attempts": 1}.items()
    result = api.get(f"/jobs/{export['id']}", headquarters).json["result"]
    assert (result["withheld"], result["left_out"], result["rows"]) == (export["withheld"], {}, len(rows))


def test_number_that_the_hour_alone_forbids_comes_with_the_time_from_when(
    exported: Any, campaign_id: str, people: dict[str, Contact], clock: FrozenClock
) -> None:
    clock.set(MORNING.replace(hour=15))
    rows = exported("contacts", filter={"campaign_id": campaign_id}, personal=True, numbers=True)
    row = next(row for row in rows if row["contact_id"] == people["plain"].id)
    assert (bool(row["phone"]), row["number_withheld"]) == (True, "")
    assert row["not_before"] == (MORNING + timedelta(days=1)).replace(hour=4, minute=30).isoformat()[:19] + "Z"


def test_audience_narrows_contacts(
    api: Api, exported: Any, campaign_id: str, people: dict[str, Contact], headquarters: Person
) -> None:
    saved = {"campaign_id": campaign_id, "name": "Young", "filter": {"tags": {"any": ["young"]}}}
    audience_id = api.post("/audiences", saved, headquarters).json["id"]
    rows = exported("contacts", filter={"campaign_id": campaign_id, "audience_id": audience_id})
    assert [row["contact_id"] for row in rows] == [people["tagged"].id]


def test_cells_run_in_no_spreadsheet_program(services: Services, exported: Any, campaign_id: str) -> None:
    contact = make_contact(services, name='=HYPERLINK("x")\n"quoted"')
    enrol(services, campaign_id, [contact])
    [row] = exported("contacts", filter={"campaign_id": campaign_id}, personal=True)
    assert row["name"] == '\'=HYPERLINK("x")\n"quoted"'


def test_workbook_holds_the_same_texts(
    api: Api, services: Services, ask: Any, campaign_id: str, people: dict[str, Contact], headquarters: Person
) -> None:
    asked = ask("contacts", filter={"campaign_id": campaign_id}, format="xlsx").json["id"]
    make_files(services)
    file = api.get(f"/exports/{asked}/file", headquarters)
    assert "spreadsheetml" in file.mimetype
    rows = [row.cells for row in open_sheet(io.BytesIO(file.get_data()), heading_score=lambda _: 1).rows()]
    assert rows[0][0] == "contact_id"
    assert sorted(row[0] for row in rows[1:]) == sorted(contact.id for contact in people.values())


def test_file_is_for_whoever_asked_and_gone_after_a_day(
    api: Api, services: Services, ask: Any, clock: FrozenClock, headquarters: Person, second_headquarters: Person
) -> None:
    asked = ask("suppressions").json["id"]
    make_files(services)
    path = f"/exports/{asked}/file"
    assert api.get(path, second_headquarters).status_code == 404
    assert api.get(path, headquarters).status_code == 200
    clock.set(MORNING + timedelta(hours=23, minutes=59))
    assert api.get(path, headquarters).status_code == 200
    clock.set(MORNING + timedelta(hours=24))
    assert api.get(path, headquarters).status_code == 404
    assert api.get(f"/exports/{asked}", headquarters).json["state"] == "gone"
    taken = api.get("/audit", headquarters, query_string={"action": "export.download"}).json["items"]
    assert [one["subject"] for one in taken] == [f"export:{asked}"] * 2
    clock.set(MORNING)
    assert api.get(path, headquarters).status_code == 404  # it is not only hidden


def test_what_was_handed_out_of_whom_is_recorded(
    api: Api, exported: Any, campaign_id: str, people: dict[str, Contact], headquarters: Person
) -> None:
    exported("contacts", filter={"campaign_id": campaign_id}, personal=True)
    told = api.get("/audit", headquarters, query_string={"action": "contact.export"}).json["items"]
    assert {contact for one in told for contact in one["facts"]["contacts"]} == {one.id for one in people.values()}
    assert {one["actor"] for one in told} == {headquarters.id}


def test_refused_export_is_never_made(
    api: Api, services: Services, ask: Any, campaign_id: str, headquarters: Person, second_headquarters: Person
) -> None:
    asked = ask("contacts", filter={"campaign_id": campaign_id}, personal=True).json["id"]
    refused = api.post(f"/exports/{asked}/reject", {"reason": "Not needed"}, second_headquarters)
    assert (refused.json["state"], refused.json["reason"]) == ("rejected", "Not needed")
    assert api.post(f"/exports/{asked}/approve", actor=second_headquarters).status_code == 409
    make_files(services)
    assert api.get(f"/jobs/{asked}", headquarters).json["state"] == "cancelled"
    assert api.get(f"/exports/{asked}/file", headquarters).status_code == 404
    waiting = api.get("/exports", headquarters, query_string={"state": "waiting"})
    assert waiting.json["items"] == []


def test_cancelled_export_cannot_be_approved(
    api: Api, ask: Any, campaign_id: str, headquarters: Person, second_headquarters: Person
) -> None:
    asked = ask("contacts", filter={"campaign_id": campaign_id}, personal=True).json["id"]
    assert api.post(f"/jobs/{asked}/cancel", actor=headquarters).status_code == 200
    assert api.post(f"/exports/{asked}/approve", actor=second_headquarters).status_code == 409


def test_outcomes_come_without_what_was_said(
    api: Api, services: Services, exported: Any, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    contact = work.items[0]["contacts"][0]
    told = work.told(0, disposition="contacted", contact_id=contact, support=4, note="Said a secret")
    api.post("/me/outcomes", {"outcomes": [told]}, volunteer_of_churu)
    [row] = exported("outcomes", filter={"campaign_id": work.campaign_id})
    assert (row["outcome_id"], row["disposition"], row["aapor_code"], row["user_id"]) == (
        told["id"],
        "contacted",
        "1.1",
        volunteer_of_churu.id,
    )
    [personal] = exported("outcomes", filter={"campaign_id": work.campaign_id}, personal=True)
    assert (personal["contact_ids"], personal["names"]) == (contact, "Kamla Devi")
    assert not any("secret" in cell or cell == "4" for cell in personal.values())
    assert exported("outcomes", filter={"campaign_id": work.campaign_id, "from": "2026-11-24"}) == []


def test_volunteers_progress_audit_and_suppressions_are_handed_out(
    api: Api,
    services: Services,
    exported: Any,
    campaign_id: str,
    people: dict[str, Contact],
    headquarters: Person,
    volunteer_of_churu: Person,
) -> None:
    stop(api, headquarters, people["stopped"])
    [volunteer] = exported("volunteers", filter={"campaign_id": campaign_id})
    assert (volunteer["user_id"], "name" in volunteer) == (volunteer_of_churu.id, False)
    [named] = exported("volunteers", filter={"campaign_id": campaign_id}, personal=True, numbers=True)
    assert (named["name"], named["phone"]) == ("सीता देवी", f"'{volunteer_of_churu.user.phone}")
    [progress] = exported("progress", filter={"campaign_id": campaign_id})
    assert (progress["constituency"], progress["targets"]) == ("ac-24", "5")
    today = {"from": "2026-11-23", "action": "export.ask"}
    assert {row["action"] for row in exported("audit", filter=today)} == {"export.ask"}
    suppressed = exported("suppressions")
    assert {row["reason"] for row in suppressed} == {"opted_out"}
    assert "address_masked" not in suppressed[0]


def test_export_that_was_killed_goes_on_where_it_was(
    api: Api,
    services: Services,
    ask: Any,
    campaign_id: str,
    people: dict[str, Contact],
    headquarters: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = ask("contacts", filter={"campaign_id": campaign_id}).json["id"]
    in_part, calls = services.stores.targets.in_part, []

    def broken(*given: Any, **more: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise RuntimeError
        return in_part(*given, **more)

    monkeypatch.setattr(type(services.stores.targets), "in_part", lambda _self, *given, **more: broken(*given, **more))
    step = next(step for step in services.worker_steps if step.name == "exports")
    step.run()
    services.stores.jobs._jobs.update({"_id": asked}, {"$set": {"lease_until": MORNING}})
    make_files(services)
    text = api.get(f"/exports/{asked}/file", headquarters).get_data().decode("utf-8-sig")
    ids = [row["contact_id"] for row in csv.DictReader(io.StringIO(text))]
    assert sorted(ids) == sorted(contact.id for contact in people.values())


@pytest.mark.parametrize("role", ["coordinator_of_churu", "volunteer_of_churu", "observer", "expert"])
def test_exports_are_for_headquarters(api: Api, request: pytest.FixtureRequest, role: str) -> None:
    actor = request.getfixturevalue(role)
    assert api.post("/exports", {"kind": "suppressions", "purpose": "Letters"}, actor).status_code == 403
    assert api.get("/exports/any/file", actor).status_code == 403
