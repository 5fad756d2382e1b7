"""The rule engine: what is common to a question is worked out once, then each person costs a few microseconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from services.domain.identifiers.channels import SERVED, serves
from services.domain.ist import next_day_start
from services.domain.outcomes.standing import Standing
from services.domain.rules.calendar import Controls, poll_for
from services.domain.rules.history import cooldown_until, other_channel_today, worn_out
from services.domain.rules.hours import Hours
from services.domain.rules.parts import Caps
from services.domain.rules.rules import Rules
from services.domain.rules.subject import Address, CampaignView, Subject, TemplateView, Touch, VolunteerView
from services.domain.rules.verdict import OPENS_AHEAD, Blocked, Verdict, Window

_FINAL = Blocked("final")
_ATTEMPTS = Blocked("attempts")
_SUPPRESSED = Blocked("suppressed")
_NO_ADDRESS = Blocked("no_address")
_QUARANTINED = Blocked("quarantined")
_DEAD = Blocked("dead_number")


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
        rules_until: datetime | None = None,
    ) -> None:
        self.channel = channel
        self.now = now
        self._rules = rules
        self._controls = controls
        self._campaign_id = campaign.id
        self._template = template
        # From then on other rules hold: nothing is promised beyond.
        self._rules_until = rules_until
        self._tomorrow = next_day_start(now)
        self._needs_certificate_from = self._model_code_ahead()
        self._common = self._for_everyone(campaign, volunteer)
        self._grounds: dict[tuple[str, str], _Ground] = {}
        self._open = Verdict((), now)

    def decide(self, subject: Subject) -> Verdict:
        """Return whether the person may be contacted, or all reasons against it."""
        ground = self._ground(subject)
        reasons = [*ground.blocked]
        self._history(subject, ground.rules.caps, reasons)
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

    def of_place(self, part_id: str, constituency_id: str) -> tuple[Verdict, Window | None]:
        """Return the verdict on a place alone, and its window: about somebody of whom nothing is known."""
        kind = next(kind for kind, channels in SERVED.items() if self.channel in channels)
        nobody = Subject(part_id, constituency_id, Address("", kind))
        verdict = self.decide(nobody)
        return verdict, self.window(nobody, verdict)

    def window(self, subject: Subject, verdict: Verdict) -> Window | None:
        """Return when a phone may show the number, looking ahead as far as the rules say; None if not at all."""
        ground, start = self._ground(subject), verdict.allowed_from
        if start is None or start > self.now + ground.rules.look_ahead:
            return None
        if any(blocked.reason not in OPENS_AHEAD for blocked in verdict.reasons):
            return None
        end = ground.hours.next_close(start)
        ends = (self._needs_certificate_from, self._rules_until)
        end = min([end, *(limit for limit in ends if limit is not None)])
        return Window(self._in_whole_seconds(start), end) if start < end else None

    def _in_whole_seconds(self, start: datetime) -> datetime:
        """Round a start that lies ahead up: a phone is told whole seconds, and must not show a number too early."""
        return start if start <= self.now or not start.microsecond else _second_after(start)

    def window_item(self, people: Sequence[Subject], verdicts: Sequence[Verdict]) -> Window | None:
        """Return when a phone may show a number that several share: the first stretch that is open for one of them."""
        windows = (self.window(person, verdict) for person, verdict in zip(people, verdicts, strict=True))
        return min((window for window in windows if window is not None), default=None)

    def _for_everyone(self, campaign: CampaignView, volunteer: VolunteerView | None) -> tuple[Blocked, ...]:
        template, code = self._template, self._controls.model_code
        switches = (*self._controls.kill_switches, *campaign.kill_switches)
        killed = any(switch.covers(self.channel, template.id if template else None) for switch in switches)
        uncertified = template is not None and not template.certified and self._controls.code_in_force(self.now)
        capped = volunteer is not None and volunteer.cap_left is not None and volunteer.cap_left <= 0
        findings = (
            (campaign.state != "active", Blocked("campaign_inactive")),
            (killed, Blocked("kill_switch")),
            (capped, Blocked("volunteer_cap", self._tomorrow)),
            (volunteer is not None and volunteer.paused, Blocked("volunteer_paused")),
            (uncertified, Blocked("uncertified", code.ends_at if code else None)),
        )
        return tuple(blocked for found, blocked in findings if found)

    def _model_code_ahead(self) -> datetime | None:
        """When the Model Code will stop the template that would be sent; None if it will not."""
        code = self._controls.model_code
        if code is None or self._template is None or self._template.certified:
            return None
        return code.starts_at if code.ends_at is None or code.ends_at > self.now else None

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

    def _history(self, subject: Subject, caps: Caps, reasons: list[Blocked]) -> None:
        standing, channel, now = subject.standing, self.channel, self.now
        if standing.final or subject.gone:
            reasons.append(_FINAL)
        if standing.next_at is not None and standing.next_at > now:
            reasons.append(Blocked("not_due", standing.next_at))
        on_address = subject.address.touches if subject.address is not None else ()
        touches = subject.touches + on_address + self._own(standing)
        if touches:
            until = cooldown_until(
                standing, touches, campaign_id=self._campaign_id, channel=channel, now=now, caps=caps
            )
            if until is not None:
                reasons.append(Blocked("cooldown", until))
            if other_channel_today(touches, channel=channel, now=now, caps=caps):
                reasons.append(Blocked("channel_today", self._tomorrow))
        if (
            standing.total >= caps.total
            or standing.attempts.get(channel, 0) >= caps.per_channel
            or worn_out(subject.touches, channel=channel, now=now, caps=caps)
            or worn_out(on_address, channel=channel, now=now, caps=caps)
        ):
            reasons.append(_ATTEMPTS)

    def _own(self, standing: Standing) -> tuple[Touch, ...]:
        """The campaign's own last attempt, which the person's touches may not hold yet."""
        if standing.last_at is None or standing.last_channel is None:
            return ()
        return (Touch(standing.last_at, standing.last_channel, self._campaign_id, ""),)

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
    asked = Gate(
        rules=rules,
        controls=controls,
        campaign=campaign,
        channel=channel,
        now=now,
        volunteer=volunteer,
        template=template,
    )
    return asked.decide(subject)


def _second_after(moment: datetime) -> datetime:
    return moment.replace(microsecond=0) + timedelta(seconds=1)
