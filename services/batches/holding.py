"""Who may hold a batch: not a person who is suspended, was merged, or has moved since they were given it.

Whoever ends a person's work writes that into the person first and takes back what they hold then; whoever gives a
batch writes the batch first and looks at the person then. Whichever comes first, one of the two sees the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from services.batches.returning import Returning
from services.domain.batches.batches import LIVE, RECALLED
from services.domain.batches.changes import successor
from services.domain.batches.holders import leaving
from services.domain.errors import Conflict, NotFound
from services.domain.people.users import User
from services.store.people.users import UserStore

Document = dict[str, Any]


class HolderLeft(NotFound):
    """A batch was given to somebody who left in that moment; `following` is the one that its work goes on in."""

    def __init__(self, following: str | None) -> None:
        super().__init__("no_batch", details={"reasons": {}})
        self.following = following


class Holding:
    """Looks at the people who hold batches; each look may be taken again."""

    def __init__(self, users: UserStore, *, returning: Returning) -> None:
        self._users = users
        self._returning = returning

    def confirm(self, batch: Document) -> None:
        """Raise HolderLeft, when the batch is given back, if who was just given it may hold it no more.

        One read; the last step of giving, after which nothing decides about the person any more.
        """
        reason = _leaving(batch, self._users.find(batch["assignee"]))
        if reason is not None:
            raise HolderLeft(self._give_back(batch, reason))

    def mend(self, batches: Sequence[Document]) -> int:
        """Give those of a bounded number of batches back whose holders may hold them no more; return how many."""
        held = [batch for batch in batches if batch["state"] in LIVE]
        users = self._users.by_ids({batch["assignee"] for batch in held})
        stray = [(batch, reason) for batch in held if (reason := _leaving(batch, users.get(batch["assignee"])))]
        for batch, reason in stray:
            self._give_back(batch, reason)
        return len(stray)

    def _give_back(self, batch: Document, reason: str) -> str | None:
        """Return the batch that the work goes on in; None when there is no open work, or others were faster."""
        with suppress(Conflict):
            closed, passed = self._returning.close(
                batch["_id"], "recalled", check=_given_as(batch), state=RECALLED, reason=reason
            )
            if passed["items"]:
                following: str = successor(closed, passed)["_id"]
                return following
        return None


def _leaving(batch: Document, user: User | None) -> str | None:
    return leaving(user, district_id=batch["assignee_district"]) if user is not None else None


def _given_as(given: Document) -> Callable[[Document], None]:
    def check(found: Document) -> None:
        if found["lease_id"] != given["lease_id"] or found["state"] not in LIVE:
            raise Conflict("state_conflict")

    return check
