"""Tags, singly and on many, and custom fields: typed, sealed, never about a forbidden topic; support that excludes."""

from __future__ import annotations

from typing import Any

import pytest

from services.domain.contacts.contacts import Place
from services.facade import Services
from tests.api.conftest import Api
from tests.api.test_audiences import campaign_id, work_off
from tests.batch_factories import make_people, wanted
from tests.factories import Person
from tests.fieldwork import DISTRICT, PART, SEAT, make_work

__all__ = ["campaign_id"]  # fixtures


def tags_of(services: Services, contact_id: str) -> list[str]:
    return list(services.stores.contacts.get(contact_id).tags)


def test_tag_is_put_on_and_taken_off_one_person(
    api: Api, services: Services, campaign_id: str, coordinator_of_churu: Person
) -> None:
    [contact] = make_people(services, campaign_id, 1, tags=("a",))
    for _ in range(2):
        assert api.put(f"/contacts/{contact.id}/tags/Young", actor=coordinator_of_churu).status_code == 204
    assert tags_of(services, contact.id) == ["a", "young"]
    assert api.delete(f"/contacts/{contact.id}/tags/a", coordinator_of_churu).status_code == 204
    assert tags_of(services, contact.id) == ["young"]
    history = api.get(f"/contacts/{contact.id}/history", coordinator_of_churu).json["items"]
    assert [one["kind"] for one in history if one["kind"] == "tagged"] == ["tagged", "tagged"]


@pytest.mark.parametrize("tag", ["rajput", "sc-st", "234123412346", "x" * 41])
def test_forbidden_tag_is_refused(
    api: Api, services: Services, campaign_id: str, headquarters: Person, tag: str
) -> None:
    [contact] = make_people(services, campaign_id, 1)
    answer = api.put(f"/contacts/{contact.id}/tags/{tag}", actor=headquarters)
    assert answer.status_code == 422
    bulk = api.post("/contacts/tags", {"campaign_id": campaign_id, "add": [tag]}, headquarters)
    assert (bulk.status_code, next(iter(bulk.json["errors"]))[:3]) == (422, "add")
    assert tags_of(services, contact.id) == []


def test_twenty_tags_are_enough(api: Api, services: Services, campaign_id: str, headquarters: Person) -> None:
    full = tuple(f"t{number}" for number in range(20))
    [contact] = make_people(services, campaign_id, 1, tags=full)
    answer = api.put(f"/contacts/{contact.id}/tags/more", actor=headquarters)
    assert answer.json["errors"] == {"tag": ["tags_too_many"]}


def test_many_are_tagged_by_a_job_that_says_how_many_changed(
    api: Api, services: Services, campaign_id: str, headquarters: Person
) -> None:
    old = make_people(services, campaign_id, 3, tags=("old",))
    others = make_people(services, campaign_id, 2, parts=1)
    saved = {"campaign_id": campaign_id, "name": "Old", "filter": {"tags": {"any": ["old"]}}}
    audience_id = api.post("/audiences", saved, headquarters).json["id"]
    body = {"campaign_id": campaign_id, "audience_id": audience_id, "add": ["new"], "remove": ["old"]}
    job = api.post("/contacts/tags", body, headquarters)
    assert job.status_code == 202
    work_off(services)
    assert api.get(f"/jobs/{job.json['id']}", headquarters).json["result"] == {"matched": 3, "changed": 3}
    assert [tags_of(services, one.id) for one in (*old, *others)] == [["new"]] * 3 + [[]] * 2
    named = {"campaign_id": campaign_id, "contact_ids": [others[0].id, "nobody"], "add": ["new"]}
    job = api.post("/contacts/tags", named, headquarters)
    work_off(services)
    assert api.get(f"/jobs/{job.json['id']}", headquarters).json["result"] == {"matched": 1, "changed": 1}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "add"),
        ({"add": ["a"], "remove": ["a"]}, "remove"),
        ({"add": ["a"], "area": "nowhere"}, "area"),
        ({"add": ["a"], "audience_id": "nosuch"}, "audience_id"),
        ({"add": ["a"], "area": "ac-24", "contact_ids": ["c"]}, "area"),
    ],
)
def test_wrong_tagging_is_named(
    api: Api, campaign_id: str, headquarters: Person, body: dict[str, Any], wrong: str
) -> None:
    answer = api.post("/contacts/tags", {"campaign_id": campaign_id, **body}, headquarters)
    assert answer.status_code == 422
    assert wrong in answer.json["errors"]


LABEL = {"hi": "पहला मत", "en": "First vote"}


def define(api: Api, actor: Person, campaign_id: str, **facts: Any) -> Any:
    body = {"name": "first_vote", "label": LABEL, "kind": "boolean", **facts}
    return api.post(f"/campaigns/{campaign_id}/fields", body, actor)


def test_fields_are_defined_filled_and_asked_for(
    api: Api, services: Services, campaign_id: str, headquarters: Person, coordinator_of_churu: Person
) -> None:
    assert define(api, headquarters, campaign_id).status_code == 201
    assert define(api, headquarters, campaign_id, name="ward", kind="number").status_code == 201
    people = make_people(services, campaign_id, 3)
    path = f"/contacts/{people[0].id}/fields"
    filled = api.put(
        path, {"campaign_id": campaign_id, "values": {"first_vote": True, "ward": 7}}, coordinator_of_churu
    )
    assert filled.json["values"] == {"first_vote": True, "ward": 7}
    changed = api.put(path, {"campaign_id": campaign_id, "values": {"ward": None}}, coordinator_of_churu)
    assert changed.json == {"values": {"first_vote": True}, "told_differently": []}
    assert api.get(path, headquarters, query_string={"campaign_id": campaign_id}).json == changed.json
    stored = services.stores.marks.read([f"{campaign_id}:{people[0].id}"])
    assert b"first_vote" not in next(iter(stored.values()))["custom"]
    for condition, matched in (({"is": [True]}, 1), ({"known": False}, 2)):
        saved = {"campaign_id": campaign_id, "name": "New", "filter": {"fields": {"first_vote": condition}}}
        audience_id = api.post("/audiences", saved, headquarters).json["id"]
        assert api.get(f"/audiences/{audience_id}/funnel", headquarters).json["matched"] == matched
    listed = api.get(f"/campaigns/{campaign_id}/fields", coordinator_of_churu).json["items"]
    assert [(one["name"], one["kind"]) for one in listed] == [("first_vote", "boolean"), ("ward", "number")]


def test_bounds_of_a_field_the_wrong_way_round_are_named(api: Api, campaign_id: str, headquarters: Person) -> None:
    define(api, headquarters, campaign_id, name="ward", kind="number")
    condition = {"fields": {"ward": {"from": 9, "to": 3}}}
    answer = api.post("/audiences", {"campaign_id": campaign_id, "name": "x", "filter": condition}, headquarters)
    assert answer.json["errors"] == {"filter.fields.ward": ["before_from"]}


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"name": "jati"}, {"name": ["forbidden_caste"]}),
        ({"name": "aadhaar_no"}, {"name": ["forbidden_aadhaar"]}),
        ({"label": {"hi": "धर्म", "en": "Faith"}}, {"label.hi": ["forbidden_religion"]}),
        ({"kind": "choice"}, {"options": ["required"]}),
        ({"options": ["a"]}, {"options": ["invalid"]}),
        ({"kind": "colour"}, {"kind": ["unknown_name"]}),
    ],
)
def test_field_that_may_not_be_is_refused(
    api: Api, campaign_id: str, headquarters: Person, facts: dict[str, Any], wrong: dict[str, Any]
) -> None:
    answer = define(api, headquarters, campaign_id, **facts)
    assert answer.status_code == 422
    assert answer.json["errors"].items() >= wrong.items()


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("number", "7", "not_a_number"),
        ("number", True, "not_a_number"),
        ("date", "2026-13-01", "not_a_date"),
        ("boolean", 1, "not_a_boolean"),
        ("text", 5, "not_a_text"),
        ("text", "2341 2341 2346", "aadhaar_like"),
        ("text", "x" * 201, "too_long"),
        ("choice", "c", "unknown_name"),
    ],
)
def test_value_of_another_type_is_refused(
    api: Api, services: Services, campaign_id: str, headquarters: Person, kind: str, value: Any, code: str
) -> None:
    define(api, headquarters, campaign_id, name="it", kind=kind, options=["a", "b"] if kind == "choice" else None)
    [contact] = make_people(services, campaign_id, 1)
    body = {"campaign_id": campaign_id, "values": {"it": value, "other": 1}}
    answer = api.put(f"/contacts/{contact.id}/fields", body, headquarters)
    assert answer.json["errors"] == {"values.it": [code], "values.other": ["unknown_field"]}


def test_name_of_a_field_is_taken_once_and_strangers_have_no_values(
    api: Api, services: Services, campaign_id: str, headquarters: Person
) -> None:
    define(api, headquarters, campaign_id)
    assert define(api, headquarters, campaign_id, label={"hi": "क", "en": "K"}).status_code == 409
    query = {"campaign_id": campaign_id}
    assert api.get("/contacts/nobody/fields", headquarters, query_string=query).status_code == 404
    assert api.get("/campaigns/nosuch/fields", headquarters).status_code == 404


def test_people_who_oppose_are_left_out_by_what_they_told_last(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=4)
    told = [
        work.told(at, disposition="contacted", contact_id=work.items[at]["contacts"][0], support=support)
        for at, support in enumerate((5, 4, 1))
    ]
    mended = work.told(1, disposition="contacted", contact_id=told[1]["contact_id"], support=2, corrects=told[1]["id"])
    for outcome in (*told, mended, work.told(3)):
        receipt = api.post("/me/outcomes", {"outcomes": [outcome]}, volunteer_of_churu).json["receipts"][0]
        assert receipt["status"] == "stored"
    while services.projecting.run():
        pass
    services.stores.target_tallies.put(
        work.campaign_id, {Place("rj", DISTRICT, SEAT, PART): 4}, at=services.clock.now()
    )
    for excluded, matched in (([5], 3), ([4, 5], 3), ([2, 4, 5], 2)):
        saved = {"campaign_id": work.campaign_id, "name": "Open", "filter": {"exclude_support": excluded}}
        audience_id = api.post("/audiences", saved, headquarters).json["id"]
        found = api.get(f"/audiences/{audience_id}/funnel", headquarters).json
        assert found["matched"] == matched


def test_volunteers_get_the_people_whose_tags_are_theirs_and_none_of_those_excluded(
    api: Api, services: Services, campaign_id: str, headquarters: Person, volunteer_of_churu: Person, person: Any
) -> None:
    other = person(role="volunteer", home_area="rj-churu")
    young = make_people(services, campaign_id, 3, tags=("young",))
    plain = make_people(services, campaign_id, 3)
    changed = api.patch(f"/users/{volunteer_of_churu.id}", {"prioritised_tags": ["Young"]}, headquarters)
    assert changed.json["prioritised_tags"] == ["young"]
    api.patch(f"/users/{other.id}", {"excluded_tags": ["young"]}, headquarters)
    refused = api.patch(f"/users/{other.id}", {"excluded_tags": ["rajput"]}, headquarters)
    assert refused.json["errors"] == {"excluded_tags.0": ["tag_forbidden"]}
    assign = {"mode": "volunteers", "user_ids": [other.id, volunteer_of_churu.id]}
    made = api.post("/batches", wanted(campaign_id, assign=assign), headquarters)
    assert made.status_code == 201, made.json
    of = {
        batch["assignee"]: {
            contact for item in services.stores.batches.get(batch["id"])["items"] for contact in item["contacts"]
        }
        for batch in made.json["items"]
    }
    assert of == {
        volunteer_of_churu.id: {one.id for one in young},
        other.id: {one.id for one in plain},
    }
    assert made.json["changed"] == []
