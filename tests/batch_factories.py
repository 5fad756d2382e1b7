"""Makes campaigns with people to reach, straight through the stores: no import, no enrolment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.contacts.target_counts import TargetCounts
from services.domain.contacts.contacts import Contact, ContactAddress, Place
from services.domain.contacts.keys import ContactKeys
from services.domain.ids import new_id
from services.domain.people.actor import Actor
from services.facade import Services
from tests.factories import next_phone

HQ = Actor(user_id="hq", role="hq_admin", session_id="test")
SEAT = "ac-24"


def make_campaign(services: Services, *, state: str = "active", **facts: Any) -> str:
    """Return the id of a campaign in Sujangarh (and wherever else `facts` say) by call and WhatsApp."""
    fields = {
        "name": "By-election",
        "constituencies": [SEAT],
        "channels": ["call", "whatsapp", "facebook"],
        "default_locale": "hi",
        **facts,
    }
    campaign = services.campaigns.create(HQ, fields)
    if state == "active":
        services.campaigns.move(HQ, campaign["_id"], "activate", version=None)
    return str(campaign["_id"])


def address_of(services: Services, value: str, kind: str = "mobile", **facts: Any) -> ContactAddress:
    """Return an address that was given freely."""
    key = ContactKeys(services.cipher).address(kind, value)
    given = {"basis": "voluntary", "source_id": "s", "collected_on": "2026-10-01", **facts}
    return ContactAddress(key=key, kind=kind, value=value, **given)


def make_contact(
    services: Services,
    *,
    phone: str | None = "",
    part: int = 1,
    seat: str = SEAT,
    name: str = "Sita Devi",
    **facts: Any,
) -> Contact:
    """Return a stored contact; `phone` None means that nothing is known to reach them by."""
    area = services.places.get(f"{seat}-{part}")
    addresses = facts.pop("addresses", None)
    if addresses is None:
        addresses = () if phone is None else (address_of(services, phone or next_phone()),)
    contact = Contact(
        id=new_id(),
        place=Place(*area.path),
        serial_no=7,
        facts={"name": name, "relative_name": "Ram Lal", "house_no": "12"},
        addresses=tuple(addresses),
        age=34,
        gender="female",
        language=facts.pop("language", "hi"),
        **facts,
    )
    services.stores.contacts.insert_new([contact], at=services.clock.now())
    return contact


def enrol(services: Services, campaign_id: str, contacts: Sequence[Contact]) -> None:
    """Make contacts targets of a campaign."""
    services.stores.targets.enrol(campaign_id, contacts)
    counts = TargetCounts(
        services.stores.targets, services.stores.target_tallies, places=services.places, clock=services.clock
    )
    parts = {contact.place.part_id for contact in contacts if contact.place.part_id}
    counts.recount(services.campaigns.get(campaign_id), parts)


def make_people(services: Services, campaign_id: str, number: int, *, parts: int = 3, **facts: Any) -> list[Contact]:
    """Return so many enrolled contacts, dealt over the first parts of a seat."""
    contacts = [make_contact(services, part=at % parts + 1, **facts) for at in range(number)]
    enrol(services, campaign_id, contacts)
    return contacts


def wanted(campaign_id: str, **facts: Any) -> dict[str, Any]:
    """Return the body of a plan for the pool, by call."""
    assign = {"mode": "pool", **facts.pop("assign", {})}
    return {"campaign_id": campaign_id, "channel": "call", "assign": assign, **facts}
