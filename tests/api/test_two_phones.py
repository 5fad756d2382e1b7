"""One volunteer with two phones: what both tell is one, what each tells of the same item are two attempts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from services.facade import Services
from tests.api.conftest import Api
from tests.api.telling import project, upload, work
from tests.factories import Person, sign_in
from tests.fieldwork import Work

__all__ = ["work"]  # a fixture


@pytest.fixture
def other_phone(app: Flask, volunteer_of_churu: Person) -> Person:
    return sign_in(app, volunteer_of_churu.user, installation_id="second")


def row_of(api: Api, work: Work, person: Person) -> dict[str, Any]:
    (row,) = api.get(f"/reports/progress?campaign_id={work.campaign_id}", person).json["rows"]
    return dict(row)


def test_same_outcome_on_both_is_one_attempt(
    api: Api,
    services: Services,
    work: Work,
    volunteer_of_churu: Person,
    other_phone: Person,
    headquarters: Person,
) -> None:
    told = work.told(disposition="busy")
    first = upload(api, volunteer_of_churu, told, installation_id="first")
    second = upload(api, other_phone, told, installation_id="second")
    project(services)
    assert [one["status"] for one in (*first, *second)] == ["stored", "duplicate"]
    assert row_of(api, work, headquarters)["attempts"] == work.target()["total"] == work.item()["attempts"] == 1


@pytest.mark.parametrize("reordered", [False, True])
def test_different_outcomes_of_one_item_are_two_attempts_and_the_later_decides(
    api: Api,
    services: Services,
    work: Work,
    volunteer_of_churu: Person,
    other_phone: Person,
    headquarters: Person,
    reordered: bool,
) -> None:
    now = services.clock.now()
    busy = work.told(disposition="busy", occurred_at=(now - timedelta(minutes=20)).isoformat())
    done = work.told(disposition="contacted", occurred_at=(now - timedelta(minutes=10)).isoformat())
    uploads = [(volunteer_of_churu, busy), (other_phone, done)]
    receipts = [upload(api, phone, told)[0] for phone, told in (reversed(uploads) if reordered else uploads)]
    project(services)
    assert [one["status"] for one in receipts] == ["stored", "stored"]
    assert (work.item()["state"], work.item()["attempts"], work.item()["last_disposition"]) == ("done", 2, "contacted")
    assert row_of(api, work, headquarters)["outcomes"] == {"busy": 1, "contacted": 1}
    assert (work.target()["total"], work.target()["final"]) == (2, True)


def test_both_at_once_lose_nothing(
    app: Flask, services: Services, work: Work, volunteer_of_churu: Person, other_phone: Person
) -> None:
    told = [[work.told(at % 3, disposition="busy") for at in range(6)] for _ in range(2)]
    shared = work.told(disposition="no_answer")

    def tell(one: tuple[Person, list[dict[str, Any]]]) -> list[str]:
        phone, mine = one
        answer = app.test_client().post("/api/v1/me/outcomes", json={"outcomes": mine}, headers=phone.headers)
        return [receipt["status"] for receipt in answer.json["receipts"]]  # type: ignore[index]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(tell, [(volunteer_of_churu, [*told[0], shared]), (other_phone, [*told[1], shared])])
    project(services)
    assert set(first[:-1] + second[:-1]) == {"stored"}
    assert {first[-1], second[-1]} == {"stored", "duplicate"}
    known = {key for at in range(3) for key in work.item(at)["outcomes"]}
    assert known == {one["id"] for mine in told for one in mine} | {shared["id"]}


def test_recall_between_the_two_makes_the_second_late(
    api: Api,
    services: Services,
    work: Work,
    volunteer_of_churu: Person,
    other_phone: Person,
    headquarters: Person,
) -> None:
    upload(api, volunteer_of_churu, work.told(disposition="busy"))
    taken = {"$set": {"state": "recalled", "assignee": None}, "$inc": {"version": 1}}
    services.stores.batches._batches.update({"_id": work.batch_id}, taken)
    assert [one["status"] for one in upload(api, other_phone, work.told(disposition="contacted"))] == ["late"]
    project(services)
    row = row_of(api, work, headquarters)
    assert (row["attempts"], row["late"], work.target()["total"]) == (1, 1, 2)
