"""Which numbers an export may hand out: the rules are asked about every person, as before a phone shows a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.batches.desk import gate_for
from services.campaigns.rulebook import Rulebook
from services.domain.rules.eligibility import Gate
from services.domain.rules.facts import Facts
from services.domain.rules.verdict import Window
from services.gateways.clock import Clock
from services.store.contacts.facts import FactStore

_AT_ONCE = 1000
_NOBODY: frozenset[str] = frozenset()
_NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True)
class Handed:
    """What may be handed out of one person: addresses by key, between which times where not at once; else why none."""

    keys: frozenset[str]
    window: Window | None = None
    withheld: tuple[str, ...] = ()


class NumberRules:
    """Asks for all channels of a campaign: one that is open, or opens by itself within hours, is enough."""

    def __init__(self, facts: FactStore, rulebook: Rulebook, clock: Clock) -> None:
        self._facts = facts
        self._rulebook = rulebook
        self._clock = clock

    def of_part(self, campaign_id: str, place: tuple[str, str], contact_ids: Sequence[str]) -> dict[str, Handed]:
        """Return what may be handed out of people of one place (part and constituency), by contact."""
        now = self._clock.now()
        ruling = self._rulebook.of(campaign_id, now)
        gates = [gate_for(ruling, channel, now) for channel in ruling.campaign["channels"]]
        found: dict[str, Handed] = {}
        for at in range(0, len(contact_ids), _AT_ONCE):
            some = contact_ids[at : at + _AT_ONCE]
            facts = self._facts.read(campaign_id, some, now=now, leases=True)
            found |= {contact_id: _handed(contact_id, place, gates, facts) for contact_id in some}
        return found


def _handed(contact_id: str, place: tuple[str, str], gates: Sequence[Gate], facts: Facts) -> Handed:
    reasons: set[str] = set()
    reached = False
    windows: list[Window] = []
    for gate in gates:
        subject = facts.subject(contact_id, place, facts.pick(contact_id, gate.channel))
        verdict = gate.decide(subject)
        if verdict.allowed:
            return Handed(_usable(contact_id, facts))
        window = gate.window(subject, verdict)
        if window is not None:
            windows.append(window)
        reasons.update(verdict.codes)
        reached |= _NO_ADDRESS not in verdict.codes
    if windows:
        return Handed(_usable(contact_id, facts), min(windows))
    # That some channel has no address says nothing where another one has.
    return Handed(_NOBODY, None, tuple(sorted(reasons - {_NO_ADDRESS} if reached else reasons)))


def _usable(contact_id: str, facts: Facts) -> frozenset[str]:
    """Return those addresses that are in use and in nobody's hands."""
    return frozenset(
        one.key
        for one in facts.addresses(contact_id)
        if one.state == "ok" and not one.suppressed and not one.held_by_other
    )
