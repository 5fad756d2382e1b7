"""`import_rows`: rows per second of an import, beside pymongo's insert_many of the very documents that it made.

Goal: an office's sheet of 20,000 rows within 20 seconds. The ratio says what reading cells, matching people, sealing
fields and making targets cost beside writing alone.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from pymongo import MongoClient

from bench.fleet.sheet import generate

from .grounds import Document, Grounds, raw, served
from .table import Table
from .world import bring_in, build

GOAL = "1,000 rows/s"
_ROWS = 20_000
_CHUNK = 1000
_COLLECTIONS = ("contacts", "targets")


def run() -> Table:
    """Measure."""
    with served() as grounds, tempfile.TemporaryDirectory(prefix="sampark-bench-") as directory:
        world = build(grounds.url, volunteers=1)
        sheet = generate(Path(directory), rows=_ROWS, seed=1, mess=0.05)
        began = time.perf_counter()
        counts = bring_in(world, sheet)
        imported = counts["rows"] / (time.perf_counter() - began)
        written = _insert_again(grounds, counts["rows"])
        rows = [
            ("import job, upload to result", imported, 1.0),
            ("raw insert_many of what it made", written, written / imported),
        ]
        note = f"{counts['rows']:,} rows: " + ", ".join(f"{n:,} {name}" for name, n in counts.items() if name != "rows")
        return Table("Importing a sheet", GOAL, grounds.engine, ("way", "rows/s", "times"), rows, (note,))


def _insert_again(grounds: Grounds, rows: int) -> float:
    """Write the import's documents into another database with the same indexes; return rows per second."""
    with raw(grounds) as client:
        target = f"{grounds.database}_raw"
        seconds = sum(_copy(client, grounds.database, target, name) for name in _COLLECTIONS)
        client.drop_database(target)
    return rows / seconds


def _copy(client: MongoClient[Document], source: str, target: str, name: str) -> float:
    documents = list(client[source][name].find())
    copy_indexes(client, source, target, name)
    began = time.perf_counter()
    for start in range(0, len(documents), _CHUNK):
        client[target][name].insert_many(documents[start : start + _CHUNK], ordered=False)
    return time.perf_counter() - began


def copy_indexes(client: MongoClient[Document], source: str, target: str, name: str) -> None:
    """Give a collection of another database the same indexes."""
    for index in client[source][name].list_indexes():
        wanted = {key: value for key, value in index.items() if key not in ("v", "key", "ns")}
        if wanted["name"] != "_id_":
            client[target][name].create_index(list(index["key"].items()), **wanted)
