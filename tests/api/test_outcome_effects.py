"""What follows from an outcome: items, numbers, opt-outs, corrections, and figures that equal a recount."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.facade import Services
from tests.api.conftest import Api, Commands
from tests.api.telling import project, upload, work
from tests.factories import Person, audited
from tests.fieldwork import Work, make_work

__all__ = ["work"]  # a fixture


def test_outcome_after_recall_is_late_and_kept_outside_the_attempts(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, headquarters: Person
) -> None:
    services.stores.batches._batches.update(
        {"_id": work.batch_id}, {"$set": {"state": "recalled", "assignee": None}, "$inc": {"version": 1}}
    )
    assert upload(api, volunteer_of_churu, work.told())[0]["status"] == "late"
    project(services)
    row = api.get(f"/reports/progress?campaign_id={work.campaign_id}", headquarters).json["rows"][0]
    assert (row["attempts"], row["late"]) == (0, 1)
    assert work.target()["total"] == 1  # the person was called all the same: the caps know it
    assert services.reconciling.run() == []


def test_what_is_told_late_holds_before_its_receipt(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    services.stores.batches._batches.update(
        {"_id": work.batch_id}, {"$set": {"state": "expired", "assignee": None}, "$inc": {"version": 1}}
    )
    wrong, done = work.told(disposition="wrong_number"), work.told(1, disposition="contacted")
    assert [one["status"] for one in upload(api, volunteer_of_churu, wrong, done)] == ["late", "late"]
    # Somebody else may be given both at this moment; the worker has not come round to anything.
    assert services.stores.contacts.get(work.items[0]["contacts"][0]).addresses[0].state == "dead"
    assert work.target(1)["final"]
    assert services.stores.outcomes.list_pending() == []


def test_opt_out_suppresses_before_the_receipt(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    upload(api, volunteer_of_churu, work.told(disposition="do_not_contact"))
    address = work.items[0]["address"]
    assert services.suppressions.suppressed([address]) == {address}


def test_callback_keeps_the_item_for_its_holder(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    at = services.clock.now() + timedelta(hours=60)
    upload(api, volunteer_of_churu, work.told(disposition="call_back", callback_at=at.isoformat()))
    assert work.item()["state"] == "callback"
    assert work.batch()["due_at"] > at


def test_batch_is_done_when_all_its_items_are(api: Api, work: Work, volunteer_of_churu: Person) -> None:
    contact = [item["contacts"][0] for item in work.items]
    told = [work.told(at, disposition="contacted", contact_id=contact[at]) for at in range(3)]
    upload(api, volunteer_of_churu, *told)
    assert work.batch()["state"] == "done"
    assert work.batch()["counts"]["done"] == 3


def test_attempt_told_late_does_not_reopen_a_finished_item(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    earlier = work.told(occurred_at=(services.clock.now() - timedelta(hours=1)).isoformat())
    upload(api, volunteer_of_churu, work.told(disposition="contacted"))
    upload(api, volunteer_of_churu, earlier)
    assert (work.item()["state"], work.item()["attempts"]) == ("done", 2)
    project(services)
    assert services.reconciling.run() == []


def test_correction_replaces_what_it_names(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, headquarters: Person
) -> None:
    first = work.told()
    second = work.told(
        disposition="contacted", contact_id=work.items[0]["contacts"][0], corrects=first["id"], support=2
    )
    upload(api, volunteer_of_churu, second)
    project(services)
    upload(api, volunteer_of_churu, first)
    project(services)
    row = api.get(f"/reports/progress?campaign_id={work.campaign_id}", headquarters).json["rows"][0]
    assert (row["attempts"], row["contacted"], row["outcomes"], row["support"]) == (1, 1, {"contacted": 1}, {"2": 1})
    assert services.reconciling.run() == []


def test_correction_to_another_person_leaves_nothing_with_the_first(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, household=2)
    one, other = work.items[0]["contacts"]
    first = work.told(disposition="contacted", contact_id=one)
    upload(api, volunteer_of_churu, first)
    upload(api, volunteer_of_churu, work.told(disposition="contacted", contact_id=other, corrects=first["id"]))
    project(services)
    totals = {
        contact: services.stores.marks.read([f"{work.campaign_id}:{contact}"])[f"{work.campaign_id}:{contact}"]["total"]
        for contact in (one, other)
    }
    assert totals == {one: 0, other: 1}
    assert services.reconciling.run() == []


def test_wrong_number_kills_the_number(api: Api, services: Services, work: Work, volunteer_of_churu: Person) -> None:
    upload(api, volunteer_of_churu, work.told(disposition="wrong_number"))
    project(services)
    contact = services.stores.contacts.get(work.items[0]["contacts"][0])
    assert contact.addresses[0].state == "dead"


@pytest.mark.parametrize(("state", "why"), [("quarantined", "joined"), ("ok", None)])
def test_number_that_lives_again_waits_if_it_waited_before(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, state: str, why: str | None
) -> None:
    contact = services.stores.contacts.get(work.items[0]["contacts"][0])
    waiting = replace(contact, addresses=(replace(contact.addresses[0], state=state, why=why),))
    services.stores.contacts.replace([(contact, waiting)], at=services.clock.now())
    wrong = work.told(disposition="wrong_number")
    upload(api, volunteer_of_churu, wrong)
    project(services)
    assert services.stores.contacts.get(contact.id).addresses[0].state == "dead"
    upload(api, volunteer_of_churu, work.told(corrects=wrong["id"]))
    project(services)
    lives = services.stores.contacts.get(contact.id).addresses[0]
    assert (lives.state, lives.why) == (state, why)


def test_opt_outs_are_in_the_audit_by_who_was_told(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, commands: Commands, headquarters: Person
) -> None:
    told = [work.told(at, disposition="do_not_contact") for at in range(3)]
    with commands.noted() as names:
        upload(api, volunteer_of_churu, *told)
    upload(api, volunteer_of_churu, *told)
    project(services)
    entries = api.get("/audit", headquarters, query_string={"action": "suppression.create"}).json["items"]
    subjects = {f"contact:{work.items[at]['contacts'][0]}" for at in range(3)}
    subjects |= {f"suppression:{work.items[at]['address']}" for at in range(3)}
    assert sorted(entry["subject"] for entry in entries) == sorted(subjects)
    assert {entry["facts"]["outcome_id"] for entry in entries} == {one["id"] for one in told}
    assert {(one["actor"], one["role"], one["session_id"]) for one in entries} == {
        (volunteer_of_churu.id, "volunteer", volunteer_of_churu.session_id)
    }
    assert {(one["facts"]["reason"], one["facts"]["origin"]) for one in entries} == {("do_not_contact", "outcome")}
    assert not [phone for phone in work.phones.values() if phone[3:] in str(entries)]
    assert names.count("insert") == 3  # outcomes, suppressions, the audit


@pytest.mark.parametrize("killed_at", ["add", "append_once"])
def test_opt_out_whose_upload_was_killed_is_in_the_audit(
    api: Api,
    services: Services,
    work: Work,
    volunteer_of_churu: Person,
    monkeypatch: pytest.MonkeyPatch,
    killed_at: str,
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    told = work.told(disposition="do_not_contact")
    store = services.stores.suppressions if killed_at == "add" else services.stores.audit
    with monkeypatch.context() as patched:
        patched.setattr(type(store), killed_at, killed)
        with pytest.raises(KeyboardInterrupt):
            upload(api, volunteer_of_churu, told)
    project(services)
    entries = audited(services, "suppression.create")
    assert [(one["actor"], one["facts"]["outcome_id"]) for one in entries] == [(volunteer_of_churu.id, told["id"])] * 2


def test_opt_out_of_who_was_out_already_is_nobodys_twice(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, headquarters: Person
) -> None:
    contact = work.items[0]["contacts"][0]
    asked = {"contact_id": contact, "reason": "complaint"}
    assert api.post("/suppressions", asked, headquarters).status_code == 201
    upload(api, volunteer_of_churu, work.told(disposition="do_not_contact"))
    project(services)
    assert [one["facts"]["origin"] for one in audited(services, "suppression.create")] == ["manual"]


def test_finished_item_frees_its_number_and_its_people(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    upload(api, volunteer_of_churu, work.told(disposition="contacted", contact_id=work.items[0]["contacts"][0]))
    project(services)
    address = work.items[0]["address"]
    assert services.stores.leases.by_keys([address])[address]["batch_id"] is None
    assert work.target()["batch_id"] is None


def test_projection_killed_before_its_end_heals(
    api: Api,
    services: Services,
    work: Work,
    volunteer_of_churu: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upload(api, volunteer_of_churu, work.told(), work.told(1, disposition="busy"))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    for name in ("touch_contacts", "set_standings"):
        with monkeypatch.context() as patched:
            patched.setattr(type(services.stores.marks), name, killed)
            with pytest.raises(KeyboardInterrupt):
                services.projecting.run()
    with monkeypatch.context() as patched:
        patched.setattr(type(services.stores.cells), "set_counters", killed)
        with pytest.raises(KeyboardInterrupt):
            services.projecting.run()
    project(services)
    assert services.reconciling.run() == []
    assert work.target()["total"] == 1


def test_recount_finds_what_was_tampered_with_and_repairs_it(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    upload(api, volunteer_of_churu, work.told())
    project(services)
    services.stores.cells._tallies.update({"kind": "cell"}, {"$set": {"counters": {"attempts": 7}}})
    services.stores.marks._targets.update(
        {"_id": f"{work.campaign_id}:{work.items[0]['contacts'][0]}"}, {"$set": {"total": 5}}
    )
    assert {one.kind for one in services.reconciling.run(repair=True)} == {"tally", "standing"}
    assert services.reconciling.run() == []


def test_opt_out_reaches_the_batch_that_holds_the_number(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, person: Callable[..., Person]
) -> None:
    address = work.items[1]["address"]
    outcome = {
        "_id": str(uuid4()),
        "address": address,
        "contact_ids": work.items[1]["contacts"],
        "user_id": volunteer_of_churu.id,
        "disposition": "do_not_contact",
        "channel": "call",
    }
    services.suppressions.from_outcomes([outcome], now=services.clock.now())
    for step in services.worker_steps:
        if step.name == "suppressions":
            step.run()
    assert work.item(1)["state"] == "blocked"
    assert work.batch()["counts"]["blocked"] == 1


def test_recount_keeps_the_same_item_of_a_recalled_batch_apart(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    now = services.clock.now()
    returned = [{**item, "state": "returned", "opened_at": now} for item in work.items]
    before = {**work.batch(), "_id": "before", "state": "recalled", "items": returned}
    before["counts"] = dict.fromkeys(before["counts"], 0)
    services.stores.batches._batches.insert(before)
    upload(api, volunteer_of_churu, work.told())
    project(services)
    assert services.reconciling.run() == []


def test_consequences_drawn_twice_are_drawn_once(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    told = work.told()
    upload(api, volunteer_of_churu, told)
    outcome = services.stores.outcomes.find_many([told["id"]])[told["id"]]
    for _ in range(3):
        services.projecting.project([outcome])
    contact = services.stores.contacts.get(work.items[0]["contacts"][0])
    address = work.items[0]["address"]
    assert len(work.target()["marks"]) == 1
    assert len(contact.touches) == 1
    assert len(services.stores.leases.by_keys([address])[address]["attempts"]) == 1


def test_aadhaar_like_number_in_a_note_is_not_kept(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    told = work.told(note="her number is 4991 1866 5246, call after six")
    assert upload(api, volunteer_of_churu, told)[0]["status"] == "stored"
    stored = services.stores.outcomes.find_many([told["id"]])[told["id"]]
    assert services.stores.outcomes.said(stored) == {"note": "her number is […], call after six"}
