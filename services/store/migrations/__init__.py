"""Dated changes to stored data; each module tells why it exists and may be run again after a kill."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, datetime

from pymongo.database import Database

from services.store.collection import Collection, Document


def names() -> list[str]:
    """Return the migrations in the order of their dates."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name.startswith("m"))


def apply_all(database: Database[Document]) -> list[str]:
    """Run each migration that has no record yet and return their names.

    Two processes may run the same one at once: it changes nothing the second time, and its record is an insert.
    """
    records = Collection(database, "migrations")
    done = {record["_id"] for record in records.walk({})}
    applied = []
    for name in names():
        if name in done:
            continue
        importlib.import_module(f"{__name__}.{name}").run(database)
        records.insert_once({"_id": name, "finished_at": datetime.now(UTC)})
        applied.append(name)
    return applied
