"""What holds for the whole state at its time: poll hours by place, the Model Code, kill switches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from services.domain.identifiers.channels import CHANNELS
from services.domain.reading import Reader
from services.domain.rules.layers import Change
from services.domain.rules.parts import ExitPoll
from services.domain.rules.rules import Rules


class Interval(NamedTuple):
    """A stretch of time `[start, end)`."""

    start: datetime
    end: datetime

    def contains(self, moment: datetime) -> bool:
        """Tell whether `moment` lies in the stretch."""
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Poll:
    """The hours in which an area votes."""

    opens_at: datetime
    closes_at: datetime

    def silence(self, before_close: timedelta) -> Interval:
        """Return the silence that ends with the close of poll (RPA 1951 s.126)."""
        return Interval(self.closes_at - before_close, self.closes_at)


@dataclass(frozen=True, slots=True)
class ModelCode:
    """The time in which the Model Code is in force; without an end it stays in force."""

    starts_at: datetime
    ends_at: datetime | None = None

    def in_force(self, moment: datetime) -> bool:
        """Tell whether the Model Code is in force at `moment`."""
        return self.starts_at <= moment and (self.ends_at is None or moment < self.ends_at)


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """A stop for everything, or for one channel, or for one template."""

    on: bool
    channel: str | None = None
    template_id: str | None = None

    def covers(self, channel: str, template_id: str | None) -> bool:
        """Tell whether this switch stops the channel or the template that would be used on it."""
        return self.on and self.channel in {None, channel} and self.template_id in {None, template_id}


@dataclass(frozen=True, slots=True)
class Controls:
    """One truth for all campaigns; a place without an entry in `polls` has no announced poll."""

    polls: Mapping[str, Poll] = field(default_factory=lambda: MappingProxyType({}))
    model_code: ModelCode | None = None
    kill_switches: tuple[KillSwitch, ...] = ()
    # What the state lays over the rules of the file; a campaign's own changes are laid over that.
    rule_changes: tuple[Change, ...] = ()

    @staticmethod
    def parse(data: Mapping[str, Any]) -> Controls:
        """Read `{polls?, model_code?, kill_switches?}`, a null poll being none; raises `Invalid` with paths."""
        reader = Reader(data, "controls")
        polls = reader.child("polls") if reader.has("polls") else Reader({}, "controls.polls", reader.wrong)
        controls = Controls(
            polls=MappingProxyType(
                {area: read_poll(polls.child(area)) for area in polls.names_present() if polls.has(area)}
            ),
            model_code=read_model_code(reader.child("model_code")) if reader.has("model_code") else None,
            kill_switches=read_kill_switches(reader),
        )
        reader.finish()
        return controls

    def code_in_force(self, moment: datetime) -> bool:
        """Tell whether the Model Code is in force at `moment`."""
        return self.model_code is not None and self.model_code.in_force(moment)


def read_poll(reader: Reader) -> Poll:
    """Read `{opens_at, closes_at}`."""
    poll = Poll(reader.moment("opens_at"), reader.moment("closes_at"))
    if poll.closes_at <= poll.opens_at:
        reader.fail("closes_at", "not_after_opens_at")
    return poll


def read_model_code(reader: Reader) -> ModelCode:
    """Read `{from, to|null}`."""
    code = ModelCode(reader.moment("from"), reader.moment("to") if reader.has("to") else None)
    if code.ends_at is not None and code.ends_at <= code.starts_at:
        reader.fail("to", "not_after_from")
    return code


def read_kill_switches(reader: Reader, name: str = "kill_switches") -> tuple[KillSwitch, ...]:
    """Read a list of `{on, channel?, template_id?}`; what else a switch carries is not of interest here."""
    if not reader.has(name):
        return ()
    rows = reader.children(name)
    return tuple(
        KillSwitch(
            on=row.flag("on"),
            channel=row.choice("channel", CHANNELS) if row.has("channel") else None,
            template_id=row.text("template_id") if row.has("template_id") else None,
        )
        for row in rows
    )


def poll_for(controls: Controls, part_id: str, constituency_id: str) -> Poll | None:
    """Return the poll of a place: the part's own beats the constituency's; None while not announced."""
    return controls.polls.get(part_id) or controls.polls.get(constituency_id)


def exit_poll_freeze(controls: Controls, rules: ExitPoll, now: datetime) -> Interval | None:
    """Return the freeze that `now` lies in: start of poll to half an hour after the last close (RPA s.126A).

    Polls that are not further apart than `rules.same_election` are one election.
    """
    spans: list[Interval] = []
    for poll in sorted(controls.polls.values(), key=lambda poll: poll.opens_at):
        if spans and poll.opens_at - spans[-1].end <= rules.same_election:
            spans[-1] = Interval(spans[-1].start, max(spans[-1].end, poll.closes_at))
        else:
            spans.append(Interval(poll.opens_at, poll.closes_at))
    frozen = (Interval(span.start, span.end + rules.after_close) for span in spans)
    return next((span for span in frozen if span.contains(now)), None)


def rules_valid_until(
    *,
    rules: Rules,
    controls: Controls,
    places: Iterable[tuple[str, str]],
    now: datetime,
    next_version_at: datetime | None = None,
) -> datetime:
    """Return until when a phone may rely on what it is told now about `(part_id, constituency_id)` places.

    Never past the next start or end of a silence, of the Model Code or of this version of the rules, nor past the
    first opening of a poll, which may freeze questions; at most the shorter validity where a place has no poll ahead,
    for one may be announced at any time.
    """
    polls = [(poll_for(controls, *place), rules.at(*place)) for place in set(places)]
    announced = bool(polls) and all(poll is not None and poll.closes_at > now for poll, _ in polls)
    limits = [now + (rules.validity.announced if announced else rules.validity.unannounced)]
    limits += [poll.opens_at for poll in controls.polls.values()]
    for poll, local in polls:
        if poll is not None:
            limits += [poll.silence(local.silence.before_close(channel)).start for channel in CHANNELS]
            limits.append(poll.closes_at)
    if controls.model_code is not None:
        limits.append(controls.model_code.starts_at)
        limits += [controls.model_code.ends_at] if controls.model_code.ends_at else []
    limits += [next_version_at] if next_version_at else []
    return min(limit for limit in limits if limit > now)
