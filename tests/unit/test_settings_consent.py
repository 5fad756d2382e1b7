"""Where claimed consent waits for a second person: in production unless its operator says otherwise."""

from __future__ import annotations

import pytest
from environs import Env

from config import settings


@pytest.mark.parametrize(
    ("environment", "said", "expected"),
    [
        ("production", None, "required"),
        ("production", "recorded", "recorded"),
        ("development", None, "recorded"),
        ("test", "required", "required"),
    ],
)
def test_claimed_consent_is_attested_where_it_matters(
    monkeypatch: pytest.MonkeyPatch, environment: str, said: str | None, expected: str
) -> None:
    monkeypatch.setenv("SAMPARK_ENV", environment)
    if said is not None:
        monkeypatch.setenv("SAMPARK_ATTEST_CONSENT", said)
    read = settings._read(Env(eager=False, prefix="SAMPARK_"), [])
    assert read["attest_consent"] == expected
