"""Campaigns: places, helpers, states, and the stops that need a second person to lift."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.factories import Person

CAMPAIGN = {"name": "Sujangarh", "constituencies": ["ac-24"], "channels": ["call"]}


@pytest.fixture
def campaign(api: Api, headquarters: Person) -> dict[str, Any]:
    made: dict[str, Any] = api.post("/campaigns", CAMPAIGN, headquarters).json
    return made


def test_new_campaign_is_a_draft(campaign: dict[str, Any]) -> None:
    assert (campaign["state"], campaign["helpers"], campaign["default_locale"]) == ("draft", [], "hi")


def test_campaign_made_twice_with_one_key_is_made_once(api: Api, headquarters: Person) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first, second = (api.post("/campaigns", CAMPAIGN, headquarters, headers=headers) for _ in range(2))
    assert first.json["id"] == second.json["id"]
    other = api.post("/campaigns", {**CAMPAIGN, "name": "Other"}, headquarters, headers=headers)
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"constituencies": []}, "constituencies"),
        ({"constituencies": ["ac-999"]}, "constituencies"),
        ({"constituencies": ["rj-churu"]}, "constituencies"),
        ({"channels": ["fax"]}, "channels.0"),
        ({"helpers": [{"constituency": "ac-155", "districts": ["rj-churu"]}]}, "helpers"),
        ({"helpers": [{"constituency": "ac-24", "districts": ["ac-24"]}]}, "helpers"),
        ({"rules": {"caps": {"total": "many"}}}, "rules.caps.total"),
        ({"caste": "x"}, "caste"),
    ],
)
def test_campaign_that_is_wrong_names_the_field(
    api: Api, headquarters: Person, change: dict[str, Any], field: str
) -> None:
    answer = api.post("/campaigns", {**CAMPAIGN, **change}, headquarters)
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    assert api.get("/campaigns", headquarters).json["items"] == []


def test_campaign_moves_through_its_states(api: Api, headquarters: Person, campaign: dict[str, Any]) -> None:
    path = f"/campaigns/{campaign['id']}"
    states = [
        api.post(f"{path}/{move}", None, headquarters).json["state"] for move in ("activate", "pause", "activate")
    ]
    assert states == ["active", "paused", "active"]
    assert api.post(f"{path}/close", None, headquarters).json["state"] == "closed"
    assert api.post(f"{path}/activate", None, headquarters).json["code"] == "state_conflict"


def test_campaign_activated_twice_stays_active(api: Api, headquarters: Person, campaign: dict[str, Any]) -> None:
    path = f"/campaigns/{campaign['id']}/activate"
    assert [api.post(path, None, headquarters).status_code for _ in range(2)] == [200, 200]


def test_edit_with_a_stale_tag_is_refused(api: Api, headquarters: Person, campaign: dict[str, Any]) -> None:
    path = f"/campaigns/{campaign['id']}"
    tag = api.get(path, headquarters).headers["ETag"]
    assert api.patch(path, {"name": "First"}, headquarters, headers={"If-Match": tag}).status_code == 200
    late = api.patch(path, {"name": "Second"}, headquarters, headers={"If-Match": tag})
    assert (late.status_code, late.json["code"]) == (412, "stale_version")
    assert api.get(path, headquarters).json["name"] == "First"


def test_edit_with_a_list_of_tags_wants_the_present_one_in_it(
    api: Api, headquarters: Person, campaign: dict[str, Any]
) -> None:
    path = f"/campaigns/{campaign['id']}"
    tag = api.get(path, headquarters).headers["ETag"]
    listed = {"If-Match": f'"never-ours", {tag}'}
    assert api.patch(path, {"name": "First"}, headquarters, headers=listed).status_code == 200
    assert api.patch(path, {"name": "Second"}, headquarters, headers=listed).status_code == 412


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_tag_of_a_compressed_answer_names_the_version(api: Api, headquarters: Person, encoding: str) -> None:
    body = {**CAMPAIGN, "name": "A long name " * 16, "constituencies": ["ac-24", "ac-155", "ac-175", "ac-179"]}
    path = f"/campaigns/{api.post('/campaigns', body, headquarters).json['id']}/rules"
    answer = api.get(path, headquarters, headers={"Accept-Encoding": encoding})
    assert answer.headers["Content-Encoding"] == encoding
    changed = api.put(path, {"complaints_pause": 1}, headquarters, headers={"If-Match": answer.headers["ETag"]})
    assert changed.status_code == 200


def test_unchanged_campaign_is_not_sent_again(api: Api, headquarters: Person, campaign: dict[str, Any]) -> None:
    path = f"/campaigns/{campaign['id']}"
    tag = api.get(path, headquarters).headers["ETag"]
    assert api.get(path, headquarters, headers={"If-None-Match": tag}).status_code == 304


def test_constituency_leaves_no_running_campaign(api: Api, headquarters: Person, campaign: dict[str, Any]) -> None:
    path = f"/campaigns/{campaign['id']}"
    api.post(f"{path}/activate", None, headquarters)
    answer = api.patch(path, {"constituencies": ["ac-155"]}, headquarters)
    assert answer.json["errors"] == {"constituencies": ["constituency_in_use"]}


def test_campaigns_are_paged(api: Api, headquarters: Person) -> None:
    made = [api.post("/campaigns", {**CAMPAIGN, "name": f"n{at}"}, headquarters).json["id"] for at in range(5)]
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = api.get(f"/campaigns?limit=2&cursor={cursor}", headquarters).json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == made


def test_kill_switch_is_lifted_by_another_person_only(
    api: Api, headquarters: Person, second_headquarters: Person, campaign: dict[str, Any]
) -> None:
    for path in ("/kill-switch", f"/campaigns/{campaign['id']}/kill-switch"):
        on, off = (
            {"on": True, "channel": "call", "reason": "a wrong text"},
            {"on": False, "channel": "call", "reason": "mended"},
        )
        assert len(api.post(path, on, headquarters).json["kill_switches"]) == 1
        assert len(api.post(path, on, second_headquarters).json["kill_switches"]) == 1
        assert api.post(path, off, headquarters).json["code"] == "own_approval"
        assert api.post(path, off, second_headquarters).json["kill_switches"] == []
        assert api.post(path, off, second_headquarters).json["code"] == "state_conflict"


def test_coordinator_makes_no_campaign(api: Api, coordinator_of_churu: Person) -> None:
    assert api.post("/campaigns", CAMPAIGN, coordinator_of_churu).status_code == 403


def test_coordinator_stops_nothing(api: Api, coordinator_of_churu: Person) -> None:
    assert api.post("/kill-switch", {"on": True, "reason": "because"}, coordinator_of_churu).status_code == 403
