"""Broadcasts to the whole state wait for a second person, and what is to be shared is shared while it may be."""

from __future__ import annotations

import pytest

from tests.api.test_tasks import made, shared, tell, titles

__all__ = ["made", "shared", "tell"]  # fixtures


@pytest.mark.parametrize(
    ("kind", "audience"),
    [
        *(("share", audience) for audience in ({}, {"roles": ["volunteer"]}, {"areas": ["rj"]})),
        *((kind, {}) for kind in ("read", "attend", "train", "custom")),
    ],
)
def test_broadcast_to_the_whole_state_waits_for_a_second_person(
    api, made, shared, tell, headquarters, second_headquarters, volunteer_of_churu, kind, audience
):
    asked = made(**(shared if kind == "share" else {"kind": kind}), audience=audience)
    tell()
    assert asked["state"] == "pending"
    assert titles(api, volunteer_of_churu) == []

    own = api.post(f"/tasks/{asked['id']}/approve", actor=headquarters)
    assert (own.status_code, own.json["code"]) == (409, "own_approval")
    approved = api.post(f"/tasks/{asked['id']}/approve", actor=second_headquarters)
    tell()

    assert (approved.status_code, approved.json["state"]) == (200, "open")
    assert titles(api, volunteer_of_churu) == ["Read the new note"]


def test_all_districts_by_name_are_the_whole_state(services, made):
    assert made(audience={"areas": services.places.district_ids()})["state"] == "pending"


def test_broadcast_of_a_text_that_was_withdrawn_meanwhile_is_not_approved(
    api, made, shared, headquarters, second_headquarters
):
    asked = made(**shared, audience={})
    api.post(f"/templates/{shared['template_id']}/versions/1/withdraw", {"reason": "wrong date"}, headquarters)

    answer = api.post(f"/tasks/{asked['id']}/approve", actor=second_headquarters)

    assert (answer.status_code, answer.json["code"]) == (409, "state_conflict")


def test_task_is_approved_once(api, made, second_headquarters):
    asked = made(audience={})

    first, second = (api.post(f"/tasks/{asked['id']}/approve", actor=second_headquarters) for _ in range(2))

    assert (first.status_code, second.status_code, second.json["code"]) == (200, 409, "state_conflict")


def test_coordinator_cannot_approve(api, made, coordinator_of_churu):
    asked = made(audience={})

    assert api.post(f"/tasks/{asked['id']}/approve", actor=coordinator_of_churu).status_code == 403


def test_text_that_is_stopped_is_shared_no_more(api, made, shared, tell, headquarters, second_headquarters, person):
    volunteer = person(home_area="rj-churu")
    made(**shared)
    tell()
    assert titles(api, volunteer) == ["Read the new note"]
    stop = {"on": True, "template_id": shared["template_id"], "reason": "Complaint"}
    api.post("/kill-switch", stop, headquarters)
    assert titles(api, volunteer) == []

    api.post("/kill-switch", {**stop, "on": False}, second_headquarters)
    assert titles(api, volunteer) == ["Read the new note"]

    api.post(f"/templates/{shared['template_id']}/versions/1/withdraw", {"reason": "wrong date"}, headquarters)
    assert titles(api, volunteer) == []
