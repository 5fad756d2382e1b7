"""`import_rows`: rows per second of an import, beside pymongo's insert_many of the very documents that it made.

Goals: 9,800 rows a second and half of what insert_many alone does, on two cores; at most 150 MB above the idle worker,
and no more in the second half than in the first; another request meanwhile within 50 ms (p99). `--rows` sizes the
sheet: 100,000 by default, 997633 is the whole roll of the four seats. The stages are measured one after the other on
the sheet's first rows, in one thread: what they come to together is what the job would take if nothing overlapped.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from bench.fleet.sheet import generate

from .again import write_again
from .grounds import Grounds, raw, served
from .import_stages import stages
from .table import Cell, Table
from .watching import Asking, Memory, Processor, child
from .world import bring_in, build

GOAL = "9,800 rows/s and half of insert_many; 150 MB above idle, flat; p99 of other requests 50 ms"
ROWS = 100_000
_COLLECTIONS = ("contacts", "targets")


def run(rows: int = ROWS) -> Table:
    """Measure."""
    with served() as grounds, tempfile.TemporaryDirectory(prefix="sampark-bench-") as directory:
        world = build(grounds.url, volunteers=1)
        sheet = generate(Path(directory), rows=rows, seed=1, mess=0.05)
        single = stages(grounds, sheet.path)
        with Memory(child("worker")) as memory, Asking(lambda: world.cast.second.person.get("/me")) as asking:
            database = child("secantusd-rs", "mongod")
            spent = Processor(worker=child("worker"), database=database)
            began = time.perf_counter()
            counts = bring_in(world, sheet)
            imported = counts["rows"] / (time.perf_counter() - began)
            processor = f"processor time of a row: import job: {spent.per(counts['rows'])}"
        spent = Processor(pymongo=os.getpid(), database=database)
        written = _insert_again(grounds, counts["rows"])
        processor += f"; raw: {spent.per(counts['rows'])} (with reading back what was made)"
        found: list[tuple[Cell, ...]] = [
            ("import job, upload to result", imported, imported / written),
            ("raw insert_many of what it made", written, 1.0),
            *((f"stage by itself: {name}", stage.rate, stage.rate / written) for name, stage in single.items()),
        ]
        alone = "stages by themselves: " + ", ".join(f"{name} {one.processor:.0f} µs" for name, one in single.items())
        told = ", ".join(f"{n:,} {name}" for name, n in counts.items() if name != "rows")
        return Table(
            *("Importing a sheet", GOAL, grounds.engine, ("way", "rows/s", "of raw"), found),
            (f"{counts['rows']:,} rows: {told}", processor, alone, memory.line(), asking.line("GET /me meanwhile")),
        )


def _insert_again(grounds: Grounds, rows: int) -> float:
    """Write the import's documents into another database with the same indexes; return rows per second."""
    with raw(grounds) as client:
        target = f"{grounds.database}_raw"
        seconds = sum(write_again(client, grounds.database, target, name) for name in _COLLECTIONS)
        client.drop_database(target)
    return rows / seconds
