"""Phone sign-in by real RS256 ID tokens: what proves a phone, what proves nothing, and what cannot be told."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime

import pytest

from services.domain.errors import Unauthenticated, Unavailable
from services.gateways.identity import FirebaseIdentity
from tests.fcm.keys import FAULTS
from tests.fcm.server import running

PHONE = "+919800000001"


def test_token_of_a_phone_sign_in_proves_the_phone(identity, double):
    verified = identity.verify_phone(double.id_token(PHONE, uid="uid-1", signed_in_s_ago=600))

    assert (verified.uid, verified.phone) == ("uid-1", PHONE)
    assert (datetime.now(UTC) - verified.auth_time).total_seconds() == pytest.approx(600, abs=5)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_spoiled_token_proves_nothing(identity, double, fault):
    with pytest.raises(Unauthenticated, match="id_token_invalid"):
        identity.verify_phone(double.id_token(PHONE, fault=fault))


def _token(header, payload, signature="c2lnbmVk"):
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, payload)]
    return ".".join([*parts, signature])


PAYLOAD = {"aud": "sampark-double", "iss": "https://securetoken.google.com/sampark-double", "sub": "uid-1"}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "..",
        "\ud800",
        "ट.ट.ट",
        "e30.e30.",
        _token([], PAYLOAD),
        _token({"alg": "RS256", "kid": ["k"]}, PAYLOAD),
        _token({"alg": ["RS256"], "kid": "k"}, PAYLOAD),
        _token({"alg": "RS256", "kid": "k"}, [PAYLOAD]),
        _token({"alg": "RS256", "kid": "k"}, {**PAYLOAD, "aud": [PAYLOAD["aud"]]}),
        _token({"alg": "RS256", "kid": {}}, {**PAYLOAD, "iat": "soon", "exp": []}),
        _token({"alg": "HS256", "kid": "k"}, PAYLOAD),
        "." * 5000,
        ".".join([base64.urlsafe_b64encode(b"[" * 99_999).decode(), "e30", "e30"]),
    ],
)
def test_text_that_is_no_token_proves_nothing(identity, token):
    with pytest.raises(Unauthenticated, match="id_token_invalid"):
        identity.verify_phone(token)


@pytest.mark.parametrize("step", [500, 404, "hang", "reset", "bad_json", "no_name"])
def test_certificate_source_that_fails_blames_nobody(identity, double, step):
    double.script({"/certs": [step]})

    with pytest.raises(Unavailable, match="identity_unavailable"):
        identity.verify_phone(double.id_token(PHONE))


def test_certificate_source_that_is_down_blames_nobody(tmp_path):
    with running() as double:
        identity = FirebaseIdentity(double.write_credentials(tmp_path), certs_url=double.certs_url)
        token = double.id_token(PHONE)

    with pytest.raises(Unavailable, match="identity_unavailable"):
        identity.verify_phone(token)
    identity.close()


def test_certificates_are_kept_while_their_source_is_away(tmp_path):
    with running() as double:
        identity = FirebaseIdentity(double.write_credentials(tmp_path), certs_url=double.certs_url)
        identity.verify_phone(double.id_token(PHONE))
        token = double.id_token(PHONE)

    assert identity.verify_phone(token).phone == PHONE
    identity.close()


def test_certificates_are_fetched_again_after_a_failure(identity, double):
    double.script({"/certs": [503]})
    with pytest.raises(Unavailable):
        identity.verify_phone(double.id_token(PHONE))

    assert identity.verify_phone(double.id_token(PHONE)).phone == PHONE


def test_hanging_certificate_source_is_given_up_within_the_timeout(identity, double):
    double.script({"/certs": ["hang"]})
    started = time.monotonic()

    with pytest.raises(Unavailable):
        identity.verify_phone(double.id_token(PHONE))
    assert time.monotonic() - started < 1


def test_without_credentials_phone_sign_in_is_not_configured():
    identity = FirebaseIdentity(None)

    assert not identity.available
    with pytest.raises(Unavailable, match="firebase_not_configured"):
        identity.verify_phone("x")
    identity.close()


def test_production_takes_googles_certificates_only(double, credentials):
    with pytest.raises(ValueError, match="production"):
        FirebaseIdentity(credentials, certs_url=double.certs_url, production=True)


def test_production_refuses_the_auth_emulator(credentials, monkeypatch):
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099")

    with pytest.raises(ValueError, match="emulator"):
        FirebaseIdentity(credentials, production=True)
