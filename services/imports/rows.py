"""Rows of an uploaded sheet made ready for the contacts: read, keyed, with provenance and place, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.campaigns.places import Places
from services.domain.contacts.contacts import NOWHERE, ContactAddress, Mention, Place
from services.domain.contacts.keys import ContactKeys
from services.domain.contacts.merging import Incoming
from services.domain.sheets.cells import CellWords
from services.domain.sheets.custom_cells import CustomColumns
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.people import PersonRow, RowDefaults, RowProblem, parse_row
from services.domain.sheets.row_addresses import HANDLES, RowAddress
from services.domain.sheets.row_places import PlaceIndex
from services.domain.sheets.sheets import SheetMapping
from services.domain.sheets.sources import CONSENT, GIVEN_BASES, ROLL, UNATTESTED, Source
from services.gateways.spreadsheets import SheetRow, SheetTable
from services.imports.refused_rows import Refused

CHUNK_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows in a sheet's order; `last_line` is where to go on after them."""

    last_line: int
    rows: Sequence[Incoming]
    refused: Sequence[Refused]

    @property
    def size(self) -> int:
        """How many rows of the sheet it holds."""
        return len(self.rows) + len(self.refused)


class PlaceTable:
    """The places as rows name them, taken from the tree once for an import."""

    def __init__(self, places: Places) -> None:
        self.by_part: dict[tuple[int, int], Place] = {}
        self.by_constituency: dict[int, Place] = {}
        names: dict[int, tuple[str, ...]] = {}
        parts: dict[int, set[int]] = {}
        for area in places.tree().values():
            if area.kind == "constituency":
                ac_no = int(area.code)
                self.by_constituency[ac_no] = Place(area.path[0], area.path[1], area.id, None)
                names[ac_no] = (area.name_en, area.name_hi, *area.aliases)
                parts.setdefault(ac_no, set())
            elif area.kind == "part":
                ac_no, part_no = (int(number) for number in area.code.split("/"))
                self.by_part[ac_no, part_no] = Place(area.path[0], area.path[1], area.path[2], area.id)
                parts.setdefault(ac_no, set()).add(part_no)
        self.index = PlaceIndex(names, parts)

    def of(self, person: PersonRow) -> Place:
        """Return where a person belongs, as far as the row says."""
        if person.ac_no is None:
            return NOWHERE
        if person.part_no is None:
            return self.by_constituency[person.ac_no]
        return self.by_part[person.ac_no, person.part_no]


class RowMaker:
    """Makes rows ready on behalf of one import."""

    def __init__(
        self,
        *,
        import_id: str,
        source: Source,
        places: PlaceTable,
        keys: ContactKeys,
        words: CellWords,
        headings: HeadingTable,
        today: date,
        ac_no: int | None,
        attested: bool = True,
        custom: CustomColumns | None = None,
    ) -> None:
        self._import_id = import_id
        self._attested = attested
        self._source = source
        self._source_id, self._group = source.id, source.group
        self._on = source.collected_on.isoformat()
        self._roll_group = self._group if source.kind == ROLL else None
        self._places = places
        self._keys = keys
        self._defaults = RowDefaults(
            words=words, headings=headings, today=today, places=places.index, ac_no=ac_no, custom=custom or None
        )

    def chunks(self, table: SheetTable, *, after_line: int, size: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """Yield the rows after a line in chunks that begin and end at the same rows whenever they are made."""
        rows: list[Incoming] = []
        refused: list[Refused] = []
        for row in table.rows:
            if row.line <= after_line:
                continue
            made = self.make(row, table.mapping)
            if isinstance(made, Incoming):
                rows.append(made)
            else:
                refused.append(made)
            if len(rows) + len(refused) == size:
                yield Chunk(row.line, rows, refused)
                rows, refused = [], []
        if rows or refused:
            yield Chunk(row.line, rows, refused)

    def make(self, row: SheetRow, mapping: SheetMapping) -> Incoming | Refused:
        """Return a row ready to be matched, or why it is refused."""
        if row.problem:
            return Refused(row.line, RowProblem(None, row.problem), row.cells)
        person = parse_row(row.cells, mapping, defaults=self._defaults)
        if isinstance(person, RowProblem):
            return Refused(row.line, person, row.cells)
        place = self._places.of(person)
        on_roll = person.serial_no is not None and place.part_id is not None
        roll_group = self._roll_group if on_roll else None
        identities = self._keys.identities(person, place.part_id, of_roll=roll_group is not None)
        return Incoming(
            person=person,
            place=place,
            mention=Mention(self._source_id, self._import_id, row.line, self._on, self._group),
            identities=identities,
            words=self._keys.words(place.part_id or place.constituency_id, (person.name, person.name_hi)),
            addresses=self._addresses(person.addresses, place),
            roll_group=roll_group,
            claimed=identities[-1] if on_roll and roll_group is None else None,
        )

    def _addresses(self, told: Sequence[RowAddress], place: Place) -> tuple[ContactAddress, ...]:
        """The first mobile is the preferred address of a person of whom no other is known."""
        first = next((one for one in told if one.kind == "mobile"), None)
        return tuple(self._address(one, place, preferred=one is first) for one in told)

    def _address(self, address: RowAddress, place: Place, *, preferred: bool) -> ContactAddress:
        basis = self._source.basis(address.field)
        why = None
        if address.field in HANDLES and basis not in GIVEN_BASES:
            why = "basis"
        elif basis == CONSENT and not self._attested:
            why = UNATTESTED
        elif place.part_id is None:
            why = "no_place"
        return ContactAddress(
            key=self._keys.address(address.kind, address.value),
            kind=address.kind,
            value=address.value,
            basis=basis,
            source_id=self._source_id,
            collected_on=self._on,
            notice_version=self._source.notice_version,
            state="quarantined" if why else "ok",
            why=why,
            preferred=preferred,
        )


def only_constituency(campaign: Mapping[str, object] | None) -> int | None:
    """Return the number of a campaign's constituency if it has just one: rows of its sheets need not name it."""
    seats = campaign["constituencies"] if campaign else ()
    if not isinstance(seats, Sequence) or len(seats) != 1:
        return None
    return int(str(seats[0]).removeprefix("ac-"))
