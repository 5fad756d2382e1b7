"""A contact as the wire shows it: initials, masked numbers, and what is known about each address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.contacts.contacts import Shown
from services.domain.batches.links import mask_address, mask_name
from services.domain.contacts.contacts import Contact, ContactAddress
from services.domain.contacts.suppressions import person_key
from services.store.contacts.targets import target_id

_STANDING = ("state", "attempts", "total", "last_at", "last_disposition", "next_at", "batch_id")


def masked(contact: Contact, shown: Shown, *, campaign_id: str | None = None) -> dict[str, Any]:
    """Return the contact masked; with its standing in one campaign ("" for none), or in all that were looked up."""
    facts = contact.facts
    wire: dict[str, Any] = {
        "id": contact.id,
        "state": contact.state,
        **{name: getattr(contact.place, name) for name in ("district_id", "constituency_id", "part_id")},
        **{name: getattr(contact, name) for name in ("serial_no", "gender", "age", "language")},
        **{name: _initials(facts.get(name)) for name in ("name", "name_hi", "relative_name")},
        "relation": facts.get("relation"),
        "house_no": f"{facts['house_no'][:1]}•••" if facts.get("house_no") else None,
        "tags": list(contact.tags),
        "addresses": [_address(address, shown) for address in contact.addresses],
        "suppressed": person_key(contact.id) in shown.suppressed,
        "merged_from": [one["id"] for one in contact.merges],
        "told_differently": sorted({one.field for one in contact.also}),
        "standing": _standing(shown.targets.get(target_id(campaign_id, contact.id))) if campaign_id else None,
    }
    if campaign_id is None:
        wire["standings"] = {
            target["campaign_id"]: _standing(target)
            for target in shown.targets.values()
            if target["contact_id"] == contact.id
        }
    return wire


def _initials(name: str | None) -> str | None:
    return mask_name(name) if name else None


def _standing(target: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: target.get(name) for name in _STANDING} if target else None


def _address(address: ContactAddress, shown: Shown) -> dict[str, Any]:
    source = shown.sources.get(address.source_id, {})
    return {
        "id": address.key,
        "kind": address.kind,
        "masked": mask_address(address.value),
        "state": address.state,
        "why": address.why,
        "dead_channels": list(address.dead_channels),
        "preferred": address.preferred,
        "suppressed": address.key in shown.suppressed,
        "basis": address.basis,
        "collected_on": address.collected_on,
        "notice_version": address.notice_version,
        "source": {"id": address.source_id, "name": source.get("name"), "kind": source.get("kind")},
    }
