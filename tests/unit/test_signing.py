"""Keys that sign and verify tokens: the newest signs, the others still verify, and none checks another's kind."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from config.settings import Settings, SettingsError
from config.signing import load_signing_keys


def _write(directory: Path, name: str, key, *, age: int) -> None:
    path = directory / f"{name}.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))


@pytest.fixture
def with_keys(base_settings: Settings, tmp_path: Path):
    _write(tmp_path, "oldest", rsa.generate_private_key(public_exponent=65537, key_size=2048), age=300)
    _write(tmp_path, "middle", ec.generate_private_key(ec.SECP256R1()), age=200)
    _write(tmp_path, "newest", ed25519.Ed25519PrivateKey.generate(), age=100)
    return replace(base_settings, signing_keys=tmp_path)


def test_the_newest_key_signs(with_keys: Settings) -> None:
    keys = load_signing_keys(with_keys)
    assert keys.algorithm == "EdDSA"
    token = jwt.encode({"sub": "x"}, keys.signing, algorithm=keys.algorithm, headers={"kid": keys.key_id})
    assert jwt.decode(token, keys.verifying(keys.key_id, "EdDSA"), algorithms=list(keys.algorithms)) == {"sub": "x"}


def test_older_keys_still_verify(with_keys: Settings, tmp_path: Path) -> None:
    (tmp_path / "newest.pem").rename(tmp_path / "newest.away")
    before = load_signing_keys(with_keys)
    token = jwt.encode({"sub": "x"}, before.signing, algorithm=before.algorithm, headers={"kid": before.key_id})
    (tmp_path / "newest.away").rename(tmp_path / "newest.pem")
    after = load_signing_keys(with_keys)
    assert after.key_id != before.key_id
    assert jwt.decode(token, after.verifying(before.key_id, "ES256"), algorithms=list(after.algorithms))


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "ES256", "none", None, ["EdDSA"]])
def test_a_key_never_checks_another_kind(with_keys: Settings, algorithm: object) -> None:
    keys = load_signing_keys(with_keys)
    assert keys.verifying(keys.key_id, algorithm) is None


@pytest.mark.parametrize("key_id", ["unknown", "", None, 7, ["x"], {}])
def test_an_unknown_name_finds_no_key(with_keys: Settings, key_id: object) -> None:
    assert load_signing_keys(with_keys).verifying(key_id, "EdDSA") is None


def test_the_secret_of_development_is_named_too(base_settings: Settings) -> None:
    keys = load_signing_keys(base_settings)
    assert keys.verifying(keys.key_id, "HS256") == base_settings.secret_key


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key(base_settings: Settings, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.pem").write_bytes(content)
    with pytest.raises(SettingsError, match=r"SAMPARK_SIGNING_KEYS.*broken\.pem"):
        load_signing_keys(replace(base_settings, signing_keys=tmp_path))


def test_a_curve_that_we_do_not_take(base_settings: Settings, tmp_path: Path) -> None:
    _write(tmp_path, "curve", ec.generate_private_key(ec.SECP384R1()), age=1)
    with pytest.raises(SettingsError, match="neither RSA, P-256 nor Ed25519"):
        load_signing_keys(replace(base_settings, signing_keys=tmp_path))
