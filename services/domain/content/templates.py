"""Templates: what one may say, whether it may be sent under the Model Code, and its text for one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from services.domain.content.merge_fields import fill, wrong_with
from services.domain.errors import Invalid
from services.domain.ist import IST
from services.domain.rules.calendar import Controls, KillSwitch

Document = dict[str, Any]
CATEGORIES = ("idea", "appeal", "work", "scheme", "achievement", "invitation")
LOCALES = ("hi", "en")
RULING = "not_advertisement"


def check(content: Mapping[str, Any], now: datetime) -> None:
    """Raise Invalid that names every field with which this content cannot be kept."""
    wrong: dict[str, str | Sequence[str]] = {}
    for locale in LOCALES:
        for name in ("body", "publisher"):
            codes = wrong_with(content[name][locale]) if name == "body" else _plain(content[name][locale])
            if codes:
                wrong[f"{name}.{locale}"] = codes
    if content["is_synthetic"]:
        # Synthetic content carries its label and stands in a register of creators (ECI, 24 Oct 2025).
        wrong |= {} if content["label_verified"] else {"label_verified": ["synthetic_needs_label"]}
        wrong |= {} if content["creator"] else {"creator": ["required"]}
    wrong |= _dates(content, now.astimezone(IST).date())
    if wrong:
        raise Invalid("validation_failed", **wrong)


def _plain(text: str) -> list[str]:
    return ["merge_field_malformed"] if "{" in text or "}" in text else []


def _dates(content: Mapping[str, Any], today: date) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    certificate, ruling = content["certificate"], content["ruling"]
    if certificate and date.fromisoformat(certificate["issued_on"]) > today:
        wrong["certificate.issued_on"] = ["in_the_future"]
    if certificate and certificate["valid_until"] and certificate["valid_until"] < certificate["issued_on"]:
        wrong["certificate.valid_until"] = ["before_issued_on"]
    if ruling and date.fromisoformat(ruling["on"]) > today:
        wrong["ruling.on"] = ["in_the_future"]
    return wrong


def is_certified(content: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether it was certified, or ruled not to be an advertisement (pre-certification, field-facts §6)."""
    if content["ruling"] is not None:
        return True
    certificate = content["certificate"]
    if certificate is None:
        return False
    ends = certificate["valid_until"]
    return ends is None or now.astimezone(IST).date() <= date.fromisoformat(ends)


def may_be_used(
    template: Mapping[str, Any], controls: Controls, *, own: Iterable[KillSwitch] = (), now: datetime
) -> bool:
    """Tell whether neither the Model Code nor a kill switch (the state's, or `own` of a campaign) stops it."""
    if controls.code_in_force(now) and not is_certified(template["live"]["content"], now):
        return False
    return not any(stop.covers(template["channel"], template["_id"]) for stop in (*controls.kill_switches, *own))


def render(version: Mapping[str, Any], locale: str, facts: Mapping[str, str | None]) -> str:
    """Return the text of a template's version for one person: the filled body, then who publishes it.

    `version` is the content, or anything that carries its `body` and `publisher`; an unknown locale gets Hindi.
    """
    spoken = locale if locale in LOCALES else "hi"
    body = fill(version["body"][spoken], facts)
    publisher = version["publisher"][spoken]
    return f"{body}\n{publisher}" if publisher else body


def for_phone(template: Mapping[str, Any]) -> Document:
    """Return a live template as phones get it; `version` is that of its content."""
    live = template["live"]
    content = live["content"]
    return {
        "id": template["_id"],
        "version": live["version"],
        "campaign_id": template["campaign_id"],
        "name": template["name"],
        "category": template["category"],
        "channel": template["channel"],
        "body": content["body"],
        "publisher": content["publisher"],
        "media": content["media"],
        "is_synthetic": content["is_synthetic"],
    }
