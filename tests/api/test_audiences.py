"""Audiences: checked when made, counted truly, planned with and enrolled by; support only keeps people out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.audiences import funnels
from services.domain.contacts.contacts import Contact
from services.facade import Services
from tests.api.conftest import Api, Commands
from tests.api.sheets import ROLL, bring_in, elector, sheet
from tests.batch_factories import address_of, enrol, make_campaign, make_contact, make_people, wanted
from tests.factories import Person, next_phone


@pytest.fixture
def campaign_id(services: Services) -> str:
    return make_campaign(services)


def work_off(services: Services) -> None:
    """Run the worker's steps until nothing is due."""
    while any(step.run() for step in services.worker_steps if step.name in {"jobs", "audiences", "results"}):
        pass


@pytest.fixture
def audience(api: Api, campaign_id: str, headquarters: Person) -> Callable[..., str]:
    """Make an audience and return its id."""

    def make(actor: Person | None = None, *, done_goal: int | None = None, **conditions: Any) -> str:
        body = {"campaign_id": campaign_id, "name": "Some", "filter": conditions, "done_goal": done_goal}
        answer = api.post("/audiences", body, actor or headquarters)
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    return make


def funnel(api: Api, actor: Person, audience_id: str, channel: str = "call") -> dict[str, Any]:
    answer = api.get(f"/audiences/{audience_id}/funnel", actor, query_string={"channel": channel})
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def test_audience_is_kept_listed_and_shown_as_it_was_made(
    api: Api, campaign_id: str, headquarters: Person, coordinator_of_churu: Person, coordinator_of_bhilwara: Person
) -> None:
    asked = {
        "areas": ["ac-24-1"],
        "age": {"from": 18, "to": 25},
        "gender": ["female"],
        "tags": {"any": ["young"], "none": ["moved"]},
        "reach": {"all": ["whatsapp"]},
        "standing": {"state": "open", "last_attempt_before": "2026-11-20T00:00:00Z"},
        "outcomes": {"never": ["refused"]},
    }
    body = {"campaign_id": campaign_id, "name": "Young women", "filter": asked, "done_goal": 40}
    made = api.post("/audiences", body, coordinator_of_churu)
    assert made.status_code == 201, made.json
    found = api.get(f"/audiences/{made.json['id']}", headquarters).json
    assert (found["filter"], found["done_goal"], found["district_id"]) == (asked, 40, "rj-churu")
    query = {"campaign_id": campaign_id}
    assert [one["id"] for one in api.get("/audiences", headquarters, query_string=query).json["items"]] == [found["id"]]
    assert api.get("/audiences", coordinator_of_bhilwara).json["items"] == []
    assert api.get(f"/audiences/{found['id']}", coordinator_of_bhilwara).status_code == 404


@pytest.mark.parametrize(
    ("conditions", "wrong"),
    [
        ({"caste": ["any"]}, {"filter.caste": ["forbidden_caste"]}),
        ({"धर्म": ["any"]}, {"filter.धर्म": ["forbidden_religion"]}),
        ({"income": 5}, {"filter.income": ["unknown_field"]}),
        ({"standing": {"support": 1}}, {"filter.standing.support": ["unknown_field"]}),
        ({"support": [1]}, {"filter.support": ["unknown_field"]}),
        ({"tags": {"any": ["rajput"]}}, {"filter.tags.any": ["tag_forbidden"]}),
        ({"age": {"from": 17}}, {"filter.age.from": ["out_of_range"]}),
        ({"age": {"from": 40, "to": 30}}, {"filter.age.to": ["before_from"]}),
        ({"areas": ["nowhere"]}, {"filter.areas": ["area_unknown"]}),
        ({"areas": ["ac-179"]}, {"filter.areas": ["area_not_in_campaign"]}),
        ({"outcomes": {"ever": ["elected"]}}, {"filter.outcomes.ever": ["unknown_disposition"]}),
        ({"fields": {"jati": {"known": True}}}, {"filter.fields.jati": ["forbidden_caste"]}),
        ({"fields": {"shoe_size": {"known": True}}}, {"filter.fields.shoe_size": ["unknown_field"]}),
        ({"sources": ["nosuch"]}, {"filter.sources": ["source_unknown"]}),
        ({"standing": {"attempts": {"from": 2, "to": 1}}}, {"filter.standing.attempts.to": ["before_from"]}),
        (
            {
                "standing": {
                    "last_attempt_after": "2026-01-02T00:00:00Z",
                    "last_attempt_before": "2026-01-01T00:00:00Z",
                }
            },
            {"filter.standing.last_attempt_before": ["before_from"]},
        ),
        ({"exclude_support": [1]}, {"filter.exclude_support": ["support_selects_opponents"]}),
        ({"exclude_support": [1, 2, 3]}, {"filter.exclude_support": ["support_selects_opponents"]}),
        ({"exclude_support": [1, 5]}, {"filter.exclude_support": ["support_selects_opponents"]}),
    ],
)
def test_conditions_that_cannot_be_or_may_not_be_are_refused(
    api: Api, campaign_id: str, headquarters: Person, conditions: dict[str, Any], wrong: dict[str, Any]
) -> None:
    answer = api.post("/audiences", {"campaign_id": campaign_id, "name": "Some", "filter": conditions}, headquarters)
    assert (answer.status_code, answer.json["errors"]) == (422, wrong)


def test_support_is_for_headquarters_and_unknown_campaign_is_named(
    api: Api, campaign_id: str, headquarters: Person, coordinator_of_churu: Person
) -> None:
    body = {"campaign_id": campaign_id, "name": "Some", "filter": {"exclude_support": [4, 5]}}
    assert api.post("/audiences", body, coordinator_of_churu).json["errors"] == {
        "filter.exclude_support": ["support_for_headquarters"]
    }
    assert api.post("/audiences", {**body, "campaign_id": "nosuch"}, headquarters).json["errors"] == {
        "campaign_id": ["campaign_unknown"]
    }


@pytest.fixture
def people(services: Services, campaign_id: str) -> dict[str, Contact]:
    """Five people of part 1 and 2, of whom one has no number, one is suppressed, and one has a tag."""
    made = {
        "plain": make_contact(services, part=1),
        "tagged": make_contact(services, part=1, tags=("young",)),
        "silent": make_contact(services, part=1, phone=None),
        "stopped": make_contact(services, part=2),
        "handle": make_contact(services, part=2, addresses=[address_of(services, "sita.devi", "facebook")]),
    }
    enrol(services, campaign_id, list(made.values()))
    return made


def stop(api: Api, actor: Person, contact: Contact) -> None:
    assert api.post("/suppressions", {"contact_id": contact.id, "reason": "opted_out"}, actor).status_code == 201


def test_funnel_counts_ready_and_blocked_under_each_reason(
    api: Api, headquarters: Person, audience: Callable[..., str], people: dict[str, Contact]
) -> None:
    stop(api, headquarters, people["stopped"])
    found = funnel(api, headquarters, audience(areas=["ac-24"], done_goal=3))
    assert (found["matched"], found["ready"]) == (5, 2)
    assert found["blocked"] == {"no_address": 2, "suppressed": 1}
    assert (found["counted_at"], found["job_id"], found["done_goal"]) == ("2026-11-23T05:00:00Z", None, 3)
    by_handle = funnel(api, headquarters, audience(), "facebook")
    assert (by_handle["ready"], by_handle["blocked"]["no_address"]) == (1, 4)


@pytest.mark.parametrize(
    ("conditions", "matched"),
    [
        ({"areas": ["ac-24-1"]}, 3),
        ({"areas": ["ac-24"], "exclude_areas": ["ac-24-1"]}, 2),
        ({"tags": {"any": ["young"]}}, 1),
        ({"tags": {"none": ["young"]}}, 4),
        ({"reach": {"any": ["call"]}}, 3),
        ({"reach": {"none": ["call", "facebook"]}}, 1),
        ({"age": {"from": 30, "to": 34}}, 5),
        ({"gender": ["male"]}, 0),
        ({"language": ["hi"]}, 5),
        ({"serial_no": {"from": 8}}, 0),
        ({"standing": {"attempts": {"to": 0}, "planned": False, "callback": False, "state": "open"}}, 5),
        ({"standing": {"last_attempt_after": "2026-01-01T00:00:00Z"}}, 0),
        ({"outcomes": {"never": ["busy"]}}, 5),
        ({"outcomes": {"last": ["busy"]}}, 0),
        ({"exclude_support": [5]}, 5),
    ],
)
def test_conditions_choose_people(
    api: Api,
    headquarters: Person,
    audience: Callable[..., str],
    people: dict[str, Contact],
    conditions: dict[str, Any],
    matched: int,
) -> None:
    assert people
    assert funnel(api, headquarters, audience(**conditions))["matched"] == matched


def test_people_are_chosen_by_the_sheet_that_brought_them(
    api: Api, services: Services, campaign_id: str, headquarters: Person, audience: Callable[..., str]
) -> None:
    first = bring_in(api, services, headquarters, sheet([elector(1), elector(2)]), campaign_id=campaign_id)
    later = {**ROLL, "collected_on": "2026-10-20"}
    second = bring_in(api, services, headquarters, sheet([elector(2, age=41)]), campaign_id=campaign_id, source=later)
    for named, matched in ((first["source_id"], 2), (second["id"], 1)):
        assert funnel(api, headquarters, audience(sources=[named]))["matched"] == matched


def test_no_tag_tells_who_was_left_out_for_their_support(
    api: Api, campaign_id: str, headquarters: Person, audience: Callable[..., str]
) -> None:
    body = {"campaign_id": campaign_id, "audience_id": audience(exclude_support=[5]), "add": ["rest"]}
    answer = api.post("/contacts/tags", body, headquarters)
    assert (answer.status_code, answer.json["errors"]) == (422, {"audience_id": ["support_selects_opponents"]})


def test_coordinator_counts_only_where_the_district_helps(
    api: Api, services: Services, headquarters: Person, coordinator_of_churu: Person, coordinator_of_bhilwara: Person
) -> None:
    helpers = [
        {"constituency": seat, "districts": [home]} for seat, home in (("ac-24", "rj-churu"), ("ac-179", "rj-bhilwara"))
    ]
    campaign = make_campaign(services, constituencies=["ac-24", "ac-179"], helpers=helpers)
    make_people(services, campaign, 3)
    made = api.post("/audiences", {"campaign_id": campaign, "name": "All"}, headquarters).json["id"]
    assert funnel(api, coordinator_of_churu, made)["matched"] == 3
    assert funnel(api, coordinator_of_bhilwara, made)["matched"] == 0
    wrong = api.get(f"/audiences/{made}/funnel", headquarters, query_string={"channel": "x"})
    assert wrong.json["errors"] == {"channel": ["channel_not_in_campaign"]}


def test_large_area_is_counted_by_a_job_and_then_read_from_tallies(
    api: Api,
    services: Services,
    campaign_id: str,
    headquarters: Person,
    audience: Callable[..., str],
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(funnels, "_AT_ONCE", 2)
    make_people(services, campaign_id, 12)
    whole = audience(areas=["ac-24"])
    first = api.get(f"/audiences/{whole}/funnel", headquarters)
    assert (first.status_code, first.json["kind"]) == (202, "audience_count")
    again = api.get(f"/audiences/{whole}/funnel", headquarters)
    assert again.json["id"] == first.json["id"]  # asked twice it is one job
    work_off(services)
    result = api.get(f"/jobs/{first.json['id']}", headquarters).json["result"]
    assert (result["matched"], result["ready"], result["counted_at"]) == (12, 12, "2026-11-23T05:00:00Z")
    with commands.noted() as names:
        assert funnel(api, headquarters, whole)["ready"] == 12
    # who asks, the audience twice, the campaign with the controls, targets, what was counted, what changed
    assert len(names) == 7


def test_large_audience_is_counted_by_a_job_whose_answer_says_when(
    api: Api,
    services: Services,
    campaign_id: str,
    headquarters: Person,
    audience: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(funnels, "_AT_ONCE", 2)
    make_people(services, campaign_id, 6, tags=("young",))
    make_people(services, campaign_id, 3)
    young = audience(tags={"any": ["young"]})
    job = api.get(f"/audiences/{young}/funnel", headquarters)
    assert job.status_code == 202
    work_off(services)
    found = funnel(api, headquarters, young)
    assert (found["matched"], found["ready"], found["job_id"]) == (6, 6, None)
    assert found["counted_at"] == "2026-11-23T05:00:00Z"


def test_plan_and_batches_take_only_members(
    api: Api, services: Services, campaign_id: str, headquarters: Person, audience: Callable[..., str]
) -> None:
    young = make_people(services, campaign_id, 4, tags=("young",))
    make_people(services, campaign_id, 5)
    body = wanted(campaign_id, audience_id=audience(tags={"any": ["young"]}))
    plan = api.post("/batches/plan", body, headquarters)
    assert (plan.status_code, plan.json["funnel"]["matched"]) == (200, 4)
    made = api.post("/batches", {"plan_id": plan.json["plan_id"]}, headquarters)
    assert made.status_code == 201, made.json
    taken = [
        contact
        for batch in made.json["items"]
        for item in services.stores.batches.get(batch["id"])["items"]
        for contact in item["contacts"]
    ]
    assert sorted(taken) == sorted(one.id for one in young)
    assert made.json["changed"] == []


def test_unknown_or_foreign_audience_is_named(
    api: Api, services: Services, campaign_id: str, headquarters: Person, audience: Callable[..., str]
) -> None:
    other = make_campaign(services)
    for body in (wanted(campaign_id, audience_id="nosuch"), wanted(other, audience_id=audience())):
        assert api.post("/batches/plan", body, headquarters).json["errors"] == {"audience_id": ["audience_unknown"]}
    enrolled = api.post(f"/campaigns/{campaign_id}/enrol", {"audience_id": "nosuch"}, headquarters)
    assert enrolled.json["errors"] == {"audience_id": ["audience_unknown"]}


def test_enrolment_takes_only_members(
    api: Api, services: Services, campaign_id: str, headquarters: Person, audience: Callable[..., str]
) -> None:
    for number in range(5):
        make_contact(services, part=1, phone=next_phone(), tags=("young",) if number < 2 else ())
    answer = api.post(
        f"/campaigns/{campaign_id}/enrol", {"audience_id": audience(tags={"any": ["young"]})}, headquarters
    )
    assert answer.status_code == 202
    work_off(services)
    assert api.get(f"/jobs/{answer.json['id']}", headquarters).json["result"]["targets"] == 2
