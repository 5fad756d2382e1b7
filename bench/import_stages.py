"""An import's stages one by one, in one thread and without overlap: parse, normalise, match, encrypt, write.

Beside the rate stands the processor time that a stage takes of our own process, which a busy machine tells better.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from config.paths import read_json
from config.settings import load_settings
from services.container import build_services
from services.domain.contacts.contacts import Contact
from services.domain.contacts.keys import ContactKeys
from services.domain.contacts.matching import Matcher
from services.domain.contacts.merging import Incoming
from services.domain.sheets.cells import CellWords
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.sources import Source
from services.facade import Services
from services.gateways.spreadsheets import SheetRow, SheetTable, open_table
from services.imports.rows import PlaceTable, RowMaker
from services.operations.ahead import bulk_work
from services.store.collection import open_client

from .grounds import Grounds

_ROWS = 20_000
_CHUNK = 1000


class Stage(NamedTuple):
    """What a stage came to: rows a second, and microseconds of our processor time a row."""

    rate: float
    processor: float


def stages(grounds: Grounds, sheet: Path) -> dict[str, Stage]:
    """Measure each stage over the sheet's first rows; the contacts that it writes are removed."""
    with open_client(grounds.uri) as client, bulk_work():
        services = build_services(load_settings(), client=client)
        headings = HeadingTable(read_json("sheet_headers.json"))
        with sheet.open("rb") as file:
            table = open_table(file, headings)
            found: list[SheetRow] = []
            rates = {"parse": _rate(lambda: found.extend(islice(table.rows, _ROWS)), _ROWS)}
        maker = _maker(services, headings)
        made: list[Incoming] = []
        rates["normalise"] = _rate(lambda: made.extend(_made(maker, found, table)), len(found))
        contacts: list[Contact] = []
        rates["match"] = _rate(lambda: contacts.extend(_matched(services, made)), len(found))
        store: Any = services.stores.contacts
        documents: list[dict[str, Any]] = []
        rates["encrypt"] = _rate(lambda: documents.extend(map(store._to_document, contacts)), len(found))  # noqa: SLF001
        raw = store._contacts  # noqa: SLF001
        rates["write contacts"] = _rate(lambda: [raw.insert_new(some) for some in _some(documents)], len(found))
        for some in _some(documents):
            raw.delete({"_id": {"$in": [one["_id"] for one in some]}})
        return rates


def _maker(services: Services, headings: HeadingTable) -> RowMaker:
    return RowMaker(
        import_id="bench",
        source=Source(name="Bench", kind="electoral_roll", lawful_basis="consent", collected_on=date(2026, 1, 1)),
        places=PlaceTable(services.places),
        keys=ContactKeys(services.cipher),
        words=CellWords(read_json("cell_words.json")),
        headings=headings,
        today=datetime.now(UTC).date(),
        ac_no=None,
    )


def _made(maker: RowMaker, rows: Sequence[SheetRow], table: SheetTable) -> list[Incoming]:
    made = (maker.make(row, table.mapping) for row in rows)
    return [one for one in made if isinstance(one, Incoming)]


def _matched(services: Services, rows: Sequence[Incoming]) -> list[Contact]:
    """Ask for the opted-out and the known, and let every row find or make its contact."""
    created: dict[str, Contact] = {}
    for some in _some(rows):
        services.stores.suppressions.find_many(address.key for row in some for address in row.addresses)
        known = services.stores.contacts.with_keys(list(dict.fromkeys(key for row in some for key in row.identities)))
        matcher = Matcher(known, apart=ContactKeys(services.cipher).apart)
        for row in some:
            matcher.take(row, join_allowed=False)
        created.update((one.id, one) for one in matcher.created())
    return list(created.values())


def _some(items: Sequence[Any]) -> list[Sequence[Any]]:
    return [items[at : at + _CHUNK] for at in range(0, len(items), _CHUNK)]


def _rate(work: Callable[[], object], rows: int) -> Stage:
    began, spent = time.perf_counter(), time.thread_time()
    work()
    return Stage(rows / (time.perf_counter() - began), (time.thread_time() - spent) / rows * 1e6)
