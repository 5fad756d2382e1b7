"""All stores of one database, opened together; indexes and migrations are applied from here."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.store.areas import AreaStore
from services.store.audit import AuditStore
from services.store.campaigns import CampaignStore
from services.store.clock import ClockStore
from services.store.collection import Document, domain_errors
from services.store.controls import ControlStore
from services.store.idempotency import IdempotencyStore
from services.store.jobs import JobStore
from services.store.sessions import SessionStore
from services.store.throttle import ThrottleStore
from services.store.users import UserStore


@dataclass(frozen=True)
class Stores:
    """One attribute a store."""

    areas: AreaStore
    audit: AuditStore
    campaigns: CampaignStore
    clock: ClockStore
    controls: ControlStore
    idempotency: IdempotencyStore
    sessions: SessionStore
    throttle: ThrottleStore
    users: UserStore
    jobs: JobStore

    def ensure_indexes(self) -> None:
        """Create what is missing; any number of processes may do so at once."""
        for item in fields(self):
            ensure = getattr(getattr(self, item.name), "ensure_indexes", None)
            if ensure is not None:
                ensure()


def open_stores(database: Database[Document], cipher: Cipher) -> Stores:
    """Return the stores of `database`; those that keep personal data get the cipher."""
    return Stores(
        areas=AreaStore(database),
        audit=AuditStore(database),
        campaigns=CampaignStore(database),
        clock=ClockStore(database),
        controls=ControlStore(database),
        idempotency=IdempotencyStore(database),
        sessions=SessionStore(database),
        throttle=ThrottleStore(database),
        users=UserStore(database, cipher),
        jobs=JobStore(database, cipher),
    )


def ping(database: Database[Document]) -> None:
    """Ask the server for a sign of life, or raise Unavailable."""
    with domain_errors():
        database.command("ping")
