"""The parts that a campaign's rules are made of, each able to read itself and to be written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from services.domain.identifiers.channels import CHANNELS
from services.domain.ist import Span
from services.domain.reading import Reader

_HOUR = timedelta(hours=1)
_WEEK_HOURS = 7 * 24
_YEAR_MINUTES = 366 * 24 * 60
_CAPS = frozenset({"per_channel", "total", "cooldown_hours", "channels_per_day", "history_days", "one_call_minutes"})


@dataclass(frozen=True, slots=True)
class NightBan:
    """The hours in which some channels are banned while the Model Code is in force."""

    span: Span
    channels: frozenset[str]

    @staticmethod
    def read(reader: Reader) -> NightBan:
        """Read `{from, to, channels}`."""
        return NightBan(reader.span(wraps=True, beside={"channels"}), reader.names("channels", allowed=CHANNELS))

    def to_wire(self) -> dict[str, object]:
        """Return `{from, to, channels}`."""
        return {**self.span.to_wire(), "channels": [name for name in CHANNELS if name in self.channels]}


@dataclass(frozen=True, slots=True)
class Silence:
    """How many hours before the close of poll nobody is contacted, by channel."""

    default: int
    by_channel: Mapping[str, int]

    @staticmethod
    def read(reader: Reader) -> Silence:
        """Read `{default, <channel>?}` in hours."""
        reader.only({"default", *CHANNELS})
        named = [name for name in CHANNELS if reader.has(name)]
        hours = {name: reader.integer(name, low=0, high=_WEEK_HOURS) for name in named}
        return Silence(reader.integer("default", low=0, high=_WEEK_HOURS), MappingProxyType(hours))

    def before_close(self, channel: str) -> timedelta:
        """Return how long before the close of poll the silence of a channel begins."""
        return self.by_channel.get(channel, self.default) * _HOUR

    def to_wire(self) -> dict[str, int]:
        """Return `{default, <channel>?}`."""
        return {"default": self.default, **self.by_channel}


@dataclass(frozen=True, slots=True)
class Caps:
    """How often and how soon again one person, or one address, is tried.

    `history` is how far back attempts of other campaigns count; results told within `one_call` of each other on one
    number are of one call, in which several people of a household spoke.
    """

    per_channel: int
    total: int
    cooldown: timedelta
    channels_per_day: int
    history: timedelta
    one_call: timedelta

    @staticmethod
    def read(reader: Reader) -> Caps:
        """Read the caps, each named with its unit."""
        reader.only(_CAPS)
        return Caps(
            per_channel=reader.integer("per_channel", low=1, high=100),
            total=reader.integer("total", low=1, high=100),
            cooldown=reader.integer("cooldown_hours", low=0, high=24 * 366) * _HOUR,
            channels_per_day=reader.integer("channels_per_day", low=1, high=len(CHANNELS)),
            history=timedelta(days=reader.integer("history_days", low=1, high=3660)),
            one_call=timedelta(minutes=reader.integer("one_call_minutes", low=0, high=24 * 60)),
        )

    def to_wire(self) -> dict[str, int]:
        """Return the caps as they were read."""
        return {
            "per_channel": self.per_channel,
            "total": self.total,
            "cooldown_hours": self.cooldown // _HOUR,
            "channels_per_day": self.channels_per_day,
            "history_days": self.history.days,
            "one_call_minutes": self.one_call // timedelta(minutes=1),
        }


@dataclass(frozen=True, slots=True)
class Retry:
    """When a disposition may be followed by another try; `times` limits how often, none of it means no limit."""

    after: timedelta
    other_band: bool
    next_day: bool
    times: int | None

    @staticmethod
    def read(reader: Reader) -> Retry:
        """Read `{after_minutes, other_band, next_day?, times?}`."""
        reader.only({"after_minutes", "other_band", "next_day", "times"})
        return Retry(
            after=timedelta(minutes=reader.integer("after_minutes", low=0, high=_YEAR_MINUTES)),
            other_band=reader.flag("other_band", default=False),
            next_day=reader.flag("next_day", default=False),
            times=reader.integer("times", low=0, high=100) if reader.has("times") else None,
        )

    def to_wire(self) -> dict[str, object]:
        """Return the rule; what is not in use is left out."""
        wire: dict[str, object] = {"after_minutes": self.after // timedelta(minutes=1), "other_band": self.other_band}
        if self.next_day:
            wire["next_day"] = True
        return wire if self.times is None else {**wire, "times": self.times}


@dataclass(frozen=True, slots=True)
class Daily:
    """How many numbers one volunteer may be shown a day."""

    call: int
    message: int

    @staticmethod
    def read(reader: Reader) -> Daily:
        """Read `{call, message}`."""
        reader.only({"call", "message"})
        return Daily(reader.integer("call", low=0, high=1000), reader.integer("message", low=0, high=1000))


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a phone may rely on the rules it was sent, with and without an announced poll."""

    announced: timedelta
    unannounced: timedelta

    @staticmethod
    def read(reader: Reader) -> Validity:
        """Read `{announced, unannounced}` in hours; a poll may be set late, so 12 h is the most while there is none."""
        reader.only({"announced", "unannounced"})
        return Validity(
            announced=reader.integer("announced", low=1, high=_WEEK_HOURS) * _HOUR,
            unannounced=reader.integer("unannounced", low=1, high=12) * _HOUR,
        )

    def to_wire(self) -> dict[str, int]:
        """Return both in hours."""
        return {"announced": self.announced // _HOUR, "unannounced": self.unannounced // _HOUR}


@dataclass(frozen=True, slots=True)
class ExitPoll:
    """How long after the last close the exit-poll freeze lasts, and which polls count as one election (s.126A)."""

    after_close: timedelta
    same_election: timedelta

    @staticmethod
    def read(reader: Reader) -> ExitPoll:
        """Read `{after_minutes, same_election_days}`."""
        reader.only({"after_minutes", "same_election_days"})
        return ExitPoll(
            after_close=timedelta(minutes=reader.integer("after_minutes", low=0, high=_YEAR_MINUTES)),
            same_election=timedelta(days=reader.integer("same_election_days", low=0, high=366)),
        )

    def to_wire(self) -> dict[str, int]:
        """Return the freeze as it was read."""
        return {
            "after_minutes": self.after_close // timedelta(minutes=1),
            "same_election_days": self.same_election.days,
        }
