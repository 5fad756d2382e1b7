"""The commands that need a database: migrate, admin, clock."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from api.cli import cli
from config.settings import Settings
from services.container import build_services
from services.domain.ids import new_id
from services.facade import Services
from services.store.collection import open_client

PHONE = "+919876543210"
PASSWORD = "a lamp on every roof"
Run = Callable[..., Result]


@pytest.fixture
def installation(settings: Settings) -> Iterator[Settings]:
    """An installation of its own, with nothing in it."""
    own = replace(settings, mongodb_database=f"sampark_test_{new_id()}")
    yield own
    with open_client(own.mongodb_uri or "") as client:
        client.drop_database(own.mongodb_database)


@pytest.fixture
def run(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SAMPARK_ENV", "test")
    monkeypatch.setenv("SAMPARK_MONGODB_URI", installation.mongodb_uri or "")
    monkeypatch.setenv("SAMPARK_MONGODB_DATABASE", installation.mongodb_database)
    monkeypatch.setattr("api.cli.opening.configure", lambda _level: None)
    return lambda *words, sent=None: CliRunner().invoke(cli, list(words), input=sent)


@pytest.fixture
def made(installation: Settings) -> Iterator[Services]:
    """The services of the installation that the commands work on."""
    with contextlib.closing(build_services(installation)) as services:
        yield services


def _create(run: Run, *more: str, phone: str = PHONE, sent: str = PASSWORD) -> Result:
    return run(
        "admin", "create", "--phone", phone, "--name", "Meera Joshi", "--password-stdin", *more, sent=f"{sent}\n"
    )


def test_migrating_twice_changes_nothing_the_second_time(run: Run) -> None:
    first = run("migrate", "--json")
    assert (first.exit_code, json.loads(first.output)["places"]) == (0, 1501)
    again = run("migrate", "--json")
    assert (again.exit_code, json.loads(again.output)) == (0, {"places": 0, "migrations": []})


def test_the_first_account_can_sign_in(run: Run, made: Services) -> None:
    done = _create(run, "--json")
    assert done.exit_code == 0
    facts = json.loads(done.output)
    assert (facts["role"], facts["phone"], facts["created"]) == ("hq_admin", PHONE, True)
    found = made.stores.users.credentials(phone=PHONE)
    assert found is not None
    user, secrets = found
    assert (user.id, user.state) == (facts["id"], "active")
    assert made.signin.passwords.matches(secrets["password_hash"], PASSWORD)


def test_a_second_account_with_the_phone_is_not_made(run: Run, made: Services) -> None:
    first = json.loads(_create(run, "--json").output)
    again = _create(run, phone="98765 43210", sent="another lamp on a roof")
    assert again.exit_code == 0
    assert "already" in again.output
    user, secrets = made.stores.users.credentials(phone=PHONE) or (None, {})
    assert user is not None
    assert user.id == first["id"]
    assert made.signin.passwords.matches(secrets["password_hash"], PASSWORD)


@pytest.mark.parametrize(("phone", "sent"), [("12345", PASSWORD), (PHONE, "tiny one"), (PHONE, "password123")])
def test_what_makes_no_account(run: Run, made: Services, phone: str, sent: str) -> None:
    done = _create(run, phone=phone, sent=sent)
    assert done.exit_code == 2
    assert sent not in done.output
    assert made.stores.users.find_by_phone(PHONE) is None


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("90s", timedelta(seconds=90)),
        ("90m", timedelta(minutes=90)),
        ("3d", timedelta(days=3)),
        ("1h30m", timedelta(hours=1.5)),
    ],
)
def test_the_clock_goes_forward(run: Run, made: Services, text: str, moved: timedelta) -> None:
    done = run("clock", "advance", text, "--json")
    assert done.exit_code == 0
    told = datetime.fromisoformat(json.loads(done.output)["now"])
    for moment in (told, made.clock.now()):
        assert abs(moment - moved - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("text", ["", "3", "3x", "d", "-3d", "3d4", "9999999d"])
def test_what_is_no_duration(run: Run, text: str) -> None:
    assert run("clock", "advance", text).exit_code == 2


def test_production_does_not_move_its_clock(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "production", property(lambda _self: True))
    done = run("clock", "advance", "1h")
    assert done.exit_code == 1
    assert "production" in done.output
