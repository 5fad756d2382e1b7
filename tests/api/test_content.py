"""The way of scripts and templates from draft to live, over HTTP."""

from __future__ import annotations

import pytest

from tests.fieldwork import make_campaign
from tests.library import SCRIPT, TEMPLATE, make_content, make_live, move

KINDS = pytest.mark.parametrize("kind", ["template", "script"])


def states(content):
    return [version["state"] for version in content["versions"]]


def version_of(kind):
    whole = TEMPLATE if kind == "template" else SCRIPT
    return {name: value for name, value in whole.items() if name not in {"name", "category", "channel"}}


@KINDS
def test_new_content_is_a_draft(api, expert, kind):
    made = make_content(api, kind, expert)

    assert states(made) == ["draft"]
    assert made["live_version"] is None
    assert made["versions"][0]["created_by"] == expert.id


@KINDS
def test_approved_by_a_second_person_it_is_live(api, expert, headquarters, kind):
    made = make_live(api, kind, expert, headquarters)

    assert (states(made), made["live_version"]) == (["live"], 1)
    assert made["versions"][0]["approved_by"] == headquarters.id


@KINDS
def test_author_cannot_approve(api, headquarters, kind):
    made = make_content(api, kind, headquarters)
    move(api, kind, made["id"], "submit", headquarters)

    answer = move(api, kind, made["id"], "approve", headquarters)

    assert (answer.status_code, answer.json["code"]) == (409, "own_approval")


def test_whoever_submitted_cannot_approve(api, expert, headquarters):
    made = make_content(api, "template", expert)
    move(api, "template", made["id"], "submit", headquarters)

    assert move(api, "template", made["id"], "approve", headquarters).json["code"] == "own_approval"


@KINDS
def test_expert_cannot_approve_and_coordinator_cannot_write(api, expert, coordinator_of_churu, kind):
    made = make_content(api, kind, expert)

    assert move(api, kind, made["id"], "approve", expert).status_code == 403
    assert move(api, kind, made["id"], "submit", coordinator_of_churu).status_code == 403
    assert api.get(f"/{kind}s/{made['id']}", coordinator_of_churu).status_code == 200


@pytest.mark.parametrize("change", ["approve", "reject"])
def test_draft_is_not_decided_before_it_is_submitted(api, expert, headquarters, change):
    made = make_content(api, "template", expert)

    answer = move(api, "template", made["id"], change, headquarters)

    assert (answer.status_code, answer.json["code"]) == (409, "state_conflict")


@KINDS
def test_rejected_version_stays_so_and_says_why(api, expert, headquarters, kind):
    made = make_content(api, kind, expert)
    move(api, kind, made["id"], "submit", expert)

    rejected = move(api, kind, made["id"], "reject", headquarters, body={"reason": "Too long"})

    assert rejected.json["versions"][0]["reason"] == "Too long"
    assert move(api, kind, made["id"], "submit", expert).json["code"] == "state_conflict"


def test_change_told_twice_changes_once(api, expert, headquarters):
    made = make_live(api, "template", expert, headquarters)

    again = move(api, "template", made["id"], "approve", headquarters)

    assert (again.status_code, again.json["version"]) == (200, made["version"])


@KINDS
def test_edit_is_another_version_and_the_live_one_stays(api, expert, headquarters, kind):
    made = make_live(api, kind, expert, headquarters)

    edited = api.post(f"/{kind}s/{made['id']}/versions", version_of(kind), expert).json

    assert (states(edited), edited["live_version"]) == (["live", "draft"], 1)


def test_approved_edit_takes_the_place_of_the_live_one(api, expert, headquarters):
    made = make_live(api, "template", expert, headquarters)
    body = {**version_of("template"), "body": {"hi": "नया", "en": "New"}}
    api.post(f"/templates/{made['id']}/versions", body, expert)
    move(api, "template", made["id"], "submit", expert, version=2)

    edited = move(api, "template", made["id"], "approve", headquarters, version=2).json

    assert (states(edited), edited["live_version"]) == (["superseded", "live"], 2)
    assert edited["versions"][0]["body"] == TEMPLATE["body"]


@KINDS
def test_withdrawn_content_leaves_the_phones(api, services, expert, headquarters, kind):
    made = make_live(api, kind, expert, headquarters)
    store = services.stores.templates if kind == "template" else services.stores.scripts
    assert [(one["_id"], one["live"]["version"]) for one in store.list_live(["c"])] == [(made["id"], 1)]

    assert move(api, kind, made["id"], "withdraw", expert).json["live_version"] is None
    assert store.list_live(["c"]) == []


def test_stale_version_is_refused(api, expert):
    made = make_content(api, "template", expert)
    stale = {"If-Match": f'"{made["version"] - 1}"'}

    assert move(api, "template", made["id"], "submit", expert, headers=stale).status_code == 412


def test_unknown_content_or_version_is_not_found(api, expert):
    made = make_content(api, "script", expert)

    assert move(api, "script", made["id"], "submit", expert, version=2).status_code == 404
    assert move(api, "script", "nosuch", "submit", expert).status_code == 404


def test_same_key_makes_one(api, expert):
    first, second = (api.post("/scripts", SCRIPT, expert, headers={"Idempotency-Key": "k"}) for _ in range(2))

    assert first.json["id"] == second.json["id"]
    assert len(api.get("/scripts", expert).json["items"]) == 1


def test_content_of_an_unknown_campaign_is_refused(api, expert):
    answer = api.post("/templates", {**TEMPLATE, "campaign_id": "nosuch"}, expert)

    assert answer.json["errors"] == {"campaign_id": ["campaign_unknown"]}


def test_phones_get_their_campaigns_content_and_what_is_for_all(api, services, expert, headquarters):
    one, other = (make_campaign(services, headquarters) for _ in range(2))
    own = make_live(api, "template", expert, headquarters, campaign_id=one)
    for_all = make_live(api, "template", expert, headquarters)
    make_live(api, "template", expert, headquarters, campaign_id=other)

    assert {item["_id"] for item in services.stores.templates.list_live([one])} == {own["id"], for_all["id"]}


def test_campaigns_content_version_moves_when_content_goes_live(api, services, expert, headquarters):
    one, other = (make_campaign(services, headquarters) for _ in range(2))
    before = {key: services.campaigns.get(key)["content_version"] for key in (one, other)}

    make_live(api, "template", expert, headquarters, campaign_id=one)

    assert services.campaigns.get(one)["content_version"] == before[one] + 1
    assert services.campaigns.get(other)["content_version"] == before[other]


def test_list_pages_newest_first_and_filters(api, expert, headquarters):
    made = [make_content(api, "template", expert, name=f"T{number}")["id"] for number in range(3)]
    live = make_live(api, "template", expert, headquarters, channel="sms")["id"]

    first = api.get("/templates?limit=2", expert).json
    rest = api.get(f"/templates?limit=2&cursor={first['next_cursor']}", expert).json
    assert [item["id"] for item in (*first["items"], *rest["items"])] == [live, *reversed(made)]
    assert "body" not in first["items"][0]["versions"][0]
    assert [item["id"] for item in api.get("/templates?state=live&channel=sms", expert).json["items"]] == [live]
