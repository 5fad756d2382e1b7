"""App Check: whether a request comes from our own app, by real RS256 tokens from the double."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.facade import Services
from services.gateways.app_check import FirebaseAppCheck
from services.people.app_check import AppCheck
from tests.api.conftest import Api
from tests.factories import PASSWORD, Person
from tests.fcm.attestation import APP_FAULTS
from tests.fcm.server import running

HEADER = "X-Firebase-AppCheck"


@pytest.fixture(scope="module")
def double() -> Iterator[Any]:
    with running() as double:
        yield double


@pytest.fixture
def ask_for(
    double: Any, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """Let the application look at the header in a mode."""
    double.clear()
    gateway = FirebaseAppCheck(double.write_credentials(tmp_path), jwks_url=double.jwks_url, timeouts=(0.5, 0.5))

    def mode(name: str) -> None:
        checks = AppCheck(gateway, mode=name)
        monkeypatch.setattr(services.app_check, "_gateway", gateway)
        monkeypatch.setattr(services.app_check, "asked", checks.asked)
        monkeypatch.setattr(services.app_check, "enforced", checks.enforced)

    yield mode
    gateway.close()


def _asked(api: Api, person: Person, token: str | None) -> tuple[int, str | None]:
    answer = api.get("/me", person, headers={} if token is None else {HEADER: token})
    return answer.status_code, answer.json.get("code")


def _judged(api: Api, result: str) -> float:
    text = api.get("/metrics").get_data(as_text=True)
    line = next(
        (line for line in text.splitlines() if line.startswith(f'sampark_app_check_total{{result="{result}"')), "0"
    )
    return float(line.split()[-1])


def test_our_own_app_is_let_in(
    api: Api, volunteer_of_churu: Person, ask_for: Callable[[str], None], double: Any
) -> None:
    ask_for("enforce")
    assert _asked(api, volunteer_of_churu, double.app_check_token()) == (200, None)


@pytest.mark.parametrize("fault", [*sorted(APP_FAULTS), "none", "nonsense", "a.b.c"])
def test_what_proves_nothing_is_refused_where_that_is_asked(
    api: Api, volunteer_of_churu: Person, ask_for: Callable[[str], None], double: Any, fault: str
) -> None:
    ask_for("enforce")
    token = double.app_check_token(fault) if fault in APP_FAULTS else None if fault == "none" else fault
    assert _asked(api, volunteer_of_churu, token) == (401, "app_check_failed")


@pytest.mark.parametrize("token", [None, "nonsense"])
def test_the_log_alone_refuses_nobody(
    api: Api, volunteer_of_churu: Person, ask_for: Callable[[str], None], token: str | None
) -> None:
    ask_for("log")
    result = "missing" if token is None else "invalid"
    before = _judged(api, result)
    assert _asked(api, volunteer_of_churu, token) == (200, None)
    assert _judged(api, result) > before


def test_sign_ins_are_asked_too_and_the_desk_is_not(
    api: Api, coordinator_of_churu: Person, ask_for: Callable[[str], None]
) -> None:
    ask_for("enforce")
    login = {"phone": coordinator_of_churu.user.phone, "password": PASSWORD}
    assert api.post("/auth/login", login).json["code"] == "app_check_failed"
    assert api.get("/users", coordinator_of_churu).status_code == 200


@pytest.mark.parametrize("step", [500, "bad_json", "hang"])
def test_keys_that_cannot_be_had_are_no_ones_fault(
    api: Api, volunteer_of_churu: Person, ask_for: Callable[[str], None], double: Any, step: object
) -> None:
    ask_for("enforce")
    double.script({"/jwks": [step]})
    assert _asked(api, volunteer_of_churu, double.app_check_token()) == (503, "identity_unavailable")


def test_without_a_project_nothing_is_asked(api: Api, volunteer_of_churu: Person, services: Services) -> None:
    assert not services.app_check.asked
    assert _asked(api, volunteer_of_churu, "nonsense") == (200, None)


def test_production_takes_googles_keys_only(double: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="production"):
        FirebaseAppCheck(double.write_credentials(tmp_path), jwks_url=double.jwks_url, production=True)
