"""An export: what may be asked for of each kind, and its lines, which no spreadsheet program runs as formulas."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from services.domain.sheets.rejects import formula_safe
from services.domain.wire_time import utc_text

KINDS = ("contacts", "outcomes", "progress", "volunteers", "audit", "suppressions")
FORMATS = ("csv", "xlsx")
STATES = ("waiting", "approved", "rejected", "ready", "gone")
KEPT = timedelta(hours=24)
# What each kind can be narrowed by; those with a campaign need it.
FILTERS: Mapping[str, frozenset[str]] = {
    "contacts": frozenset({"campaign_id", "area", "audience_id"}),
    "outcomes": frozenset({"campaign_id", "area", "from", "to"}),
    "progress": frozenset({"campaign_id", "by", "from", "to"}),
    "volunteers": frozenset({"campaign_id", "area", "from", "to"}),
    "audit": frozenset({"actor", "action", "from", "to"}),
    "suppressions": frozenset({"from", "to"}),
}
# Kinds that can bring numbers, and those that are about no single person.
WITH_NUMBERS = frozenset({"contacts", "volunteers"})
NOTHING_PERSONAL = frozenset({"progress"})


class Id(str):
    """An id that we made of letters, digits, `-` and `_`: it can call nothing, and must be found again as it is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows of an export: whose they are, how many people were left out, of how many numbers withheld, and why."""

    rows: Sequence[Sequence[Any]]
    contacts: Sequence[str] = ()
    left_out: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)


def wrong_with(kind: str, wanted: Mapping[str, Any], *, personal: bool, numbers: bool) -> dict[str, str]:
    """Return codes by field for what an export of this kind cannot be asked for."""
    allowed = FILTERS[kind]
    wrong = {f"filter.{name}": "invalid" for name in wanted.keys() - allowed}
    if "campaign_id" in allowed and "campaign_id" not in wanted:
        wrong["filter.campaign_id"] = "required"
    if "from" in wanted and "to" in wanted and wanted["from"] > wanted["to"]:
        wrong["filter.to"] = "before_from"
    if personal and kind in NOTHING_PERSONAL:
        wrong["personal"] = "invalid"
    if numbers and (not personal or kind not in WITH_NUMBERS):
        wrong["numbers"] = "invalid" if personal else "needs_personal"
    return wrong


def line(cells: Iterable[Any]) -> str:
    """Return one line of CSV."""
    out = io.StringIO()
    csv.writer(out).writerow([cell if isinstance(cell, Id) else formula_safe(text_of(cell)) for cell in cells])
    return out.getvalue()


def text_of(value: Any) -> str:
    """Return a cell's text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | set | frozenset):
        return "; ".join(text_of(one) for one in value)
    return str(value)


def mark_of(export: Mapping[str, Any], name: str) -> str:
    """Return what stands in every row: for whom, when and as which export it was made."""
    return f"{name} ({export['asked_by']}) {text_of(export['asked_at'])} {export['_id']}"
