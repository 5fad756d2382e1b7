"""The index key of an installation: made once, kept in the database wrapped by the field keys."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pymongo.database import Database

from services.domain.cipher import Cipher, KeyRing, UnreadableError
from services.store.collection import Collection, Document

_ID = "index-key"
_INDEX_KEY_BYTES = 32


class KeyRingMismatch(Exception):
    """No given field key opens this database's index key: the wrong keys, or the wrong database."""


def open_cipher(database: Database[Document], field_keys: Sequence[bytes]) -> Cipher:
    """Return the cipher of this database, making its index key at the first start; raise KeyRingMismatch."""
    ring = KeyRing(field_keys)
    vault = Collection(database, "vault")
    stored = vault.find({"_id": _ID})
    if stored is None:
        # Two processes may start at once: the unique _id lets one of them win, and both read what won.
        vault.insert_once({"_id": _ID, "wrapped": ring.seal(os.urandom(_INDEX_KEY_BYTES), bound_to=_ID)})
        stored = vault.get(_ID)
    try:
        return Cipher(ring, ring.open(stored["wrapped"], bound_to=_ID))
    except UnreadableError as error:
        message = "SAMPARK_FIELD_KEYS opens nothing in this database: no key given is the one it was made with"
        raise KeyRingMismatch(message) from error
