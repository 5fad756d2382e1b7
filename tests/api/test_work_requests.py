"""Asking for more work: a request, a yes that brings one batch, a no with its reason; each district by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.batch_factories import make_campaign, make_people, wanted


@pytest.fixture
def campaign(api, services, headquarters):
    made = make_campaign(services)
    make_people(services, made, 6)
    assert api.post("/batches", wanted(made, size=2), headquarters).status_code == 201
    return made


@pytest.fixture
def asked(api, volunteer_of_churu, campaign):
    return ask(api, volunteer_of_churu, campaign).json["id"]


def ask(api, actor, campaign, **facts):
    return api.post("/me/requests", {"campaign_id": campaign, "channel": "call", **facts}, actor)


def test_an_open_request_is_answered_again(api, volunteer_of_churu, campaign):
    first = ask(api, volunteer_of_churu, campaign, note="I have all day")
    again = ask(api, volunteer_of_churu, campaign)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert (first.json["state"], first.json["note"]) == ("open", "I have all day")
    assert api.get("/me/requests", volunteer_of_churu).json["items"] == [first.json]


def test_two_taps_at_once_ask_once(api, volunteer_of_churu, campaign):
    with ThreadPoolExecutor(6) as taps:
        answers = list(taps.map(lambda _: ask(api, volunteer_of_churu, campaign), range(6)))
    assert len({answer.json["id"] for answer in answers}) == 1


def test_an_approved_request_brings_one_batch(api, services, coordinator_of_churu, volunteer_of_churu, asked):
    with ThreadPoolExecutor(4) as taps:
        approve = f"/requests/{asked}/approve"
        answers = list(taps.map(lambda _: api.post(approve, None, coordinator_of_churu), range(4)))
    assert {answer.status_code for answer in answers} == {200}
    batch_id = answers[0].json["batch_id"]
    held = services.stores.batches.of_assignee(volunteer_of_churu.id, ["assigned"])
    assert [batch["_id"] for batch in held] == [batch_id]
    assert api.get(f"/requests/{asked}", coordinator_of_churu).json["state"] == "approved"


def test_a_coordinator_may_name_the_batch(api, services, coordinator_of_churu, volunteer_of_churu, asked):
    last = services.stores.batches.open_after("", ("pooled",), limit=9)[-1]["_id"]
    answer = api.post(f"/requests/{asked}/approve", {"batch_id": last}, coordinator_of_churu)
    assert answer.json["batch_id"] == last
    assert services.stores.batches.get(last)["assignee"] == volunteer_of_churu.id


def test_an_empty_pool_leaves_the_request_open(api, headquarters, volunteer_of_churu, services):
    campaign = make_campaign(services)
    request_id = ask(api, volunteer_of_churu, campaign).json["id"]
    answer = api.post(f"/requests/{request_id}/approve", None, headquarters)
    assert (answer.status_code, answer.json["code"]) == (404, "no_batch")
    assert api.get(f"/requests/{request_id}", headquarters).json["state"] == "open"


def test_a_declined_request_says_why_and_another_may_be_made(
    api, coordinator_of_churu, volunteer_of_churu, campaign, asked
):
    answer = api.post(f"/requests/{asked}/decline", {"reason": "finish first"}, coordinator_of_churu)
    assert (answer.json["state"], answer.json["reason"]) == ("declined", "finish first")
    assert api.post(f"/requests/{asked}/approve", None, coordinator_of_churu).status_code == 409
    assert ask(api, volunteer_of_churu, campaign).json["id"] != asked
    states = [one["state"] for one in api.get("/me/requests", volunteer_of_churu).json["items"]]
    assert states == ["declined", "open"]


def test_a_withdrawn_request_cannot_be_approved(api, coordinator_of_churu, volunteer_of_churu, asked):
    assert api.post(f"/me/requests/{asked}/withdraw", None, volunteer_of_churu).json["state"] == "withdrawn"
    assert api.post(f"/requests/{asked}/approve", None, coordinator_of_churu).status_code == 409


def test_another_district_does_not_see_it(api, coordinator_of_bhilwara, volunteer_of_bhilwara, asked):
    assert api.get("/requests", coordinator_of_bhilwara).json["items"] == []
    assert api.get("/requests?area=rj-churu", coordinator_of_bhilwara).status_code == 422
    for path in ("approve", "decline"):
        body = {"reason": "no"} if path == "decline" else None
        assert api.post(f"/requests/{asked}/{path}", body, coordinator_of_bhilwara).status_code == 404
    assert api.post(f"/me/requests/{asked}/withdraw", None, volunteer_of_bhilwara).status_code == 404


def test_requests_are_listed_by_state(api, coordinator_of_churu, asked, campaign):
    listed = api.get(f"/requests?state=open&campaign_id={campaign}", coordinator_of_churu).json["items"]
    assert [one["id"] for one in listed] == [asked]
    assert api.get("/requests?state=declined", coordinator_of_churu).json["items"] == []


def test_a_channel_that_the_campaign_has_not_is_refused(api, volunteer_of_churu, campaign):
    body = {"campaign_id": campaign, "channel": "x"}
    answer = api.post("/me/requests", body, volunteer_of_churu)
    assert (answer.status_code, answer.json["errors"]) == (422, {"channel": ["channel_not_in_campaign"]})
