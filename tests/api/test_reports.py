"""Progress as each of those who lead may see it: sums of tallies, and nothing of a few people."""

from __future__ import annotations

from typing import Any

import pytest

from config.paths import read_json
from services.domain.contacts.contacts import Place
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.tallies import Attempt, Cell, count
from services.facade import Services
from tests.api.conftest import MORNING, Api, Commands
from tests.factories import Person
from tests.fieldwork import make_campaign

CATALOGUE = Catalogue.parse(read_json("dispositions.json"))
SEATS = ("ac-24", "ac-155", "ac-175", "ac-179")
CHURU, BHILWARA = "rj-churu", "rj-bhilwara"


@pytest.fixture
def campaign_id(services: Services, headquarters: Person) -> str:
    return make_campaign(services, headquarters, constituencies=list(SEATS))


@pytest.mark.parametrize(("language", "word"), [("en", "Sent, by the volunteer's word"), ("hi", "भेजा (स्वयं बताया)")])
def test_report_says_what_only_the_volunteers_word_stands_for(
    api: Api, campaign_id: str, headquarters: Person, language: str, word: str
) -> None:
    query, headers = {"campaign_id": campaign_id}, {"Accept-Language": language}
    answer = api.get("/reports/progress", headquarters, query_string=query, headers=headers)
    assert answer.json["unverified"] == {"declared_sent": word}


class Field:
    """Work that volunteers have done, as the worker has counted it."""

    def __init__(self, services: Services, campaign_id: str) -> None:
        self._services = services
        self._campaign_id = campaign_id
        self._items = 0

    def done(
        self,
        disposition: str = "no_answer",
        times: int = 12,
        *,
        support: int | None = None,
        late: bool = False,
        **place: Any,
    ) -> None:
        """Count `times` attempts in one cell."""
        labels = {
            "campaign_id": self._campaign_id,
            "day": "2026-11-23",
            "user_id": "u1",
            "district_id": CHURU,
            "channel": "call",
            "part_id": "ac-24-17",
            "constituency_id": "ac-24",
        }
        cell = Cell(**{**labels, **place})
        self._items += 1
        attempts = [Attempt(f"o{self._items}-{n}", disposition, support, late) for n in range(times)]
        cells = self._services.stores.cells
        cells.put({cell: {f"i{self._items}": (times, attempts)}})
        cells.set_counters({key: (rev, count(all_of, CATALOGUE)) for key, rev, all_of, _ in cells.read([cell.id])})


@pytest.fixture
def field(services: Services, campaign_id: str) -> Field:
    return Field(services, campaign_id)


@pytest.fixture
def progress(api: Api, campaign_id: str) -> Any:
    """Ask for progress and return its rows by key."""

    def rows(actor: Person, by: str = "constituency", **more: Any) -> dict[str, dict[str, Any]]:
        headers = {"Accept-Language": more.pop("language", "en")}
        query = {"campaign_id": campaign_id, "by": by, **more}
        answer = api.get("/reports/progress", actor, query_string=query, headers=headers)
        assert answer.status_code == 200, answer.json
        return {row["key"]: row for row in answer.json["rows"]}

    return rows


@pytest.mark.parametrize(
    ("by", "attempts"),
    [
        ("district", {CHURU: 24, BHILWARA: 12}),
        ("constituency", {"ac-24": 24, "ac-179": 12}),
        ("part", {"ac-24-9": 12, "ac-24-10": 12, "ac-179-1": 12}),
        ("channel", {"call": 24, "whatsapp": 12}),
        ("day", {"2026-11-22": 12, "2026-11-23": 24}),
        ("volunteer", {"u1": 24, "u2": 12}),
    ],
)
def test_rows_by_each_field_add_up(
    progress: Any, field: Field, headquarters: Person, by: str, attempts: dict[str, int]
) -> None:
    field.done(part_id="ac-24-10")
    field.done(part_id="ac-24-9", channel="whatsapp", disposition="opened", day="2026-11-22")
    field.done(part_id="ac-179-1", constituency_id="ac-179", district_id=BHILWARA, user_id="u2")
    assert {key: row["attempts"] for key, row in progress(headquarters, by).items()} == attempts


def test_row_says_what_became_of_its_attempts(progress: Any, field: Field, headquarters: Person) -> None:
    field.done("contacted", 3, support=2)
    field.done("partial", 1)
    field.done("do_not_contact", 2)
    field.done("busy", 5, late=True)
    assert progress(headquarters)["ac-24"] == {
        "key": "ac-24",
        "label": "Sujangarh",
        "targets": None,
        "attempts": 6,
        "contacted": 4,
        "opt_outs": 2,
        "late": 5,
        "outcomes": {"contacted": 3, "partial": 1, "do_not_contact": 2},
        "support": {"2": 3},
        "contact_rate": 0.6667,
    }


def test_parts_come_in_the_order_of_their_numbers(progress: Any, field: Field, headquarters: Person) -> None:
    for part in (10, 9, 100):
        field.done(part_id=f"ac-24-{part}")
    assert list(progress(headquarters, "part")) == ["ac-24-9", "ac-24-10", "ac-24-100"]


def test_targets_stand_beside_places_even_where_nothing_was_done(
    progress: Any, services: Services, campaign_id: str, headquarters: Person
) -> None:
    place = Place("rj", CHURU, "ac-24", "ac-24-17")
    services.stores.target_tallies.put(campaign_id, {place: 840}, at=MORNING)
    assert progress(headquarters)["ac-24"]["targets"] == 840
    assert progress(headquarters, "part")["ac-24-17"]["contact_rate"] is None
    assert progress(headquarters, "district") == {}


@pytest.mark.parametrize(
    ("language", "seat", "channel"),
    [("hi", "सुजानगढ़", "कॉल"), ("en", "Sujangarh", "Calls")],
)
def test_labels_are_in_the_readers_language(
    progress: Any, field: Field, headquarters: Person, language: str, seat: str, channel: str
) -> None:
    field.done()
    assert progress(headquarters, language=language)["ac-24"]["label"] == seat
    assert progress(headquarters, "channel", language=language)["call"]["label"] == channel


def test_volunteers_rows_bear_their_names(
    progress: Any, field: Field, headquarters: Person, volunteer_of_churu: Person
) -> None:
    field.done(user_id=volunteer_of_churu.id)
    assert progress(headquarters, "volunteer")[volunteer_of_churu.id]["label"] == "सीता देवी"


@pytest.mark.parametrize(
    ("days", "keys"),
    [
        ({"from": "2026-11-22"}, ["2026-11-22", "2026-11-23"]),
        ({"to": "2026-11-22"}, ["2026-11-21", "2026-11-22"]),
        ({"from": "2026-11-22", "to": "2026-11-22"}, ["2026-11-22"]),
        ({"from": "2026-12-01"}, []),
    ],
)
def test_first_and_last_day_are_both_counted(
    progress: Any, field: Field, headquarters: Person, days: dict[str, str], keys: list[str]
) -> None:
    for day in ("2026-11-21", "2026-11-22", "2026-11-23"):
        field.done(day=day)
    assert list(progress(headquarters, "day", **days)) == keys


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"from": "2026-11-23", "to": "2026-11-22"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"by": "religion"}, "by"),
        ({"campaign_id": ""}, "campaign_id"),
    ],
)
def test_wrong_question_is_named(
    api: Api, headquarters: Person, campaign_id: str, query: dict[str, str], wrong: str
) -> None:
    answer = api.get("/reports/progress", headquarters, query_string={"campaign_id": campaign_id, **query})
    assert answer.status_code == 422
    assert wrong in answer.json["errors"]


def test_unknown_campaign_is_not_found(api: Api, headquarters: Person) -> None:
    answer = api.get("/reports/progress", headquarters, query_string={"campaign_id": "nosuch"})
    assert answer.status_code == 404


def test_work_of_another_campaign_is_not_counted(
    services: Services, progress: Any, headquarters: Person, field: Field
) -> None:
    other = make_campaign(services, headquarters, name="Another")
    Field(services, other).done()
    assert progress(headquarters) == {}


@pytest.mark.parametrize(("by", "more"), [("constituency", 0), ("part", 0), ("volunteer", 1), ("day", 0)])
def test_progress_costs_a_fixed_number_of_round_trips(
    progress: Any, field: Field, commands: Commands, headquarters: Person, by: str, more: int
) -> None:
    field.done()
    progress(headquarters, by)  # the places are read once in five minutes
    costs = []
    for _ in range(2):
        with commands.noted() as names:
            progress(headquarters, by)
        costs.append(len(names))
        for number in range(30):
            field.done(user_id=f"v{number}", part_id=f"ac-24-{number + 1}", day=f"2026-10-{number + 1:02}", times=1)
    targets = 1 if by in {"constituency", "part"} else 0
    assert costs == [3 + targets + more] * 2  # who asks, campaign with controls, sums


def test_figures_are_as_of_now(api: Api, headquarters: Person, campaign_id: str) -> None:
    answer = api.get("/reports/progress", headquarters, query_string={"campaign_id": campaign_id})
    assert (answer.json["rows"], answer.json["as_of"]) == ([], "2026-11-23T05:00:00Z")
