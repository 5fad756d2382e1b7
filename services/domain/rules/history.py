"""What earlier attempts forbid: cooldown, one channel a day, and caps, over all campaigns and by person or address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.domain.identifiers.channels import CALL
from services.domain.ist import day_start
from services.domain.outcomes.standing import Standing
from services.domain.rules.parts import Caps
from services.domain.rules.subject import Touch


def cooldown_until(
    standing: Standing, touches: Sequence[Touch], *, campaign_id: str, channel: str, now: datetime, caps: Caps
) -> datetime | None:
    """Return when the cooldown ends; None if none holds.

    The last disposition's retry rule replaces it, but only after its own campaign's attempts so far, and only on the
    channel that it speaks of: when that try is due is `Standing.next_at`.
    """
    retries = standing.next_at is not None and standing.last_channel == channel
    retried = standing.last_at if retries else None
    cooled = last = now - caps.cooldown
    for touch in touches:
        if touch.at > last and (retried is None or touch.at > retried or touch.campaign_id != campaign_id):
            last = touch.at
    return last + caps.cooldown if last > cooled else None


def other_channel_today(touches: Sequence[Touch], *, channel: str, now: datetime, caps: Caps) -> bool:
    """Tell whether this Indian day's channels are used up and this is not one of them."""
    midnight = day_start(now)
    today = {touch.channel for touch in touches if touch.at >= midnight}
    return channel not in today and len(today) >= caps.channels_per_day


def worn_out(touches: Sequence[Touch], *, channel: str, now: datetime, caps: Caps) -> bool:
    """Tell whether the attempts within the caps' history reach the cap of the channel or of all channels."""
    if len(touches) < caps.per_channel and len(touches) < caps.total:
        return False
    start = now - caps.history
    counts = attempts([touch for touch in touches if touch.at > start], one_call=caps.one_call)
    return counts[channel] >= caps.per_channel or counts.total() >= caps.total


def attempts(touches: Sequence[Touch], *, one_call: timedelta) -> Counter[str]:
    """Count attempts by channel: the steps of a message on one item are one, so are the results of one call."""
    counts: Counter[str] = Counter()
    messages: set[tuple[str, str]] = set()
    calls: dict[str, datetime] = {}
    for touch in sorted(touches):
        if touch.channel != CALL:
            messages.add((touch.channel, touch.item_id))
        elif touch.item_id not in calls or touch.at - calls[touch.item_id] > one_call:
            calls[touch.item_id] = touch.at
            counts[CALL] += 1
    counts.update(channel for channel, _ in messages)
    return counts
