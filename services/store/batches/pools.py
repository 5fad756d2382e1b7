"""Collections `pools` and `desks`: where unclaimed work lies, and which batch a volunteer is about to get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.ids import new_id
from services.store.collection import Collection, Document

_TOGETHER = ":"


def together(token: str) -> int:
    """Return how many batches came together under a name, as its token says: a hint, some may be gone."""
    _, mark, number = token.rpartition(_TOGETHER)
    return int(number) if mark else 1


class PoolStore:
    """One document a campaign, channel and seat names the parts under which batches lie.

    It is a sign-post: a part may be named that has run empty, but none is left out that has batches. So a batch is
    put there first and its part named then, and a name is only taken away if nobody has named it since.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._pools = Collection(database, "pools")

    def note(self, places: Sequence[tuple[str, str]]) -> None:
        """Name parts, given as (pool, part), under which a batch was put; a token says how many came together."""
        by_pool: dict[str, dict[str, str]] = {}
        for (pool, part), number in Counter(places).items():
            by_pool.setdefault(pool, {})[f"parts.{part}"] = f"{new_id()}{_TOGETHER}{number}"
        self._pools.bulk([UpdateOne({"_id": pool}, {"$set": parts}, upsert=True) for pool, parts in by_pool.items()])

    def read(self, pool_ids: Sequence[str]) -> dict[str, Document]:
        """Return the pools that exist, each with `parts` (name → token) and `blocked` (reason → number)."""
        return self._pools.by_ids(pool_ids)

    def forget(self, empty: Sequence[tuple[str, str, str]]) -> None:
        """Take names away, given as (pool, part, token), unless named again since they were read with this token."""
        self._pools.bulk(
            [
                UpdateOne({"_id": pool, f"parts.{part}": token}, {"$unset": {f"parts.{part}": 1}})
                for pool, part, token in empty
            ]
        )

    def note_blocked(self, blocked: Mapping[str, Mapping[str, int]]) -> None:
        """Keep, by pool, why the rest of a seat could not be planned; shown to who finds the pool empty."""
        self._pools.bulk(
            [
                UpdateOne({"_id": pool}, {"$set": {"blocked": dict(reasons)}}, upsert=True)
                for pool, reasons in blocked.items()
            ]
        )


class DeskStore:
    """One document a volunteer, campaign and channel names the batch that a claim is after: two taps want one."""

    def __init__(self, database: Database[Document]) -> None:
        self._desks = Collection(database, "desks")

    def find(self, desk: str) -> str | None:
        """Return the batch that was last claimed or is being claimed, or None."""
        stored = self._desks.find({"_id": desk})
        return stored["batch_id"] if stored else None

    def move(self, desk: str, *, seen: str | None, batch_id: str) -> bool:
        """Put a batch on the desk if the one seen there is still on it; tell whether it was."""
        if seen is None:
            return self._desks.insert_once({"_id": desk, "batch_id": batch_id})
        return self._desks.change_if(desk, {"$eq": ["$batch_id", seen]}, {"batch_id": batch_id})


def desk_of(user_id: str, campaign_id: str, channel: str) -> str:
    """Return the id of a desk."""
    return f"{user_id}|{campaign_id}|{channel}"
