"""The rule engine: what is common to a question is worked out once, then each person costs a few microseconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.domain.calendar import Controls, poll_for
from services.domain.channels import serves
from services.domain.hours import Hours
from services.domain.ist import day_start, next_day_start
from services.domain.rule_parts import Caps
from services.domain.rules import Rules
from services.domain.standing import Standing
from services.domain.subject import Address, CampaignView, Subject, TemplateView, Touch, VolunteerView
from services.domain.verdict import Blocked, Verdict, Window

_FINAL = Blocked("final")
_ATTEMPTS = Blocked("attempts")
_SUPPRESSED = Blocked("suppressed")
_NO_ADDRESS = Blocked("no_address")
_QUARANTINED = Blocked("quarantined")
_DEAD = Blocked("dead_number")
# Only what passes by itself within hours may be opened ahead; silence, suppression and caps never.
_OPENS_AHEAD = frozenset({"contact_window", "night_ban", "cooldown", "not_due"})


class _Ground(NamedTuple):
    """What is common to everyone of one place."""

    rules: Rules
    hours: Hours
    blocked: tuple[Blocked, ...]


class Gate:
    """Decides for one campaign, channel and moment, and for one volunteer and template if they are given.

    `volunteer` is left out where nobody in particular takes the work, `template` where nothing is sent.
    """

    def __init__(
        self,
        *,
        rules: Rules,
        controls: Controls,
        campaign: CampaignView,
        channel: str,
        now: datetime,
        volunteer: VolunteerView | None = None,
        template: TemplateView | None = None,
    ) -> None:
        self.channel = channel
        self.now = now
        self._rules = rules
        self._controls = controls
        self._campaign_id = campaign.id
        self._template = template
        self._today = day_start(now)
        self._tomorrow = next_day_start(now)
        self._common = self._for_everyone(campaign, volunteer)
        self._grounds: dict[tuple[str, str], _Ground] = {}
        self._open = Verdict((), now)

    def decide(self, subject: Subject) -> Verdict:
        """Return whether the person may be contacted, or all reasons against it."""
        ground = self._ground(subject)
        reasons = [*ground.blocked]
        self._history(subject, ground, reasons)
        self._address(subject, reasons)
        if not reasons:
            return self._open
        return Verdict(tuple(reasons), self._all_ended(ground.hours, reasons))

    def decide_item(self, people: Sequence[Subject]) -> tuple[Verdict, tuple[Verdict, ...]]:
        """Return the verdict on an address that several people share, and the one on each of them.

        One allowed person is enough; what is wrong with the address is wrong for all. Otherwise the item has the
        reasons of all, each till it first ends for someone.
        """
        each = tuple(self.decide(person) for person in people)
        if any(verdict.allowed for verdict in each):
            return self._open, each
        ends: dict[str, datetime | None] = {}
        for blocked in (blocked for verdict in each for blocked in verdict.reasons):
            known = [until for until in (ends.get(blocked.reason), blocked.until) if until is not None]
            ends[blocked.reason] = min(known, default=None)
        starts = [verdict.allowed_from for verdict in each if verdict.allowed_from is not None]
        return Verdict(tuple(Blocked(*item) for item in ends.items()), min(starts, default=None)), each

    def window(self, subject: Subject, verdict: Verdict) -> Window | None:
        """Return when a phone may show the number, looking ahead as far as the rules say; None if not at all."""
        ground = self._ground(subject)
        start = verdict.allowed_from
        if start is None or start > self.now + ground.rules.look_ahead:
            return None
        if any(blocked.reason not in _OPENS_AHEAD for blocked in verdict.reasons):
            return None
        end = ground.hours.next_close(start)
        code = self._controls.model_code
        if self._template is not None and not self._template.certified and code is not None:
            if code.in_force(start):
                return None
            end = min(end, code.starts_at) if code.starts_at > start else end
        return Window(start, end)

    def _for_everyone(self, campaign: CampaignView, volunteer: VolunteerView | None) -> tuple[Blocked, ...]:
        template = self._template
        switches = (*self._controls.kill_switches, *campaign.kill_switches)
        killed = any(switch.covers(self.channel, template.id if template else None) for switch in switches)
        uncertified = template is not None and not template.certified and self._controls.code_in_force(self.now)
        capped = volunteer is not None and volunteer.cap_left is not None and volunteer.cap_left <= 0
        findings = (
            (campaign.state != "active", Blocked("campaign_inactive")),
            (killed, Blocked("kill_switch")),
            (capped, Blocked("volunteer_cap", self._tomorrow)),
            (volunteer is not None and volunteer.paused, Blocked("volunteer_paused")),
            (uncertified, Blocked("uncertified")),
        )
        return tuple(blocked for found, blocked in findings if found)

    def _ground(self, subject: Subject) -> _Ground:
        place = (subject.part_id, subject.constituency_id)
        ground = self._grounds.get(place)
        if ground is None:
            rules = self._rules.at(*place)
            hours = Hours.of(rules, self._controls, poll=poll_for(self._controls, *place), channel=self.channel)
            closed = tuple(Blocked(*reason) for reason in hours.closed(self.now))
            ground = _Ground(rules, hours, closed + self._common)
            self._grounds[place] = ground
        return ground

    def _history(self, subject: Subject, ground: _Ground, reasons: list[Blocked]) -> None:
        standing, caps, address = subject.standing, ground.rules.caps, subject.address
        if standing.final or subject.gone:
            reasons.append(_FINAL)
        if standing.next_at is not None and standing.next_at > self.now:
            reasons.append(Blocked("not_due", standing.next_at))
        on_address = address.touches if address is not None else ()
        if standing.last_at is not None or subject.touches or on_address:
            self._recent(standing, caps, subject.touches + on_address, reasons)
        if (
            standing.total >= caps.total
            or standing.attempts.get(self.channel, 0) >= caps.per_channel
            or self._worn_out(caps, subject.touches)
            or self._worn_out(caps, on_address)
        ):
            reasons.append(_ATTEMPTS)

    def _recent(self, standing: Standing, caps: Caps, touches: tuple[Touch, ...], reasons: list[Blocked]) -> None:
        """Cooldown and one channel a day, across campaigns and over the person as well as the address."""
        if standing.last_at is not None and standing.last_channel is not None:
            touches += (Touch(standing.last_at, standing.last_channel, self._campaign_id),)
        # A retry rule shortens the cooldown, but only after its own campaign's attempts, on the channel it speaks of.
        retries = standing.next_at is not None and standing.last_channel == self.channel
        retried = standing.last_at if retries else None
        last = self.now - caps.cooldown
        cooled = last
        today: set[str] = set()
        for at, channel, campaign_id in touches:
            if at >= self._today:
                today.add(channel)
            if at > last and (retried is None or at > retried or campaign_id != self._campaign_id):
                last = at
        if last > cooled:
            reasons.append(Blocked("cooldown", last + caps.cooldown))
        if len(today) >= caps.channels_per_day and self.channel not in today:
            reasons.append(Blocked("channel_today", self._tomorrow))

    def _worn_out(self, caps: Caps, touches: tuple[Touch, ...]) -> bool:
        if len(touches) < caps.per_channel and len(touches) < caps.total:
            return False
        start = self.now - caps.history
        channels = [touch.channel for touch in touches if touch.at > start]
        return len(channels) >= caps.total or channels.count(self.channel) >= caps.per_channel

    def _address(self, subject: Subject, reasons: list[Blocked]) -> None:
        address: Address | None = subject.address
        if subject.suppressed or (address is not None and address.suppressed):
            reasons.append(_SUPPRESSED)
        if address is None or not serves(address.kind, self.channel):
            reasons.append(_NO_ADDRESS)
            return
        if address.state == "quarantined":
            reasons.append(_QUARANTINED)
        if address.state == "dead" or self.channel in address.dead_channels:
            reasons.append(_DEAD)
        if address.held_by_other:
            reasons.append(Blocked("held", address.held_until))

    def _all_ended(self, hours: Hours, reasons: Sequence[Blocked]) -> datetime | None:
        latest = self.now
        for blocked in reasons:
            if blocked.until is None:
                return None
            latest = max(latest, blocked.until)
        return hours.next_open(latest)


def decide(
    subject: Subject,
    *,
    rules: Rules,
    controls: Controls,
    campaign: CampaignView,
    channel: str,
    now: datetime,
    volunteer: VolunteerView | None = None,
    template: TemplateView | None = None,
) -> Verdict:
    """Return the verdict on one person; who asks about many makes one `Gate`."""
    gate = Gate(
        rules=rules,
        controls=controls,
        campaign=campaign,
        channel=channel,
        now=now,
        volunteer=volunteer,
        template=template,
    )
    return gate.decide(subject)
