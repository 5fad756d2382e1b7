"""Contacts over HTTP: found part by part and by name across scripts, masked, corrected, erased."""

from __future__ import annotations

from typing import Any

import pytest

from services.domain.contacts.suppressions import person_key
from services.facade import Services
from tests.api.conftest import Api, Commands
from tests.api.sheets import LIST, bring_in, campaign_in, counts, elector, sheet
from tests.factories import Person

NAMES = ("Sita Devi", "सीता देवी", "Seeta Kumari", "Ramesh Saini", "Mohan Lal")


@pytest.fixture
def campaign(api: Api, services: Services, headquarters: Person) -> str:
    """A campaign of Sujangarh, active, with five people in part 17 and one in part 18."""
    campaign_id = campaign_in(api, headquarters, ["ac-24"])
    api.post(f"/campaigns/{campaign_id}/activate", actor=headquarters)
    rows = [elector(at, name=name, phone=f"987654321{at}") for at, name in enumerate(NAMES, start=1)]
    rows.append(elector(1, part_no=18, name="Sita Bai", epic="ABC1234567"))
    bring_in(api, services, headquarters, sheet(rows), campaign_id=campaign_id)
    return campaign_id


def listed(api: Api, actor: Person, campaign: str, **query: Any) -> list[dict[str, Any]]:
    answer = api.get("/contacts", actor, query_string={"campaign_id": campaign, **query})
    assert answer.status_code == 200, answer.json
    return list(answer.json["items"])


def one_of(services: Services, serial_no: int) -> str:
    return next(one.id for one in services.stores.contacts.in_part("ac-24-17") if one.serial_no == serial_no)


def test_people_are_listed_masked(api: Api, campaign: str, headquarters: Person) -> None:
    found = listed(api, headquarters, campaign)
    assert len(found) == 6
    text = str(found)
    assert not any(word in text for name in NAMES for word in name.split())
    assert "98765" not in text
    assert found[0]["addresses"][0]["masked"].startswith("+91 98")
    assert found[0]["standing"]["state"] == "open"


@pytest.mark.parametrize("spelling", ["सीता", "Sita", "Seeta", "SITA", "devi sita"])
def test_a_name_is_found_in_any_spelling(api: Api, campaign: str, headquarters: Person, spelling: str) -> None:
    found = listed(api, headquarters, campaign, q=spelling)
    assert len(found) == (2 if "devi" in spelling else 4)


def test_a_name_is_looked_for_within_the_area(api: Api, campaign: str, headquarters: Person) -> None:
    assert len(listed(api, headquarters, campaign, q="Sita", area="ac-24-18")) == 1
    assert listed(api, headquarters, campaign, q="Sita", area="ac-155") == []


@pytest.mark.parametrize("query", ["9876543214", "+91 98765-43214", "०९८७६५४३२१४"])
def test_an_exact_number_finds_its_person(
    api: Api, services: Services, campaign: str, headquarters: Person, query: str
) -> None:
    found = listed(api, headquarters, campaign, q=query)
    assert [one["id"] for one in found] == [one_of(services, 4)]


def test_an_epic_finds_its_person(api: Api, campaign: str, headquarters: Person) -> None:
    assert [one["part_id"] for one in listed(api, headquarters, campaign, q="abc1234567")] == ["ac-24-18"]


def test_a_number_is_found_without_a_campaign_and_without_a_place(
    api: Api, services: Services, headquarters: Person
) -> None:
    bring_in(api, services, headquarters, sheet([{"name": "Gita Bai", "phone": "9876500011"}]), source=LIST)
    found = api.get("/contacts?q=9876500011", headquarters).json["items"]
    assert [(one["name"], one["part_id"], one["standing"]) for one in found] == [("G••• B•••", None, None)]


def test_a_coordinator_finds_no_number_out_of_reach(
    api: Api, services: Services, campaign: str, headquarters: Person, coordinator_of_bhilwara: Person
) -> None:
    helpers = [{"constituency": "ac-24", "districts": ["rj-churu"]}]
    assert api.patch(f"/campaigns/{campaign}", {"helpers": helpers}, headquarters).status_code == 200
    assert api.get("/contacts?q=9876543214", coordinator_of_bhilwara).json["items"] == []


def test_house_and_relative_narrow_a_search(api: Api, services: Services, campaign: str, headquarters: Person) -> None:
    rows = [
        elector(20 + at, name="Gopal Vyas", relative_name=relative, house_no=house)
        for at, (relative, house) in enumerate([("रामलाल व्यास", "12-B"), ("Ramlal Vyas", "७"), ("Hari Vyas", "12-B")])
    ]
    columns = ("ac_no", "part_no", "serial_no", "name", "age", "relative_name", "house_no")
    bring_in(api, services, headquarters, sheet(rows, columns), campaign_id=campaign)

    def serials(**query: Any) -> list[int]:
        return sorted(one["serial_no"] for one in listed(api, headquarters, campaign, **query))

    assert serials(relative="Ramlal") == [20, 21]
    assert serials(q="Gopal", house="12 b") == [20, 22]
    assert serials(house="7") == [21]


def test_status_tells_who_was_not_tried_yet(api: Api, services: Services, campaign: str, headquarters: Person) -> None:
    key = f"{campaign}:{one_of(services, 4)}"
    services.stores.targets._targets.update({"_id": key}, {"$set": {"total": 1, "state": "done"}})
    assert [one["serial_no"] for one in listed(api, headquarters, campaign, status="done")] == [4]
    assert len(listed(api, headquarters, campaign, status="untouched")) == 5


def test_a_status_without_a_campaign_is_refused(api: Api, headquarters: Person) -> None:
    answer = api.get("/contacts?status=done", headquarters)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["campaign_id"])


def test_pages_walk_through_all_parts_without_repeats(api: Api, campaign: str, headquarters: Person) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(60):
        query = {"campaign_id": campaign, "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = api.get("/contacts", headquarters, query_string=query).json
        assert len(page["items"]) <= 2
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert cursor is None
    assert len(seen) == len(set(seen)) == 6


def test_pages_of_a_search_walk_on_as_well(api: Api, campaign: str, headquarters: Person) -> None:
    query = {"campaign_id": campaign, "q": "sita", "limit": 3}
    first = api.get("/contacts", headquarters, query_string=query).json
    second = api.get("/contacts", headquarters, query_string={**query, "cursor": first["next_cursor"]}).json
    ids = [one["id"] for page in (first, second) for one in page["items"]]
    assert (len(ids), len(set(ids))) == (4, 4)


def test_a_cursor_of_other_filters_is_refused(api: Api, campaign: str, headquarters: Person) -> None:
    query = {"campaign_id": campaign, "limit": 2}
    cursor = api.get("/contacts", headquarters, query_string=query).json["next_cursor"]
    for others in ({"limit": 2}, {**query, "area": "ac-24"}, {**query, "q": "सीता"}):
        answer = api.get("/contacts", headquarters, query_string={**others, "cursor": cursor})
        assert (answer.status_code, answer.json["errors"]) == (422, {"cursor": ["cursor_invalid"]}), others


def test_a_foreign_cursor_is_refused(api: Api, campaign: str, headquarters: Person) -> None:
    answer = api.get("/contacts", headquarters, query_string={"campaign_id": campaign, "cursor": "WzFd"})
    assert (answer.status_code, answer.json["errors"]) == (422, {"cursor": ["cursor_invalid"]})


def test_a_page_asks_the_database_a_bounded_number_of_times(
    api: Api, campaign: str, headquarters: Person, commands: Commands
) -> None:
    with commands.noted() as names:
        listed(api, headquarters, campaign)
    assert len(names) <= 16


def test_who_waits_in_quarantine_is_listed_apart(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    bring_in(api, services, headquarters, sheet([elector(5, phone="9876500005", name=NAMES[4])]), source=LIST)
    found = listed(api, headquarters, campaign, quarantined="true")
    assert [one["serial_no"] for one in found] == [5]


def test_a_coordinator_sees_the_constituencies_where_the_district_helps(
    api: Api, services: Services, headquarters: Person, coordinator_of_churu: Person, coordinator_of_bhilwara: Person
) -> None:
    helpers = [{"constituency": "ac-24", "districts": ["rj-churu"]}]
    campaign = campaign_in(api, headquarters, ["ac-24"], helpers=helpers)
    api.post(f"/campaigns/{campaign}/activate", actor=headquarters)
    bring_in(api, services, headquarters, sheet([elector(1)]), campaign_id=campaign)
    (contact,) = services.stores.contacts.in_part("ac-24-17")
    assert len(listed(api, coordinator_of_churu, campaign)) == 1
    assert api.get(f"/contacts/{contact.id}", coordinator_of_churu).status_code == 200
    assert listed(api, coordinator_of_bhilwara, campaign) == []
    assert api.get(f"/contacts/{contact.id}", coordinator_of_bhilwara).status_code == 404


def test_observers_experts_and_volunteers_see_nobody(
    api: Api, campaign: str, services: Services, observer: Person, expert: Person, volunteer_of_churu: Person
) -> None:
    for person in (observer, expert, volunteer_of_churu):
        assert api.get("/contacts", person, query_string={"campaign_id": campaign}).status_code == 403
        assert api.get(f"/contacts/{one_of(services, 1)}", person).status_code == 403


def test_one_person_is_shown_with_standings(api: Api, services: Services, campaign: str, headquarters: Person) -> None:
    answer = api.get(f"/contacts/{one_of(services, 1)}", headquarters)
    assert answer.status_code == 200
    assert answer.json["standings"][campaign]["state"] == "open"
    assert answer.headers["ETag"]


def test_a_correction_keeps_what_was_told_before(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    contact_id = one_of(services, 4)
    answer = api.patch(f"/contacts/{contact_id}", {"name": "Rajesh Saini", "age": 41, "tags": ["Youth"]}, headquarters)
    assert (answer.status_code, answer.json["age"], answer.json["tags"]) == (200, 41, ["youth"])
    assert answer.json["told_differently"] == ["age", "name"]
    assert [one["id"] for one in listed(api, headquarters, campaign, q="rajesh")] == [contact_id]
    history = api.get(f"/contacts/{contact_id}/history", headquarters).json["items"]
    assert [(one["kind"], one.get("fields")) for one in history] == [
        ("created", None),
        ("edited", ["age", "name", "tags"]),
    ]


def test_a_correction_of_an_old_version_is_refused(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    path = f"/contacts/{one_of(services, 1)}"
    tag = api.get(path, headquarters).headers["ETag"]
    assert api.patch(path, {"age": 41}, headquarters, headers={"If-Match": tag}).status_code == 200
    answer = api.patch(path, {"age": 42}, headquarters, headers={"If-Match": tag})
    assert (answer.status_code, answer.json["code"]) == (412, "stale_version")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"age": 17}, "age"),
        ({"tags": ["OBC"]}, "tags"),
        ({"tags": ["jati"]}, "tags"),
        ({"name": "2345 6789 0124"}, "name"),
        ({"part": "ac-24-9999"}, "part"),
        ({"addresses": [{"id": "nothing", "state": "ok"}]}, "addresses"),
        ({"religion": "any"}, "religion"),
    ],
)
def test_what_may_not_be_kept_is_refused(
    api: Api, services: Services, campaign: str, headquarters: Person, change: dict[str, Any], field: str
) -> None:
    answer = api.patch(f"/contacts/{one_of(services, 1)}", change, headquarters)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_number_that_was_joined_is_accepted_on_a_basis(
    api: Api, services: Services, campaign: str, headquarters: Person, coordinator_of_churu: Person
) -> None:
    bring_in(api, services, headquarters, sheet([elector(5, phone="9876500005", name=NAMES[4])]), source=LIST)
    path = f"/contacts/{one_of(services, 5)}"
    waiting = next(one for one in api.get(path, headquarters).json["addresses"] if one["state"] == "quarantined")
    assert waiting["why"] == "joined"
    decision = {"id": waiting["id"], "state": "ok"}
    # Neither does the way over a dead number lead around the basis.
    dead = api.patch(path, {"addresses": [{"id": waiting["id"], "state": "dead"}]}, coordinator_of_churu)
    assert [one["state"] for one in dead.json["addresses"] if one["id"] == waiting["id"]] == ["dead"]
    answer = api.patch(path, {"addresses": [decision]}, coordinator_of_churu)
    assert (answer.status_code, answer.json["errors"]) == (422, {"addresses": ["basis_missing"]})
    answer = api.patch(path, {"addresses": [{**decision, "basis": "consent"}]}, coordinator_of_churu)
    assert answer.status_code == 200
    assert {one["state"] for one in answer.json["addresses"]} == {"ok"}


def test_a_place_that_is_given_frees_the_number(api: Api, services: Services, headquarters: Person) -> None:
    bring_in(api, services, headquarters, b"name,phone\nSita Devi,9876543210\n", source=LIST)
    (contact,) = services.stores.contacts.in_part(None)
    answer = api.patch(f"/contacts/{contact.id}", {"part": "ac-24-17"}, headquarters)
    assert (answer.status_code, answer.json["part_id"]) == (200, "ac-24-17")
    assert [one["state"] for one in answer.json["addresses"]] == ["ok"]


def test_an_erased_person_is_unreachable_and_stays_so(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    contact_id = one_of(services, 1)
    keys = services.stores.contacts.get(contact_id).address_keys()
    assert api.delete(f"/contacts/{contact_id}", headquarters).status_code == 204
    assert api.delete(f"/contacts/{contact_id}", headquarters).status_code == 204
    left = services.stores.contacts.get(contact_id)
    assert (left.state, left.facts, left.addresses, left.age) == ("erased", {}, (), None)
    assert services.suppressions.suppressed([person_key(contact_id), *keys]) == {person_key(contact_id), *keys}
    (target,) = services.stores.targets.of_contacts([campaign], [contact_id]).values()
    assert (target["state"], target["keys"]) == ("done", [])
    assert contact_id not in [one["id"] for one in listed(api, headquarters, campaign)]
    told = bring_in(api, services, headquarters, sheet([elector(1, name=NAMES[0], phone="9876543211")]))
    assert counts(told) == (1, 0, 0, 0, 0, 1)
    assert services.stores.contacts.get(contact_id).state == "erased"


def test_only_headquarters_erases(api: Api, services: Services, campaign: str, coordinator_of_churu: Person) -> None:
    assert api.delete(f"/contacts/{one_of(services, 1)}", coordinator_of_churu).status_code == 403


def test_somebody_unknown_is_not_found(api: Api, headquarters: Person) -> None:
    for path in ("/contacts/nobody", "/contacts/nobody/history"):
        assert api.get(path, headquarters).status_code == 404
