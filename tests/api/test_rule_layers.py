"""Rules in layers over HTTP: the state's, a campaign's, a constituency's, a part's, each at its time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.domain.contacts.contacts import Place
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import MORNING, Api
from tests.factories import Person
from tests.fieldwork import DISTRICT, PART, SEAT

WIDER = {"contact_window": {"from": "10:00", "to": "20:00"}}
NARROWER = {"contact_window": {"from": "11:00", "to": "17:00"}}


@pytest.fixture
def campaign(api: Api, headquarters: Person) -> str:
    body = {"name": "Sujangarh", "constituencies": [SEAT], "channels": ["call", "whatsapp"]}
    return str(api.post("/campaigns", body, headquarters).json["id"])


@pytest.fixture
def path(campaign: str) -> str:
    return f"/campaigns/{campaign}/rules"


def window(api: Api, path: str, actor: Person, area: str | None = None) -> Any:
    asked = {"query_string": {"area": area}} if area else {}
    return api.get(path, actor, **asked).json["contact_window"]


def put_at(api: Api, path: str, body: dict[str, Any], actor: Person, area: str) -> Any:
    return api.put(path, body, actor, query_string={"area": area})


def test_state_reaches_a_campaign_that_says_nothing(api: Api, headquarters: Person, path: str) -> None:
    assert api.put("/rules", NARROWER, headquarters).json["state"] == "live"
    assert window(api, path, headquarters) == NARROWER["contact_window"]


def test_campaign_beats_the_state_in_what_it_says(api: Api, headquarters: Person, path: str) -> None:
    api.put(path, {"contact_window": {"from": "12:00", "to": "15:00"}}, headquarters)
    api.put("/rules", {**NARROWER, "caps": {"total": 3}}, headquarters)
    rules = api.get(path, headquarters).json
    assert (rules["contact_window"], rules["caps"]["total"]) == ({"from": "12:00", "to": "15:00"}, 3)


def test_null_gives_a_field_back_to_the_layer_below(
    api: Api, headquarters: Person, second_headquarters: Person, path: str
) -> None:
    api.put(path, NARROWER, headquarters)
    proposed = api.put(path, {"contact_window": None}, headquarters).json
    assert (proposed["state"], proposed["widens"]) == ("pending", ["contact_window"])
    api.post(f"{path}/{proposed['version']}/approve", None, second_headquarters)
    assert window(api, path, headquarters) == {"from": "10:00", "to": "19:00"}


def test_whole_answer_sent_back_pins_nothing(api: Api, headquarters: Person, path: str) -> None:
    api.put(path, {**api.get(path, headquarters).json, "complaints_pause": 1}, headquarters)
    api.put("/rules", NARROWER, headquarters)
    rules = api.get(path, headquarters).json
    assert (rules["contact_window"], rules["complaints_pause"]) == (NARROWER["contact_window"], 1)


def test_widening_of_the_state_waits_for_another_person(
    api: Api, headquarters: Person, second_headquarters: Person, path: str
) -> None:
    proposed = api.put("/rules", WIDER, headquarters).json
    assert proposed["state"] == "pending"
    assert window(api, path, headquarters)["to"] == "19:00"
    approve = f"/rules/{proposed['version']}/approve"
    assert api.post(approve, None, headquarters).json["code"] == "own_approval"
    assert api.post(approve, None, second_headquarters).json["state"] == "live"
    assert window(api, path, headquarters)["to"] == "20:00"


def test_rejected_rules_of_the_state_never_hold(api: Api, headquarters: Person, second_headquarters: Person) -> None:
    version = api.put("/rules", WIDER, headquarters).json["version"]
    assert api.post(f"/rules/{version}/reject", None, second_headquarters).json["state"] == "rejected"
    assert window(api, "/rules", headquarters)["to"] == "19:00"


def test_part_beats_its_constituency_beats_the_campaign(api: Api, headquarters: Person, path: str) -> None:
    put_at(api, path, {"contact_window": {"from": "11:00", "to": "18:00"}}, headquarters, SEAT)
    put_at(api, path, {"contact_window": {"to": "16:00"}}, headquarters, PART)
    assert window(api, path, headquarters) == {"from": "10:00", "to": "19:00"}
    assert window(api, path, headquarters, "ac-24-18") == {"from": "11:00", "to": "18:00"}
    assert window(api, path, headquarters, PART) == {"from": "11:00", "to": "16:00"}


def test_part_that_leaves_its_constituencys_narrower_hours_needs_another_person(
    api: Api, headquarters: Person, path: str
) -> None:
    put_at(api, path, {"contact_window": {"from": "11:00", "to": "18:00"}}, headquarters, SEAT)
    wider = put_at(api, path, {"contact_window": {"from": "10:00", "to": "19:00"}}, headquarters, PART).json
    assert (wider["state"], wider["widens"]) == ("pending", [f"areas.{PART}.contact_window"])


def test_state_that_widens_one_campaigns_place_needs_another_person(api: Api, headquarters: Person, path: str) -> None:
    api.put(path, {"contact_window": {"from": "12:00", "to": "15:00"}}, headquarters)
    # Narrower than the state's own, but in this constituency it would beat the campaign's.
    assert put_at(api, "/rules", NARROWER, headquarters, SEAT).json["state"] == "pending"


def test_later_version_takes_back_nothing_that_was_set_meanwhile(
    api: Api, headquarters: Person, path: str, clock: FrozenClock
) -> None:
    tomorrow = (MORNING + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert api.put(path, {"caps": {"total": 4}, "effective_from": tomorrow}, headquarters).json["state"] == "live"
    api.put(path, NARROWER, headquarters)
    shown = api.get(path, headquarters).json
    assert (shown["caps"]["total"], [one["caps"]["total"] for one in shown["scheduled"]]) == (5, [4])
    clock.advance(timedelta(days=1))
    rules = api.get(path, headquarters).json
    assert (rules["caps"]["total"], rules["contact_window"]) == (4, NARROWER["contact_window"])


def test_version_that_undoes_what_begins_later_widens(api: Api, headquarters: Person, path: str) -> None:
    first, second = ((MORNING + timedelta(days=days)).isoformat().replace("+00:00", "Z") for days in (1, 2))
    api.put(path, {"caps": {"total": 4}, "effective_from": first}, headquarters)
    assert api.put(path, {"caps": {"total": 5}, "effective_from": second}, headquarters).json["state"] == "pending"


def test_what_says_nothing_new_makes_no_version(api: Api, headquarters: Person, path: str) -> None:
    assert api.put(path, {"caps": {"total": 5}}, headquarters).json["version"] == 1


@pytest.mark.parametrize(
    ("body", "area", "field"),
    [
        ({"areas": {"ac-999": {"complaints_pause": 1}}}, None, "areas.ac-999"),
        ({"areas": {"rj-churu": {"complaints_pause": 1}}}, None, "areas.rj-churu"),
        ({"areas": {"ac-155": {"complaints_pause": 1}}}, None, "areas.ac-155"),
        ({"areas": {SEAT: {"colour": "red"}}}, None, f"areas.{SEAT}.colour"),
        ({"areas": []}, None, "areas"),
        ({"areas": {SEAT: []}}, None, f"areas.{SEAT}"),
        ({"areas": {"ac-24-18": {"complaints_pause": 1}}}, SEAT, "areas"),
        ({"contact_window": {"from": None, "to": "17:00"}}, None, "contact_window.from"),
        ({"contact_window": {"from": {"hour": 10}, "to": "17:00"}}, None, "contact_window.from"),
        ({"caps": {"total": None}}, None, "caps.total"),
        ({"effective_from": "0001-01-01T00:00:00+23:59"}, None, "effective_from"),
        ({"caps": {"total": "many"}}, SEAT, "caps.total"),
        ({"complaints_pause": 1}, "ac-155", "area"),
        ({"effective_from": "tomorrow"}, None, "effective_from"),
        ({"contact_window": {"from": "10:00", "to": "22:00"}}, None, "contact_window"),
    ],
)
def test_wrong_rules_are_named_and_nothing_is_kept(
    api: Api, headquarters: Person, path: str, body: dict[str, Any], area: str | None, field: str
) -> None:
    answer = api.put(path, body, headquarters, query_string={"area": area} if area else {})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert api.get(path, headquarters).json["version"] == 1


def test_preview_tells_what_would_change_and_keeps_nothing(
    api: Api, headquarters: Person, observer: Person, services: Services, campaign: str, path: str
) -> None:
    services.stores.target_tallies.put(
        campaign, {Place("rj", DISTRICT, SEAT, PART): 700, Place("rj", DISTRICT, SEAT, "ac-24-18"): 300}, at=MORNING
    )
    api.put("/areas/ac-24-17/poll", {"opens_at": _day(9, 2), "closes_at": _day(9, 12)}, headquarters)
    body = {"contact_window": {"to": "20:00"}, "silence_hours": {"default": 72}}
    seen = api.post(f"{path}/preview", body, observer).json
    assert (seen["state"], seen["widens"], seen["targets"]) == ("pending", ["contact_window"], 1000)
    assert [(one["path"], one["widens"]) for one in seen["fields"]] == [
        ("contact_window.to", True),
        ("contact_window.from", True),
        ("silence_hours.default", False),
    ]
    rows = {(row["area_id"], row["channel"]): row for row in seen["hours"]}
    assert rows.keys() == {(area, channel) for area in (SEAT, PART) for channel in ("call", "whatsapp")}
    here = rows[PART, "call"]
    assert (here["targets"], rows[SEAT, "call"]["targets"]) == (700, 300)
    assert (here["before"]["silence"]["from"], here["after"]["silence"]["from"]) == (_day(7, 12), _day(6, 12))
    assert here["after"]["open_minutes"] - here["before"]["open_minutes"] < 7 * 60
    assert rows[SEAT, "call"]["after"]["open_minutes"] - rows[SEAT, "call"]["before"]["open_minutes"] == 7 * 60
    assert api.get(path, headquarters).json["pending"] == []


def test_preview_of_the_states_rules_covers_every_campaign(api: Api, headquarters: Person, campaign: str) -> None:
    seen = api.post("/rules/preview", NARROWER, headquarters, query_string={"area": PART}).json
    assert (seen["state"], seen["campaigns"]) == ("live", 1)
    assert {(row["campaign_id"], row["area_id"]) for row in seen["hours"]} == {(campaign, PART)}


def test_preview_tells_whoever_sees_no_single_person_targets_in_tens(
    api: Api, services: Services, observer: Person, campaign: str
) -> None:
    services.stores.target_tallies.put(campaign, {Place("rj", DISTRICT, SEAT, PART): 7}, at=MORNING)
    seen = api.post("/rules/preview", NARROWER, observer, query_string={"area": PART}).json
    assert {row["targets"] for row in seen["hours"]} == {None}
    assert (seen["targets"], {field["targets"] for field in seen["fields"]}) == (None, {None})


def _day(days: int, hour: int) -> str:
    moment = (MORNING + timedelta(days=days)).replace(hour=hour, minute=0)
    return moment.isoformat().replace("+00:00", "Z")
