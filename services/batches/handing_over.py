"""Work that changes hands with the person: from one volunteer to another, or back where it came from."""

from __future__ import annotations

from services.batches.assigning import Assigning
from services.domain.batches.batches import LIVE
from services.domain.errors import DomainError, Unavailable
from services.domain.people.actor import Actor
from services.store.batches.batches import BatchStore


class HandingOver:
    """Each batch by itself; whatever cannot be handed over stays for the return to the pool."""

    def __init__(self, batches: BatchStore, assigning: Assigning) -> None:
        self._batches = batches
        self._assigning = assigning

    def hand_over(self, actor: Actor, user_id: str, *, to: str) -> int:
        """Give a volunteer's live batches to another; return how many went. Rules and channels are asked for each."""
        handed = 0
        for batch in self._batches.of_assignee(user_id, LIVE, whole=False):
            try:
                self._assigning.assign(actor, batch["_id"], to, version=None)
            except Unavailable:
                raise
            except DomainError:
                # Forbidden now, not the receiver's channel, or finished in this moment: it goes to the pool.
                continue
            handed += 1
        return handed
