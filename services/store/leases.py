"""Collection `leases`: an address and the one batch that holds it; the database refuses a second holder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from pymongo import UpdateMany
from pymongo.database import Database

from services.store.collection import Collection, Document, guarded, per_key

READ_AT_ONCE = 1000
# The expressions of a take-over look each document's values up in a list: a short one keeps that cheap.
_TAKEN_AT_ONCE = 100
_FREE = {"batch_id": None, "item_id": None, "user_id": None, "campaign_id": None, "channel": None, "until": None}
# An address that was tried but never held has a document without a holder.
_HOLDER = {"$ifNull": ["$batch_id", None]}
# Attempts are added at the end, so a new one shows in the last.
_LATEST = {
    "$let": {
        "vars": {"last": {"$arrayElemAt": [{"$ifNull": ["$attempts", []]}, -1]}},
        "in": {"$ifNull": ["$$last.o", None]},
    }
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An address that a batch wants to hold."""

    key: str
    batch_id: str
    item_id: str
    user_id: str
    campaign_id: str
    channel: str
    until: datetime


class LeaseStore:
    """Leases by address key. What was tried on an address stays with its lease when nobody holds it."""

    def __init__(self, database: Database[Document]) -> None:
        self._leases = Collection(database, "leases")

    def add(self, wanted: Sequence[Wanted]) -> set[str]:
        """Lease every address that never was; return the keys that are refused because they were."""
        refused: set[str] = set()
        for some in _in_parts(wanted, READ_AT_ONCE):
            refused |= self._leases.insert_new([{"_id": one.key, **_held(one), "attempts": []} for one in some])
        return refused

    def by_keys(self, keys: Iterable[str]) -> dict[str, Document]:
        """Return the leases of addresses, held or not."""
        found: dict[str, Document] = {}
        for some in _in_parts(list(dict.fromkeys(keys)), READ_AT_ONCE):
            found |= self._leases.by_ids(some)
        return found

    def take_over(self, wanted: Sequence[Wanted], seen: Mapping[str, Document], *, now: datetime) -> None:
        """Give each address to its batch if nobody holds it, the holder's time is over, or the batch has it already.

        `seen` are the leases as the rules were asked about them: one with a new attempt since is left alone. Who has
        got what is read afterwards, with `by_keys`.
        """
        parts = list(_in_parts(wanted, _TAKEN_AT_ONCE))
        self._leases.bulk([_take_over(part, seen, now) for part in parts])

    def release(self, keys: Sequence[str], batch_id: str) -> None:
        """Free those addresses that the batch holds."""
        for some in _in_parts(keys, READ_AT_ONCE):
            self._leases.change_each_if(some, {"$eq": [_HOLDER, batch_id]}, _FREE)

    def extend(self, keys: Sequence[str], batch_id: str, until: datetime) -> None:
        """Let a batch hold those addresses longer that it holds."""
        for some in _in_parts(keys, READ_AT_ONCE):
            self._leases.change_each_if(some, {"$eq": [_HOLDER, batch_id]}, {"until": until})

    def walk(self) -> Iterator[Document]:
        """Yield every lease; for checks that compare everything."""
        return self._leases.walk({})


def _held(wanted: Wanted) -> Document:
    return {
        "batch_id": wanted.batch_id,
        "item_id": wanted.item_id,
        "user_id": wanted.user_id,
        "campaign_id": wanted.campaign_id,
        "channel": wanted.channel,
        "until": wanted.until,
    }


def _latest(lease: Document) -> str | None:
    attempts = lease.get("attempts")
    return attempts[-1]["o"] if attempts else None


def _take_over(wanted: Sequence[Wanted], seen: Mapping[str, Document], now: datetime) -> UpdateMany:
    keys = [one.key for one in wanted]
    rows = [_held(one) for one in wanted]
    computed: dict[str, Any] = {name: per_key(keys, [row[name] for row in rows]) for name in rows[0]}
    mine = {"$eq": [_HOLDER, computed["batch_id"]]}
    free: dict[str, Any] = {"$or": [{"$eq": [_HOLDER, None]}, {"$lte": ["$until", now]}, mine]}
    as_seen = {"$eq": [_LATEST, per_key(keys, [_latest(seen[key]) for key in keys])]}
    return UpdateMany({"_id": {"$in": keys}}, guarded({"$and": [free, as_seen]}, {}, computed=computed))


def _in_parts(things: Sequence[T], size: int) -> Iterator[list[T]]:
    iterator = iter(things)
    while part := list(islice(iterator, size)):
        yield part
