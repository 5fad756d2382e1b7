"""The audit trail: filters, time and pages, for headquarters alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.domain.people.actor import Actor
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import MORNING, Api, Commands
from tests.factories import Person

MEERA = Actor(user_id="meera", role="hq_admin", session_id="s-1", address="10.0.0.1")
VIJAY = Actor(user_id="vijay", role="observer", session_id="s-2", address="10.0.0.2")


@pytest.fixture
def trail(headquarters: Person, services: Services, clock: FrozenClock) -> None:
    """Entries over two years: `n` days ago, each of them named by `n`."""
    for days in (700, 300, 80, 40, 9, 2, 1, 0):
        clock.set(MORNING - timedelta(days=days, minutes=days and 1))
        actor = MEERA if days % 2 == 0 else VIJAY
        services.audit.record(actor, "export.create", subject=f"export:{days}", rows=days)
    clock.set(MORNING)


def _subjects(api: Api, reader: Person, **query: str) -> list[str]:
    answer = api.get("/audit", reader, query_string={"action": "export.create", **query})
    assert answer.status_code == 200, answer.json
    return [entry["subject"].removeprefix("export:") for entry in answer.json["items"]]


@pytest.mark.usefixtures("trail")
def test_the_newest_come_first_and_a_year_is_kept(api: Api, headquarters: Person) -> None:
    assert _subjects(api, headquarters) == ["0", "1", "2", "9", "40", "80", "300"]


@pytest.mark.usefixtures("trail")
def test_an_entry_says_who_did_what_from_where(api: Api, headquarters: Person) -> None:
    [entry] = api.get("/audit", headquarters, query_string={"subject": "export:40"}).json["items"]
    entry.pop("id")
    entry.pop("request_id")
    assert entry == {
        "at": "2026-10-14T04:59:00Z",
        "actor": "meera",
        "role": "hq_admin",
        "session_id": "s-1",
        "address": "10.0.0.1",
        "action": "export.create",
        "subject": "export:40",
        "facts": {"rows": 40},
        "chunk": None,
    }


@pytest.mark.usefixtures("trail")
def test_by_actor_and_subject(api: Api, headquarters: Person) -> None:
    assert _subjects(api, headquarters, actor="vijay") == ["1", "9"]
    assert _subjects(api, headquarters, actor="vijay", subject="export:9") == ["9"]
    assert _subjects(api, headquarters, actor="nobody") == []


@pytest.mark.usefixtures("trail")
def test_between_two_times(api: Api, headquarters: Person) -> None:
    assert _subjects(api, headquarters, **{"from": "2026-10-14T04:59:00Z", "to": "2026-11-22T04:59:00Z"}) == [
        "2",
        "9",
        "40",
    ]


@pytest.mark.usefixtures("trail")
def test_a_time_that_ends_before_it_begins(api: Api, headquarters: Person) -> None:
    query = {"from": "2026-11-20T00:00:00Z", "to": "2026-11-19T00:00:00Z"}
    answer = api.get("/audit", headquarters, query_string=query)
    assert (answer.status_code, answer.json["errors"]) == (422, {"to": ["before_from"]})


@pytest.mark.usefixtures("trail")
def test_pages_join_without_gap_or_repeat(api: Api, headquarters: Person, commands: Commands) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        query = {"action": "export.create", "limit": 2} | ({"cursor": cursor} if cursor else {})
        with commands.noted() as noted:
            page = api.get("/audit", headquarters, query_string=query).json
        assert len(noted) <= 6
        seen += [entry["subject"].removeprefix("export:") for entry in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["0", "1", "2", "9", "40", "80", "300"]


@pytest.mark.parametrize("role", ["coordinator", "volunteer", "observer", "expert"])
def test_nobody_else_reads_it(api: Api, person, role: str) -> None:
    assert api.get("/audit", person(role=role)).status_code == 403
