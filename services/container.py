"""Builds the services once from the settings: the only dependency injection there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import MongoClient

from config.paths import read_json
from config.settings import Settings
from services.domain.cipher import Cipher
from services.gateways.clock import Clock
from services.idempotency import Idempotency
from services.places import Places
from services.policy import Policy
from services.readiness import Readiness
from services.store.clock import ClockStore
from services.store.collection import Document, open_client
from services.store.keyring import open_cipher
from services.store.stores import Stores, open_stores, ping


@dataclass(frozen=True)
class Services:
    """Every use case, ready to be called; nothing here changes after it is built."""

    settings: Settings
    clock: Clock
    cipher: Cipher
    stores: Stores
    policy: Policy
    places: Places
    readiness: Readiness
    idempotency: Idempotency


def build_services(
    settings: Settings,
    *,
    client: MongoClient[Document] | None = None,
    clock: Clock | None = None,
    listeners: Sequence[Any] = (),
) -> Services:
    """Open the database that the settings name and wire every use case to it."""
    if client is None:
        if settings.mongodb_uri is None:
            message = "no database: SAMPARK_MONGODB_URI is set by whoever starts the embedded server"
            raise ValueError(message)
        client = open_client(settings.mongodb_uri, listeners=listeners)
    database = client[settings.mongodb_database]
    cipher = open_cipher(database, settings.field_keys)
    stores = open_stores(database, cipher)
    if clock is None:
        clock = _clock(settings, stores.clock)
    return Services(
        settings=settings,
        clock=clock,
        cipher=cipher,
        stores=stores,
        policy=Policy(read_json("roles.json")),
        places=Places(stores.areas.all),
        readiness=Readiness(lambda: ping(database), messaging_configured=settings.firebase_credentials is not None),
        idempotency=Idempotency(stores.idempotency, cipher),
    )


def _clock(settings: Settings, offsets: ClockStore) -> Clock:
    if settings.production:
        return Clock()
    if settings.clock is not None:
        offsets.start_at(settings.clock)
    return Clock(offsets.read)
