"""Response rates and the funnel over HTTP: persons counted once, from tallies that follow what was told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from services.domain.contacts.contacts import Place
from services.facade import Services
from tests.api.conftest import MORNING, Api, Commands
from tests.factories import Person
from tests.fieldwork import DISTRICT, PART, SEAT, Work, make_campaign, make_work

PLACE = Place("rj", DISTRICT, SEAT, PART)


@pytest.fixture
def work(services: Services, headquarters: Person, volunteer_of_churu: Person) -> Work:
    made = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=4)
    services.stores.target_tallies.put(made.campaign_id, {PLACE: 4}, at=MORNING)
    return made


def tell(api: Api, services: Services, holder: Person, *told: dict[str, Any]) -> None:
    answer = api.post("/me/outcomes", {"outcomes": list(told)}, holder)
    assert [one["status"] for one in answer.json["receipts"]] == ["stored"] * len(told), answer.json
    count(services)


def count(services: Services) -> None:
    while services.projecting.run():
        pass
    results = next(step for step in services.worker_steps if step.name == "results")
    while results.run():
        pass


def asked(api: Api, actor: Person, work: Work, report: str = "response-rates", **query: Any) -> dict[str, Any]:
    answer = api.get(f"/reports/{report}", actor, query_string={"campaign_id": work.campaign_id, **query})
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def spoken_refused_unanswered(work: Work) -> list[dict[str, Any]]:
    return [
        work.told(0, disposition="contacted", contact_id=work.items[0]["contacts"][0]),
        work.told(1, disposition="refused", contact_id=work.items[1]["contacts"][0]),
        work.told(2, disposition="no_answer"),
    ]


def test_rates_count_each_person_once_by_what_tells_most(
    api: Api, services: Services, work: Work, headquarters: Person, volunteer_of_churu: Person
) -> None:
    told = spoken_refused_unanswered(work)
    tell(api, services, volunteer_of_churu, *told)
    found = asked(api, headquarters, work)
    assert found["cases"] == {"I": 1, "P": 0, "R": 1, "NC": 0, "O": 0, "UH": 1, "UO": 0, "NE": 0}
    assert (found["people"], found["unattempted"], found["unclassified"]) == (3, 1, 0)
    assert found["e"] == {"value": 1.0, "method": "proportional_allocation"}
    assert (found["rates"]["RR1"], found["rates"]["RR5"], found["rates"]["REF1"]) == (0.3333, 0.5, 0.3333)
    assert [row["aapor_code"] for row in found["dispositions"]] == ["1.1", "2.112", "3.13"]


def test_correction_changes_the_rates_and_a_repeat_does_not(
    api: Api, services: Services, work: Work, headquarters: Person, volunteer_of_churu: Person
) -> None:
    told = work.told(0, disposition="contacted", contact_id=work.items[0]["contacts"][0])
    tell(api, services, volunteer_of_churu, told)
    services.projecting.project(services.stores.outcomes.of_items([work.items[0]["id"]]))
    count(services)
    assert asked(api, headquarters, work)["cases"]["I"] == 1
    tell(api, services, volunteer_of_churu, work.told(0, disposition="no_answer", corrects=told["id"]))
    found = asked(api, headquarters, work)
    assert (found["cases"]["I"], found["cases"]["UH"], found["people"]) == (0, 1, 1)
    assert services.reconciling.run() == []


def test_tally_that_drifted_is_found_and_mended(
    api: Api, services: Services, work: Work, headquarters: Person, volunteer_of_churu: Person
) -> None:
    tell(api, services, volunteer_of_churu, *spoken_refused_unanswered(work))
    services.stores.result_tallies.put(work.campaign_id, {PLACE: (1, {"all": {"contacted": 7}})}, at=MORNING)
    assert [one.kind for one in services.reconciling.run(repair=True)] == ["result_tally"]
    assert services.reconciling.run() == []
    assert asked(api, headquarters, work)["cases"]["I"] == 1


def test_e_may_be_given_and_people_never_tried_counted_in(
    api: Api, services: Services, work: Work, headquarters: Person, volunteer_of_churu: Person
) -> None:
    tell(api, services, volunteer_of_churu, *spoken_refused_unanswered(work))
    found = asked(api, headquarters, work, e="0.5", unattempted="true")
    assert found["e"] == {"value": 0.5, "method": "given"}
    assert found["cases"]["UH"] == 2
    assert found["rates"]["RR3"] == 0.3333  # 1 / (2 + 0.5 · 2)


@pytest.mark.parametrize(("by", "keys"), [("constituency", [SEAT]), ("part", [PART]), ("channel", ["call"])])
def test_rates_have_a_row_for_each_place_or_channel_that_was_worked(
    api: Api, services: Services, work: Work, headquarters: Person, volunteer_of_churu: Person, by: str, keys: list[str]
) -> None:
    tell(api, services, volunteer_of_churu, *spoken_refused_unanswered(work))
    rows = asked(api, headquarters, work, by=by)["rows"]
    assert [(row["key"], row["cases"]["I"]) for row in rows] == [(key, 1) for key in keys]


def test_rates_of_another_channel_have_nobody(
    api: Api, services: Services, work: Work, headquarters: Person, volunteer_of_churu: Person
) -> None:
    tell(api, services, volunteer_of_churu, *spoken_refused_unanswered(work))
    found = asked(api, headquarters, work, channel="whatsapp")
    assert (found["people"], found["unattempted"], found["rates"]["RR1"]) == (0, 4, None)


@pytest.mark.parametrize("role", ["observer", "expert"])
def test_rates_of_a_few_people_are_kept_from_those_who_see_no_single_person(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, request: pytest.FixtureRequest, role: str
) -> None:
    tell(api, services, volunteer_of_churu, *spoken_refused_unanswered(work))
    found = asked(api, request.getfixturevalue(role), work)
    assert (found["people"], found["cases"]["I"], found["dispositions"]) == (None, None, [])
    assert set(found["rates"].values()) == {None}
    assert asked(api, request.getfixturevalue(role), work, "funnel")["stages"][1] == {
        "key": "attempted",
        "people": None,
    }


@pytest.mark.parametrize("role", ["observer", "expert"])
def test_figures_of_a_few_cannot_be_had_by_taking_away_what_is_shown(
    api: Api, services: Services, work: Work, request: pytest.FixtureRequest, role: str
) -> None:
    reader = request.getfixturevalue(role)
    services.stores.target_tallies.put(work.campaign_id, {PLACE: 402}, at=MORNING)
    services.stores.result_tallies.mark([(work.campaign_id, PART)])
    told = {"contacted": 150, "refused": 4, "no_answer": 40, "busy": 3}
    services.stores.result_tallies.put(work.campaign_id, {PLACE: (1, {"all": told})}, at=MORNING)
    found = asked(api, reader, work)
    assert (found["people"], found["unattempted"], found["rounded_to"]) == (190, 200, 10)
    assert (found["cases"]["I"], found["cases"]["R"], found["cases"]["UH"]) == (150, None, 40)
    assert [row["people"] for row in found["dispositions"]] == [150, 40]
    # Of the cases that are told: 150 / 190.
    assert (found["rates"]["RR1"], found["rates"]["REF1"], found["e"]["value"]) == (0.7895, None, 1.0)
    services.stores.result_tallies.put(work.campaign_id, {PLACE: (1, {"all": {"no_answer": 7}})}, at=MORNING)
    for counted_in, unknown in (("false", None), ("true", 400)):
        found = asked(api, reader, work, unattempted=counted_in)
        assert (found["people"], found["unattempted"], found["cases"]["UH"]) == (None, 390, unknown)


@pytest.mark.parametrize("role", ["observer", "expert"])
def test_readiness_is_told_in_tens(
    api: Api, services: Services, work: Work, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    figures = {"matched": 200, "ready": 100, "blocked": {"held": 96, "final": 4}, "counted_at": MORNING}
    answer = SimpleNamespace(figures=figures, channel="call", job=None)
    monkeypatch.setattr(services.audiences.readiness._funnels, "ask", lambda *_, **__: answer)
    found = asked(api, request.getfixturevalue(role), work, "funnel")
    assert (found["matched"], found["ready"], found["blocked"]) == (200, 100, {"held": 90})


def test_coordinator_sees_only_constituencies_where_the_district_helps(
    api: Api,
    services: Services,
    headquarters: Person,
    coordinator_of_churu: Person,
    coordinator_of_bhilwara: Person,
) -> None:
    helpers = [{"constituency": SEAT, "districts": [DISTRICT]}]
    campaign_id = make_campaign(services, headquarters, helpers=helpers)
    services.stores.target_tallies.put(campaign_id, {PLACE: 40}, at=MORNING)
    work = Work(services, campaign_id, "", [])
    assert asked(api, coordinator_of_churu, work)["unattempted"] == 40
    assert asked(api, coordinator_of_bhilwara, work)["unattempted"] == 0


def test_funnel_says_how_far_people_have_come(
    api: Api, services: Services, work: Work, headquarters: Person, volunteer_of_churu: Person
) -> None:
    stop = work.told(3, disposition="do_not_contact")
    tell(api, services, volunteer_of_churu, *spoken_refused_unanswered(work), stop)
    found = asked(api, headquarters, work, "funnel")
    stages = {stage["key"]: stage["people"] for stage in found["stages"]}
    assert stages == {"targets": 4, "attempted": 4, "reached": 3, "spoken": 1, "completed": 1}
    assert found["opt_outs"] == 1
    assert (found["matched"], found["channel"], found["counted_at"]) == (4, "call", "2026-11-23T05:00:00Z")
    assert found["blocked"]["final"] == 2
    elsewhere = asked(api, headquarters, work, "funnel", area="ac-24-18")
    assert {stage["people"] for stage in elsewhere["stages"]} == {0}


@pytest.mark.parametrize("report", ["response-rates", "funnel"])
@pytest.mark.parametrize(
    ("query", "status"), [({"area": "nowhere"}, 422), ({"channel": "fax"}, 422), ({"campaign_id": "nosuch"}, 404)]
)
def test_wrong_question_is_refused(
    api: Api, work: Work, headquarters: Person, report: str, query: dict[str, str], status: int
) -> None:
    answer = api.get(f"/reports/{report}", headquarters, query_string={"campaign_id": work.campaign_id, **query})
    assert answer.status_code == status
    if status == 422:
        assert answer.json["errors"].keys() == query.keys()


def test_rates_cost_the_same_however_much_was_told(
    api: Api,
    services: Services,
    work: Work,
    headquarters: Person,
    volunteer_of_churu: Person,
    commands: Commands,
) -> None:
    asked(api, headquarters, work, by="part")
    tell(api, services, volunteer_of_churu, *spoken_refused_unanswered(work))
    with commands.noted() as names:
        asked(api, headquarters, work, by="part")
    assert len(names) == 4  # who asks, the campaign, targets, results
