"""Which version of the rules holds, and whether a proposed one allows more than the live one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from services.domain.identifiers.channels import CHANNELS
from services.domain.rules.parts import Retry
from services.domain.rules.rules import Rules

_FOREVER = 10**9
_NO_SEATS: Mapping[str, str] = MappingProxyType({})


def effective(versions: Sequence[Rules], now: datetime) -> Rules:
    """Return the newest version that is in effect; the defaults begin long ago, so one always is."""
    in_effect = (rules for rules in versions if rules.effective_from <= now)
    return max(in_effect, key=lambda rules: (rules.effective_from, rules.version))


def widens(live: Rules, proposed: Rules) -> bool:
    """Tell whether the proposed rules allow anything that the live ones do not: that needs a second person."""
    return bool(widened(live, proposed))


def widened(live: Rules, proposed: Rules, seats: Mapping[str, str] = _NO_SEATS) -> tuple[str, ...]:
    """Return the paths of the fields that a proposed version makes more permissive.

    `seats` names the constituency of each part that has rules of its own: what a part had from there counts too.
    """
    found = list(_widened(live, proposed))
    for area_id in sorted({*live.areas, *proposed.areas}):
        # An area's own rules are compared as a part's would be: laid over its constituency's and the campaign's.
        seat = seats.get(area_id, "")
        inside = _widened(live.at(area_id, seat), proposed.at(area_id, seat))
        found += [f"areas.{area_id}.{name}" for name in inside if name not in found]
    return tuple(found)


def widened_over_time(
    before: Sequence[Rules], after: Sequence[Rules], *, since: datetime, seats: Mapping[str, str] = _NO_SEATS
) -> tuple[str, ...]:
    """Return the paths that a changed timeline widens at any time from `since` on: what is to come is compared too."""
    moments = {since, *(rules.effective_from for rules in after if rules.effective_from > since)}
    found: dict[str, None] = {}
    for moment in sorted(moments):
        found |= dict.fromkeys(widened(effective(before, moment), effective(after, moment), seats))
    return tuple(found)


def _widened(live: Rules, proposed: Rules) -> Iterator[str]:
    return _named(
        [
            ("contact_window", not live.contact_window.covers(proposed.contact_window)),
            ("contact_window_limit", not live.contact_window_limit.covers(proposed.contact_window_limit)),
            ("night_ban", _night_shrinks(live, proposed)),
            ("silence_hours", any(_silence(proposed, name) < _silence(live, name) for name in CHANNELS)),
            ("caps.per_channel", proposed.caps.per_channel > live.caps.per_channel),
            ("caps.total", proposed.caps.total > live.caps.total),
            ("caps.cooldown_hours", proposed.caps.cooldown < live.caps.cooldown),
            ("caps.channels_per_day", proposed.caps.channels_per_day > live.caps.channels_per_day),
            ("caps.history_days", proposed.caps.history < live.caps.history),
            ("caps.one_call_minutes", proposed.caps.one_call > live.caps.one_call),
            *((f"retry.{name}", _retry_eases(name, live, proposed)) for name in sorted({*live.retry, *proposed.retry})),
            ("bands", proposed.bands != live.bands),
            ("daily.call", proposed.daily.call > live.daily.call),
            ("daily.message", proposed.daily.message > live.daily.message),
            ("batch.size", proposed.batch_size > live.batch_size),
            ("complaints_pause", proposed.complaints_pause > live.complaints_pause),
            ("join_roll_phones", proposed.join_roll_phones and not live.join_roll_phones),
            ("retention_days", proposed.retention > live.retention),
            ("look_ahead_hours", proposed.look_ahead > live.look_ahead),
            ("validity_hours.announced", proposed.validity.announced > live.validity.announced),
            ("validity_hours.unannounced", proposed.validity.unannounced > live.validity.unannounced),
            ("exit_poll.after_minutes", proposed.exit_poll.after_close < live.exit_poll.after_close),
            ("exit_poll.same_election_days", proposed.exit_poll.same_election < live.exit_poll.same_election),
        ]
    )


def _named(findings: Iterable[tuple[str, bool]]) -> Iterator[str]:
    return (name for name, wider in findings if wider)


def _night_shrinks(live: Rules, proposed: Rules) -> bool:
    before, after = live.night_ban, proposed.night_ban
    return not before.channels <= after.channels or (bool(before.channels) and not after.span.covers(before.span))


def _silence(rules: Rules, channel: str) -> timedelta:
    return rules.silence.before_close(channel)


def _retry_eases(name: str, live: Rules, proposed: Rules) -> bool:
    """Without a rule of its own a disposition waits for the cooldown, as often as the caps allow."""
    before, after = _retry(live, name), _retry(proposed, name)
    return (
        after.after < before.after
        or (before.other_band and not after.other_band)
        or (before.next_day and not after.next_day)
        or _times(after) > _times(before)
    )


def _retry(rules: Rules, name: str) -> Retry:
    return rules.retry.get(name) or Retry(after=rules.caps.cooldown, other_band=False, next_day=False, times=None)


def _times(retry: Retry) -> int:
    return _FOREVER if retry.times is None else retry.times
