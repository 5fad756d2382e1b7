"""A moment as everybody outside reads it: RFC 3339 in UTC, whole seconds or with three digits, and always `Z`."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_text(moment: datetime) -> str:
    """Return a moment as text, as `2026-11-22T10:15:00Z`; one without a zone is the database's, which is UTC."""
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    # The database keeps milliseconds: what is finer would differ between an answer and the next.
    fine = "milliseconds" if moment.microsecond >= 1000 else "seconds"  # noqa: PLR2004
    return known.astimezone(UTC).isoformat(timespec=fine).replace("+00:00", "Z")
