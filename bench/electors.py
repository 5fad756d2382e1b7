"""People by the ten thousand, written through the stores as an import would write them, whole parts at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby, islice, zip_longest

from config.paths import read_json
from config.places import load_places
from config.roll_names import load_names
from services.contacts.target_counts import TargetCounts
from services.domain.areas import build_tree
from services.domain.contacts.contacts import Contact
from services.domain.contacts.keys import ContactKeys
from services.domain.contacts.merging import Incoming, create
from services.domain.roll.roll import Person, Quota, people, quotas
from services.domain.roll.sheet import FIELDS, cells
from services.domain.sheets.cells import CellWords
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.sheets import guess_mapping
from services.domain.sheets.sources import ROLL, Source
from services.facade import Services
from services.gateways.spreadsheets import SheetRow
from services.imports.rows import PlaceTable, RowMaker

_AT_ONCE = 2000
_SEED = 7
_PHONES = 0.4
_FROM = Source(
    name="Roll",
    kind=ROLL,
    lawful_basis="roll_public",
    collected_on=date(2026, 10, 1),
    field_basis={"phone": "consent"},
)


class Crowd:
    """A growing part of the whole roll: parts are as large as they are, however many of them there are."""

    def __init__(self, services: Services, campaign_id: str) -> None:
        parts = [area for area in build_tree(load_places()) if area.kind == "part"]
        whole = quotas(parts, sum(part.electors or 0 for part in parts))
        seats = [list(own) for _, own in groupby(whole, key=lambda quota: quota.ac_no)]
        # One part of each constituency after the other, so that every size has parts of all.
        self._waiting = [quota for row in zip_longest(*seats) for quota in row if quota is not None]
        self._services = services
        self._campaign_id = campaign_id
        self._counts = TargetCounts(
            services.stores.targets, services.stores.target_tallies, places=services.places, clock=services.clock
        )
        headings = HeadingTable(read_json("sheet_headers.json"))
        self._mapping = guess_mapping(FIELDS, headings)
        self._rows = RowMaker(
            import_id="crowd",
            source=_FROM,
            places=PlaceTable(services.places),
            keys=ContactKeys(services.cipher),
            words=CellWords(read_json("cell_words.json")),
            headings=headings,
            today=datetime.now(UTC).date(),
            ac_no=None,
        )
        self.size = 0
        self.first: list[Person] = []

    def grow(self, size: int) -> int:
        """Add whole parts until there are `size` people or all of the roll; return how many there are."""
        chosen: list[Quota] = []
        while self._waiting and self.size < size:
            chosen.append(self._waiting.pop(0))
            self.size += chosen[-1].rows
        found = people(chosen, seed=_SEED, phone_share=_PHONES, names=load_names())
        if not self.first:
            self.first = list(people(chosen[:1], seed=_SEED, phone_share=_PHONES, names=load_names()))
        made = self._made(found)
        while some := list(islice(made, _AT_ONCE)):
            self._store(some)
        parts = [f"ac-{quota.ac_no}-{quota.part_no}" for quota in chosen]
        self._counts.recount(self._services.campaigns.get(self._campaign_id), parts)
        return self.size

    def _made(self, found: Iterator[Person]) -> Iterator[Contact]:
        for line, person in enumerate(found, start=2):
            row = self._rows.make(SheetRow(line, cells(person, "fields")), self._mapping)
            if isinstance(row, Incoming):
                yield create(row.ids[0], row)

    def _store(self, contacts: Sequence[Contact]) -> None:
        self._services.stores.contacts.insert_new(contacts, at=self._services.clock.now())
        self._services.stores.targets.enrol(self._campaign_id, contacts)
