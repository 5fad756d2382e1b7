"""Rankings, volunteers' own rows, the digest and the stream of progress, each for whoever may see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from services.facade import Services
from tests.api.conftest import Api
from tests.api.test_reports import BHILWARA, CHURU, Field, campaign_id, field
from tests.factories import Person

__all__ = ["campaign_id", "field"]  # fixtures


def asked(api: Api, actor: Person, report: str, **query: Any) -> Any:
    answer = api.get(f"/reports/{report}", actor, query_string=query, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.fixture
def worked(field: Field, volunteer_of_churu: Person, volunteer_of_bhilwara: Person) -> None:
    field.done("contacted", 12, user_id=volunteer_of_churu.id)
    field.done("no_answer", 8, user_id=volunteer_of_churu.id, day="2026-11-22")
    field.done("contacted", 15, user_id=volunteer_of_bhilwara.id, district_id=BHILWARA)
    field.done("busy", 2, user_id="somebody")


@pytest.mark.usefixtures("worked")
def test_volunteers_are_ranked_by_people_spoken_with(
    api: Api, campaign_id: str, headquarters: Person, volunteer_of_churu: Person, volunteer_of_bhilwara: Person
) -> None:
    found = asked(api, headquarters, "leaderboard", campaign_id=campaign_id)
    assert [(row["rank"], row["key"], row["contacted"], row["attempts"]) for row in found["rows"]] == [
        (1, volunteer_of_bhilwara.id, 15, 15),
        (2, volunteer_of_churu.id, 12, 20),
        (3, "somebody", 0, 2),
    ]
    assert found["rows"][1]["label"] == "सीता देवी"
    first = asked(api, headquarters, "leaderboard", campaign_id=campaign_id, limit=1)
    assert [row["rank"] for row in first["rows"]] == [1]


def test_equals_share_a_rank(api: Api, campaign_id: str, field: Field, headquarters: Person) -> None:
    for user in ("a", "b", "c"):
        field.done("contacted", 5 if user != "c" else 4, user_id=user)
    rows = asked(api, headquarters, "leaderboard", campaign_id=campaign_id)["rows"]
    assert [(row["rank"], row["key"]) for row in rows] == [(1, "a"), (1, "b"), (3, "c")]


@pytest.mark.usefixtures("worked")
def test_coordinator_ranks_the_own_district(
    api: Api, campaign_id: str, coordinator_of_churu: Person, volunteer_of_churu: Person
) -> None:
    rows = asked(api, coordinator_of_churu, "leaderboard", campaign_id=campaign_id)["rows"]
    assert [row["key"] for row in rows] == [volunteer_of_churu.id, "somebody"]


@pytest.mark.usefixtures("worked")
def test_observer_sees_districts_ranked_and_no_volunteer(api: Api, campaign_id: str, observer: Person) -> None:
    found = asked(api, observer, "leaderboard", campaign_id=campaign_id)
    assert (found["by"], [row["key"] for row in found["rows"]]) == ("district", [BHILWARA, CHURU])
    query = {"campaign_id": campaign_id, "by": "volunteer"}
    assert api.get("/reports/leaderboard", observer, query_string=query).status_code == 403
    assert api.get("/reports/volunteers", observer, query_string=query).status_code == 403


def test_ranking_hides_districts_of_a_few_attempts_from_observers(
    api: Api, campaign_id: str, field: Field, observer: Person
) -> None:
    field.done("contacted", 9)
    assert asked(api, observer, "leaderboard", campaign_id=campaign_id)["rows"] == []


@pytest.mark.usefixtures("worked")
def test_days_bound_what_counts(api: Api, campaign_id: str, headquarters: Person, volunteer_of_churu: Person) -> None:
    rows = asked(api, headquarters, "leaderboard", campaign_id=campaign_id, to="2026-11-22")["rows"]
    assert [(row["key"], row["attempts"]) for row in rows] == [(volunteer_of_churu.id, 8)]
    wrong = {"campaign_id": campaign_id, "from": "2026-11-23", "to": "2026-11-22"}
    for report in ("leaderboard", "volunteers"):
        assert "to" in api.get(f"/reports/{report}", headquarters, query_string=wrong).json["errors"]


@pytest.mark.usefixtures("worked")
def test_each_volunteer_has_a_row_with_work_or_without(
    api: Api, campaign_id: str, coordinator_of_churu: Person, person: Callable[..., Person], volunteer_of_churu: Person
) -> None:
    idle = person(role="volunteer", home_area=CHURU, name="Gopal")
    rows = {
        row["user_id"]: row for row in asked(api, coordinator_of_churu, "volunteers", campaign_id=campaign_id)["items"]
    }
    assert rows.keys() == {idle.id, volunteer_of_churu.id}
    row = rows[volunteer_of_churu.id]
    assert (row["attempts"], row["days_worked"], row["last_worked_on"]) == (20, 2, "2026-11-23")
    assert (rows[idle.id]["attempts"], rows[idle.id]["last_worked_on"]) == (0, None)


def test_volunteers_come_page_by_page(
    api: Api, campaign_id: str, headquarters: Person, person: Callable[..., Person]
) -> None:
    made = {person(role="volunteer", home_area=CHURU).id for _ in range(3)}
    seen: set[str] = set()
    query: dict[str, Any] = {"campaign_id": campaign_id, "limit": 2, "area": CHURU}
    first = asked(api, headquarters, "volunteers", **query)
    seen |= {row["user_id"] for row in first["items"]}
    second = asked(api, headquarters, "volunteers", **query, cursor=first["next_cursor"])
    seen |= {row["user_id"] for row in second["items"]}
    assert (seen, second["next_cursor"]) == (made, None)
    assert asked(api, headquarters, "volunteers", campaign_id=campaign_id, area=BHILWARA)["items"] == []


def test_coordinator_lists_no_other_districts_volunteers(
    api: Api, campaign_id: str, coordinator_of_churu: Person, volunteer_of_bhilwara: Person
) -> None:
    query = {"campaign_id": campaign_id, "area": BHILWARA}
    assert api.get("/reports/volunteers", coordinator_of_churu, query_string=query).status_code == 422
    items = asked(api, coordinator_of_churu, "volunteers", campaign_id=campaign_id)["items"]
    assert volunteer_of_bhilwara.id not in {row["user_id"] for row in items}


@pytest.mark.usefixtures("worked")
def test_digest_tells_the_day_beside_the_day_before(api: Api, campaign_id: str, headquarters: Person) -> None:
    found = asked(api, headquarters, "digest")
    assert (found["on"], len(found["campaigns"])) == ("2026-11-23", 1)
    item = found["campaigns"][0]
    assert item["day"] == {"volunteers": 3, "attempts": 29, "contacted": 27, "opt_outs": 0, "late": 0}
    assert (item["day_before"]["attempts"], item["day_before"]["contacted"]) == (8, 0)
    assert [district["key"] for district in item["districts"]] == [BHILWARA, CHURU]
    assert item["text"].startswith("2026-11-23: in Sujangarh 3 volunteers made 29 attempts and spoke with 27")
    other = asked(api, headquarters, "digest", campaign_id=campaign_id, on="2026-11-22")["campaigns"][0]
    assert other["day"]["attempts"] == 8
    assert api.get("/reports/digest", headquarters, query_string={"campaign_id": "nosuch"}).status_code == 422


def test_digest_keeps_figures_of_a_few_from_observers(
    api: Api, campaign_id: str, field: Field, observer: Person
) -> None:
    field.done("contacted", 3)
    item = asked(api, observer, "digest", campaign_id=campaign_id)["campaigns"][0]
    assert item["day"] == {"volunteers": None, "attempts": None, "contacted": None, "opt_outs": None, "late": None}
    assert item["districts"] == []
    assert "fewer than 10" in item["text"]


@pytest.mark.parametrize("report", ["leaderboard", "volunteers", "digest", "funnel", "response-rates", "stream"])
def test_volunteer_reads_no_reports(api: Api, campaign_id: str, volunteer_of_churu: Person, report: str) -> None:
    query = {"campaign_id": campaign_id}
    assert api.get(f"/reports/{report}", volunteer_of_churu, query_string=query).status_code == 403


@pytest.mark.usefixtures("worked")
def test_stream_tells_progress_and_passes_over_what_was_seen(api: Api, campaign_id: str, headquarters: Person) -> None:
    query = {"campaign_id": campaign_id}
    answer = api.get("/reports/stream", headquarters, query_string=query)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    events = answer.get_data(as_text=True).split("\n\n")
    assert events[0] == "retry: 3000"
    assert '"attempts":37' in events[1]
    assert events[-2] == 'event: end\ndata: {"reason":"time_limit"}'
    version = events[1].splitlines()[0].removeprefix("id: ")
    again = api.get("/reports/stream", headquarters, query_string=query, headers={"Last-Event-ID": version})
    assert "event: progress" not in again.get_data(as_text=True)


@pytest.mark.usefixtures("worked")
@pytest.mark.parametrize(("how", "reason"), [("suspended", "session_revoked"), ("demoted", "forbidden")])
def test_stream_ends_with_the_next_look_once_its_reader_may_no_longer_see(
    app: Flask,
    api: Api,
    campaign_id: str,
    headquarters: Person,
    coordinator_of_churu: Person,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    reason: str,
) -> None:
    path = f"/users/{coordinator_of_churu.id}"

    def meanwhile(_seconds: float) -> bool:
        if how == "suspended":
            api.post(f"{path}/suspend", None, headquarters)
        else:
            api.patch(path, {"role": "volunteer"}, headquarters)
        return False

    streams = app.extensions["streams"]
    monkeypatch.setattr(streams, "seconds", 60)
    monkeypatch.setattr(streams, "wait", meanwhile)
    answer = api.get("/reports/stream", coordinator_of_churu, query_string={"campaign_id": campaign_id})
    events = answer.get_data(as_text=True).split("\n\n")
    assert [event.split("event: ")[-1].split("\n")[0] for event in events[1:-1]] == ["progress", "end"]
    assert events[-2].endswith(f'{{"reason":"{reason}"}}')


def test_streams_are_few_and_the_rest_may_come_later(
    app: Flask, api: Api, campaign_id: str, headquarters: Person
) -> None:
    streams = app.extensions["streams"]
    query = {"campaign_id": campaign_id}
    taken = [streams.take() for _ in range(2)]
    try:
        full = api.get("/reports/stream", headquarters, query_string=query)
        assert (full.status_code, full.json["code"]) == (503, "busy")
        assert full.headers["Retry-After"] == "30"
    finally:
        for give_back in taken:
            give_back()
    for _ in range(3):  # each gives its place back
        api.get("/reports/stream", headquarters, query_string=query).close()


def test_stream_of_no_campaign_is_not_found(api: Api, services: Services, headquarters: Person) -> None:
    assert api.get("/reports/stream", headquarters, query_string={"campaign_id": "nosuch"}).status_code == 404
