"""Batches as phones and coordinators see them: masked until opened, numbers only while they may be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.campaigns.places import Places
from services.campaigns.rulebook import Ruling
from services.content.wordings import Wordings
from services.domain.batches.batches import UNWORKED
from services.domain.batches.links import mask_address, mask_name
from services.domain.contacts.contacts import Contact
from services.domain.outcomes.outcomes import count_states
from services.domain.people.users import User
from services.domain.rules.eligibility import Gate
from services.domain.rules.facts import Facts
from services.domain.rules.verdict import Blocked, Verdict, Window
from services.store.contacts.contacts import ContactStore

Document = dict[str, Any]
_SUMMARY = (
    *("campaign_id", "channel", "state", "assignee", "size", "counts", "due_at", "priority", "languages"),
    *("constituency_ids", "part_ids"),
    *("assigned_at", "opened_at", "closed_at", "close_reason", "parent_id", "plan_id", "created_at", "updated_at"),
)
# From which age each band begins; an exact age says more about a person than a volunteer needs.
_BANDS = (18, 30, 45, 60)
_CAPPED: Document = {"state": "blocked", "blocked_by": ["volunteer_cap"]}


def summary(batch: Document) -> Document:
    """Return a batch without its items: no personal data is in it."""
    return {"id": batch["_id"], **{name: batch.get(name) for name in _SUMMARY}}


class BatchView:
    """Turns batches and the facts about their people into what the wire shows."""

    def __init__(self, contacts: ContactStore, *, places: Places, wordings: Wordings) -> None:
        self._contacts = contacts
        self._places = places
        self._wordings = wordings

    def masked(self, batch: Document, facts: Facts) -> Document:
        """Return a batch that is not opened: initials, places and masked numbers."""
        opened = self._opened(facts)
        items = [self._item(batch, item, opened, shown=False) for item in _given(batch)]
        return {**summary(batch), "items": items}

    def opened(self, batch: Document, facts: Facts, gate: Gate, *, cap_left: int, about: Ruling, by: User) -> Document:
        """Return a batch that `by` works on; the rules are asked about every item again.

        An item that is allowed but was never revealed waits for the next opening, or for tomorrow's cap.
        """
        people = self._opened(facts)
        wording = self._wordings.of(about, batch["channel"], volunteer=by.name, now=gate.now)
        items = []
        for item in _given(batch):
            shown = self._judged(batch, item, people, facts, gate)
            if shown["state"] == "unrevealed":
                shown |= {"state": item["state"]} if cap_left > 0 else _CAPPED
            if "phone" in shown:
                shown |= wording.handed(shown["phone"], [people[one["contact_id"]] for one in shown["people"]])
            items.append(shown)
        # What the hour or a new opt-out forbids is blocked for the phone, though the batch may still keep it as ready.
        return {**summary(batch), "counts": count_states(items), "items": items}

    def _opened(self, facts: Facts) -> dict[str, Contact]:
        return {key: self._contacts.to_contact(stored) for key, stored in facts.contacts.items()}

    def _judged(
        self, batch: Document, item: Document, people: Mapping[str, Contact], facts: Facts, gate: Gate
    ) -> Document:
        if item["state"] not in UNWORKED:
            # What is done needs no number any more; what is blocked must not have one.
            return self._item(batch, item, people, shown=item["opened_at"] is not None)
        verdict, window, able = judge(item, batch, facts, gate)
        revealed = item["opened_at"] is not None and (verdict.allowed or window is not None)
        shown = self._item(batch, {**item, "contacts": able or item["contacts"]}, people, shown=revealed)
        if verdict.allowed and revealed:
            return shown | self._number(item, people)
        if verdict.allowed:
            return shown | {"state": "unrevealed"}
        shown["blocked_by"] = list(verdict.codes)
        if not revealed or window is None:
            return shown | {"state": "blocked"}
        number = self._number(item, people)
        return shown | number | {"not_before": window.not_before, "not_after": window.not_after}

    def _item(self, batch: Document, item: Document, people: Mapping[str, Contact], *, shown: bool) -> Document:
        known = [people[contact] for contact in item["contacts"] if contact in people]
        value = _address(item, people)
        wire: Document = {
            "id": item["id"],
            "channel": batch["channel"],
            "people": [self._person(contact, shown=shown) for contact in known],
            "phone_masked": mask_address(value) if value else None,
            "state": item["state"],
            "attempts": item["attempts"],
        }
        if item["state"] == "blocked":
            wire["blocked_by"] = item.get("blocked_by") or ["suppressed"]
        optional = {"last_disposition": item["last_disposition"], "callback_at": item["callback_at"]}
        return wire | {name: value for name, value in optional.items() if value is not None}

    def _number(self, item: Document, people: Mapping[str, Contact]) -> Document:
        value = _address(item, people)
        return {"phone": value} if value else {}

    def _person(self, contact: Contact, *, shown: bool) -> Document:
        facts = contact.facts
        part = self._places.find(contact.place.part_id) if contact.place.part_id else None
        told: Document = {
            "contact_id": contact.id,
            "name": _name(facts, shown=shown),
            "name_hi": _masked(facts.get("name_hi"), shown=shown),
            "age_band": age_band(contact.age),
            "gender": contact.gender,
            "part": part.code if part else None,
            "tags": list(contact.tags),
        }
        if shown:
            told |= {
                "relative": facts.get("relative_name"),
                "house": facts.get("house_no"),
                "serial": contact.serial_no,
            }
        return {name: value for name, value in told.items() if value is not None or name in {"name", "part"}}


def judge(item: Document, batch: Document, facts: Facts, gate: Gate) -> tuple[Verdict, Window | None, list[str]]:
    """Return the verdict on an item, when its number may be shown ahead of time, and who of its people may be met."""
    people = facts.of_item(item, channel=batch["channel"], holder=batch["_id"])
    verdict, each = gate.decide_item(people)
    if not _ours(item, batch, facts):
        return _not_held(verdict), None, []
    able = [contact for contact, one in zip(item["contacts"], each, strict=True) if one.allowed]
    return verdict, None if verdict.allowed else gate.window_item(people, each), able


def _ours(item: Document, batch: Document, facts: Facts) -> bool:
    """Tell whether the batch holds the number: without a lease nothing is shown, whatever the rules say."""
    lease = facts.leases.get(item["address"])
    return lease is not None and lease.get("batch_id") == batch["_id"] and lease["until"] > facts.now


def _not_held(verdict: Verdict) -> Verdict:
    reasons = verdict.reasons if "held" in verdict.codes else (*verdict.reasons, Blocked("held"))
    return Verdict(reasons, None)


def _given(batch: Document) -> Sequence[Document]:
    return [item for item in batch["items"] if item["state"] != "returned"]


def _address(item: Document, people: Mapping[str, Contact]) -> str | None:
    for contact in (people[key] for key in item["contacts"] if key in people):
        for address in contact.addresses:
            if address.key == item["address"]:
                return address.value
    return None


def _name(facts: Mapping[str, str], *, shown: bool) -> str | None:
    name = facts.get("name") or facts.get("name_hi")
    return _masked(name, shown=shown)


def _masked(text: str | None, *, shown: bool) -> str | None:
    return text if shown or text is None else mask_name(text)


def age_band(age: int | None) -> str | None:
    """Return the band that an age lies in: `18-29`, …, `60+`."""
    if age is None or age < _BANDS[0]:
        return None
    start = max(band for band in _BANDS if band <= age)
    after = [band for band in _BANDS if band > age]
    return f"{start}-{after[0] - 1}" if after else f"{start}+"
