"""A contact as the wire shows it: initials, masked numbers, and what is known about each address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.contacts.contacts import Shown
from services.domain.batches.links import mask_address, mask_name
from services.domain.contacts.contacts import EDITED, SEALED_FACTS, Contact, ContactAddress
from services.domain.contacts.joining import source_of
from services.domain.contacts.suppressions import person_key
from services.store.contacts.targets import target_id

_NAMES = frozenset({"name", "name_hi", "relative_name"})
# Sealed facts that are no names; how somebody is related tells nothing by itself.
_HIDDEN = frozenset(SEALED_FACTS) - _NAMES - {"relation"}
_STANDING = ("state", "attempts", "total", "last_at", "last_disposition", "next_at", "batch_id")


def masked(contact: Contact, shown: Shown, *, campaign_id: str | None = None) -> dict[str, Any]:
    """Return the contact masked; with its standing in one campaign ("" for none), or in all that were looked up."""
    facts = contact.facts
    wire: dict[str, Any] = {
        "id": contact.id,
        "state": contact.state,
        **{name: getattr(contact.place, name) for name in ("district_id", "constituency_id", "part_id")},
        **{name: getattr(contact, name) for name in ("serial_no", "gender", "age", "language")},
        **{name: _masked_fact(name, facts.get(name)) for name in ("name", "name_hi", "relative_name")},
        "relation": facts.get("relation"),
        "house_no": _masked_fact("house_no", facts.get("house_no")),
        "tags": list(contact.tags),
        "addresses": [_address(address, shown) for address in contact.addresses],
        "suppressed": person_key(contact.id) in shown.suppressed,
        "merged_from": [one["id"] for one in contact.merges],
        "told_differently": sorted({one.field for one in contact.also}),
        "tellings": _tellings(contact, shown),
        "standing": _standing(shown.targets.get(target_id(campaign_id, contact.id))) if campaign_id else None,
    }
    if campaign_id is None:
        wire["standings"] = {
            target["campaign_id"]: _standing(target)
            for target in shown.targets.values()
            if target["contact_id"] == contact.id
        }
    return wire


def _masked_fact(name: str, value: Any) -> Any:
    """A fact as it may be shown: names as initials, other sealed texts by their first letter."""
    if name in _NAMES:
        return mask_name(value) if value else None
    return f"{value[:1]}•••" if value and name in _HIDDEN else value


def _tellings(contact: Contact, shown: Shown) -> list[dict[str, Any]]:
    """What sources say of the facts on which they disagree, the one that holds first."""
    told = []
    for name in sorted({one.field for one in contact.also}):
        holds = contact.facts.get(name) if name in SEALED_FACTS else getattr(contact, name, None)
        if holds is not None:
            told.append((name, holds, source_of(contact, name), True))
        told += [(name, one.value, one.source_id, False) for one in contact.also if one.field == name]
    return [
        {"field": name, "value": _masked_fact(name, value), "holds": holds, "source": _source(source_id, shown)}
        for name, value, source_id, holds in told
    ]


def _source(source_id: str, shown: Shown) -> dict[str, Any]:
    known = {"kind": "correction"} if source_id.startswith(EDITED) else shown.sources.get(source_id, {})
    return {"id": source_id, "name": known.get("name"), "kind": known.get("kind")}


def _standing(target: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: target.get(name) for name in _STANDING} if target else None


def _address(address: ContactAddress, shown: Shown) -> dict[str, Any]:
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
        "source": _source(address.source_id, shown),
    }
