"""The rounds of calls: all volunteers at once, each a thread with a phone."""

from __future__ import annotations

from collections.abc import Sequence

from bench.fleet.cast import Cast
from bench.fleet.steps import each
from bench.fleet.volunteer import Volunteer

# More connections than that two API processes would not keep.
_MOST_AT_ONCE = 400


def play_round(cast: Cast, campaign_id: str, *, title: str, with_outages: bool) -> int:
    """Let everybody work a round; return how many calls were made."""

    def work(one: Volunteer) -> int:
        return one.work(campaign_id, offline=with_outages and one.habits.offline)

    return sum(each(title, cast.volunteers, work, at_once=_MOST_AT_ONCE))


def come_back(offline: Sequence[Volunteer]) -> None:
    """Let those come back who had no line; the batches of some were recalled meanwhile."""
    each("coming back", offline, Volunteer.come_online, at_once=_MOST_AT_ONCE)
