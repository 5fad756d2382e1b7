"""A campaign's own fields filled from sheets: mapped, guessed, read by kind, refused with reasons, undone."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from services.facade import Services
from tests.api.conftest import Api
from tests.api.sheets import ROLL, bring_in, campaign_in, counts, do_jobs, elector, hand_in, sheet
from tests.factories import Person

HEAD = ("ac_no", "part_no", "serial_no", "name", "Likes", "Team")
FIELDS = (
    {"name": "first_vote", "label": {"hi": "पहला मत", "en": "First vote"}, "kind": "boolean"},
    {"name": "team", "label": {"hi": "टोली", "en": "Team"}, "kind": "choice", "options": ["Red", "Blue"]},
    {"name": "met_on", "label": {"hi": "मिले", "en": "Met on"}, "kind": "date"},
    {"name": "score", "label": {"hi": "अंक", "en": "Score"}, "kind": "number"},
    {"name": "remark", "label": {"hi": "टिप्पणी", "en": "Remark"}, "kind": "text"},
)


@pytest.fixture
def campaign(api: Api, headquarters: Person) -> str:
    campaign_id = campaign_in(api, headquarters, ["ac-24"])
    for field in FIELDS:
        assert api.post(f"/campaigns/{campaign_id}/fields", field, headquarters).status_code == 201
    return campaign_id


def known(api: Api, services: Services, actor: Person, campaign: str) -> list[dict[str, Any]]:
    """What the campaign's fields hold of the people of the part, in the order of their serials."""
    people = sorted(services.stores.contacts.in_part("ac-24-17"), key=lambda one: one.serial_no or 0)
    query = {"campaign_id": campaign}
    return [dict(api.get(f"/contacts/{one.id}/fields", actor, query_string=query).json) for one in people]


def test_mapped_columns_fill_the_fields_and_labels_are_guessed(
    api: Api, services: Services, headquarters: Person, campaign: str
) -> None:
    content = sheet([elector(1, Likes="हाँ", Team="red"), elector(2, Likes="नहीं", Team="-")], HEAD)
    told = bring_in(api, services, headquarters, content, campaign_id=campaign, mapping={"custom.first_vote": "Likes"})
    assert counts(told) == (2, 2, 0, 0, 0, 0)
    assert [one["values"] for one in known(api, services, headquarters, campaign)] == [
        {"first_vote": True, "team": "Red"},
        {"first_vote": False},
    ]


def test_every_kind_is_read_as_people_write_it(
    api: Api, services: Services, headquarters: Person, campaign: str
) -> None:
    content = sheet(
        [
            elector(1, **{"Met on": "5 मई 2026", "Score": "१२.५", "custom.remark": "आम"}),
            elector(2, **{"Met on": "2026-05-05", "Score": "9.876543E+05"}),
        ],
        ("ac_no", "part_no", "serial_no", "name", "Met on", "Score", "custom.remark"),
    )
    assert counts(bring_in(api, services, headquarters, content, campaign_id=campaign)) == (2, 2, 0, 0, 0, 0)
    assert [one["values"] for one in known(api, services, headquarters, campaign)] == [
        {"met_on": "2026-05-05", "score": 12.5, "remark": "आम"},
        {"met_on": "2026-05-05", "score": 987654.3},
    ]


def test_value_of_another_kind_refuses_the_row_with_its_column(
    api: Api, services: Services, headquarters: Person, campaign: str
) -> None:
    head = ("ac_no", "part_no", "serial_no", "name", "First vote", "Team", "Met on", "Score", "Remark")
    wrong = {"First vote": "perhaps", "Team": "Green", "Met on": "soon", "Score": "many", "Remark": "x" * 201}
    content = sheet([elector(at, **{name: cell}) for at, (name, cell) in enumerate(wrong.items(), 1)], head)
    told = bring_in(api, services, headquarters, content, campaign_id=campaign)
    assert counts(told) == (5, 0, 0, 0, 5, 0)
    answer = api.get(f"/contacts/imports/{told['id']}/rejects.csv", headquarters, headers={"Accept-Language": "hi"})
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["column"], row["code"]) for row in rows] == [
        ("First vote", "yes_or_no"),
        ("Team", "choice_unknown"),
        ("Met on", "date_invalid"),
        ("Score", "number_invalid"),
        ("Remark", "cell_too_long"),
    ]
    assert "हाँ या नहीं" in rows[0]["message"]


def test_row_that_tells_nothing_else_counts_as_updated_once(
    api: Api, services: Services, headquarters: Person, campaign: str
) -> None:
    bring_in(api, services, headquarters, sheet([elector(1), elector(2)]), campaign_id=campaign)
    content = sheet([elector(1, Team="Red"), elector(2)], HEAD)
    assert counts(bring_in(api, services, headquarters, content, campaign_id=campaign)) == (2, 0, 1, 1, 0, 0)
    assert counts(bring_in(api, services, headquarters, content, campaign_id=campaign)) == (2, 0, 0, 2, 0, 0)


def test_later_telling_holds_and_the_other_stays_beside_with_its_source(
    api: Api, services: Services, headquarters: Person, campaign: str
) -> None:
    later = {**ROLL, "collected_on": "2026-10-20"}
    bring_in(api, services, headquarters, sheet([elector(1, Team="Red")], HEAD), campaign_id=campaign, source=later)
    earlier = bring_in(api, services, headquarters, sheet([elector(1, Team="Blue")], HEAD), campaign_id=campaign)
    [one] = known(api, services, headquarters, campaign)
    assert one["values"] == {"team": "Red"}
    assert one["told_differently"] == [{"name": "team", "value": "Blue", "source_id": earlier["source_id"]}]


def test_undo_takes_what_an_import_told_and_leaves_what_a_person_wrote(
    api: Api, services: Services, headquarters: Person, campaign: str
) -> None:
    bring_in(api, services, headquarters, sheet([elector(1), elector(2)]), campaign_id=campaign)
    told = bring_in(
        api,
        services,
        headquarters,
        sheet([elector(1, Team="Red"), elector(2, Team="Red")], HEAD),
        campaign_id=campaign,
    )
    by_hand = max(services.stores.contacts.in_part("ac-24-17"), key=lambda one: one.serial_no or 0)
    body = {"campaign_id": campaign, "values": {"score": 3}}
    assert api.put(f"/contacts/{by_hand.id}/fields", body, headquarters).status_code == 200
    job = api.post(f"/contacts/imports/{told['id']}/undo", actor=headquarters).json
    do_jobs(services)
    assert api.get(f"/jobs/{job['id']}", headquarters).json["result"].items() >= {
        ("restored", 1),
        ("kept", 1),
    }
    assert [one["values"] for one in known(api, services, headquarters, campaign)] == [
        {},
        {"team": "Red", "score": 3},
    ]


@pytest.mark.parametrize(
    ("mapping", "errors"),
    [
        ({"custom.nosuch": "Team"}, {"mapping.custom.nosuch": ["unknown_field"]}),
        ({"custom.team": "Nowhere"}, {"mapping.custom.team": ["unknown_column"]}),
        ({"custom.": "Team"}, {"mapping.custom..key": ["unknown_field"]}),
    ],
)
def test_mapping_that_cannot_be_is_named(
    api: Api, headquarters: Person, campaign: str, mapping: dict[str, str], errors: dict[str, list[str]]
) -> None:
    answer = hand_in(api, headquarters, sheet([elector(1)], HEAD), campaign_id=campaign, mapping=mapping)
    assert (answer.status_code, answer.json["errors"]) == (422, errors)


def test_fields_need_a_campaign_and_no_mapping_lets_a_forbidden_column_in(
    api: Api, headquarters: Person, campaign: str
) -> None:
    mapping = {"custom.team": "Team"}
    answer = hand_in(api, headquarters, sheet([elector(1)], HEAD), mapping=mapping)
    assert (answer.status_code, answer.json["errors"]) == (422, {"campaign_id": ["required"]})
    content = sheet([elector(1)], ("ac_no", "part_no", "serial_no", "name", "जाति"))
    answer = hand_in(api, headquarters, content, campaign_id=campaign, mapping={"custom.remark": "जाति"})
    assert (answer.status_code, answer.json["code"]) == (422, "forbidden_column")


def test_dry_run_shows_fields_as_they_would_be_kept(
    api: Api, services: Services, headquarters: Person, campaign: str
) -> None:
    content = sheet([elector(1, Team="blue")], HEAD)
    told = bring_in(api, services, headquarters, content, campaign_id=campaign, dry_run="true")
    assert told["result"]["mapping"]["custom.team"] == "Team"
    assert told["result"]["sample"][0]["fields"] == {"team": "Blue"}
