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
_ATTEMPTS_KEPT = 20
_FREE = {"batch_id": None, "item_id": None, "user_id": None, "campaign_id": None, "channel": None, "until": None}
_HOLDER = {"$ifNull": ["$batch_id", None]}
# How many attempts were ever noted, so that a take-over sees that one came in between.
_NOTED = {"$ifNull": ["$n", 0]}
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
    at: datetime | None = None


class LeaseStore:
    """Leases by address key. What was tried on an address stays with its lease when nobody holds it."""

    def __init__(self, database: Database[Document]) -> None:
        self._leases = Collection(database, "leases")

    def add(self, wanted: Sequence[Wanted]) -> set[str]:
        """Lease every address that never was; return the keys that are refused because they were."""
        refused: set[str] = set()
        for some in _in_parts(wanted, READ_AT_ONCE):
            refused |= self._leases.insert_new([{"_id": one.key, **_held(one), "attempts": [], "n": 0} for one in some])
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

    def hold_for(self, keys: Sequence[str], batch_id: str, *, user_id: str, until: datetime) -> None:
        """Note who has the batch that holds those addresses, and until when."""
        for some in _in_parts(keys, READ_AT_ONCE):
            self._leases.change_each_if(some, {"$eq": [_HOLDER, batch_id]}, {"user_id": user_id, "until": until})

    def between(self, low: str, high: str) -> list[Document]:
        """Return the held leases of one stretch of the key space; both ends bound what is read."""
        found = self._leases.many({"_id": {"$gte": low, "$lt": high}}, fields=("batch_id", "user_id", "until", "at"))
        return [lease for lease in found if lease.get("batch_id") is not None]

    def note_attempts(self, attempts: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Add attempts `{o, at, ch, c, i}` to addresses, sorted by time; one whose `o` is known changes nothing."""
        for keys in _in_parts(list(attempts), _TAKEN_AT_ONCE):
            self._leases.insert_new([{"_id": key, **_FREE, "attempts": [], "n": 0} for key in keys])
            rows = per_key(keys, [[dict(row) for row in attempts[key]] for key in keys])
            self._leases.update_many({"_id": {"$in": keys}}, _noting(rows))

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
        "at": wanted.at,
    }


def _take_over(wanted: Sequence[Wanted], seen: Mapping[str, Document], now: datetime) -> UpdateMany:
    keys = [one.key for one in wanted]
    rows = [_held(one) for one in wanted]
    computed: dict[str, Any] = {name: per_key(keys, [row[name] for row in rows]) for name in rows[0]}
    mine = {"$eq": [_HOLDER, computed["batch_id"]]}
    free: dict[str, Any] = {"$or": [{"$eq": [_HOLDER, None]}, {"$lte": ["$until", now]}, mine]}
    as_seen = {"$eq": [_NOTED, per_key(keys, [seen[key].get("n", 0) for key in keys])]}
    return UpdateMany({"_id": {"$in": keys}}, guarded({"$and": [free, as_seen]}, {}, computed=computed))


def _noting(rows: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the pipeline that merges the attempts `rows` (an expression) into those that are known."""
    known = {"$map": {"input": "$attempts", "in": "$$this.o"}}
    fresh = {"$filter": {"input": rows, "cond": {"$not": [{"$in": ["$$this.o", known]}]}}}
    by_time = {"$sortArray": {"input": {"$concatArrays": ["$attempts", fresh]}, "sortBy": {"at": 1}}}
    kept = {"$slice": [by_time, -_ATTEMPTS_KEPT]}
    return [{"$set": {"n": {"$add": [_NOTED, {"$size": fresh}]}, "attempts": kept}}]


def _in_parts(things: Sequence[T], size: int) -> Iterator[list[T]]:
    iterator = iter(things)
    while part := list(islice(iterator, size)):
        yield part
