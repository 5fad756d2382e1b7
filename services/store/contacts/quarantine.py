"""Addresses that wait in collection `contacts` until somebody frees all those of one source."""

from __future__ import annotations

from pymongo import UpdateOne
from pymongo.database import Database

from services.store.collection import Collection, Document, guarded


class QuarantineStore:
    """Frees quarantined addresses part by part; a contact that is changed meanwhile keeps that change."""

    def __init__(self, database: Database[Document]) -> None:
        self._contacts = Collection(database, "contacts")

    def free(self, part_id: str | None, *, source_id: str, why: str) -> int:
        """Let the addresses of a part that wait for one source's `why` be used, as far as their place is known.

        Return how many contacts had such an address: zero when all of them are free, so ask until then.
        """
        stored = self._contacts.many({"part_id": part_id}, fields=["addresses", "version"])
        waiting = [one for one in stored if any(_waits(address, source_id, why) for address in one["addresses"])]
        state = {"state": "quarantined", "why": "no_place"} if part_id is None else {"state": "ok", "why": None}
        self._contacts.bulk([_freeing(one, source_id, why, state) for one in waiting])
        return len(waiting)


def _freeing(stored: Document, source_id: str, why: str, state: Document) -> UpdateOne:
    addresses = [{**one, **state} if _waits(one, source_id, why) else one for one in stored["addresses"]]
    fields = {"addresses": addresses, "version": stored["version"] + 1}
    return UpdateOne({"_id": stored["_id"]}, guarded({"$eq": ["$version", stored["version"]]}, fields))


def _waits(address: Document, source_id: str, why: str) -> bool:
    return bool(address["source_id"] == source_id and address["state"] == "quarantined" and address["why"] == why)
