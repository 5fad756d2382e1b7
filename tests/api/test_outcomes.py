"""What phones tell lands exactly once, whatever the line does to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api, Commands
from tests.api.telling import put, upload, work
from tests.factories import Person
from tests.fieldwork import Work, make_work

__all__ = ["work"]  # a fixture


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
        None,
        work.told(1, disposition="shouted"),
        work.told(2, disposition="call_back"),
        work.told(1),
    )
    assert [one["status"] for one in receipts] == ["stored", *["rejected"] * 5, "stored"]
    assert receipts[4]["code"] == "unknown_disposition"
    assert receipts[5]["code"] == "callback_at_required"


def test_outcome_on_a_strangers_item_is_refused_as_unknown(api: Api, work: Work, volunteer_of_bhilwara: Person) -> None:
    told = work.told()
    foreign = put(api, volunteer_of_bhilwara, told)
    unknown = put(api, volunteer_of_bhilwara, work.told(batch_id="nosuchbatch"))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json["code"] == unknown.json["code"]


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


def test_agreed_time_by_a_wrong_clock_is_set_right_with_it(api: Api, work: Work, volunteer_of_churu: Person) -> None:
    now = work.services.clock.now()
    ahead = now + timedelta(days=2)
    told = work.told(
        disposition="call_back",
        occurred_at=(ahead - timedelta(minutes=10)).isoformat(),
        callback_at=(ahead + timedelta(hours=1)).isoformat(),
    )
    (receipt,) = upload(api, volunteer_of_churu, told, sent_at=ahead.isoformat())
    assert (receipt["status"], receipt["flags"]) == ("stored", ["clock_skew"])
    assert work.item()["callback_at"] == now + timedelta(hours=1)


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


@pytest.mark.parametrize("disposition", ["contacted", "refused", "moved"])
def test_household_item_wants_to_know_who(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person, disposition: str
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, household=2)
    receipts = upload(api, volunteer_of_churu, work.told(disposition=disposition))
    assert receipts[0]["code"] == "contact_id_required"


def test_outcome_costs_a_fixed_number_of_round_trips(
    api: Api, services: Services, commands: Commands, headquarters: Person, volunteer_of_churu: Person
) -> None:
    small = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=2)
    large = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=40)
    costs = []
    for one in (small, large):
        # The first outcome of a campaign reads which scripts it had.
        put(api, volunteer_of_churu, one.told())
        with commands.noted() as names:
            put(api, volunteer_of_churu, one.told(1))
        costs.append(len(names))
    assert costs == [6, 6]


def test_upload_of_a_hundred_costs_no_more_round_trips_than_one(
    api: Api, services: Services, commands: Commands, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=100)
    with commands.noted() as names:
        upload(api, volunteer_of_churu, *(work.told(at) for at in range(100)))
    assert len(names) == 6 + 1  # and, once, which scripts the campaign had


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


def test_refusal_is_told_in_the_callers_language_with_the_field_beside_it(
    api: Api, work: Work, volunteer_of_churu: Person
) -> None:
    body = {"outcomes": [{"id": "no uuid"}, work.told(0, disposition="call_back")]}
    told = {
        locale: api.post("/me/outcomes", body, volunteer_of_churu, headers={"Accept-Language": locale}).json["receipts"]
        for locale in ("hi", "en")
    }
    assert [one["detail"] for one in told["en"]] == ["A UUID is needed", "`call_back` needs the agreed time"]
    assert [one["detail"] for one in told["hi"]] == ["UUID चाहिए", "`call_back` के साथ तय किया गया समय आवश्यक है"]
    assert [(one["field"], one["code"]) for one in told["hi"]] == [
        ("id", "uuid_invalid"),
        ("callback_at", "callback_at_required"),
    ]
