"""The index key of an installation: made once, kept in the database wrapped by the field keys."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.database import Database

from services.domain.cipher import Cipher, KeyRing, UnreadableError
from services.domain.errors import DomainError
from services.store.collection import Collection, Document

VAULT = "vault"
INDEX_KEY = "index-key"
# Stands in the vault while a backup is being put back: the database is not whole, nobody may open it.
RESTORING = "restoring"
_INDEX_KEY_BYTES = 32


class KeyRingMismatch(DomainError):
    """No given field key opens this database's index key: the wrong keys, or the wrong database."""

    def __init__(self) -> None:
        super().__init__("field_keys_wrong")

    def __str__(self) -> str:
        """Return the one line that people read."""
        return "SAMPARK_FIELD_KEYS opens nothing in this database: no key given is the one it was made with"


class RestoreUnfinished(DomainError):
    """A restore into this database was begun and has not ended."""

    def __init__(self) -> None:
        super().__init__("restore_unfinished")

    def __str__(self) -> str:
        """Return the one line that people read."""
        return "this database is half restored: wait for `sampark restore` to end, or run it again"


def open_cipher(database: Database[Document], field_keys: Sequence[bytes]) -> Cipher:
    """Return the cipher of this database, making its index key at the first start.

    Raises KeyRingMismatch, or RestoreUnfinished while a backup is being put back.
    """
    ring = KeyRing(field_keys)
    vault = Collection(database, VAULT)
    stored = vault.by_ids([INDEX_KEY, RESTORING])
    if RESTORING in stored:
        raise RestoreUnfinished
    if INDEX_KEY not in stored:
        # Two processes may start at once: the unique _id lets one of them win, and both read what won.
        vault.insert_once({"_id": INDEX_KEY, "wrapped": ring.seal(os.urandom(_INDEX_KEY_BYTES), bound_to=INDEX_KEY)})
        stored = vault.by_ids([INDEX_KEY])
    return unwrap(stored[INDEX_KEY], ring)


def unwrap(stored: Mapping[str, Any], ring: KeyRing) -> Cipher:
    """Return the cipher whose index key this is, or raise KeyRingMismatch."""
    try:
        return Cipher(ring, ring.open(stored["wrapped"], bound_to=INDEX_KEY))
    except UnreadableError as error:
        raise KeyRingMismatch from error
