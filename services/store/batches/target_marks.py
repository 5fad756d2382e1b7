"""Collection `targets`, as far as batches write it: which batch has a target, so that no two plans take the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from pymongo import UpdateMany
from pymongo.database import Database

from services.domain.batches.batches import target_id
from services.store.collection import Collection, Document, guarded, per_key

_AT_ONCE = 1000
# Each update is one write to disk, and looks every target up in a list: long enough for the one, short for the other.
_MARKED_AT_ONCE = 50


class TargetMarkStore:
    """Marks on targets; every write is by `_id`, with the condition inside it."""

    def __init__(self, database: Database[Document]) -> None:
        self._targets = Collection(database, "targets")

    def mark(self, batches: Sequence[Document]) -> dict[str, str]:
        """Give every target to its batch that no batch has; return the batch of each target of these batches."""
        marks = [mark for batch in batches for mark in _marks(batch)]
        updates = [_marking(marks[at : at + _MARKED_AT_ONCE]) for at in range(0, len(marks), _MARKED_AT_ONCE)]
        owners = {target: batch_id for target, batch_id, _ in marks}
        if self._targets.bulk_changed(updates) == len(owners):
            # Every single one was free: nothing has to be read to know whose they are.
            return owners
        wanted = iter(owners)
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

    def astray(self, targets: Sequence[str], batch_id: str) -> dict[str, str | None]:
        """Return those of a batch's targets that do not point to it, each with the batch that it points to."""
        stored = self._targets.by_ids(targets, fields=["batch_id", "state"])
        return {
            key: target.get("batch_id")
            for key, target in stored.items()
            if target.get("batch_id") != batch_id and target["state"] == "open"
        }

    def point(self, lost: Mapping[str, str | None], *, to_batch: Document) -> None:
        """Let targets point to their batch, if each still points to where it was seen to."""
        for item in to_batch["items"]:
            for contact in item["contacts"]:
                key = target_id(to_batch["campaign_id"], contact)
                if key in lost:
                    seen = {"$eq": [{"$ifNull": ["$batch_id", None]}, lost[key]]}
                    self._targets.change_if(key, seen, {"batch_id": to_batch["_id"], "item_id": item["id"]})

    def _change(self, targets: Iterable[str], from_batch: str, to_batch: str | None) -> None:
        iterator = iter(targets)
        while some := list(islice(iterator, _AT_ONCE)):
            held = {"$eq": [{"$ifNull": ["$batch_id", None]}, from_batch]}
            fields = {"batch_id": to_batch} if to_batch else {"batch_id": None, "item_id": None}
            self._targets.change_each_if(some, held, fields)


def _marks(batch: Document) -> list[tuple[str, str, str]]:
    """Return `(target, batch, item)` for everybody in a batch."""
    campaign_id = batch["campaign_id"]
    return [
        (target_id(campaign_id, contact), batch["_id"], item["id"])
        for item in batch["items"]
        for contact in item["contacts"]
    ]


def _marking(marks: Sequence[tuple[str, str, str]]) -> UpdateMany:
    targets = [target for target, _, _ in marks]
    batch_ids = per_key(targets, [batch_id for _, batch_id, _ in marks])
    item_ids = per_key(targets, [item_id for _, _, item_id in marks])
    unplanned = {"$in": [{"$ifNull": ["$batch_id", None]}, [None, batch_ids]]}
    return UpdateMany(
        {"_id": {"$in": targets}}, guarded(unplanned, {}, computed={"batch_id": batch_ids, "item_id": item_ids})
    )
