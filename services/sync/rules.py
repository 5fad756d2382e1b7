"""The rules as a phone gets them, with the time until which it may rely on them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from services.campaigns.rulebook import Ruling
from services.domain.rules.calendar import Controls, Interval, KillSwitch, poll_for, rules_valid_until
from services.domain.rules.rules import Rules

Document = dict[str, Any]
Place = tuple[str, str]
_NO_CAMPAIGN = "none"


@dataclass(frozen=True, kw_only=True)
class Volunteer:
    """What of the volunteer decides on the phone: paused, and by campaign how many numbers are left for today."""

    paused: bool
    left_today: Mapping[str, Document]


@dataclass(frozen=True, kw_only=True)
class PhoneRules:
    """What a phone should know now: `digest` tells whether it is the same as before, `until` how long it holds."""

    wire: Document
    digest: str
    until: Mapping[str, datetime]
    renewed_before: datetime

    def is_news(self, told: Mapping[str, Any] | None) -> bool:
        """Tell whether a phone that was told `{digest, until}` must be told again.

        That is so when something changed or ends earlier, and when half of its validity is over and can be renewed.
        """
        if told is None or told["digest"] != self.digest or told["until"].keys() != self.until.keys():
            return True
        return any(
            until < told["until"][key] or (until > told["until"][key] and told["until"][key] < self.renewed_before)
            for key, until in self.until.items()
        )

    def told(self) -> Document:
        """Return what is kept about an answer that had these rules."""
        return {"digest": self.digest, "until": dict(self.until)}


def rules_for(
    rulings: Sequence[Ruling],
    places: Mapping[str, Sequence[Place]],
    *,
    defaults: Rules,
    controls: Controls,
    volunteer: Volunteer,
    now: datetime,
) -> PhoneRules:
    """Return the rules of campaigns; `places` are the (part, constituency) pairs where the phone works, by campaign."""
    until = {ruling.campaign["_id"]: _until(ruling, places[ruling.campaign["_id"]], now) for ruling in rulings}
    if not rulings:
        until[_NO_CAMPAIGN] = rules_valid_until(rules=defaults, controls=controls, places=(), now=now)
    everywhere = {place for found in places.values() for place in found}
    campaigns = [_of_campaign(ruling, places[ruling.campaign["_id"]], volunteer) for ruling in rulings]
    body = {**_state(controls, everywhere), "paused": volunteer.paused, "campaigns": campaigns}
    digest = hashlib.blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=9).hexdigest()
    # The digest first: a validity that moves with the clock is no change.
    for campaign in body["campaigns"]:
        campaign["valid_until"] = until[campaign["campaign_id"]]
    return PhoneRules(
        wire={"valid_until": min(until.values()), **body},
        digest=digest,
        until=until,
        renewed_before=now + _shortest_validity(rulings, defaults) / 2,
    )


def _of_campaign(ruling: Ruling, places: Sequence[Place], volunteer: Volunteer) -> Document:
    """Return a campaign's rules with all that a phone needs to decide by itself in these places."""
    wire, here = ruling.rules.to_wire(), {area for place in places for area in place}
    own = {area: override for area, override in wire.pop("areas", {}).items() if area in here}
    return {
        "campaign_id": ruling.campaign["_id"],
        **wire,
        **({"areas": own} if own else {}),
        "state": ruling.campaign["state"],
        "kill_switches": _switches(ruling.view.kill_switches),
        "silences": _silences(ruling, places),
        "left_today": volunteer.left_today[ruling.campaign["_id"]],
    }


def _silences(ruling: Ruling, places: Sequence[Place]) -> list[Document]:
    """Return the silences of places, worked out: a part is named where it has poll hours or rules of its own."""
    polls, found = ruling.controls.polls, []
    named = {part if part in polls or part in ruling.rules.areas else seat: (part, seat) for part, seat in places}
    for area_id, (part, seat) in sorted(named.items()):
        poll = poll_for(ruling.controls, part, seat)
        if poll is None:
            continue
        by_time: dict[Interval, list[str]] = {}
        for channel in ruling.campaign["channels"]:
            before_close = ruling.rules.at(part, seat).silence.before_close(channel)
            by_time.setdefault(poll.silence(before_close), []).append(channel)
        found += [
            {"area_id": area_id, "channels": channels, "from": silence.start, "to": silence.end}
            for silence, channels in by_time.items()
        ]
    return found


def _until(ruling: Ruling, places: Sequence[Place], now: datetime) -> datetime:
    return rules_valid_until(
        rules=ruling.rules,
        controls=ruling.controls,
        places=places,
        now=now,
        next_version_at=ruling.next_version_at,
    )


def _shortest_validity(rulings: Sequence[Ruling], defaults: Rules) -> timedelta:
    validities = [ruling.rules.validity for ruling in rulings] or [defaults.validity]
    return min(min(validity.announced, validity.unannounced) for validity in validities)


def _state(controls: Controls, places: set[Place]) -> Document:
    """Return what holds for the whole state, as far as it concerns these places."""
    polls = {}
    for part, seat in sorted(places):
        poll = poll_for(controls, part, seat)
        if poll is not None:
            polls[part if part in controls.polls else seat] = {"opens_at": poll.opens_at, "closes_at": poll.closes_at}
    code = controls.model_code
    return {
        "model_code": {"from": code.starts_at, "to": code.ends_at} if code else None,
        "polls": polls,
        "kill_switches": _switches(controls.kill_switches),
    }


def _switches(switches: Sequence[KillSwitch]) -> list[Document]:
    return [{"channel": one.channel, "template_id": one.template_id} for one in switches if one.on]
