"""What outcomes make of the batches they belong to: items, counters, callbacks and the end of the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.campaigns.rulebook import Rulebook, Ruling
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.outcomes import count_states, fold
from services.store.outcomes.batch_outcomes import BatchChange, BatchOutcomeStore
from services.store.outcomes.outcomes import OutcomeStore

Document = dict[str, Any]
_TRIES = 6
_OPEN = frozenset({"ready", "callback"})


class BatchWork:
    """Folds outcomes into items; an outcome that an item knows changes nothing, so it may be folded again."""

    def __init__(
        self, *, store: BatchOutcomeStore, outcomes: OutcomeStore, rulebook: Rulebook, catalogue: Catalogue
    ) -> None:
        self._store = store
        self._outcomes = outcomes
        self._rulebook = rulebook
        self._catalogue = catalogue

    def find_many(self, batch_ids: Sequence[str]) -> dict[str, Document]:
        """Return the batches that exist, by id."""
        return self._store.find_many(batch_ids)

    def apply(
        self,
        outcomes: Sequence[Document],
        rulings: Mapping[str, Ruling],
        batches: Mapping[str, Document],
        *,
        now: datetime,
    ) -> None:
        """Fold stored outcomes into their batches; one whose batch was taken away meanwhile becomes late.

        When the batch changes under our hands it is read again; after a few tries the worker goes on.
        """
        todo = list(outcomes)
        for _ in range(_TRIES):
            changes = self._changes(todo, rulings, batches, now)
            if not changes or self._store.apply(changes, now=now):
                return
            batches = self._store.find_many([outcome["batch_id"] for outcome in todo])
            todo = self._still_theirs(todo, batches)

    def block(self, batch_ids: Sequence[str], addresses: frozenset[str], *, now: datetime) -> None:
        """Block the open items of some batches whose address must not be used any more."""
        for _ in range(_TRIES):
            changes = []
            for batch in self._store.find_many(batch_ids).values():
                blocked = [item["address"] in addresses and item["state"] in _OPEN for item in batch["items"]]
                if any(blocked):
                    items = [
                        {**item, "state": "blocked"} if stopped else item
                        for item, stopped in zip(batch["items"], blocked, strict=True)
                    ]
                    touched = [at for at, stopped in enumerate(blocked) if stopped]
                    changes.append(_changed(batch, items, touched, due_at=batch["due_at"], now=now))
            if not changes or self._store.apply(changes, now=now):
                return

    def _still_theirs(self, outcomes: Sequence[Document], batches: Mapping[str, Document]) -> list[Document]:
        """Return the outcomes whose item is still the volunteer's; the others are marked late."""
        kept: list[Document] = []
        late: list[Document] = []
        for outcome in outcomes:
            batch = batches[outcome["batch_id"]]
            item = next(item for item in batch["items"] if item["id"] == outcome["item_id"])
            known = outcome["_id"] in item["outcomes"]
            gone = batch["assignee"] != outcome["user_id"] or item["state"] == "returned"
            (late if gone and not known else kept).append(outcome)
        if late:
            self._outcomes.mark_late([outcome["_id"] for outcome in late])
        return kept

    def _changes(
        self,
        outcomes: Sequence[Document],
        rulings: Mapping[str, Ruling],
        batches: Mapping[str, Document],
        now: datetime,
    ) -> list[BatchChange]:
        by_batch: dict[str, list[Document]] = {}
        for outcome in outcomes:
            by_batch.setdefault(outcome["batch_id"], []).append(outcome)
        changes = [
            self._change(batches[batch_id], told, rulings[batches[batch_id]["campaign_id"]], now)
            for batch_id, told in by_batch.items()
        ]
        return [change for change in changes if change is not None]

    def _change(self, batch: Document, told: Sequence[Document], ruling: Ruling, now: datetime) -> BatchChange | None:
        items = [dict(item) for item in batch["items"]]
        places = {item["id"]: at for at, item in enumerate(items)}
        due_at = batch["due_at"]
        touched: set[int] = set()
        for outcome in sorted(told, key=lambda one: (one["occurred_at"], one["_id"])):
            place = places[outcome["item_id"]]
            item = items[place]
            rules = ruling.rules.at(item["part_id"], item["constituency_id"])
            made = fold(item, outcome, catalogue=self._catalogue, rules=rules, due_at=due_at)
            item |= made.fields
            if made.fields:
                # Whoever moves many batches at once leaves alone what was worked after they looked.
                item["worked_at"] = now
            if made.fields:
                touched.add(place)
            # An agreed call must find the number still held by the volunteer who agreed to it.
            due_at = max(due_at, made.lives_until) if made.lives_until else due_at
        return _changed(batch, items, sorted(touched), due_at=due_at, now=now) if touched else None


def _changed(
    batch: Document, items: Sequence[Document], touched: Sequence[int], *, due_at: datetime, now: datetime
) -> BatchChange:
    counts = count_states(items)
    callbacks = [item["callback_at"] for item in items if item["state"] == "callback"]
    worked = counts["done"] + counts["blocked"] == counts["total"] and batch["state"] in {"assigned", "active"}
    ending = {"state": "done", "closed_at": now, "close_reason": "worked"}
    fields = {
        **{name: batch.get(name) for name in ending},
        "items": list(items),
        "counts": counts,
        "due_at": due_at,
        "next_callback_at": min(callbacks, default=None),
        **(ending if worked else {}),
    }
    return BatchChange(batch_id=batch["_id"], version=batch["version"], fields=fields, touched=touched)
