"""The database that the settings ask for: a server by its URI, or the embedded one for as long as we run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from config.settings import Settings
from services.domain.errors import Unavailable
from services.gateways.embedded import Database, run_embedded
from services.gateways.engines import DatabaseNotStarted
from services.store.engine import describe, initiate_replica_set


@contextlib.contextmanager
def open_database(settings: Settings, *, guest_allowed: bool) -> Iterator[Database]:
    """Give a database for the time of the block.

    A guest uses the embedded server that another process runs; who may not be one gets DatabaseNotStarted then.
    """
    if settings.mongodb_uri:
        yield Database(uri=settings.mongodb_uri, line=f"database: {_describe(settings.mongodb_uri)}")
        return
    with run_embedded(settings, guest_allowed=guest_allowed, initiate=initiate_replica_set) as database:
        yield database


def _describe(uri: str) -> str:
    try:
        return describe(uri)
    except Unavailable as error:
        raise DatabaseNotStarted("the server that SAMPARK_MONGODB_URI names does not answer") from error
