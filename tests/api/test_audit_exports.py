"""The audit trail handed out: all that match, and for a breach report whose data was shown to whom, and when."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.batch_factories import make_campaign, make_people, wanted
from tests.factories import Person, audited, sign_in


@pytest.fixture
def opened(api: Api, services: Services, headquarters: Person, app: Flask) -> Callable[..., list[str]]:
    """Give somebody a batch, open it, and return whose contacts it showed."""

    def make(holder: Person, *, signed_in: Person | None = None) -> list[str]:
        campaign_id = make_campaign(services)
        contacts = make_people(services, campaign_id, 2, parts=1)
        assign = {"mode": "volunteers", "user_ids": [holder.id]}
        made = api.post("/batches", wanted(campaign_id, assign=assign), headquarters).json
        assert api.post(f"/me/batches/{made['items'][0]['id']}/open", None, signed_in or holder).status_code == 200
        return sorted(contact.id for contact in contacts)

    return make


@pytest.fixture
def exported(api: Api, services: Services, headquarters: Person) -> Callable[..., list[dict[str, str]]]:
    """Ask for an export, let the worker make it, and read its file."""

    def rows(kind: str, **by: Any) -> list[dict[str, str]]:
        job = api.post("/audit/exports", {"kind": kind, **by}, headquarters)
        assert job.status_code == 202, job.json
        for step in services.worker_steps:
            if step.name == "audit-exports":
                step.run()
        state = api.get(f"/jobs/{job.json['id']}", headquarters).json
        assert state["state"] == "succeeded", state
        answer = api.get(f"/audit/exports/{job.json['id']}/file", headquarters)
        assert answer.status_code == 200
        found = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
        assert state["result"]["rows"] == len(found)
        return found

    return rows


def test_disclosures_say_whose_data_was_shown_to_whom_and_when(
    exported: Any, opened: Any, volunteer_of_churu: Person
) -> None:
    contacts = opened(volunteer_of_churu)
    rows = exported("disclosures")
    assert sorted(row["contact_id"] for row in rows) == contacts
    assert {(row["actor"], row["session_id"], row["action"], row["at"]) for row in rows} == {
        (volunteer_of_churu.id, volunteer_of_churu.session_id, "batch.open", "2026-11-23T05:00:00Z")
    }
    assert all(row["request_id"] and row["address"] for row in rows)


def test_a_lost_phone_is_asked_for_by_its_installation(
    app: Flask, exported: Any, opened: Any, volunteer_of_churu: Person, volunteer_of_bhilwara: Person
) -> None:
    lost = sign_in(app, volunteer_of_churu.user, installation_id="phone-that-was-lost")
    contacts = opened(volunteer_of_churu, signed_in=lost)
    opened(volunteer_of_churu)
    opened(volunteer_of_bhilwara)
    assert (
        sorted(row["contact_id"] for row in exported("disclosures", installation_id="phone-that-was-lost")) == contacts
    )
    assert len(exported("disclosures", actor=volunteer_of_churu.id)) == 4
    assert len(exported("disclosures", session_id=lost.session_id)) == 2
    assert exported("disclosures", installation_id="another-phone") == []


def test_who_saw_one_person(
    exported: Any, opened: Any, volunteer_of_churu: Person, volunteer_of_bhilwara: Person
) -> None:
    first, _ = opened(volunteer_of_churu)
    opened(volunteer_of_bhilwara)
    [row] = exported("disclosures", contact_id=first)
    assert (row["contact_id"], row["actor"]) == (first, volunteer_of_churu.id)


def test_a_batch_that_another_phone_shows_is_a_disclosure_too(
    api: Api, app: Flask, exported: Any, opened: Any, services: Services, volunteer_of_churu: Person
) -> None:
    contacts = opened(volunteer_of_churu)
    batch_id = audited(services, "batch.open")[0]["subject"].removeprefix("batch:")
    second = sign_in(app, volunteer_of_churu.user)
    for _ in range(2):
        assert api.get(f"/me/batches/{batch_id}", second).status_code == 200
        assert api.get(f"/me/batches/{batch_id}", volunteer_of_churu).status_code == 200
    rows = exported("disclosures", session_id=second.session_id)
    assert sorted(row["contact_id"] for row in rows) == contacts
    assert {row["action"] for row in rows} == {"batch.show"}


def test_a_sync_to_another_phone_is_a_disclosure_too(
    api: Api, app: Flask, exported: Any, opened: Any, volunteer_of_churu: Person
) -> None:
    contacts = opened(volunteer_of_churu)
    second = sign_in(app, volunteer_of_churu.user)
    assert api.get("/me/sync", volunteer_of_churu).status_code == 200
    assert api.get("/me/sync", second).status_code == 200
    rows = exported("disclosures", session_id=second.session_id)
    assert sorted(row["contact_id"] for row in rows) == contacts


def test_a_window_of_time_bounds_it(
    exported: Any, opened: Any, volunteer_of_churu: Person, headquarters: Person, clock: FrozenClock
) -> None:
    opened(volunteer_of_churu)
    clock.advance(timedelta(days=1))
    later = opened(volunteer_of_churu)
    rows = exported("disclosures", **{"from": "2026-11-24T00:00:00Z", "to": "2026-11-25T00:00:00Z"})
    assert sorted(row["contact_id"] for row in rows) == later


def test_entries_are_handed_out_as_they_are_searched(exported: Any, headquarters: Person) -> None:
    [row] = exported("entries", action="session.open", actor=headquarters.id)
    assert (row["subject"], row["role"]) == (f"session:{headquarters.session_id}", "hq_admin")
    assert row["facts"] == '{"installation_id": null}'


def test_what_is_handed_out_is_noted_too(exported: Any, services: Services, headquarters: Person) -> None:
    exported("entries")
    actions = {entry["action"] for entry in audited(services)}
    assert {"job.audit_export", "audit.download"} <= actions


def test_a_job_of_another_kind_is_no_export(api: Api, services: Services, headquarters: Person) -> None:
    job = api.post(f"/campaigns/{make_campaign(services)}/enrol", {}, headquarters).json["id"]
    assert api.get(f"/audit/exports/{job}/file", headquarters).status_code == 404


def test_a_time_that_ends_before_it_begins(api: Api, headquarters: Person) -> None:
    body = {"from": "2026-11-20T00:00:00Z", "to": "2026-11-19T00:00:00Z"}
    answer = api.post("/audit/exports", body, headquarters)
    assert (answer.status_code, answer.json["errors"]) == (422, {"to": ["before_from"]})


def test_a_subject_is_found_by_its_id_alone(api: Api, services: Services, headquarters: Person) -> None:
    campaign_id = make_campaign(services)
    for subject in (campaign_id, f"campaign:{campaign_id}"):
        items = api.get("/audit", headquarters, query_string={"subject": subject}).json["items"]
        assert {item["subject"] for item in items} == {f"campaign:{campaign_id}"}


def test_an_entry_names_the_request_that_the_log_has(api: Api, services: Services, headquarters: Person) -> None:
    answer = api.post("/kill-switch", {"on": True, "reason": "Call +91 98765 43210 first"}, headquarters)
    [entry] = audited(services, "kill_switch.on")
    assert entry["request_id"] == answer.headers["X-Request-ID"]
    assert entry["facts"]["reason"] == "Call [number] first"
