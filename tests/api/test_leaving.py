"""People who are suspended, merged or moved in the very moment in which they get work: they keep none of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from services.batches.holding import Holding
from services.domain.people.users import User
from services.facade import Services
from services.store.batches.batches import BatchStore
from services.store.people.users import UserStore
from tests.api.conftest import Api
from tests.batch_checks import audit_of
from tests.batch_factories import SEAT, make_campaign, make_people, wanted
from tests.factories import Person, make_person, make_user

LIVE = ("assigned", "active")
WAYS = ("suspend", "move", "merge")


@pytest.fixture
def campaign(api: Api, services: Services, headquarters: Person) -> str:
    """A campaign where Churu alone helps, with one batch in the pool."""
    helpers = [{"constituency": SEAT, "districts": ["rj-churu"]}]
    campaign_id = make_campaign(services, helpers=helpers)
    make_people(services, campaign_id, 2, parts=1)
    assert api.post("/batches", wanted(campaign_id, size=2), headquarters).status_code == 201
    return campaign_id


@pytest.fixture
def leave(app: Flask, services: Services, headquarters: Person) -> Callable[[str, str], None]:
    """End a person's work in one of the ways."""

    def leave(way: str, user_id: str) -> None:
        if way == "merge":
            path, body = f"/users/{make_user(services).id}/merge", {"duplicate_id": user_id}
        else:
            path, body = f"/users/{user_id}/{way}", {"home_area": "rj-jaipur"} if way == "move" else {}
        answer = Api(app).post(path, body, headquarters)
        assert answer.status_code == 200, answer.json

    return leave


@pytest.fixture
def before_it_is_given(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Let something happen once just before a batch is written as somebody's."""
    swap = BatchStore.swap

    def before(happens: Callable[[], None]) -> None:
        waiting = [happens]

        def late(store: BatchStore, batch: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any] | None:
            if changes.get("state") == "assigned" and waiting:
                waiting.pop()()
            return swap(store, batch, changes)

        monkeypatch.setattr(BatchStore, "swap", late)

    return before


def _claim(api: Api, actor: Person, campaign: str) -> TestResponse:
    return api.post("/me/batches/claim", {"campaign_id": campaign, "channel": "call"}, actor)


def _held(services: Services, user_id: str) -> list[dict[str, Any]]:
    return services.stores.batches.of_assignee(user_id, LIVE)


def _pooled(services: Services) -> str:
    (batch,) = services.stores.batches.open_after("", ("pooled",), limit=2)
    return str(batch["_id"])


@pytest.mark.parametrize("way", WAYS)
def test_a_claim_of_who_leaves_meanwhile_brings_nothing(
    api: Api,
    app: Flask,
    services: Services,
    campaign: str,
    leave: Callable[[str, str], None],
    before_it_is_given: Callable[[Callable[[], None]], None],
    way: str,
) -> None:
    asha = make_person(app)
    before_it_is_given(lambda: leave(way, asha.id))
    answer = _claim(api, asha, campaign)
    assert (answer.status_code, answer.json["code"]) == (404, "no_batch")
    assert _held(services, asha.id) == []
    assert _claim(api, make_person(app), campaign).status_code == 201


@pytest.mark.parametrize(("way", "code"), [("suspend", "user_not_active"), ("move", "user_unknown")])
def test_nothing_is_assigned_to_who_leaves_meanwhile(
    api: Api,
    services: Services,
    coordinator_of_churu: Person,
    volunteer_of_churu: Person,
    campaign: str,
    leave: Callable[[str, str], None],
    before_it_is_given: Callable[[Callable[[], None]], None],
    way: str,
    code: str,
) -> None:
    before_it_is_given(lambda: leave(way, volunteer_of_churu.id))
    path, body = f"/batches/{_pooled(services)}/assign", {"user_id": volunteer_of_churu.id}
    answer = api.post(path, body, coordinator_of_churu)
    assert (answer.status_code, answer.json["errors"]) == (422, {"user_id": [code]})
    assert _held(services, volunteer_of_churu.id) == []
    assert _pooled(services)


@pytest.mark.parametrize("way", ["suspend", "move"])
def test_a_plan_leaves_nothing_with_who_leaves_meanwhile(
    api: Api,
    services: Services,
    headquarters: Person,
    volunteer_of_churu: Person,
    leave: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    campaign = make_campaign(services)
    make_people(services, campaign, 2, parts=1)
    insert, waiting = BatchStore.insert_new, [way]

    def late(store: BatchStore, batches: list[dict[str, Any]]) -> set[str]:
        if waiting:
            leave(waiting.pop(), volunteer_of_churu.id)
        return insert(store, batches)

    monkeypatch.setattr(BatchStore, "insert_new", late)
    assign = {"mode": "volunteers", "user_ids": [volunteer_of_churu.id]}
    assert api.post("/batches", wanted(campaign, size=2, assign=assign), headquarters).status_code == 201
    assert (waiting, _held(services, volunteer_of_churu.id)) == ([], [])
    assert _pooled(services)


@pytest.mark.parametrize("way", WAYS)
def test_what_a_killed_claim_leaves_with_who_left_goes_back(
    api: Api,
    app: Flask,
    services: Services,
    campaign: str,
    leave: Callable[[str, str], None],
    before_it_is_given: Callable[[Callable[[], None]], None],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    asha = make_person(app)
    before_it_is_given(lambda: leave(way, asha.id))
    with monkeypatch.context() as killed:
        killed.setattr(Holding, "confirm", lambda *_: None)
        assert _claim(api, asha, campaign).status_code == 201
    (stray,) = _held(services, asha.id)
    path = f"/me/batches/{stray['_id']}"
    refused = 404 if way == "move" else 401
    assert [api.get(path, asha).status_code, api.post(f"{path}/open", None, asha).status_code] == [refused] * 2
    while sum(step.run() for step in services.worker_steps if step.name == "batch events"):
        pass
    assert audit_of(services).all() == 1
    assert _held(services, asha.id) == []
    assert _claim(api, make_person(app), campaign).status_code == 201


@pytest.mark.parametrize("way", ["suspend", "move"])
def test_whoever_claims_while_leaving_holds_nothing_in_the_end(
    app: Flask, services: Services, campaign: str, leave: Callable[[str, str], None], way: str
) -> None:
    for _ in range(4):
        asha, start = make_person(app), Barrier(2)

        def claims(asha: Person = asha, start: Barrier = start) -> int:
            start.wait()
            return _claim(Api(app), asha, campaign).status_code

        def leaves(asha: Person = asha, start: Barrier = start) -> None:
            start.wait()
            leave(way, asha.id)

        with ThreadPoolExecutor(2) as hands:
            claimed, left = hands.submit(claims), hands.submit(leaves)
            left.result()
            assert claimed.result() < 500
        assert _held(services, asha.id) == []


@pytest.mark.parametrize("write", [1, 2])
def test_a_merge_whose_person_is_merged_crosswise_is_refused(
    api: Api, app: Flask, services: Services, headquarters: Person, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    one, other = make_user(services), make_user(services)
    replace, writes = UserStore.replace, [0]

    def late(store: UserStore, user: User, **how: Any) -> bool:
        writes[0] += 1
        if writes[0] == write:
            crosswise = Api(app).post(f"/users/{other.id}/merge", {"duplicate_id": one.id}, headquarters)
            assert crosswise.status_code == 200, crosswise.json
        return replace(store, user, **how)

    monkeypatch.setattr(UserStore, "replace", late)
    answer = api.post(f"/users/{one.id}/merge", {"duplicate_id": other.id}, headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "state_conflict")
    users = services.stores.users
    assert (users.get(one.id).merged_into, users.get(other.id).merged_into) == (other.id, None)


def test_of_two_merges_crosswise_at_most_one_is_done(app: Flask, services: Services, headquarters: Person) -> None:
    for _ in range(8):
        pair, start = [make_user(services).id for _ in range(2)], Barrier(2)

        def merge(kept: str, pair: list[str] = pair, start: Barrier = start) -> int:
            (duplicate,) = set(pair) - {kept}
            start.wait()
            return Api(app).post(f"/users/{kept}/merge", {"duplicate_id": duplicate}, headquarters).status_code

        with ThreadPoolExecutor(2) as hands:
            answers = list(hands.map(merge, pair))
        live = [key for key in pair if services.stores.users.get(key).state == "active"]
        assert len(live) == 2 - answers.count(200)
        assert answers.count(200) <= 1
        assert set(answers) <= {200, 409, 412}
