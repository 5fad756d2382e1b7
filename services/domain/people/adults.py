"""Nobody under eighteen works here (DPDP Act 2023 s.9): what is told of an age is asked once and never kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.domain.errors import Invalid
from services.domain.ist import IST

ADULT = 18
AGE_FIELDS = frozenset({"born_on", "birth_year"})


def require_adult(facts: Mapping[str, Any], now: datetime) -> None:
    """Raise Invalid("under_18") for somebody who is, or by their year of birth alone may be, a minor today."""
    today = now.astimezone(IST).date()
    born: date | None = facts.get("born_on")
    year: int | None = facts.get("birth_year")
    if born is not None and today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < ADULT:
        raise Invalid(born_on="under_18")
    if born is None and year is not None and today.year - year - 1 < ADULT:
        raise Invalid(birth_year="under_18")
