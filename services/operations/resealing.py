"""Rotating the field keys: everything that an older key sealed is sealed with the first, while the work goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.domain.jobs import Job, Run
from services.domain.people.actor import Actor
from services.operations.jobs import Jobs
from services.store.sealed import PLACES, SealedStore

RESEAL = "reseal"


class Resealing:
    """Begins the job that seals anew, and does it; gone on with from the last portion after a kill."""

    def __init__(self, store: SealedStore, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def begin(self, actor: Actor) -> Job:
        """Queue the job; one runs at a time. The older keys may go when it has succeeded with `older` 0."""
        return self._jobs.begin(actor, RESEAL, {}, lane=RESEAL)

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Return how many documents were read, renewed by collection, and `older`, the second walk's finds."""
        seen: dict[str, Any] = dict(run.job.checkpoint) or {"place": 0, "after": None, "read": 0, "renewed": {}}
        while seen["place"] < len(PLACES):
            place = PLACES[seen["place"]]
            for documents in self._store.portions(place, after=seen["after"]):
                renewed = self._store.renew(place, documents)
                seen["renewed"][place.collection] = seen["renewed"].get(place.collection, 0) + renewed
                seen |= {"after": documents[-1]["_id"], "read": seen["read"] + len(documents)}
                run.save(seen, done=seen["read"])
            seen |= {"place": seen["place"] + 1, "after": None}
        by_collection = {name: number for name, number in seen["renewed"].items() if number}
        return {"read": seen["read"], "renewed": by_collection, "older": self._renew_again(run)}

    def _renew_again(self, run: Run) -> int:
        """Return how many values were sealed with an older key since: some process still seals with it."""
        older = 0
        for place in PLACES:
            for documents in self._store.portions(place):
                older += self._store.renew(place, documents)
                run.ask()
        return older
