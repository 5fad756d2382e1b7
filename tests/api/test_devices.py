"""App installations, and push targets that move with their owner."""

from __future__ import annotations

from datetime import timedelta
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


def test_several_installations_of_one_person(api: Api, volunteer_of_churu: Person, services: Services) -> None:
    api.put("/me/devices/phone-1", _device(), volunteer_of_churu)
    api.put("/me/devices/tablet", _device("registration-token-2"), volunteer_of_churu)
    assert len(_targets(services, volunteer_of_churu)) == 2


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
