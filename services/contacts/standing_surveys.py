"""Standing tallies for plans: what each part holds is counted ahead, so that a plan over many reads sums alone.

Counted is what is true of people: who is ready and why others are not. What is true of a place (its hour, its polls,
a switch) is asked when a plan is made. A part that changed since, or whose rules are others now, is counted again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

import orjson

from services.campaigns.rulebook import Ruling
from services.contacts.surveying import Funnel, Part, Surveyor
from services.domain.identifiers.channels import SERVED
from services.domain.rules.eligibility import Gate
from services.domain.rules.subject import Address, Subject
from services.gateways.clock import Clock
from services.store.batches.surveys import SurveyStore, survey_of

Document = dict[str, Any]
Places = Sequence[tuple[str, str, int]]
# What an attempt or an edit changed is seen after this long at the latest.
_OLDEST = timedelta(minutes=15)


@dataclass(slots=True)
class Counted:
    """What a part holds for one channel: the funnel, and of each ready household how many people; counted `at`."""

    part_id: str
    constituency_id: str
    at: datetime
    funnel: Funnel
    people: list[int] = field(default_factory=list)


class StandingSurveys:
    """Keeps and reads surveys; the gates that it asks are made by `gate_of`."""

    def __init__(
        self, *, store: SurveyStore, surveyor: Surveyor, gate_of: Callable[[Ruling, str], Gate], clock: Clock
    ) -> None:
        self._store = store
        self._surveyor = surveyor
        self._gate_of = gate_of
        self._clock = clock

    def stale(self, ruling: Ruling, places: Places, *, old: bool = False) -> Places:
        """Return those parts (with constituency and number of targets) that have to be counted before they tell.

        With `old` also those that were counted long ago, though nothing that we know of has changed in them.
        """
        known = self._store.read(ruling.campaign["_id"], _seats(places))
        rules, now = fingerprint(ruling), self._clock.now()

        def is_stale(part_id: str, targets: int) -> bool:
            survey = known.get(part_id) or {}
            counted = (survey.get("rules"), survey.get("targets"), survey.get("seen"))
            if counted != (rules, targets, survey.get("stamp", 0)):
                return True
            return old and bool(survey["at"] <= now - _OLDEST)

        return [place for place in places if is_stale(place[0], place[2])]

    def count(self, ruling: Ruling, places: Sequence[tuple[str, str]]) -> None:
        """Look at a few parts and keep what they hold, for every channel of the campaign."""
        campaign_id = ruling.campaign["_id"]
        stamps = self._store.stamps(campaign_id, [part_id for part_id, _ in places])
        gates = {channel: self._gate_of(ruling, channel) for channel in ruling.campaign["channels"]}
        found: dict[tuple[str, str], Document] = {place: {} for place in places}
        facts = self._surveyor.read(places, campaign_id, now=self._clock.now())
        for channel, gate in gates.items():
            apart = {place: closed_here(gate, place) for place in places}
            for part in self._surveyor.of(facts, places, gate, apart=apart):
                found[part.part_id, part.constituency_id][channel] = _kept(part)
        rules, at = fingerprint(ruling), self._clock.now()
        numbers = Counter(target["part_id"] for target in facts.targets.values())
        self._store.put(
            campaign_id,
            {
                place: survey_of(
                    seen=stamps[place[0]], targets=numbers[place[0]], at=at, rules=rules, channels=channels
                )
                for place, channels in found.items()
            },
        )

    def read(self, ruling: Ruling, places: Places, gate: Gate) -> list[Counted]:
        """Return what parts hold by their surveys, with what is true of each place now."""
        known = self._store.read(ruling.campaign["_id"], _seats(places), channel=gate.channel)
        return [
            _counted((part_id, seat, known[part_id]["at"]), known[part_id]["channels"][gate.channel], gate)
            for part_id, seat, _ in places
            if part_id in known and gate.channel in known[part_id].get("channels", {})
        ]

    def touch(self, campaign_id: str, places: Iterable[tuple[str, str]]) -> None:
        """Note that targets of some parts were planned or freed."""
        self._store.touch(campaign_id, places)


def closed_here(gate: Gate, place: tuple[str, str]) -> frozenset[str]:
    """Return the reasons that hold for everybody of a place now: asked about somebody of whom nothing is known."""
    kind = next(kind for kind, channels in SERVED.items() if gate.channel in channels)
    return frozenset(gate.decide(Subject(*place, Address("", kind))).codes)


def fingerprint(ruling: Ruling) -> str:
    """Return what tells one set of rules and channels from another."""
    said = [ruling.rules.to_wire(), ruling.campaign["channels"]]
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _kept(part: Part) -> Document:
    people = [len(household.contacts) for households in part.groups.values() for household in households]
    runs = [[size, sum(1 for _ in run)] for size, run in groupby(people)]
    funnel = part.funnel
    return {
        "matched": funnel.matched,
        "ready": funnel.ready,
        "blocked": dict(funnel.blocked),
        "languages": dict(funnel.languages),
        "people": runs,
    }


def _counted(place: tuple[str, str, datetime], kept: Mapping[str, Any], gate: Gate) -> Counted:
    closed = closed_here(gate, place[:2])
    blocked = Counter(kept["blocked"]) + Counter(dict.fromkeys(closed, kept["matched"]))
    if closed:
        return Counted(*place, Funnel(kept["matched"], 0, blocked))
    funnel = Funnel(kept["matched"], kept["ready"], blocked, Counter(kept["languages"]))
    return Counted(*place, funnel, [size for size, number in kept["people"] for _ in range(number)])


def _seats(places: Places) -> list[str]:
    return list(dict.fromkeys(seat for _, seat, _ in places))
