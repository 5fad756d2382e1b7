"""Work in hand, made without the whole way there: a live campaign, people with numbers, a batch that is theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from services.domain.batches.batches import Household, make_item, target_id
from services.domain.contacts.contacts import Contact, ContactAddress, Place
from services.domain.ids import new_id
from services.domain.outcomes.outcomes import count_states
from services.facade import Services
from tests.factories import Person, next_phone

PART, SEAT, DISTRICT = "ac-24-17", "ac-24", "rj-churu"


@dataclass
class Work:
    """A batch, its campaign and its people."""

    services: Services
    campaign_id: str
    batch_id: str
    items: list[dict[str, Any]]
    phones: dict[str, str] = field(default_factory=dict)

    def batch(self) -> dict[str, Any]:
        return self.services.stores.batches.get(self.batch_id)

    def item(self, number: int = 0) -> dict[str, Any]:
        return next(item for item in self.batch()["items"] if item["id"] == self.items[number]["id"])

    def target(self, number: int = 0) -> dict[str, Any]:
        key = target_id(self.campaign_id, self.items[number]["contacts"][0])
        return self.services.stores.marks.read([key])[key]

    def told(self, number: int = 0, **facts: Any) -> dict[str, Any]:
        """Return an outcome about an item, as a phone tells it."""
        defaults = {
            "id": str(uuid4()),
            "batch_id": self.batch_id,
            "item_id": self.items[number]["id"],
            "channel": "call",
            "disposition": "no_answer",
            "occurred_at": _text(self.services.clock.now() - timedelta(minutes=5)),
        }
        return {**defaults, **facts}


def make_campaign(services: Services, actor: Person, **facts: Any) -> str:
    """Make an active campaign in Sujangarh, and return its id."""
    identity = _actor(services, actor)
    fields = {"name": "Sujangarh", "constituencies": [SEAT], "channels": ["call", "whatsapp"], "default_locale": "hi"}
    campaign = services.campaigns.create(identity, {**fields, **facts})
    services.campaigns.move(identity, campaign["_id"], "activate", version=None)
    return str(campaign["_id"])


def make_contact(services: Services, *, phone: str, name: str = "Kamla Devi", **facts: Any) -> Contact:
    """Store a person of part 17 who has one number."""
    key = services.cipher.index("phone", phone)
    address = ContactAddress(
        key=key, kind="mobile", value=phone, basis="voluntary", source_id="s", collected_on="2026-11-01", preferred=True
    )
    contact = Contact(
        id=new_id(),
        place=Place("rj", DISTRICT, SEAT, PART),
        facts={"name": name},
        addresses=(address,),
        keys=(key,),
        **facts,
    )
    services.stores.contacts.insert_new([contact], at=services.clock.now())
    return contact


def make_work(
    services: Services, *, headquarters: Person, holder: Person, people: int = 3, household: int = 1, **facts: Any
) -> Work:
    """Give `holder` an opened batch of `people` items, the first of which lists `household` people."""
    campaign_id = make_campaign(services, headquarters)
    now = services.clock.now()
    batch_id = new_id()
    items, phones = [], {}
    for number in range(people):
        phone = next_phone()
        contacts = [make_contact(services, phone=phone) for _ in range(household if number == 0 else 1)]
        item = make_item(batch_id, Household(contacts[0].addresses[0].key, tuple(c.id for c in contacts), PART, SEAT))
        items.append({**item, "opened_at": now})
        phones[item["id"]] = phone
        for contact in contacts:
            services.stores.marks._targets.insert(
                {
                    "_id": target_id(campaign_id, contact.id),
                    "campaign_id": campaign_id,
                    "contact_id": contact.id,
                    "part_id": PART,
                    "constituency_id": SEAT,
                    "district_id": DISTRICT,
                    "state": "open",
                    "batch_id": batch_id,
                    "item_id": item["id"],
                }
            )
        services.stores.leases._leases.insert(
            {
                "_id": item["address"],
                "batch_id": batch_id,
                "item_id": item["id"],
                "user_id": holder.id,
                "campaign_id": campaign_id,
                "channel": "call",
                "until": now + timedelta(hours=48),
                "attempts": [],
                "n": 0,
            }
        )
    batch = {
        "_id": batch_id,
        "campaign_id": campaign_id,
        "channel": "call",
        "state": "active",
        "assignee": holder.id,
        "assignee_district": holder.user.home_area,
        "holders": [holder.id],
        "pool_key": None,
        "forming_since": None,
        "unmarked": False,
        "constituency_ids": [SEAT],
        "part_ids": [PART],
        "size": people,
        "items": items,
        "counts": count_states(items),
        "due_at": now + timedelta(hours=48),
        "events": [],
        "pending": False,
        "created_at": now,
        "updated_at": now,
        "version": 1,
        **facts,
    }
    services.stores.batches._batches.insert(batch)
    return Work(services, campaign_id, batch_id, items, phones)


def _actor(services: Services, person: Person) -> Any:
    from services.domain.people.actor import Actor

    return Actor(user_id=person.id, role=person.user.role, session_id=person.session_id)


def _text(moment: Any) -> str:
    return moment.isoformat().replace("+00:00", "Z")
