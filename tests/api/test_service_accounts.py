"""Programs of others: what their keys open, for how long, and what is kept of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api, Commands
from tests.batch_factories import make_campaign
from tests.factories import Person, audited

WANTED = {"name": "Dashboard", "acts_as": "observer", "verbs": ["reports.read", "areas.read"]}


@pytest.fixture
def machine(services: Services, monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    """The machine's clock as keys see it."""
    clock = FrozenClock(datetime.now(UTC))
    monkeypatch.setattr(services.service_accounts, "_machine", clock)
    return clock


@pytest.fixture
def made(api: Api, headquarters: Person) -> dict[str, Any]:
    answer = api.post("/service-accounts", WANTED, headquarters)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def _ask(api: Api, key: str, path: str = "/areas") -> Any:
    return api.get(path, headers={"X-API-Key": key})


def test_a_key_opens_what_its_account_was_given_and_nothing_else(
    api: Api, services: Services, made: dict[str, Any]
) -> None:
    campaign = make_campaign(services)
    assert _ask(api, made["key"]).status_code == 200
    assert _ask(api, made["key"], f"/reports/progress?campaign_id={campaign}").status_code == 200
    for path in ("/campaigns", "/users", "/audit", "/me", "/contacts", "/service-accounts"):
        answer = _ask(api, made["key"], path)
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden"), path


def test_a_key_may_be_sent_as_bearer_token_but_not_beside_another(
    api: Api, made: dict[str, Any], headquarters: Person
) -> None:
    assert api.get("/areas", token=made["key"]).status_code == 200
    answer = api.get("/areas", headquarters, headers={"X-API-Key": made["key"]})
    assert (answer.status_code, answer.json["code"]) == (401, "token_invalid")


@pytest.mark.parametrize("wrong", ["", "nonsense", "sampark_", "sampark_nobody_1234_abc", "sampark_$ne_x"])
def test_what_is_no_key_opens_nothing(api: Api, made: dict[str, Any], wrong: str) -> None:
    assert _ask(api, wrong).json["code"] == "token_invalid"


def test_a_key_of_which_one_sign_is_wrong_opens_nothing(api: Api, made: dict[str, Any]) -> None:
    last = "A" if made["key"][-1] != "A" else "B"
    assert _ask(api, made["key"][:-1] + last).json["code"] == "token_invalid"


def test_a_key_is_shown_once_and_kept_as_a_digest(
    api: Api, services: Services, made: dict[str, Any], headquarters: Person
) -> None:
    secret = made["key"].rpartition("_")[2]
    shown = api.get(f"/service-accounts/{made['id']}", headquarters).get_data(as_text=True)
    listed = api.get("/service-accounts", headquarters).get_data(as_text=True)
    kept = str(services.stores.service_accounts.get(made["id"])) + str(audited(services))
    assert not any(secret in text for text in (shown, listed, kept))
    assert made["id"] in listed


def test_a_key_expires(api: Api, services: Services, made: dict[str, Any], machine: FrozenClock) -> None:
    machine.advance(timedelta(days=89))
    assert _ask(api, made["key"]).status_code == 200
    machine.advance(timedelta(days=2))
    answer = _ask(api, made["key"])
    assert (answer.status_code, answer.json["code"]) == (401, "token_expired")


def test_after_a_rotation_the_old_key_goes_on_for_the_grace(
    api: Api, made: dict[str, Any], headquarters: Person, machine: FrozenClock
) -> None:
    answer = api.post(f"/service-accounts/{made['id']}/rotate", {"grace_hours": 2}, headquarters)
    assert answer.status_code == 200
    new = answer.json["key"]
    assert [_ask(api, key).status_code for key in (made["key"], new)] == [200, 200]
    machine.advance(timedelta(hours=3))
    assert [_ask(api, key).status_code for key in (made["key"], new)] == [401, 200]


def test_without_a_grace_the_old_key_ends_at_once(
    api: Api, made: dict[str, Any], headquarters: Person, machine: FrozenClock
) -> None:
    new = api.post(f"/service-accounts/{made['id']}/rotate", {"grace_hours": 0}, headquarters).json["key"]
    assert [_ask(api, key).status_code for key in (made["key"], new)] == [401, 200]


def test_a_revoked_account_opens_nothing_and_gets_no_new_key(
    api: Api, made: dict[str, Any], headquarters: Person
) -> None:
    for _ in range(2):
        assert api.post(f"/service-accounts/{made['id']}/revoke", None, headquarters).json["state"] == "revoked"
    assert _ask(api, made["key"]).json["code"] == "token_invalid"
    answer = api.post(f"/service-accounts/{made['id']}/rotate", {}, headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "state_conflict")
    assert api.get("/service-accounts?state=active", headquarters).json["items"] == []


def test_what_a_program_did_is_in_the_trail_under_its_account(
    api: Api, services: Services, headquarters: Person
) -> None:
    wanted = {"name": "Register", "acts_as": "hq_admin", "verbs": ["suppressions.create"]}
    made = api.post("/service-accounts", wanted, headquarters).json
    stop = {"phone": "+919812345678", "reason": "opted_out"}
    assert api.post("/suppressions", stop, headers={"X-API-Key": made["key"]}).status_code == 201
    [entry] = audited(services, "suppression.create")
    assert (entry["actor"], entry["role"]) == (made["id"], "service")
    assert entry["session_id"] == f"key-{made['keys'][0]['id']}"


def test_making_rotating_and_revoking_are_in_the_trail(
    api: Api, services: Services, made: dict[str, Any], headquarters: Person
) -> None:
    api.post(f"/service-accounts/{made['id']}/rotate", {}, headquarters)
    api.post(f"/service-accounts/{made['id']}/revoke", None, headquarters)
    told = {entry["action"] for entry in audited(services) if entry["subject"] == f"service_account:{made['id']}"}
    assert told == {f"service_account.{verb}" for verb in ("create", "rotate", "revoke")}


def test_when_and_from_where_it_was_last_used_is_known(
    api: Api, made: dict[str, Any], headquarters: Person, commands: Commands, machine: FrozenClock
) -> None:
    path = f"/service-accounts/{made['id']}"
    assert api.get(path, headquarters).json["last_used_at"] is None
    _ask(api, made["key"])
    used = api.get(path, headquarters).json
    assert used["last_used_from"] == "127.0.0.1"
    assert used["last_used_at"] is not None
    machine.advance(timedelta(minutes=4))
    with commands.noted() as noted:
        _ask(api, made["key"])
    assert "update" not in noted


def test_an_account_of_a_district_is_kept_to_it(api: Api, services: Services, headquarters: Person) -> None:
    wanted = {"name": "Churu", "acts_as": "coordinator", "home_area": "rj-churu", "verbs": ["reports.read"]}
    made = api.post("/service-accounts", wanted, headquarters).json
    actor = services.service_accounts.authenticate(made["key"], address=None)
    assert (actor.role, actor.home_area, actor.is_headquarters) == ("coordinator", "rj-churu", False)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"verbs": ["users.suspend"]}, {"verbs.0": ["verb_not_for_services"]}),
        ({"verbs": ["reports.read", "*"]}, {"verbs.1": ["verb_not_for_services"]}),
        ({"verbs": ["audit.read"]}, {"verbs.0": ["verb_not_for_services"]}),
        ({"verbs": []}, {"verbs": ["length_out_of_range"]}),
        ({"acts_as": "volunteer"}, {"acts_as": ["unknown_name"]}),
        ({"acts_as": "coordinator"}, {"home_area": ["required"]}),
        ({"acts_as": "coordinator", "home_area": "ac-24"}, {"home_area": ["area_unknown"]}),
        ({"home_area": "rj-churu"}, {"home_area": ["not_of_a_district"]}),
        ({"expires_in_days": 366}, {"expires_in_days": ["out_of_range"]}),
        ({"expires_in_days": 0}, {"expires_in_days": ["out_of_range"]}),
    ],
)
def test_what_an_account_may_not_be_is_named(
    api: Api, headquarters: Person, change: dict[str, Any], wrong: dict[str, list[str]]
) -> None:
    answer = api.post("/service-accounts", {**WANTED, **change}, headquarters)
    assert (answer.status_code, answer.json["errors"]) == (422, wrong)


def test_a_stream_of_figures_opens_by_key_too(api: Api, services: Services, made: dict[str, Any]) -> None:
    campaign = make_campaign(services)
    answer = _ask(api, made["key"], f"/reports/stream?campaign_id={campaign}")
    assert answer.status_code == 200
    answer.close()
