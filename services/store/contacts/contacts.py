"""Collection `contacts`: people who may be contacted; what tells who they are is sealed, blind keys lead to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.contacts.contacts import Also, Contact, Mention, Place
from services.domain.errors import NotFound
from services.domain.ids import new_id
from services.store.collection import Collection, Document, guarded
from services.store.contacts.address_documents import to_address, to_document

# More keys in one question make it slow for others, fewer make many questions. The embedded server compares everybody
# whom it finds with every key of the question: where many are found, a fifth of the keys costs a third a person.
_KEYS_AT_ONCE = 1000
_FOUND_AT_ONCE = 200
_OPEN = ("serial_no", "gender", "age", "language", "roll_group", "state", "version")


class ContactStore:
    """Contacts by id, by any of their blind keys, and part by part."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._contacts = Collection(database, "contacts")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the look-up by any key and the walk through a part."""
        self._contacts.ensure_index([("keys", 1)])
        self._contacts.ensure_index([("part_id", 1), ("_id", 1)])

    def find(self, contact_id: str) -> Contact | None:
        """Return the contact, or None."""
        stored = self._contacts.find({"_id": contact_id})
        return self.to_contact(stored) if stored else None

    def find_person(self, contact_id: str) -> Contact | None:
        """Return the contact, of a merged one whom it was found to be, or None."""
        contact = self.find(contact_id)
        while contact is not None and contact.merged_into is not None:
            contact = self.find(contact.merged_into)
        return contact

    def get(self, contact_id: str) -> Contact:
        """Return the contact, or raise NotFound."""
        contact = self.find(contact_id)
        if contact is None:
            raise NotFound
        return contact

    def by_ids(self, contact_ids: Iterable[str]) -> dict[str, Contact]:
        """Return contacts by id; ask for a bounded number."""
        found = self._contacts.by_ids(contact_ids)
        return {contact_id: self.to_contact(stored) for contact_id, stored in found.items()}

    def documents(
        self, contact_ids: Iterable[str], *, fields: Sequence[str] | Mapping[str, Any] | None = None
    ) -> dict[str, Document]:
        """Return contacts as they are stored, by id, nothing opened; ask for a bounded number."""
        return self._contacts.by_ids(contact_ids, fields=fields)

    def with_keys(self, keys: Sequence[str]) -> list[Contact]:
        """Return every contact that has one of the keys: of an address, a roll entry, an EPIC, a name's word."""
        return [self.to_contact(stored) for stored in self._with_keys(keys).values()]

    def _with_keys(self, keys: Sequence[str]) -> dict[str, Document]:
        found: dict[str, Document] = {}
        at, size = 0, _FOUND_AT_ONCE
        while at < len(keys):
            some = self._contacts.many({"keys": {"$in": list(keys[at : at + size])}})
            found.update((stored["_id"], stored) for stored in some)
            at, size = at + size, _FOUND_AT_ONCE if len(some) > size // 10 else _KEYS_AT_ONCE
        return found

    def in_part(self, part_id: str | None, *, after: str | None = None) -> list[Contact]:
        """Return the contacts of one part after an id, in the order of their ids."""
        query: Document = {"part_id": part_id}
        if after is not None:
            query["_id"] = {"$gt": after}
        return [self.to_contact(stored) for stored in self._contacts.many(query, sort=[("_id", 1)])]

    def window(self, part_ids: Sequence[str], *, after: str | None = None, limit: int) -> list[Contact]:
        """Return contacts of some parts in the order of part and id, from an id on where there is one part alone."""
        query: Document = {"part_id": part_ids[0]} if len(part_ids) == 1 else {"part_id": {"$in": list(part_ids)}}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._contacts.many(query, sort=[("part_id", 1), ("_id", 1)], limit=limit)
        return [self.to_contact(stored) for stored in found]

    def named(self, word_keys: Sequence[str], *, after: tuple[str, str] | None = None, limit: int) -> list[Contact]:
        """Return contacts that have one of the keys of a word, in the same order: keys are made for each part."""
        found = {(one["part_id"] or "", one["_id"]): one for one in self._with_keys(word_keys).values()}
        later = sorted(place for place in found if after is None or place > after)
        return [self.to_contact(found[place]) for place in later[:limit]]

    def documents_in_part(self, part_id: str | None, *, fields: Sequence[str]) -> list[Document]:
        """Return some fields of the contacts of one part as they are stored."""
        return self._contacts.many({"part_id": part_id}, fields=list(fields))

    def insert_new(self, contacts: Sequence[Contact], *, at: datetime) -> set[str]:
        """Store contacts whose ids are free; return the ids of the others."""
        documents = [self._to_document(one) for one in contacts]
        for document in documents:
            document["created_at"] = at
        return self._contacts.insert_new(documents)

    def replace(self, pairs: Sequence[tuple[Contact, Contact]], *, undo: str | None = None, at: datetime) -> set[str]:
        """Write contacts as they are after a change if they still are as before; return the ids of those that are not.

        `undo` is the import for which the state before is kept, so that it can be taken back.
        """
        if not pairs:
            return set()
        write_id = new_id()
        self._contacts.bulk(
            [self._replacement(before, after, undo=undo, at=at, write_id=write_id) for before, after in pairs]
        )
        written = self._contacts.by_ids([before.id for before, _ in pairs], fields=["write_id"])
        return {before.id for before, _ in pairs if written.get(before.id, {}).get("write_id") != write_id}

    def _replacement(
        self, before: Contact, after: Contact, *, undo: str | None, at: datetime, write_id: str
    ) -> UpdateOne:
        changes = (
            self._kept(after)
            | _joined(before, after)
            | {"version": before.version + 1, "updated_at": at, "write_id": write_id}
        )
        computed: Document = {"undo": {"$literal": None}}
        if undo is not None:
            # When this import is undone, the one before it can be undone still.
            under = {"import_id": "$undo.import_id", "before": "$undo.before"}
            image = {"import_id": {"$literal": undo}, "before": {"$literal": self._kept(before)}, "under": under}
            # Of several changes by one import the first knows the state to go back to.
            again = {"$eq": ["$undo.import_id", undo]}
            computed["undo"] = {"$cond": [again, "$undo", image]}
        condition = {"$eq": ["$version", before.version]}
        return UpdateOne({"_id": before.id}, guarded(condition, changes, computed=computed))

    def _kept(self, contact: Contact) -> Document:
        """All of a document but its id and what outcomes write beside us."""
        document = self._to_document(contact)
        del document["_id"], document["touches"]
        return document

    def take_touches(self, contact_id: str, outcome_ids: Sequence[str]) -> None:
        """Take the attempts of these outcomes from a contact."""
        self._contacts.update({"_id": contact_id}, {"$pull": {"touches": {"o": {"$in": list(outcome_ids)}}}})

    def restore(self, stored: Sequence[Document]) -> None:
        """Give contacts (read with `_id`, `version` and `undo`) back the state before their last import."""
        self._contacts.bulk(
            [
                UpdateOne(
                    {"_id": one["_id"]},
                    guarded(
                        {"$eq": ["$version", one["version"]]},
                        {**one["undo"]["before"], "version": one["version"] + 1, "undo": one["undo"].get("under")},
                    ),
                )
                for one in stored
            ]
        )

    def delete(self, contact_ids: Sequence[str]) -> None:
        """Remove a bounded number of contacts."""
        self._contacts.delete({"_id": {"$in": list(contact_ids)}})

    def _to_document(self, contact: Contact) -> Document:
        place = contact.place
        return {
            "_id": contact.id,
            "state_id": place.state_id,
            "district_id": place.district_id,
            "constituency_id": place.constituency_id,
            "part_id": place.part_id,
            "serial_no": contact.serial_no,
            "gender": contact.gender,
            "age": contact.age,
            "language": contact.language,
            "tags": list(contact.tags),
            "keys": list(contact.keys),
            "addresses": [to_document(address) for address in contact.addresses],
            "stripped": list(contact.stripped),
            "sources": [dict(zip(Mention._fields, mention, strict=True)) for mention in contact.sources],
            "roll_group": contact.roll_group,
            "history": list(contact.history),
            "touches": list(contact.touches),
            "state": contact.state,
            "sealed": self._seal(contact),
            "version": contact.version,
        }

    def _seal(self, contact: Contact) -> bytes:
        secret: Document = {
            "facts": contact.facts,
            "values": {address.key: address.value for address in contact.addresses},
        }
        if contact.also:
            secret["also"] = [list(one) for one in contact.also]
        if contact.facts_from:
            secret["from"] = dict(contact.facts_from)
        return self._cipher.seal(orjson.dumps(secret), bound_to=f"contact:{contact.id}")

    def to_contact(self, stored: Document) -> Contact:
        """Return the contact that a document holds, its personal data opened."""
        secret: Document = {"facts": {}, "values": {}}
        if stored.get("sealed"):
            secret = orjson.loads(self._cipher.open(stored["sealed"], bound_to=f"contact:{stored['_id']}"))
        values = secret["values"]
        return Contact(
            id=stored["_id"],
            place=Place(stored["state_id"], stored["district_id"], stored["constituency_id"], stored["part_id"]),
            facts=secret["facts"],
            facts_from=secret.get("from", {}),
            also=tuple(Also(*one) for one in secret.get("also", ())),
            addresses=tuple(to_address(one, values.get(one["key"], "")) for one in stored["addresses"]),
            tags=tuple(stored["tags"]),
            keys=tuple(stored["keys"]),
            stripped=tuple(stored["stripped"]),
            sources=tuple(Mention(**mention) for mention in stored["sources"]),
            merged_into=stored.get("merged_into"),
            merges=tuple(stored.get("merges") or ()),
            touches=tuple(stored["touches"]),
            history=tuple(stored["history"]),
            **{name: stored[name] for name in _OPEN},
        )


def _joined(before: Contact, after: Contact) -> Document:
    """What tells of merges, kept of those few whom one concerned."""
    if not any((before.merges, after.merges, before.merged_into, after.merged_into)):
        return {}
    return {"merges": list(after.merges), "merged_into": after.merged_into}
