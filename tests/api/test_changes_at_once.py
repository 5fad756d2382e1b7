"""Changes of one thing, or of two that lean on each other, at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.domain.errors import StaleVersion
from services.facade import Services
from tests.api.conftest import Api
from tests.factories import Person, make_user

Asks = Callable[[], TestResponse]


def _at_once(*asks: Asks) -> list[TestResponse]:
    barrier = Barrier(len(asks))

    def ask(one: Asks) -> TestResponse:
        barrier.wait()
        return one()

    with ThreadPoolExecutor(len(asks)) as hands:
        return list(hands.map(ask, asks))


def _demoted(api: Api, by: Person, whom: Person) -> TestResponse:
    return api.patch(f"/users/{whom.user.id}", {"role": "observer"}, by)


def _suspended(api: Api, by: Person, whom: Person) -> TestResponse:
    return api.post(f"/users/{whom.user.id}/suspend", None, by)


def _headquarters(services: Services) -> list[str]:
    return [user.id for user in services.stores.users.select(roles=["hq_admin"])]


@pytest.mark.parametrize("end", [_demoted, _suspended])
@pytest.mark.parametrize("time", range(4))
def test_two_of_headquarters_who_end_each_other_leave_one(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person, end: Any, time: int
) -> None:
    answers = _at_once(
        lambda: end(api, headquarters, second_headquarters), lambda: end(api, second_headquarters, headquarters)
    )
    left = _headquarters(services)
    assert len(left) == 1, time
    assert [answer.status_code for answer in answers].count(200) == 1
    # Whoever came late was not at headquarters any more, or was told what their change would leave.
    assert {answer.json.get("code") for answer in answers} <= {
        None, "last_headquarters", "forbidden", "session_revoked", "not_found",
    }  # fmt: skip


def test_the_last_of_headquarters_stays(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person
) -> None:
    users = services.stores.users
    with users._headquarters.kept(_over(second_headquarters), was=second_headquarters.user):
        # Somebody else is just ending the second one.
        refused = [end(api, second_headquarters, headquarters) for end in (_demoted, _suspended)]
    assert [(answer.status_code, answer.json["code"]) for answer in refused] == [(409, "last_headquarters")] * 2
    assert _demoted(api, second_headquarters, headquarters).status_code == 200


def test_who_died_while_ending_somebody_keeps_nobody_from_it(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person
) -> None:
    died = {"token": "t", "user_id": second_headquarters.user.id, "at": datetime.now(UTC) - timedelta(seconds=61)}
    controls = services.stores.users._headquarters._controls
    controls.insert({"_id": "headquarters", "leaving": [died], "version": 1})
    assert _demoted(api, second_headquarters, headquarters).status_code == 200
    assert controls.get("headquarters")["leaving"] == []


def test_headquarters_may_lose_whoever_is_not_active_there(api: Api, services: Services, headquarters: Person) -> None:
    invited = make_user(services, role="hq_admin", state="invited")
    assert api.patch(f"/users/{invited.id}", {"role": "expert"}, headquarters).status_code == 200


def test_changes_of_a_person_at_once_all_hold_without_a_version(
    api: Api, headquarters: Person, volunteer_of_churu: Person
) -> None:
    path = f"/users/{volunteer_of_churu.user.id}"

    def change(number: int) -> Asks:
        return lambda: api.patch(path, {"daily_capacity": number}, headquarters)

    answers = _at_once(*(change(number) for number in range(10, 18)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert api.get(path, headquarters).json["daily_capacity"] in range(10, 18)


def test_keys_of_a_program_made_at_once_are_all_made_without_a_version(api: Api, headquarters: Person) -> None:
    body = {"name": "Dashboard", "acts_as": "observer", "verbs": ["areas.read"]}
    made = api.post("/service-accounts", body, headquarters).json
    path = f"/service-accounts/{made['id']}/rotate"
    answers = _at_once(*[lambda: api.post(path, {}, headquarters)] * 8)
    assert [answer.status_code for answer in answers] == [200] * 8


@pytest.mark.parametrize(
    ("headers", "status", "code"), [({}, 503, "busy"), ({"If-Match": '"0"'}, 412, "stale_version")]
)
def test_a_change_that_is_always_too_late(
    api: Api,
    services: Services,
    headquarters: Person,
    volunteer_of_churu: Person,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    def too_late(*_: Any, **__: Any) -> None:
        raise StaleVersion

    monkeypatch.setattr(services.roster, "change", too_late)
    path = f"/users/{volunteer_of_churu.user.id}"
    answer = api.patch(path, {"daily_capacity": 9}, headquarters, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def _over(person: Person) -> Any:
    return replace(person.user, state="suspended")
