"""Counters as they are shown: in a row of a report, and as a volunteer's own day, week and campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.domain.ist import IST

# Counters by campaign and Indian day (`YYYY-MM-DD`).
Sums = Mapping[tuple[str, str], Mapping[str, int]]


def counted(counters: Mapping[str, int]) -> dict[str, Any]:
    """Return counters as every report shows them; support figures, which fewer may see, are not among them."""
    attempts, contacted = counters.get("attempts", 0), counters.get("contacted", 0)
    return {
        "attempts": attempts,
        "contacted": contacted,
        "opt_outs": counters.get("opt_outs", 0),
        "late": counters.get("late", 0),
        "outcomes": named(counters, "outcome:"),
        "contact_rate": round(contacted / attempts, 4) if attempts else None,
    }


def named(counters: Mapping[str, int], prefix: str) -> dict[str, int]:
    """Return the counters whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): number for name, number in counters.items() if name.startswith(prefix)}


def own_figures(sums: Sums, *, now: datetime) -> dict[str, Any]:
    """Return `{day, week, campaigns}`; the week is the Indian one and begins on Monday."""
    today = now.astimezone(IST).date()
    monday = today - timedelta(days=today.weekday())
    first, last = monday.isoformat(), today.isoformat()
    campaigns = sorted({campaign for campaign, _ in sums})
    return {
        "day": {
            "from_on": today,
            "to_on": today,
            **_sum(counters for (_, day), counters in sums.items() if day == last),
        },
        "week": {
            "from_on": monday,
            "to_on": today,
            **_sum(counters for (_, day), counters in sums.items() if first <= day <= last),
        },
        "campaigns": [
            {"campaign_id": one, **_sum(counters for (campaign, _), counters in sums.items() if campaign == one)}
            for one in campaigns
        ],
    }


def _sum(several: Iterable[Mapping[str, int]]) -> dict[str, Any]:
    total: Counter[str] = Counter()
    for counters in several:
        total.update(counters)
    return counted(total)
