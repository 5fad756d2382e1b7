"""What pushes say, in both languages, and the hours in which they are not shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.paths import read_json
from services.domain.push.texts import LOCALES, PushRules, clipped, plural, shown

RULES = PushRules.parse(read_json("push.json"))


@pytest.mark.parametrize(
    ("n", "hindi", "english"), [(0, "one", "other"), (1, "one", "one"), (2, "other", "other"), (21, "other", "other")]
)
def test_plurals_follow_cldr(n, hindi, english):
    assert (plural("hi", n), plural("en", n)) == (hindi, english)


@pytest.mark.parametrize("kind", ["batch", "callback", "escalation"])
@pytest.mark.parametrize("n", [0, 1, 25])
def test_every_text_is_there_in_both_languages(kind, n):
    title, body = RULES.text(kind, n)

    assert title.keys() == body.keys() == set(LOCALES)
    assert all(clipped(title[locale], body[locale]) == (title[locale], body[locale]) for locale in LOCALES)
    assert "{" not in "".join(body.values())


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-23T15:29", None),  # 20:59 in Jaipur
        ("2026-11-23T15:30", "2026-11-24T01:30"),
        ("2026-11-24T01:29", "2026-11-24T01:30"),
        ("2026-11-24T01:30", None),
    ],
)
def test_quiet_hours_are_indian_ones(at, until):
    found = RULES.quiet_until(datetime.fromisoformat(at).replace(tzinfo=UTC))

    assert found == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)


def test_unknown_language_reads_hindi():
    assert shown({"hi": "नमस्ते", "en": "Hello"}, "mr") == "नमस्ते"
