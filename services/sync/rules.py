"""The rules as a phone gets them, with the time until which it may rely on them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from services.campaigns.rulebook import Ruling
from services.domain.rules.calendar import Controls, KillSwitch, poll_for, rules_valid_until
from services.domain.rules.rules import Rules

Document = dict[str, Any]
Place = tuple[str, str]
_NO_CAMPAIGN = "none"


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
    now: datetime,
) -> PhoneRules:
    """Return the rules of campaigns; `places` are the (part, constituency) pairs where the phone works, by campaign."""
    until = {ruling.campaign["_id"]: _until(ruling, places[ruling.campaign["_id"]], now) for ruling in rulings}
    if not rulings:
        until[_NO_CAMPAIGN] = rules_valid_until(rules=defaults, controls=controls, places=(), now=now)
    everywhere = {place for found in places.values() for place in found}
    body = {**_state(controls, everywhere), "campaigns": [_of_campaign(ruling) for ruling in rulings]}
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


def _of_campaign(ruling: Ruling) -> Document:
    switches = _switches(ruling.view.kill_switches)
    return {"campaign_id": ruling.campaign["_id"], **ruling.rules.to_wire(), "kill_switches": switches}


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
