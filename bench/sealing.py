"""`sealing`: a contact's personal fields sealed our way, and by MongoDB's client-side field-level encryption.

Ours: one AES-256-GCM blob a record, and a keyed hash for what is looked up. Theirs: explicit encryption, a call into
libmongocrypt a field, its key from a vault on the same server; or one call for a whole record, which then cannot be
looked up at all.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable

from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.synchronous.encryption import ClientEncryption

from services.domain.cipher import Cipher, KeyRing

from .grounds import Document, raw, watched
from .table import Table

GOAL = "a small part of the 100 µs a row that an import may cost"
_ROUNDS = 2000
_RANDOM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
_DETERMINISTIC = "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic"
_RECORD = {
    "name": "सीता देवी",
    "relative_name": "रामलाल",
    "house_no": "12-B",
    "epic": "XQZ1234567",
    "phone": "+919800000001",
    "phone_2": "+919800000002",
}
_LOOKED_UP = ("epic", "phone", "phone_2")


def run() -> Table:
    """Measure processor time, so that a busy machine says the same."""
    with watched() as watching, raw(watching.grounds) as client:
        ways = {"one blob and three keyed hashes (ours)": _ours(), **_theirs(client)}
        rows = [(name, _microseconds(way)) for name, way in ways.items()]
        client.drop_database("bench_vault")
        note = f"{len(_RECORD)} personal fields a record, {_ROUNDS:,} records"
        return Table("Sealing a record", GOAL, watching.grounds.engine, ("way", "µs a record"), rows, (note,))


def _ours() -> Callable[[], object]:
    cipher = Cipher(KeyRing((os.urandom(32),)), os.urandom(32))

    def seal() -> None:
        cipher.seal(json.dumps(_RECORD).encode(), bound_to="contact:1")
        for field in _LOOKED_UP:
            cipher.index(field, _RECORD[field])

    return seal


def _theirs(client: MongoClient[Document]) -> dict[str, Callable[[], object]]:
    master = {"local": {"key": os.urandom(96)}}
    theirs = ClientEncryption[Document](master, "bench_vault.keys", client, CodecOptions())
    key = theirs.create_data_key("local")

    def each_field() -> None:
        for name, value in _RECORD.items():
            way = _RANDOM
            if name in _LOOKED_UP:
                way = _DETERMINISTIC
            theirs.encrypt(value, way, key_id=key)

    def whole() -> None:
        theirs.encrypt(json.dumps(_RECORD), _RANDOM, key_id=key)

    return {"field by field (client-side encryption)": each_field, "one blob (client-side encryption)": whole}


def _microseconds(do: Callable[[], object]) -> float:
    do()
    began = time.process_time()
    for _ in range(_ROUNDS):
        do()
    return (time.process_time() - began) / _ROUNDS * 1e6
