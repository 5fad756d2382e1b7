"""The proof that nothing is orphaned: numbers that nobody works on, people in no batch, work that lies nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.batches.audit import BatchAudit
from services.batches.events import BatchEvents
from services.batches.lease_audit import LeaseAudit
from services.batches.upkeep import BatchUpkeep
from services.campaigns.places import Places
from services.gateways.clock import Clock
from services.store.stores import Stores

Document = dict[str, Any]
_UNDER_WAY = timedelta(seconds=60)
_OVER = frozenset({"recalled", "expired"})


@dataclass(frozen=True, slots=True)
class Orphan:
    """Something that does not belong where it is: what is stored, and what should be."""

    kind: str
    subject: str
    stored: Any
    counted: Any


class Orphans:
    """Looks at everything, whole: for the recount, not for requests."""

    def __init__(
        self,
        stores: Stores,
        *,
        leases: LeaseAudit,
        batches: BatchAudit,
        upkeep: BatchUpkeep,
        events: BatchEvents,
        places: Places,
        clock: Clock,
    ) -> None:
        self._stores = stores
        self._leases = leases
        self._audit = batches
        self._upkeep = upkeep
        self._events = events
        self._places = places
        self._clock = clock

    def run(self, *, repair: bool = False) -> list[Orphan]:
        """Return every orphan; with `repair`, what there was before it was put where it belongs."""
        found = [*self._half_made(), *self._numbers(), *self._people()]
        if repair and found:
            while self._upkeep.recover() + self._events.run():
                pass
            self._leases.all()
            self._free(self._people())
            self._audit.all()
        return found

    def _half_made(self) -> Iterator[Orphan]:
        for batch in self._stores.batches.forming(self._clock.now() - _UNDER_WAY, limit=1000):
            yield Orphan("half_made", batch["_id"], batch["state"], "finished")

    def _numbers(self) -> Iterator[Orphan]:
        for one in self._leases.find():
            yield Orphan("lease", one.key, one.batch_id, one.user_id)

    def _people(self) -> Iterator[Orphan]:
        """Yield people whom no plan can reach: they point to a batch that is over and has drawn its consequences."""
        for campaign in self._stores.campaigns.list_all():
            parts = [part.id for seat in campaign["constituencies"] for part in self._places.children(seat)]
            counted = self._stores.target_tallies.numbers(campaign["_id"], by="part_id")
            for part_id in (part for part in parts if counted.get(part)):
                yield from self._of_part(campaign["_id"], part_id)

    def _of_part(self, campaign_id: str, part_id: str) -> Iterator[Orphan]:
        targets = self._stores.targets.in_part(campaign_id, part_id, fields=("batch_id", "state"))
        owners = {target["batch_id"] for target in targets if target.get("batch_id")}
        batches = self._stores.batches.by_ids(owners, fields=("state", "pending", "forming_since"))
        for target in targets:
            owner = target.get("batch_id")
            if owner is None or target["state"] != "open":
                continue
            batch = batches.get(owner)
            settled = batch is None or not (batch["pending"] or batch["forming_since"])
            if settled and (batch is None or batch["state"] in _OVER):
                yield Orphan("person", target["_id"], owner, None)

    def _free(self, people: Iterator[Orphan]) -> None:
        for one in people:
            self._stores.target_marks.free([one.subject], from_batch=one.stored)
