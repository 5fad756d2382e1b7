"""What the tests of the rules share: the shipped rules, Indian clock times, and a made-up person to ask about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.data_files import default_rules, dispositions
from services.domain.ist import IST
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.standing import UNTOUCHED, Standing
from services.domain.rules.calendar import Controls, ModelCode, Poll
from services.domain.rules.eligibility import Gate, decide
from services.domain.rules.rules import Rules, merge
from services.domain.rules.subject import Address, CampaignView, Subject, Touch
from services.domain.rules.verdict import Verdict

RULES = Rules.parse(default_rules())
CATALOGUE = Catalogue.parse(dispositions())
PART, SEAT = "ac-24-17", "ac-24"
CAMPAIGN = CampaignView("drive", "active")
OPEN_ROUND_THE_CLOCK: dict[str, Any] = {
    "contact_window": {"from": "00:00", "to": "24:00"},
    "contact_window_limit": {"from": "00:00", "to": "24:00"},
}


def ist(text: str) -> datetime:
    """Read `2026-11-22 10:00[:00]` as Indian time."""
    return datetime.fromisoformat(text).replace(tzinfo=IST)


def rules(**changed: Any) -> Rules:
    """Return the shipped rules with some fields laid over."""
    limit = changed.pop("contact_window_limit", None)
    defaults = default_rules() if limit is None else {**default_rules(), "contact_window_limit": limit}
    return Rules.parse(merge(defaults, changed))


def poll(closes: str) -> Poll:
    """Return a poll that opens eleven hours before it closes."""
    closes_at = ist(closes)
    return Poll(closes_at.replace(hour=7, minute=0, second=0), closes_at)


def controls(*, code_from: str | None = None, code_to: str | None = None, **polls: str) -> Controls:
    """Return controls; keyword `ac_24="2026-12-01 18:00"` is the close of poll of area `ac-24`."""
    code = ModelCode(ist(code_from), ist(code_to) if code_to else None) if code_from else None
    return Controls(polls={area.replace("_", "-"): poll(closes) for area, closes in polls.items()}, model_code=code)


def mobile(**changed: Any) -> Address:
    return Address("key-1", "mobile")._replace(**changed)


def person(standing: Standing = UNTOUCHED, *, address: Address | None = None, **changed: Any) -> Subject:
    return Subject(PART, SEAT, address or mobile(), standing)._replace(**changed)


def touch(at: str, channel: str = "call", campaign: str = "drive", item: str = "item-1") -> Touch:
    return Touch(ist(at), channel, campaign, item)


def tried(at: str, disposition: str, *, next_at: str | None = None, channel: str = "call") -> Standing:
    """The standing after one attempt."""
    return Standing({channel: 1}, 1, ist(at), channel, disposition, ist(next_at) if next_at else None)


def gate(at: str, **changed: Any) -> Gate:
    asked = {"rules": RULES, "controls": Controls(), "campaign": CAMPAIGN, "channel": "call", **changed}
    return Gate(now=ist(at), **asked)


def ask(subject: Subject, at: str, **changed: Any) -> Verdict:
    asked = {"rules": RULES, "controls": Controls(), "campaign": CAMPAIGN, "channel": "call", **changed}
    return decide(subject, now=ist(at), **asked)
