"""What tests of pushes share: people's phones, and batches as the planner makes them."""

from __future__ import annotations

from datetime import timedelta

from services.domain.batches.batches import Household, Origin, make_batch, make_item
from services.domain.batches.changes import handing_over
from services.domain.ids import new_id
from services.wiring.phones import wire_phones

SECRETS = ("सीता देवी", "+919812345678", "9812345678", "household-key")


def phones_with(services, clock, messaging):
    """Return the pieces that reach phones, sending through this gateway."""
    return wire_phones(
        services.stores,
        services.settings,
        clock=clock,
        places=services.places,
        audit=services.audit,
        rulebook=services.rulebook,
        messaging=messaging,
    )


def bind(services, person, name, *, locale="hi", platform="android", kind="token"):
    """Bind a phone to a person and return its target."""
    facts = {"platform": platform, "app_version": "1.0", "locale": locale}
    at = services.clock.now()
    services.stores.devices.bind(person.id, name, target={"kind": kind, "value": f"t-{name}"}, facts=facts, at=at)
    return f"t-{name}"


def assigned_batch(services, person, *, size=3, **changes):
    """Store a batch in a volunteer's hands; return it with its event."""
    now = services.clock.now()
    items = [
        make_item("seed", Household(f"household-key-{number}", (f"contact-{number}",), "ac-24-17", "ac-24"))
        for number in range(size)
    ]
    batch = make_batch(Origin(new_id(), 0, "drive", "call", "somebody", now), items)
    batch |= handing_over(
        batch,
        user_id=person.id,
        district_id="rj-churu",
        lease_id=new_id(),
        now=now,
        due_at=now + timedelta(hours=48),
    )
    batch |= {"forming_since": None, "pending": True, **changes}
    services.stores.batches.insert_new([batch])
    return batch, batch["events"][-1]


def change_batch(services, batch, **changes):
    """Change a stored batch and return it."""
    changed = services.stores.batches.swap(batch, changes)
    assert changed is not None
    return changed


def free_task(services, phones, actor, **changes):
    """Make a task as headquarters for the volunteers of Churu and tell everybody."""
    fields = {
        "kind": "read",
        "title": {"hi": "नया लेख पढ़ें", "en": "Read the new note"},
        "body": {"hi": "कृपया आज ही पढ़ें।", "en": "Please read it today."},
        "audience": {"areas": ["rj-churu"], "roles": ["volunteer"]},
        "template_id": None,
        "version": None,
        "due_at": None,
        "priority": "normal",
        **changes,
    }
    task = phones.tasks.create(actor, fields)
    while phones.spread.spread_next():
        pass
    return task
