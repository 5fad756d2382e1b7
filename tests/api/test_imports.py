"""Sheets of people over HTTP: every row is counted once, and the same sheet twice changes nothing."""

from __future__ import annotations

from datetime import timedelta

from services.domain.sheets.sources import Source
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.api.sheets import HEADER, LIST, ROLL, bring_in, campaign_in, counts, do_jobs, elector, hand_in, sheet
from tests.factories import Person
from tests.unit.sheet_files import workbook, workbook_rows


def test_an_import_counts_its_rows(api: Api, services: Services, headquarters: Person) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1), elector(2), elector(3, age=12)]))
    assert told["state"] == "succeeded"
    assert counts(told) == (3, 2, 0, 0, 1, 0)


def test_the_same_sheet_twice_changes_nothing(api: Api, services: Services, headquarters: Person) -> None:
    content = sheet([elector(number, phone=f"98765432{number:02}") for number in range(1, 30)])
    bring_in(api, services, headquarters, content)
    before = {one.id: one for one in services.stores.contacts.in_part("ac-24-17")}
    # Known people are looked for by their keys the first time, and by their ids when most were known.
    for _ in range(2):
        assert counts(bring_in(api, services, headquarters, content)) == (29, 0, 0, 29, 0, 0)
    assert {one.id: one for one in services.stores.contacts.in_part("ac-24-17")} == before


def test_of_known_people_one_with_another_epic_is_another_person(
    api: Api, services: Services, headquarters: Person
) -> None:
    people = [elector(number, epic=f"ABC{number:07}") for number in range(1, 9)]
    for _ in range(2):
        bring_in(api, services, headquarters, sheet(people))
    changed = [*people[:-1], elector(8, epic="ABC9999999"), elector(7, epic="ABC0000007", house_no="12")]
    told = bring_in(api, services, headquarters, sheet(changed, (*HEADER, "house_no")))
    assert counts(told) == (9, 1, 1, 7, 0, 0)


def test_every_refused_row_can_be_read_with_its_reason(api: Api, services: Services, headquarters: Person) -> None:
    content = sheet([elector(1), elector(2, phone="12"), elector(3, part_no=4000)])
    told = bring_in(api, services, headquarters, content)
    answer = api.get(f"/contacts/imports/{told['id']}/rejects.csv", headquarters, headers={"Accept-Language": "en"})
    heading, *lines = answer.get_data(as_text=True).lstrip("\ufeff").splitlines()
    assert heading == "line,column,code,message,ac_no,part_no,serial_no,epic,name,gender,age,phone"
    assert [line.split(",")[:3] for line in lines] == [
        ["3", "phone", "phone_invalid"],
        ["4", "part_no", "unknown_part"],
    ]
    assert answer.content_type.startswith("text/csv")


def test_reasons_come_in_the_language_that_is_asked_for(api: Api, services: Services, headquarters: Person) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1), elector(2, phone="12")]))
    path = f"/contacts/imports/{told['id']}/rejects.csv"
    hindi = api.get(path, headquarters, headers={"Accept-Language": "hi"}).get_data(as_text=True)
    english = api.get(path, headquarters, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert hindi != english
    assert "फ़ोन" in hindi or "नंबर" in hindi


def test_a_minor_is_refused_and_not_given_back(api: Api, services: Services, headquarters: Person) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1), elector(2, name="Little One", age=9)]))
    rejects = api.get(f"/contacts/imports/{told['id']}/rejects.csv", headquarters).get_data(as_text=True)
    assert "under_18" in rejects
    assert "Little One" not in rejects


def test_rejects_of_a_clean_sheet_are_a_heading_alone(api: Api, services: Services, headquarters: Person) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1)]))
    rejects = api.get(f"/contacts/imports/{told['id']}/rejects.csv", headquarters).get_data(as_text=True)
    assert len(rejects.splitlines()) == 1


def test_a_row_that_tells_more_updates(api: Api, services: Services, headquarters: Person) -> None:
    bring_in(api, services, headquarters, sheet([elector(1), elector(2)]))
    told = bring_in(api, services, headquarters, sheet([elector(1, phone="9876543210"), elector(2)]))
    assert counts(told) == (2, 0, 1, 1, 0, 0)


def test_one_person_told_twice_in_a_sheet_is_one_contact(api: Api, services: Services, headquarters: Person) -> None:
    content = sheet([elector(1), elector(1), elector(1, phone="9876543210")])
    assert counts(bring_in(api, services, headquarters, content)) == (3, 1, 1, 1, 0, 0)
    assert len(services.stores.contacts.in_part("ac-24-17")) == 1


def test_a_household_number_is_one_number_with_several_people(
    api: Api, services: Services, headquarters: Person
) -> None:
    content = sheet([elector(number, phone="9876543210") for number in (1, 2, 3)])
    bring_in(api, services, headquarters, content)
    keys = {tuple(one.address_keys()) for one in services.stores.contacts.in_part("ac-24-17")}
    assert len(services.stores.contacts.in_part("ac-24-17")) == 3
    assert len(keys) == 1


def test_somebody_is_found_again_by_number_and_name_in_another_script(
    api: Api, services: Services, headquarters: Person
) -> None:
    bring_in(api, services, headquarters, sheet([elector(1, name="Sita Devi", phone="9876543210")]))
    content = "name,phone\nसीता देवी,98765 43210\n".encode()
    told = bring_in(api, services, headquarters, content, source={**LIST, "name": "Roll of 2026"})
    assert counts(told)[1] == 0
    assert len(services.stores.contacts.in_part("ac-24-17")) == 1
    assert services.stores.contacts.in_part(None) == []


def test_two_people_of_one_number_and_name_stay_two(api: Api, services: Services, headquarters: Person) -> None:
    content = sheet(
        [
            elector(1, name="Ram Singh", age=70, phone="9876543210"),
            elector(2, name="Ram Singh", age=30, phone="9876543210"),
        ]
    )
    assert counts(bring_in(api, services, headquarters, content)) == (2, 2, 0, 0, 0, 0)
    assert counts(bring_in(api, services, headquarters, content)) == (2, 0, 0, 2, 0, 0)


def test_a_row_without_place_waits_in_quarantine(api: Api, services: Services, headquarters: Person) -> None:
    told = bring_in(api, services, headquarters, b"name,phone\nSita Devi,9876543210\n", source=LIST)
    assert (counts(told), told["quarantined"]) == ((1, 1, 0, 0, 0, 0), 1)
    assert [one.addresses[0].why for one in services.stores.contacts.in_part(None)] == ["no_place"]


def test_a_number_from_elsewhere_is_not_joined_to_the_roll(api: Api, services: Services, headquarters: Person) -> None:
    bring_in(api, services, headquarters, sheet([elector(1), elector(2, phone="9876500002")]))
    told = bring_in(api, services, headquarters, sheet([elector(1, phone="9876500001")]), source=LIST)
    assert (told["updated"], told["quarantined"]) == (1, 1)
    whys = {
        one.serial_no: [address.why for address in one.addresses]
        for one in services.stores.contacts.in_part("ac-24-17")
    }
    assert whys == {1: ["joined"], 2: [None]}


def test_a_handle_is_for_use_only_if_it_was_given(api: Api, services: Services, headquarters: Person) -> None:
    header = ("ac_no", "part_no", "serial_no", "name", "instagram")
    told = bring_in(api, services, headquarters, sheet([elector(1, instagram="sita.devi")], header))
    assert told["quarantined"] == 1
    given = {**ROLL, "field_basis": {"instagram": "voluntary"}}
    told = bring_in(api, services, headquarters, sheet([elector(1, instagram="sita.devi")], header), source=given)
    assert (told["updated"], told["quarantined"]) == (1, 0)


def test_a_sheet_without_constituency_is_read_in_the_campaigns_only_one(
    api: Api, services: Services, headquarters: Person
) -> None:
    campaign = campaign_in(api, headquarters, ["ac-24"])
    content = b"firstName,lastName,cell,booth,age\nSita,Devi,9876543210,17,44\n"
    told = bring_in(api, services, headquarters, content, source=LIST, campaign_id=campaign)
    assert (counts(told), told["quarantined"]) == ((1, 1, 0, 0, 0, 0), 0)
    assert len(services.stores.targets.in_part(campaign, "ac-24-17")) == 1


def test_rows_become_targets_of_the_campaign(api: Api, services: Services, headquarters: Person) -> None:
    campaign = campaign_in(api, headquarters, ["ac-24"])
    content = sheet([elector(1, phone="9876543210"), elector(2), elector(3, ac_no=155, part_no=3)])
    told = bring_in(api, services, headquarters, content, campaign_id=campaign)
    targets = services.stores.targets.in_part(campaign, "ac-24-17")
    assert (len(targets), told["outside_campaign"]) == (2, 1)
    assert services.stores.target_tallies.numbers(campaign, by="part_id")["ac-24-17"] == 2


def test_people_who_were_there_are_enrolled_by_a_second_sheet(
    api: Api, services: Services, headquarters: Person
) -> None:
    bring_in(api, services, headquarters, sheet([elector(1), elector(2)]))
    campaign = campaign_in(api, headquarters, ["ac-24"])
    told = bring_in(api, services, headquarters, sheet([elector(1)]), campaign_id=campaign)
    assert counts(told) == (1, 0, 0, 1, 0, 0)
    assert len(services.stores.targets.in_part(campaign, "ac-24-17")) == 1


def test_enrolling_makes_a_part_targets_once(api: Api, services: Services, headquarters: Person) -> None:
    bring_in(api, services, headquarters, sheet([elector(1), elector(2), elector(3, part_no=18)]))
    campaign = campaign_in(api, headquarters, ["ac-24"])
    for _ in range(2):
        answer = api.post(f"/campaigns/{campaign}/enrol", {"area": "ac-24-17"}, headquarters)
        assert answer.status_code == 202
        do_jobs(services)
        job = api.get(f"/jobs/{answer.json['id']}", headquarters).json
        assert (job["state"], job["result"]) == ("succeeded", {"parts": 1, "targets": 2})
    assert services.stores.target_tallies.numbers(campaign, by="part_id") == {"ac-24-17": 2}


def test_an_area_outside_the_campaign_cannot_be_enrolled(api: Api, headquarters: Person) -> None:
    campaign = campaign_in(api, headquarters, ["ac-24"])
    answer = api.post(f"/campaigns/{campaign}/enrol", {"area": "ac-155"}, headquarters)
    assert (answer.status_code, answer.json["errors"]) == (422, {"area": ["area_not_in_campaign"]})


def test_a_new_number_reaches_the_target_of_a_campaign(api: Api, services: Services, headquarters: Person) -> None:
    campaign = campaign_in(api, headquarters, ["ac-24"])
    bring_in(api, services, headquarters, sheet([elector(1)]), campaign_id=campaign)
    bring_in(api, services, headquarters, sheet([elector(1, phone="9876543210")]), campaign_id=campaign)
    (target,) = services.stores.targets.in_part(campaign, "ac-24-17")
    assert len(target["keys"]) == 1


def test_a_dry_run_shows_masked_rows_and_stores_nobody(api: Api, services: Services, headquarters: Person) -> None:
    content = sheet([elector(1, name="Sita Devi", phone="9876543210"), elector(2, age=7)])
    handed_in = hand_in(api, headquarters, content, dry_run="true")
    do_jobs(services)
    result = api.get(f"/jobs/{handed_in.json['id']}", headquarters).json["result"]
    assert result["mapping"]["phone"] == "phone"
    assert result["problems"] == {"under_18": 1}
    assert result["sample"][0]["addresses"][0]["masked"] == "+91 98••••••10"
    assert "Sita" not in str(result)
    assert services.stores.contacts.in_part("ac-24-17") == []
    assert services.stores.sources.by_ids([Source.from_plain({**ROLL, "notice_version": None}).id]) == {}


def test_a_dry_run_tells_what_it_read_where_imports_are_looked_at(
    api: Api, services: Services, headquarters: Person
) -> None:
    handed_in = hand_in(api, headquarters, sheet([elector(1), elector(2, age=7)]), dry_run="true")
    do_jobs(services)
    told = api.get(f"/contacts/imports/{handed_in.json['id']}", headquarters).json
    assert (told["dry_run"], counts(told)) == (True, (2, 0, 0, 0, 1, 0))
    assert told["result"]["problems"] == {"under_18": 1}


def test_a_mapping_that_is_given_goes_before_guesses(api: Api, services: Services, headquarters: Person) -> None:
    content = b"ac_no,part_no,name,one,two\n24,17,Sita Devi,9876543210,9876500000\n"
    bring_in(api, services, headquarters, content, mapping={"phone": "two"})
    (contact,) = services.stores.contacts.in_part("ac-24-17")
    assert [address.value for address in contact.addresses] == ["+919876500000"]


def test_an_import_can_be_cancelled_before_it_began(api: Api, services: Services, headquarters: Person) -> None:
    handed_in = hand_in(api, headquarters, sheet([elector(1)]))
    cancelled = api.post(f"/jobs/{handed_in.json['id']}/cancel", actor=headquarters)
    assert (cancelled.status_code, cancelled.json["state"]) == (200, "cancelled")
    do_jobs(services)
    assert services.stores.contacts.in_part("ac-24-17") == []


def test_an_import_is_headquarters_alone(api: Api, coordinator_of_churu: Person, headquarters: Person) -> None:
    assert hand_in(api, coordinator_of_churu, sheet([elector(1)])).status_code == 403
    job = hand_in(api, headquarters, sheet([elector(1)])).json
    assert api.get(f"/jobs/{job['id']}", coordinator_of_churu).status_code == 404


def test_the_same_key_hands_a_sheet_in_once(api: Api, headquarters: Person) -> None:
    key = {"Idempotency-Key": "sheet-1"}
    first = hand_in(api, headquarters, sheet([elector(1)]), headers=key)
    again = hand_in(api, headquarters, sheet([elector(1)]), headers=key)
    assert (again.status_code, again.json["id"]) == (202, first.json["id"])
    other = hand_in(api, headquarters, sheet([elector(2)]), headers=key)
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")


def test_what_was_not_read_of_a_sheet_is_said(api: Api, services: Services, headquarters: Person) -> None:
    first = workbook_rows(["name", "phone", "Shoe size", "phone"], ["Sita Devi", 9876543210, 7, 9876500000])
    content = workbook(first, workbook_rows(["name"], ["Gita Devi"]))
    told = bring_in(api, services, headquarters, content, source=LIST)
    assert (told["unread_columns"], told["skipped_sheets"]) == (["Shoe size"], ["List 2"])
    trial = bring_in(api, services, headquarters, content, source=LIST, dry_run="true")
    assert (trial["unread_columns"], trial["skipped_sheets"]) == (["Shoe size"], ["List 2"])


def test_conflicting_facts_are_shown_with_their_sources(api: Api, services: Services, headquarters: Person) -> None:
    bring_in(api, services, headquarters, sheet([elector(1, age=40)]))
    later = {**ROLL, "name": "Visits of spring", "collected_on": "2026-10-20"}
    bring_in(api, services, headquarters, sheet([elector(1, age=41)]), source=later)
    (contact,) = services.stores.contacts.in_part("ac-24-17")
    shown = api.get(f"/contacts/{contact.id}", headquarters).json
    assert [(one["field"], one["value"], one["holds"], one["source"]["name"]) for one in shown["tellings"]] == [
        ("age", 41, True, "Visits of spring"),
        ("age", 40, False, "Roll of 2026"),
    ]


def test_what_somebody_corrected_holds_against_sheets_that_were_collected_before(
    api: Api, services: Services, headquarters: Person, clock: FrozenClock
) -> None:
    bring_in(api, services, headquarters, sheet([elector(1, age=40)]))
    (contact,) = services.stores.contacts.in_part("ac-24-17")
    assert api.patch(f"/contacts/{contact.id}", {"age": 44}, headquarters).status_code == 200
    ages = []
    for name, collected_on in (("Earlier", "2026-11-01"), ("Later", "2026-11-24")):
        source = {**ROLL, "name": name, "collected_on": collected_on}
        if name == "Later":
            clock.advance(timedelta(days=2))
        bring_in(api, services, headquarters, sheet([elector(1, age=30 + len(name))]), source=source)
        ages.append(services.stores.contacts.get(contact.id).age)
    assert ages == [44, 35]
    shown = api.get(f"/contacts/{contact.id}", headquarters).json
    assert (44, "correction") in [(one["value"], one["source"]["kind"]) for one in shown["tellings"]]
