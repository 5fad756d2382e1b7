"""The offset of the product's clock, shared by every process of a development or test installation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pymongo.database import Database

from services.store.collection import Collection, Document

_ID = "clock"


class ClockStore:
    """One document that says by how much the product's clock runs ahead of the machine's."""

    def __init__(self, database: Database[Document]) -> None:
        self._settings = Collection(database, "controls")

    def read(self) -> timedelta:
        """Return the offset, zero when none was ever set."""
        stored = self._settings.find({"_id": _ID})
        return timedelta(milliseconds=stored["offset_ms"]) if stored else timedelta(0)

    def start_at(self, moment: datetime) -> None:
        """Let the clock start at `moment`, unless it already runs from that same start."""
        offset = moment - datetime.now(UTC)
        started = {"_id": _ID, "started_at": moment, "offset_ms": _milliseconds(offset)}
        if not self._settings.insert_once(started):
            self._settings.update({"_id": _ID, "started_at": {"$ne": moment}}, {"$set": started})

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by `by`."""
        self._settings.update({"_id": _ID}, {"$inc": {"offset_ms": _milliseconds(by)}}, upsert=True)


def _milliseconds(delta: timedelta) -> int:
    return round(delta / timedelta(milliseconds=1))
