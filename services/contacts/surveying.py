"""Walking a campaign's parts: which households are ready for a channel, and why other contacts are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.audiences.membership import Membership
from services.domain.batches.batches import Household, target_id
from services.domain.batches.shares import marked
from services.domain.rules.eligibility import Gate
from services.domain.rules.facts import Facts
from services.store.contacts.facts import FactStore

Document = dict[str, Any]
_NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class Funnel:
    """Contacts counted: each blocked one under each of its reasons; ready and distinct blocked make matched."""

    matched: int = 0
    ready: int = 0
    blocked: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    def add(self, other: Funnel) -> None:
        """Count another part in."""
        self.matched += other.matched
        self.ready += other.ready
        self.blocked += other.blocked
        self.languages += other.languages

    def to_wire(self) -> Document:
        """Return `{matched, ready, blocked}`."""
        return {"matched": self.matched, "ready": self.ready, "blocked": dict(sorted(self.blocked.items()))}


@dataclass(frozen=True, slots=True)
class Part:
    """What there is to do in one part: ready households by the value of the column (`` where none decides)."""

    part_id: str
    constituency_id: str
    groups: dict[str, list[Household]]
    funnel: Funnel


class Surveyor:
    """Reads a few parts at a time: so many that they hold some 1,000 people, or a single one."""

    def __init__(self, facts: FactStore) -> None:
        self._facts = facts

    def parts(
        self,
        places: Sequence[tuple[str, str]],
        gate: Gate,
        campaign_id: str,
        *,
        column: str | None = None,
        own: frozenset[str] = frozenset(),
        audience: Membership | None = None,
        marks: frozenset[str] = frozenset(),
    ) -> list[Part]:
        """Return parts, given with their constituencies; targets of batches in `own` count as not planned yet.

        With an audience only its members are looked at; with marks people are grouped by which of these tags they have.
        """
        facts = replace(self.read(places, campaign_id, now=gate.now, audience=audience), own=own)
        return self.of(facts, places, gate, column=column, marks=marks)

    def read(
        self, places: Sequence[tuple[str, str]], campaign_id: str, *, now: datetime, audience: Membership | None = None
    ) -> Facts:
        """Return what the rules ask about the targets of some parts, or about an audience's members among them."""
        found = self._facts.of_parts(campaign_id, [part_id for part_id, _ in places])
        if audience is not None:
            members = audience.among([target["contact_id"] for target in found])
            found = [target for target in found if target["contact_id"] in members]
        targets = {target["_id"]: target for target in found}
        contacts = [target["contact_id"] for target in found]
        return self._facts.read(campaign_id, contacts, now=now, leases=True, targets=targets)

    def of(
        self,
        facts: Facts,
        places: Sequence[tuple[str, str]],
        gate: Gate,
        *,
        column: str | None = None,
        marks: frozenset[str] = frozenset(),
        apart: Mapping[tuple[str, str], frozenset[str]] | None = None,
    ) -> list[Part]:
        """Return parts by what was read of them; reasons in `apart`, by place, count against nobody."""
        by_part: dict[str, list[str]] = {}
        for target in facts.targets.values():
            by_part.setdefault(target["part_id"], []).append(target["contact_id"])
        without = apart or {}

        def group_of(contact: Document) -> str:
            return marked(contact.get("tags") or (), marks) if marks else _group(contact, column)

        return [
            self._part(
                place, by_part.get(place[0], []), gate, facts, group_of=group_of, apart=without.get(place, _NOTHING)
            )
            for place in places
        ]

    def _part(
        self,
        place: tuple[str, str],
        contacts: Sequence[str],
        gate: Gate,
        facts: Facts,
        *,
        group_of: Callable[[Document], str],
        apart: frozenset[str],
    ) -> Part:
        part = Part(*place, {}, Funnel())
        households: dict[tuple[str, str], list[str]] = {}
        for contact_id in contacts:
            address = self._ask(contact_id, place, gate, facts, funnel=part.funnel, apart=apart)
            if address is not None:
                group = group_of(facts.contacts[contact_id])
                households.setdefault((group, address), []).append(contact_id)
        for (group, address), people in _joined(households):
            part.groups.setdefault(group, []).append(Household(address, tuple(people), *place))
        return part

    def _ask(
        self,
        contact_id: str,
        place: tuple[str, str],
        gate: Gate,
        facts: Facts,
        *,
        funnel: Funnel,
        apart: frozenset[str],
    ) -> str | None:
        """Count a contact; return the key of the address by which they are to be reached, None if they are not."""
        contact = facts.contacts.get(contact_id)
        address = facts.pick(contact_id, gate.channel)
        verdict = gate.decide(facts.subject(contact_id, place, address))
        codes = set(verdict.codes) - apart
        planned = facts.targets[target_id(facts.campaign_id, contact_id)].get("batch_id")
        if planned is not None and planned not in facts.own:
            codes.add("held")
        funnel.matched += 1
        if codes or address is None:
            funnel.blocked.update(codes)
            return None
        funnel.ready += 1
        funnel.languages[(contact or {}).get("language") or ""] += 1
        return address.key


def _group(contact: Document, column: str | None) -> str:
    """Return the value of a column that a sheet brought as a tag: `team:red` is `red` in the column `team`."""
    if column is None:
        return ""
    prefix = f"{column}:"
    return next((tag.removeprefix(prefix) for tag in contact.get("tags") or () if tag.startswith(prefix)), "")


def _joined(households: dict[tuple[str, str], list[str]]) -> Iterable[tuple[tuple[str, str], list[str]]]:
    """Return each address once: people of one number stay together, with the group of the first of them."""
    first: dict[str, tuple[str, str]] = {}
    for (group, address), people in households.items():
        known = first.setdefault(address, (group, address))
        if known != (group, address):
            households[known] = [*households[known], *people]
    return [(key, households[key]) for key in first.values()]
