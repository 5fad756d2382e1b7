"""Every way in which a token can be wrong is answered 401 with a code that says which, on every route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from werkzeug.test import TestResponse

from config.settings import Settings
from config.signing import SigningKeys
from tests.contracts.walk import assert_problem, steps
from tests.factories import Person

ASKED = "/api/v1/me"
FAR = 4_000_000_000


@pytest.fixture
def good(volunteer_of_churu: Person) -> str:
    token: str = volunteer_of_churu.tokens["access_token"]
    return token


@pytest.fixture
def keys(app: Flask) -> SigningKeys:
    found: SigningKeys = app.extensions["signing_keys"]
    return found


def ask(app: Flask, authorization: str | None) -> TestResponse:
    headers = {} if authorization is None else {"Authorization": authorization}
    return app.test_client().get(ASKED, headers=headers)


def changed(token: str, keys: SigningKeys, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """Sign a token's claims anew with some of them, or of its header, changed; None takes one away."""
    told = {**jwt.decode(token, options={"verify_signature": False}), **claims}
    told = {name: value for name, value in told.items() if value is not None}
    return jwt.encode(told, keys.signing, algorithm=keys.algorithm, headers=header or jwt.get_unverified_header(token))


def test_every_route_that_is_not_public_wants_a_token(app: Flask, person: Callable[..., Person]) -> None:
    for step in steps(app, person):
        if step.declared.token:
            answer = app.test_client().open(step.path, method=step.declared.method)
            assert assert_problem(answer, 401, step.name)["code"] == "unauthenticated", step.name
            assert answer.headers["WWW-Authenticate"] == "Bearer", step.name


def test_every_route_refuses_a_token_that_is_none(app: Flask, person: Callable[..., Person]) -> None:
    for step in steps(app, person):
        if step.declared.token:
            headers = {"Authorization": "Bearer a.b.c"}
            answer = app.test_client().open(step.path, method=step.declared.method, headers=headers)
            assert assert_problem(answer, 401, step.name)["code"] == "token_invalid", step.name


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR ", "Bearer "])
def test_a_good_token_opens_however_the_scheme_is_written(app: Flask, good: str, scheme: str) -> None:
    assert ask(app, f"{scheme} {good}").status_code == 200


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Token x"])
def test_no_bearer_token(app: Flask, header: str) -> None:
    assert assert_problem(ask(app, header), 401)["code"] == "unauthenticated"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Bearer x y", "Bearer \xff", "Bearer " + "a." * 5000]
)
def test_a_bearer_that_is_no_token(app: Flask, header: str) -> None:
    assert assert_problem(ask(app, header), 401)["code"] == "token_invalid"


def test_an_expired_token(app: Flask, good: str, keys: SigningKeys) -> None:
    token = changed(good, keys, iat=1_000_000, nbf=1_000_000, exp=1_000_060)
    assert assert_problem(ask(app, f"Bearer {token}"), 401)["code"] == "token_expired"


def test_a_token_of_the_future(app: Flask, good: str, keys: SigningKeys) -> None:
    token = changed(good, keys, nbf=FAR, exp=FAR + 60)
    assert assert_problem(ask(app, f"Bearer {token}"), 401)["code"] == "token_invalid"


def test_a_token_without_a_signature(app: Flask, good: str) -> None:
    claims = jwt.decode(good, options={"verify_signature": False})
    header = jwt.get_unverified_header(good)
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": header["kid"]})
    assert assert_problem(ask(app, f"Bearer {unsigned}"), 401)["code"] == "token_invalid"
    cut = good.rpartition(".")[0] + "."
    assert assert_problem(ask(app, f"Bearer {cut}"), 401)["code"] == "token_invalid"


def test_a_token_signed_with_another_key(app: Flask, good: str) -> None:
    claims = jwt.decode(good, options={"verify_signature": False})
    header = {"kid": jwt.get_unverified_header(good)["kid"]}
    forged = jwt.encode(claims, "x" * 64, algorithm="HS256", headers=header)
    assert assert_problem(ask(app, f"Bearer {forged}"), 401)["code"] == "token_invalid"


@pytest.mark.parametrize("kid", ["unknown", "", "../../etc/passwd", None])
def test_a_token_that_names_another_key(app: Flask, good: str, keys: SigningKeys, kid: str | None) -> None:
    token = changed(good, keys, header={"kid": kid} if kid is not None else {"typ": "JWT"})
    assert assert_problem(ask(app, f"Bearer {token}"), 401)["code"] == "token_invalid"


def test_a_token_of_another_algorithm(app: Flask, good: str) -> None:
    claims = jwt.decode(good, options={"verify_signature": False})
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode(claims, own, algorithm="RS256", headers={"kid": jwt.get_unverified_header(good)["kid"]})
    assert assert_problem(ask(app, f"Bearer {token}"), 401)["code"] == "token_invalid"


def test_a_refresh_token_is_no_access_token(app: Flask, volunteer_of_churu: Person) -> None:
    token = volunteer_of_churu.tokens["refresh_token"]
    assert assert_problem(ask(app, f"Bearer {token}"), 401)["code"] == "token_invalid"


def test_an_access_token_is_no_refresh_token(app: Flask, good: str) -> None:
    answer = app.test_client().post("/api/v1/auth/refresh", headers={"Authorization": f"Bearer {good}"})
    assert assert_problem(answer, 401)["code"] == "token_invalid"


@pytest.mark.parametrize("claims", [{"iss": "elsewhere"}, {"sub": None}, {"iss": None}, {"exp": "soon"}])
def test_a_token_with_claims_that_we_never_make(
    app: Flask, good: str, keys: SigningKeys, claims: dict[str, Any]
) -> None:
    assert assert_problem(ask(app, f"Bearer {changed(good, keys, **claims)}"), 401)["code"] == "token_invalid"


def test_a_token_of_a_person_who_is_not_there(app: Flask, good: str, keys: SigningKeys) -> None:
    token = changed(good, keys, sub="nobody")
    assert assert_problem(ask(app, f"Bearer {token}"), 401)["code"] == "session_revoked"


def test_a_token_is_read_from_the_header_alone(app: Flask, good: str, settings: Settings) -> None:
    client = app.test_client()
    client.set_cookie("access_token_cookie", good)
    answer = client.get(ASKED, query_string={"jwt": good, "access_token": good})
    assert assert_problem(answer, 401)["code"] == "unauthenticated"
