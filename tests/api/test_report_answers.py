"""What people answered, question by question over HTTP: each person once, recounted, and no cell of a few."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.factories import Person
from tests.fieldwork import PART, Work, make_work
from tests.library import SCRIPT, make_live

TREES = {"id": "trees", "kind": "number", "text": {"hi": "कितने पेड़?", "en": "How many trees?"}}
MOOD = {"id": "mood", "kind": "scale", "range": {"from": 1, "to": 3}, "text": {"hi": "कैसा?", "en": "How is it?"}}
PEOPLE = 14


@pytest.fixture
def work(services: Services, headquarters: Person, volunteer_of_churu: Person) -> Work:
    return make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=PEOPLE)


@pytest.fixture
def script(api: Api, clock: FrozenClock, expert: Person, headquarters: Person, work: Work) -> str:
    """A live script of the campaign: a choice, a free text, a number, a scale."""
    questions = [*SCRIPT["questions"], TREES, MOOD]
    made = make_live(api, "script", expert, headquarters, campaign_id=work.campaign_id, questions=questions)
    clock.advance(timedelta(hours=1))
    return str(made["id"])


def tell(api: Api, services: Services, holder: Person, *told: dict[str, Any]) -> list[dict[str, Any]]:
    receipts = api.post("/me/outcomes", {"outcomes": list(told)}, holder).json["receipts"]
    assert {one["status"] for one in receipts} == {"stored"}, receipts
    while services.projecting.run():
        pass
    return list(receipts)


def answered(work: Work, number: int, answers: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return work.told(number, **{"disposition": "contacted", "answers": answers, **facts})


def rows(api: Api, actor: Person, work: Work, **query: Any) -> dict[str, dict[str, Any]]:
    answer = api.get("/reports/answers", actor, query_string={"campaign_id": work.campaign_id, **query})
    assert answer.status_code == 200, answer.json
    return {row["question"]: row for row in answer.json["rows"]}


def people(row: dict[str, Any]) -> dict[Any, int | None]:
    return {one["value"]: one["people"] for one in row["answers"]}


def test_answers_are_counted_by_question(
    api: Api, services: Services, work: Work, script: str, headquarters: Person, volunteer_of_churu: Person
) -> None:
    first = {"topic": "roads", "which": "NH 11", "trees": 2.5, "mood": 1}
    second = {"topic": "roads", "trees": 4, "mood": 3}
    told = [first, second, {"topic": "nothing"}]
    tell(api, services, volunteer_of_churu, *(answered(work, at, one) for at, one in enumerate(told)))
    found = rows(api, headquarters, work)
    assert people(found["topic"]) == {"roads": 2, "nothing": 1}
    assert (found["which"]["answered"], found["which"]["answers"]) == (1, [])
    assert (found["trees"]["answered"], found["trees"]["mean"]) == (2, 3.25)
    assert (people(found["mood"]), found["mood"]["mean"]) == ({1: 1, 2: 0, 3: 1}, 2.0)
    assert (found["topic"]["script_id"], found["topic"]["version"], found["topic"]["kind"]) == (script, 1, "single")
    assert [one["share"] for one in found["topic"]["answers"]] == [0.6667, 0.3333]


def test_interview_that_is_finished_later_is_one_persons(
    api: Api,
    services: Services,
    clock: FrozenClock,
    work: Work,
    script: str,
    headquarters: Person,
    volunteer_of_churu: Person,
) -> None:
    begun = answered(work, 0, {"topic": "nothing"}, disposition="partial")
    tell(api, services, volunteer_of_churu, begun)
    clock.advance(timedelta(minutes=10))
    tell(api, services, volunteer_of_churu, answered(work, 0, {"topic": "roads"}))
    assert people(rows(api, headquarters, work)["topic"]) == {"roads": 1, "nothing": 0}


def test_correction_changes_answers_and_a_repeat_does_not(
    api: Api, services: Services, work: Work, script: str, headquarters: Person, volunteer_of_churu: Person
) -> None:
    told = answered(work, 0, {"topic": "roads"})
    tell(api, services, volunteer_of_churu, told)
    services.projecting.project(services.stores.outcomes.of_items([work.items[0]["id"]]))
    assert people(rows(api, headquarters, work)["topic"]) == {"roads": 1, "nothing": 0}
    tell(api, services, volunteer_of_churu, answered(work, 0, {"topic": "nothing"}, corrects=told["id"]))
    assert people(rows(api, headquarters, work)["topic"]) == {"roads": 0, "nothing": 1}
    assert services.reconciling.run() == []


def test_answers_that_drifted_are_found_and_mended(
    api: Api, services: Services, work: Work, script: str, headquarters: Person, volunteer_of_churu: Person
) -> None:
    tell(api, services, volunteer_of_churu, answered(work, 0, {"topic": "roads"}))
    cell = next(iter(services.stores.cells.walk(work.campaign_id)))
    services.stores.cells.set_counters({cell["_id"]: (cell["rev"], {"attempts": 1})})
    assert [one.kind for one in services.reconciling.run(repair=True)] == ["tally"]
    assert people(rows(api, headquarters, work)["topic"])["roads"] == 1
    assert services.reconciling.run() == []


@pytest.mark.parametrize("role", ["coordinator_of_churu", "observer", "expert"])
def test_no_cell_of_a_few_people_is_shown_outside_headquarters(
    api: Api,
    services: Services,
    work: Work,
    script: str,
    volunteer_of_churu: Person,
    request: pytest.FixtureRequest,
    role: str,
) -> None:
    actor = request.getfixturevalue(role)
    told = [answered(work, at, {"topic": "roads" if at < PEOPLE - 1 else "nothing"}) for at in range(PEOPLE)]
    tell(api, services, volunteer_of_churu, *told[:9])
    few = rows(api, actor, work)["topic"]
    assert (few["answered"], set(people(few).values())) == (None, {None})
    tell(api, services, volunteer_of_churu, *told[9:])
    many = rows(api, actor, work)["topic"]
    # Who knows that 13 of 14 said one thing knows what the last one said.
    exact = role == "coordinator_of_churu"
    assert (many["answered"], people(many)["roads"]) == ((PEOPLE, None) if exact else (10, 10))
    assert people(many)["nothing"] is None


def test_answers_are_kept_to_a_place_a_channel_and_a_question(
    api: Api, services: Services, work: Work, script: str, headquarters: Person, volunteer_of_churu: Person
) -> None:
    tell(api, services, volunteer_of_churu, answered(work, 0, {"topic": "roads", "trees": 1}))
    assert set(rows(api, headquarters, work, area=PART, channel="call", question="topic")) == {"topic"}
    assert rows(api, headquarters, work, area="ac-24-18") == {}
    assert rows(api, headquarters, work, channel="sms") == {}
    assert rows(api, headquarters, work, script_id=script, version=2) == {}


@pytest.mark.parametrize(
    ("query", "status"), [({"campaign_id": "nowhere"}, 404), ({"area": "mars"}, 422), ({"version": "0"}, 422)]
)
def test_answers_of_what_is_not_there_are_refused(
    api: Api, work: Work, headquarters: Person, query: dict[str, str], status: int
) -> None:
    asked = {"campaign_id": work.campaign_id, **query}
    assert api.get("/reports/answers", headquarters, query_string=asked).status_code == status


def vote_now(services: Services) -> None:
    now = services.clock.now()
    hours = {"opens_at": now - timedelta(hours=2), "closes_at": now + timedelta(hours=2)}
    services.stores.controls.set_fields({"polls.ac-24": hours}, version=None)


def test_answers_are_for_headquarters_alone_while_people_vote(
    api: Api, services: Services, work: Work, script: str, headquarters: Person, observer: Person
) -> None:
    vote_now(services)
    asked = {"campaign_id": work.campaign_id}
    assert api.get("/reports/answers", observer, query_string=asked).json["frozen"]
    assert not api.get("/reports/answers", headquarters, query_string=asked).json["frozen"]


def test_support_told_while_people_vote_is_not_taken(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    vote_now(services)
    told = work.told(disposition="contacted", support=1, note="call again")
    receipt = tell(api, services, volunteer_of_churu, told)[0]
    assert "support_not_taken" in receipt["flags"]
    stored = services.stores.outcomes.find_many([told["id"]])[told["id"]]
    assert services.stores.outcomes.said(stored) == {"note": "call again"}


@pytest.mark.parametrize("name", ["{}:1", "1", None])
def test_call_keeps_the_full_name_of_its_script(
    api: Api, services: Services, work: Work, script: str, volunteer_of_churu: Person, name: str | None
) -> None:
    told = work.told(script_version=name.format(script) if name else None)
    tell(api, services, volunteer_of_churu, told)
    assert services.stores.outcomes.find_many([told["id"]])[told["id"]]["script"] == f"{script}:1"
