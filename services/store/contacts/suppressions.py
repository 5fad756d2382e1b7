"""Collection `suppressions`: addresses and people never to be contacted, one document a key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.contacts.suppressions import OUTCOME, Suppression
from services.domain.errors import Invalid
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document

_KEYS_AT_ONCE = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STRETCHES = (1, 3, 12, 48, 192, 768, 20_000)
_OPEN = ("kind", "reason", "origin", "at", "by", "direct")


class SuppressionStore:
    """Suppressions by key. Whoever contacts anybody asks `find_many` first; a document that is there means no."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._suppressions = Collection(database, "suppressions")
        self._history = Collection(database, "suppressions_lifted")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the list by time and the effects that are still to be carried out."""
        self._suppressions.ensure_index([("at", 1), ("_id", 1)])
        self._suppressions.ensure_index([("pending", 1)], partialFilterExpression={"pending": True})
        self._suppressions.ensure_index([("persons", 1)])
        self._history.ensure_index([("suppression", 1)])

    def insert_once(self, suppression: Suppression) -> bool:
        """Store a suppression unless its key is suppressed already; either way it now is."""
        return self._suppressions.insert_once(self._to_document(suppression))

    def add(self, suppressions: Sequence[Suppression]) -> set[str]:
        """Store suppressions; return the keys that were suppressed already.

        One of those also stands for the new one's people from now on.
        """
        refused = self._suppressions.insert_new([self._to_document(one) for one in suppressions])
        self._suppressions.bulk([_also_for(one) for one in suppressions if one.id in refused])
        return refused

    def told_by(self, keys: Iterable[str]) -> dict[str, tuple[str | None, datetime]]:
        """Return, for those of some keys that an outcome suppressed, whose outcome it was and since when."""
        found = self._suppressions.by_ids(keys, fields=["origin", "by", "at"])
        return {key: (one["by"], one["at"]) for key, one in found.items() if one["origin"] == OUTCOME}

    def find_many(self, keys: Iterable[str]) -> set[str]:
        """Return those keys that are suppressed."""
        wanted = list(dict.fromkeys(keys))
        found: set[str] = set()
        for at in range(0, len(wanted), _KEYS_AT_ONCE):
            found.update(self._suppressions.by_ids(wanted[at : at + _KEYS_AT_ONCE], fields=["_id"]))
        return found

    def lifted_at(self, keys: Iterable[str]) -> dict[str, datetime]:
        """Return when keys were lifted last, for those that ever were."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, datetime] = {}
        for at in range(0, len(wanted), _KEYS_AT_ONCE):
            some = {"suppression": {"$in": wanted[at : at + _KEYS_AT_ONCE]}}
            for one in self._history.many(some, fields=["suppression", "lifted.at"]):
                key, lifted = one["suppression"], one["lifted"]["at"]
                found[key] = max(lifted, found.get(key, lifted))
        return found

    def get(self, key: str) -> Suppression:
        """Return the suppression, or raise NotFound."""
        return self._to_suppression(self._suppressions.get(key))

    def list_page(self, page: PageRequest, *, now: datetime) -> Page[Suppression]:
        """Return suppressions, the latest first, read by stretches of time that grow while little is found."""
        end, last = _after(page) or (now + timedelta(days=1), None)
        found: list[Document] = []
        for days in _STRETCHES:
            start = end - timedelta(days=days)
            stretch = self._suppressions.many({"at": {"$gte": start, "$lt": end}}, sort=[("at", -1), ("_id", -1)])
            found += [one for one in stretch if last is None or (one["at"], one["_id"]) < last]
            if len(found) > page.limit:
                break
            end = start
        some = found[: page.limit + 1]
        return page_of([self._to_suppression(one) for one in some], page, lambda one: (_millis(one.at), one.id))

    def pending(self, *, limit: int = 100) -> list[str]:
        """Return keys whose effects on batches, targets and tasks are still to be carried out."""
        return [one["_id"] for one in self._suppressions.many({"pending": True}, fields=["_id"], limit=limit)]

    def settle(self, keys: Sequence[str]) -> None:
        """Note that the effects of these keys have been carried out."""
        self._suppressions.bulk([UpdateOne({"_id": key}, {"$unset": {"pending": ""}}) for key in keys])

    def lift(self, key: str, *, by: str, reason: str, at: datetime) -> None:
        """Remove a suppression and keep that it was there; raise NotFound when it is not."""
        stored = self._suppressions.get(key)
        lifted = {"by": by, "reason": reason, "at": at}
        self._history.insert({"suppression": stored["_id"], "was": {**stored, "sealed": None}, "lifted": lifted})
        self._suppressions.delete({"_id": key})

    def of_person(self, contact_id: str) -> list[Suppression]:
        """Return the address suppressions that stand for this person."""
        return [self._to_suppression(one) for one in self._suppressions.many({"persons": contact_id})]

    def release(self, key: str, *, contact_id: str) -> None:
        """Let an address suppression no longer stand for this person."""
        self._suppressions.update({"_id": key}, {"$pull": {"persons": contact_id}})

    def forget_shown(self, keys: Sequence[str]) -> None:
        """Drop what is shown of addresses whose people were erased; the keys stay."""
        self._suppressions.bulk([UpdateOne({"_id": key}, {"$set": {"sealed": None}}) for key in keys])

    def _to_document(self, suppression: Suppression) -> Document:
        key = suppression.id
        return {
            "_id": key,
            **{name: getattr(suppression, name) for name in _OPEN},
            "persons": list(suppression.persons),
            "sealed": self._cipher.seal_text(suppression.shown, bound_to=f"suppression:{key}"),
            "note": self._cipher.seal_text(suppression.note, bound_to=f"suppression-note:{key}"),
            "pending": True,
        }

    def _to_suppression(self, stored: Document) -> Suppression:
        key = stored["_id"]
        return Suppression(
            id=key,
            **{name: stored[name] for name in _OPEN},
            persons=tuple(stored["persons"]),
            shown=self._cipher.open_text(stored["sealed"], bound_to=f"suppression:{key}"),
            note=self._cipher.open_text(stored["note"], bound_to=f"suppression-note:{key}"),
        )


def _after(page: PageRequest) -> tuple[datetime, tuple[datetime, str]] | None:
    """Where to go on reading (the end of a stretch), and the entry that the page before ended with."""
    if page.after is None:
        return None
    try:
        millis, key = page.after
        at = _EPOCH + timedelta(milliseconds=int(millis))
    except (ValueError, OverflowError) as error:
        raise Invalid(cursor="cursor_invalid") from error
    return at + timedelta(milliseconds=1), (at, str(key))


def _millis(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _also_for(suppression: Suppression) -> UpdateOne:
    change: Document = {"$addToSet": {"persons": {"$each": list(suppression.persons)}}}
    if suppression.direct:
        change["$set"] = {"direct": True}
    return UpdateOne({"_id": suppression.id}, change)
