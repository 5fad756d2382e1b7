"""What a campaign keeps of a person beyond the roll: which value fits a field, and tellings that differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from services.domain.identifiers.aadhaar import holds_aadhaar

KINDS = ("text", "number", "date", "choice", "boolean")
LONGEST_TEXT = 200
_LARGEST = 10**12
_MOST_BESIDE = 20
# What a person wrote by hand has no source of a sheet.
BY_HAND = ""


class Teller(NamedTuple):
    """Who told a value: the id of a sheet's source (BY_HAND for a person here), and when that was collected."""

    source_id: str
    on: str


@dataclass(frozen=True, slots=True)
class CustomValues:
    """The values of one person in one campaign by field, who told each, and what others told differently."""

    values: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Teller] = field(default_factory=dict)
    beside: tuple[tuple[str, Any, str], ...] = ()
    """(field, value, source id)."""

    def with_row(self, row: Mapping[str, Any], teller: Teller) -> CustomValues:
        """Return them after a row told some, the same ones when it adds nothing; the later telling holds."""
        values, told, beside = dict(self.values), dict(self.told), list(self.beside)
        for name, value in row.items():
            known = values.get(name)
            if known == value or any(one[:2] == (name, value) for one in beside):
                continue
            if known is None or teller.on > told.get(name, Teller(BY_HAND, "")).on:
                if known is not None:
                    beside.append((name, known, told.get(name, Teller(BY_HAND, "")).source_id))
                values[name], told[name] = value, teller
            else:
                beside.append((name, value, teller.source_id))
        after = CustomValues(values, told, tuple(beside[:_MOST_BESIDE]))
        return self if after == self else after

    def edited(self, changes: Mapping[str, Any], on: date) -> CustomValues:
        """Return them after a person changed some by hand (None takes a value away, with all that was told of it)."""
        values, told, beside = dict(self.values), dict(self.told), list(self.beside)
        for name, value in changes.items():
            known = values.pop(name, None)
            teller = told.pop(name, Teller(BY_HAND, ""))
            if value is None:
                beside = [one for one in beside if one[0] != name]
                continue
            if known not in (None, value):
                beside.append((name, known, teller.source_id))
            values[name], told[name] = value, Teller(BY_HAND, on.isoformat())
        return CustomValues(values, told, tuple(beside[-_MOST_BESIDE:]))


def wrong_value(field: Mapping[str, Any] | None, value: Any) -> str | None:
    """Return the code of what is wrong with a value of a field, None if it may be kept."""
    if field is None:
        return "unknown_field"
    if value is None:
        return None
    if field["kind"] == "choice":
        return None if value in field["options"] else "unknown_name"
    return _WRONG[field["kind"]](value)


def _wrong_text(value: Any) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return "not_a_text"
    if len(value) > LONGEST_TEXT:
        return "too_long"
    return "aadhaar_like" if holds_aadhaar(value) else None


def _wrong_number(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "not_a_number"
    if holds_aadhaar(str(value)):
        return "aadhaar_like"
    return None if abs(value) < _LARGEST else "out_of_range"


def _wrong_date(value: Any) -> str | None:
    try:
        return None if isinstance(value, str) and date.fromisoformat(value).isoformat() == value else "not_a_date"
    except ValueError:
        return "not_a_date"


def _wrong_flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "not_a_boolean"


_WRONG: Mapping[str, Callable[[Any], str | None]] = {
    "text": _wrong_text,
    "number": _wrong_number,
    "date": _wrong_date,
    "boolean": _wrong_flag,
}
