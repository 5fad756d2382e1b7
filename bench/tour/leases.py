"""The judge's look into the database: which addresses are in the hands of two people by what lies there now."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pymongo import MongoClient

_LIVE_BATCHES = ("assigned", "active")
_OPEN_ITEMS = ("ready", "callback")


def in_two_hands(uri: str, database: str) -> tuple[int, int]:
    """Return how many addresses live batches hold, and how many of them are held twice.

    Twice is: open in the batches of two people, or open in one batch while the lease names another.
    """
    with MongoClient[dict[str, Any]](uri, tz_aware=True) as client:
        batches = client[database]["batches"].find(
            {"state": {"$in": list(_LIVE_BATCHES)}}, {"assignee": 1, "items.address": 1, "items.state": 1}
        )
        holders: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for batch in batches:
            for item in batch["items"]:
                if item["state"] in _OPEN_ITEMS:
                    holders[item["address"]].add((batch["assignee"], batch["_id"]))
        leases = client[database]["leases"].find({"batch_id": {"$ne": None}}, {"batch_id": 1})
        leased = {lease["_id"]: lease["batch_id"] for lease in leases}
    twice = {
        address
        for address, held in holders.items()
        if len({assignee for assignee, _ in held}) > 1
        or any(leased.get(address, batch_id) != batch_id for _, batch_id in held)
    }
    return len(holders), len(twice)
