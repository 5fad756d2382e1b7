"""Counting people by what keeps them from being contacted, a slab of parts at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from services.audiences.membership import Membership
from services.domain.audiences.funnels import HELD, Reasons, grouped
from services.domain.batches.batches import target_id
from services.domain.rules.eligibility import Gate
from services.domain.rules.verdict import Blocked
from services.store.contacts.facts import FactStore

PartPlace = tuple[str, str]


class PeopleCounter:
    """Asks the rules about each person, place and campaign left aside: those are asked when a funnel is read."""

    def __init__(self, facts: FactStore) -> None:
        self._facts = facts

    def count(
        self, places: Sequence[PartPlace], gate: Gate, campaign_id: str, membership: Membership | None
    ) -> dict[str, Counter[Reasons]]:
        """Return groups by part, of parts given with their constituencies that hold some 1,000 people together."""
        found = self._facts.of_parts(campaign_id, [part_id for part_id, _ in places])
        if membership is not None:
            members = membership.among([target["contact_id"] for target in found])
            found = [target for target in found if target["contact_id"] in members]
        targets = {target["_id"]: target for target in found}
        contacts = [target["contact_id"] for target in found]
        facts = self._facts.read(campaign_id, contacts, now=gate.now, leases=True, targets=targets)
        seats = dict(places)
        groups: dict[str, Counter[Reasons]] = {part_id: Counter() for part_id, _ in places}
        for target in found:
            contact_id, part_id = target["contact_id"], target["part_id"]
            address = facts.pick(contact_id, gate.channel)
            reasons = [*gate.personal(facts.subject(contact_id, (part_id, seats[part_id]), address))]
            if targets[target_id(campaign_id, contact_id)].get("batch_id") is not None:
                reasons.append(Blocked(HELD))
            groups[part_id][grouped(reasons)] += 1
        return groups
