"""Times on the wire have one form."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from services.domain.wire_time import utc_text

ROOT = Path(__file__).parents[2]
IN_INDIA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 22, 10, 15, tzinfo=UTC), "2026-11-22T10:15:00Z"),
        (datetime(2026, 11, 22, 10, 15, 0, 999, tzinfo=UTC), "2026-11-22T10:15:00Z"),
        (datetime(2026, 11, 22, 10, 15, 0, 123456, tzinfo=UTC), "2026-11-22T10:15:00.123Z"),
        (datetime(2026, 11, 22, 15, 45, tzinfo=IN_INDIA), "2026-11-22T10:15:00Z"),
        (datetime(2026, 11, 22, 10, 15), "2026-11-22T10:15:00Z"),  # noqa: DTZ001 - as a raw read of the database is
    ],
)
def test_a_time_is_told_in_utc_with_three_digits_at_most(moment: datetime, text: str) -> None:
    assert utc_text(moment) == text


def test_nobody_else_writes_the_zone() -> None:
    writers = {
        path.relative_to(ROOT).as_posix()
        for room in ("api", "schemas", "services")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r'replace\("\+00:00", "Z"\)', path.read_text(encoding="utf-8"))
    }
    assert writers == {"services/domain/wire_time.py"}
