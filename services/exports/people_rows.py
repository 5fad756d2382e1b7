"""Rows of exports about people: contacts with their standing, outcomes with what became of each attempt.

Whoever must not be contacted any more, or was erased, is left out and counted; numbers of people who may not be
contacted as the rules stand are withheld, with the reasons, and counted too. What a person told (support, answers,
notes) is in no export.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from services.audiences.membership import Memberships
from services.batches.view import age_band
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.contacts.suppressions import Suppressions
from services.domain.contacts.contacts import ACTIVE, Contact
from services.domain.contacts.suppressions import person_key
from services.domain.exports.exports import Portion
from services.domain.identifiers.channels import CHANNELS, serves
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.outcomes import day_of
from services.domain.people.actor import Actor
from services.exports.number_rules import Handed, NumberRules
from services.gateways.clock import Clock
from services.store.campaigns.campaigns import CampaignStore
from services.store.collection import Document
from services.store.contacts.contacts import ContactStore
from services.store.contacts.targets import TargetStore
from services.store.outcomes.outcomes import OutcomeStore

_AT_ONCE = 1000
_OPEN = ("contact_id", "constituency_id", "part_id", "gender", "age_band", "language", "tags", "channels")
_STANDING = ("state", "attempts", "last_disposition", "last_at", "planned")
_PERSONAL = ("serial_no", "name", "name_hi", "relation", "relative_name", "house_no", "age")
_NUMBERS = ("phone", "phone_2", "whatsapp", "not_before", "not_after", "number_withheld")
_PHONES = ("mobile", "landline")


class People:
    """Contacts by id, without those who are out of bounds."""

    def __init__(self, contacts: ContactStore, suppressions: Suppressions) -> None:
        self._contacts = contacts
        self._suppressions = suppressions

    def reachable(self, contact_ids: Sequence[str]) -> tuple[dict[str, Contact], Counter[str]]:
        """Return people by id, opened, and how many were left out: `suppressed`, or by their state."""
        found: dict[str, Contact] = {}
        left_out: Counter[str] = Counter()
        for at in range(0, len(contact_ids), _AT_ONCE):
            some = self._contacts.by_ids(contact_ids[at : at + _AT_ONCE])
            left_out["erased"] += len(contact_ids[at : at + _AT_ONCE]) - len(some)
            keys = [key for one in some.values() for key in (person_key(one.id), *one.address_keys(), *one.stripped)]
            stopped = self._suppressions.suppressed(keys)
            for key, contact in some.items():
                if contact.state != ACTIVE:
                    left_out[contact.state] += 1
                elif not stopped.isdisjoint([person_key(key), *contact.address_keys(), *contact.stripped]):
                    left_out["suppressed"] += 1
                else:
                    found[key] = contact
        return found, +left_out


class ContactRows:
    """Enrolled people of a campaign, part by part."""

    def __init__(
        self,
        *,
        people: People,
        numbers: NumberRules,
        targets: TargetStore,
        memberships: Memberships,
        places: Places,
        rulebook: Rulebook,
        clock: Clock,
    ) -> None:
        self._people = people
        self._numbers = numbers
        self._targets = targets
        self._memberships = memberships
        self._places = places
        self._rulebook = rulebook
        self._clock = clock

    def columns(self, export: Document) -> Sequence[str]:
        """Return the names of the columns."""
        return (
            *_OPEN,
            *_STANDING,
            *(_PERSONAL if export["personal"] else ()),
            *(_NUMBERS if export["numbers"] else ()),
        )

    def steps(self, export: Document) -> Sequence[str]:
        """Return the campaign's parts that are asked for."""
        wanted = export["filter"]
        ruling = self._rulebook.of(wanted["campaign_id"], self._clock.now())
        membership = self._membership(export)
        parts = parts_of(self._places, ruling.campaign["constituencies"], wanted.get("area"))
        return [part for part in parts if membership is None or membership.covers(self._places.get(part).path)]

    def portion(self, export: Document, actor: Actor, step: str) -> Portion:
        """Return the rows of one part."""
        campaign_id = export["filter"]["campaign_id"]
        targets = {target["contact_id"]: target for target in self._targets.in_part(campaign_id, step)}
        if not targets:
            return Portion([])
        membership = self._membership(export)
        wanted = sorted(targets if membership is None else membership.among(list(targets)))
        people, left_out = self._people.reachable(wanted)
        handed: dict[str, Handed] = {}
        if export["numbers"]:
            place = (step, self._places.get(step).parent_id or "")
            handed = self._numbers.of_part(campaign_id, place, list(people))
        rows = [self._row(export, contact, targets[key], handed.get(key)) for key, contact in people.items()]
        withheld = Counter(reason for one in handed.values() for reason in one.withheld)
        return Portion(rows, list(people), left_out, withheld)

    def _row(self, export: Document, contact: Contact, target: Document, handed: Handed | None) -> list[Any]:
        place = contact.place
        open_facts = [contact.id, place.constituency_id, place.part_id, contact.gender, age_band(contact.age)]
        standing = [target["state"], target.get("total"), target.get("last_disposition"), target.get("last_at")]
        row = [*open_facts, contact.language, contact.tags, _channels(contact), *standing]
        row.append(target.get("batch_id") is not None)
        if export["personal"]:
            told = [contact.facts.get(name) for name in ("name", "name_hi", "relation", "relative_name", "house_no")]
            row += [contact.serial_no, *told, contact.age]
        if handed is not None:
            row += [*_numbers(contact, handed.keys), *(handed.window or ("", "")), "; ".join(handed.withheld)]
        return row

    def _membership(self, export: Document) -> Any:
        audience_id = export["filter"].get("audience_id")
        if audience_id is None:
            return None
        return self._memberships.find(audience_id, campaign_id=export["filter"]["campaign_id"])


class OutcomeRows:
    """Outcomes of a campaign, part by part, as they were told and without what was said."""

    _OPEN = ("outcome_id", "occurred_at", "channel", "disposition", "aapor_code", "status", "corrects", "duration_s")
    _WHERE = ("constituency_id", "part_id", "district_id", "user_id", "batch_id")

    def __init__(
        self,
        *,
        people: People,
        outcomes: OutcomeStore,
        campaigns: CampaignStore,
        places: Places,
        catalogue: Catalogue,
    ) -> None:
        self._people = people
        self._outcomes = outcomes
        self._campaigns = campaigns
        self._places = places
        self._catalogue = catalogue

    def columns(self, export: Document) -> Sequence[str]:
        """Return the names of the columns."""
        return (*self._OPEN, *self._WHERE, *(("contact_ids", "names") if export["personal"] else ()))

    def steps(self, export: Document) -> Sequence[str]:
        """Return the campaign's parts that are asked for."""
        wanted = export["filter"]
        seats = self._campaigns.get(wanted["campaign_id"])["constituencies"]
        return parts_of(self._places, seats, wanted.get("area"))

    def portion(self, export: Document, actor: Actor, step: str) -> Portion:
        """Return the outcomes of one part, by the time they happened."""
        wanted = export["filter"]
        query = {"campaign_id": wanted["campaign_id"], "part_id": step}
        told = sorted((one for one in self._outcomes.walk(query) if _within(one, wanted)), key=_when)
        if not export["personal"]:
            return Portion([self._row(one) for one in told])
        ids = list(dict.fromkeys(contact for one in told for contact in one["contact_ids"]))
        people, left_out = self._people.reachable(ids)
        shown = [one for one in told if all(contact in people for contact in one["contact_ids"])]
        rows = [[*self._row(one), one["contact_ids"], _names(one, people)] for one in shown]
        return Portion(rows, list(people), left_out)

    def _row(self, outcome: Document) -> list[Any]:
        code = self._catalogue.find(outcome["disposition"])
        named = {**outcome, "outcome_id": outcome["_id"], "aapor_code": code.aapor_code if code else None}
        return [named.get(name) for name in (*self._OPEN, *self._WHERE)]


def parts_of(places: Places, seats: Sequence[str], area: str | None) -> list[str]:
    """Return the parts of some constituencies, or of those within an area, always in the same order."""
    parts = [part for seat in seats for part in places.children(seat) if part.kind == "part"]
    return [part.id for part in parts if area is None or area in part.path]


def _names(outcome: Document, people: dict[str, Contact]) -> list[str]:
    return [people[contact].facts.get("name") or "" for contact in outcome["contact_ids"]]


def _within(outcome: Document, wanted: Document) -> bool:
    day = day_of(outcome["occurred_at"])
    return bool(wanted.get("from", day) <= day <= wanted.get("to", day))


def _when(outcome: Document) -> tuple[Any, str]:
    return outcome["occurred_at"], outcome["_id"]


def _channels(contact: Contact) -> list[str]:
    usable = [one for one in contact.addresses if one.state == "ok"]
    return [
        channel
        for channel in CHANNELS
        if any(serves(one.kind, channel) and channel not in one.dead_channels for one in usable)
    ]


def _numbers(contact: Contact, keys: frozenset[str]) -> list[str]:
    """Return two phones and a WhatsApp number, of those with these keys, the preferred first."""
    usable: Iterable[Any] = sorted((one for one in contact.addresses if one.key in keys), key=_preferred)
    phones = [one.value for one in usable if one.kind in _PHONES]
    others = [one.value for one in usable if one.kind == "whatsapp"]
    return [*[*phones, "", ""][:2], *(others[:1] or [""])]


def _preferred(address: Any) -> bool:
    return not address.preferred
