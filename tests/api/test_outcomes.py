"""What phones tell lands exactly once, whatever the line does to it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.container import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api, Commands
from tests.factories import Person
from tests.fieldwork import Work, make_work


@pytest.fixture
def work(services: Services, headquarters: Person, volunteer_of_churu: Person) -> Work:
    return make_work(services, headquarters=headquarters, holder=volunteer_of_churu)


def project(services: Services) -> None:
    while services.projecting.run():
        pass


def upload(api: Api, person: Person, *outcomes: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    answer = api.post("/me/outcomes", {"outcomes": list(outcomes), **more}, person)
    assert answer.status_code == 200, answer.json
    receipts: list[dict[str, Any]] = answer.json["receipts"]
    return receipts


def put(api: Api, person: Person, outcome: dict[str, Any]) -> Any:
    return api.put(f"/me/outcomes/{outcome['id']}", outcome, person)


def test_outcome_told_once_is_stored(api: Api, work: Work, volunteer_of_churu: Person) -> None:
    answer = put(api, volunteer_of_churu, work.told())
    assert answer.status_code == 201
    assert answer.json["status"] == "stored"
    assert work.item()["attempts"] == 1


def test_outcome_told_twice_is_a_duplicate(api: Api, work: Work, volunteer_of_churu: Person) -> None:
    told = work.told()
    put(api, volunteer_of_churu, told)
    answer = put(api, volunteer_of_churu, told)
    assert (answer.status_code, answer.json["status"]) == (200, "duplicate")
    assert work.item()["attempts"] == 1


def test_outcome_with_other_content_is_a_conflict_and_kept(
    api: Api, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    told = work.told()
    put(api, volunteer_of_churu, told)
    answer = put(api, volunteer_of_churu, {**told, "disposition": "busy"})
    assert (answer.status_code, answer.json["code"]) == (409, "outcome_conflict")
    listed = api.get("/outcomes/conflicts", coordinator_of_churu).json["items"]
    assert [one["other"]["disposition"] for one in listed] == ["busy"]


def test_conflicts_of_another_district_are_not_listed(
    api: Api, work: Work, volunteer_of_churu: Person, coordinator_of_bhilwara: Person
) -> None:
    told = work.told()
    upload(api, volunteer_of_churu, told, {**told, "disposition": "busy"})
    assert api.get("/outcomes/conflicts", coordinator_of_bhilwara).json["items"] == []


def test_settling_for_the_other_content_changes_the_figures(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    told = work.told()
    upload(api, volunteer_of_churu, told, {**told, "disposition": "contacted"})
    conflict = api.get("/outcomes/conflicts", coordinator_of_churu).json["items"][0]
    path = f"/outcomes/conflicts/{conflict['id']}/settle"
    answer = api.post(path, {"keep": conflict["other"]["fingerprint"]}, coordinator_of_churu)
    assert answer.status_code == 200, answer.json
    project(services)
    assert work.target()["last_disposition"] == "contacted"
    assert work.target()["total"] == 1
    assert services.reconciling.run() == []


def test_settling_for_none_leaves_nothing_counted(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    told = work.told()
    upload(api, volunteer_of_churu, told, {**told, "disposition": "busy"})
    conflict = api.get("/outcomes/conflicts", coordinator_of_churu).json["items"][0]
    api.post(f"/outcomes/conflicts/{conflict['id']}/settle", {"keep": "none"}, coordinator_of_churu)
    project(services)
    assert work.target()["total"] == 0
    assert services.reconciling.run() == []


def test_three_identical_uploads_at_once_store_one(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    told = work.told()
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: upload(Api(api._client.application), volunteer_of_churu, told), range(3)))
    assert sorted(receipts[0]["status"] for receipts in answers) == ["duplicate", "duplicate", "stored"]
    assert work.item()["attempts"] == 1


def test_bad_outcome_does_not_spoil_the_others(api: Api, work: Work, volunteer_of_churu: Person) -> None:
    receipts = upload(
        api,
        volunteer_of_churu,
        work.told(0),
        {"id": "no uuid"},
        "not an object",
        work.told(1, disposition="shouted"),
        work.told(2, disposition="call_back"),
        work.told(1),
    )
    assert [one["status"] for one in receipts] == ["stored", "rejected", "rejected", "rejected", "rejected", "stored"]
    assert receipts[3]["code"] == "unknown_disposition"
    assert receipts[4]["code"] == "callback_at_required"


def test_outcome_on_a_strangers_item_is_refused_as_unknown(api: Api, work: Work, volunteer_of_bhilwara: Person) -> None:
    told = work.told()
    foreign = put(api, volunteer_of_bhilwara, told)
    unknown = put(api, volunteer_of_bhilwara, work.told(batch_id="nosuchbatch"))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json["code"] == unknown.json["code"]


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


def test_opt_out_suppresses_before_the_receipt(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    upload(api, volunteer_of_churu, work.told(disposition="do_not_contact"))
    address = work.items[0]["address"]
    assert services.suppressions.suppressed([address]) == {address}


def test_opt_out_bites_even_in_conflict(api: Api, services: Services, work: Work, volunteer_of_churu: Person) -> None:
    told = work.told()
    upload(api, volunteer_of_churu, told, {**told, "disposition": "do_not_contact"})
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


def test_message_steps_on_a_call_item_are_refused(api: Api, work: Work, volunteer_of_churu: Person) -> None:
    receipts = upload(api, volunteer_of_churu, work.told(disposition="declared_sent"))
    assert receipts[0]["code"] == "disposition_not_for_channel"


def test_phone_with_a_wrong_clock_is_set_right_and_flagged(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    ahead = timedelta(hours=3)
    told = work.told(occurred_at=(services.clock.now() + ahead - timedelta(minutes=10)).isoformat())
    receipts = upload(api, volunteer_of_churu, told, sent_at=(services.clock.now() + ahead).isoformat())
    assert receipts[0]["flags"] == ["clock_skew"]
    stored = services.stores.outcomes.find_many([told["id"]])[told["id"]]
    assert stored["occurred_at"] == services.clock.now() - timedelta(minutes=10)


def test_call_at_night_is_stored_and_flagged(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, clock: FrozenClock
) -> None:
    clock.advance(timedelta(hours=10))  # 20:30 in Jaipur
    assert upload(api, volunteer_of_churu, work.told())[0]["flags"] == ["forbidden_time"]


def test_talk_with_a_minor_keeps_nothing_said(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    told = work.told(disposition="minor_answered", note="a child", support=2, answers={"q": "yes"})
    assert upload(api, volunteer_of_churu, told)[0]["status"] == "stored"
    assert services.stores.outcomes.find_many([told["id"]])[told["id"]]["sealed"] is None


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


@pytest.mark.parametrize("disposition", ["contacted", "refused", "moved"])
def test_household_item_wants_to_know_who(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person, disposition: str
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, household=2)
    receipts = upload(api, volunteer_of_churu, work.told(disposition=disposition))
    assert receipts[0]["code"] == "contact_id_required"


def test_wrong_number_kills_the_number(api: Api, services: Services, work: Work, volunteer_of_churu: Person) -> None:
    upload(api, volunteer_of_churu, work.told(disposition="wrong_number"))
    project(services)
    contact = services.stores.contacts.get(work.items[0]["contacts"][0])
    assert contact.addresses[0].state == "dead"


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


def test_outcome_costs_a_fixed_number_of_round_trips(
    api: Api, services: Services, commands: Commands, headquarters: Person, volunteer_of_churu: Person
) -> None:
    small = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=2)
    large = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=40)
    costs = []
    for work in (small, large):
        with commands.noted() as names:
            put(api, volunteer_of_churu, work.told())
        costs.append(len(names))
    assert costs == [6, 6]


def test_upload_of_a_hundred_costs_no_more_round_trips_than_one(
    api: Api, services: Services, commands: Commands, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=100)
    with commands.noted() as names:
        upload(api, volunteer_of_churu, *(work.told(at) for at in range(100)))
    assert len(names) == 6


@pytest.mark.parametrize(
    ("field", "value"),
    [("duration_s", -1), ("support", 9), ("occurred_at", "yesterday"), ("channel", "fax"), ("unknown", 1)],
)
def test_wrong_field_is_named(api: Api, work: Work, volunteer_of_churu: Person, field: str, value: Any) -> None:
    answer = put(api, volunteer_of_churu, work.told(**{field: value}))
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_path_that_is_no_uuid_is_refused(api: Api, work: Work, volunteer_of_churu: Person) -> None:
    told = work.told()
    del told["id"]
    assert api.put("/me/outcomes/abc", told, volunteer_of_churu).status_code == 422


def test_coordinator_uploads_no_outcomes(api: Api, work: Work, coordinator_of_churu: Person) -> None:
    assert put(api, coordinator_of_churu, work.told()).status_code == 403


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
