"""Templates: merge fields, certificates, and the text for one person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.content.merge_fields import fill, wrong_with
from services.domain.content.sms import count_parts
from services.domain.content.templates import check, is_certified, render
from services.domain.errors import Invalid

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
CERTIFICATE = {
    "number": "MCMC/12",
    "authority": "Churu",
    "issued_on": "2026-11-20",
    "valid_until": None,
    "file_sha256": "a" * 64,
}


def content(**changes: Any) -> dict[str, Any]:
    return {
        "body": {"hi": "नमस्ते {name|जी}", "en": "Dear {name|friend}"},
        "publisher": {"hi": "प्रकाशक: चूरू", "en": "Published in Churu"},
        "media": [],
        "certificate": None,
        "ruling": None,
        "is_synthetic": False,
        "label_verified": False,
        "creator": None,
        **changes,
    }


def wrong(**changes: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as raised:
        check(content(**changes), NOW)
    return raised.value.fields


def test_known_fact_stands_in_the_text() -> None:
    assert render(content(), "en", {"name": "Sita Devi"}) == "Dear Sita Devi\nPublished in Churu"


@pytest.mark.parametrize("facts", [{}, {"name": None}, {"name": "  "}])
def test_unknown_fact_leaves_the_fallback(facts: dict[str, str | None]) -> None:
    assert render(content(), "hi", facts) == "नमस्ते जी\nप्रकाशक: चूरू"


def test_unknown_locale_gets_hindi() -> None:
    assert render(content(), "mr", {}).startswith("नमस्ते")


def test_what_a_fact_holds_is_not_filled_again() -> None:
    assert fill("{name|x} {part|y}", {"name": "{part|z}", "part": "17"}) == "{part|z} 17"


def test_fact_stays_on_one_line_and_short() -> None:
    assert fill("{name|x}", {"name": "Sita\n\nDevi"}) == "Sita Devi"
    assert len(fill("{name|x}", {"name": "a" * 500})) == 80


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("plain", []),
        ("{name|जी}", []),
        ("{surname|x}", ["merge_field_unknown"]),
        ("{name}", ["merge_fallback_missing"]),
        ("{name|}", ["merge_fallback_missing"]),
        ("{name| }", ["merge_fallback_missing"]),
        ("{name|a", ["merge_field_malformed"]),
        ("{{name|a}}", ["merge_field_malformed"]),
        ("a } b", ["merge_field_malformed"]),
    ],
)
def test_wrong_fields_are_named(text: str, codes: list[str]) -> None:
    assert wrong_with(text) == codes


@given(st.text(alphabet="{}|ab name_", max_size=40))
def test_any_text_is_filled_or_refused(text: str) -> None:
    if not wrong_with(text):
        assert "{" not in fill(text, {})
        assert "}" not in fill(text, {})


def test_synthetic_content_needs_its_label_and_creator() -> None:
    assert wrong(is_synthetic=True) == {"label_verified": ["synthetic_needs_label"], "creator": ["required"]}
    check(content(is_synthetic=True, label_verified=True, creator="Studio"), NOW)


def test_certificate_from_the_future_is_refused() -> None:
    assert wrong(certificate={**CERTIFICATE, "issued_on": "2026-11-24"}) == {"certificate.issued_on": ["in_the_future"]}


def test_certificate_counts_to_its_last_day() -> None:
    assert not is_certified(content(), NOW)
    assert is_certified(content(certificate=CERTIFICATE), NOW)
    assert is_certified(content(certificate={**CERTIFICATE, "valid_until": "2026-11-23"}), NOW)
    assert not is_certified(content(certificate={**CERTIFICATE, "valid_until": "2026-11-22"}), NOW)


def test_ruling_stands_for_a_certificate() -> None:
    ruling = {"kind": "not_advertisement", "by": "Churu", "on": "2026-11-20", "note": "An invitation"}
    assert is_certified(content(ruling=ruling), NOW)


def test_parts_count_the_publisher_too() -> None:
    said = content(body={"hi": "क" * 60, "en": "a" * 100})
    assert [count_parts(render(said, locale, {})).parts for locale in ("hi", "en")] == [2, 1]
