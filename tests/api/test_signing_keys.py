"""Signing keys of a production installation: they change, and nobody is signed out."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask

from api.factory import create_app
from config.settings import Settings
from services.facade import Services
from tests.api.conftest import Api
from tests.factories import make_user, sign_in

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KINDS = {"rsa": RSA, "ec": ec.generate_private_key(ec.SECP256R1()), "ed25519": ed25519.Ed25519PrivateKey.generate()}


def _app(settings: Settings, services: Services, directory: Path, *names: str) -> Flask:
    """Return an application that signs with the last of these keys."""
    directory.mkdir(exist_ok=True)
    for age, name in enumerate(reversed(names)):
        path = directory / f"{name}.pem"
        path.write_bytes(KINDS[name].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return create_app(replace(settings, signing_keys=directory), services)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_key_signs_and_refreshes(
    settings: Settings, services: Services, tmp_path: Path, kind: str
) -> None:
    app = _app(settings, services, tmp_path, kind)
    person = sign_in(app, make_user(services))
    api = Api(app)
    assert api.get("/me", person).status_code == 200
    token = person.tokens["refresh_token"]
    first, again = (api.post("/auth/refresh", token=token).json["refresh_token"] for _ in range(2))
    claims = [jwt.decode(one, options={"verify_signature": False}) for one in (first, again)]
    assert claims[0] == claims[1]


def test_a_new_key_signs_nobody_out(settings: Settings, services: Services, tmp_path: Path) -> None:
    before = _app(settings, services, tmp_path / "before", "rsa")
    person = sign_in(before, make_user(services))
    api = Api(_app(settings, services, tmp_path / "after", "rsa", "ed25519"))
    assert api.get("/me", person).status_code == 200
    renewed = api.post("/auth/refresh", token=person.tokens["refresh_token"]).json
    assert jwt.get_unverified_header(renewed["access_token"])["alg"] == "EdDSA"
    assert api.get("/me", token=renewed["access_token"]).status_code == 200


def test_a_key_that_another_process_signs_with_already_is_read(
    settings: Settings, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.signing._READ_AGAIN_AFTER_S", 0)
    older = _app(settings, services, tmp_path, "rsa")
    newer = _app(settings, services, tmp_path, "rsa", "ed25519")
    person = sign_in(newer, make_user(services))
    assert jwt.get_unverified_header(person.tokens["access_token"])["alg"] == "EdDSA"
    assert Api(older).get("/me", person).status_code == 200


def test_a_key_that_was_taken_away_opens_nothing(settings: Settings, services: Services, tmp_path: Path) -> None:
    person = sign_in(_app(settings, services, tmp_path / "before", "rsa"), make_user(services))
    api = Api(_app(settings, services, tmp_path / "after", "ed25519"))
    assert api.get("/me", person).json["code"] == "token_invalid"


def test_a_public_key_is_no_secret_to_sign_with(settings: Settings, services: Services, tmp_path: Path) -> None:
    app = _app(settings, services, tmp_path, "rsa", "ed25519")
    person = sign_in(app, make_user(services))
    token = person.tokens["access_token"]
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(token)["kid"]
    public = KINDS["ed25519"].public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    for algorithm, key in (("HS256", public), ("RS256", RSA), ("ES256", KINDS["ec"])):
        forged = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})
        assert Api(app).get("/me", token=forged).json["code"] == "token_invalid"
