"""Settings from the environment: one message for all that is wrong, and what production refuses."""

from __future__ import annotations

import base64
import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from config.settings import SettingsError, load_settings

GIVEN = "SAMPARK_"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from an environment that says nothing."""
    for name in [name for name in os.environ if name.startswith(GIVEN)] + ["FIREBASE_AUTH_EMULATOR_HOST"]:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that production takes."""
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "2026-11.pem").write_bytes(key)
    monkeypatch.setenv("SAMPARK_ENV", "production")
    monkeypatch.setenv("SAMPARK_SIGNING_KEYS", str(tmp_path))
    monkeypatch.setenv("SAMPARK_FIELD_KEYS", base64.b64encode(bytes(range(32))).decode())
    monkeypatch.setenv("SAMPARK_MONGODB_URI", "mongodb://db.example:27017/?replicaSet=rs0")


def refusal() -> str:
    with pytest.raises(SettingsError) as raised:
        load_settings()
    return str(raised.value)


def test_defaults_are_for_development() -> None:
    assert (load_settings().env, load_settings().port) == ("development", 8000)


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        load_settings().port = 1  # type: ignore[misc]


def test_one_message_names_all_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "ENV": "staging",
        "PORT": "many",
        "API_PROCESSES": "0",
        "MONGODB_URI": "postgres://here",
        "LOG_LEVEL": "LOUD",
        "CLOCK": "tomorrow",
        "FIELD_KEYS": "short",
        "FIREBASE_CREDENTIALS": "/nowhere/at/all.json",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(f"SAMPARK_{name}", value)
    message = refusal()
    assert [name for name in wrong if f"SAMPARK_{name}" not in message] == []


@pytest.mark.usefixtures("production")
def test_production_starts_with_settings_of_its_own() -> None:
    assert load_settings().production


def test_production_with_nothing_names_all_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPARK_ENV", "production")
    message = refusal()
    for name in ("SAMPARK_SIGNING_KEYS", "SAMPARK_FIELD_KEYS", "SAMPARK_MONGODB_URI"):
        assert f"{name}: required in production" in message


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAMPARK_FCM_URL", "https://fcm.example"),
        ("SAMPARK_FIREBASE_CERTS_URL", "https://certs.example"),
        ("SAMPARK_APP_CHECK_JWKS_URL", "https://keys.example"),
        ("SAMPARK_CLOCK", "2026-11-22T04:30:00Z"),
        ("SAMPARK_CORS_ORIGINS", "http://leaders.example"),
        ("SAMPARK_APP_CHECK", "enforce"),
        ("FIREBASE_AUTH_EMULATOR_HOST", "localhost:9099"),
        ("SAMPARK_API_PROCESES", "4"),
    ],
)
def test_production_refuses(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert refusal().startswith(f"wrong settings: {name}: ")


@pytest.mark.usefixtures("production")
def test_production_takes_an_embedded_database_by_name_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMPARK_MONGODB_URI")
    assert "SAMPARK_MONGODB_URI: required in production" in refusal()
    monkeypatch.setenv("SAMPARK_SECANTUSD", "/bin/sh")
    assert load_settings().secantusd == "/bin/sh"


@pytest.mark.usefixtures("production")
def test_no_secret_is_shown() -> None:
    assert repr(load_settings()) == "Settings(env='production')"
