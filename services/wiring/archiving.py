"""Puts together backup and restore, which work on a database that nobody has opened yet."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from config.settings import Settings
from services.domain.cipher import KeyRing
from services.gateways.clock import MachineClock
from services.operations.archiving import Archiving
from services.store.archive import ArchiveStore
from services.store.collection import open_client
from services.store.stores import open_stores


@contextlib.contextmanager
def opened_archiving(settings: Settings) -> Iterator[Archiving]:
    """Give the use case for the database that the settings name; its server must run."""
    if settings.mongodb_uri is None:
        message = "no database: SAMPARK_MONGODB_URI is set by whoever starts the embedded server"
        raise ValueError(message)
    with open_client(settings.mongodb_uri) as client:
        database = client[settings.mongodb_database]
        yield Archiving(
            ArchiveStore(database),
            ring=KeyRing(settings.field_keys),
            ensure_indexes=lambda cipher: open_stores(database, cipher).ensure_indexes(),
            clock=MachineClock(),
        )
