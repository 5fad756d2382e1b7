"""A batch as data: its items, what is counted of them, where it lies in a pool."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b32encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from services.domain.ids import derived_id
from services.domain.outcomes.outcomes import count_states

Document = dict[str, Any]

POOLED, ASSIGNED, ACTIVE, DONE, RECALLED, EXPIRED = "pooled", "assigned", "active", "done", "recalled", "expired"
STATES = (POOLED, ASSIGNED, ACTIVE, DONE, RECALLED, EXPIRED)
LIVE = (ASSIGNED, ACTIVE)
# Why a batch ended of which others had everything first.
NOTHING_LEFT = "nothing_left"
LARGEST = 100
# Which pooled work is given out first; what is not named is in the middle.
PRIORITIES = ("high", "normal", "low")
NORMAL = "normal"
# What lies under one key is divided into so many slots, so that a claim reads a few of many.
SLOTS = 8
_OF_PRIORITY = "!"
# What is left of an item's work: the others are finished, forbidden for good, or with another batch.
UNWORKED = ("ready", "callback")
ANY_DISTRICT = "*"
# Reasons that no waiting ends: such an item is not worth keeping in a queue.
LASTING = frozenset({"attempts", "suppressed", "quarantined", "no_address", "dead_number", "final"})


class Household(NamedTuple):
    """One address and the people who are meant to be reached by it."""

    address: str
    contacts: tuple[str, ...]
    part_id: str
    constituency_id: str


class Origin(NamedTuple):
    """Where a batch comes from: the run that makes it, its place in the run, and who asked for it."""

    run_id: str
    number: int
    campaign_id: str
    channel: str
    created_by: str
    at: datetime


def target_id(campaign_id: str, contact_id: str) -> str:
    """Return the id of a contact's standing in a campaign."""
    return f"{campaign_id}:{contact_id}"


def target_ids(batch: Document, items: Iterable[Document] | None = None) -> list[str]:
    """Return the targets of a batch, or of some of its items."""
    chosen = batch["items"] if items is None else items
    return [target_id(batch["campaign_id"], contact) for item in chosen for contact in item["contacts"]]


def make_item(seed: str, household: Household) -> Document:
    """Return a new item; its id is the same whenever the same seed and address are given."""
    digest = hashlib.sha256(f"{seed}\0{household.address}".encode()).digest()
    return {
        # Twelve letters say seven and a half bytes; the others need not be written out.
        "id": b32encode(digest[:10])[:12].decode().lower(),
        "address": household.address,
        "contacts": list(household.contacts),
        "part_id": household.part_id,
        "constituency_id": household.constituency_id,
        "state": "ready",
        "attempts": 0,
        "last_disposition": None,
        "next_at": None,
        "callback_at": None,
        "outcomes": [],
        "opened_at": None,
        "done_at": None,
    }


def carried(item: Document) -> Document:
    """Return an item as the next batch gets it: what is known of it stays, what its holder did does not.

    A call that was agreed for a time is nobody's agreement any more; the standing says when the next try is due.
    """
    return {**item, "state": "ready", "outcomes": [], "opened_at": None, "done_at": None}


def make_batch(origin: Origin, items: Sequence[Document], *, due_at: datetime | None = None) -> Document:
    """Return a batch that belongs to nobody yet; the same run and number always get the same id."""
    made_at = origin.at + timedelta(milliseconds=origin.number)
    batch_id = derived_id(made_at, origin.run_id, str(origin.number))
    return {
        "_id": batch_id,
        "campaign_id": origin.campaign_id,
        "channel": origin.channel,
        "state": POOLED,
        "assignee": None,
        "assignee_district": None,
        "holders": [],
        "pool_key": None,
        "pool_districts": None,
        "pool_from": None,
        "languages": None,
        "slot": zlib.crc32(batch_id.encode()) % SLOTS,
        "priority": NORMAL,
        "constituency_ids": list(dict.fromkeys(item["constituency_id"] for item in items)),
        "part_ids": list(dict.fromkeys(item["part_id"] for item in items)),
        "size": len(items),
        "items": list(items),
        "counts": count_states(items),
        "lease_id": None,
        "due_at": due_at,
        "warn_at": None,
        "assigned_at": None,
        "opened_at": None,
        "closed_at": None,
        "close_reason": None,
        "events": [],
        "pending": False,
        "forming_since": None,
        "unmarked": False,
        "next_callback_at": None,
        "parent_id": None,
        "plan_id": origin.run_id,
        "created_by": origin.created_by,
        "created_at": origin.at,
        "updated_at": origin.at,
        "version": 1,
    }


def with_items(items: Sequence[Document]) -> Document:
    """Return the fields of a batch that follow from its items."""
    callbacks = [item["callback_at"] for item in items if item["state"] == "callback" and item["callback_at"]]
    return {"items": list(items), "counts": count_states(items), "next_callback_at": min(callbacks, default=None)}


def pool_id(campaign_id: str, channel: str, constituency_id: str, district: str = ANY_DISTRICT) -> str:
    """Return the id of the pool of one seat and channel, open to one district or to any."""
    return f"{campaign_id}|{channel}|{constituency_id}|{district}"


def pool_key(batch: Document) -> str:
    """Return the key that a pooled batch is found by: its campaign, channel, district and first part.

    A part has some 1,200 electors at most, so few batches ever share a key and a claim reads few.
    """
    district = batch["pool_districts"][0] if batch["pool_districts"] else ANY_DISTRICT
    return f"{batch['campaign_id']}|{batch['channel']}|{district}|{_shelf(batch)}"


def pool_of(batch: Document) -> tuple[str, str]:
    """Return the id of the pool that a pooled batch lies in, and the shelf (part, priority) that it is found under."""
    district = batch["pool_districts"][0] if batch["pool_districts"] else ANY_DISTRICT
    seat = batch["constituency_ids"][0]
    return pool_id(batch["campaign_id"], batch["channel"], seat, district), _shelf(batch)


def part_and_rank(shelf: str) -> tuple[str, int]:
    """Return the part that a shelf of a pool is of, and how early its priority is given out: the lower, the earlier."""
    part, _, priority = shelf.partition(_OF_PRIORITY)
    return part, PRIORITIES.index(priority or NORMAL)


def _shelf(batch: Document) -> str:
    """Return the name under which a pooled batch lies: its first part, and its priority unless that is the usual."""
    priority = batch.get("priority") or NORMAL
    part: str = batch["part_ids"][0]
    return part if priority == NORMAL else f"{part}{_OF_PRIORITY}{priority}"
