"""Collection `targets`, as far as batches write it: which batch has a target, so that no two plans take the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from pymongo import UpdateMany
from pymongo.database import Database

from services.domain.batches import target_id, target_ids
from services.store.collection import Collection, Document, guarded, per_key

_AT_ONCE = 1000


class TargetMarkStore:
    """Marks on targets; every write is by `_id`, with the condition inside it."""

    def __init__(self, database: Database[Document]) -> None:
        self._targets = Collection(database, "targets")

    def mark(self, batches: Sequence[Document]) -> dict[str, str]:
        """Give every target to its batch that no batch has; return the batch of each target of these batches."""
        self._targets.bulk([_marking(batch) for batch in batches])
        wanted = iter([target for batch in batches for target in target_ids(batch)])
        found: dict[str, str] = {}
        while some := list(islice(wanted, _AT_ONCE)):
            stored = self._targets.by_ids(some, fields=["batch_id"])
            found |= {key: target["batch_id"] for key, target in stored.items()}
        return found

    def move(self, targets: Sequence[str], *, from_batch: str, to_batch: str) -> None:
        """Hand those targets on that `from_batch` has."""
        self._change(targets, from_batch, to_batch)

    def free(self, targets: Sequence[str], *, from_batch: str) -> None:
        """Leave those targets to the next plan that `from_batch` has."""
        self._change(targets, from_batch, None)

    def _change(self, targets: Iterable[str], from_batch: str, to_batch: str | None) -> None:
        iterator = iter(targets)
        while some := list(islice(iterator, _AT_ONCE)):
            held = {"$eq": [{"$ifNull": ["$batch_id", None]}, from_batch]}
            fields = {"batch_id": to_batch} if to_batch else {"batch_id": None, "item_id": None}
            self._targets.change_each_if(some, held, fields)


def _marking(batch: Document) -> UpdateMany:
    pairs = [
        (target_id(batch["campaign_id"], contact), item["id"])
        for item in batch["items"]
        for contact in item["contacts"]
    ]
    targets = [target for target, _ in pairs]
    unplanned = {"$in": [{"$ifNull": ["$batch_id", None]}, [None, batch["_id"]]]}
    item_ids = per_key(targets, [item for _, item in pairs])
    marked = guarded(unplanned, {"batch_id": batch["_id"]}, computed={"item_id": item_ids})
    return UpdateMany({"_id": {"$in": targets}}, marked)
