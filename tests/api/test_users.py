"""The roster: who may see and change whom, and what holds from the next request on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from services.facade import Services
from tests.api.conftest import Api, Commands
from tests.factories import Person, audited, make_user, next_phone


def _new(**facts: Any) -> dict[str, Any]:
    return {"phone": next_phone(), "name": "Gopal Singh", "role": "volunteer", "home_area": "rj-churu", **facts}


def test_a_coordinator_enrols_a_volunteer(api: Api, coordinator_of_churu: Person, services: Services) -> None:
    sent = _new(name=" गोपाल  सिंह ", areas=["ac-24-17"], languages=["hi", "raj"], channels=["call"], daily_capacity=30)
    answer = api.post("/users", sent, coordinator_of_churu)
    assert answer.status_code == 201
    assert answer.json | {"id": "", "created_at": ""} == {
        **sent,
        "id": "",
        "name": "गोपाल सिंह",
        "locale": "hi",
        "state": "invited",
        "prioritised_tags": [],
        "excluded_tags": [],
        "merged_into": None,
        "warnings": [],
        "created_at": "",
    }
    assert answer.headers["ETag"].startswith('"1:')
    assert api.get(f"/users/{answer.json['id']}", coordinator_of_churu).json == answer.json
    [entry] = audited(services, "user.create")
    assert (entry["actor"], entry["subject"]) == (coordinator_of_churu.id, f"user:{answer.json['id']}")


def test_phone_and_name_are_sealed_in_the_database(
    api: Api, headquarters: Person, services: Services, settings: Any
) -> None:
    sent = _new(name="Gopal Singh")
    user_id = api.post("/users", sent, headquarters).json["id"]
    stored = str(services.stores.users._users.get(user_id))
    assert sent["phone"] not in stored
    assert "Gopal" not in stored


def test_a_phone_belongs_to_one_person(api: Api, headquarters: Person, volunteer_of_churu: Person) -> None:
    answer = api.post("/users", _new(phone=volunteer_of_churu.user.phone), headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "phone_taken")


def test_a_phone_that_was_given_up_is_free_again(api: Api, headquarters: Person, volunteer_of_churu: Person) -> None:
    old, new = volunteer_of_churu.user.phone, next_phone()
    path = f"/users/{volunteer_of_churu.id}"
    assert api.patch(path, {"phone": new}, headquarters).json["phone"] == new
    other = api.post("/users", _new(phone=old), headquarters)
    assert other.status_code == 201
    back = api.patch(path, {"phone": old}, headquarters)
    assert (back.status_code, back.json["code"]) == (409, "phone_taken")
    api.patch(f"/users/{other.json['id']}", {"phone": next_phone()}, headquarters)
    assert api.patch(path, {"phone": old}, headquarters).status_code == 200
    assert api.post("/users", _new(phone=new), headquarters).status_code == 201


def test_the_same_key_enrols_once(api: Api, headquarters: Person) -> None:
    sent = _new()
    first = api.post("/users", sent, headquarters, headers={"Idempotency-Key": "key-1"})
    again = api.post("/users", sent, headquarters, headers={"Idempotency-Key": "key-1"})
    assert (again.status_code, again.json) == (201, first.json)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"home_area": None}, "home_area", "required"),
        ({"home_area": "ac-24"}, "home_area", "area_unknown"),
        ({"home_area": "rj-nowhere"}, "home_area", "area_unknown"),
        ({"areas": ["ac-24", "ac-9999"]}, "areas", "area_unknown"),
        ({"phone": "12345"}, "phone", "phone_invalid"),
        ({"name": "—"}, "name", "name_invalid"),
        ({"born_on": "2008-11-24"}, "born_on", "under_18"),
        ({"birth_year": 2008}, "birth_year", "under_18"),
    ],
)
def test_what_is_no_person(api: Api, headquarters: Person, change: dict[str, Any], field: str, code: str) -> None:
    answer = api.post("/users", _new(**change), headquarters)
    assert (answer.status_code, answer.json["errors"]) == (422, {field: [code]})


@pytest.mark.parametrize(
    "change",
    [{"role": "coordinator"}, {"role": "observer"}, {"role": "hq_admin"}, {"home_area": "rj-bhilwara"}],
)
def test_a_coordinator_enrols_nobody_else(api: Api, coordinator_of_churu: Person, change: dict[str, Any]) -> None:
    assert api.post("/users", _new(**change), coordinator_of_churu).status_code == 403


def test_a_coordinators_volunteer_is_of_the_own_district_unless_it_is_said(
    api: Api, coordinator_of_churu: Person
) -> None:
    facts = {name: value for name, value in _new().items() if name != "home_area"}
    assert api.post("/users", facts, coordinator_of_churu).json["home_area"] == "rj-churu"


def test_a_coordinator_sees_the_own_districts_people_only(
    api: Api, coordinator_of_churu: Person, volunteer_of_churu: Person, volunteer_of_bhilwara: Person
) -> None:
    listed = api.get("/users", coordinator_of_churu).json["items"]
    assert {user["id"] for user in listed} == {coordinator_of_churu.id, volunteer_of_churu.id}
    elsewhere = api.get("/users", coordinator_of_churu, query_string={"home_area": "rj-bhilwara"})
    assert (elsewhere.status_code, elsewhere.json["errors"]) == (422, {"home_area": ["area_unknown"]})
    assert api.get(f"/users/{volunteer_of_bhilwara.id}", coordinator_of_churu).status_code == 404
    for route in ("suspend", "activate", "invite"):
        answer = api.post(f"/users/{volunteer_of_bhilwara.id}/{route}", actor=coordinator_of_churu)
        assert answer.status_code == 404
    assert api.patch(f"/users/{volunteer_of_bhilwara.id}", {}, coordinator_of_churu).status_code == 404


@pytest.mark.parametrize("role", ["volunteer", "observer", "expert"])
def test_other_roles_see_no_roster(api: Api, person, role: str) -> None:
    answer = api.get("/users", person(role=role))
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_headquarters_lists_by_role_home_and_state(
    api: Api, headquarters: Person, volunteer_of_churu: Person, volunteer_of_bhilwara: Person, services: Services
) -> None:
    suspended = make_user(services, state="suspended", suspended_at=services.clock.now())

    def ids(**query: str) -> set[str]:
        return {user["id"] for user in api.get("/users", headquarters, query_string=query).json["items"]}

    assert ids(role="volunteer") == {volunteer_of_churu.id, volunteer_of_bhilwara.id, suspended.id}
    assert ids(home_area="rj-bhilwara") == {volunteer_of_bhilwara.id}
    assert ids(role="volunteer", home_area="rj-churu", state="active") == {volunteer_of_churu.id}


@pytest.mark.parametrize("text", ["सीता", "Seeta", "sita devi", "देवी सीता", "sit", "सी", "dev SI"])
def test_a_name_is_found_in_either_script(
    api: Api, headquarters: Person, volunteer_of_churu: Person, volunteer_of_bhilwara: Person, text: str
) -> None:
    found = api.get("/users", headquarters, query_string={"q": text}).json["items"]
    assert [user["id"] for user in found] == [volunteer_of_churu.id]


def test_a_new_name_is_found_and_the_old_one_no_more(
    api: Api, headquarters: Person, volunteer_of_churu: Person
) -> None:
    def found(text: str) -> int:
        return len(api.get("/users", headquarters, query_string={"q": text, "role": "volunteer"}).json["items"])

    assert api.patch(f"/users/{volunteer_of_churu.id}", {"name": "राजेश मीणा"}, headquarters).status_code == 200
    assert [found(text) for text in ("raj", "meen", "राजे मी", "sit", "r")] == [1, 1, 1, 0, 0]


def test_a_person_is_found_by_phone(api: Api, headquarters: Person, volunteer_of_churu: Person) -> None:
    phone = volunteer_of_churu.user.phone
    for text in (phone, phone.removeprefix("+91"), "0" + phone.removeprefix("+91")):
        found = api.get("/users", headquarters, query_string={"q": text}).json["items"]
        assert [user["id"] for user in found] == [volunteer_of_churu.id]
    assert api.get("/users", headquarters, query_string={"q": "—"}).json["items"] == []


def test_the_roster_pages_by_cursor_at_one_read_a_page(
    api: Api, headquarters: Person, services: Services, commands: Commands
) -> None:
    people = {make_user(services).id for _ in range(7)}
    seen: list[str] = []
    cursor = None
    while True:
        query = {"role": "volunteer", "limit": 3} | ({"cursor": cursor} if cursor else {})
        with commands.noted() as noted:
            page = api.get("/users", headquarters, query_string=query).json
        # Who asks, the page, and whether any poll is near.
        assert noted == ["find", "find", "find"]
        seen += [user["id"] for user in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == people


def test_a_move_to_another_district_holds_from_the_next_request(
    api: Api, headquarters: Person, coordinator_of_churu: Person, volunteer_of_churu: Person
) -> None:
    path = f"/users/{volunteer_of_churu.id}"
    assert api.patch(path, {"home_area": "rj-bhilwara"}, headquarters).status_code == 200
    assert api.get(path, coordinator_of_churu).status_code == 404


def test_a_coordinator_gives_nobody_away(api: Api, coordinator_of_churu: Person, volunteer_of_churu: Person) -> None:
    path = f"/users/{volunteer_of_churu.id}"
    assert api.patch(path, {"home_area": "rj-bhilwara"}, coordinator_of_churu).status_code == 403
    assert api.patch(path, {"role": "coordinator"}, coordinator_of_churu).status_code == 403
    assert api.patch(path, {"daily_capacity": 10}, coordinator_of_churu).status_code == 200


def test_nobody_changes_a_peer_or_the_own_role(api: Api, coordinator_of_churu: Person, headquarters: Person) -> None:
    own = api.patch(f"/users/{coordinator_of_churu.id}", {"role": "hq_admin"}, coordinator_of_churu)
    assert own.status_code == 403
    answer = api.patch(f"/users/{headquarters.id}", {"role": "expert"}, headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "own_account")


def test_a_role_change_holds_from_the_next_request(
    api: Api, headquarters: Person, volunteer_of_churu: Person, services: Services
) -> None:
    assert api.get("/users", volunteer_of_churu).status_code == 403
    api.patch(f"/users/{volunteer_of_churu.id}", {"role": "coordinator"}, headquarters)
    assert api.get("/users", volunteer_of_churu).status_code == 200
    [changed] = audited(services, "user.change")
    assert changed["actor"] == headquarters.id
    assert changed["facts"] == {"changed": ["role"], "role_before": "volunteer", "role_after": "coordinator"}


def test_a_stale_change_is_refused(api: Api, headquarters: Person, volunteer_of_churu: Person) -> None:
    path = f"/users/{volunteer_of_churu.id}"
    tag = api.get(path, headquarters).headers["ETag"]
    assert api.patch(path, {"name": "Sita Bai"}, headquarters, headers={"If-Match": tag}).status_code == 200
    for method, suffix, body in (("PATCH", "", {"name": "X"}), ("POST", "/suspend", None)):
        answer = api.ask(method, path + suffix, headquarters, body=body, headers={"If-Match": tag})
        assert (answer.status_code, answer.json["code"]) == (412, "stale_version")


def test_an_unknown_person(api: Api, headquarters: Person) -> None:
    assert api.get("/users/nobody", headquarters).status_code == 404
    assert api.patch("/users/nobody", {}, headquarters).status_code == 404


def test_one_of_two_concurrent_enrolments_gets_the_phone(app: Flask, headquarters: Person) -> None:
    sent = _new()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Api(app).post("/users", sent, headquarters).status_code, range(8)))
    assert sorted(answers) == [201] + [409] * 7
