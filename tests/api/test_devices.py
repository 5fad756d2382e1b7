"""App installations, and push targets that move with their owner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.factories import Person, sign_in

TOKEN = "registration-token-1"


def _device(value: str = TOKEN, **facts: Any) -> dict[str, Any]:
    target = {"kind": "token", "value": value}
    return {"target": target, "platform": "android", "app_version": "1.4.0", "locale": "hi", **facts}


def _targets(services: Services, *people: Person) -> list[tuple[str, str]]:
    found = services.stores.devices.live_targets([person.id for person in people], now=services.clock.now())
    return sorted((device["user_id"], device["target"]["value"]) for device in found)


def test_an_installation_is_bound_and_then_refreshed(api: Api, volunteer_of_churu: Person, services: Services) -> None:
    first = api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    again = api.put("/me/devices/phone-1", _device("registration-token-2"), volunteer_of_churu)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == {"installation_id": "phone-1", **_device("registration-token-2")} | {
        "last_seen_at": "2026-11-23T05:00:00Z"
    }
    assert _targets(services, volunteer_of_churu) == [(volunteer_of_churu.id, "registration-token-2")]


def test_a_target_lies_sealed_in_the_database(api: Api, volunteer_of_churu: Person, services: Services) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    stored = services.stores.devices._devices.many({"user_id": volunteer_of_churu.id})
    assert TOKEN not in str(stored)
    assert TOKEN.encode() not in stored[0]["sealed_target"]


def test_a_target_that_was_written_open_is_sealed_once(
    api: Api, volunteer_of_churu: Person, services: Services
) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    store = services.stores.devices
    opened = {"$set": {"target": {"kind": "token", "value": TOKEN}}, "$unset": {"sealed_target": 1}}
    store._devices.update({"user_id": volunteer_of_churu.id}, opened)
    assert _targets(services, volunteer_of_churu) == [(volunteer_of_churu.id, TOKEN)]
    assert (store.seal_open(), store.seal_open()) == (1, 0)
    assert TOKEN not in str(store._devices.many({"user_id": volunteer_of_churu.id}))
    assert _targets(services, volunteer_of_churu) == [(volunteer_of_churu.id, TOKEN)]


def test_a_device_is_forgotten_after_two_hundred_and_seventy_days(
    api: Api, volunteer_of_churu: Person, services: Services
) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    [device] = services.stores.devices.of_user(volunteer_of_churu.id)
    # The database's own clock lets it go, so it is the machine's time that counts.
    assert timedelta(days=269) < device["forget_at"] - datetime.now(UTC) <= timedelta(days=270)
    [index] = [
        index
        for index in services.stores.devices._devices._raw.index_information().values()
        if index["key"] == [("forget_at", 1)]
    ]
    assert index["expireAfterSeconds"] == 0


def test_several_installations_of_one_person(api: Api, volunteer_of_churu: Person, services: Services) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    api.put("/me/devices/tablet", _device("registration-token-2"), volunteer_of_churu)
    assert len(_targets(services, volunteer_of_churu)) == 2
    listed = api.get("/me/devices", volunteer_of_churu, query_string={"limit": 1}).json
    assert [device["installation_id"] for device in listed["items"]] == ["phone-1"]
    more = api.get("/me/devices", volunteer_of_churu, query_string={"cursor": listed["next_cursor"]}).json
    assert [device["installation_id"] for device in more["items"]] == ["tablet"]


def test_a_target_moves_with_its_owner(
    api: Api, volunteer_of_churu: Person, volunteer_of_bhilwara: Person, services: Services
) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    assert api.put("/me/devices/phone-1", _device(), volunteer_of_bhilwara).status_code == 201
    assert _targets(services, volunteer_of_churu, volunteer_of_bhilwara) == [(volunteer_of_bhilwara.id, TOKEN)]


def test_a_target_moves_between_installations_of_one_person(
    api: Api, volunteer_of_churu: Person, services: Services
) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    api.put("/me/devices/phone-2", _device(), volunteer_of_churu)
    assert _targets(services, volunteer_of_churu) == [(volunteer_of_churu.id, TOKEN)]


def test_unbinding(api: Api, volunteer_of_churu: Person, services: Services) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    assert api.delete("/me/devices/phone-1", volunteer_of_churu).status_code == 204
    assert api.delete("/me/devices/phone-1", volunteer_of_churu).status_code == 404
    assert _targets(services, volunteer_of_churu) == []


def test_somebody_elses_installation_is_not_there(
    api: Api, volunteer_of_churu: Person, volunteer_of_bhilwara: Person, services: Services
) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    assert api.delete("/me/devices/phone-1", volunteer_of_bhilwara).status_code == 404
    assert len(_targets(services, volunteer_of_churu)) == 1


def test_signing_out_unbinds_the_sessions_installation(
    api: Api, app: Flask, volunteer_of_churu: Person, services: Services
) -> None:
    phone = sign_in(app, volunteer_of_churu.user, installation_id="phone-1")
    api.put("/me/devices/phone-1", _device(), phone)
    api.put("/me/devices/tablet", _device("registration-token-2"), phone)
    api.post("/auth/logout", actor=phone)
    assert _targets(services, volunteer_of_churu) == [(volunteer_of_churu.id, "registration-token-2")]


def test_a_device_is_stale_after_sixty_days(
    api: Api, volunteer_of_churu: Person, services: Services, clock: FrozenClock
) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    clock.advance(timedelta(days=59, hours=23))
    assert len(_targets(services, volunteer_of_churu)) == 1
    clock.advance(timedelta(hours=2))
    assert _targets(services, volunteer_of_churu) == []


def test_a_quarantined_target_is_live_again_when_the_app_comes_back(
    api: Api, volunteer_of_churu: Person, services: Services
) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    [device] = services.stores.devices.of_user(volunteer_of_churu.id)
    assert not services.stores.devices.quarantine(device["_id"], target_key="an older one")
    assert services.stores.devices.quarantine(device["_id"], target_key=device["target_key"])
    assert _targets(services, volunteer_of_churu) == []
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    assert len(_targets(services, volunteer_of_churu)) == 1


def test_only_the_very_target_is_dropped(api: Api, volunteer_of_churu: Person, services: Services) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    [device] = services.stores.devices.of_user(volunteer_of_churu.id)
    api.put("/me/devices/phone-1", _device("registration-token-2"), volunteer_of_churu)
    assert not services.stores.devices.drop_target(device["_id"], target_key=device["target_key"])
    assert len(_targets(services, volunteer_of_churu)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"target": {"kind": "sms", "value": TOKEN}}, "target.kind"),
        ({"target": {"kind": "token", "value": ""}}, "target.value"),
        ({"target": {"kind": "token", "value": "with spaces in it"}}, "target.value"),
        ({"platform": "symbian"}, "platform"),
        ({"locale": "fr"}, "locale"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_what_is_no_device(api: Api, volunteer_of_churu: Person, change: dict[str, Any], field: str) -> None:
    answer = api.put("/me/devices/phone-1", {**_device(), **change}, volunteer_of_churu)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
