"""Collection `tallies`: cells of one volunteer's day in one part on one channel, and the counters of each.

A cell keeps, by item, the attempts it counts: bounded by the day's caps, written whole by whoever saw more of the
item's outcomes. So a repeat changes nothing and the counters equal a recount.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.errors import Unavailable
from services.domain.outcomes.tallies import Attempt, Cell, Counters, counts_of_said
from services.store.collection import Collection, Document, guarded, per_key

_TRIES = 5


class CellStore:
    """Cells by id, and their sums."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._tallies = Collection(database, "tallies")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the sums of one campaign, by day, and those of one volunteer."""
        self._tallies.ensure_index([("campaign_id", 1), ("kind", 1), ("day", 1)])
        self._tallies.ensure_index([("user_id", 1)], sparse=True)

    def put(self, entries: Mapping[Cell, Mapping[str, tuple[int, Sequence[Attempt]]]]) -> None:
        """Write, by cell and item, `(outcomes seen, attempts)` where nobody has seen more of the item's outcomes."""
        self._tallies.bulk([self._putting(cell, items) for cell, items in entries.items()])

    def read(self, cell_ids: Iterable[str]) -> list[tuple[str, int, list[Attempt], Counters | None]]:
        """Return `(cell id, revision, all its attempts, the counts of what was said if they are frozen)`."""
        found = self._tallies.by_ids(cell_ids, fields=["items", "rev", "frozen"])
        return [
            (key, cell["rev"], self._attempts(key, cell["items"]), cell.get("frozen")) for key, cell in found.items()
        ]

    def freeze(self, campaign_id: str, part_ids: Set[str]) -> None:
        """Keep what cells of some parts count of support and answers, and no longer who told it; again is the same."""
        for _ in range(_TRIES):
            waiting = [one for one in self.walk(campaign_id) if one["part_id"] in part_ids and "frozen" not in one]
            if not waiting:
                return
            self._tallies.bulk([self._freezing(cell) for cell in waiting])
        raise Unavailable("database_unavailable")

    def _freezing(self, cell: Document) -> UpdateOne:
        key = cell["_id"]
        items = {}
        for item_id, entry in cell["items"].items():
            silent = [one._replace(support=None, answers=None) for one in self._attempts_of(key, item_id, entry)]
            items[item_id] = {"n": entry["n"], "a": self._sealed(key, item_id, silent)}
        frozen = counts_of_said(self._attempts(key, cell["items"]))
        # A cell that was written meanwhile is read again.
        unchanged = {"$eq": ["$rev", cell["rev"]]}
        return UpdateOne({"_id": key}, guarded(unchanged, {"items": items, "frozen": frozen}))

    def set_counters(self, counted: Mapping[str, tuple[int, Counters]]) -> None:
        """Write counters, each derived from a revision of a cell, unless somebody has derived from more."""
        keys = list(counted)
        rev = per_key(keys, [counted[key][0] for key in keys])
        computed = {"counters": per_key(keys, [dict(counted[key][1]) for key in keys]), "derived_rev": rev}
        newer = {"$gte": [rev, {"$ifNull": ["$derived_rev", 0]}]}
        self._tallies.change_each_if(keys, newer, {}, computed=computed)

    def sums(
        self, campaign_id: str, *, by: str, names: Sequence[str], days: Mapping[str, str], scope: Mapping[str, Any]
    ) -> dict[str, dict[str, int]]:
        """Return the summed counters called `names` of a campaign's cells, by the values of one of their fields.

        `days` are bounds (`$gte`, `$lte`); `scope` is a query of its own, as an `$or` in it must not lead the read.
        """
        cells = {"campaign_id": campaign_id, "kind": "cell", **({"day": days} if days else {})}
        rows = self._summed([cells, scope], by=f"${by}", names=names)
        return {row["_id"]: _named(row, names) for row in rows}

    def sums_of_user(self, user_id: str, *, names: Sequence[str]) -> dict[tuple[str, str], dict[str, int]]:
        """Return a volunteer's summed counters called `names`, by campaign and day."""
        rows = self._summed([{"user_id": user_id}], by={"campaign": "$campaign_id", "day": "$day"}, names=names)
        return {(row["_id"]["campaign"], row["_id"]["day"]): _named(row, names) for row in rows}

    def sums_of_users(
        self, campaign_id: str, user_ids: Sequence[str], *, names: Sequence[str], days: Mapping[str, str]
    ) -> dict[str, dict[str, dict[str, int]]]:
        """Return the summed counters called `names` of a bounded number of volunteers, by volunteer and day."""
        cells = {"user_id": {"$in": list(user_ids)}, "campaign_id": campaign_id, **({"day": days} if days else {})}
        found: dict[str, dict[str, dict[str, int]]] = {}
        for row in self._summed([cells], by={"user": "$user_id", "day": "$day"}, names=names):
            found.setdefault(row["_id"]["user"], {})[row["_id"]["day"]] = _named(row, names)
        return found

    def sums_of_days(
        self, campaign_ids: Sequence[str], *, names: Sequence[str], days: Sequence[str], scope: Mapping[str, Any]
    ) -> dict[tuple[str, str, str | None, str], dict[str, int]]:
        """Return the summed counters of a few campaigns and days, by campaign, day, home district and volunteer."""
        cells = {"campaign_id": {"$in": list(campaign_ids)}, "kind": "cell", "day": {"$in": list(days)}}
        by = {"campaign": "$campaign_id", "day": "$day", "district": "$district_id", "user": "$user_id"}
        return {
            (row["_id"]["campaign"], row["_id"]["day"], row["_id"].get("district"), row["_id"]["user"]): _named(
                row, names
            )
            for row in self._summed([cells, scope], by=by, names=names)
        }

    def walk(self, campaign_id: str) -> Iterable[Document]:
        """Yield the cells of a campaign, for a recount."""
        return self._tallies.walk({"campaign_id": campaign_id, "kind": "cell"})

    def _summed(self, queries: Sequence[Mapping[str, Any]], *, by: Any, names: Sequence[str]) -> list[Document]:
        summed: Document = {str(at): {"$sum": f"$counters.{name}"} for at, name in enumerate(names)}
        matches = [{"$match": query} for query in queries if query]
        return self._tallies.aggregate([*matches, {"$group": {"_id": by, **summed}}])

    def _putting(self, cell: Cell, items: Mapping[str, tuple[int, Sequence[Attempt]]]) -> UpdateOne:
        change: Document = {**cell.labels(), "rev": {"$add": [{"$ifNull": ["$rev", 0]}, 1]}}
        for item_id, (seen, attempts) in items.items():
            entry = {"n": seen, "a": self._sealed(cell.id, item_id, attempts)}
            path = f"items.{item_id}"
            more = {"$gte": [seen, {"$ifNull": [f"${path}.n", -1]}]}
            change[path] = {"$cond": [more, {"$literal": entry}, f"${path}"]}
        return UpdateOne({"_id": cell.id}, [{"$set": change}], upsert=True)

    def _attempts(self, cell_id: str, items: Mapping[str, Any]) -> list[Attempt]:
        return [one for item_id, entry in items.items() for one in self._attempts_of(cell_id, item_id, entry)]

    def _attempts_of(self, cell_id: str, item_id: str, entry: Mapping[str, Any]) -> list[Attempt]:
        told = json.loads(self._cipher.open(entry["a"], bound_to=f"{cell_id}/{item_id}"))
        return [Attempt(**attempt) for attempt in told]

    def _sealed(self, cell_id: str, item_id: str, attempts: Sequence[Attempt]) -> bytes:
        """What a person thinks of the party is in here: it is sealed, the sums of many are not."""
        plain = json.dumps([attempt._asdict() for attempt in attempts]).encode()
        return self._cipher.seal(plain, bound_to=f"{cell_id}/{item_id}")


def _named(row: Document, names: Sequence[str]) -> dict[str, int]:
    return {name: row[str(at)] for at, name in enumerate(names) if row[str(at)]}
