"""Roster sheets: each person once by phone, refused rows given back, within the uploader's scope."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from services.facade import Services
from tests.api.conftest import Api
from tests.api.sheets import do_jobs
from tests.factories import Person, make_user, next_phone
from tests.unit.sheet_files import workbook, workbook_rows

HEADER = "phone,name,role,home_district,areas,languages,channels,daily_capacity"


def _hand_in(api: Api, actor: Person, content: str, name: str = "roster.csv") -> Any:
    data = {"file": (io.BytesIO(content.encode()), name)}
    return api.post("/users/imports", actor=actor, data=data, content_type="multipart/form-data")


def _bring_in(api: Api, services: Services, actor: Person, *rows: str, header: str = HEADER) -> dict[str, Any]:
    handed_in = _hand_in(api, actor, "\n".join((header, *rows)) + "\n")
    assert handed_in.status_code == 202, handed_in.json
    do_jobs(services)
    told = api.get(f"/users/imports/{handed_in.json['id']}", actor).json
    assert told["state"] == "succeeded", told
    return dict(told)


def _counts(told: dict[str, Any]) -> list[int]:
    return [told[name] for name in ("rows", "created", "updated", "unchanged", "rejected")]


def _refused(api: Api, actor: Person, told: dict[str, Any], locale: str = "en") -> list[list[str]]:
    path = f"/users/imports/{told['id']}/rejects.csv"
    answer = api.get(path, actor, headers={"Accept-Language": locale})
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:]


def test_people_are_enrolled_by_a_sheet(api: Api, services: Services, headquarters: Person) -> None:
    phone = next_phone()
    row = f"{phone},सीता देवी,कार्यकर्ता,चूरू,24/17; AC 155;Rajsamand,हिंदी; mwr,कॉल; WhatsApp,३०"
    told = _bring_in(api, services, headquarters, row, f"{next_phone()},Ramesh,coordinator,Bhilwara,,,,")
    assert _counts(told) == [2, 2, 0, 0, 0]
    user = services.stores.users.find_by_phone(phone)
    assert user is not None
    assert (user.name, user.role, user.home_area, user.state) == ("सीता देवी", "volunteer", "rj-churu", "invited")
    assert user.areas == ("ac-24-17", "ac-155", "ac-175")
    assert (user.languages, user.channels, user.daily_capacity) == (("hi", "mwr"), ("call", "whatsapp"), 30)


def test_hindi_headings(api: Api, services: Services, headquarters: Person) -> None:
    header = "क्र.सं.,कार्यकर्ता का नाम,मोबाइल नंबर,ज़िला"
    told = _bring_in(api, services, headquarters, f"1,गोपाल,{next_phone()},सीकर", header=header)
    assert _counts(told) == [1, 1, 0, 0, 0]


def test_the_same_sheet_twice_changes_nothing(api: Api, services: Services, headquarters: Person) -> None:
    rows = [f"{next_phone()},Gopal {word},volunteer,Churu,,hi,call,20" for word in ("Singh", "Saini")]
    assert _counts(_bring_in(api, services, headquarters, *rows)) == [2, 2, 0, 0, 0]
    assert _counts(_bring_in(api, services, headquarters, *rows)) == [2, 0, 0, 2, 0]


def test_a_known_person_is_changed_where_the_sheet_says_something(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    phone = volunteer_of_churu.user.phone
    told = _bring_in(api, services, headquarters, f"{phone},,,Bhilwara,,,,15")
    assert _counts(told) == [1, 0, 1, 0, 0]
    user = services.stores.users.get(volunteer_of_churu.id)
    assert (user.name, user.home_area, user.daily_capacity) == ("सीता देवी", "rj-bhilwara", 15)
    assert user.languages == ("hi",)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("12345,Gopal,volunteer,Churu,,,,", "phone", "phone_invalid"),
        (",Gopal,volunteer,Churu,,,,", "phone", "phone_required"),
        ("0151-2222222,Gopal,volunteer,Churu,,,,", "phone", "phone_invalid"),
        ("{phone},Gopal,king,Churu,,,,", "role", "role_unknown"),
        ("{phone},Gopal,volunteer,,,,,", "home_district", "home_district_required"),
        ("{phone},Gopal,volunteer,Sujangarh,,,,", "home_district", "area_unknown"),
        ("{phone},Gopal,volunteer,Churu,24/9999,,,", "areas", "area_unknown"),
        ("{phone},Gopal,volunteer,Churu,,klingon,,", "languages", "language_unknown"),
        ("{phone},Gopal,volunteer,Churu,,,telegram,", "channels", "channel_unknown"),
        ("{phone},Gopal,volunteer,Churu,,,,many", "daily_capacity", "number_invalid"),
        ("{phone},Gopal,volunteer,Churu,,,,5000", "daily_capacity", "number_invalid"),
        ("{phone},!!!,volunteer,Churu,,,,", "name", "name_invalid"),
        ("{phone},—,volunteer,Churu,,,,", "name", "name_required"),
        (",,volunteer,Churu,,,,", "", "no_person"),
        ("{phone},=cmd(),volunteer,Churu,,,,", "name", "formula_cell"),
    ],
)
def test_a_row_that_is_refused_is_given_back(
    api: Api, services: Services, headquarters: Person, row: str, column: str, code: str
) -> None:
    told = _bring_in(api, services, headquarters, row.format(phone=next_phone()))
    assert _counts(told) == [1, 0, 0, 0, 1]
    [refused] = _refused(api, headquarters, told)
    assert refused[:3] == ["2", column, code]
    assert refused[3] != code
    assert _refused(api, headquarters, told, "hi")[0][3] != refused[3]


def test_a_phone_stands_once_in_a_sheet(api: Api, services: Services, headquarters: Person) -> None:
    phone = next_phone()
    rows = (f"{phone},Gopal,volunteer,Churu,,,,", f"0{phone[3:]},Mohan,volunteer,Churu,,,,")
    told = _bring_in(api, services, headquarters, *rows)
    assert _counts(told) == [2, 1, 0, 0, 1]
    assert _refused(api, headquarters, told)[0][:3] == ["3", "phone", "phone_repeated"]


def test_a_sheet_changes_nobodys_role(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    told = _bring_in(api, services, headquarters, f"{volunteer_of_churu.user.phone},,hq_admin,,,,,")
    assert _refused(api, headquarters, told)[0][2] == "role_differs"


def test_a_coordinators_sheet_stays_in_the_district(
    api: Api, services: Services, coordinator_of_churu: Person, volunteer_of_bhilwara: Person
) -> None:
    own = next_phone()
    told = _bring_in(
        api,
        services,
        coordinator_of_churu,
        f"{own},Gopal,,,,,,",
        f"{next_phone()},Mohan,volunteer,Bhilwara,,,,",
        f"{next_phone()},Leela,coordinator,Churu,,,,",
        f"{volunteer_of_bhilwara.user.phone},Other Name,,,,,,",
    )
    assert _counts(told) == [4, 1, 0, 0, 3]
    codes = [refused[2] for refused in _refused(api, coordinator_of_churu, told)]
    assert codes == ["not_yours", "not_yours", "phone_taken"]
    user = services.stores.users.find_by_phone(own)
    assert user is not None
    assert (user.role, user.home_area) == ("volunteer", "rj-churu")


def test_a_kill_in_the_middle_counts_no_row_twice(
    api: Api, services: Services, headquarters: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = make_user(services)
    rows = [f"{next_phone()},Gopal,volunteer,Churu,,,," for _ in range(60)]
    rows += [f"{known.phone},Another Name,,,,,,", "12345,Broken,,,,,,"]
    handed_in = _hand_in(api, headquarters, "\n".join((HEADER, *rows)))
    store = services.stores.jobs
    save, calls = store.save, []

    def dies(*args: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise ConnectionError("killed")
        return save(*args, **named)

    monkeypatch.setattr(store, "save", dies)
    do_jobs(services)
    # The next try is due after a pause, which need not be waited for.
    store.release(handed_in.json["id"], None)
    do_jobs(services)
    told = api.get(f"/users/imports/{handed_in.json['id']}", headquarters).json
    assert len(calls) > 2
    assert (told["state"], _counts(told)) == ("succeeded", [62, 60, 1, 0, 1])
    assert len(_refused(api, headquarters, told)) == 1


def test_a_sheet_without_headings(api: Api, headquarters: Person) -> None:
    answer = _hand_in(api, headquarters, "1,2,3\n4,5,6\n")
    assert (answer.status_code, answer.json["code"]) == (422, "header_not_found")


def test_a_sheet_with_a_forbidden_column(api: Api, headquarters: Person) -> None:
    answer = _hand_in(api, headquarters, "phone,name,caste\n")
    assert (answer.status_code, answer.json["code"]) == (422, "forbidden_column")


def test_another_coordinators_import_is_not_there(
    api: Api, services: Services, coordinator_of_churu: Person, coordinator_of_bhilwara: Person
) -> None:
    told = _bring_in(api, services, coordinator_of_churu, f"{next_phone()},Gopal,,,,,,")
    for path in ("", "/rejects.csv"):
        assert api.get(f"/users/imports/{told['id']}{path}", coordinator_of_bhilwara).status_code == 404


@pytest.mark.parametrize("role", ["volunteer", "observer", "expert"])
def test_other_roles_hand_in_no_roster(api: Api, person, role: str) -> None:
    assert _hand_in(api, person(role=role), HEADER).status_code == 403


@pytest.mark.parametrize("age", ["17", "2009", "24-11-2008"])
def test_a_minor_is_refused_and_not_kept(api: Api, services: Services, headquarters: Person, age: str) -> None:
    young, grown = next_phone(), next_phone()
    rows = (f"{young},Gopal Singh,Churu,{age}", f"{grown},Mohan Lal,Churu,34")
    told = _bring_in(api, services, headquarters, *rows, header="phone,name,home_district,आयु")
    assert _counts(told) == [2, 1, 0, 0, 1]
    assert [row[2] for row in _refused(api, headquarters, told)] == ["under_18"]
    assert services.stores.users.find_by_phone(young) is None
    assert "34" not in map(str, asdict(services.stores.users.find_by_phone(grown)).values())


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("born_on", "2012-05-05"),
        ("bornOn", "5.5.2012"),
        ("birth_year", "2012"),
        ("Birthday", "2012-05-05"),
        ("जन्म तिथि", "05/05/2012"),
        ("जन्म दिनांक", "2012-05-05"),
        ("age,born_on", "25,2012-05-05"),
        ("birth_year,dob", "1990,2012-05-05"),
    ],
)
def test_a_minor_is_refused_by_whatever_column_tells_it(
    api: Api, services: Services, headquarters: Person, heading: str, told: str
) -> None:
    young = next_phone()
    header = f"phone,name,home_district,{heading}"
    result = _bring_in(api, services, headquarters, f"{young},Gopal Singh,Churu,{told}", header=header)
    assert (_counts(result), result["unread_columns"]) == ([1, 0, 0, 0, 1], [])
    assert [row[2] for row in _refused(api, headquarters, result)] == ["under_18"]
    assert services.stores.users.find_by_phone(young) is None


def test_a_workbook_tells_a_minor_by_the_apis_own_name(api: Api, services: Services, headquarters: Person) -> None:
    young, grown = next_phone(), next_phone()
    rows = [["phone", "name", "home_area", "born_on"], [young, "Gopal", "rj-churu", "2012-05-05"]]
    book = workbook(workbook_rows(*rows, [grown, "Mohan", "rj-churu", "1990-05-05"]))
    data = {"file": (io.BytesIO(book), "roster.xlsx")}
    handed_in = api.post("/users/imports", actor=headquarters, data=data, content_type="multipart/form-data")
    do_jobs(services)
    told = api.get(f"/users/imports/{handed_in.json['id']}", headquarters).json
    assert (told["state"], _counts(told)) == ("succeeded", [2, 1, 0, 0, 1])
    user = services.stores.users.find_by_phone(grown)
    assert user is not None
    assert user.home_area == "rj-churu"


def test_columns_that_nothing_was_read_from_are_told(api: Api, services: Services, headquarters: Person) -> None:
    header = "phone,name,home_area,password_hash,state"
    told = _bring_in(api, services, headquarters, f"{next_phone()},Gopal,rj-churu,x,active", header=header)
    assert (_counts(told), told["unread_columns"]) == ([1, 1, 0, 0, 0], ["password_hash", "state"])
    assert (told["skipped_sheets"], told["warned"], told["warnings"]) == ([], 0, [])


def test_people_who_must_leave_a_seat_are_told_of(
    api: Api, services: Services, headquarters: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = services.clock.now()
    told_of = {"code": "outsider", "area": "ac-24", "since": since, "until": since + timedelta(days=2)}
    monkeypatch.setattr(
        services.outsiders,
        "warnings",
        lambda people: {one.id: [told_of] for one in people if one.home_area == "rj-bhilwara"},
    )
    there = next_phone()
    rows = (f"{next_phone()},Gopal,volunteer,Churu,,,,", f"{there},Mohan,volunteer,Bhilwara,,,,")
    for _ in range(2):
        told = _bring_in(api, services, headquarters, *rows)
        user = services.stores.users.find_by_phone(there)
        assert user is not None
        [warning] = told["warnings"]
        assert told["warned"] == 1
        assert (warning["line"], warning["user_id"]) == (3, user.id)
        assert (warning["code"], warning["area"], warning["from"]) == ("outsider", "ac-24", "2026-11-23T05:00:00Z")


def test_a_row_with_a_merged_duplicates_phone_is_about_who_stays(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    kept = make_user(services)
    api.post(f"/users/{kept.id}/merge", {"duplicate_id": volunteer_of_churu.id}, headquarters)
    told = _bring_in(api, services, headquarters, f"{volunteer_of_churu.user.phone},,,,,,,15")
    assert _counts(told) == [1, 0, 1, 0, 0]
    assert services.stores.users.get(kept.id).daily_capacity == 15
